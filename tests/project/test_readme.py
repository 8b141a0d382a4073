"""The README as printed: its consumer runs, its links lead somewhere, its prose keeps to 100 columns."""

from __future__ import annotations

import asyncio
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from redis import asyncio as redis_client

from dateline.contract import Article
from dateline.contract.envelope import article_envelope, event_envelope, fields, retraction_envelope
from support.records import shelling
from support.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md"]
OURS = ("index", "architecture", "glossary", "forwarders", "deploy", "polling", "drift", "archive", "export", "scale")
PAGES += [*(ROOT / "docs" / f"{name}.md" for name in OURS), *sorted((ROOT / "docs" / "adr").glob("*.md"))]
NOW = datetime(2026, 3, 3, tzinfo=UTC)


def _block(language: str, contains: str) -> str:
    blocks = re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    (found,) = [block for block in blocks if contains in block]
    return str(found)


async def test_the_consumer_of_the_readme_runs_as_printed(own_redis: RedisServer, tmp_path: Path) -> None:
    """It prints an event of its type and a retraction, and skips an article."""
    program = tmp_path / "consumer.py"
    program.write_text(_block("python", "Consumer("))
    event = shelling()
    article = Article(id="a1", text=event.evidence.text, text_sha256="")
    envelopes = [
        article_envelope(article, "published", NOW), event_envelope(event, article, NOW),
        retraction_envelope("e0", article, NOW),
    ]  # fmt: skip
    async with redis_client.Redis.from_url(own_redis.url, protocol=2) as client:
        for seq, envelope in enumerate(envelopes, 1):
            await client.xadd("dateline:events", {**fields(envelope), "seq": str(seq)})  # type: ignore[dict-item]
    run = await asyncio.create_subprocess_exec(sys.executable, program, own_redis.url, stdout=asyncio.subprocess.PIPE)
    assert run.stdout is not None
    lines = [(await asyncio.wait_for(run.stdout.readline(), 120)).decode() for _ in range(2)]
    run.terminate()
    await run.wait()
    assert lines == ["2026-03-03 NLD Rebels shelled the harbour\n", "retracted e0\n"]


def test_the_stage_of_the_readme_is_the_one_in_the_tree() -> None:
    """Its lines, but for the part that is left out, stand in the module."""
    module = (ROOT / "worker" / "stages" / "drop_short.py").read_text()
    shown = [line for line in _block("python", "def build").splitlines() if line.strip() and "..." not in line]
    assert shown and [line for line in shown if line not in module] == []


def test_relative_links_lead_to_files() -> None:
    broken = [
        (page.relative_to(ROOT).as_posix(), target)
        for page in PAGES
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_prose_keeps_to_100_columns() -> None:
    """Tables, code and headings are left alone."""
    long = []
    for page in PAGES:
        is_code = False
        for number, line in enumerate(page.read_text().splitlines(), 1):
            is_code ^= line.startswith("```")
            if not is_code and len(line) > 100 and not line.startswith(("|", "    ", "#")):
                long.append(f"{page.relative_to(ROOT)}:{number}")
    assert long == []


def test_no_page_has_a_conflict_marker() -> None:
    """A rebase that was resolved by half once reached the main branch."""
    marked = [page.name for page in PAGES if re.search(r"^(<{7}|>{7}) ", page.read_text(), re.MULTILINE)]
    assert marked == []
