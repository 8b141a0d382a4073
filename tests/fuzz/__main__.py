"""The long form: ``python -m tests.fuzz --minutes 60`` plays all targets in turn, and keeps what breaks.

With atheris installed (``pip install atheris``; not among our own requirements) inputs are led by coverage: a third of a
target's time for raw bytes, a third for shaped inputs; without it by chance alone. The rest is for seeds with something
repeated in them. Ends with a table; 1 where something broke.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path

_WEIGHT = {"page": 4, "feed": 4, "text": 6, "url": 2, "extract_line": 2}


def main() -> int:
    """Play, print, and say whether something broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="in all, shared out among the targets")
    parser.add_argument("--target", action="append", default=[], help="this target only; may be repeated")
    parser.add_argument("--seeds", action="append", default=[], metavar="FOLDER", help="more inputs to begin with")
    parser.add_argument("--out", default=".fuzz", metavar="FOLDER", help="where findings and the grown corpus go")
    options = parser.parse_args()
    from .doors import TARGETS

    names = options.target or list(TARGETS)
    out = Path(options.out).resolve()
    shares = {name: _WEIGHT.get(name, 1) for name in names}
    unit = options.minutes * 60 / sum(shares.values())
    modes = (*(("raw", "shaped") if importlib.util.find_spec("atheris") else ("chance",)), "pumped")
    rows = []
    for name in names:
        for mode in modes:
            seconds = unit * shares[name] / len(modes)
            rows.append(_play(name, mode, seconds, out, options.seeds))
    print("| target | inputs | seconds of | executions | findings |\n| --- | --- | --- | --- | --- |")
    for row in rows:
        print("| {target} | {mode} | {seconds:.0f} | {executions} | {findings} |".format(**row))
    return 1 if any(row["findings"] for row in rows) else 0


def _play(name: str, mode: str, seconds: float, out: Path, seeds: list[str]) -> dict[str, object]:
    """One target in a process of its own, which tells its figures in a file."""
    told = out / "told" / f"{name}-{mode}.json"
    told.parent.mkdir(parents=True, exist_ok=True)
    told.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.fuzz.player", name, mode, str(seconds), str(out), *seeds]
    began = time.monotonic()
    with (out / "told" / f"{name}-{mode}.log").open("wb") as log:
        ended = subprocess.run(command, stdout=log, stderr=log, timeout=seconds + 300, check=False)
    row: dict[str, object] = {"target": name, "mode": mode, "seconds": time.monotonic() - began}
    if told.exists():
        row |= json.loads(told.read_text(encoding="utf-8"))
    else:
        row |= {"executions": 0, "findings": f"the process ended with {ended.returncode}: {log.name}"}
    print(f"{name} {mode}: {row['executions']} executions, findings: {row['findings']}", file=sys.stderr, flush=True)
    return row


if __name__ == "__main__":
    sys.exit(main())
