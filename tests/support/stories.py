"""Invented stories with texts and headlines of their own, and what must hold of every history of them."""

from __future__ import annotations

import random

from support.pipeline import Desk

HOST = "https://paper.example"
PLAIN = (
    "harbour council voted cranes dockers wages ferry tunnel minister budget school storm bridge tariff vaccine orchard "
    "glacier parliament treaty rocket museum violin satellite drought election verdict railway lighthouse"
)
WORDS = PLAIN.split()


def prose(seed: str, words: int = 160) -> str:
    """Sentences of one seed that no other seed has."""
    draw = random.Random(seed)
    rows = [" ".join(draw.choice(WORDS) for _ in range(11)).capitalize() + f" near {seed}." for _ in range(words // 12)]
    return " ".join(rows)


def title_of(n: int) -> str:
    """A headline of its own for each number."""
    draw = random.Random(f"title {n}")
    return " ".join(["Report", *draw.sample(WORDS, 5)])


def link(n: int) -> str:
    """The link of story ``n``."""
    return f"{HOST}/news/{n}"


async def one_id_per_article(desk: Desk) -> None:
    """Every published envelope has the id of a record, and the revisions of each article count up from 1."""
    revisions: dict[str, list[int]] = {}
    for kind, data in await desk.stream():
        if kind.startswith("article."):
            revisions.setdefault(data["id"], []).append(data["revision"])
        else:
            assert data["article"] in revisions
    for article, found in revisions.items():
        assert found == list(range(1, len(found) + 1)), (article, found)
        record = await desk.ledger.record(article)
        assert record is not None and record.revision == len(found)
