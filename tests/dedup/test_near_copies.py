"""Near copies on a real ledger: which edits of a text join its family, and that two stories do not."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable

import msgspec
import pytest

from dateline.dedup.fingerprint import fingerprint, overlap, sketch, stored_sketch, words
from dateline.dedup.identity import article_id
from dateline.store.ledger import Ledger
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection
from dateline.store.repartition import repartition

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
    "cut to 40 %": (lambda text, _: text[:160], 0.95),
    "cut to 25 %": (lambda text, _: text[:100], 0.8),
    "25 % added": (lambda text, draw: [*draw.choices(LEXICON, k=100), *text], 1.0),
    "5 % reworded": (reword(0.05), 1.0),
    "10 % reworded": (reword(0.1), 0.97),
    "20 % reworded": (reword(0.2), 0.6),
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


FORECAST = """
    This is the forecast of the coastal weather office. Today brings SKY with a high of 0-35 degrees in Lindmouth and
    0-35 degrees on the islands; tonight it falls to 0-20 degrees. Winds blow at 5-80 kilometres an hour, with gusts
    of 20-130 kilometres an hour on the headlands. The chance of rain is 0-100 per cent, and 0-60 millimetres may
    fall. Humidity is at 20-99 per cent and pressure at 970-1040 hectopascals. The sun rises at 4-8 10-59 and sets at
    16-20 10-59. High water is at 1-11 10-59 and at 13-23 10-59. Tomorrow looks like SKY with 0-35 degrees. Drivers
    are asked to take care on the coast road."""
PRICES = """
    The main index MOVED 0-4 10-99 per cent to 5000-9000 10-99 points at the close on the Lindmouth exchange, dealers
    said. Banks MOVED 0-4 10-99 per cent and miners MOVED 0-4 10-99 per cent, while energy shares MOVED as oil traded
    at 50-120 10-99 dollars a barrel. Volume stood at 100-900 million shares against an average of 100-900 million.
    The crown MOVED 0-2 10-99 per cent against the dollar. The yield on the ten-year bond was 1-7 100-999 per cent.
    Gold was quoted at 1500-4000 dollars an ounce. Trading resumes at nine in the morning after the bank holiday, when
    the first of the quarterly results are due."""


def report(template: str, day: int) -> list[str]:
    """One day's report; only numbers and a word or two are its own."""
    draw = random.Random(day)
    sky, moved = ["sunny spells", "light rain", "heavy showers", "clear skies"], ["rose", "fell", "slipped"]
    text = re.sub("SKY", lambda _: draw.choice(sky), re.sub("MOVED", lambda _: draw.choice(moved), template))
    return re.sub(r"(\d+)-(\d+)", lambda found: str(draw.randint(int(found[1]), int(found[2]))), text).split()


@pytest.mark.one_redis
@pytest.mark.parametrize("template", [FORECAST, PRICES], ids=["weather", "markets"])
async def test_daily_reports_made_from_one_template_are_no_family(connection: Connection, template: str) -> None:
    """Whoever prints them; another paper's edited printing of one day's report is of that day's family."""
    ledger = Ledger(connection)
    days = {day: await family_of(ledger, f"report {day}", report(template, day)) for day in range(15)}
    assert len(set(days.values())) == 15
    printed = [
        await family_of(ledger, f"print {day}", ["Lindmouth", *report(template, day)[:-12], "Ends"])
        for day in range(15)
    ]
    assert sum(family == days[day] for day, family in enumerate(printed)) >= 14
    assert all(family in (days[day], article_id(f"print {day}")) for day, family in enumerate(printed))


async def test_stories_that_share_their_papers_sentences_are_no_family_and_copies_of_them_are_found(
    connection: Connection,
) -> None:
    """They close every story, long ones and then short ones, of which they are the half: eight families make stock phrases."""
    ledger, paper, draw = Ledger(connection), text_of(4, 150), random.Random(2)
    stories = [[*text_of(7000 + n, 450 if n < 15 else 150), *paper] for n in range(40)]
    families = [await family_of(ledger, f"story {n}", story) for n, story in enumerate(stories)]
    assert sum(family != article_id(f"story {n}") for n, family in enumerate(families)) <= 3
    found = [await family_of(ledger, f"copy {n}", reword(0.05)(stories[n], draw)) == families[n] for n in range(20, 40)]
    assert sum(found) >= 15, sum(found)


@pytest.mark.one_redis
async def test_the_script_counts_what_two_texts_have_in_common_as_the_rule_does(connection: Connection) -> None:
    """`overlap` in Python and `prints.lua`, for texts cut, lengthened and reworded."""
    ledger, draw = Ledger(connection), random.Random(3)
    for n in range(30):
        text = text_of(5000 + n, draw.choice([60, 150, 400, 900]))
        numbered = [f"{word} {draw.randint(1, 99)}" if draw.random() < 0.05 else word for word in text]
        share = draw.random()
        other = draw.choice([
            reword(share / 2)(numbered, draw), numbered[: 60 + int(len(numbered) * share)],
            [*numbered, *text_of(9000 + n, int(4000 * share))],
        ])  # fmt: skip
        first, second = words([" ".join(numbered)]), words([" ".join(other)])
        await family_of(ledger, f"first {n}", numbered)
        printed = await ledger.printed(article_id(f"second {n}"), "b.example", fingerprint(second), sketch(second))
        common = overlap(stored_sketch(sketch(first)), sketch(second))
        if printed.first == article_id(f"first {n}"):
            continue
        is_near = not common.other_numbers and common.both >= 3 + 0.4 * common.least
        expected = min(16, int(16 * common.both / common.least + 0.5)) if is_near else 0
        found_in_index = set(sketch(first).elements[:12]) & set(sketch(second).elements)
        assert printed.shared == (expected if found_in_index else 0)


@pytest.mark.one_redis
@pytest.mark.parametrize("partitions", [4, 64])
async def test_edited_copies_are_found_whatever_partition_they_are_in(connection: Connection, partitions: int) -> None:
    """As many as with one partition, each into one family with its owners; also after a move to other partitions, and of two
    that come at the same time one is the first."""
    settings = connection.settings
    spread = Connection(msgspec.structs.replace(settings, partitions=partitions))
    ledger, draw = Ledger(spread), random.Random(11)
    texts = [text_of(700 + n) for n in range(30)]
    roots = [await family_of(ledger, f"story {n}", text) for n, text in enumerate(texts)]
    assert roots == [article_id(f"story {n}") for n in range(30)]
    kept = [EDITS["10 % reworded"][0](text, draw) for text in texts]
    found = [await family_of(ledger, f"copy {n}", text) for n, text in enumerate(kept)]
    assert found == roots
    edited = await ledger.printed(article_id("again"), "again.example", b"12345678", sketch(texts[0][:200]))
    assert edited.owners.keys() == {roots[0], article_id("copy 0"), article_id("again")}
    both = [[*text_of(900), "one"], [*text_of(900), "two"]]
    pair = await asyncio.gather(*(family_of(ledger, f"pair {n}", text) for n, text in enumerate(both)))
    assert len(set(pair)) == 1
    moved = Connection(msgspec.structs.replace(settings, partitions=2 * partitions))
    await repartition(spread, moved, 60.0)
    later = [
        await family_of(Ledger(moved), f"later {n}", EDITS["5 % reworded"][0](text, draw))
        for n, text in enumerate(texts)
    ]
    assert later == roots
    await moved.close()
    await spread.close()
