"""``python -m tests.chaos [--seeds N] [--only TEXT] [--table FILE] [--soak MINUTES]``: the fault matrix, as a table."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chaos import around, clusters, poison, redis_faults, rows, soak  # noqa: F401  (all but the last two add their rows)
from chaos.stage import Verdict

HEAD = (
    "| fault | rounds | published | lost | twice | dead letters | deaths | healthy again, s | broken promises |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
)


def play(one: rows.Row, seed: int) -> Verdict:
    """One round of one row; a failure of the row itself is a breach too."""
    folder = Path(tempfile.mkdtemp(prefix="chaos"))
    try:
        return one.play(folder, seed)
    except Exception:
        return Verdict(breaches=["the row failed: " + traceback.format_exc()[-3000:]])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
    options = parser.parse_args(words)
    if options.soak:
        return soak.run(options.soak, options.first_seed, options.keep)
    table, broken = HEAD, 0
    for one in rows.ROWS:
        if options.only.lower() not in one.name.lower():
            continue
        if why := one.missing():
            table += f"| {one.name} | 0 | not played: {why} | | | | | | |\n"
            continue
        began = time.monotonic()
        verdicts = [play(one, options.first_seed + n) for n in range(options.seeds)]
        table += line(one.name, verdicts)
        sys.stderr.write(f"{time.monotonic() - began:5.0f} s  {line(one.name, verdicts)}")
        for verdict in verdicts:
            broken += len(verdict.breaches)
            sys.stderr.writelines(f"        {breach}\n" for breach in verdict.breaches[:10])
        if options.table:
            options.table.write_text(table)
    sys.stdout.write(table)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
