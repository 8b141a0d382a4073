"""What a feed's answer holds that is new: inflate, compare, parse, identify. Runs in a child process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain

import msgspec

from .. import failpoints, urls
from ..dedup import identity
from ..encoding.decompress import inflate
from ..errors import DatelineError
from ..model.records import Entry, QueuedEntry, wrap
from ..model.rows import filled
from ..model.steps import note_step
from ..sources import parse_feed
from .records import PollJob, PollReading

MAX_SUMMARY_CHARS = 20_000  #: of an entry on its way; longer is cut, the page has the whole
MAX_CONTENT_CHARS = 200_000
CROWDED_LINK = 2  #: so many different entries of one body with one link: the link leads to no article of theirs


def poll(job: PollJob) -> PollReading:
    """Inflate, compare, parse, identify: what of this body is new. Raises NotAFeed, TooLarge, PermanentError."""
    raw = inflate(job.body.body, job.body.encoding, max_bytes=job.max_bytes, sniff=True)
    body_hash = hashlib.blake2b(raw, digest_size=10).digest()
    if body_hash == job.body_hash:
        return PollReading(unchanged=True, body_hash=body_hash)
    failpoints.hit("in_parse", job.body.url)
    feed = note_step("parse", lambda: parse_feed(raw, url=job.body.url, headers=job.body.headers))
    entries = _newest(feed.entries, job.max_entries)
    memory = identity.Memory(job.memory)
    mode, why = identity.judge(entries, identity.Mode(job.mode), memory, url_key)
    owner = "" if urls.is_feed_host(job.feed_url) else urls.owner(job.feed_url)
    local = [identity.local_names(entry, url_key) for entry in entries]
    holders = _holders(entries, local)
    known = changed = 0
    forgotten = job.not_before if job.not_before and not len(memory) else None
    shown: list[tuple[list[bytes], bytes]] = []
    fresh: list[tuple[int, bytes, str]] = []
    for place, (entry, keys, mark) in enumerate(_marked(entries, local, holders)):
        before = memory.recall(keys) or (memory.recall([identity.text_key(entry)]) if len(memory) else None)
        if before is None and forgotten and (entry.published or entry.updated or _EPOCH).timestamp() < forgotten:
            known += 1  # most likely published before the memory was lost
        elif before is None:
            fresh.append((place, mark, "new"))
        elif before != mark or _has_new_link(entry, keys, memory, mode):
            changed += 1
            fresh.append((place, mark, "changed"))
        else:
            known += 1
        shown.append((keys, mark))
    fresh.sort(key=lambda row: entries[row[0]].published or entries[row[0]].updated or _EPOCH)
    asked = range(len(entries)) if job.lists_names else [row[0] for row in fresh]
    names = {place: _names_of(job, mode, owner, holders, entries[place]) for place in asked}  # that hold across feeds
    return filled(
        PollReading,
        feed,
        body_hash=body_hash,
        complete="truncated" not in feed.notes,
        entries=len(entries),
        known=known,
        changed=changed,
        queued=tuple(
            _queue(job, feed.title, feed.language, holders, names[place], entries[place], mark, reason)
            for place, mark, reason in fresh
        ),
        memory=memory.updated(shown),
        mode=mode.value,
        mode_reason=why,
        names=tuple(map(_digest, dict.fromkeys(chain.from_iterable(names.values())))) if job.lists_names else (),
        published_at=tuple(e.published.timestamp() for e in entries[:200] if e.published),
    )


_EPOCH = datetime.fromtimestamp(0, UTC)


def _marked(
    entries: tuple[Entry, ...], local: list[list[bytes]], holders: dict[bytes, int]
) -> Iterator[tuple[Entry, list[bytes], bytes]]:
    """Each entry with its names and its version. Where a body shows one entry twice in other words, both have the version
    that stands for both: else each poll would find the first of them changed."""
    rows: list[tuple[Entry, list[bytes], bytes]] = []
    said: dict[bytes, set[bytes]] = {}
    dated = not identity.dates_are_the_documents(entries)
    for entry, own in zip(entries, local, strict=True):
        keys = [key for key in own if holders[key] == 1] or [identity.text_key(entry)]
        rows.append((entry, keys, identity.version(entry, dated=dated)))
        said.setdefault(keys[0], set()).add(rows[-1][2])
    for entry, keys, mark in rows:
        marks = said[keys[0]]
        yield entry, keys, mark if len(marks) == 1 else identity.digest(b"".join(sorted(marks)).hex(), len(mark))


def _newest(entries: tuple[Entry, ...], most: int) -> tuple[Entry, ...]:
    """So many entries, in their order: the newest where there are more, because sitemaps list theirs in any order."""
    if len(entries) <= most:
        return entries
    by_age = sorted(
        range(len(entries)), key=lambda n: entries[n].published or entries[n].updated or _EPOCH, reverse=True
    )
    return tuple(entries[n] for n in sorted(by_age[:most]))


def _holders(entries: tuple[Entry, ...], local: list[list[bytes]]) -> dict[bytes, int]:
    """Return how many different entries of one body carry each name. What several carry names none of them."""
    holders: dict[bytes, set[tuple[str | None, str | None]]] = {}
    for entry, own in zip(entries, local, strict=True):
        for key in own:
            holders.setdefault(key, set()).add(_said(entry))
        if (shared := _guid_page(entry)) is not None:
            holders.setdefault(shared, set()).add(_said(entry))
    return {key: len(who) for key, who in holders.items()}


def _said(entry: Entry) -> tuple[str | None, str | None]:
    """Return what tells an entry from others with the same guid or link: its title; without a guid its date as well, for status
    feeds whose entries differ by nothing else."""
    return entry.title or entry.link, None if entry.guid else entry.published_raw or entry.updated_raw


def _guid_page(entry: Entry) -> bytes | None:
    """Return the name of the page that a guid with a fragment is a part of; None for other guids."""
    if not entry.guid or "#" not in entry.guid or not (key := url_key(entry.guid)):
        return None
    return identity.digest("#" + key, identity.NAME_BYTES)


def _has_new_link(entry: Entry, keys: list[bytes], memory: identity.Memory, mode: identity.Mode) -> bool:
    """Return True where a known guid came back with a link of its own that the feed did not show before: the article has moved,
    or the guid is a slot that another story has now. The link is the last of an entry's names."""
    return mode is identity.Mode.GUID and bool(entry.guid and entry.link) and memory.recall(keys[-1:]) is None


def _trusted(entry: Entry, holders: dict[bytes, int]) -> Entry:
    """Return the entry without a guid or link that others of its body carry too."""
    if holders.get(_name_of(entry.guid, None), 1) > 1:
        entry = msgspec.structs.replace(entry, guid=None)
    if holders.get(_name_of(None, entry.link), 1) > 1:
        entry = msgspec.structs.replace(entry, link=None)
    return entry


@lru_cache(2048)
def _name_of(guid: str | None, link: str | None) -> bytes:
    """Return the first name of an entry that has nothing but a guid or a link."""
    return identity.local_names(Entry(guid=guid, link=link), url_key)[0]


@lru_cache(2048)  # a new entry's names are both queued and listed
def _digest(name: str) -> bytes:
    return identity.digest(name)


def _speaks_for_itself(entry: Entry, holders: dict[bytes, int]) -> bool:
    """Return whether the feed's own words are the article: its link leads many entries to one page, which is none of them."""
    if not entry.link or not (entry.content or entry.summary):
        return False
    return holders.get(_name_of(None, entry.link), 1) >= CROWDED_LINK


def _names_of(job: PollJob, mode: identity.Mode, owner: str, holders: dict[bytes, int], entry: Entry) -> list[str]:
    """Return the names of an entry that hold across feeds."""
    named = _trusted(entry, holders) if mode in (identity.Mode.GUID, identity.Mode.LINK) else entry
    page = _guid_page(entry)
    exact = page is not None and holders.get(page, 1) > 1
    return identity.names(named, mode, owner, url_key, job.scope or job.feed, exact_guid=exact)


def _queue(
    job: PollJob,
    title: str | None,
    language: str | None,
    holders: dict[bytes, int],
    found: list[str],
    entry: Entry,
    mark: bytes,
    reason: str,
) -> bytes:
    slim = msgspec.structs.replace(
        entry,
        summary=entry.summary[:MAX_SUMMARY_CHARS] if entry.summary else None,
        content=entry.content[:MAX_CONTENT_CHARS] if entry.content else None,
    )
    return wrap(
        QueuedEntry(
            feed=job.feed,
            feed_url=job.feed_shown or job.feed_url,
            article=identity.article_id(found[0]),
            entry=slim,
            aliases=tuple(map(_digest, found)),
            version=mark,
            reason=reason,
            seen_at=job.now,
            feed_title=title,
            feed_language=job.language or language,
            trace=job.trace,
            full_text=job.full_text or _speaks_for_itself(entry, holders),
        )
    )


@lru_cache(2048)  # a job asks for each address of a feed some seven times
def url_key(url: str) -> str | None:
    """Comparable form of an address, None for what is no address."""
    try:
        return urls.same_key(url)
    except DatelineError:
        return None
