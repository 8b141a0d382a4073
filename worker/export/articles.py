"""Article fields that event lines need. The stream has the article before its events, so a short cache is enough."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterable

import msgspec

from ..contract.event import Event

#: Articles cached. An article's events follow it at once; other workers' publications may come between.
MAX_ARTICLES = 10_000


class Owners(msgspec.Struct, frozen=True):
    """The part of a family that is counted."""

    size: int = 1
    owners: list[str] = []


class ArticleHead(msgspec.Struct, frozen=True):
    """The part of an article that exports print."""

    id: str
    revision: int = 1
    url: str | None = None
    canonical_url: str | None = None
    title: str | None = None
    publisher: str | None = None
    language: str | None = None
    published: str | None = None
    family: Owners | None = None

    @property
    def address(self) -> str:
        """Return its URL, or an empty string."""
        return self.canonical_url or self.url or ""


class Articles:
    """Cache of the newest articles read."""

    def __init__(self, most: int = MAX_ARTICLES) -> None:
        self._most = most
        self._heads: OrderedDict[str, ArticleHead] = OrderedDict()

    def note(self, fields: dict[str, str]) -> None:
        """Cache an article's entry; ignore any other."""
        if not fields.get("type", "").startswith("dateline.article."):
            return
        head_of_article = msgspec.json.decode(fields["data"], type=ArticleHead)
        self._heads[head_of_article.id] = head_of_article
        self._heads.move_to_end(head_of_article.id)
        while len(self._heads) > self._most:
            self._heads.popitem(last=False)

    def of(self, article: str) -> ArticleHead:
        """Return the head of an article; an empty one where it came before the part of the stream that is exported."""
        return self._heads.get(article) or ArticleHead(id=article)


class EventLines(ABC):
    """A format with lines for events only and no head; a subclass gives the lines of one event."""

    def __init__(self) -> None:
        self._articles = Articles()

    def head(self) -> Iterable[str]:
        """Return nothing: the format has no head."""
        return []

    def lines(self, fields: dict[str, str]) -> Iterable[str]:
        """Return the lines of a reported event; none for other entries."""
        self._articles.note(fields)
        if fields.get("type") != "dateline.event.reported":
            return []
        event = msgspec.json.decode(fields["data"], type=Event)
        return self.event_lines(event, self._articles.of(event.article), fields.get("time", ""))

    @abstractmethod
    def event_lines(self, event: Event, article: ArticleHead, time: str) -> Iterable[str]:
        """Return the lines of one event, published at ``time`` (RFC 3339)."""
