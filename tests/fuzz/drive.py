"""One input through one door: what broke, and where; and inputs made from others."""

from __future__ import annotations

import hashlib
import random
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from .target import Target, TooSlow, at_most

HOME = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Finding:
    """An input that broke a promise. ``place`` is the same for inputs that broke it in the same way."""

    data: bytes
    place: str
    trace: str


def tried(target: Target, data: bytes, *, limit_seconds: float | None = None) -> Finding | None:
    """What the target made of the input: None where every promise held."""
    try:
        with at_most(*([limit_seconds] if limit_seconds else [])):
            target.check(data)
    except (Exception, TooSlow) as error:
        return Finding(data, place(error), traceback.format_exc(limit=-12))
    return None


def place(error: BaseException) -> str:
    """Kind of error and the innermost line of this repository that it came through; for a slow input the door alone."""
    if isinstance(error, TooSlow):
        return "TooSlow"
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(HOME / "worker"))
    ]
    frames = frames or traceback.extract_tb(error.__traceback__)
    last = frames[-1]
    words = str(error)[:30] if isinstance(error, AssertionError) else ""
    return f"{type(error).__name__} {words} {Path(last.filename).name}:{last.lineno}"


def saved(finding: Finding, target: str, folder: Path) -> Path:
    """The finding as two files under ``folder``: the input, and beside it the trace."""
    name = f"{target}-{hashlib.sha256(finding.data).hexdigest()[:10]}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.txt").write_text(f"{finding.place}\n\n{finding.trace}", encoding="utf-8", errors="replace")
    path = folder / name
    path.write_bytes(finding.data)
    return path


def shortened(target: Target, finding: Finding, *, seconds: float = 20.0) -> bytes:
    """A shorter input that breaks the same promise in the same place, as far as so many seconds lead."""
    data, end = finding.data, time.monotonic() + seconds
    size = max(1, len(data) // 2)
    while size and time.monotonic() < end:
        at, shorter = 0, False
        while at < len(data) and time.monotonic() < end:
            less = data[:at] + data[at + size :]
            found = tried(target, less) if less != data else None
            if found and found.place == finding.place:
                data, shorter = less, True
            else:
                at += size
        if not shorter or size > len(data):
            size //= 2
    return data


def mutated(data: bytes, others: list[bytes], words: tuple[str, ...], chance: random.Random) -> bytes:
    """An input like ``data``: a few pieces cut, doubled, swapped with another input's, or overwritten with a word or a byte."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 9))):
        at = chance.randrange(len(made) + 1)
        size = chance.choice((1, 1, 2, 5, 20, 100))
        what = chance.randrange(7)
        if what == 0:
            del made[at : at + size]
        elif what == 1:
            made[at:at] = made[at : at + size] * chance.choice((1, 2, 30))
        elif what == 2 and others:
            other = chance.choice(others)
            start = chance.randrange(len(other) + 1)
            made[at:at] = other[start : start + size]
        elif what == 3 and words:
            made[at:at] = chance.choice(words).encode()
        elif what == 4:
            made[at:at] = bytes(chance.randrange(256) for _ in range(min(size, 4)))
        elif what == 5 and made:
            made[at % len(made)] ^= 1 << chance.randrange(8)
        else:
            made[at : at + size] = bytes(reversed(made[at : at + size]))
    return bytes(made)


#: What rows of are easily written and dearly read.
_CHEAP = (" ", "\n", "'", '"', ".", ",", "-", "(", "\t", "/", "a", "A", "1", "_", "&", "<", "=", ";", ":", "“", "—", "\xa0",
          ". ", "A ", "a.", "1,", "by ", "and ")  # fmt: skip


def pumped(data: bytes, size: int, chance: random.Random) -> bytes:
    """An input like ``data`` with one piece of it, or a cheap mark, repeated in place until it fills so many bytes."""
    at = chance.randrange(len(data) + 1)
    piece = data[at : at + chance.choice((1, 1, 1, 2, 3, 5, 8, 20))]
    if not piece or chance.random() < 0.5:
        piece = chance.choice(_CHEAP).encode()
    return data[:at] + piece * (size // len(piece)) + data[at:]


def seconds_of(target: Target, data: bytes) -> float:
    """CPU seconds that the target takes for the input."""
    start = time.process_time()
    target.check(data)
    return time.process_time() - start
