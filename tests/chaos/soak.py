"""Hours of ordinary work with random faults: what must stay flat stays flat, and every promise holds in the end."""

from __future__ import annotations

import gzip
import json
import random
import re
import shutil
import signal
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from chaos.stage import Stage, newest_server, send
from chaos.webs import TrueWeb
from support import rig

#: Largest growth from the middle third to the last, as a share: what leaks shows here.
GROWTH = {"rss_mib": 0.15, "descriptors": 0.2, "threads": 0.2, "tasks": 0.3}
LAG_P99_SECONDS = 0.1


def run(minutes: float, seed: int, keep: Path | None = None) -> int:
    """Play for so long; prints what was measured; 1 where something grew or a promise was broken.

    With ``keep`` what a broken promise is looked into by lies there afterwards: the stream, the dead letters, the trail
    and what the feeds showed as gzipped JSON lines, and the daemons' logs.
    """
    if not (rig.SHARED / "newsworld").is_dir():
        sys.stderr.write("soak: ../shared/newsworld is not here\n")
        return 2
    folder, server, chance = Path(tempfile.mkdtemp(prefix="soak")), newest_server(), random.Random(seed)
    server.start()
    program = [str(Path(__file__).with_name("shown.py")), str(rig.SHARED / "newsworld")]
    options = ["--feeds", "40", "--articles-per-feed", "3", "--window", "8", "--rate", "2"]
    options += ["--speed", "30", "--epoch", "now"]
    try:
        with rig.newsworld(folder, *options, "--updated", "0.2", "--designs", "8", program=program) as world:
            scene = Stage(folder, server, TrueWeb(world), chance)
            try:
                return _play(scene, minutes, keep)
            finally:
                scene.close()
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _play(scene: Stage, minutes: float, keep: Path | None) -> int:
    port = rig.free_port()
    # The world's hours pass in minutes, so polls and looks follow each other in seconds.
    settings = scene.write(serve={"enabled": True, "port": port}, ingest={"recheck_seconds": [20.0, 60.0]})
    listed = scene.settings.parent / "feeds.toml"
    listed.write_text(listed.read_text().replace("feeds =", "interval_seconds = 30.0\nfeeds ="))
    steady = scene.daemon(settings)
    other = scene.daemon(DATELINE_SERVE_ENABLED="false")
    assert isinstance(scene.web, TrueWeb) and steady.process is not None
    rig.until(steady.is_up, 60, f"it does not start; {scene.tail()}")
    samples: list[dict[str, float]] = []
    faults: dict[str, int] = {}
    end, next_fault = time.monotonic() + minutes * 60, time.monotonic() + 15
    while time.monotonic() < end:
        time.sleep(2)
        samples.append(_sample(scene, steady.process.pid, port))
        if time.monotonic() > next_fault:
            name = _fault(scene, other)
            faults[name] = faults.get(name, 0) + 1
            scene.healthy()
            next_fault = time.monotonic() + scene.chance.uniform(10, 30)
    lag = _lag_p99(port)
    scene.make_due()
    scene.working()
    scene.drain(600)
    # What an answer showed to one of ours: a listing that went unseen between two polls is nobody's debt.
    shown = {(str(name), int(revision)) for name, revision, _ in scene.web.world.get("/__shown")}
    scene.make_due()
    scene.working()
    scene.drain(600)
    if keep:
        _keep(scene, shown, keep)
    verdict = scene.verdict(report=scene.web.compared(shown, scene.stream(), scene.dead()))
    found = verdict.breaches + _grown(samples)
    if lag > LAG_P99_SECONDS:
        found.append(f"loop lag p99 {lag:.3f} s")
    first, last = samples[len(samples) // 3], samples[-1]
    sys.stdout.write(
        f"soak: {minutes:g} min, faults {faults}, published {verdict.published}, lost {verdict.lost}, twice {verdict.twice}, "
        f"healthy again within {verdict.healthy_seconds:.1f} s, loop lag p99 below {lag:g} s\n"
        + f"  shown by feeds: {len(shown)} revisions\n"
        + "".join(
            f"  {name}: {first[name]:.1f} at a third, {last[name]:.1f} at the end, slope {_slope(samples, name):+.2f} an hour\n"
            for name in last if name != "at"
        )
        + "".join(f"  BROKEN {line}\n" for line in found)
    )  # fmt: skip
    return 1 if found else 0


def _keep(scene: Stage, shown: set[tuple[str, int]], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    trail = [row for base in scene.bases for row in rig.stream(scene.client, base + "trail")]
    rows = {"stream": scene.stream(), "dead": scene.dead(), "trail": trail, "shown": sorted(shown)}
    for name, found in rows.items():
        with gzip.open(folder / f"{name}.jsonl.gz", "wt") as file:
            file.writelines(json.dumps(row, default=str) + "\n" for row in found)
    for one in scene.daemons:
        shutil.copy(one.log, folder)


def _fault(scene: Stage, other: rig.Daemon) -> str:
    assert other.process is not None
    name = scene.chance.choice(["kill", "term", "stop", "redis kill", "redis pause"])
    if name == "kill":
        other.kill()
        other.start(DATELINE_SERVE_ENABLED="false")
    elif name == "term":
        other.stop()
        other.start(DATELINE_SERVE_ENABLED="false")
    elif name == "stop":
        send(other.process.pid, signal.SIGSTOP)
        time.sleep(scene.chance.uniform(1, 10))
        send(other.process.pid, signal.SIGCONT)
    elif name == "redis kill":
        scene.server.kill()
        scene.server.start()
    else:
        scene.server.pause()
        time.sleep(scene.chance.uniform(0.5, 4))
        scene.server.resume()
    return name


def _sample(scene: Stage, pid: int, port: int) -> dict[str, float]:
    status = Path(f"/proc/{pid}/status").read_text()
    info = scene.client.info("memory")
    return {
        "rss_mib": int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 2**20,
        "descriptors": len(list(Path(f"/proc/{pid}/fd").iterdir())),
        "threads": int(re.search(r"Threads:\s+(\d+)", status)[1]),  # type: ignore[index]
        "redis_keys": scene.client.dbsize(),
        "redis_mib": info["used_memory"] / 2**20,
        "stream": scene.published(),
        "tasks": float(re.search(r"^dateline_tasks ([\d.e+]+)", _metrics(port), re.M)[1]),  # type: ignore[index]
        "at": time.monotonic(),
    }


def _grown(samples: Sequence[dict[str, float]]) -> list[str]:
    third = len(samples) // 3
    found = []
    for name, share in GROWTH.items():
        middle = sum(row[name] for row in samples[third : 2 * third]) / max(1, third)
        last = sum(row[name] for row in samples[2 * third :]) / max(1, len(samples) - 2 * third)
        if last > middle * (1 + share) + 2:
            found.append(f"{name} grew from {middle:.0f} to {last:.0f}")
    return found


def _slope(samples: Sequence[dict[str, float]], name: str) -> float:
    """Growth an hour over the last two thirds, by least squares."""
    rows = [(row["at"], row[name]) for row in samples[len(samples) // 3 :]]
    if len(rows) < 2:
        return 0.0
    slope, _ = statistics.linear_regression(*zip(*rows, strict=True))
    return slope * 3600


def _metrics(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def _lag_p99(port: int) -> float:
    """The bucket under which 99 of 100 wake-ups of the steady daemon's loop lie."""
    rows = re.findall(r'dateline_loop_lag_seconds_bucket\{le="([^"]+)"\} ([\d.e+]+)', _metrics(port))
    total = float(rows[-1][1])
    return next(float(le) for le, count in rows if float(count) >= 0.99 * total)
