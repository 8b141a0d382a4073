"""Say how this installation's reading steps were built: compiled by mypyc, or as plain Python (docs/scale.md)."""

from __future__ import annotations

from pathlib import Path

from .syntax import tagger


def is_compiled() -> bool:
    """Whether the reading steps run as compiled modules."""
    return not (tagger.__file__ or "").endswith(".py")


def describe_build() -> str:
    """Return "compiled (mypyc VERSION)" or "pure Python"."""
    if not is_compiled():
        return "pure Python"
    note = Path(__file__).with_name("compiled.txt")  # setup.py writes it into the compiled wheel
    return f"compiled ({note.read_text(encoding='utf-8').strip() if note.exists() else 'mypyc'})"
