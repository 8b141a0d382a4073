"""Say how this installation's reading steps were built: compiled by mypyc, or as plain Python (docs/scale.md)."""

from __future__ import annotations

from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

_READING = Path(__file__).parents[1] / "read"  # looked at, not imported: that takes half a second


def is_compiled() -> bool:
    """Whether the reading steps run as compiled modules, which Python prefers to the sources beside them."""
    return any((_READING / "syntax" / f"tagger{suffix}").exists() for suffix in EXTENSION_SUFFIXES)


def describe_build() -> str:
    """Return "compiled (mypyc VERSION)" or "pure Python"."""
    if not is_compiled():
        return "pure Python"
    note = _READING / "compiled.txt"  # setup.py writes it into the compiled wheel
    return f"compiled ({note.read_text(encoding='utf-8').strip() if note.exists() else 'mypyc'})"
