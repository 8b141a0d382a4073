"""The desk: what happened in the world, and whether the worker is well.

In: the events stream, counters and feed states from the store. Out: JSON, server-sent events, RSS and the page in
``static/``. Read `desk` (what runs), `follower` (stream to index), `api` (routes), `health` (state of the worker), `alarms`.
"""
