"""A row on forwarders that write to one file from several workers, which are killed again and again."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from chaos.rows import row
from chaos.stage import Stage, Verdict, stage
from support import rig

PARTITIONS = 4


@row("two workers with one file and one database downstream, killed again and again")
def shared_files(folder: Path, seed: int) -> Verdict:
    """Each entry is in the files once, those of a partition in its order; the database has the newest of each article."""
    with stage(folder, feeds=16, seed=seed, partitions=PARTITIONS) as scene:
        target = folder / "out"
        scene.settings = scene.write(redis={"partitions": PARTITIONS})
        with scene.settings.open("a") as settings:
            settings.write(
                f'\n[[forward]]\nkind = "jsonl"\npath = "{target}/events.jsonl"\nmax_bytes = 60000\nkeep_files = 1000\n'
                f'\n[[forward]]\nkind = "sqlite"\npath = "{target}/events.sqlite"\n'
            )
        workers = [scene.daemon(), scene.daemon()]
        for _ in range(6):
            scene.working(4)
            one = scene.chance.choice(workers)
            one.kill()
            scene.deaths += 1
            one.start()
        scene.healthy()
        scene.drain()
        rig.until(lambda: len(set(_lines(target))) >= scene.published(), 120, f"not written; {scene.tail()}")
        verdict = scene.verdict(note=f"{scene.deaths} deaths, {len(list(target.glob('*.jsonl*')))} files")
        verdict.breaches += [*_unlike_stream(scene, _lines(target)), *_unlike_articles(scene, target / "events.sqlite")]
        return verdict


def _lines(folder: Path) -> list[str]:
    """The entries in all files, the oldest file first."""
    files = sorted(
        folder.glob("events.jsonl*"), key=lambda file: -int(file.suffix[1:]) if file.suffix[1:].isdigit() else 0
    )
    return [json.loads(line)["streamid"] for file in files for line in file.read_text().splitlines()]


def _unlike_stream(scene: Stage, lines: list[str]) -> Iterable[str]:
    written: defaultdict[str, list[str]] = defaultdict(list)
    for line in lines:
        written[line.partition("/")[0]].append(line.partition("/")[2])
    for number, base in enumerate(scene.bases):
        ids = [mid for mid, _ in rig.stream(scene.client, base[1:-2])]
        if written[str(number)] != ids:
            twice = len(lines) - len(set(lines))
            lines_here = len(written[str(number)])
            yield f"partition {number}: {len(ids)} entries, {lines_here} lines, {twice} of all twice, or another order"


def _unlike_articles(scene: Stage, database: Path) -> Iterable[str]:
    newest: dict[str, int] = {}
    for _, fields in scene.stream():
        if fields["type"].startswith("dateline.article."):
            data: dict[str, Any] = json.loads(fields["data"])
            newest[data["id"]] = data["revision"]
    with closing(sqlite3.connect(database)) as connection:
        found = dict(connection.execute("SELECT id, revision FROM articles"))
    if found != newest:
        yield f"the database has {len(found)} articles of {len(newest)}, or other revisions"
