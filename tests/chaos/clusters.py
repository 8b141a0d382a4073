"""Rows of the matrix on a Redis Cluster (three primaries, three replicas) and on a set with Sentinel."""

from __future__ import annotations

import contextlib
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis as redis_client

from chaos.rows import row
from chaos.stage import Stage, Verdict
from chaos.webs import web
from dateline.topology import name_stream
from dateline.topology.slots import slot_of
from support import rig
from support.redis_cluster import RedisCluster, SentinelSet, running
from support.redis_server import servers

PARTITIONS = 8


class ClusterStage(Stage):
    """A stage whose Redis is several servers."""

    def connect(self) -> Any:
        """A client of our own to the servers that count now."""
        if isinstance(self.server, RedisCluster):
            return self.server.client()
        number = self.server.primary()
        return redis_client.Redis.from_url(self.server.servers[number].url, protocol=2)

    @property
    def streams(self) -> list[str]:
        """The events streams."""
        return [base[1:-2] for base in self.bases]

    def look(self) -> None:
        """Connect anew, where redis-py's client does not find its way by itself."""
        self.client.close()
        self.client = self.connect()

    def write(self, url: str | None = None, feeds: list[str] | None = None, **sections: dict[str, Any]) -> Path:
        """The settings of a daemon on it."""
        options = {"partitions": self.partitions, "timeout_seconds": 3.0}
        sections["redis"] = options | sections.get("redis", {})
        return super().write(url, feeds, **sections)


@contextlib.contextmanager
def cluster_stage(
    folder: Path, *, seed: int, feeds: int = 20, partitions: int = PARTITIONS, **options: str
) -> Iterator[ClusterStage]:
    """A web and a cluster, no daemon yet. ``options``: further settings of its servers."""
    home = Path(tempfile.mkdtemp(prefix="dl"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with web(folder, feeds, seed=seed) as scene, running(RedisCluster(servers()[-1], home), **options) as cluster:
            built = ClusterStage(folder, cluster, scene, random.Random(seed), partitions)
            try:
                yield built
            finally:
                built.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _slots() -> list[int]:
    return [slot_of(name_stream("dateline", number)) for number in range(PARTITIONS)]


@row("Redis Cluster: two workers, no fault")
def quiet(folder: Path, seed: int) -> Verdict:
    """Three primaries, three replicas, eight partitions."""
    with cluster_stage(folder, seed=seed) as scene:
        scene.daemon()
        scene.daemon()
        scene.working(10)
        scene.healthy()
        return scene.verdict()


def failover(folder: Path, seed: int, feeds: int = 20, times: int = 2) -> Verdict:
    """A primary is killed while two workers publish, its replica takes over, it comes back as a replica; then another."""
    with cluster_stage(folder, seed=seed, feeds=feeds) as scene:
        cluster = scene.server
        scene.daemon()
        scene.daemon()
        for slot in scene.chance.sample(_slots(), times):
            scene.working(12)
            number = cluster.kill_primary(slot)
            scene.deaths += 1
            scene.healthy()
            cluster.restart(number)
            rig.until(cluster.is_whole, 40, "the cluster does not become whole again")
            # A server that had no replica is not asked to wait for one again for 2 s (docs/scale.md).
            whole_at = time.monotonic()
            rig.until(lambda at=whole_at: time.monotonic() - at > 4, 90, "time stands still")  # type: ignore[misc]
            scene.make_due()
        scene.healthy()
        scene.drain()
        scene.make_due()
        scene.drain()
        return scene.verdict()


@row("Redis Cluster: a primary killed under load, twice")
def cluster_failover(folder: Path, seed: int) -> Verdict:
    """The whole of it."""
    return failover(folder, seed)


@row("Redis Cluster: a primary killed whose replica was behind")
def behind(folder: Path, seed: int) -> Verdict:
    """What the replica had not got is gone with the primary, though the entries of other partitions are settled: they come
    again after a minute, and what was lost is published once more."""
    with cluster_stage(folder, seed=seed, feeds=24) as scene:
        cluster = scene.server
        scene.daemon()
        scene.daemon()
        scene.working(12)
        number = cluster.owner(scene.chance.choice(_slots()))
        follower = cluster.servers[cluster.follower(number)]
        copied = scene.published()
        follower.pause()
        cluster.ask(number, "CLIENT", "KILL", "TYPE", "replica")
        rig.until(lambda: scene.published() > copied + 40 or scene.drained, 90, f"no work; {scene.tail()}")
        held = cluster.entries_on(number, scene.streams)
        cluster.servers[number].kill()
        scene.deaths += 1
        follower.resume()
        rig.until(lambda: cluster.owner_or_none(number) is None and cluster.is_whole(), 60, "no replica takes over")
        scene.look()
        gap = held - cluster.entries_on(cluster.servers.index(follower), scene.streams)
        scene.healthy()
        cluster.restart(number)
        scene.drain()
        scene.make_due()
        scene.drain()
        # Names that no replica had are gone until their entry comes again; a story that another feed brings before that is
        # published a second time (docs/scale.md).
        return scene.verdict(note=f"{gap} stream entries behind", allow=("twice",))


@row("Redis Cluster: a primary and its replica away together, then back")
def both_away(folder: Path, seed: int, feeds: int = 24, seconds: float = 45.0) -> Verdict:
    """What needs none of their partitions goes on; the rest waits, and no feed is held for one that kills workers."""
    with cluster_stage(folder, seed=seed, feeds=feeds, cluster_require_full_coverage="no") as scene:
        cluster = scene.server
        scene.daemon()
        scene.working(12)
        owners = [cluster.owner(slot) for slot in _slots()]
        number = scene.chance.choice(owners)
        follower = cluster.follower(number)
        cluster.servers[follower].kill()
        cluster.servers[number].kill()
        scene.deaths += 2
        living = {base: owner for base, owner in zip(scene.bases, owners, strict=True) if owner != number}

        def polled() -> int:
            return sum(int(cluster.ask(owner, "HGET", base + "stats", "polls") or 0) for base, owner in living.items())

        ends, before = time.monotonic() + seconds, polled()
        while time.monotonic() < ends:
            for base, owner in living.items():
                for feed in cluster.ask(owner, "ZRANGE", base + "due", 0, -1):
                    if not cluster.ask(owner, "HEXISTS", base + "f:" + feed.decode(), "lease"):
                        cluster.ask(owner, "ZADD", base + "due", "XX", 0, feed)
            time.sleep(1.0)
        went_on = polled() - before
        cluster.restart(number)
        cluster.restart(follower)
        rig.until(cluster.is_whole, 60, "the cluster does not become whole again")
        scene.look()
        scene.healthy()
        alone = scene.log().count("feed.polled_alone")
        scene.drain()
        scene.make_due()
        scene.drain()
        verdict = scene.verdict(note=f"{went_on} polls while it was away, {alone} alone")
        if went_on < feeds / 2 or alone:
            verdict.breaches.append(
                f"{went_on} polls went on while the servers were away, {alone} feeds were held for deadly"
            )
        return verdict


@row("Redis Cluster: slots of ours moved under load")
def moving(folder: Path, seed: int) -> Verdict:
    """Every partition goes to another primary, a few keys at a time, while two workers want them."""
    with cluster_stage(folder, seed=seed, feeds=24) as scene:
        cluster = scene.server
        scene.daemon()
        scene.daemon()
        scene.working(12)
        moved = 0
        for slot in _slots():
            to = next(number for number in cluster.primaries() if number != cluster.owner(slot))
            moved += cluster.move_slot(slot, to, meanwhile=lambda: time.sleep(0.05), batch=5)
            scene.make_due()
        scene.healthy()
        verdict = scene.verdict(note=f"{moved} keys moved")
        if "TRYAGAIN" not in scene.log() and "moving slots" not in scene.log():
            verdict.breaches.append("no worker met a slot on its way: the row proves nothing")
        return verdict


@row("Redis Cluster: a primary silent until its replica takes over, then back as if nothing had happened")
def primary_comes_back(folder: Path, seed: int) -> Verdict:
    """SIGSTOP: connections stay open and say nothing; later the old primary wakes up and is told that it is a replica."""
    with cluster_stage(folder, seed=seed) as scene:
        cluster = scene.server
        scene.daemon()
        scene.daemon()
        scene.working(12)
        slot = scene.chance.choice(_slots())
        number = cluster.owner(slot)
        waker = threading.Timer(12.0, cluster.servers[number].resume)
        cluster.servers[number].pause()
        waker.start()
        waker.join()
        rig.until(lambda: cluster.owner(slot) != number and cluster.is_whole(), 40, "no replica takes over")
        scene.look()
        scene.healthy()
        scene.make_due()
        scene.drain()
        return scene.verdict()


@row("Sentinel: the primary killed under load, twice")
def sentinel(folder: Path, seed: int) -> Verdict:
    """The workers find the new primary by themselves; what had not reached it comes again."""
    home = Path(tempfile.mkdtemp(prefix="dl"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with web(folder, 20, seed=seed) as web_scene, running(SentinelSet(servers()[-1], home)) as watched:
            scene = ClusterStage(folder, watched, web_scene, random.Random(seed), 1)
            try:
                scene.daemon()
                scene.daemon()
                for _ in range(2):
                    scene.working(12)
                    number = watched.kill_primary()
                    scene.deaths += 1
                    scene.look()
                    scene.healthy()
                    watched.restart(number)
                    rig.until(watched.is_whole, 60, "the old primary does not become a replica")
                    scene.make_due()
                scene.drain()
                scene.make_due()
                scene.drain()
                return scene.verdict()
            finally:
                scene.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)
