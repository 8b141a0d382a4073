"""Keeps the index within its days and megabytes: the oldest articles go first, a few at a time."""

from __future__ import annotations

import sqlite3

from .database import index_bytes, scalar
from .labels import drop_labels
from .write import drop_articles, get_meta, set_meta

#: Articles deleted in one transaction; it holds the writing thread for some tens of milliseconds.
_BATCH = 100
#: Pages of the word index that are written anew with each batch.
_MERGED_PAGES = 500
#: Or this share of all articles, where it is less: freed bytes are known only after the deletion.
_SHARE = 0.05
#: Where the index is over its size, it is brought down to this share of it.
_LEAVE = 0.95
#: Pages given back to the file system at a time.
_PAGES = 2_000


def trim_index(connection: sqlite3.Connection, *, now: float, keep_days: float, max_bytes: int) -> int:
    """Delete articles beyond the bounds, oldest arrival first, at most a batch; gives how many. Call until 0.

    Args:
        now: POSIX seconds.
        keep_days: Age by arrival on the stream.
        max_bytes: Of the file's used pages.
    """
    oldest = int((now - keep_days * 86_400) * 1000)
    keys = [
        row[0]
        for row in connection.execute(
            "SELECT key FROM article WHERE arrived < ? ORDER BY arrived LIMIT ?", (oldest, _BATCH)
        )
    ]
    if not keys and index_bytes(connection) > max_bytes * (_LEAVE if get_meta(connection, "shrinking") else 1):
        share = int(scalar(connection, "SELECT count(*) FROM article") * _SHARE) + 1
        rows = connection.execute("SELECT key FROM article ORDER BY arrived LIMIT ?", (min(_BATCH, share),))
        keys = [row[0] for row in rows]
        set_meta(connection, "shrinking", 1)
    elif not keys:
        set_meta(connection, "shrinking", 0)
    drop_articles(connection, keys)
    if keys:  # FTS5 notes a deletion beside the words; only a merge takes both away
        connection.execute("INSERT INTO words (words, rank) VALUES ('merge', ?)", (-_MERGED_PAGES,))
    connection.execute("DELETE FROM poll WHERE at < ?", (int((now - 2 * 86_400) * 1000),))
    if keys:
        set_meta(connection, "dropped", 1)
    elif get_meta(connection, "dropped"):
        drop_labels(connection)
        set_meta(connection, "dropped", 0)
    if not keys:
        connection.execute(f"PRAGMA incremental_vacuum({_PAGES})").fetchall()
    return len(keys)
