"""Near copies on a real ledger: which edits of a text join its family, and that two stories do not."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from dateline.dedup.fingerprint import fingerprint, sketch, stored_sketch, words
from dateline.dedup.identity import article_id
from dateline.store.ledger import Ledger
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection

DRAW = random.Random(7)
LEXICON = ["".join(DRAW.choice("bcdfglmnprst") + DRAW.choice("aeiou") for _ in range(3)) for _ in range(3000)]


def text_of(seed: int, length: int = 400) -> list[str]:
    """Words of one story; frequent ones come often, as in a language."""
    draw = random.Random(seed)
    return [LEXICON[int(len(LEXICON) * draw.random() ** 3)] for _ in range(length)]


def reword(share: float) -> Callable[[list[str], random.Random], list[str]]:
    """Replace a share of the words."""
    return lambda text, draw: [draw.choice(LEXICON) if draw.random() < share else word for word in text]


EDITS: dict[str, tuple[Callable[[list[str], random.Random], list[str]], float]] = {
    "dateline": (lambda text, _: ["london", "reuters", *text], 1.0),
    "boilerplate": (lambda text, _: [*text, *text_of(1, 30)], 1.0),
    "cut to 60 %": (lambda text, _: text[:240], 0.97),
    "cut to 40 %": (lambda text, _: text[:160], 0.9),
    "cut to 25 %": (lambda text, _: text[:100], 0.7),
    "25 % added": (lambda text, draw: [*draw.choices(LEXICON, k=100), *text], 1.0),
    "5 % reworded": (reword(0.05), 0.97),
    "10 % reworded": (reword(0.1), 0.9),
}


async def family_of(ledger: Ledger, name: str, text: list[str]) -> str:
    """Publish a text; gives its family."""
    said = words([" ".join(text)])
    article, mark, found = article_id(name), fingerprint(said), sketch(said)
    printed = await ledger.printed(article, f"{name}.example", mark, found)
    record = ArticleRecord(revision=1, fingerprint=mark, family=printed.family, sketch=stored_sketch(found))
    await ledger.publish(article, "m", record, [(("id", name),)], expected_revision=0, recheck_seconds=None)
    return printed.family


@pytest.mark.parametrize("edit", EDITS)
async def test_an_edited_copy_joins_its_family(connection: Connection, edit: str) -> None:
    """Of 40 stories as many copies as the edit leaves recognisable; and no story joins another's."""
    ledger, (change, least) = Ledger(connection), EDITS[edit]
    roots = [await family_of(ledger, f"story {n}", text_of(100 + n)) for n in range(40)]
    assert len(set(roots)) == 40
    joined = 0
    for n, root in enumerate(roots):
        found = await family_of(ledger, f"copy {n}", change(text_of(100 + n), random.Random(n)))
        assert found in (root, article_id(f"copy {n}"))
        joined += found == root
    assert joined >= least * 40
