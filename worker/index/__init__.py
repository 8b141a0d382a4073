"""The searchable index of the events stream: SQLite with FTS5, bounded in days and megabytes, rebuilt from the stream.

In: stream entries, in order. Out: cards, overviews, articles and search results as plain rows.
Read `schema.sql`, `database` (file and threads), `write` (one batch, one transaction), `filters` (a query), `cards`,
`overview`, `article`.
"""
