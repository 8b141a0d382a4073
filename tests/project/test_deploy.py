"""The systemd unit and the Kubernetes manifests keep what docs/deploy.md promises; their own validators agree where present."""

from __future__ import annotations

import configparser
import importlib
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from dateline.settings import load
from dateline.settings.schema import SECTIONS
from dateline.settings.section import options

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "deploy/systemd/dateline.service"
MANIFEST = ROOT / "deploy/kubernetes/dateline.yaml"


@pytest.fixture(scope="module")
def manifests() -> dict[str, dict[str, Any]]:
    """Every object by its kind."""
    return {one["kind"]: one for one in yaml.safe_load_all(MANIFEST.read_text())}


def test_kubernetes_runs_two_workers_with_probes_and_leaves_one_while_nodes_are_drained(
    manifests: dict[str, dict[str, Any]],
) -> None:
    """Alive is not ready: a worker without Redis waits for it, and a restart would not bring Redis back."""
    spec = manifests["Deployment"]["spec"]
    (worker,) = spec["template"]["spec"]["containers"]
    assert spec["replicas"] == 2 and manifests["PodDisruptionBudget"]["spec"]["minAvailable"] == 1
    assert worker["livenessProbe"]["httpGet"]["path"] == worker["startupProbe"]["httpGet"]["path"] == "/livez"
    assert worker["readinessProbe"]["httpGet"]["path"] == "/readyz"
    labels = spec["template"]["metadata"]["labels"]
    for selector in (
        spec["selector"]["matchLabels"],
        manifests["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        manifests["Service"]["spec"]["selector"],
    ):
        assert selector.items() <= labels.items()
    assert manifests["Service"]["spec"]["ports"][0]["targetPort"] in [port["name"] for port in worker["ports"]]
    mounted = {mount["name"] for mount in worker["volumeMounts"]}
    assert mounted == {volume["name"] for volume in spec["template"]["spec"]["volumes"]}


def test_kubernetes_gives_a_worker_no_privilege_and_time_to_drain(manifests: dict[str, dict[str, Any]]) -> None:
    pod = manifests["Deployment"]["spec"]["template"]["spec"]
    (worker,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 10001
    assert re.search(r"^USER 10001:10001$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert worker["securityContext"]["readOnlyRootFilesystem"] and worker["resources"]["limits"]["memory"]
    assert worker["securityContext"]["capabilities"]["drop"] == ["ALL"]
    assert pod["terminationGracePeriodSeconds"] >= 30


def test_the_environment_of_the_manifest_is_accepted(manifests: dict[str, dict[str, Any]]) -> None:
    """A mistyped variable would stop every pod at start."""
    (worker,) = manifests["Deployment"]["spec"]["template"]["spec"]["containers"]
    secrets = {"redis-url": "redis://:x@redis:6379/0", "token": "x"}
    given = {
        row["name"]: row["value"] if "value" in row else secrets[row["valueFrom"]["secretKeyRef"]["key"]]
        for row in worker["env"]
    }
    settings = load(ROOT / "config/dateline.toml", given)
    assert settings.serve.host == "0.0.0.0" and settings.redis.url == secrets["redis-url"]
    hidden = {
        f"DATELINE_{name}_{one.name}".upper() for name, kind in SECTIONS.items() for one in options(kind) if one.secret
    }
    assert hidden & given.keys() == {row["name"] for row in worker["env"] if "valueFrom" in row}, "a secret in the open"


def test_kubernetes_own_schema_accepts_the_manifests() -> None:
    """Where kubernetes-validate is installed, as `make test` tries to (seen with its schemas of 1.37)."""
    if importlib.util.find_spec("kubernetes_validate") is None:
        pytest.skip("kubernetes-validate is not installed")
    validator = importlib.import_module("kubernetes_validate")
    for one in yaml.safe_load_all(MANIFEST.read_text()):
        validator.validate(one, "1.37", strict=True)


def test_the_unit_drains_before_it_is_killed_and_does_not_restart_on_a_wrong_setting() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(UNIT.read_text())
    service = unit["Service"]
    assert int(service["TimeoutStopSec"]) >= 30 and service["KillMode"] == "mixed"
    assert service["RestartPreventExitStatus"] == "2" and service["NoNewPrivileges"] == "yes"
    assert unit["Install"]["WantedBy"] == "multi-user.target"


def test_systemd_itself_accepts_the_unit(tmp_path: Path) -> None:
    """Where systemd-analyze is installed. The program's path is set to one that exists here."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    copy = tmp_path / "dateline.service"
    copy.write_text(UNIT.read_text().replace("/opt/dateline/bin/dateline", sys.executable))
    done = subprocess.run([program, "verify", "--man=no", str(copy)], capture_output=True, text=True, timeout=120)
    if "Failed to initialize manager" in done.stderr or "Failed to connect" in done.stderr:
        pytest.skip("systemd-analyze needs a system manager here")
    assert done.returncode == 0 and "dateline.service" not in done.stderr, done.stderr
