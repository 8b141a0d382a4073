"""Consumers and forwarders say which entries they want; places in a stream are said as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dateline.client import Selection
from dateline.client.position import as_stream_id, as_time
from dateline.contract import Article, Cameo, Event, Evidence, Party, Plover, Span
from dateline.contract.envelope import Envelope, article_envelope, event_envelope, fields, retraction_envelope
from support.consuming import Stream, take

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
STORY = Article(id="a1", text="Police arrested two men.", text_sha256="", language="en-GB", publisher="paper.example")


def event(action: str, country: str, confidence: float) -> Envelope:
    arrested = Span(text="arrested", start=7, end=15)
    happened = Event(
        id=f"{action}-{country}", cluster_id="c", article="a1", confidence=confidence,
        plover=Plover(type=action, quad="material conflict", intensity=-5),  # type: ignore[arg-type]
        cameo=Cameo(root="17", code="173", quad_class=4), actors=[Party(text="Police", start=0, end=6, country=country)],
        evidence=Evidence(text="Police arrested", start=0, end=15, trigger=arrested, block=0, sentence=0),
    )  # fmt: skip
    return event_envelope(happened, STORY, NOON)


ENTRIES = [
    article_envelope(STORY, "published", NOON),
    event("COERCE", "FRA", 0.9), event("COERCE", "MLI", 0.5), event("MOBILIZE", "MLI", 0.8),
    retraction_envelope("e0", STORY, NOON),
]  # fmt: skip


def chosen(**options: object) -> list[int]:
    selection = Selection.of(**options)  # type: ignore[arg-type]
    return [number for number, one in enumerate(ENTRIES) if selection.wants(fields(one))]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"types": "event"}, [1, 2, 3, 4]),
        ({"types": ["article", "dateline.event.retracted"]}, [0, 4]),
        ({"types": "event.reported"}, [1, 2, 3]),
        ({"plover": "mobilize"}, [3, 4]),
        ({"plover": ["COERCE", "MOBILIZE"], "countries": "MLI"}, [2, 3, 4]),
        ({"countries": "MLI", "types": "event.reported"}, [2, 3]),
        ({"min_confidence": 0.8}, [0, 1, 3, 4]),
        ({"languages": "en"}, [0, 1, 2, 3, 4]),
        ({"languages": ["en-US", "fr"]}, []),
        ({"publishers": "paper.example", "types": "article"}, [0]),
        ({"publishers": "other.example"}, []),
    ],
)
def test_entries_are_selected_by_what_their_envelope_says(options: dict[str, object], expected: list[int]) -> None:
    """Retractions pass what they have no attribute for: they may take back what was selected."""
    assert chosen(**options) == expected


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"types": "evnt"}, "no type of the stream"),
        ({"plover": "ATTACK"}, "no PLOVER type; there are ACCUSE"),
        ({"countries": "Mali"}, "no ISO 3166 alpha-3 code"),
        ({"min_confidence": 60}, "not between 0 and 1"),
    ],
)
def test_a_value_that_would_select_nothing_is_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        chosen(**options)


async def test_a_consumer_gets_what_it_selected_acks_the_rest_and_hears_of_gaps(stream: Stream) -> None:
    await stream.put(*ENTRIES)
    async with stream.consumer(plover="MOBILIZE") as consumer:
        messages = await take(consumer, 2)
        assert [message.type for message in messages] == ["dateline.event.reported", "dateline.event.retracted"]
        assert [message.gap for message in messages] == [None, None]
        await consumer.done()
    assert await stream.pending() == 0
    await stream.put(ENTRIES[3], ENTRIES[0], ENTRIES[1])
    await stream.redis.xtrim(stream.name, maxlen=2, approximate=False)
    await stream.append(1)
    async with stream.consumer(plover="MOBILIZE") as consumer:
        (message,) = await take(consumer, 1)
        assert message.gap is not None and (message.gap.kind, message.gap.missing) == ("lost", 1)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("24h", NOON - timedelta(days=1)),
        ("90 m", NOON - timedelta(minutes=90)),
        ("2w", NOON - timedelta(days=14)),
        (timedelta(hours=1), NOON - timedelta(hours=1)),
        ("yesterday", datetime(2026, 3, 3, tzinfo=UTC)),
        ("today", datetime(2026, 3, 4, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("20260301", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T08:00+02:00", datetime(2026, 3, 1, 6, tzinfo=UTC)),
        ("now", None),
        ("start", None),
        ("1772625600000-3", None),
    ],
)
def test_places_are_times_as_people_say_them(place: str | timedelta, expected: datetime | None) -> None:
    assert as_time(place, NOON) == expected
    if expected is not None:
        assert as_stream_id(place, NOON).partition("-")[0] == str(int(expected.timestamp() * 1000) - 1)
