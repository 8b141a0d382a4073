"""Build dateline-client: the consumer alone, from the sources of worker/, as the package ``dateline_client``.

    .venv/bin/python tools/client_wheel.py [FOLDER]

It needs redis and msgspec only. The wheel goes to dist/ or FOLDER; its path is printed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from dateline import __version__, client

ROOT = Path(__file__).resolve().parents[1]
#: What the client consists of: packages and modules of worker/.
PARTS = ("client", "contract", "topology", "cancellation.py", "py.typed")
PROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "dateline-client"
version = "{version}"
description = "Reads Dateline's Redis stream of news events: consumer groups, gaps, replay, typed records."
readme = "README.md"
license = "Apache-2.0"
license-files = ["LICENSE"]
requires-python = ">=3.11"
dependencies = ["msgspec>=0.20", "redis>=6.4"]

[project.optional-dependencies]
zstd = ["zstandard>=0.23"]  # streams with redis.compress

[tool.setuptools.packages.find]
include = ["dateline_client*"]

[tool.setuptools.package-data]
dateline_client = ["py.typed", "**/*.lua", "**/*.json", "**/*.toml"]
"""
README = """\
# dateline-client

The consumer of Dateline's stream without the worker: `from dateline_client import Consumer, SyncConsumer`.
It is built from the sources of `dateline`, whose `dateline.client` has the same names.
"""


def build(folder: Path) -> Path:
    """Build the wheel into a folder; returns its path. Raises RuntimeError with pip's words."""
    with tempfile.TemporaryDirectory() as name:
        stage = Path(name)
        package = stage / "dateline_client"
        package.mkdir()
        ignored = shutil.ignore_patterns("__pycache__")
        for part in PARTS:
            source = ROOT / "worker" / part
            if source.is_dir():
                shutil.copytree(source, package / part, ignore=ignored)
            else:
                shutil.copy(source, package / part)
        names = ", ".join(sorted(client.__all__))
        (package / "__init__.py").write_text(
            f'"""The consumer of Dateline\'s stream: what `dateline.client` has, without the worker."""\n\n'
            f"from .client import {names}\n\n__all__ = {sorted(client.__all__)!r}\n__version__ = {__version__!r}\n"
        )
        (stage / "pyproject.toml").write_text(PROJECT.format(version=__version__.replace("0+unknown", "0")))
        (stage / "README.md").write_text(README)
        shutil.copy(ROOT / "LICENSE", stage)
        command = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "wheel", "--no-deps"]
        command += ["--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(stage)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240)
        if done.returncode:
            raise RuntimeError(done.stderr)
    return max(folder.glob("dateline_client-*.whl"), key=lambda path: path.stat().st_mtime)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"
    target.mkdir(exist_ok=True)
    wheel = build(target)
    print(f"{wheel} ({wheel.stat().st_size / 1000:.0f} kB)")
