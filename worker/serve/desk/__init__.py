"""The desk: a live page about the stream, the feeds and what is wrong.

In: stream entries and counters from the store. Out: JSON rows, server-sent events and the page in ``static/``.
Read `api` (routes), `source` (reads the store), `rows` (what is shown), `alarms` (sentences with remedies).
"""
