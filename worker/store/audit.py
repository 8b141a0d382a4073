"""The promises held against what Redis holds: each thing that should not be, with what to do. Pure; reads no Redis itself.

`judge` takes one partition's `Snapshot`. While workers run, an entry on its way may look odd for a moment:
ask twice before you believe it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from .. import urls
from ..contract.stream import order
from .snapshot import Row, Snapshot

#: Longest honest wait of a feed (24 h quiet or refused, the longest override is the operator's) and of an entry (6 h).
FAR_SECONDS = 8 * 86400.0
#: How long past its time something may lie before nobody seems to work.
LATE_SECONDS = 900.0
#: How far stream ids may run ahead of Redis' clock: it may have been set back a little.
AHEAD_SECONDS = 60.0
_WORD = re.compile(r"\w+")
#: A revision at another address has one of them: this share of the shorter title's words, or of the shorter text.
LEAST_TITLE_SHARE, LEAST_TEXT_SHARE = 0.34, 0.3
#: Entries of one feed that may wait: `poll.waiting_limit` and one poll of `poll.max_entries` more.
MOST_WAITING = 6000
MOST_MEMORY_FILL = 0.97
MOST_ROBOTS_BYTES = 64 << 20
MOST = 20  #: problems told of one kind; the rest is counted


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that should not be. ``kind`` is from a closed set, ``say`` names the thing, ``remedy`` what to do."""

    kind: str
    say: str
    remedy: str


def judge(held: Snapshot, in_hand: Collection[str] = ()) -> list[Problem]:
    """Every problem of one partition, at most `MOST` of a kind.

    Args:
        in_hand: Tokens of what workers hold in the other partitions (`snapshot.tokens_in_hand`).
    """
    found: list[Problem] = []
    for check in (
        _stream,
        _trimmed,
        _revisions,
        _records,
        lambda held: _entries(held, in_hand),
        _feeds,
        _waiting,
        _bounds,
        _secrets,
        _ages,
    ):
        seen: Counter[str] = Counter()
        for problem in check(held):
            seen[problem.kind] += 1
            if seen[problem.kind] <= MOST:
                found.append(problem)
        found += [Problem(kind, f"{n - MOST} more of these", "see those above") for kind, n in seen.items() if n > MOST]
    return found


def _stream(held: Snapshot) -> Iterator[Problem]:
    restore = "restore Redis from a backup, or tell the consumers to read again from there (dateline replay)"
    before = None
    for row in held.stream:
        if row.seq is None:
            yield Problem(
                "foreign_entry", f"{row.stream_id} carries no seq: not written by us", "find who writes there"
            )
            continue
        if before is not None and row.seq != before + 1:
            what = "seq_hole" if row.seq > before + 1 else "seq_order"
            yield Problem(what, f"at {row.stream_id}: seq {row.seq} comes after {before}", restore)
        before = row.seq
    if before is not None and before > held.last_seq:
        yield Problem("seq_behind", f"the counter says {held.last_seq}, the stream is at {before}", restore)
    counts = Counter(row.id for row in held.stream)
    for name, n in counts.items():
        if n > 1:
            yield Problem("duplicate_id", f"{name} stands {n} times on the stream", "report it: this must not happen")
    if held.stream and order(held.stream[-1].stream_id)[0] / 1000 > held.now + AHEAD_SECONDS:
        yield Problem(
            "future_id",
            f"the stream's last id {held.stream[-1].stream_id} lies in the future",
            "entries go on behind it in order, but none is trimmed by age until then; look at redis.stream_limit",
        )


def _trimmed(held: Snapshot) -> Iterator[Problem]:
    """Entries that somebody else trimmed or deleted at the stream's beginning before every group had read them."""
    trims = held.trims
    first = held.stream[0] if held.stream else None
    remedy = "find who trims the stream (XTRIM, XDEL); the articles are not published again, a backup may have them"
    if trims.taken and trims.unread_by:
        say = f"seq {trims.taken[0]} to {trims.taken[1]} was taken off the stream before {', '.join(trims.unread_by)} read it"
        yield Problem("trimmed_unread", say, remedy)
    next_seq = held.last_seq + 1 if first is None else first.seq
    if trims.ours is None or next_seq is None or next_seq <= trims.ours + 1:
        return
    behind = [name for name, last in trims.groups if first is None or order(last) < order(first.stream_id)]
    if behind:
        gone, who = f"seq {trims.ours + 1} to {next_seq - 1}", ", ".join(behind)
        say = f"{gone} is not on the stream, and not by us: {who} may not have read it"
        yield Problem("trimmed_unread", say, remedy)


def _revisions(held: Snapshot) -> Iterator[Problem]:
    """Revisions that are another story: address, title and text have nothing in common with those before. What was first
    published of a page that says nothing of its entry's title (a notice) is not compared."""
    before: dict[str, Row] = {}
    for row in held.stream:
        if not row.type.startswith("dateline.article.") or row.type.endswith(".withdrawn") or not row.title:
            continue  # a withdrawn one has no text
        last = before.get(row.subject)
        before[row.subject] = row
        if row.type != "dateline.article.revised" or last is None or not last.title or last.url == row.url:
            continue
        record = held.records.get(row.subject)
        if row.text_share >= LEAST_TEXT_SHARE or (record is not None and last.revision <= record.state.notice):
            continue
        words, others = (set(_WORD.findall(title.casefold())) for title in (last.title, row.title))
        if len(words & others) < LEAST_TITLE_SHARE * min(len(words), len(others)):
            say = (
                f"{row.subject}: {row.title!r} at {row.url} was published as a revision of {last.title!r} at {last.url}"
            )
            yield Problem(
                "revision_unrelated", say, "two stories were taken for one: report it with the feed's address"
            )


def _records(held: Snapshot) -> Iterator[Problem]:
    there = {row.stream_id for row in held.stream}
    first = order(held.stream[0].stream_id) if held.stream else None
    for article, record in held.records.items():
        if record.seq > held.last_seq:
            say = f"{article} remembers seq {record.seq}, the counter says {held.last_seq}"
            yield Problem("seq_behind", say, "restore Redis from a backup")
        if record.revision and not record.stream_id:
            yield Problem("missing", f"{article} revision {record.revision} was never appended", "report it")
        if not record.stream_id or "/" in record.stream_id or first is None or order(record.stream_id) < first:
            continue  # trimmed since, or on the stream of the partition in which it was then
        if record.stream_id not in there:
            say = f"{article} revision {record.revision} was appended at {record.stream_id}, which is not there"
            yield Problem("missing", say, "somebody deleted it from the stream (XDEL); a backup may have it")
    for row in held.stream:
        if row.type.startswith("dateline.article.") and row.subject not in held.records and not row.is_elsewhere:
            say = f"{row.subject} stands on the stream at {row.stream_id}, and nothing is remembered of it"
            yield Problem(
                "unremembered", say, "its page may be published again; keep redis.memory_days over redis.keep_days"
            )


def _entries(held: Snapshot, in_hand: Collection[str]) -> Iterator[Problem]:
    if not held.has_group and held.feeds:
        yield Problem("no_group", "the entries stream has no group `workers`", "start a worker: it sets the group up")
    there = set(held.waiting)
    for row in held.pending:
        if row.message not in there:
            say = f"{row.message} is pending for {row.consumer}, but not in the entries stream"
            yield Problem("pending_ghost", say, "somebody deleted it; XACK it by hand")
        elif row.idle_seconds > LATE_SECONDS:
            say = f"{row.message} lies in the hand of {row.consumer} for {row.idle_seconds:.0f} s"
            yield Problem("pending_abandoned", say, "start a worker: it takes over what was not renewed for a lease")
    pending = {row.token for row in held.pending} | set(in_hand)
    for article, token in held.leases.items():
        if token not in pending:
            say = f"{article} is claimed by {token}, which no worker holds"
            yield Problem("lease_orphaned", say, "it ends by itself after ingest.lease_seconds")
    for name in held.unreadable:
        say = f"{name} cannot be read: not written by us, or by another version"
        yield Problem("unreadable", say, "a worker sets it aside; see dateline dead-letters list")


def _feeds(held: Snapshot) -> Iterator[Problem]:
    for feed, row in held.feeds.items():
        again = f"`dateline feeds remove {row.url}` and add it again"
        if row.due_at is None and not row.paused:
            yield Problem("feed_never_due", f"{row.url} ({feed}) is neither due at any time nor paused", again)
        elif row.due_at is not None and row.paused:
            yield Problem(
                "feed_paused_due", f"{row.url} ({feed}) is paused, but due", "`dateline feeds pause` it again"
            )
        elif row.due_at is not None and row.due_at > held.now + FAR_SECONDS:
            days = (row.due_at - held.now) / 86400
            yield Problem(
                "feed_far", f"{row.url} ({feed}) is not due for {days:.0f} days", "`dateline feeds explain` it"
            )
    for name in held.due_unknown_feeds:
        yield Problem("due_unknown_feed", f"{name} is due, but no feed", "the next worker that claims it drops it")


def _waiting(held: Snapshot) -> Iterator[Problem]:
    work = "start a worker; if one runs, see its log"
    overdue = [at for at in held.later if at < held.now - LATE_SECONDS]
    if overdue:
        yield Problem("later_overdue", f"{len(overdue)} entries wait past their time", work)
    far = [at for at in held.later if at > held.now + FAR_SECONDS]
    if far:
        yield Problem("later_far", f"{len(far)} entries wait for more than 8 days", "was Redis' clock set back?")
    late = [article for article, at in held.recheck.items() if at < held.now - LATE_SECONDS]
    if late:
        yield Problem("recheck_overdue", f"{len(late)} pages are to be looked at again since over 15 minutes", work)
    for name in held.dead_without_reason:
        yield Problem("dead_unexplained", f"dead letter {name} does not say why", "report it: this must not happen")


def _bounds(held: Snapshot) -> Iterator[Problem]:
    sizes = held.sizes
    if sizes.memory_fill > MOST_MEMORY_FILL:
        say = f"Redis uses {sizes.memory_fill:.0%} of its maxmemory: it refuses writes, or will soon"
        yield Problem("memory_full", say, "raise maxmemory; let consumer groups read on (dateline groups)")
    for feed, count in sizes.waiting.items():
        if count > MOST_WAITING:
            url = urls.masked(held.feeds[feed].url) if feed in held.feeds else feed
            say = f"{count} entries of {url} wait for their pages: more than a feed may bring"
            yield Problem("waiting_unbounded", say, "pause the feed; `dateline feeds explain` it")
    for name, size in sizes.kept.items():
        if size > 2 * sizes.most_kept:
            say = f"{name} take {size >> 20} MiB, redis.kept_mib is {sizes.most_kept >> 20}"
            yield Problem("kept_unbounded", say, "start a worker: it bounds them every minute")
    if sizes.robots > MOST_ROBOTS_BYTES:
        say = f"robots.txt records take {sizes.robots >> 20} MiB"
        yield Problem("robots_unbounded", say, "they end by themselves within a day; report it")
    if sizes.stranded:
        say = f"{len(sizes.stranded)} dead letters failed on the way to their page and do not come back by themselves"
        yield Problem(
            "dead_stranded", say, "`dateline dead-letters requeue --code timeout` (connection, dns) brings them back"
        )


def _secrets(held: Snapshot) -> Iterator[Problem]:
    for source in sorted({row.source for row in held.stream}):
        if urls.masked(source) != source:
            say = f"entries have the source {urls.masked(source)}, with what may be a key"
            yield Problem("secret_published", say, "change the key; consumers have seen it (ingest.publish_feed_query)")


def _ages(held: Snapshot) -> Iterator[Problem]:
    for name in held.ageless:
        yield Problem("ageless", f"key {name} has no age: it would stay for ever", "report it; EXPIRE it by hand")
