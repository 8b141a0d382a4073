"""What the child processes do: bytes in, records out, no waiting and no Redis.

In: a job's name and payload from the pool. Out: a poll's new entries, an extracted page, finished stream entries.
Read `feed` (poll), `article` (extract, read), `stages` (the operator's own), `batch` (the batch verbs).
"""
