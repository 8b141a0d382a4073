"""Records of articles as Redis keeps them: small, and given back as they were."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from dateline.model.records import Entry
from dateline.store.records import ArticleRecord, ArticleState, long_id, short_id, unpacked

ARTICLE = "mzxw6ytboi4tqnzs"
NOON = 1_790_000_000
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
optional = st.none() | texts
hashes = st.binary(min_size=8, max_size=16).map(bytes.hex) | st.sampled_from(["", "e1"])
ids = st.binary(min_size=10, max_size=10).map(long_id) | st.sampled_from(["", "feed", "=x", "ten letter"])
times = st.integers(-10_000_000, 10_000_000).map(lambda after: float(NOON + after))
moments = st.none() | st.integers(0, 4_000_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))
http_dates = st.sampled_from(["Thu, 26 Nov 2026 10:00:00 GMT", "Thu, 26 Nov 2026 10:00:00 UTC", "x, 1 Jan 70 GMT"])
titles = optional | st.just("A title, said so")
entries = st.builds(Entry, title=titles, author=optional, published=moments, updated=moments, language=optional)
states = st.builds(
    ArticleState,
    envelope_id=hashes,
    title=optional | st.just("a title said so"),
    url=optional,
    feed=ids,
    feed_url=texts,
    guid=optional,
    published=st.none() | times,
    first_published_at=times,
    etag=optional,
    last_modified=optional | http_dates,
    events=st.lists(hashes.filter(bool), max_size=4).map(tuple),
    text_digest=st.binary(max_size=8),
    rechecks=st.integers(0, 9),
    looks_from=times,
    gone=st.integers(0, 9),
    copy_of=st.none() | ids.filter(bool),
    withdrawn=st.booleans(),
    words=st.integers(0, 100_000),
    from_feed=st.booleans(),
    own_text=st.booleans(),
    looked_at=times,
    idle=st.integers(0, 9),
    hints=st.none() | entries,
    feed_title=optional,
    feed_language=optional,
    landed=st.binary(max_size=10),
    agreement=st.none() | st.integers(0, 100).map(lambda share: share / 100),
    revised_at=st.lists(times, max_size=8).map(tuple),
    wall=st.booleans(),
    settled=st.booleans(),
)


@given(states, ids)
def test_a_stored_record_is_given_back_as_it_was(state: ArticleState, family: str) -> None:
    """Whatever its fields hold; an article without a family is its own."""
    record = ArticleRecord(
        revision=3, fingerprint=b"f" * 10, version=b"v", stream_id="1790000000000-0", seq=7, state=state,
        family=family, owner="paper.example", sketch=b"s" * 64, text_print=b"p" * 10,
    )  # fmt: skip
    found = unpacked(record.packed(ARTICLE), ARTICLE)
    assert found is not None
    assert found.state == state
    assert (found.family, found.revision, found.owner) == (family or ARTICLE, 3, "paper.example")
    assert (found.sketch, found.text_print, found.fingerprint) == (record.sketch, record.text_print, record.fingerprint)


@given(ids | texts)
def test_a_short_id_is_ten_bytes_for_ids_of_ours_and_never_ambiguous(name: str) -> None:
    """Ids that others made up come back too."""
    assert long_id(short_id(name)) == name


def test_a_usual_record_takes_less_than_300_bytes() -> None:
    """An address of 100 characters, a title of 60, an author, validators, one event, a sketch."""
    url = "https://www.harbour-gazette.example/world/2026/11/26/fishing-rights-talks-end-without-a-deal-4821734"
    title = "Fishing rights talks end without a deal in Tromso, ministers say"
    state = ArticleState(
        envelope_id="a3" * 16, title=title.lower().replace(",", ""), url=url, guid=url, feed=long_id(b"0123456789"),
        feed_url="https://www.harbour-gazette.example/world/rss.xml", published=float(NOON), first_published_at=NOON + 60.0,
        looks_from=NOON + 60.0, looked_at=NOON + 60.0, etag='"5f3c-64a1b2c3d4e5f"',
        last_modified="Thu, 26 Nov 2026 10:00:00 GMT",
        events=("b7" * 8,), text_digest=b"\x8a" * 5, words=640, agreement=0.9, revised_at=(NOON + 60.0,),
        hints=Entry(title=title, author="Ingrid Halvorsen", published=datetime.fromtimestamp(NOON, UTC)),
        feed_title="Harbour Gazette - World", feed_language="en",
    )  # fmt: skip
    sketch = b"".join((number * 2_654_435_761 % 2**24).to_bytes(3, "big") for number in range(16))
    record = ArticleRecord(
        revision=1, fingerprint=b"\x91" * 6, version=b"vvvv", stream_id="1790000060000-0", seq=48217, state=state,
        family=ARTICLE, owner="harbour-gazette.example", sketch=sketch, text_print=b"\x17" * 8,
    )  # fmt: skip
    assert len(record.packed(ARTICLE)) < 350
    assert len(record.settled().packed(ARTICLE)) < 300
