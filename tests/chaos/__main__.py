"""``python -m tests.chaos [--seeds N] [--jobs N] [--record FILE] [--only TEXT] [--table FILE] [--soak MINUTES]``: the fault
matrix, as a table.

Each round is a process of its own, with servers, ports and folders of its own; ``--jobs`` of them are played at a time. What
``--record`` has of the same commit is not played again: a matrix that was cut off goes on where it was.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chaos import around, clusters, files, poison, redis_faults, rows, soak  # noqa: F401  (all but the last two add their rows)
from chaos.stage import Verdict
from support import rig

HEAD = (
    "| fault | rounds | published | lost | twice | dead letters | deaths | healthy again, s | broken promises |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
)


ROUND_SECONDS = 900.0  #: longest time of one round; the slowest takes two minutes alone on two cores


def play(one: rows.Row, seed: int) -> Verdict:
    """One round of one row; a failure of the row itself is a breach too."""
    folder = Path(tempfile.mkdtemp(prefix="chaos"))
    try:
        return one.play(folder, seed)
    except Exception:
        return Verdict(breaches=["the row failed: " + traceback.format_exc()[-3000:]])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def play_apart(one: rows.Row, seed: int) -> tuple[Verdict, float]:
    """One round in a process of its own; gives also how many seconds it took."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="round") as name:
        answer = Path(name) / "verdict.json"
        command = [
            sys.executable,
            "-m",
            "tests.chaos",
            "--round",
            one.name,
            "--first-seed",
            str(seed),
            "--answer",
            answer,
        ]
        process = subprocess.Popen(command, cwd=rig.ROOT, start_new_session=True)
        try:
            process.wait(ROUND_SECONDS)
            verdict = Verdict(**json.loads(answer.read_text()))
        except (subprocess.TimeoutExpired, OSError, ValueError) as error:
            verdict = Verdict(breaches=[f"the row gave no verdict: {error!r}"])
        finally:
            with contextlib.suppress(ProcessLookupError):  # what a row that failed left running
                os.killpg(process.pid, signal.SIGKILL)
    return verdict, time.monotonic() - began


class Record:
    """Rounds that were played, a JSON line each, with the commit they are of."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
        self._commit = subprocess.run(command, cwd=rig.ROOT, capture_output=True, text=True, check=False).stdout.strip()
        self._known: dict[tuple[str, int], Verdict] = {}
        if path and path.exists():
            for one in map(json.loads, path.read_text().splitlines()):
                if one["commit"] == self._commit:
                    self._known[one["row"], one["seed"]] = Verdict(**one["verdict"])

    def get(self, name: str, seed: int) -> Verdict | None:
        """A round of this commit."""
        return self._known.get((name, seed))

    def add(self, name: str, seed: int, verdict: Verdict) -> None:
        """Keep a round."""
        line = {"commit": self._commit, "row": name, "seed": seed, "verdict": asdict(verdict)}
        with self._lock:
            if self._path:
                with self._path.open("a") as file:
                    file.write(json.dumps(line) + "\n")


def line(name: str, verdicts: list[Verdict]) -> str:
    """A row of the table."""
    notes = ", ".join(dict.fromkeys(one.note for one in verdicts if one.note))
    broken = sum(len(one.breaches) for one in verdicts)
    cells = [
        name + (f" ({notes})" if notes else ""), len(verdicts), sum(v.published for v in verdicts),
        sum(v.lost for v in verdicts), sum(v.twice for v in verdicts), sum(v.dead for v in verdicts),
        sum(v.deaths for v in verdicts), f"{max(v.healthy_seconds for v in verdicts):.1f}", broken or "none",
    ]  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |\n"


def main(words: list[str]) -> int:
    """Gives 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--seeds", type=int, default=2, help="rounds of each row (default: %(default)s)")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--only", default="", help="rows whose name has this text")
    parser.add_argument("--table", type=Path, help="also write the table there")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="random faults for so long instead")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="with --soak: leave stream, trail and logs there")
    parser.add_argument("--jobs", type=int, default=1, help="rounds played at a time (default: %(default)s)")
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="keep rounds there, and do not play those of this commit again"
    )
    parser.add_argument("--round", metavar="ROW", help=argparse.SUPPRESS)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    if options.soak:
        return soak.run(options.soak, options.first_seed, options.keep)
    if options.round:
        options.answer.write_text(json.dumps(asdict(play(rows.find(options.round), options.first_seed))))
        return 0
    chosen = [one for one in rows.ROWS if options.only.lower() in one.name.lower()]
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    return play_all(chosen, seeds, options.jobs, Record(options.record), options.table)


def play_all(chosen: Sequence[rows.Row], seeds: Sequence[int], jobs: int, record: Record, file: Path | None) -> int:
    """Play rounds, print a line for each row as it ends and the table in the end; gives 1 where a promise was broken."""
    lines, done, broken = {one.name: "" for one in chosen}, threading.Lock(), 0

    def play_row(one: rows.Row) -> list[Verdict]:
        if why := one.missing():
            text, verdicts, took = f"| {one.name} | 0 | not played: {why} | | | | | | |\n", [], 0.0
        else:
            verdicts, took = [], 0.0
            for seed in seeds:
                verdict = record.get(one.name, seed)
                if verdict is None:
                    verdict, seconds = play_apart(one, seed)
                    record.add(one.name, seed, verdict)
                    took += seconds
                verdicts.append(verdict)
            text = line(one.name, verdicts)
        with done:
            lines[one.name] = text
            sys.stderr.write(f"{took:5.0f} s  {text}")
            for verdict in verdicts:
                sys.stderr.writelines(f"        {breach}\n" for breach in verdict.breaches[:10])
            sys.stderr.flush()
            if file:
                file.write_text(HEAD + "".join(lines.values()))
        return verdicts

    with ThreadPoolExecutor(jobs) as threads:
        for verdicts in threads.map(play_row, chosen):
            broken += sum(len(verdict.breaches) for verdict in verdicts)
    sys.stdout.write(HEAD + "".join(lines.values()))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
