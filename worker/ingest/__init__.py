"""Bring each entry of a feed from its link to the stream, once.

In: an entry that a poll or a look enqueued. Out: an article and its events on the stream, or the entry with its reason.
Read `pipeline` first, then `identity`, `reading`, `revision`; `consumer` and `outcomes` run it.
"""
