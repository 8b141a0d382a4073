"""Everything kept in Redis, each write one idempotent script (``scripts/``).

In: decisions of the flow. Out: claims, records, the ledger. Read `keys` (what is kept), `redis` (connection, scripts),
`feeds` (due set), `entries` (queue), `ledger` (the stream and what was published), then `budget`, `upkeep`, `audit`.
"""
