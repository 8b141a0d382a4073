"""The archive: what was fetched comes back byte for byte, files rotate, damage costs the damaged page, a full disk no news."""

from __future__ import annotations

import asyncio
import gzip
import io
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from dateline.archive.read import ArchivedPage, files, pages
from dateline.archive.write import Archive
from dateline.errors import SettingsError
from dateline.model.records import Body
from dateline.settings import ArchiveSettings

NOON = datetime(2026, 3, 4, 12, 0, 5, tzinfo=UTC)


def body(number: int, *, compressed: bool = True, size: int = 3000, raw: tuple[tuple[str, str], ...] = ()) -> Body:
    """A page as a server sends it: redirected once, gzip or plain, with text that does not compress away."""
    filler = "".join(random.Random(number).choices("abcdefghij ", k=size))
    html = f"<html><p>Seite {number} für alle</p>{filler}</html>".encode()
    return Body(
        requested_url=f"http://paper.example/{number}",
        url=f"https://paper.example/{number}",
        status=200,
        headers={"content-type": "text/html; charset=utf-8", "etag": '"v1"'},
        body=gzip.compress(html) if compressed else html,
        encoding="gzip" if compressed else None,
        hops=((301, f"https://paper.example/{number}"),),
        raw_headers=raw,
    )


@pytest_asyncio.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    made = Archive(ArchiveSettings(tmp_path / "warc"))
    yield made
    await made.close()


def read(folder: Path) -> list[ArchivedPage]:
    return [page for path in files([folder]) for page in pages(path)]


async def test_a_page_comes_back_with_its_bytes_its_time_and_what_was_known(archive: Archive, tmp_path: Path) -> None:
    """Compressed or plain: the reader gives the page decoded, and the entry's feed, id and date beside it."""
    for number in range(4):
        await archive.keep(
            body(number, compressed=number % 2 == 0), NOON, {"article": f"a{number}", "title": "Über\r\nx"}
        )
    await archive.close()
    found = read(tmp_path / "warc")
    assert [page.url for page in found] == [f"https://paper.example/{n}" for n in range(4)]
    assert all(page.fetched == NOON and page.content_type == "text/html; charset=utf-8" for page in found)
    assert all(page.body == body(n, compressed=False).body for n, page in enumerate(found))
    assert found[1].known == {"requested": "http://paper.example/1", "article": "a1", "title": "Über x"}


async def test_redirects_and_headers_stand_in_the_file(archive: Archive, tmp_path: Path) -> None:
    """Any WARC tool sees them: a response for each hop, then the page with its validators."""
    from warcio.archiveiterator import ArchiveIterator

    await archive.keep(body(1), NOON, {})
    await archive.close()
    (path,) = (tmp_path / "warc").iterdir()
    with path.open("rb") as file:
        rows = [(r.rec_type, r.rec_headers.get_header("WARC-Target-URI"), r.http_headers, r.content_stream().read())
                for r in ArchiveIterator(file, check_digests="raise")]  # fmt: skip
    assert [row[0] for row in rows] == ["warcinfo", "response", "metadata", "response"]
    _, hop, _, page = rows
    assert (hop[1], hop[2].get_statuscode(), hop[2].get_header("Location")) == (
        "http://paper.example/1", "301", "https://paper.example/1",
    )  # fmt: skip
    assert (page[1], page[2].get_header("Etag"), page[2].get_header("Content-Encoding")) == (
        "https://paper.example/1", '"v1"', "gzip",
    )  # fmt: skip


async def test_every_header_of_the_answer_stands_beside_the_page(archive: Archive, tmp_path: Path) -> None:
    """Repeated ones too; but the chunks are undone, and the length is that of the bytes that stand there."""
    from warcio.archiveiterator import ArchiveIterator

    raw = (
        ("Server", "x"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Transfer-Encoding", "chunked"),
        ("content-encoding", "gzip"), ("Content-Type", "text/html"), ("X-Odd", "line\r\nbreak"),
    )  # fmt: skip
    page = body(1, raw=raw)
    await archive.keep(page, NOON, {})
    await archive.close()
    (path,) = files([tmp_path / "warc"])
    with path.open("rb") as file:
        stored = [r.http_headers.headers for r in ArchiveIterator(file) if r.rec_type == "response"][-1]
    assert stored == [
        ("Server", "x"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Content-Type", "text/html"), ("X-Odd", "line break"),
        ("Content-Encoding", "gzip"), ("Content-Length", str(len(page.body))),
    ]  # fmt: skip
    assert [found.body for found in pages(path)] == [body(1, compressed=False).body]


async def test_files_rotate_by_size_and_are_whole_when_they_have_their_name(tmp_path: Path) -> None:
    folder = tmp_path / "warc"
    archive = Archive(ArchiveSettings(folder, max_mib=20_000 / (1 << 20)))
    for number in range(30):
        await archive.keep(body(number), NOON, {})
    opened = list(folder.glob("*.open"))
    assert len(opened) == 1 and len(list(folder.glob("*.warc.gz"))) >= 3
    await archive.close()
    assert not list(folder.glob("*.open"))
    assert [page.url for page in read(folder)] == [f"https://paper.example/{n}" for n in range(30)]


async def test_a_file_that_is_old_enough_is_completed_although_no_page_comes(tmp_path: Path) -> None:
    archive = Archive(ArchiveSettings(tmp_path, max_hours=0.0))
    await archive.keep(body(1), NOON, {})
    await archive.rotate_if_due()
    assert [path.suffix for path in files([tmp_path])] == [".gz"]
    await archive.close()


async def test_completed_files_older_than_keep_days_go_and_nothing_else(tmp_path: Path) -> None:
    import os

    old, other = tmp_path / "dateline-20200101T000000Z-h-1-00001.warc.gz", tmp_path / "somebody-elses.warc.gz"
    for path in (old, other):
        path.write_bytes(b"")
        os.utime(path, (0, 0))
    archive = Archive(ArchiveSettings(tmp_path, max_mib=1e-6, keep_days=1 / 24))
    await archive.keep(body(1), NOON, {})
    await archive.rotate_if_due()
    await archive.close()
    assert not old.exists() and other.exists()
    assert len(files([tmp_path])) == 2


async def test_pages_kept_at_once_by_many_entries_do_not_mix(archive: Archive, tmp_path: Path) -> None:
    await asyncio.gather(*(archive.keep(body(number), NOON, {"article": f"a{number}"}) for number in range(40)))
    await archive.close()
    found = read(tmp_path / "warc")
    assert sorted(page.known["article"] for page in found) == sorted(f"a{n}" for n in range(40))
    assert all(page.url.endswith("/" + page.known["article"][1:]) for page in found)


async def test_after_a_crash_the_pages_before_it_can_be_read(archive: Archive, tmp_path: Path) -> None:
    """Every record is flushed, and a file cut anywhere never gives half a page for a whole one."""
    for number in range(5):
        await archive.keep(body(number), NOON, {})
    (path,) = (tmp_path / "warc").glob("*.open")
    whole = path.read_bytes()
    assert len(read(tmp_path / "warc")) == 5
    cut = tmp_path / "cut.warc.gz"
    for length in range(0, len(whole), 397):
        cut.write_bytes(whole[:length])
        for page in pages(cut):
            assert page.problem or page.body == body(int(page.url.rpartition("/")[2]), compressed=False).body


async def test_damaged_bytes_are_a_problem_in_words_and_no_trace(archive: Archive, tmp_path: Path) -> None:
    for number in range(3):
        await archive.keep(body(number), NOON, {})
    await archive.close()
    (path,) = (tmp_path / "warc").iterdir()
    whole, rng, bad = path.read_bytes(), random.Random(4), tmp_path / "bad.warc.gz"
    for _ in range(150):
        spoilt = bytearray(whole)
        for _ in range(3):
            spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
        bad.write_bytes(spoilt)
        list(pages(bad))
    bad.write_bytes(b"no archive at all\n" * 50)
    (only,) = pages(bad)
    assert only.problem and "bad.warc.gz" in only.problem


async def test_a_disk_that_fails_costs_the_archive_its_pages_and_nobody_else(tmp_path: Path) -> None:
    """`keep` returns, the loss is counted, and when the disk is back the next page gets a file of its own."""
    folder = tmp_path / "warc"
    archive = Archive(ArchiveSettings(folder, max_mib=1e-6))
    await archive.keep(body(1), NOON, {})
    folder.rename(tmp_path / "away")
    folder.write_text("in the way")
    await archive.rotate_if_due()  # cannot complete its file
    await archive.keep(body(2), NOON, {})  # cannot open one
    assert (archive.pages, archive.lost) == (1, 1)
    folder.unlink()
    await archive.keep(body(3), NOON, {})
    await archive.close()
    assert [page.url for page in read(folder)] == ["https://paper.example/3"]
    assert [page.url for page in read(tmp_path / "away")] == ["https://paper.example/1"]


def test_a_folder_that_cannot_be_written_is_refused_at_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        Archive(ArchiveSettings(tmp_path / "file" / "below"))


def foreign(path: Path, *, gz: bool = True, version: str = "WARC/1.0") -> None:
    """A file as Common Crawl's news crawler writes them: request, response, metadata; other kinds between."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=gz, warc_version=version)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "StormCrawler"}))

        def add(url: str, kind: str, status: str, content: bytes, *headers: tuple[str, str]) -> None:
            http = StatusAndHeaders(status, list(headers), protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(url, kind, payload=io.BytesIO(content), length=len(content), http_headers=http)
            )  # fmt: skip

        html = ("Content-Type", "text/html")
        add("https://news.example/a", "response", "200 OK", b"<p>one</p>", html)
        chunked = b"8\r\n<p>two</\r\n2\r\np>\r\n0\r\n\r\n"
        add("https://news.example/b", "response", "200 OK", chunked, html, ("Transfer-Encoding", "chunked"))
        add("https://news.example/c.jpg", "response", "200 OK", b"\xff\xd8", ("Content-Type", "image/jpeg"))
        add("https://news.example/d", "response", "404 Not Found", b"<p>no</p>", html)
        add(
            "https://news.example/e",
            "response",
            "200 OK",
            gzip.compress(b"<p>three</p>"),
            html,
            ("Content-Encoding", "gzip"),
        )
        writer.write_record(
            writer.create_warc_record(
                "dns:news.example", "response", payload=io.BytesIO(b"1.2.3.4"), length=7, warc_content_type="text/dns"
            )
        )


@pytest.mark.parametrize(("gz", "version"), [(True, "WARC/1.0"), (False, "WARC/1.0"), (True, "WARC/1.1")])
def test_other_crawlers_files_are_read_the_same_way(tmp_path: Path, gz: bool, version: str) -> None:
    """HTML of status 200 only; chunks and compression undone."""
    path = tmp_path / ("news.warc.gz" if gz else "news.warc")
    foreign(path, gz=gz, version=version)
    read_bytes = 0

    def moved(count: int) -> None:
        nonlocal read_bytes
        read_bytes += count

    found = list(pages(path, moved))
    assert [(page.url[-1], page.body) for page in found] == [
        ("a", b"<p>one</p>"), ("b", b"<p>two</p>"), ("e", b"<p>three</p>"),
    ]  # fmt: skip
    assert not any(page.problem or page.known for page in found)
    assert read_bytes == path.stat().st_size


def test_a_folder_stands_for_its_files_and_a_wrong_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("b.warc.gz", "in/a.warc", "x.txt", "c.warc.gz.open"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in files([tmp_path])] == ["b.warc.gz", "c.warc.gz.open", "a.warc"]
    with pytest.raises(SettingsError, match="no such file"):
        files([tmp_path / "none"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match=r"no \.warc"):
        files([tmp_path / "empty"])
