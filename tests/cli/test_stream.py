"""The verbs that look at Redis, on the real thing: a newsroom that a daemon has drained, with an archive beside it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
import redis

from dateline.contract.envelope import data_with_texts
from dateline.contract.schemas import schemas
from support import rig
from support.redis_server import RedisServer, servers
from support.verbs import run_verb


@dataclass
class Drained:
    """A Redis with all of the newsroom's first two editions on its stream, and the settings that lead there."""

    settings: Path
    server: RedisServer
    client: redis.Redis
    archive: Path

    def verb(self, *arguments: str, exit_code: int = 0) -> str:
        """Run a verb against it; gives its standard output."""
        done = run_verb(arguments[0], "--config", str(self.settings), *arguments[1:])
        assert done.returncode == exit_code, (done.returncode, done.stderr[-2000:], done.stdout[-500:])
        return done.stdout.decode()

    def read(self) -> None:
        """Poll, read and publish what is due."""
        command = [sys.executable, "-m", "worker", "run", "--once", "--config", str(self.settings)]
        done = subprocess.run(command, capture_output=True, cwd=rig.ROOT, timeout=240)
        assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stderr.decode()[-3000:]

    def entries(self) -> list[tuple[str, dict[str, str]]]:
        return rig.stream(self.client)


@pytest.fixture(scope="module")
def newsroom() -> Iterator[tuple[int, list[str]]]:
    """The bundled newsroom as a process, its first edition alone: port and feeds."""
    command = [sys.executable, "-m", "dateline.demo.newsroom", "--port", "0", "--edition-seconds", "10000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=rig.ROOT)
    assert process.stdout is not None
    try:
        base = process.stdout.readline().split()[-1]
        feeds = [process.stdout.readline().split("\t")[0] for _ in range(6)]
        yield urlsplit(base).port or 0, feeds
    finally:
        process.terminate()
        process.wait(120)
        process.stdout.close()


@pytest.fixture(scope="module")
def drained(newsroom: tuple[int, list[str]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drained]:
    """``dateline run --once`` over the newsroom, once for all tests here: they read, or put back what they take."""
    port, feeds = newsroom
    folder = tmp_path_factory.mktemp("drained")
    server = RedisServer(servers()[-1], tmp_path_factory.mktemp("redis"))
    server.start()
    client = redis.Redis.from_url(server.url, protocol=2)
    try:
        dead = f"http://127.0.0.1:{port}/nothing.xml"
        settings = rig.write_settings(
            folder / "config", server.url, [port], [*feeds, dead], archive={"folder": str(folder / "warc")}
        )
        made = Drained(settings, server, client, folder / "warc")
        made.read()
        yield made
    finally:
        client.close()
        server.kill()


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_every_entry_that_a_daemon_publishes_fits_the_shipped_schemas(drained: Drained) -> None:
    """Envelope and record, field by field; a consumer may generate its types from them."""
    every = schemas()
    by_id = {schema["$id"]: jsonschema.Draft202012Validator(schema) for schema in every.values()}
    envelope = jsonschema.Draft202012Validator(every["dateline.envelope/1"])
    wrong, kinds = [], set()
    for mid, fields in drained.entries():
        kinds.add(fields["type"])
        wrong += [f"{mid} {error.json_path}: {error.message}" for error in envelope.iter_errors(fields)]
        record = json.loads(fields["data"])
        wrong += [
            f"{mid} {error.json_path}: {error.message}" for error in by_id[fields["dataschema"]].iter_errors(record)
        ]
    assert not wrong, "\n".join(wrong[:20])
    assert {"dateline.article.published", "dateline.article.copied", "dateline.event.reported"} <= kinds


def test_offsets_of_published_records_fit_their_text(drained: Drained) -> None:
    """Evidence, quotes, blocks and names are where the record says, in the text whose hash it gives."""
    import hashlib

    texts: dict[str, str] = {}
    checked = 0
    for _, fields in drained.entries():
        record = json.loads(fields["data"])
        if fields["type"].startswith("dateline.article."):
            text = texts[record["id"]] = record["text"]
            assert hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() == record["text_sha256"]
            for part in (part for name in ("blocks", "quotes", "entities", "timex") for part in record.get(name, [])):
                words = text[part["start"] : part["end"]]
                assert words.strip() and part.get("text", words) == words
                checked += 1
        elif fields["type"] == "dateline.event.reported":
            proof = record["evidence"]
            assert texts[record["article"]][proof["start"] : proof["end"]] == proof["text"]
            checked += 1
    assert checked > 200


def test_replay_gives_the_stream_as_it_stands(drained: Drained) -> None:
    """All of it, from an id on, or of one type."""
    stream = drained.entries()
    rows = lines(drained.verb("replay"))
    assert [row["id"] for row in rows] == [fields["id"] for _, fields in stream]
    assert rows[0]["data"] == json.loads(data_with_texts(stream[0][1]))
    middle = stream[len(stream) // 2][0]
    assert [row["stream_id"] for row in lines(drained.verb("replay", "--since", middle))] == [
        mid for mid, _ in stream[len(stream) // 2 :]
    ]
    articles, every = lines(drained.verb("replay", "--type", "article")), drained.entries()
    assert len(articles) == sum(fields["type"].startswith("dateline.article.") for _, fields in every)
    events = lines(drained.verb("replay", "--type", "event.reported"))
    assert events and {row["type"] for row in events} == {"dateline.event.reported"}
    assert drained.verb("replay", "--since", "2099-01-01") == ""


@pytest.mark.parametrize("kind", [None, "article.copied"])
def test_tail_shows_the_last_entries_and_goes_on(drained: Drained, kind: str | None) -> None:
    """With a type: the last ones of it, though others came after them."""
    of_kind = [mid for mid, fields in drained.entries() if kind is None or fields["type"].endswith(kind)]
    process = subprocess.Popen(
        [sys.executable, "-m", "worker", "tail", "--config", str(drained.settings), "--json", "--last", "3",
         *(["--type", kind] if kind else [])],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=rig.ROOT, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None and process.stderr is not None
        shown = [json.loads(process.stdout.readline()) for _ in of_kind[-3:]]
        assert shown and [row["stream_id"] for row in shown] == of_kind[-3:]
        assert process.poll() is None
    finally:
        process.terminate()
        said = process.communicate(timeout=120)[1]
    assert "Traceback" not in said


def test_groups_are_listed_with_their_lag_set_back_and_deleted(drained: Drained) -> None:
    drained.client.xgroup_create("dateline:events", "readers", "$")
    (row,) = drained.verb("groups").splitlines()
    assert row.startswith("readers") and " 0 " in row
    assert "reads again" in drained.verb("replay", "--group", "readers", "--since", "-")
    assert drained.client.xinfo_groups("dateline:events")[0]["last-delivered-id"] in ("0-0", b"0-0")
    (row_of_json,) = lines(drained.verb("groups", "--json"))
    assert row_of_json["name"] == "readers" and row_of_json["pending"] == 0
    assert drained.verb("groups", "--delete", "readers") == "deleted: readers\n"
    drained.verb("groups", "--delete", "readers", exit_code=2)
    assert "no consumer group" in drained.verb("groups")


def test_dead_letters_are_listed_shown_dropped_and_requeued(drained: Drained) -> None:
    """The newsroom has pages that are no articles on purpose: each is there with its reason."""
    letters = lines(drained.verb("dead-letters", "list", "--json"))
    assert letters and all(letter["code"] and letter["reason"] and letter["url"] for letter in letters)
    assert len(drained.verb("dead-letters", "list").splitlines()) == 2 * len(letters)
    assert lines(drained.verb("dead-letters", "list", "--json", "--most", "1")) == letters[-1:], "the newest"
    one = json.loads(drained.verb("dead-letters", "show", letters[0]["id"]))
    assert one["entry"]["link"] == letters[0]["url"]
    drained.verb("dead-letters", "show", "0/1-1", exit_code=1)
    drained.verb("dead-letters", "drop", exit_code=2)
    base = "{dateline:events}:"
    kept = drained.client.dump(base + "dead")
    waiting = drained.client.xlen(base + "entries")
    assert drained.verb("dead-letters", "requeue", letters[0]["id"]) == "1 requeued\n"
    assert drained.client.xlen(base + "entries") == waiting + 1
    assert drained.client.xlen(base + "dead") == len(letters) - 1
    assert drained.verb("dead-letters", "drop", "--all") == f"{len(letters) - 1} dropped\n"
    assert drained.verb("dead-letters", "list") == ""
    drained.client.restore(base + "dead", 0, kept, replace=True)
    newest = drained.client.xrevrange(base + "entries", count=1)[0][0]
    drained.client.xdel(base + "entries", newest)


def test_explain_tells_how_an_entry_fared(drained: Drained) -> None:
    """One that was published, one that was set aside, one that nobody knows."""
    published = [json.loads(f["data"]) for _, f in drained.entries() if f["type"].endswith("article.published")]
    article = next(one for one in published if one.get("url"))  # an entry of the newsroom has no link
    said = drained.verb("explain", article["url"])
    assert "published" in said and article["id"] in said
    letter = lines(drained.verb("dead-letters", "list", "--json"))[0]
    assert letter["code"] in drained.verb("explain", letter["url"])
    known = json.loads(drained.verb("explain", "--json", letter["url"]))
    assert [row["outcome"] for row in known["trail"]] == ["dead"] and known["now"][0]["letter"] == letter["id"]
    assert known["articles"] == []


def test_explain_of_what_nobody_showed_names_the_feeds_of_the_same_house(drained: Drained) -> None:
    """Where it should have come from, and how that fares; nothing is a mistake of use, not everything."""
    said = drained.verb("explain", "https://nobody.example/x", exit_code=1)
    assert "is unknown" in said and "no feed of this publisher" in said
    feed = lines(drained.verb("feeds", "list", "--json"))[0]["url"]
    assert feed in drained.verb("explain", f"http://{urlsplit(feed).netloc}/never/printed.html", exit_code=1)
    drained.verb("explain", " ", exit_code=2)


def test_explain_finds_what_waits_in_the_queue_or_for_later(drained: Drained) -> None:
    letter = lines(drained.verb("dead-letters", "list", "--json"))[0]
    base = "{dateline:events}:"
    kept = drained.client.dump(base + "dead")
    drained.verb("dead-letters", "requeue", letter["id"])
    assert "queued, or being ingested by a worker" in drained.verb("explain", letter["url"])
    mid, fields = drained.client.xrevrange(base + "entries", count=1)[0]
    drained.client.zadd(base + "later", {fields[b"e"]: 4e12})
    drained.client.xdel(base + "entries", mid)
    assert "waits for try 1 at 2096-" in drained.verb("explain", letter["url"])
    drained.client.delete(base + "later")
    drained.client.restore(base + "dead", 0, kept, replace=True)


def test_the_settings_file_may_be_named_before_or_behind_the_verb_below(drained: Drained) -> None:
    """`feeds --config FILE list` and `feeds list --config FILE` are the same."""
    command = [sys.executable, "-m", "worker", "feeds", "list", "--json", "--config", str(drained.settings)]
    done = subprocess.run(command, capture_output=True, cwd=rig.ROOT, timeout=120)
    assert done.returncode == 0 and len(lines(done.stdout.decode())) == len(
        lines(drained.verb("feeds", "list", "--json"))
    )


def test_doctor_tells_whether_a_worker_is_there(drained: Drained) -> None:
    """One that ended in order has signed out; one that signs is there; one that stopped signing is not."""
    key = "{dateline:events}:workers"
    assert drained.client.zcard(key) == 0
    assert "no worker has run" in drained.verb("doctor")
    now = float(drained.client.time()[0])
    drained.client.zadd(key, {"w1": now, "w2": now - 600})
    found = lines(drained.verb("doctor", "--json"))
    assert [row["say"] for row in found if "running" in row["say"]] == ["one worker is running, 0 entries in progress"]
    drained.client.zadd(key, {"w1": now - 300})
    assert any("no worker has run for 5 min" in row["say"] for row in lines(drained.verb("doctor", "--json")))
    drained.client.delete(key)


@pytest.mark.parametrize(
    "wrong", [("tail", "--type", "news"), ("tail", "--last", "-1"), ("replay", "--since", "the day before"),
              ("replay", "--since", "$"), ("replay", "--group", "nobody"), ("replay", "--since", "9" * 25),
              ("dead-letters", "list", "--most", "-1"), ("dead-letters", "drop", "--all", "--code", "gone")],
)  # fmt: skip
def test_wrong_use_of_the_stream_is_exit_2(drained: Drained, wrong: tuple[str, ...]) -> None:
    """Not an answer of Redis, and not silence."""
    drained.verb(*wrong, exit_code=2)


@pytest.mark.parametrize(
    "verb", [("feeds", "list"), ("replay",), ("export", "--format", "csv"), ("stats",), ("--help",)]
)
def test_a_full_disk_behind_the_output_is_told_as_that(drained: Drained, verb: tuple[str, ...]) -> None:
    """Exit 1, one line that speaks of the output and not of Redis, no trace."""
    command = [
        sys.executable,
        "-m",
        "worker",
        verb[0],
        *([] if verb[0] == "--help" else ["--config", str(drained.settings)]),
    ]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*command, *verb[1:]], stdout=full, stderr=subprocess.PIPE, cwd=rig.ROOT, timeout=120)
    assert done.returncode == 1
    said = done.stderr.decode()
    assert "cannot write the output" in said and "Redis" not in said and len(said.splitlines()) == 1


def test_a_terminal_of_another_encoding_shows_what_it_can(drained: Drained) -> None:
    """Names that it has no letters for come escaped; nothing ends in a trace."""
    done = subprocess.run(
        [sys.executable, "-m", "worker", "feeds", "--config", str(drained.settings), "list"], capture_output=True,
        cwd=rig.ROOT, timeout=120, env={"PYTHONIOENCODING": "ascii:strict", "PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert done.returncode == 0 and b"Le Fanal du L\\xe9man" in done.stdout, done.stderr[-500:]


def test_stats_and_doctor_tell_what_is_the_case(drained: Drained) -> None:
    counts = json.loads(drained.verb("stats", "--json"))
    assert counts["stream_entries"] == len(drained.entries()) and counts["feeds"] == 7
    assert counts["entries_waiting"] == 0
    said = drained.verb("doctor")
    assert "ok       Redis" in said and "feeds failed at their last poll" in said


def test_stats_of_publishers_show_what_their_pages_gave(drained: Drained) -> None:
    """Every publisher of the newsroom, as table, lines and one by one; an unknown one is exit 1."""
    rows = lines(drained.verb("stats", "--publisher", "--json"))
    assert len(rows) >= 5 and all(row["pages"] > 0 and row["bad"] == [] for row in rows)
    assert all(
        0.0 <= row["rates"]["no_date"]["now"] <= 1.0 for row in rows if row["rates"]["no_date"]["now"] is not None
    )
    table = drained.verb("stats", "--publisher").splitlines()
    assert len(table) == len(rows) + 1
    assert f"{rows[0]['pages']} pages" in drained.verb("stats", "--publisher", rows[0]["publisher"])
    drained.verb("stats", "--publisher", "nobody.example", exit_code=1)


def test_export_gives_every_event_in_every_form(drained: Drained) -> None:
    events = [json.loads(f["data"]) for _, f in drained.entries() if f["type"] == "dateline.event.reported"]
    pairs = sum(max(1, len(e.get("actors", []))) * max(1, len(e.get("recipients", []))) for e in events)
    rows = [line.split("\t") for line in drained.verb("export", "--format", "gdelt").splitlines()]
    assert len(rows) == pairs and {len(row) for row in rows} == {61}
    assert {row[29] for row in rows} <= set("1234")
    assert sum(row[60].startswith("http") for row in rows) > 0.9 * len(rows)  # an entry without a link has none
    assert [row["id"] for row in lines(drained.verb("export", "--format", "plover"))] == [e["id"] for e in events]
    table = list(csv.DictReader(io.StringIO(drained.verb("export", "--format", "csv", "--final"))))
    assert sorted(row["id"] for row in table) == sorted({e["id"] for e in events})
    assert len(lines(drained.verb("export"))) == len(drained.entries())


def test_the_archive_holds_every_page_and_reads_them_again_as_the_same_articles(drained: Drained) -> None:
    """Old pages through today's reader: the articles that the stream has, by their ids, with the same text."""
    on_stream = {
        record["id"]: record["text"]
        for _, fields in drained.entries()
        if fields["type"].startswith("dateline.article.") and (record := json.loads(fields["data"]))
    }
    rows = []
    done = drained_archive(drained)
    for row in done:
        if row["article"]:
            rows.append(row["article"])
    again = {article["id"]: article["text"] for article in rows}
    from warcio.archiveiterator import ArchiveIterator

    with next(drained.archive.iterdir()).open("rb") as file:
        pages = [
            r for r in ArchiveIterator(file) if r.rec_type == "response" and r.http_headers.get_statuscode() == "200"
        ]
    assert pages and all(page.http_headers.get_header("Server") for page in pages)  # none that our own code reads
    missing = set(on_stream) - set(again)
    assert len(missing) <= 2, missing  # what a feed gave in full has no page
    same = sum(1 for name, text in again.items() if on_stream.get(name) == text)
    assert same >= 0.9 * len(set(on_stream) & set(again))


def drained_archive(drained: Drained) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "worker", "replay", "--from-archive", str(drained.archive), "--children", "1"],
        capture_output=True, cwd=rig.ROOT, timeout=120,
    )  # fmt: skip
    assert done.returncode in (0, 1) and b"Traceback" not in done.stderr
    return lines(done.stdout.decode())


def test_a_redis_that_is_not_there_is_exit_1_and_words(tmp_path: Path) -> None:
    settings = rig.write_settings(
        tmp_path, f"redis://127.0.0.1:{rig.free_port()}/0", [], [], redis={"timeout_seconds": 1.0}
    )
    for words in (["stats"], ["groups"], ["replay"], ["dead-letters", "list"], ["explain", "x"], ["doctor"]):
        done = run_verb(words[0], "--config", str(settings), *words[1:])
        assert done.returncode == 1, (words, done.stderr)
        assert b"Redis" in done.stdout + done.stderr
