"""Rows of the fault matrix: what Redis itself may do."""

from __future__ import annotations

import time
from pathlib import Path

from chaos.rows import row
from chaos.stage import Verdict, stage
from support import rig


@row("Redis SIGKILL and restart under load, three times")
def redis_killed(folder: Path, seed: int) -> Verdict:
    """With appendfsync always nothing that was answered is lost."""
    with stage(folder, feeds=20, seed=seed) as scene:
        scene.daemon()
        scene.daemon()
        for _ in range(3):
            scene.working(12)
            scene.server.kill()
            scene.deaths += 1
            scene.server.start()
            scene.healthy()
        return scene.verdict()


@row("Redis silent for 12 s under load")
def redis_silent(folder: Path, seed: int) -> Verdict:
    """Longer than the time-out and than every lease."""
    with stage(folder, feeds=16, seed=seed) as scene:
        scene.settings = scene.write(redis={"url": scene.server.url, "timeout_seconds": 3.0})
        scene.daemon()
        scene.daemon()
        scene.working(12)
        scene.server.pause()
        began = time.monotonic()
        rig.until(lambda: time.monotonic() - began > 12, 90, "time stands still")
        scene.server.resume()
        scene.healthy()
        return scene.verdict()


@row("Redis out of memory, raised later")
def redis_full(folder: Path, seed: int) -> Verdict:
    """noeviction: every write is refused for a while."""
    with stage(folder, feeds=16, seed=seed) as scene:
        scene.daemon()
        scene.working(12)
        scene.client.config_set("maxmemory", "1mb")
        rig.until(lambda: "out of memory" in scene.log(), 60, "nobody notices")
        scene.client.config_set("maxmemory", "0")
        scene.healthy()
        return scene.verdict()


@row("Redis becomes a read-only replica for a while")
def redis_readonly(folder: Path, seed: int) -> Verdict:
    """READONLY, as after a failover that went the wrong way."""
    with stage(folder, feeds=16, seed=seed) as scene:
        scene.daemon()
        scene.working(12)
        scene.client.execute_command("REPLICAOF", "127.0.0.1", "1")
        rig.until(lambda: "read-only" in scene.log(), 60, "nobody notices")
        scene.client.execute_command("REPLICAOF", "NO", "ONE")
        scene.healthy()
        return scene.verdict()


@row("Redis busy with an endless script of another client")
def redis_busy(folder: Path, seed: int) -> Verdict:
    """BUSY until the operator kills the script."""
    import threading

    import redis

    with stage(folder, feeds=16, seed=seed) as scene:
        scene.client.config_set("lua-time-limit", "300")
        scene.settings = scene.write(redis={"url": scene.server.url, "timeout_seconds": 3.0})
        scene.daemon()
        scene.working(12)
        other = redis.Redis.from_url(scene.server.url, protocol=2)

        def spin() -> None:
            try:
                other.eval("while true do end", 0)
            except redis.RedisError:
                return  # killed, as planned

        spinning = threading.Thread(target=spin)
        spinning.start()
        rig.until(lambda: "busy" in scene.log(), 60, "nobody notices")
        scene.client.execute_command("SCRIPT", "KILL")
        spinning.join(30)
        other.close()
        scene.healthy()
        return scene.verdict()
