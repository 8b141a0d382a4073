"""Every promise as one list of breaches: from the news web's truth and its log, and from what Redis holds.

`breaches` is what the fault tests assert to be empty; its own test feeds it dumps with one thing wrong in each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dateline.settings import RedisSettings
from dateline.store.audit import judge
from dateline.store.redis import Connection
from dateline.store.snapshot import Snapshot, snapshot
from support.exactness import Report

#: What newsworld counts of a bad guest.
IMPOLITE = ("robots_violations", "crawl_delay_violations", "retry_after_violations")


async def held(url: str, prefix: str = "dateline", partitions: int = 1) -> list[Snapshot]:
    """What Redis holds, every partition."""
    connection = Connection(RedisSettings(url=url, prefix=prefix, partitions=partitions))
    try:
        return [await snapshot(connection, number) for number in range(partitions)]
    finally:
        await connection.close()


def breaches(
    snapshots: Iterable[Snapshot],
    *,
    report: Report | None = None,
    served: Mapping[str, Any] | None = None,
    at_rest: bool = True,
) -> list[str]:
    """What is broken, one line each; empty where every promise holds.

    Args:
        report: The stream against the truth, where there is one.
        served: The news web's own counters.
        at_rest: Nothing should be under way: nothing in hand, no claim, nobody's place taken.
    """
    snapshots = list(snapshots)
    in_hand = {row.token for one in snapshots for row in one.pending}
    found = [f"{problem.kind}: {problem.say}" for one in snapshots for problem in judge(one, in_hand)]
    if at_rest:
        found += [line for one in snapshots for line in _under_way(one)]
    if report is not None:
        for name in ("lost", "twice", "invented", "altered", "forbidden", "holes"):
            found += [f"{name}: {what}" for what in getattr(report, name)]
    for name in IMPOLITE:
        if served and served.get(name):
            found.append(f"impolite: {name} {served[name]}")
    return found


def _under_way(one: Snapshot) -> list[str]:
    found = [f"in_hand: {row.message} of {row.consumer}" for row in one.pending]
    found += [f"waiting: {message}" for message in one.waiting if message not in {row.message for row in one.pending}]
    found += [f"claimed: {article}" for article in one.leases]
    if one.later:
        found.append(f"later: {len(one.later)} entries")
    return found
