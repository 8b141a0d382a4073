"""Collects what one person is quoted with, in SQLite: each quote once, in the article's newest revision.

    python examples/quotes_to_sqlite.py redis://127.0.0.1:6379/0 quotes.db "Emmanuel Macron"

Without asyncio. The quotes of an article and the revision are written in one transaction, so a repeat changes nothing.
"""

from __future__ import annotations

import signal
import sqlite3
import sys

from dateline.client import Article, SyncConsumer


def put(database: sqlite3.Connection, article: Article, person: str) -> None:
    """Replace the quotes of an article by those of this revision."""
    with database:
        row = database.execute("SELECT revision FROM seen WHERE article = ?", (article.id,)).fetchone()
        if row and row[0] > article.revision:
            return
        database.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", (article.id, article.revision))
        database.execute("DELETE FROM quotes WHERE article = ?", (article.id,))
        database.executemany(
            "INSERT OR REPLACE INTO quotes VALUES (?, ?, ?, ?)",
            [
                (article.id, quote.start, article.text[quote.start : quote.end], article.url)
                for quote in article.quotes
                if quote.speaker and person.casefold() in (quote.speaker.text or "").casefold()
            ],
        )


def main(url: str, path: str, person: str) -> None:
    database = sqlite3.connect(path)
    database.executescript(
        "CREATE TABLE IF NOT EXISTS seen (article TEXT PRIMARY KEY, revision INTEGER);"
        "CREATE TABLE IF NOT EXISTS quotes (article TEXT, start INTEGER, text TEXT, url TEXT, PRIMARY KEY (article, start));"
    )
    consumer = SyncConsumer(url, group=f"quotes-{person}", name="quotes-1", types="article")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: consumer.stop())
    with consumer:
        for message in consumer:
            record = message.record()
            if isinstance(record, Article):
                put(database, record, person)
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:4])
