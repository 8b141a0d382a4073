"""The batch verbs as a shell sees them: lines in, lines out, in order; whatever one line holds costs that line alone."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from support import rig
from support.verbs import Done, run_verb

STORY = (
    "LINDMOUTH, March 3 (Reuters) - Foreign Minister Ada Quell of Norway met her Chilean counterpart in Oslo on Monday. "
    "The talks lasted two hours, a ministry spokesman said. Both sides agreed to meet again in April."
)
PAGE = (
    "<html><head><title>Ministers meet in Oslo</title><meta property='article:published_time' content='2026-03-03T10:00:00Z'>"
    "</head><body><article><h1>Ministers meet in Oslo</h1>"
    + "".join(f"<p>{STORY} Paragraph {n} says a little more about it.</p>" for n in range(5))
    + "</article></body></html>"
)
FEED = (
    "<rss version='2.0'><channel><title>The Lindmouth Post</title><item><title>One</title><link>http://a.example/1</link>"
    "<pubDate>Tue, 03 Mar 2026 10:00:00 GMT</pubDate></item></channel></rss>"
)


def records(done: Done) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def batch(verb: str, lines: list[Any], *options: str) -> Done:
    """Lines, given as objects or as they are, on standard input."""
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return run_verb(verb, "--batch", "-", "--children", "2", *options, given=b"\n".join(raw) + b"\n")


def test_extract_keeps_the_order_and_a_bad_line_costs_itself() -> None:
    """Each kind of wrong line gives an object with its id where it has one; the exit code says that some failed."""
    lines: list[Any] = [
        {"id": "first", "text": STORY},
        b"{not json",
        {"id": 7, "text": 5},
        {"id": "nothing"},
        {"id": "when", "text": STORY, "published": "yesterday"},
        {"id": "gone", "path": "/nowhere/at/all.html"},
        b"[1, 2]",
        {"id": "last", "html": PAGE, "url": "https://paper.example/oslo"},
    ]
    done = batch("extract", lines)
    rows = records(done)
    assert done.returncode == 1
    assert [row["id"] for row in rows] == ["first", None, 7, "nothing", "when", "gone", None, "last"]
    assert [row["error"] and row["error"]["code"] for row in rows] == [
        None, "bad_line", "bad_line", "extract_failed", "bad_line", "unreadable", "bad_line", None,
    ]  # fmt: skip
    assert rows[0]["article"]["text"] == STORY
    assert rows[-1]["article"]["title"] == "Ministers meet in Oslo"
    assert b"6 of 8 lines" in done.stderr


def test_extract_reads_html_text_files_and_packed_files_alike(tmp_path: Path) -> None:
    """The same page as a string, a file and a packed file gives the same article; exit 0 where every line was read."""
    (tmp_path / "p.html").write_text(PAGE)
    (tmp_path / "p.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    (tmp_path / "p.txt").write_text(STORY)
    (tmp_path / "p.txt.gz").write_bytes(gzip.compress(STORY.encode()))
    names = ["p.html", "p.html.gz", "p.txt", "p.txt.gz"]
    lines = [
        {"id": "h", "html": PAGE},
        {"id": "t", "text": STORY},
        *({"id": n, "path": str(tmp_path / n)} for n in names),
    ]
    done = batch("extract", lines)
    texts = {row["id"]: row["article"]["text"] for row in records(done)}
    assert done.returncode == 0
    assert texts["h"] == texts["p.html"] == texts["p.html.gz"]
    assert texts["t"] == texts["p.txt"] == texts["p.txt.gz"] == STORY


def test_a_line_that_hangs_or_eats_its_child_costs_itself_alone(tmp_path: Path) -> None:
    """A pipe that nobody writes to, and a file without an end: killed, told, and the lines around them are read."""
    pipe = tmp_path / "hangs.html"
    os.mkfifo(pipe)
    lines = [
        {"id": "before", "text": STORY},
        {"id": "hangs", "path": str(pipe)},
        {"id": "eats", "path": "/dev/zero"},
        {"id": "after", "text": STORY},
    ]
    done = batch("extract", lines, "--wall-seconds", "4")
    rows = {row["id"]: row for row in records(done)}
    assert done.returncode == 1
    assert list(rows) == ["before", "hangs", "eats", "after"]
    assert rows["hangs"]["error"]["code"] == "timeout"
    assert rows["eats"]["error"]["code"] in ("memory", "crashed", "timeout", "unreadable")  # not opened in the sandbox
    assert rows["before"]["error"] is None and rows["after"]["error"] is None


def test_parse_reads_bodies_and_files_in_order(tmp_path: Path) -> None:
    (tmp_path / "f.xml").write_text(FEED)
    lines = [
        {"id": 1, "body": FEED, "url": "http://a.example/rss"},
        {"id": 2, "body": "<html>no feed</html>"},
        {"id": 3, "path": str(tmp_path / "f.xml")},
    ]
    done = batch("parse", lines)
    rows = records(done)
    assert done.returncode == 1
    assert [row["id"] for row in rows] == [1, 2, 3]
    assert rows[0]["entries"] == rows[2]["entries"] and rows[0]["entries"][0]["published"] == "2026-03-03T10:00:00Z"
    assert rows[1]["error"]["code"] == "not_a_feed" and rows[1]["entries"] == []


def test_canonical_gives_one_line_for_each_line() -> None:
    """Empty where it is no address, so that the lines of input and output go side by side."""
    given = b"http://A.example/x?utm_source=rss\nno address\nhttps://a.example/y#part\n"
    done = run_verb("canonical", "--batch", "-", given=given)
    assert done.stdout.decode().splitlines() == ["http://a.example/x", "", "https://a.example/y"]
    assert done.returncode == 1 and b"no address" in done.stderr
    assert run_verb("canonical", "http://a.example/x").returncode == 0


def test_one_document_from_a_file_or_standard_input(tmp_path: Path) -> None:
    """``--text`` input is the article's text, unchanged, so that offsets fit it."""
    one = json.loads(run_verb("extract", "--text", "-", given=STORY.encode()).stdout)
    assert one["article"]["text"] == STORY
    for quoted in one["quotes"]:
        assert STORY[quoted["start"] : quoted["end"]] == quoted["text"]
    (tmp_path / "p.html").write_text(PAGE)
    two = json.loads(run_verb("extract", str(tmp_path / "p.html")).stdout)
    assert two["article"]["published"].startswith("2026-03-03T10:00:00")
    (tmp_path / "f.xml").write_text(FEED)
    assert json.loads(run_verb("parse", str(tmp_path / "f.xml")).stdout)["feed"]["title"] == "The Lindmouth Post"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), b"usage: dateline VERB"),
        (("extrakt",), b"did you mean 'extract'"),
        (("extract",), b"give a URL, a file or -"),
        (("extract", "/nowhere.html", "--children", "many"), b"is no whole number above 0"),
        (("extract", "--batch", "/nowhere.jsonl"), b"/nowhere.jsonl: cannot be read"),
        (("extract", "--warc", "/nowhere.warc"), b"/nowhere.warc: no such file"),
        (("extract", "--children", "0", "x.html"), b"is no whole number above 0"),
        (("parse", "--wall-seconds", "-1", "x.xml"), b"is no number above 0"),
        (("extract", "--text", "--html", "x.html"), b"not allowed with"),
        (("explain", ""), b"name an entry"),
        (("parse",), b"give a file or -"),
        (("canonical",), b"give addresses"),
        (("schema", "articles"), b"there are:"),
        (("replay", "--from-archive", "x", "--type", "y"), b"--since and --until only"),
        (("replay", "--since", "soon"), b"no place in a stream"),
        (("export", "--format", "xml"), b"invalid choice"),
        (("config", "--config", "/nowhere.toml"), b"/nowhere.toml: no such file"),
        (("dead-letters",), b"required"),
    ],
)
def test_wrong_use_is_exit_2_and_words(arguments: tuple[str, ...], words: bytes) -> None:
    """No trace, and the remedy in the same breath."""
    done = run_verb(*arguments)
    assert done.returncode == 2, done.stderr
    assert words in done.stdout + done.stderr


def test_a_page_on_standard_input_is_read_in_its_own_character_set() -> None:
    """`curl ... | dateline extract -`: the bytes go as they are, and the page says what they mean."""
    page = PAGE.replace("<head>", "<head><meta charset='windows-1252'>").replace(
        "Ministers meet in Oslo", "Café in Oslo"
    )
    done = run_verb("extract", "-", given=page.encode("windows-1252"))
    assert json.loads(done.stdout)["article"]["title"] == "Café in Oslo"


def test_help_names_every_verb_and_helps_with_each_of_them() -> None:
    """Asked for on standard output; where no verb was given, on standard error, with exit 2."""
    table = run_verb("--help").stdout
    assert run_verb().stderr == table and run_verb().returncode == 2
    assert b"usage: dateline groups" in run_verb("help", "groups").stdout


def test_a_wrong_setting_names_itself_and_the_right_ones(tmp_path: Path) -> None:
    (tmp_path / "dateline.toml").write_text("[archive]\nfoldr = 'x'\n")
    done = run_verb("config", "--config", str(tmp_path / "dateline.toml"))
    assert done.returncode == 2 and b"did you mean 'folder'" in done.stderr


def test_schema_and_config_print_what_they_say() -> None:
    """JSON Schemas, and the file of defaults that the repository ships."""
    every = json.loads(run_verb("schema").stdout)
    assert {"dateline.article/1", "dateline.event/1", "dateline.envelope/1"} <= set(every)
    name = next(iter(every))
    assert json.loads(run_verb("schema", name).stdout) == every[name]
    assert json.loads(run_verb("schema", every[name]["$id"]).stdout) == every[name]
    shipped = (rig.ROOT / "config" / "dateline.toml").read_text()
    assert run_verb("config", "--defaults").stdout.decode() == shipped


#: Runs what its arguments say and prints the largest resident set of it and its children, in KiB.
MEASURE = (
    "import resource, subprocess, sys; "
    "subprocess.run(sys.argv[2:], stdin=open(sys.argv[1], 'rb'), stdout=subprocess.DEVNULL, check=True); "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


def largest_mib(path: Path, verb: str) -> float:
    command = [sys.executable, "-m", "worker", verb, "--batch", "-", "--children", "1"]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path), *command], capture_output=True, cwd=rig.ROOT, timeout=240, check=True
    )
    return int(done.stdout) / 1024


@pytest.mark.long
@pytest.mark.parametrize(
    ("verb", "make"),
    [
        ("parse", lambda n: {"id": n, "body": FEED.replace("One", f"Story number {n} " + "x" * 500)}),
        ("extract", lambda n: {"id": n, "text": f"Story {n}. The council of town {n} met on Monday."}),
    ],
)
def test_memory_is_flat_over_five_thousand_lines(tmp_path: Path, verb: str, make: Callable[[int], Any]) -> None:
    """The largest process takes no more for 5,000 lines than for 500, but for what a heap settles at."""
    short, long = tmp_path / "short", tmp_path / "long"
    short.write_text("".join(json.dumps(make(n)) + "\n" for n in range(500)))
    long.write_text("".join(json.dumps(make(n)) + "\n" for n in range(5000)))
    before, after = largest_mib(short, verb), largest_mib(long, verb)
    assert after - before < 30, f"{before:.0f} MiB for 500 lines, {after:.0f} for 5,000"


def archive_of(folder: Path, count: int) -> Iterator[str]:
    """A WARC file of pages as the daemon keeps them; gives their addresses."""
    import asyncio

    from dateline.archive.write import Archive
    from dateline.model.records import Body
    from dateline.settings import ArchiveSettings

    async def write() -> None:
        archive = Archive(ArchiveSettings(folder))
        for number in range(count):
            url = f"https://paper.example/{number}"
            html = gzip.compress(PAGE.replace("Oslo", f"Oslo{number}").encode())
            page = Body(
                requested_url=url,
                url=url,
                status=200,
                headers={"content-type": "text/html"},
                body=html,
                encoding="gzip",
            )
            await archive.keep(page, datetime(2026, 3, 4 + number, tzinfo=UTC), {"article": f"article{number}"})
        await archive.close()

    asyncio.run(write())
    return (f"https://paper.example/{number}" for number in range(count))


def test_kept_pages_are_read_again_in_order_with_their_ids(tmp_path: Path) -> None:
    """``extract --warc`` takes files, ``replay --from-archive`` folders too, and only pages of a time where asked."""
    urls = list(archive_of(tmp_path / "warc", 5))
    (file,) = (tmp_path / "warc").iterdir()
    done = run_verb("extract", "--warc", str(file))
    rows = records(done)
    assert done.returncode == 0
    assert [row["id"] for row in rows] == urls
    assert [row["article"]["id"] for row in rows] == [f"article{n}" for n in range(5)]
    assert rows[3]["article"]["title"] == "Ministers meet in Oslo3"
    assert rows[3]["article"]["fetched"].startswith("2026-03-07")
    window = run_verb(
        "replay", "--from-archive", str(tmp_path / "warc"), "--since", "2026-03-05", "--until", "2026-03-06"
    )
    assert [row["id"] for row in records(window)] == urls[1:3]


def test_kept_pages_are_read_again_with_the_words_of_the_settings(tmp_path: Path) -> None:
    """``[read]`` holds for the archive as for the daemon; a mistake in it is told before the first page."""
    list(archive_of(tmp_path / "warc", 1))
    names, settings = tmp_path / "names.tsv", tmp_path / "dateline.toml"
    names.write_text("Oslo0\t\tCITY\tDNK\t\t\t59.9\t10.7\n")
    settings.write_text(f'[read]\ngazetteers = ["{names}"]\n')
    again = ("replay", "--from-archive", str(tmp_path / "warc"), "--config", str(settings), "--children", "1")
    (row,) = records(run_verb(*again))
    assert {e["country"] for e in row["article"]["entities"] if e["text"] == "Oslo0"} == {"DNK"}
    names.write_text("Oslo0\t\tCITY\tNowhere\n")
    done = run_verb(*again)
    assert done.returncode == 2
    assert b"names.tsv:1:" in done.stderr


def test_a_cut_warc_gives_what_stands_whole_in_it_and_exit_1(tmp_path: Path) -> None:
    list(archive_of(tmp_path / "warc", 3))
    (file,) = (tmp_path / "warc").iterdir()
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(file.read_bytes()[:-300])
    done = run_verb("extract", "--warc", str(cut))
    rows = records(done)
    assert done.returncode == 1
    assert [bool(row["error"]) for row in rows] == [False, False, True]
    assert rows[-1]["error"]["code"] == "damaged"
