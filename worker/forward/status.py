"""How forwarders do, from what the workers noted in Redis: for the command line, `doctor`, the desk and the log."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..store import groups, upkeep
from ..store.checks import Finding
from ..store.redis import Connection

#: A forwarder whose tries have failed for this long is stuck: that is an alarm.
STUCK_SECONDS = 300.0
#: What the group of a forwarder without a name of its own begins with.
PREFIX = "forward-"


@dataclass(frozen=True, slots=True)
class ForwarderRow:
    """One forwarder; ``lag``: entries that its receiver does not have yet. Times are seconds since 1970, 0.0: not."""

    group: str
    kind: str
    target: str
    lag: int
    dead_letters: int
    failing_since: float
    accepted_at: float
    reason: str
    is_left: bool  #: no ``[[forward]]`` table names the group

    def is_stuck(self, now: float) -> bool:
        """Return whether its receiver has taken nothing for `STUCK_SECONDS`."""
        return self.failing_since > 0 and now - self.failing_since > STUCK_SECONDS


def judge(row: ForwarderRow, now: float) -> list[Finding]:
    """Return what an operator should know of a forwarder, with the remedy; nothing where all is well."""
    found = []
    name = f"forwarder {row.group} ({row.kind} {row.target})"
    if row.is_left:
        say = f"group {row.group} belongs to no [[forward]] table: nothing that it has not read is trimmed"
        remedy = f"`dateline forward adopt {row.group} NEW`, or `dateline forward drop {row.group}`"
        found.append(Finding("warning", say, remedy))
    elif row.is_stuck(now):
        minutes = (now - row.failing_since) / 60
        say = f"{name} has sent nothing for {minutes:.0f} min, {row.lag} entries wait: {row.reason}"
        found.append(Finding("error", say, f"repair the receiver, then `dateline forward check {row.group}`"))
    if row.dead_letters:
        say = f"{name} set {row.dead_letters} entries aside"
        remedy = f"`dateline forward dead-letters {row.group}`, then `dateline forward requeue {row.group}`"
        found.append(Finding("warning", say, remedy))
    return found


async def leftovers(connection: Connection, configured: Collection[str]) -> list[str]:
    """Return groups of forwarders that no ``[[forward]]`` table names: nobody reads them, and they stop the trimming."""
    known = set(await groups.forwarders(connection))
    there: set[str] = set()
    for partition in range(len(connection.keys)):
        there.update(row["name"] for row in await groups.describe(connection, partition))
    return sorted(name for name in there if name not in configured and (name in known or name.startswith(PREFIX)))


async def describe_forwarders(connection: Connection, configured: Sequence[tuple[str, str, str]]) -> list[ForwarderRow]:
    """Return the configured forwarders (group, kind, target), then those left over."""
    noted = await groups.forwarders(connection)
    names = {group: (kind, target) for group, kind, target in configured}
    found = []
    for group in [*names, *await leftovers(connection, names)]:
        state = noted.get(group) or groups.ForwarderState(group)
        kind, target = names.get(group, (state.kind, state.target))
        lag, _ = await upkeep.lag_of(connection, group)
        found.append(
            ForwarderRow(
                group, kind, target, lag,
                await groups.count_dead_letters(connection, group), state.failing_since, state.accepted_at, state.reason,
                group not in names,
            )
        )  # fmt: skip
    return found
