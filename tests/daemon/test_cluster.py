"""Two daemons on a Redis Cluster that loses a primary; ``make chaos`` plays the longer rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from chaos import clusters


@pytest.mark.long
@pytest.mark.timeout(300)
def test_two_daemons_on_a_cluster_lose_and_double_nothing_when_a_primary_dies(tmp_path: Path) -> None:
    """Three primaries, three replicas, eight partitions; healthy again within 30 s, without a manual step."""
    verdict = clusters.failover(tmp_path, 77, feeds=10, times=1)
    assert verdict.breaches == []
    assert verdict.published > 0


@pytest.mark.long
@pytest.mark.timeout(400)
def test_a_primary_and_its_replica_that_are_away_hold_up_only_what_needs_them(tmp_path: Path) -> None:
    """The other partitions' feeds are polled meanwhile; afterwards all goes on at once."""
    verdict = clusters.both_away(tmp_path, 78, feeds=16, seconds=30.0)
    assert verdict.breaches == []
    assert verdict.published > 0
