"""The image and the compose file keep what docs/deploy.md promises. Building needs Docker; reading does not."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from dateline.demo.stories import papers
from dateline.fetch.guard import Guard
from dateline.polling import feed_list as feeds_file
from dateline.settings import load

ROOT = Path(__file__).resolve().parents[2]
WORKERS = ("worker", "demo")


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return found


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


def test_redis_is_fit_to_be_a_ledger(services: dict[str, dict[str, Any]]) -> None:
    """Append-only file on, nothing evicted, data on a volume, and nobody outside reaches it."""
    redis = services["redis"]
    options = dict(zip(redis["command"][1::2], redis["command"][2::2], strict=True))
    assert (options["--appendonly"], options["--maxmemory-policy"]) == ("yes", "noeviction")
    assert any(volume.endswith(":/data") for volume in redis["volumes"])
    assert "PONG" in redis["healthcheck"]["test"][1]
    assert "ports" not in redis


def test_workers_scale(services: dict[str, dict[str, Any]]) -> None:
    """No fixed name and no fixed port: either would stop the second one."""
    for name in WORKERS:
        assert "container_name" not in services[name]
        assert "hostname" not in services[name]
        for port in services[name].get("ports", ()):
            assert re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z_]+:-\}:\d+", port), "any free one, on this machine only"


def test_every_service_is_bounded_and_unprivileged(services: dict[str, dict[str, Any]]) -> None:
    """Limits in the form that docker-compose 1.29 honours too; a root that cannot be written; no privileges to gain."""
    for name, service in services.items():
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["restart"] == "unless-stopped", name
        assert "privileged" not in service, name
        assert "deploy" not in service, "deploy.resources means nothing to docker-compose 1.29 without swarm"


def test_a_worker_has_longer_to_stop_than_it_takes_to_drain(services: dict[str, dict[str, Any]]) -> None:
    """The daemon drains for 25 s; Docker must not kill it before."""
    for name in WORKERS:
        assert int(services[name]["stop_grace_period"].removesuffix("s")) >= 30


def test_settings_come_in_read_only(services: dict[str, dict[str, Any]]) -> None:
    """A worker cannot change its own settings."""
    for name in WORKERS:
        assert all(volume.endswith(":ro") for volume in services[name]["volumes"])


@pytest.mark.parametrize("name", WORKERS)
def test_the_environment_is_accepted_by_the_daemon(services: dict[str, dict[str, Any]], name: str) -> None:
    """A mistyped variable would stop the container at start; here it stops the test."""
    environment = services[name]["environment"]
    assert all(isinstance(value, str) for value in environment.values())
    settings = load(ROOT / "config" / "dateline.toml", environment)
    assert settings.redis.url == environment["DATELINE_REDIS_URL"]
    assert settings.serve.host == "0.0.0.0"
    Guard(settings.fetch.allow)


def test_the_demo_reads_the_newsroom_into_a_database_of_its_own(services: dict[str, dict[str, Any]]) -> None:
    """Invented news must never stand on the real stream; and its feeds are those that the newsroom serves."""
    urls = {name: services[name]["environment"]["DATELINE_REDIS_URL"] for name in WORKERS}
    assert urls["worker"] != urls["demo"]
    port = services["newsroom"]["command"][services["newsroom"]["command"].index("--port") + 1]
    domain = services["newsroom"]["command"][services["newsroom"]["command"].index("--domain") + 1]
    served = {f"http://{paper.slug}.{domain}:{port}{paper.feed}" for paper in papers()}
    listed = feeds_file.read(ROOT / "config" / Path(services["demo"]["environment"]["DATELINE_FEEDS"]).name)
    assert {feed.url for feed in listed} == served
    aliases = services["newsroom"]["networks"]["default"]["aliases"]
    assert set(aliases) == {f"{paper.slug}.{domain}" for paper in papers()}


def test_the_demo_stays_away_unless_it_is_asked_for(services: dict[str, dict[str, Any]]) -> None:
    """`docker compose up` starts Redis, a worker and the desk, nothing else."""
    assert {name for name, service in services.items() if "profiles" not in service} == {"redis", "worker", "desk"}


def test_the_image_runs_as_nobody_special_and_hears_signals(dockerfile: str) -> None:
    """Exec form, so that SIGTERM reaches the daemon and not a shell; a number as user, which Kubernetes can check."""
    final = dockerfile.rpartition("\nFROM ")[2]
    assert re.search(r"^USER \d+:\d+$", final, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["dateline"\]$', final, re.MULTILINE)
    assert re.search(r'^CMD \["run"', final, re.MULTILINE)
    assert "STOPSIGNAL SIGTERM" in final
    assert re.search(r"HEALTHCHECK[^\n]*\\\n\s+CMD \[", final)


def test_the_final_image_installs_nothing(dockerfile: str) -> None:
    """No build tools, and no address of a package index, in what is shipped."""
    final = dockerfile.rpartition("\nFROM ")[2]
    assert not re.search(r"\b(pip|apt-get|apk|gcc|curl)\b", final)
    assert "ARG" not in final
    assert "http" not in "".join(line for line in dockerfile.splitlines() if line.startswith(("ARG", "ENV")))


def test_the_images_python_is_one_that_the_package_supports(dockerfile: str) -> None:
    """Both stages the same, or compiled wheels would not fit."""
    versions = set(re.findall(r"^FROM python:(\d+\.\d+)", dockerfile, re.MULTILINE))
    assert len(versions) == 1
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")
    assert tuple(map(int, versions.pop().split("."))) >= tuple(map(int, wanted.split(".")))


def test_everything_that_the_image_copies_passes_the_ignore_file(dockerfile: str) -> None:
    """The ignore file names what goes in; a new COPY needs a line there."""
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [
        part for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE) for part in line.split()[:-1]
    ]
    assert copied
    assert set(copied) <= allowed
    assert all((ROOT / name).exists() for name in copied)


def test_docker_compose_itself_accepts_the_file() -> None:
    """Where docker-compose is installed, of whatever age."""
    program = shutil.which("docker-compose")
    if program is None:
        pytest.skip("docker-compose is not installed")
    for extra in ([], ["--profile", "demo"], ["--profile", "observability"]):
        done = subprocess.run(
            [program, "-f", str(ROOT / "docker-compose.yml"), *extra, "config", "-q"],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
