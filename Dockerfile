# Dateline in a container: a build stage with pip, a final stage with Python, the installed packages and nothing else.
#
#   docker build -t dateline .
#
# Where packages come from another index than pip's own, say so at build time; nothing of it stays in the image:
#   docker build --build-arg PIP_INDEX_URL=... -t dateline .
#
# The reading steps are compiled (docs/scale.md), which takes the build some minutes and Debian's gcc in its first stage.
# Without that, and with the same records for more CPU:
#
#   docker build --build-arg DATELINE_COMPILE=0 -t dateline .

FROM python:3.11-slim AS build
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_CERT
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
# Without pip inside: the base image's own pip fills it from outside.
RUN python3 -m venv --without-pip /opt/dateline
WORKDIR /src
# What we depend on changes seldom, our code daily: the big layer comes first and stays in the cache.
COPY requirements/run.lock ./
RUN python3 -m pip --python /opt/dateline/bin/python install -r run.lock
COPY pyproject.toml setup.py README.md LICENSE ./
COPY worker worker
COPY tools/mypyc_hints.py tools/
# The version comes from the git tag, which is not part of the build context: --build-arg VERSION=$(git describe --tags).
ARG VERSION=0.1.0
# The compiler stays in this stage. Where there is none, or no header of Python's, the steps are installed as they are.
ARG DATELINE_COMPILE=1
RUN python3 -c "import os, sysconfig as s; exit(not os.path.exists(s.get_path('include') + '/Python.h'))" || touch /no-compiler; \
    if [ "$DATELINE_COMPILE" != 0 ] && [ ! -e /no-compiler ] && ! command -v gcc; then \
      { apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc libc6-dev; } || touch /no-compiler; \
    fi
RUN if [ -e /no-compiler ]; then echo "no compiler here: the reading steps are not compiled" >&2; DATELINE_COMPILE=0; fi; \
    SETUPTOOLS_SCM_PRETEND_VERSION=$VERSION DATELINE_COMPILE=$DATELINE_COMPILE \
    python3 -m pip --python /opt/dateline/bin/python install --no-deps .

FROM python:3.11-slim
LABEL org.opencontainers.image.title="Dateline" \
      org.opencontainers.image.description="Turns news feeds into a Redis stream of structured events" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 dateline \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/dateline --shell /usr/sbin/nologin dateline \
 && install -d -o 10001 -g 10001 /var/lib/dateline
COPY --from=build /opt/dateline /opt/dateline
COPY config /etc/dateline
ENV PATH=/opt/dateline/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /var/lib/dateline
EXPOSE 8080
# The daemon stops polling on SIGTERM, gives back what is in hand and exits 0.
STOPSIGNAL SIGTERM
# Asks the port that the environment names; where the settings file names another one, say so in DATELINE_SERVE_PORT.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('DATELINE_SERVE_PORT', '8080') + '/readyz', timeout=4)"]
ENTRYPOINT ["dateline"]
CMD ["run", "--config", "/etc/dateline/dateline.toml"]
