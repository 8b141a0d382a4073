"""Sitemap indexes: the newest sitemaps are read with them."""

from __future__ import annotations

from dateline.errors import PermanentError, Postponed
from dateline.fetch.polite_client import PoliteClient
from dateline.model.records import Body, unwrap
from dateline.polling.poll import FeedFetcher, FetchedFeed
from dateline.settings import Settings
from dateline.store.feed_state import FeedState
from dateline.telemetry import Metrics
from support.pipeline import Here

# Polls


class Maps(PoliteClient):
    """The feeds of a web that a test made up."""

    def __init__(self, documents: dict[str, str | Exception]) -> None:
        self.documents, self.asked = documents, list[str]()

    def owner(self, url: str) -> str:
        """One for all."""
        return "paper.example"

    async def feed(self, url: str, *, etag: str | None, last_modified: str | None) -> Body:
        """As `dateline.fetch.polite_client.PoliteClient.feed`."""
        self.asked.append(url)
        found = self.documents[url]
        if isinstance(found, Exception):
            raise found
        return Body(requested_url=url, url=url, status=200, headers={"content-type": "text/xml"}, body=found.encode())


SCHEMA = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
)
INDEX = "https://paper.example/index.xml"


def index_of(*urls: str) -> str:
    """A sitemap index."""
    rows = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f'<?xml version="1.0"?><sitemapindex {SCHEMA}>{rows}</sitemapindex>'


def sitemap_of(*slugs: str) -> str:
    """A news sitemap."""
    rows = "".join(
        f"<url><loc>https://paper.example/{slug}</loc><news:news><news:publication><news:name>P</news:name>"
        f"<news:language>en</news:language></news:publication><news:title>{slug}</news:title>"
        f"<news:publication_date>2026-11-22T10:00:00Z</news:publication_date></news:news></url>"
        for slug in slugs
    )
    return f'<?xml version="1.0"?><urlset {SCHEMA}>{rows}</urlset>'


async def fetched_from(web: Maps) -> FetchedFeed:
    """One look at the index."""
    fetcher = FeedFetcher(web, Here(), Settings(), Metrics())
    return await fetcher.fetch(FeedState(feed="feed", url=INDEX))


async def test_an_index_that_stays_as_it_is_is_read_again_because_its_sitemaps_change() -> None:
    """Its own validators say nothing of them."""
    child = "https://paper.example/news.xml"
    fetched = await fetched_from(Maps({INDEX: index_of(child), child: sitemap_of("one", "two")}))
    assert [one.entry.title for one in (unwrap(q) for q in fetched.queued)] == ["one", "two"]
    assert fetched.validators["raw_hash"] == b"" and fetched.validators["body_hash"] == b""


async def test_an_index_that_lists_itself_and_other_indexes_comes_to_an_end() -> None:
    """Each address once, and few of them."""
    others = [f"https://paper.example/{n}.xml" for n in range(30)]
    web = Maps(
        {
            INDEX: index_of(INDEX, *others[:2]),
            **{url: index_of(*others[n + 1 : n + 4], INDEX) for n, url in enumerate(others)},
        }
    )
    await fetched_from(web)
    assert len(web.asked) == len(set(web.asked)) <= 8


async def test_a_sitemap_that_fails_or_has_to_wait_hides_none_of_the_others() -> None:
    """One is gone, one has no place in its owner's budget at first."""

    class Late(Maps):
        async def feed(self, url: str, *, etag: str | None, last_modified: str | None) -> Body:
            """Refused once."""
            if url.endswith("b.xml") and url not in self.asked:
                self.asked.append(url)
                raise Postponed(0.01)
            return await super().feed(url, etag=etag, last_modified=last_modified)

    a, b = "https://paper.example/a.xml", "https://paper.example/b.xml"
    fetched = await fetched_from(
        Late({INDEX: index_of(a, b), a: PermanentError("gone", code="gone"), b: sitemap_of("two")})
    )
    assert fetched.error is None and len(fetched.queued) == 1
