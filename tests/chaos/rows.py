"""The fault matrix: each row plays one fault on real daemons, waits until nothing is left to do, and gives its verdict."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chaos.stage import Verdict, children_of, earlier, faketime, may_mount, redis_proxy, send, stage
from dateline.failpoints import PLACES
from support import rig

Play = Callable[[Path, int], Verdict]
#: The places of the daemon itself; those in its children cost a child (see `poison`).
DAEMON_PLACES = tuple(place for place in PLACES if not place.startswith("in_"))


@dataclass(frozen=True)
class Row:
    """One fault. ``needs``, one or several: shared (../shared), faketime, mount (a mount namespace), history (git's)."""

    name: str
    play: Play
    needs: str = ""

    def missing(self) -> str | None:
        """Why it cannot be played here, or None."""
        if "shared" in self.needs and not (rig.SHARED / "hostile").is_dir():
            return "../shared/hostile is not here"
        if "faketime" in self.needs and faketime() is None:
            return "libfaketime is not here (Debian: faketime)"
        if "mount" in self.needs and not may_mount():
            return "no right to mount here"
        if "history" in self.needs and earlier() is None:
            return "no history of ours here"
        return None


ROWS: list[Row] = []


def row(name: str, needs: str = "") -> Callable[[Play], Play]:
    """Adds a row to the matrix."""

    def add(play: Play) -> Play:
        ROWS.append(Row(name, play, needs))
        return play

    return add


def find(name: str) -> Row:
    """The row of that name."""
    return next(one for one in ROWS if one.name == name)


def _killed_at(place: str, action: str = "kill") -> Play:
    def play(folder: Path, seed: int) -> Verdict:
        """Die at the place, three times at a random arrival, and be started again."""
        chance = random.Random(f"{seed}{place}")
        with stage(folder, feeds=10, seed=seed) as scene:
            for _ in range(3):
                one = scene.daemon(DATELINE_FAIL=f"{place}:{chance.randint(1, 6)}:{action}")
                if place == "during_shutdown":
                    scene.working()
                    send(one.process.pid, signal.SIGTERM)  # type: ignore[union-attr]
                if scene.died(one) is None:
                    scene.stopped(one)
                    break
            scene.daemon()
            scene.healthy()
            return scene.verdict()

    return play


for _place in DAEMON_PLACES:
    ROWS.append(Row(f"SIGKILL at {_place}", _killed_at(_place)))
ROWS.append(Row("exit at before_settle", _killed_at("before_settle", "exit")))


@row("SIGKILL at every place, one after the other")
def every_place(folder: Path, seed: int) -> Verdict:
    """All of them."""
    return place_by_place(folder, seed, len(DAEMON_PLACES))


def place_by_place(folder: Path, seed: int, most: int) -> Verdict:
    """A daemon that is started again and again, each time to die at the next of so many places; then one that lives."""
    chance = random.Random(seed)
    with stage(folder, feeds=10, articles=4, seed=seed) as scene:
        places = chance.sample(DAEMON_PLACES, most)
        for place in places:
            if rig.drained(scene.client):
                scene.make_due()
            one = scene.daemon(DATELINE_FAIL=f"{place}:{chance.randint(1, 2)}:kill")
            if place == "during_shutdown":
                scene.working(2)
                send(one.process.pid, signal.SIGTERM)  # type: ignore[union-attr]
            if scene.died(one) is None:
                one.kill()
        scene.daemon()
        scene.healthy()
        return scene.verdict(note=f"{scene.deaths} deaths at {len(places)} places")


@row("hangs before publishing, another worker takes over")
def hangs(folder: Path, seed: int) -> Verdict:
    """A process whose loop stands still: its leases lapse, its entries and feeds go to the other."""
    with stage(folder, seed=seed) as scene:
        one = scene.daemon(DATELINE_FAIL="before_publish:4:hang")
        rig.until(lambda: "failpoint" in scene.log() or rig.drained(scene.client), 60, "it does not hang")
        scene.daemon()
        scene.healthy()
        scene.drain()
        one.kill()
        return scene.verdict()


@row("SIGSTOP for three leases, then SIGCONT: the old worker wakes beside the one that took over")
def woken_late(folder: Path, seed: int) -> Verdict:
    """What the stopped worker had in hand is published by the other; what it wakes up with is fenced off."""
    with stage(folder, feeds=16, seed=seed) as scene:
        one = scene.daemon(DATELINE_FAIL="before_publish:5:stop")
        rig.until(lambda: "failpoint" in scene.log() or rig.drained(scene.client), 60, "it does not stop")
        scene.daemon()
        scene.healthy()
        began = time.monotonic()
        rig.until(lambda: time.monotonic() - began > 9, 90, "time stands still")
        send(one.process.pid, signal.SIGCONT)  # type: ignore[union-attr]
        return scene.verdict()


@row("SIGTERM under load, started again")
def sigterm(folder: Path, seed: int) -> Verdict:
    """Finished or given back, exit 0."""
    with stage(folder, seed=seed) as scene:
        for _ in range(3):
            one = scene.daemon()
            scene.working(8)
            assert scene.stopped(one) == 0
        scene.daemon()
        scene.healthy()
        return scene.verdict()


@row("SIGINT twice under load, started again")
def sigint_twice(folder: Path, seed: int) -> Verdict:
    """The second one ends it at once; nothing is lost by it."""
    longest = 0.0
    with stage(folder, seed=seed) as scene:
        for _ in range(3):
            one = scene.daemon()
            scene.working(8)
            assert one.process is not None
            rig.until(lambda one=one: "daemon.started" in one.log.read_text(), 60, "it does not start")  # type: ignore[misc]
            send(one.process.pid, signal.SIGINT)
            began = time.monotonic()
            rig.until(lambda one=one: "daemon.stopping" in one.log.read_text(), 90, "it does not stop")  # type: ignore[misc]
            send(one.process.pid, signal.SIGINT)
            assert one.process.wait(30) == 0
            longest = max(longest, time.monotonic() - began)
        scene.daemon()
        scene.healthy()
        return scene.verdict(note=f"ended within {longest:.1f} s")


@row("three workers, one killed, one added")
def three(folder: Path, seed: int) -> Verdict:
    """Scale down by accident, scale up on purpose."""
    with stage(folder, feeds=24, seed=seed) as scene:
        first = scene.daemon()
        scene.daemon()
        scene.daemon()
        scene.working(20)
        first.kill()
        scene.deaths += 1
        scene.daemon()
        scene.healthy()
        return scene.verdict()


@row("the pool's zygote and children killed under load")
def pool_killed(folder: Path, seed: int) -> Verdict:
    """The daemon lives, the pool comes back, no entry is blamed."""
    with stage(folder, feeds=16, seed=seed) as scene:
        one = scene.daemon()
        assert one.process is not None
        for _ in range(4):
            scene.working(6)
            zygotes = children_of(one.process.pid)
            children = [child for zygote in zygotes for child in children_of(zygote)]
            send(scene.chance.choice(zygotes + children or [one.process.pid]), signal.SIGKILL)
            scene.healthy()
        assert one.running()
        return scene.verdict()


def _through_proxy(mode: str, match: str = "EVALSHA", seconds: float = 0) -> Play:
    def play(folder: Path, seed: int) -> Verdict:
        """Forty times, every few commands, something is done to a reply."""
        port = rig.free_port()
        with stage(folder, seed=seed, port=port) as scene, redis_proxy(port) as (listen, tell):
            url = f"redis://127.0.0.1:{listen}/0"
            scene.settings = scene.write(url=url, redis={"url": url, "timeout_seconds": 2.0})
            for n in range(40):
                skip = scene.chance.randint(0, 6) if n else 4
                tell(do="rule", match=match, mode=mode, times=1, skip=skip, seconds=seconds)
            scene.daemon()
            scene.daemon()
            scene.working(20)
            hits = tell(do="stats")["hits"].get(mode, 0)
            tell(do="clear")
            scene.healthy()
            return scene.verdict(note=f"{hits} times")

    return play


for _mode, _say in (
    ("cut_after", "connection cut before the reply"),
    ("cut_before", "connection cut before the command"),
    ("half_reply", "half a reply, then cut"),
):
    ROWS.append(Row(f"Redis proxy: {_say}", _through_proxy(_mode), "shared"))
ROWS.append(Row("Redis proxy: every command delayed by 1 s now and then", _through_proxy("delay", "", 1), "shared"))
ROWS.append(Row("Redis proxy: reply held for 5 s, longer than the time-out", _through_proxy("hang", "", 5), "shared"))
for _error in (
    "LOADING Redis is loading the dataset in memory",
    "MISCONF Redis is configured to save RDB snapshots, but is unable to persist to disk",
    "NOREPLICAS Not enough good replicas to write.",
    "READONLY You can't write against a read only replica.",
    "BUSY Redis is busy running a script",
    "OOM command not allowed when used memory > 'maxmemory'.",
):
    ROWS.append(Row(f"Redis answers {_error.split()[0]}", _through_proxy(f"error:{_error}", ""), "shared"))


def _clock(shift: str) -> Play:
    def play(folder: Path, seed: int) -> Verdict:
        """One worker's clock is wrong, the other's is right."""
        library = faketime()
        assert library
        with stage(folder, feeds=16, seed=seed) as scene:
            wrong = {"LD_PRELOAD": library, "FAKETIME": shift, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
            scene.daemon(**wrong)
            scene.working(10)
            scene.daemon()
            scene.working(10)
            scene.healthy()
            scene.drain()
            before = scene.published()
            scene.make_due()
            scene.healthy()
            scene.drain()
            assert scene.published() == before, "old news came again, or the stream was trimmed"
            verdict = scene.verdict()
            # libfaketime 0.9.10 refuses the absolute sleep of the dying zygote: the tool's fault, not ours.
            verdict.breaches = [line for line in verdict.breaches if "[Errno 22]" not in line]
            return verdict

    return play


for _shift in ("+1h", "-1h", "+10y"):
    ROWS.append(Row(f"a worker's clock at {_shift}", _clock(_shift), "faketime"))


@row("a far-future id in the streams, and an unreadable entry")
def far_future(folder: Path, seed: int) -> Verdict:
    """Somebody wrote by hand; our entries go on behind it, the unreadable one is set aside."""
    with stage(folder, seed=seed) as scene:
        scene.daemon()
        scene.working(5)
        later = int((time.time() + 10 * 365 * 86400) * 1000)
        for name, fields in (("dateline:events", {"x": "y"}), ("{dateline:events}:entries", {"e": b"\x00junk"})):
            scene.client.xadd(name, fields, id=f"{later}-0")
        scene.client.xdel("dateline:events", f"{later}-0")
        scene.healthy()
        verdict = scene.verdict(allow=("future_id",))
        codes = [letter.get("code") for letter in scene.dead()]
        if "unreadable" not in codes:
            verdict.breaches.append(f"the unreadable entry is not among the dead letters: {codes}")
        return verdict


@row("settings file wrong, missing and right again on reload")
def reloads(folder: Path, seed: int) -> Verdict:
    """The old ones stay in force, also while Redis is away; the mended file is read."""
    with stage(folder, seed=seed) as scene:
        some = scene.web.feeds[: len(scene.web.feeds) // 2]
        scene.write(feeds=some)
        one = scene.daemon()
        assert one.process is not None
        good = scene.settings.read_text()
        listed = scene.settings.parent / "feeds.toml"
        scene.working(5)
        for broken in ("[poll\n", "[poll]\nintervall = 3\n", "\x00\x00", ""):
            scene.settings.write_text(broken)
            listed.write_bytes(b"\xff\xfe[groups")
            said = scene.log().count("settings.refused")
            send(one.process.pid, signal.SIGHUP)
            rig.until(lambda said=said: scene.log().count("settings.refused") > said, 90, "no word of it")  # type: ignore[misc]
        listed.unlink()
        scene.settings.unlink()
        send(one.process.pid, signal.SIGHUP)
        scene.server.kill()
        scene.settings.write_text(good)
        scene.write()
        send(one.process.pid, signal.SIGHUP)
        rig.until(lambda: "settings.reloaded" in scene.log(), 90, "not read again")
        scene.server.start()
        scene.healthy()
        rig.until(lambda: all(url in scene.log() for url in scene.web.feeds), 60, "the new feeds are not polled")
        return scene.verdict()
