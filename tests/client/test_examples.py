"""The consumers of examples/ as printed, each on a stream with events, a quote and a retraction."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis

from dateline.contract import Article, Quote, Speaker
from dateline.contract.compression import compress_fields
from dateline.contract.envelope import article_envelope, fields
from dateline.contract.schemas import schemas
from support.records import event, retraction
from support.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
pytestmark = pytest.mark.one_redis


@pytest.fixture
def url(own_redis: RedisServer) -> Iterator[str]:
    """A stream: an article with two quotes, two events, one of them retracted."""
    text = 'Mayor Ann Lee said: "We stay." "We go," said Bob.'
    quotes = [
        Quote(text='"We stay."', speaker=Speaker(text="Mayor Ann Lee"), kind="direct", start=20, end=30),
        Quote(text='"We go,"', speaker=Speaker(text="Bob"), kind="direct", start=31, end=39),
    ]
    story = Article(id="a9", text=text, text_sha256="", url="https://paper.example/9", quotes=quotes)
    entries = [fields(article_envelope(story, "published", datetime.now(UTC))), event(1), event(2), retraction(2, 2)]
    with contextlib.closing(redis.Redis.from_url(own_redis.url, protocol=2)) as client:
        for number, entry in enumerate(entries, 1):
            client.xadd("dateline:events", {**entry, "seq": str(number)})  # type: ignore[arg-type]
    yield own_redis.url


def first_lines(count: int, *command: str | Path, **environment: str) -> list[str]:
    """The first lines that a program prints; it is ended then."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
    assert process.stdout is not None
    try:
        return [process.stdout.readline().rstrip("\n") for _ in range(count)]
    finally:
        process.terminate()
        process.wait(timeout=120)
        process.stdout.close()


def test_mobilizations_near_a_country_are_alerts_and_retractions_take_them_back(url: str) -> None:
    sentence = "Rebels <mobilized> troops & tanks near Gao."
    found = first_lines(3, sys.executable, EXAMPLES / "mobilize_alert.py", url, "MLI", "NER")
    assert found == [f"ALERT 2026-03-03 MLI: {sentence}", f"ALERT 2026-03-03 MLI: {sentence}", "retracted: e2"]


def printed_programs() -> dict[str, str]:
    """The consumers of the README and the tutorial, by page."""
    pages = {page: (ROOT / page).read_text() for page in ("README.md", "docs/tutorial.md")}
    found = {
        name: re.findall(r"^```python\n(import asyncio.*?)^```", text, re.M | re.S) for name, text in pages.items()
    }
    return {name: program for name, (program,) in found.items()}


@pytest.mark.parametrize("name", ["README.md", "docs/tutorial.md", "consumer.py", "mobilize_alert.py"])
def test_control_c_ends_a_program_without_a_traceback(name: str, own_redis: RedisServer, tmp_path: Path) -> None:
    """While it waits for the next message."""
    program = EXAMPLES / name
    if name in printed_programs():
        program = tmp_path / "program.py"
        program.write_text(printed_programs()[name])
    with contextlib.closing(redis.Redis.from_url(own_redis.url, protocol=2)) as client:
        fight = {**event(1), "plover": "ASSAULT", "data": event(1)["data"].replace("MOBILIZE", "ASSAULT")}
        for number, entry in enumerate((fight, event(2)), 1):
            client.xadd("dateline:events", {**entry, "seq": str(number)})  # type: ignore[arg-type]
    process = subprocess.Popen(
        [sys.executable, program, own_redis.url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and "Gao" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=15)
    assert (process.returncode, error) == (0, "")


def test_control_c_ends_the_consumer_without_asyncio(own_redis: RedisServer, tmp_path: Path) -> None:
    command = [sys.executable, EXAMPLES / "quotes_to_sqlite.py", own_redis.url, tmp_path / "quotes.db", "lee"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    with contextlib.closing(redis.Redis.from_url(own_redis.url, protocol=2)) as client:
        while not client.exists("dateline:events") or not client.xinfo_groups("dateline:events"):
            assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=15)
    assert (process.returncode, error) == (0, "")


def test_the_quotes_of_one_person_are_in_sqlite_once(url: str, tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    process = subprocess.Popen([sys.executable, EXAMPLES / "quotes_to_sqlite.py", url, path, "ann lee"])
    rows: list[tuple[str, str]] = []
    while not rows and process.poll() is None:
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path)) as database:
            rows = database.execute("SELECT text, url FROM quotes").fetchall()
    process.terminate()
    assert process.wait(timeout=120) == 0
    assert rows == [('"We stay."', "https://paper.example/9")]


def test_the_stream_becomes_parquet_without_retracted_events(url: str, tmp_path: Path) -> None:
    if importlib.util.find_spec("pyarrow") is None:
        pytest.skip("no pyarrow: the extra `parquet` is not installed")
    command = [sys.executable, EXAMPLES / "stream_to_parquet.py", url, tmp_path, "--since", "24h"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout == "1 events\n", done.stderr
    program = "import sys, pyarrow.parquet as pq; print(pq.read_table(sys.argv[1]).to_pylist()[0]['actors'])"
    read = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "events-00000.parquet"], capture_output=True, text=True
    )
    assert read.stdout == "['Rebels']\n", read.stderr


def test_the_consumer_in_javascript_checks_the_schema_and_slices_by_code_points(url: str, tmp_path: Path) -> None:
    if shutil.which("node") is None or not (EXAMPLES / "node_modules" / "ajv").is_dir():
        pytest.skip("no node, or no packages: npm install --prefix examples redis ajv")
    (tmp_path / "event.json").write_text(json.dumps(schemas()["dateline.event/1"]))
    found = first_lines(1, "node", EXAMPLES / "consumer.mjs", url, tmp_path / "event.json", "1")
    assert found == ["MOBILIZE mobilized | Rebels <mobilized> troops & tanks near Gao."]


def test_the_consumer_in_javascript_reads_compressed_data(own_redis: RedisServer, tmp_path: Path) -> None:
    if shutil.which("node") is None or not (EXAMPLES / "node_modules" / "fzstd").is_dir():
        pytest.skip("no node, or no packages: npm install --prefix examples redis ajv fzstd")
    (tmp_path / "event.json").write_text(json.dumps(schemas()["dateline.event/1"]))
    with contextlib.closing(redis.Redis.from_url(own_redis.url, protocol=2)) as client:
        client.xadd("dateline:events", dict(compress_fields(event(1).items())) | {"seq": "1"})  # type: ignore[arg-type]
    found = first_lines(1, "node", EXAMPLES / "consumer.mjs", own_redis.url, tmp_path / "event.json", "1")
    assert found == ["MOBILIZE mobilized | Rebels <mobilized> troops & tanks near Gao."]


def test_the_faststream_application_gets_typed_records(url: str) -> None:
    if importlib.util.find_spec("faststream") is None:
        pytest.skip("no faststream: pip install 'faststream[redis]'")
    with contextlib.closing(redis.Redis.from_url(url, protocol=2)) as client:
        client.xgroup_create("dateline:events", "faststream", "0")  # else FastStream begins with what comes next
    found = first_lines(1, sys.executable, EXAMPLES / "faststream_app.py", STREAM_URL=url)
    assert found == ["MOBILIZE Rebels <mobilized> troops & tanks near Gao."]
