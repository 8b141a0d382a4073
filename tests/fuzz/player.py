"""One target for some seconds, in a process of its own.

``python -m tests.fuzz.player TARGET raw|shaped|chance|pumped SECONDS OUT [SEEDS...]``

A finding does not end the run: it is saved once for each place it breaks in, and play goes on.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_MAX_INPUT_BYTES = 20_000


class _Play:
    """Counts, keeps findings apart by place, ends when time is up."""

    def __init__(self, name: str, mode: str, seconds: float, out: Path) -> None:
        from .doors import TARGETS

        self.target, self._mode, self._out = TARGETS[name], mode, out
        self._ends_at = time.monotonic() + seconds
        self._executions = 0
        self._places: dict[str, int] = {}

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self._ends_at

    def one(self, data: bytes) -> None:
        """Try an input; what breaks in a new place is saved."""
        from .drive import saved, tried

        self._executions += 1
        found = tried(self.target, data)
        if found is not None:
            new = found.place not in self._places
            self._places[found.place] = self._places.get(found.place, 0) + 1
            if new:
                print(f"{found.place}\n{found.trace}", flush=True)
                saved(found, self.target.name, self._out / "findings")
        if self._executions % 50 == 0 or found is not None:
            self.tell()

    def tell(self) -> None:
        """Write the figures so far."""
        told = {"executions": self._executions, "findings": self._places or ""}
        path = self._out / "told" / f"{self.target.name}-{self._mode}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(told), encoding="utf-8")


def main(argv: list[str]) -> None:
    """Play until time is up."""
    name, mode, seconds, folder, *seeds = argv
    out = Path(folder)
    if mode in ("chance", "pumped"):
        play = _Play(name, mode, float(seconds), out)
        (_by_chance if mode == "chance" else _pumped)(play, _inputs(play, seeds))
        return
    import atheris

    with atheris.instrument_imports(include=["worker"]):
        import dateline.jobs.run  # noqa: F401  # what a target imports only when asked is left without coverage

        play = _Play(name, mode, float(seconds), out)
    corpus = out / "corpus" / f"{name}-{mode}"
    corpus.mkdir(parents=True, exist_ok=True)
    if mode == "raw":
        for number, data in enumerate(_inputs(play, seeds)):
            (corpus / f"seed-{number}").write_bytes(data)
        one: Callable[[bytes], object] = play.one
        more = [f"-max_len={_MAX_INPUT_BYTES}"]
        if play.target.words:
            words = out / "told" / f"{name}.dict"
            words.write_text("".join(f'"{_token(word)}"\n' for word in play.target.words), encoding="ascii")
            more.append(f"-dict={words}")
    else:
        one, more = _shaped(play), ["-max_len=4096"]

    def until_over(data: bytes) -> None:
        one(data)
        if play.is_over:
            play.tell()
            os._exit(0)

    options = ["-timeout=120", "-rss_limit_mb=4096", "-verbosity=0", "-print_final_stats=0", "-len_control=20", *more]
    atheris.Setup([sys.argv[0], *options, f"-max_total_time={int(float(seconds)) + 5}", str(corpus)], until_over)
    atheris.Fuzz()


def _shaped(play: _Play) -> Callable[[bytes], object]:
    """The target's shaped inputs, chosen by the fuzzer's bytes."""
    from hypothesis import HealthCheck, given, settings

    @settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(play.target.shaped)
    def shaped(data: bytes) -> None:
        play.one(data)

    one: Callable[[bytes], Any] = shaped.hypothesis.fuzz_one_input  # type: ignore[attr-defined]
    return one


def _inputs(play: _Play, seeds: list[str]) -> list[bytes]:
    """Our seeds and kept findings, and files under folders named after the target that the caller brought."""
    files = [*play.target.kept("seeds"), *play.target.kept("findings")]
    for folder in seeds:
        files += [path for path in Path(folder, play.target.name).glob("*") if path.is_file()]
    return [data for path in files if len(data := path.read_bytes()) <= 200_000] or [b""]


def _by_chance(play: _Play, inputs: list[bytes]) -> None:
    """Without atheris: mutations of the inputs, by turns with shaped ones."""
    from hypothesis import HealthCheck, given, settings

    from .drive import mutated

    chance = random.Random()

    @settings(database=None, deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
    @given(play.target.shaped)
    def shaped(data: bytes) -> None:
        play.one(data)

    while not play.is_over:
        for _ in range(100):
            play.one(mutated(chance.choice(inputs), inputs, play.target.words, chance))
        with contextlib.suppress(Exception):
            shaped()
    play.tell()


def _pumped(play: _Play, inputs: list[bytes]) -> None:
    """Inputs with 20 KB of something in a row, for the time that they take."""
    from .drive import pumped

    chance = random.Random()
    while not play.is_over:
        play.one(pumped(chance.choice(inputs), _MAX_INPUT_BYTES, chance))
    play.tell()


def _token(word: str) -> str:
    return "".join(chr(byte) if 32 < byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}" for byte in word.encode())


if __name__ == "__main__":
    main(sys.argv[1:])
