"""Poll each feed when it is due, and enqueue what it shows that is new.

In: the feeds in Redis, claimed by lease. Out: new and changed entries, validators and the next due time, in one commit.
Read `poller` first, then `due`, `poll`, `report`, `schedule` (with `history`, `rhythm`, `backoff`, `freshness`), `feed_list`;
`websub` for hubs.
"""
