"""Verbs beside a daemon with a private Redis: they find it from any folder, start nothing, and outlive its restart."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis

from dateline.settings import Settings
from dateline.settings.running import load_for_verb, note_of
from dateline.topology.daemons import announced, other_redis, running_daemons
from support import rig

pytestmark = pytest.mark.one_redis


@dataclass
class Place:
    """A checkout-like folder with settings, a folder elsewhere, and the daemon."""

    folder: Path
    elsewhere: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """`dateline run` in the folder; waits until it is up."""
        log = self.folder / "log"
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dateline", "run", *options],
                cwd=self.folder, env=self.environment, stdout=out, stderr=out,
            )  # fmt: skip
        marks = ("daemon.started", "redis_only.started")
        rig.until(lambda: any(mark in log.read_text() for mark in marks), 120, "the daemon is up")

    def stop(self) -> None:
        """SIGTERM, and its end."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(120) == 0
        self.process = None

    def verb(self, *words: str, code: int | None = 0) -> str:
        """What a verb says in the other folder, on both outputs."""
        done = subprocess.run(
            [sys.executable, "-m", "dateline", *words],
            cwd=self.elsewhere, env=self.environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def notice(self, subject: str) -> None:
        """Append a notice, as the daemon does."""
        with redis.Redis(unix_socket_path=str(self.folder / "data/redis.sock")) as client:
            client.xadd("dateline:notices", {"type": "feed.failing", "subject": subject})

    def log(self) -> str:
        """The daemon's log since its last start."""
        return (self.folder / "log").read_text()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Settings for one child and no feeds; nothing runs yet."""
    for name in ("here/config", "there", "run"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "here/config/dateline.toml").write_text(
        "[serve]\nenabled = false\n[pool]\nchildren = 1\n[log]\nform = 'json'\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    built = Place(tmp_path / "here", tmp_path / "there", environment | {"XDG_RUNTIME_DIR": str(tmp_path / "run")})
    yield built
    if built.process is not None:
        built.process.kill()
        built.process.wait()


def test_verbs_find_the_daemon_from_any_folder_make_nothing_and_tail_outlives_its_restart(place: Place) -> None:
    """Once a verb in a wrong folder started a Redis there and printed zeros; and a `tail` held the folder."""
    said = place.verb("stats", code=1)
    assert "no daemon runs on" in said and "dateline run --embedded" in said
    place.start("--embedded")
    assert '"event": "embedded_redis.started"' in place.log() and " server " in place.log()
    assert "feeds configured" in place.verb("stats")
    doctor = place.verb("doctor")
    assert str(place.folder / "config/dateline.toml") in doctor and "one worker is running" in doctor
    assert "reading: pure Python" in doctor
    (place.elsewhere / "own.toml").write_text("")  # the tutorial's reader, in a folder with settings of its own
    said = place.verb("stats", "--config", "own.toml", code=1)
    assert f"runs with --config {place.folder}/config/dateline.toml" in said
    (place.elsewhere / "own.toml").unlink()
    place.verb("feeds", "add", "--no-check", "https://paper.example/feed.xml")
    tail = subprocess.Popen(
        [sys.executable, "-m", "dateline", "tail", "--notices"],
        cwd=place.elsewhere, env=place.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert tail.stdout is not None
        place.notice("one")
        assert '"subject": "one"' in tail.stdout.readline()
        place.stop()
        assert not list(place.elsewhere.iterdir()), "a verb made something"
        place.start("--embedded")  # the folder is free, for a verb never holds it
        place.notice("two")
        assert '"subject": "two"' in tail.stdout.readline()
        assert "https://paper.example/feed.xml" in place.verb("feeds", "list")
    finally:
        tail.kill()
        tail.communicate()
    changes_that_need_a_restart_are_said_at_warning_and_by_doctor(place)


def changes_that_need_a_restart_are_said_at_warning_and_by_doctor(place: Place) -> None:
    """A changed file is read again; what a running worker cannot take over is not passed over in silence."""
    settings = place.folder / "config/dateline.toml"
    settings.write_text(settings.read_text() + "[fetch]\nallow = ['10.0.0.7:80']\n[poll]\nat_once = 5\n")
    rig.until(lambda: "settings.need_restart" in place.log(), 120, "the change is noticed")
    (row,) = [json.loads(line) for line in place.log().splitlines() if "settings.need_restart" in line]
    assert row["level"] == "warning" and row["sections"] == ["fetch"]
    assert "changes of [fetch] wait for a restart" in place.verb(
        "doctor", code=None
    )  # 1: its only feed cannot be fetched


def test_only_the_private_redis_runs_where_no_worker_shall(place: Place) -> None:
    """For verbs that need the data while no worker runs: moving it to another number of partitions."""
    place.start("--redis-only")
    assert "no worker has run" in place.verb("doctor")
    place.stop()


def test_a_daemons_note_is_gone_with_it_and_holds_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two daemons with different settings: the operator must choose."""
    monkeypatch.chdir(tmp_path)
    environment = {"XDG_RUNTIME_DIR": str(tmp_path), "DATELINE_REDIS_URL": "redis://me:hunter2@redis.example:6379/0"}
    forward = "[[forward]]\nkind = 'jsonl'\npath = 'data/e.jsonl'\n"
    (tmp_path / "one.toml").write_text(f"[redis]\nprefix = 'mine'\n{forward}")
    settings = load_for_verb(tmp_path / "one.toml", environment)
    note = note_of(settings, tmp_path / "one.toml")
    with announced(note, environment):
        assert "hunter2" not in "".join(path.read_text() for path in tmp_path.glob("dateline/*.json"))
        assert [one.pid for one in running_daemons(environment)] == [os.getpid()]
        said = other_redis("Redis at redis://127.0.0.1:6379/0 does not answer", environment)
        assert said == f"; the daemon with process {os.getpid()} has its Redis at redis://redis.example:6379/0"
        assert other_redis("Redis at redis://redis.example:6379/0 does not answer", environment) == ""
        del environment["DATELINE_REDIS_URL"]
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        found = load_for_verb(None, environment)
        assert found.forward[0].options["path"] == str(tmp_path / "data/e.jsonl")
        assert (found.redis.url, found.redis.prefix) == ("redis://redis.example:6379/0", "mine")
        assert str(tmp_path / "one.toml") in found.where
    assert running_daemons(environment) == []
    assert load_for_verb(None, environment) == Settings()
