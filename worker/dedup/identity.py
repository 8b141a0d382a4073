"""Who is who: the names of an entry, its version, and what a feed remembers of its own entries. Pure.

An entry has several names (guid, link, text); any of them may change or repeat. A feed remembers the names of what it showed
last (`Memory`), so that an unchanged entry costs no look-up; across feeds a name becomes an *alias* of one article id.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

from ..model.ids import article_id as article_id
from ..model.ids import digest as digest
from ..model.ids import feed_id as feed_id
from ..model.records import Entry

NAME_BYTES = 6  #: of a name inside one feed's memory: 1,000 names collide once in 5e8 feeds
VERSION_BYTES = 4
MEMORY_NAMES = 1500  #: most names one feed remembers: about 500 entries, 15 KB
_TAG = re.compile(r"<[^<>]{0,2000}>")
#: How agencies number the takes of a running story in its headline.
_TAKE = re.compile(r"\s*(?:UPDATE|WRAPUP|RPT|REFILE|CORRECTED)[ -]?(\d{1,2})\s*[-–—:]", re.I)
_NOISE = re.compile(r"[\W\d_]+")
_ONE_WRITING = timedelta(seconds=60)
#: A guid that is unique in the world: an address, a tag: or a UUID.
_UNIQUE_GUID = re.compile(
    r"https?://|urn:uuid:|tag:|(?:urn:)?\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?\Z",
    re.IGNORECASE,
)


class Mode(StrEnum):
    """How far a feed's names can be trusted; degraded by itself, never silently."""

    GUID = "guid"
    LINK = "link"
    LINK_DATE = "link+date"
    TEXT = "text"


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def is_unique_guid(guid: str) -> bool:
    """Return True for a guid that names the same entry in every feed; others ("17", "top-story-1", "2026-11-26") count within
    their feed."""
    return bool(_UNIQUE_GUID.match(guid))


def names(
    entry: Entry,
    mode: Mode,
    owner: str,
    url_key: Callable[[str], str | None],
    feed: str = "",
    *,
    exact_guid: bool = False,
) -> list[str]:
    """Return the names of an entry that hold across feeds, strongest first; never empty.

    Args:
        owner: Registrable domain of the feed; empty for a feed host (feedburner), where feeds have nothing in common. Within
            an owner a guid together with its title is a name.
        url_key: Comparable form of an address, None for what is no address (`dateline.urls.same_key`).
        feed: Id of the feed: scopes guids that are not unique in the world.
        exact_guid: Other entries of the body have this guid but for the fragment: the fragment counts.
    """
    found: list[str] = []
    guid_key = url_key(entry.guid) if entry.guid and _is_url(entry.guid) else None
    link_key = url_key(entry.link) if entry.link else None
    if mode is Mode.GUID and entry.guid:
        if guid_key:
            found.append(f"f:{entry.guid}" if exact_guid else f"u:{guid_key}")
        elif is_unique_guid(entry.guid):
            found.append(f"g:{entry.guid}")
        else:
            found.append(f"g:{feed}:{entry.guid}")
    if mode in (Mode.GUID, Mode.LINK) and link_key:
        found.append(f"u:{link_key}")
    if mode is Mode.LINK_DATE and link_key and (entry.published_raw or entry.updated_raw):
        found.append(f"d:{link_key}:{entry.published_raw or entry.updated_raw}")
    if not found:
        found.append(f"t:{owner or feed}:{text_name(entry)}")
    elif mode is Mode.GUID and entry.guid and not is_unique_guid(entry.guid) and owner and entry.title:
        found.append(f"h:{owner}:{entry.guid}:{entry.title.casefold()}")
    return list(dict.fromkeys(found))


def text_name(entry: Entry) -> str:
    """Return a name made of what the entry says, for entries without guid or link, and for feeds whose names mean nothing."""
    return digest(f"{entry.title or ''}\n{(entry.summary or entry.content or '')[:4000]}\n{entry.link or ''}").hex()


def dates_are_the_documents(entries: Sequence[Entry]) -> bool:
    """Return True where all entries of a body were "updated" within a minute: when the body was written, not when they
    changed. Some generators write the current time into each entry at each request."""
    dates = [entry.updated for entry in entries if entry.updated]
    return len(dates) >= 3 and len(dates) == len(entries) and max(dates) - min(dates) <= _ONE_WRITING


def version(entry: Entry, *, dated: bool = True) -> bytes:
    """Return what changes when the feed says something else about the entry; blind to markup, digits and spacing, which churn
    by themselves (comment counts, "5 minutes ago", signed picture addresses).

    Args:
        dated: Whether the date of its last change counts; see `dates_are_the_documents`.
    """
    said = _NOISE.sub(" ", _TAG.sub(" ", f"{entry.title or ''} {(entry.content or entry.summary or '')[:100_000]}"))
    when = (entry.updated.isoformat() if entry.updated else entry.updated_raw or "") if dated else ""
    if again := _TAKE.match(entry.title or ""):
        when += again[1]  # the one digit that tells: the wire's second update of a story
    return digest(f"{said.casefold().strip()}\n{when}", VERSION_BYTES)


def local_names(entry: Entry, url_key: Callable[[str], str | None]) -> list[bytes]:
    """Return the names under which one feed remembers an entry: guid, guid without scheme and host, link."""
    found = []
    if entry.guid:
        found.append("g" + entry.guid)
        if _is_url(entry.guid):
            found.append("p" + entry.guid.partition("://")[2].partition("/")[2])
    if entry.link:
        found.append("l" + (url_key(entry.link) or entry.link))
    if not found:
        found.append("t" + text_name(entry))
    return [digest(name, NAME_BYTES) for name in dict.fromkeys(found)]


def text_key(entry: Entry) -> bytes:
    """Return the name of last resort inside one feed: what the entry says."""
    return digest("t" + text_name(entry), NAME_BYTES)


class Memory:
    """What one feed showed lately: name to version, in the order seen, at most `MEMORY_NAMES`.

    Packed: how many names have a version (one byte), the version, the names; again for the next one.
    Kept with the feed's state without an age, so that a feed that shows one entry for two years does not bring it anew.
    """

    __slots__ = ("_versions",)

    def __init__(self, packed: bytes = b"") -> None:
        self._versions: dict[bytes, bytes] = {}
        at = 0
        while at < len(packed):
            first = at + 1 + VERSION_BYTES
            end = first + NAME_BYTES * packed[at]
            version = packed[at + 1 : first]
            for name in range(first, min(end, len(packed) - NAME_BYTES + 1), NAME_BYTES):
                self._versions[packed[name : name + NAME_BYTES]] = version
            at = end

    def __len__(self) -> int:
        return len(self._versions)

    def recall(self, keys: Sequence[bytes]) -> bytes | None:
        """Return the version remembered under any of these names; None for an unknown entry."""
        for key in keys:
            if (found := self._versions.get(key)) is not None:
                return found
        return None

    def updated(self, shown: Sequence[tuple[Sequence[bytes], bytes]]) -> bytes:
        """Return the memory after a body that showed these entries, packed: what was shown comes first and is never dropped for
        what was not, the rest fills up to the limit."""
        merged = {key: mark for keys, mark in shown for key in keys}
        room = max(0, MEMORY_NAMES - len(merged))
        for key, mark in self._versions.items():
            if room == 0:
                break
            if key not in merged:
                merged[key] = mark
                room -= 1
        return b"".join(bytes([len(names)]) + mark + b"".join(names) for mark, names in _grouped(merged))


def _grouped(versions: Mapping[bytes, bytes]) -> Iterator[tuple[bytes, list[bytes]]]:
    """Yield each version with the names in a row that have it, at most 255."""
    for mark, pairs in itertools.groupby(versions.items(), lambda pair: pair[1]):
        names = [name for name, _ in pairs]
        for start in range(0, len(names), 255):
            yield mark, names[start : start + 255]


def judge(
    entries: Sequence[Entry], mode: Mode, memory: Memory, url_key: Callable[[str], str | None]
) -> tuple[Mode, str | None]:
    """Return the mode that this body's names deserve, with the reason if it is another one. Modes only degrade.

    Guids that repeat within a body, or that are all new while most links are known, are no names; links that repeat (every
    entry leads to the front page) are none either.
    """
    if len(entries) < 3:
        return mode, None
    if mode is Mode.GUID:
        guids = Counter(e.guid for e in entries if e.guid)
        distinct = len({(e.link, e.title) for e in entries if e.guid})
        if guids and distinct >= 3 and sum(guids.values()) - len(guids) > 0.2 * sum(guids.values()):
            return Mode.LINK, f"{sum(guids.values()) - len(guids)} of {sum(guids.values())} guids repeat"
        # The first known guid ends the search, which is the usual case.
        if len(entries) >= 5 and all(
            e.guid and memory.recall([digest("g" + e.guid, NAME_BYTES)]) is None for e in entries
        ):
            known = sum(
                1 for e in entries if e.link and memory.recall([digest("l" + (url_key(e.link) or e.link), NAME_BYTES)])
            )
            if known >= 0.8 * len(entries):
                return Mode.LINK, f"all {len(entries)} guids are new although {known} links are known"
    if mode in (Mode.GUID, Mode.LINK):
        links = Counter(url_key(e.link) for e in entries if e.link)
        titles = len({e.title for e in entries if e.link})
        if links and titles >= 3 and links.most_common(1)[0][1] > 0.5 * len(entries) and mode is Mode.LINK:
            return Mode.LINK_DATE, "most entries share one link"
    if mode is Mode.LINK_DATE and not any(e.published_raw or e.updated_raw for e in entries):
        return Mode.TEXT, "no dates tell entries of one link apart"
    return mode, None
