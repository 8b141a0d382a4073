"""The flat stream entry: what goes in comes out, ids follow the content, and odd entries are refused in words."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.contract import Article, Cameo, Dateline, Event, EventDate, Evidence, Location, Party, Plover, Span
from dateline.contract.envelope import (
    MAX_ATTRIBUTE_LENGTH,
    TYPES,
    Envelope,
    MalformedEnvelope,
    Retraction,
    article_envelope,
    event_envelope,
    fields,
    parse,
    retraction_envelope,
)

NOON = datetime(2026, 3, 4, 12, 0, 0, 250_000, tzinfo=UTC)
TEXT = "HARBOUR CITY (Dateline) - Two ministers met on Tuesday."


def article(*, text: str = TEXT, revision: int = 1, publisher: str | None = "Harbour Courier") -> Article:
    return Article(
        id="a1",
        revision=revision,
        feed="https://courier.example/rss",
        language="en",
        publisher=publisher,
        published="2026-03-04T09:00:00Z",
        dateline=Dateline(place="HARBOUR CITY", country="NLD", raw="HARBOUR CITY (Dateline) -", start=0, end=25),
        text=text,
        text_sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def event(*, last_day: str = "2026-03-03") -> Event:
    met = Span(text="met", start=40, end=43)
    return Event(
        id="e1",
        cluster_id="c1",
        article="a1",
        plover=Plover(type="CONSULT", quad="verbal cooperation", intensity=2.5),
        cameo=Cameo(root="04", code="040", quad_class=1),
        actors=[Party(text="ministers", country="FRA", start=30, end=39)],
        recipients=[Party(text="ministers", country="DEU", start=30, end=39)],
        date=EventDate(start="2026-03-03", end=last_day, granularity="day"),
        location=Location(name="Harbour City", country="FRA"),
        evidence=Evidence(text="Two ministers met", start=26, end=43, trigger=met, block=0, sentence=0),
        confidence=0.815,
    )


def as_redis_gives_it(envelope: Envelope, seq: int = 7) -> dict[bytes, bytes]:
    return {name.encode(): value.encode() for name, value in {**fields(envelope), "seq": str(seq)}.items()}


def test_an_article_comes_back_from_the_stream_as_it_was_put_on() -> None:
    """The record inside ``data`` is the same record, and the attributes around it say what it is about."""
    parsed = parse(as_redis_gives_it(article_envelope(article(), "published", NOON)))
    assert parsed.record() == article()
    assert (parsed.type, parsed.seq, parsed.subject) == ("dateline.article.published", 7, "a1")
    assert (parsed.source, parsed.lang, parsed.countries) == ("https://courier.example/rss", "en", ("NLD",))
    assert (parsed.time, parsed.occurred) == ("2026-03-04T12:00:00.250Z", "2026-03-04T09:00:00Z")


def test_an_event_can_be_filtered_by_its_attributes_alone() -> None:
    """Type, countries (each once), day and confidence stand outside of ``data``."""
    parsed = parse(as_redis_gives_it(event_envelope(event(), article(), NOON)))
    assert parsed.record() == event()
    assert (parsed.plover, parsed.countries) == ("CONSULT", ("FRA", "DEU"))
    assert (parsed.occurred, parsed.confidence, parsed.subject) == ("2026-03-03", 0.81, "a1/e1")


def test_an_event_of_several_days_says_both_ends() -> None:
    assert event_envelope(event(last_day="2026-03-05"), article(), NOON).occurred == "2026-03-03/2026-03-05"


def test_a_retraction_names_the_event_and_the_revision_that_dropped_it() -> None:
    parsed = parse(as_redis_gives_it(retraction_envelope("e1", article(revision=2), NOON)))
    assert parsed.record() == Retraction(id="e1", article="a1", revision=2, reason="revised")
    assert parsed.type == "dateline.event.retracted"


def test_the_time_of_publishing_is_not_part_of_the_id() -> None:
    """A retry an hour later, on a worker in another time zone, gives the same id."""
    later = (NOON + timedelta(hours=1)).astimezone(timezone(timedelta(hours=9)))
    assert article_envelope(article(), "published", NOON).id == article_envelope(article(), "published", later).id


def test_every_kind_and_revision_has_an_id_of_its_own() -> None:
    """Also a text that went back to what it was: revision 3 with the text of revision 1 is a new entry."""
    envelopes = [
        article_envelope(article(), "published", NOON),
        article_envelope(article(), "copied", NOON),
        article_envelope(article(), "withdrawn", NOON),
        article_envelope(article(text=TEXT + "!", revision=2), "revised", NOON),
        article_envelope(article(revision=3), "revised", NOON),
        event_envelope(event(), article(), NOON),
        event_envelope(event(), article(revision=2), NOON),
        retraction_envelope("e1", article(revision=2), NOON),
    ]
    assert len({envelope.id for envelope in envelopes}) == len(envelopes)
    assert {envelope.type for envelope in envelopes} == set(TYPES)


def test_seq_is_left_to_the_store_and_empty_attributes_are_left_out() -> None:
    flat = fields(article_envelope(article(publisher=None), "published", NOON))
    assert not {"seq", "publisher", "plover", "confidence"} & set(flat)
    assert all(flat.values())


def test_an_attribute_from_outside_cannot_swell_the_entry() -> None:
    assert (
        len(fields(article_envelope(article(publisher="x" * 10_000), "published", NOON))["publisher"])
        == MAX_ATTRIBUTE_LENGTH
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({b"id": None}, "no attribute 'id'"),
        ({b"type": None}, "no attribute 'type'"),
        ({b"seq": b"soon"}, "unreadable attribute"),
        ({b"seq": b"9223372036854775808"}, "is no count"),
        ({b"seq": b"-1"}, "is no count"),
        ({b"confidence": b"high"}, "unreadable attribute"),
        ({b"confidence": b"nan"}, "is not from 0 to 1"),
        ({b"confidence": b"7"}, "is not from 0 to 1"),
        ({b"source": b"\xff\xfe"}, "unreadable attribute"),
    ],
)
def test_an_entry_that_is_not_ours_is_refused_in_words(change: dict[bytes, bytes | None], words: str) -> None:
    flat = {**as_redis_gives_it(article_envelope(article(), "published", NOON)), **change}
    with pytest.raises(MalformedEnvelope, match=words):
        parse({name: value for name, value in flat.items() if value is not None})


def test_a_record_of_a_newer_schema_is_refused_in_words() -> None:
    flat = {
        **as_redis_gives_it(article_envelope(article(), "published", NOON)),
        b"dataschema": b"urn:dateline:article:9",
    }
    with pytest.raises(MalformedEnvelope, match="newer dateline"):
        parse(flat).record()


@pytest.mark.parametrize("data", [b'{"id": 4}', b'{"x": ' + b"[" * 5000])
def test_data_that_does_not_fit_its_schema_is_refused_in_words(data: bytes) -> None:
    flat = {**as_redis_gives_it(article_envelope(article(), "published", NOON)), b"data": data}
    with pytest.raises(MalformedEnvelope, match="does not fit"):
        parse(flat).record()


def test_attributes_we_do_not_know_are_ignored() -> None:
    flat = {**as_redis_gives_it(article_envelope(article(), "published", NOON)), b"newer": b"1"}
    assert parse(flat).id == article_envelope(article(), "published", NOON).id


@given(
    text=st.text(alphabet=st.characters(codec="utf-8"), max_size=200), publisher=st.text(st.characters(codec="utf-8"))
)
def test_any_text_survives_the_stream(text: str, publisher: str) -> None:
    """Whatever code points a page holds, the record that a consumer reads is the one that was published."""
    given_article = article(text=text, publisher=publisher)
    assert parse(as_redis_gives_it(article_envelope(given_article, "published", NOON))).record() == given_article
