"""Hostile repetitions: what makes a careless reader quadratic. The data file has one line for each."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

_DATA = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def repetitions(target: str) -> Mapping[str, Callable[[int], bytes]]:
    """By name, what makes an input with so many of something for this target."""
    rows: dict[str, list[str]] = _DATA["repeated"].get(target, {})
    return {
        name: lambda n, before=before, unit=unit, after=after: (before + unit * n + after).encode()
        for name, (before, unit, after) in rows.items()
    }


def words(target: str) -> tuple[str, ...]:
    """Tokens that a mutation of this target's inputs should know."""
    return tuple(_DATA["words"].get(target, ()))
