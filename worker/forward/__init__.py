"""Carry the events stream elsewhere, at least once; one file for each kind of service.

In: entries of the stream, by a consumer group for each forwarder. Out: files, databases, HTTP requests.
Read `runner` (groups, retries), `cloud_event` (the form of an entry), then any service; `jsonl` is the shortest.
"""
