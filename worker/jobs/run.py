"""What the child processes do: bytes in, records out. The pool calls `run`; nothing here waits, and nothing here knows Redis.

| job | in | out |
| --- | --- | --- |
| ``poll`` | a feed's body and what the feed remembers | entries that are new or changed, ready to enqueue |
| ``extract`` | a page's body and its entry | the article so far, its fingerprint, sketch and names |
| ``read`` | that article and what the ledger decided | the finished stream entries |
| ``replay`` | an article on which a step failed | what fails now |
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from .. import failpoints, plugins
from ..errors import DatelineError
from ..extract import extract_page
from ..model.records import pack, unpack
from ..model.steps import spans_of_child
from ..read import front_page, read_article
from ..settings import ReadSettings
from .article import read, reading, replay
from .feed import poll
from .page import extract
from .records import PageJob, PollJob, ReadJob, ReplayJob

_JOBS: dict[str, tuple[type[msgspec.Struct], Callable[[object], object]]] = {
    "poll": (PollJob, poll),  # type: ignore[dict-item]
    "extract": (PageJob, extract),  # type: ignore[dict-item]
    "read": (ReadJob, read),  # type: ignore[dict-item]
    "replay": (ReplayJob, replay),  # type: ignore[dict-item]
}


#: A story for `warm`: paragraphs that differ, as those of a page without words of its own do not.
_STORY = (
    "OSLO (AP) - Norway and Denmark held talks in Oslo on Monday to discuss fishing rights, officials from both sides said.",
    "“We agreed on most of it,” said Anna Berg, the Norwegian fisheries minister, after a meeting that lasted six hours.",
    "Danish boats have been kept out of the northern waters since March 3, when police seized two of them near Bergen.",
    "At least four sailors were arrested. According to the union, their case will be heard by a court later this week.",
    "The two countries signed a treaty in 1998, but critics say that it was never meant for trawlers of today's size.",
)


def prepare() -> None:
    """Read which fail points are armed, and find the sources of installed packages."""
    failpoints.arm()
    plugins.installed_sources()


def warm(own: str = "") -> None:
    """What the pool calls before it has children: reads which fail points are armed, and loads what the first article would
    load (word lists, models, patterns), so that children share it. Called once without arguments, and again for the user's.

    Args:
        own: `ReadSettings` as JSON; the files and the model that it names are loaded.
    Raises:
        SettingsError, LexiconError: One of these cannot be loaded.
    """
    prepare()
    paragraphs = "".join(f"<p>{text}</p>" for text in _STORY)
    body = f"<article><h1>Talks held</h1>{paragraphs}</article>"
    page = f"<html lang=en><head><title>Talks</title></head><body>{body}</body></html>".encode()
    article = None
    with contextlib.suppress(DatelineError):
        extracted = extract_page(page, url="https://paper.example/2026/11/22/talks")
        article = front_page(extracted, article_id="a" * 16, fetched=datetime.now(UTC), url="https://paper.example/a")
        if not own:
            read_article(article)
    if article is not None and own:
        words = msgspec.json.decode(own, type=ReadSettings)
        for language in ("en", "es") if words.other_languages else ("en",):
            read_article(msgspec.structs.replace(article, language=language), **reading(words))


def run(job: str, payload: bytes) -> bytes:
    """What the pool calls in a child. A DatelineError goes back to the caller as itself."""
    kind, function = _JOBS[job]
    given: Any = unpack(payload, kind)
    found, spans = spans_of_child(job, getattr(given, "trace", ""), lambda: function(given))
    return pack(msgspec.structs.replace(found, spans=spans) if spans else found)  # type: ignore[type-var]
