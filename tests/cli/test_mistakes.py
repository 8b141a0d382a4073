"""Mistakes that people made: each names the thing, the place and the remedy, and the exit code is not 0."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from dateline.cli.main import main
from dateline.settings import RedisSettings
from dateline.store.checks import check_schema
from dateline.store.redis import Connection
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis


@pytest.fixture
def config(redis: RedisServer, prefix: str, tmp_path: Path) -> str:
    """A settings file for the shared Redis, with keys of its own."""
    path = tmp_path / "dateline.toml"
    path.write_text(f'[redis]\nurl = "{redis.url}"\nprefix = "{prefix}"\n')
    return str(path)


def said(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> str:
    """What a verb writes to standard error; its exit code is checked."""
    assert main(list(words)) == code
    return capsys.readouterr().err


def test_a_group_that_is_not_there_is_named_with_those_that_are(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On an empty store, too: once that was `a mistake in Dateline, ResponseError`."""
    assert "no consumer group 'x'; there are: none" in said(capsys, 2, "groups", "--delete", "x", "--config", config)


def test_an_opml_without_a_feed_is_an_error(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Once: `0 added of 0`, exit 0."""
    path = tmp_path / "empty.opml"
    path.write_text("<opml version='2.0'><body/></opml>")
    error = said(capsys, 1, "feeds", "import", str(path), "--config", config)
    assert str(path) in error and "xmlUrl" in error


def test_an_unknown_dead_letter_says_where_the_ids_are(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "dateline dead-letters list" in said(capsys, 1, "dead-letters", "show", "abc", "--config", config)


@pytest.mark.parametrize("port", ["99999", "-1", "x"])
def test_a_port_that_cannot_be_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Once the demo served on another one."""
    assert "use 0 (any free one) to 65535" in said(capsys, 2, "demo", f"--port={port}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[groups.a]\nfeed = ["https://p.example/rss"]\n', "did you mean 'feeds'"),
        ('[groups.a]\nfeeds = ["p.example/rss"]\n', "write https://p.example/rss"),
    ],
)
def test_a_mistake_in_the_feeds_file_has_its_remedy(
    text: str, says: str, config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "feeds.toml").write_text(text)
    assert says in said(capsys, 2, "run", "--once", "--config", config)


def test_a_forwarder_without_its_path_is_told_its_options_and_where_a_whole_table_is(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once: `Object missing required field path`, and no more."""
    Path(config).write_text(Path(config).read_text() + '[[forward]]\nkind = "jsonl"\n')
    error = said(capsys, 2, "forward", "list", "--config", config)
    assert "`path`" in error and "options: " in error and "docs/forwarders.md" in error


def test_config_refuses_a_forwarder_that_the_daemon_would_refuse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "dateline.toml"
    path.write_text("[[forward]]\nkind = 'kafk'\n")
    assert main(["config", "--config", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == "" and "kafk" in said.err and "kafka" in said.err


def test_an_address_that_cannot_be_allowed_is_refused_before_a_redis_is_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By `config`, too. Once the private Redis was started first, and `config` printed the address as in force."""
    path = tmp_path / "dateline.toml"
    path.write_text(f"[fetch]\nallow = ['127.0.0.0/8']\n[redis]\ndata_folder = '{tmp_path}/data'\n")
    for words in (("config",), ("run", "--embedded", "--once")):
        assert "write it as 127.0.0.1:8080" in said(capsys, 2, *words, "--config", str(path))
    assert not (tmp_path / "data").exists()


def test_a_feeds_file_that_is_not_there_is_named_before_a_redis_is_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "dateline.toml"
    path.write_text(f"[redis]\ndata_folder = '{tmp_path}/data'\n")
    error = said(capsys, 2, "run", "--embedded", "--feeds", f"{tmp_path}/none.toml", "--config", str(path))
    assert "none.toml: no such file; `dateline init" in error and not (tmp_path / "data").exists()


@pytest.mark.parametrize("verb", [("feeds", "check"), ("extract",)])
def test_a_word_that_is_no_address_is_told_how_one_looks(
    verb: tuple[str, ...], config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    error = said(capsys, 1, *verb, "not-an-address", "--config", config)
    assert "not-an-address" in error and ("https://HOST/PATH" in error or "no such file" in error.lower())


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("extract", "{folder}/nope.html"), 1, "nope.html: cannot be read: No such file or directory; check the path"),
        (("extract", "{folder}"), 1, "cannot be read: Is a directory; name a file, not a folder"),
        (("extract", "--batch", "{folder}/nope"), 2, "nope: cannot be read: No such file or directory; check the path"),
        (("extract", "ftp://paper.example/a"), 1, "(web addresses begin with https://)"),
        (("extract", "{folder}/page.html", "--published", "gestern"), 1, "write it as 2026-03-01"),
        (("parse", "{folder}"), 1, "name a file, not a folder"),
        (("canonical", "--batch", "{folder}"), 2, "name a file, not a folder"),
        (("feeds", "add", "ftp://paper.example/feed"), 1, "(web addresses begin with https://)"),
        (("feeds", "check", "ftp://paper.example/feed"), 1, "(web addresses begin with https://)"),
        (("feeds", "import", "{folder}"), 2, "name a file, not a folder"),
        (("init", "--folder", "{folder}/page.html"), 1, "a file has the folder's name: name another folder"),
        (("init", "--folder", "{folder}/c", "{folder}/none.opml"), 2, "check the path, or give a site's address"),
        (("run", "--feeds", "{folder}"), 2, "name a file, not a folder"),
        (("run", "--feeds", "{folder}/page.html"), 2, "not TOML"),
        (("failures", "show", "abc"), 1, "`dateline failures list` shows them"),
        (("forward", "drop", "abc"), 2, "`dateline forward list` lists those left over"),
    ],
)  # fmt: skip
def test_a_wrong_file_or_name_has_its_remedy(
    words: tuple[str, ...], code: int, says: str, config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "page.html").write_text("<p>Talks were held.</p>")
    given = [word.format(folder=tmp_path) for word in words]
    error = said(capsys, code, *given, *(["--config", config] if words[0] != "init" else []))
    assert says in error and "Traceback" not in error


@pytest.mark.parametrize(
    ("option", "says"),
    [("db=99", "end redis.url in one that there is, /0"), ("foo=geheim", "the option 'foo' after ? is none of redis-py's")],
)  # fmt: skip
@pytest.mark.parametrize("verb", ["stats", "run --once"])
def test_a_url_that_redis_or_its_library_refuses_is_no_bug(
    option: str, says: str, verb: str, redis: RedisServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once: `bug in Dateline`, and a traceback from the daemon."""
    path = tmp_path / "dateline.toml"
    path.write_text(f'[redis]\nurl = "{redis.url}?{option}"\n')
    error = said(capsys, 2, *verb.split(), "--config", str(path))
    assert says in error and "geheim" not in error and "Traceback" not in error


def test_init_says_what_to_do_with_addresses_that_gave_no_feed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--folder", str(tmp_path / "c"), "http://127.0.0.1:9/feed"]) == 1
    assert "1 of the addresses gave no feed" in capsys.readouterr().out


async def test_doctor_names_a_prefix_that_no_worker_has_used_and_leaves_no_mark(
    config: str, redis: RedisServer, prefix: str
) -> None:
    """A mark would hide from the workers that Redis has lost its data."""
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dateline", "doctor", "--config", config, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await done.communicate()
    assert f"no worker has used this Redis with redis.prefix '{prefix}'" in out.decode()
    connection = Connection(RedisSettings(url=redis.url, prefix=prefix))
    assert await connection.call("EXISTS", connection.keys[0].meta) == 0
    await connection.close()


def test_doctor_without_a_redis_gives_one_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "dateline.toml"
    path.write_text(f"[redis]\ndata_folder = '{tmp_path}/data'\n")
    assert main(["doctor", "--config", str(path)]) == 1
    out = capsys.readouterr().out
    assert "dateline run --embedded" in out and "->" not in out


def test_a_forwarder_that_cannot_deliver_says_what_becomes_of_the_entries(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(config).write_text(Path(config).read_text() + '[[forward]]\nkind = "webhook"\nurl = "http://127.0.0.1:9/"\n')
    assert main(["forward", "check", "--config", config]) == 1
    out = capsys.readouterr().out
    assert "fetch.allow" in out and "entries for it wait" in out


SHOWING = (
    ("stats",),
    ("stats", "--publisher"),
    ("groups",),
    ("verify",),
    ("feeds", "list"),
    ("dead-letters", "list"),
    ("failures", "list"),
    ("forward", "list"),
    ("explain", "https://paper.example/a"),
    ("replay", "--since", "24h"),
    ("top", "--once"),
)


@pytest.mark.parametrize("words", SHOWING, ids=" ".join)
def test_a_verb_that_shows_data_says_where_no_worker_has_used_the_prefix(
    config: str, prefix: str, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """Zeros alone would look like a worker that does nothing."""
    main([*words, "--config", config])
    err = capsys.readouterr().err
    assert "no worker has used this Redis with this prefix" in err and prefix in err and "correct redis.url" in err


async def test_a_verb_refuses_another_number_of_partitions_than_the_workers_set_up(
    config: str, redis: RedisServer, prefix: str
) -> None:
    """It would show one part of the data as if it were all."""
    connection = Connection(RedisSettings(url=redis.url, prefix=prefix))
    await check_schema(connection)
    await connection.call("HSET", connection.keys[0].meta, "partitions", 4)
    await connection.close()
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dateline", "stats", "--config", config, stderr=asyncio.subprocess.PIPE
    )
    _, err = await done.communicate()
    assert done.returncode == 2 and "4 partitions" in err.decode()


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
def test_a_verb_whose_caller_closed_its_streams_does_its_work(closed: str, tmp_path: Path) -> None:
    """Some supervisors start programs without standard input; the event loop then took a pipe for it and aborted."""
    feed = tmp_path / "feed.xml"
    feed.write_text(
        "<rss version='2.0'><channel><title>P</title><item><title>Ferry late</title></item></channel></rss>"
    )
    command = f'exec "{sys.executable}" -m dateline parse --url https://paper.example/f "{feed}" {closed}'
    done = subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE, timeout=60, check=True)
    assert b"Ferry late" in done.stdout
