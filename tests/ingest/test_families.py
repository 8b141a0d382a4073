"""Near copies: which articles are one family."""

from __future__ import annotations

import random

from dateline.dedup.fingerprint import fingerprint, sketch, stored_sketch, words
from dateline.dedup.identity import article_id
from dateline.store.ledger import Ledger
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection
from support.pipeline import Desk, story

# Families


async def family_of(ledger: Ledger, name: str, text: str) -> str:
    """What the ledger makes of a text, remembered as a publication does."""
    article, said = article_id(name), words([text])
    mark = fingerprint(said)
    printed = await ledger.printed(article, "paper.example", mark, sketch(said))
    record = ArticleRecord(revision=1, fingerprint=mark, family=printed.family, sketch=stored_sketch(sketch(said)))
    await ledger.publish(article, "m", record, [(("id", name),)], expected_revision=0, recheck_seconds=None)
    return printed.family


async def test_edited_copies_join_their_family_and_stock_phrases_found_none(desk: Desk) -> None:
    """Every story here shares a fifth of its sentences with every other; what is its own decides."""
    ledger = desk.ledger
    stock = [
        f"As so often in such affairs number {n} of the usual remarks was made by all who were asked about it."
        for n in range(4)
    ]

    def told(seed: int) -> list[str]:
        draw = random.Random(seed)  # in a row they would have half of their numbers in common
        own = [
            f"In case {draw.randrange(9999)} the board of ward {draw.randrange(999)} in district {draw.randrange(999)} "
            f"chose plan {draw.randrange(999)} on day {draw.randrange(300)}."
            for _ in range(14)
        ]
        return [line for pair in zip(own, [*stock, *[""] * 10], strict=True) for line in pair if line]

    stories = {seed: told(seed) for seed in range(3, 40)}
    roots = {seed: await family_of(ledger, f"first {seed}", " ".join(lines)) for seed, lines in stories.items()}
    late = [seed for seed in stories if seed >= 20]  # the first few make the stock phrases known
    assert len({roots[seed] for seed in late}) == len(late)
    joined = 0
    for seed in late:
        lines = stories[seed]
        edited = [*lines[:3], f"Readers of edition {seed} will want to know that a local group met too.", *lines[3:-4]]
        found = await family_of(ledger, f"copy {seed}", " ".join(edited))
        joined += found == roots[seed]
        assert found in (roots[seed], article_id(f"copy {seed}"))
        assert await family_of(ledger, f"copy of {seed}", " ".join(edited)) == found
    assert joined >= 0.85 * len(late)


async def test_an_original_asked_about_again_is_no_copy_of_its_copies(connection: Connection) -> None:
    """A retry after its edited copy came in between."""
    ledger = Ledger(connection)
    first, second = words([story(60, 200)]), words([story(60, 200) + " One more sentence at the end of it."])
    one, two = article_id("one"), article_id("two")
    if len(connection.keys) == 1:
        assert (await ledger.printed(one, "a", fingerprint(first), sketch(first))).family == one
        assert (await ledger.printed(two, "b", fingerprint(second), sketch(second))).family == one
    again = await ledger.printed(one, "a", fingerprint(first), sketch(first))
    assert again.first == again.family == one
