"""The names of the events streams, one per partition, spread evenly over the slots of a cluster."""

from __future__ import annotations

from functools import lru_cache

from .slots import SLOTS, slot_of


@lru_cache(maxsize=4096)
def name_stream(prefix: str, partition: int) -> str:
    """The events stream of a partition: ``dateline:events``, then ``dateline:events:1-4``, ``dateline:events:2-0`` and so on.

    The stream's name is the hash tag of all keys of its partition, so it decides which server has them. The number behind the
    dash is the smallest with which the name falls where it should: opposite the first partition, then into the middle of the
    largest gaps between those before (the van der Corput sequence). So 2, 4, 8 .. partitions lie evenly over any number of
    servers, and a partition keeps its name when others are added. Names without that choice would leave one of three servers
    without any of the first four partitions.
    """
    first = f"{prefix}:events"
    if partition == 0:
        return first
    level = partition.bit_length()
    share = int(format(partition, f"0{level}b")[::-1], 2) / 2**level
    wanted = slot_of(first) + int(share * SLOTS)
    tolerance = max(64, SLOTS >> (level + 2))
    for number in range(1 << 20):
        name = f"{first}:{partition}-{number}"
        away = (slot_of(name) - wanted) % SLOTS
        if min(away, SLOTS - away) <= tolerance:
            return name
    raise AssertionError("no name falls into the slots wanted")  # one of 128 or fewer does
