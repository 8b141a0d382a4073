"""Load the word lists of the reading steps: TOML and TSV files in this folder, one loader for all of them.

In: the name of a file here. Out: its content, parsed once per process and shared.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import tomli

FOLDER = Path(__file__).resolve().parent


@cache
def table(name: str) -> dict[str, Any]:
    """Return the content of ``<name>.toml``. The same object each time: read it, do not change it."""
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tomli.load(file)
