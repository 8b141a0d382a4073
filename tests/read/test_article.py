"""The front door: what a page or a plain text becomes before it is read."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from dateline.contract.article import Article
from dateline.model.page import Extracted, PageAuthor, PageMetadata, Paragraph, ParagraphKind
from dateline.model.records import Entry
from dateline.read import front_page, front_text, read_article

FETCHED = datetime(2025, 6, 13, 9, tzinfo=UTC)
KINDS: tuple[ParagraphKind, ...] = ("paragraph", "heading", "bullet", "caption", "quote")


def page(*paragraphs: Paragraph, metadata: PageMetadata | None = None, **more: object) -> Extracted:
    return Extracted(paragraphs=paragraphs, metadata=metadata or PageMetadata(), **more)  # type: ignore[arg-type]


def front(extracted: Extracted, entry: Entry | None = None, published: datetime | None = None) -> Article:
    return front_page(
        extracted, article_id="a", fetched=FETCHED, entry=entry, feed_title="Norland Post", published_fallback=published
    )


def test_paragraphs_are_joined_by_blank_lines_and_typed_by_their_hints() -> None:
    """The page's kinds are hints; the wire forms in the text still count."""
    article = front(
        page(
            Paragraph("Court jails leader", "heading"),
            Paragraph("By ANN ROE"),
            Paragraph("OSTBORG, June 12 (Reuters) - A court jailed the leader on Thursday."),
            Paragraph("The leader, seen in March.", "caption", credit="REUTERS/Bo Lee"),
            Paragraph("He will appeal.", "bullet"),
            Paragraph("What comes next", "heading"),
            Paragraph("The appeal will be heard in July."),
            metadata=PageMetadata(title="Court jails leader", published="2025-06-12T18:00:00+02:00"),
        )
    )
    assert [block.kind for block in article.blocks] == [
        "headline", "byline", "dateline", "body", "caption", "bullet", "body", "body",
    ]  # fmt: skip
    assert article.text.split("\n\n")[1] == "By ANN ROE"
    assert article.captions[0].credit == "REUTERS/Bo Lee"
    assert article.agency is not None and article.agency.id == "reuters"
    assert article.text_sha256 == hashlib.sha256(article.text.encode()).hexdigest()


def test_the_page_comes_before_the_text_and_the_text_before_the_feed() -> None:
    """Title and time are the page's; the byline is the text's; the feed fills what is left."""
    entry = Entry(title="Feed title", author="By Feed Author", guid="g-1", published=FETCHED, categories=("court",))
    extracted = page(Paragraph("By Ann Roe"), Paragraph("A court jailed the leader of the party on Thursday, it said."))
    article = front(extracted, entry)
    assert article.title == "Feed title"
    assert [author.name for author in article.byline] == ["Ann Roe"]
    assert (article.guid, article.keywords, article.publisher) == ("g-1", ["court"], "Norland Post")
    assert article.published == "2025-06-13T09:00:00+00:00"

    named = PageMetadata(
        title="Page title", published="2025-06-12T10:00:00Z", authors=(PageAuthor("Bo Lee"), PageAuthor("AFP"))
    )
    article = front(page(Paragraph("A court jailed the leader of the party on Thursday."), metadata=named), entry)
    assert article.title == "Page title"
    assert [author.name for author in article.byline] == ["Bo Lee"]
    assert article.agency is not None and article.agency.id == "afp"
    assert article.published == "2025-06-12T10:00:00+00:00"


def test_a_page_without_paragraphs_is_an_article_without_text() -> None:
    """A wall or an empty page breaks nothing; the caller decides what to do with it."""
    article = front(page(extracted_from="summary", wall="login"))
    assert (article.text, article.blocks, article.extracted_from) == ("", [], "summary")


def test_a_plain_text_is_kept_to_the_character_and_its_header_is_read() -> None:
    """Offsets fit the input, leading space and all; the header gives date and author."""
    text = " date 2025-06-12 By Park Min-seo\n\nOSTBORG, June 12 (Yonhap) -- Talks began on Thursday.\n"
    article = front_text(text, article_id="a", fetched=FETCHED)
    assert article.text == text
    assert article.published == "2025-06-12T00:00:00"
    assert [author.name for author in article.byline] == ["Park Min-seo"]
    assert article.dateline is not None and article.dateline.date == "2025-06-12"


def test_the_publication_keeps_its_own_zone() -> None:
    """Its day is the day that "today" means."""
    seoul = datetime(2025, 6, 12, 0, 30, tzinfo=timezone(timedelta(hours=9)))
    article = front_text("It happened today.", article_id="a", published=seoul, fetched=FETCHED)
    assert article.published == "2025-06-12T00:30:00+09:00"
    read, _ = read_article(article)
    assert [timex.value for timex in read.timex] == ["2025-06-12"]


def test_a_story_in_another_language_is_read_as_far_as_it_goes() -> None:
    """Dateline, byline and dates by number are found; events are not coded."""
    text = (
        "Valdoria : les dockers bloquent le port\n\nPar Claire Dumont\n\nPARIS, 3 mars (AFP) - Les dockers ont bloqué le port "
        "de la ville pour réclamer une hausse des salaires, le 2 mars 2025, ont indiqué les syndicats dans un communiqué."
    )
    article, events = read_article(front_text(text, article_id="a", published=FETCHED, fetched=FETCHED))
    assert article.language == "fr"
    assert events == ()
    assert ("2 mars 2025", "2025-03-02") in [(timex.text, timex.value) for timex in article.timex]


PARAGRAPHS = st.builds(
    Paragraph,
    st.one_of(
        st.text(max_size=80),
        st.sampled_from(
            ["By Ann Roe", "OSTBORG (AP) — Rain fell.", "(AP Photo/Bo Lee)", "___", "Read more", "- x", "END"]
        ),
    ),
    st.sampled_from(KINDS),
)


@given(st.lists(PARAGRAPHS, max_size=12))
@settings(max_examples=80, deadline=None)
def test_the_offsets_of_any_page_are_exact(paragraphs: list[Paragraph]) -> None:
    """Whatever an extractor hands over."""
    article = front(page(*paragraphs))
    for part in (*article.blocks, *article.captions):
        assert article.text[part.start : part.end] == part.text
    if article.dateline:
        assert article.text[article.dateline.start : article.dateline.end] == article.dateline.raw
