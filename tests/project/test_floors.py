"""What advisories demand is demanded by pyproject.toml, and is what is installed."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
FLOORS = tomllib.loads((ROOT / "tools" / "floors.toml").read_text("utf-8"))["floor"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ALL = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
WANTED = [Requirement(line) for lines in ALL for line in lines]


@pytest.mark.parametrize("floor", FLOORS, ids=[row["package"] for row in FLOORS])
def test_what_is_installed_is_not_older_than_an_advisory_allows(floor: dict[str, str]) -> None:
    """A package that something else brings, and that is not there, is no danger."""
    try:
        installed = Version(version(floor["package"]))
    except PackageNotFoundError:
        pytest.skip(f"{floor['package']} is not installed")
    assert installed >= Version(floor["least"]), floor["why"]


def test_pyproject_asks_for_no_version_below_a_floor() -> None:
    """Who installs the oldest that we allow has the mended one, of every package that we name ourselves."""
    least = {canonicalize_name(row["package"]): row["least"] for row in FLOORS}
    named = {canonicalize_name(one.name): one for one in WANTED}
    for name, one in named.items():
        below = [spec.version for spec in one.specifier if spec.operator in (">=", "~=", "==")]
        assert below or not one.specifier or name not in least, f"{name} has no floor"
        if name in least:
            assert max(map(Version, below)) >= Version(least[name]), f"{name}: {least[name]} or newer"
    assert {"aiohttp", "lxml", "lxml-html-clean", "protego"} <= named.keys()


@pytest.mark.parametrize("one", WANTED, ids=[one.name for one in WANTED])
def test_what_is_installed_is_what_pyproject_asks_for(one: Requirement) -> None:
    """An environment that was made long ago is found out."""
    if one.marker is not None and not one.marker.evaluate():
        pytest.skip("not for this platform")
    try:
        installed = version(one.name)
    except PackageNotFoundError:
        pytest.skip(f"{one.name} is an extra that is not installed")
    assert one.specifier.contains(installed, prereleases=True)
