"""Rows of the matrix about what is around the daemon: disk, descriptors, names, a replica, what lies downstream, versions."""

from __future__ import annotations

import contextlib
import resource
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import redis as redis_client

from chaos.network import Answer, Receiver, Relay, name_server
from chaos.rows import ROWS, Play, Row, row
from chaos.stage import Stage, Verdict, earlier, newest_server, read_group, stage
from support import rig

#: How long what lies downstream fails in `make chaos`; the quick round takes less.
DOWN_SECONDS = 600.0


def _pass_time(seconds: float) -> None:
    end = time.monotonic() + seconds
    rig.until(lambda: time.monotonic() > end, seconds + 60, "time stands still")


@contextmanager
def small_disk(folder: Path, mib: int) -> Iterator[Path]:
    """A file system of its own with so much room."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m", "small", str(folder)], check=True, timeout=20)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, timeout=20)


def _fill(disk: Path) -> Path:
    """Take all the room there is; gives the file that takes it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as out, contextlib.suppress(OSError):
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while out.write(b"\0" * size) == size:
                    pass
    return ballast


def _disk_full(fsync: str) -> Play:
    def play(folder: Path, seed: int) -> Verdict:
        """Redis' file and the archive lie on one disk; it fills up under load and is freed again."""
        with (
            small_disk(Path(tempfile.mkdtemp(prefix="dl")) / "disk", 24) as disk,
            stage(folder, feeds=16, seed=seed, home=disk / "redis", appendfsync=fsync) as scene,
        ):
            archive = disk / "archive"
            scene.settings = scene.write(archive={"folder": str(archive)})
            scene.daemon()
            scene.daemon()
            scene.working(12)
            ballast = _fill(disk)
            if fsync == "always":  # Redis gives up: what it cannot write down it must not answer
                rig.until(lambda: not scene.server.running(), 60, "Redis goes on without a disk")
                scene.deaths += 1
            else:
                rig.until(lambda: "MISCONF" in scene.log(), 60, f"nobody notices; {scene.tail()}")
            _pass_time(3)
            ballast.unlink()
            if fsync == "always":
                scene.server.start(appendfsync=fsync)
            scene.healthy()
            lost = "archive.failed" in scene.log()
            verdict = scene.verdict(note="the archive said what it lost" if lost else "the archive lost nothing")
            if not list(archive.glob("*.warc.gz")):
                verdict.breaches.append("no archive file was completed")
            return verdict

    return play


ROWS.append(Row("disk full under Redis and the archive, freed later (everysec)", _disk_full("everysec"), "mount"))
ROWS.append(Row("disk full under Redis and the archive, freed later (always)", _disk_full("always"), "mount"))


@row("no file descriptor left for 15 s")
def descriptors(folder: Path, seed: int) -> Verdict:
    """No connection, no child, no archive file can be opened: nothing of that is anybody's fault over there."""
    with stage(folder, feeds=24, seed=seed) as scene:
        one = scene.daemon()
        assert one.process is not None
        pid = one.process.pid
        scene.working(12)
        soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, hard))
        scene.make_due()
        _pass_time(15)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
        scene.make_due()
        scene.healthy()
        return scene.verdict()


#: How long the daemon keeps an address it was told (`FetchSettings.dns_cache_seconds`): only then a name can lead elsewhere.
KEPT_SECONDS = 60.0


@row("the name server silent, failing, flapping, lying for a while", "mount, shared")
def names(folder: Path, seed: int) -> Verdict:
    """No name resolves, then some do; two sites' names lead to an inner address: nobody ever connects there."""
    address = f"127.53.{seed % 200 + 1}.1"
    domain = "dateline.test"
    mood = {"now": "well"}
    count = {"asked": 0}
    liars = {f"site0000{n}.{domain}" for n in (1, 2)}

    def answer(name: str) -> Answer:
        count["asked"] += 1
        if mood["now"] == "silent":
            return None
        if mood["now"] == "failing":
            return 2
        if mood["now"] == "flapping" and count["asked"] % 3:
            return (None, 2, 3)[count["asked"] % 7 % 3]
        if mood["now"] == "lying" and name in liars:
            return ["127.0.0.9"]
        return ["127.0.0.1"] if name.endswith(domain) else 3

    with stage(folder, feeds=16, seed=seed, domain=domain) as scene, ExitStack() as stack:
        stack.enter_context(name_server(address, answer))
        canary = stack.enter_context(_canary("127.0.0.9", scene.web.ports[0]))
        conf = folder / "resolv.conf"
        conf.write_text(f"nameserver {address}\noptions timeout:1 attempts:1\n")
        script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
        scene.settings = scene.write(fetch={"allow": [f"127.0.0.1:{scene.web.ports[0]}"]}, politeness={"at_once": 16})
        scene.daemon(under=("unshare", "-m", "sh", "-c", script, str(conf)))
        for now, seconds in (("silent", 8.0), ("failing", 8.0), ("flapping", 12.0), ("lying", 12.0)):
            mood["now"] = now
            if now == "lying":
                _pass_time(KEPT_SECONDS)  # in silence: a kept connection asks for no name
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                scene.make_due()
                _pass_time(3)
        mood["now"] = "well"
        scene.make_due()
        scene.healthy()
        scene.drain()
        scene.make_due()  # the feeds that were told to wait, without the waiting
        scene.drain()
        verdict = scene.verdict(note=f"{count['asked']} questions")
        if canary:
            verdict.breaches.append(f"{len(canary)} connections to an address that nobody allowed")
        if "may not be reached" not in scene.log():
            verdict.breaches.append("nobody was led astray: the row proves nothing")
        return verdict


@contextmanager
def _canary(address: str, port: int) -> Iterator[list[object]]:
    """Who connects there is noted."""
    caught: list[object] = []
    with socket.create_server((address, port)) as listening:

        def accept() -> None:
            while True:
                try:
                    line, peer = listening.accept()
                except OSError:
                    return
                line.close()
                caught.append(peer)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield caught
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@row("failover to a replica that is behind")
def failover(folder: Path, seed: int) -> Verdict:
    """What the replica had not got yet is gone with the primary, as a whole: polled again it comes again, once."""
    port, near, link = rig.free_port(), rig.free_port(), rig.free_port()
    with stage(folder, feeds=20, seed=seed, port=port) as scene, ExitStack() as stack:
        address = stack.enter_context(closing(Relay(near, port)))
        line = stack.enter_context(closing(Relay(link, port)))
        replica = newest_server()
        replica.start(replicaof=f"127.0.0.1 {link}", **{"repl-diskless-sync-delay": "0"})
        stack.callback(replica.kill)
        second = redis_client.Redis.from_url(replica.url, protocol=2)
        stack.callback(second.close)
        rig.until(lambda: second.info("replication").get("master_link_status") == "up", 90, "no replication")
        url = f"redis://127.0.0.1:{near}/0"
        scene.settings = scene.write(url=url, redis={"url": url, "timeout_seconds": 3.0})
        scene.daemon()
        scene.daemon()
        scene.working(12)
        line.cut()
        copied = int(second.xlen("dateline:events"))
        rig.until(lambda: scene.published() >= copied + 20 or rig.drained(scene.client), 60, f"no work; {scene.tail()}")
        gap = scene.published() - copied
        scene.server.kill()
        scene.deaths += 1
        second.execute_command("REPLICAOF", "NO", "ONE")
        address.switch(replica.socket)
        scene.adopt(replica)
        scene.healthy()
        scene.drain()
        scene.make_due()
        scene.healthy()
        return scene.verdict(note=f"{gap} stream entries behind")


def downstream(folder: Path, seed: int, seconds: float) -> Verdict:
    """A receiver that answers 503, then nothing, then 401: the stream goes on, then all of it is delivered in order."""
    with closing(Receiver()) as receiver, stage(folder, feeds=16, seed=seed) as scene:
        ports = [*scene.web.ports, receiver.port]
        scene.settings = scene.write(fetch={"allow": [f"127.0.0.0/8:{port}" for port in ports], "total_seconds": 5.0})
        with scene.settings.open("a") as settings:
            settings.write(
                f'\n[[forward]]\nkind = "webhook"\nurl = "http://127.0.0.1:{receiver.port}/"\nper_request = 20\n'
            )
        receiver.mood = 503
        scene.daemon()
        scene.drain()
        published = scene.published()
        for mood in (503, 0, 401):
            receiver.mood = mood
            _pass_time(seconds / 3)
        refused = receiver.refused
        receiver.mood = 200
        began = time.monotonic()
        rig.until(lambda: len(set(receiver.got)) >= scene.published(), 120, f"not delivered; {scene.tail()}")
        scene.healthy_seconds = time.monotonic() - began
        verdict = scene.verdict(note=f"{seconds:.0f} s, {refused} requests refused")
        ids = [fields["id"] for _, fields in scene.stream()]
        if list(dict.fromkeys(receiver.got)) != ids:
            verdict.breaches.append(f"delivered {len(set(receiver.got))} of {len(ids)}, or in another order")
        if not published or not refused:
            verdict.breaches.append(f"published {published} meanwhile, refused {refused}")
        return verdict


@row("the receiver of a forwarder fails for ten minutes")
def downstream_whole(folder: Path, seed: int) -> Verdict:
    """The whole time."""
    return downstream(folder, seed, DOWN_SECONDS)


@row("an older version beside this one, on one Redis", "history")
def versions(folder: Path, seed: int) -> Verdict:
    """An upgrade under way: sixty commits lie between them. Each does its part, or says why not."""
    commit = earlier()
    assert commit
    old = folder / "old"
    git = ["git", "worktree"]
    subprocess.run(
        [*git, "add", "--detach", str(old), commit], cwd=rig.ROOT, check=True, capture_output=True, timeout=60
    )
    try:
        with stage(folder / "stage", feeds=16, seed=seed) as scene:
            listed = scene.web.feeds
            small = {"poll": {"at_once": 2}, "ingest": {"at_once": 4}}  # so that neither takes all there is
            scene.write(feeds=listed[:4], **small)
            before, after = scene.daemon(root=old), scene.daemon()
            for one in (before, after):
                rig.until(lambda one=one: one.is_up() or not one.running(), 60, f"it does not start; {scene.tail()}")  # type: ignore[misc]
            scene.write(feeds=listed, **small)  # both see the file change
            scene.working(20)
            scene.make_due()
            scene.healthy()
            scene.drain()
            for one in (before, after):  # of two layouts of the keys, the one that came second
                if not one.running():
                    said = one.log.read_text()[-400:]
                    return Verdict(breaches=[] if "choose another redis.prefix" in said else [f"one ended: {said}"])
            verdict = scene.verdict(note=f"{_polls(before)} polls by the old, {_polls(after)} by the new")
            if not _polls(before) or not _polls(after):
                verdict.breaches.append("one of them did nothing")
            return verdict
    finally:
        subprocess.run(
            [*git, "remove", "--force", str(old)], cwd=rig.ROOT, check=False, capture_output=True, timeout=60
        )


def _polls(one: rig.Daemon) -> int:
    return one.log.read_text().count('"feed.polled"')


@row("Redis comes back empty under load")
def emptied(folder: Path, seed: int) -> Verdict:
    """Noticed by every worker, said loudly, and no flood of old news; what is new from then on comes."""
    yesterday = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 86400))
    with stage(folder, feeds=16, seed=seed, epoch=yesterday) as scene:
        scene.daemon()
        scene.daemon()
        scene.drain()
        before = scene.published()
        scene.server.kill()
        scene.deaths += 1
        for file in scene.server.folder.rglob("appendonly*"):
            if file.is_file():
                file.unlink()
        scene.server.start()
        scene.healthy()
        rig.until(lambda: "store.emptied" in scene.log(), 60, f"no word of it; {scene.tail()}")
        scene.make_due()
        scene.drain()
        verdict = scene.verdict(allow=("lost:",), note=f"{before} entries before, {scene.published()} of them again")
        verdict.lost = 0
        if scene.published():
            verdict.breaches.append(f"{scene.published()} of {before} old entries came again")
        return verdict


@row("restored from a copy of the append-only file that was taken under load")
def restored(folder: Path, seed: int) -> Verdict:
    """As docs/deploy.md has it: what was published after the copy is published again, with the ids it had."""
    with stage(folder, feeds=16, seed=seed) as scene:
        one = scene.daemon()
        rig.until(lambda: scene.published() > 40, 60, f"nothing is published; {scene.tail()}")
        copy = _copied(scene, folder / "backup")
        scene.drain()
        before = [fields["id"] for _, fields in scene.stream()]
        assert scene.stopped(one) == 0
        scene.server.kill()
        for file in scene.server.folder.rglob("appendonly*"):
            if file.is_file():
                file.unlink()
        shutil.copytree(copy, scene.server.folder, dirs_exist_ok=True)
        scene.server.start()
        held = scene.published()
        scene.daemon()
        scene.make_due()
        scene.healthy()
        verdict = scene.verdict(note=f"{held} of {len(before)} entries were in the copy")
        after = {fields["id"] for _, fields in scene.stream()}
        if strange := set(before) ^ after:
            verdict.breaches.append(f"{len(strange)} entries came with other ids")
        return verdict


def _copied(scene: Stage, to: Path) -> Path:
    """The append-only file of a server that goes on writing, with rewriting held off meanwhile."""
    scene.client.config_set("auto-aof-rewrite-percentage", 0)
    rig.until(lambda: not scene.client.info("persistence")["aof_rewrite_in_progress"], 90, "it is rewritten for ever")
    for file in scene.server.folder.rglob("appendonly*"):
        if file.is_file():
            target = to / file.relative_to(scene.server.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    scene.client.config_set("auto-aof-rewrite-percentage", 100)
    return to


#: Fewer stream entries than any of our webs brings.
CAP = 100


@row("a consumer group that stopped reading, and a stream that fills up to its cap")
def dead_consumer(folder: Path, seed: int) -> Verdict:
    """Said before it bites; then nothing is appended, dropped or polled until it reads again, and all is there."""
    with stage(folder, feeds=30, seed=seed) as scene:
        scene.settings = scene.write(redis={"url": scene.server.url, "stream_limit": CAP}, poll={"at_once": 2})
        scene.client.xgroup_create("dateline:events", "sleeper", id="0", mkstream=True)
        one = scene.daemon()
        rig.until(lambda: "holds its limit" in scene.log(), 90, f"the cap is never met; {scene.tail()}")
        scene.make_due()  # a fast machine has polled all feeds by now
        rig.until(lambda: "poll.held_back" in scene.log(), 60, f"polling goes on; {scene.tail()}")
        _pass_time(5)
        assert one.running()
        at_cap = scene.published()
        read, began = list[tuple[str, dict[str, str]]](), time.monotonic()
        while True:
            drained = rig.drained(scene.client)  # asked before reading: what is appended in between is read too
            some = read_group(scene.client, "sleeper")
            read += some
            if drained and not some:
                break
            assert time.monotonic() < began + 240, f"{scene.left()}; {scene.tail()}"
            if not scene.healthy_seconds and len(read) > at_cap:
                scene.healthy_seconds = time.monotonic() - began
        verdict = scene.verdict(report=scene.web.report(read, scene.dead()), note=f"cap {CAP}, {len(read)} entries")
        for said in ("stream.near_cap", "stream.trimmed_early"):
            if said not in scene.log():
                verdict.breaches.append(f"no word of {said}")
        if at_cap > CAP:
            verdict.breaches.append(f"{at_cap} entries, cap {CAP}")
        return verdict
