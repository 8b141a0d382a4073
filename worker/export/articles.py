"""What an event's line needs of its article. The stream has the article before its events, so a short memory will do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterable

import msgspec

from ..contract.event import Event

#: Articles remembered. An article's events follow it at once; the rest is for what several workers append between them.
MOST = 10_000


class Owners(msgspec.Struct, frozen=True):
    """The part of a family that is counted."""

    size: int = 1
    owners: list[str] = []


class Told(msgspec.Struct, frozen=True):
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
        """Where it can be read, or an empty string."""
        return self.canonical_url or self.url or ""


class Articles:
    """The newest articles that went by."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, Told] = OrderedDict()

    def note(self, fields: dict[str, str]) -> None:
        """Remember an article's entry; any other is passed over."""
        if not fields.get("type", "").startswith("dateline.article."):
            return
        told = msgspec.json.decode(fields["data"], type=Told)
        self._kept[told.id] = told
        self._kept.move_to_end(told.id)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def of(self, article: str) -> Told:
        """What is known of an article; an empty one where it stood before the part of the stream that was read."""
        return self._kept.get(article) or Told(id=article)


class EventLines(ABC):
    """A form that has lines for events alone and no head; a subclass says what one event's lines are."""

    def __init__(self) -> None:
        self._articles = Articles()

    def head(self) -> Iterable[str]:
        """Nothing: each line stands for itself."""
        return []

    def lines(self, fields: dict[str, str]) -> Iterable[str]:
        """The lines of a reported event; none for other entries."""
        self._articles.note(fields)
        if fields.get("type") != "dateline.event.reported":
            return []
        event = msgspec.json.decode(fields["data"], type=Event)
        return self.event_lines(event, self._articles.of(event.article), fields.get("time", ""))

    @abstractmethod
    def event_lines(self, event: Event, article: Told, time: str) -> Iterable[str]:
        """The lines of one event, published at ``time`` (RFC 3339)."""
