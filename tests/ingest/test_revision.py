"""What an extracted article is: published, revised, copied or unchanged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dateline.ingest.revision import decide_revision
from dateline.ingest.work import EntrySettings
from dateline.jobs.records import PageReading
from dateline.model.sketch import Sketch
from dateline.store.ledger import Printed
from dateline.store.records import ArticleRecord, ArticleState

READINGS = st.builds(
    PageReading,
    article=st.just(b""),
    fingerprint=st.sampled_from([b"f1", b"f2"]),
    mark=st.sampled_from([b"m1", b"m2"]),
    sketch=st.just(Sketch()),
    aliases=st.just(()),
    owner=st.sampled_from(["paper.example", "other.example"]),
    words=st.integers(0, 500),
    extracted_from=st.sampled_from(["page", "json-ld", "feed", "summary"]),
    withdrawn=st.booleans(),
    partial=st.booleans(),
)
RECORDS = st.none() | st.builds(
    ArticleRecord,
    revision=st.integers(1, 9),
    fingerprint=st.sampled_from([b"m1", b"m2"]),
    state=st.builds(ArticleState, words=st.integers(0, 500), from_feed=st.booleans(), withdrawn=st.booleans()),
)
PRINTS = st.builds(
    Printed,
    first=st.sampled_from(["a" * 16, "b" * 16]),
    near=st.sampled_from(["", "c" * 16]),
    shared=st.integers(0, 16),
    family=st.sampled_from(["a" * 16, "b" * 16, "c" * 16]),
    owners=st.dictionaries(st.sampled_from(["a" * 16, "b" * 16, "d" * 16]), st.sampled_from(["paper.example", ""])),
)


@given(READINGS, RECORDS, PRINTS)
def test_a_verdict_counts_revisions_without_a_hole_and_never_publishes_what_stands(
    reading: PageReading, record: ArticleRecord | None, printed: Printed
) -> None:
    """Unchanged where the mark is the same; else the next number, and the right kind."""
    verdict = decide_revision("a" * 16, reading, record, printed, EntrySettings())
    if record is None:
        assert (verdict.kind, verdict.revision, verdict.expected) == (
            "copied" if printed.first != "a" * 16 else "published", 1, 0,
        )  # fmt: skip
        assert (verdict.copy_of is None) == (verdict.kind == "published")
    elif verdict.kind == "unchanged":
        assert verdict.revision == verdict.expected == record.revision
    else:
        assert record.fingerprint != reading.mark
        assert verdict.kind == ("withdrawn" if reading.withdrawn else "revised")
        assert (verdict.expected, verdict.revision) == (record.revision, record.revision + 1)
    if verdict.family is not None:
        assert reading.owner in verdict.family.owners and verdict.family.size >= 1
