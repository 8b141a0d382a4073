"""Writes ``requirements/run.lock`` (the image) and ``requirements/test.lock`` (make, CI): one version of every package.

The floors in pyproject.toml say what the wheel accepts; these files say what is tested. They hold for every platform and
Python from 3.11 on (by markers), and name no index.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: File to the extras in it.
LOCKS = {"run": ("archive", "languages", "zstd"), "test": ("archive", "embedded", "test")}


def write(name: str, extras: tuple[str, ...], *options: str) -> None:
    """Choose the newest versions that pyproject.toml allows, or keep those in the file that still hold."""
    file = ROOT / "requirements" / f"{name}.lock"
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "pyproject.toml",
        "--universal",
        "--python-version",
        "3.11",
    ]
    command += [f"--extra={extra}" for extra in extras]
    command += ["--quiet", "--no-header", "--no-annotate", "--no-emit-index-url", *options, "--output-file", str(file)]
    subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    for lock, chosen in LOCKS.items():
        write(lock, chosen, "--upgrade")
