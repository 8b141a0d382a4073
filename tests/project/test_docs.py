"""What the documentation shows works: programs run, commands parse, settings load; the reference is complete."""

from __future__ import annotations

import asyncio
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import asyncio as redis_client

from dateline.cli.parser import VERBS, parse
from dateline.contract import Article, Cameo, Event, Evidence, Party, Plover, Span
from dateline.contract.envelope import event_envelope, fields, retraction_envelope
from dateline.polling import feed_list
from dateline.settings import load
from dateline.settings.schema import SECTIONS
from dateline.settings.section import options
from support.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = ["tutorial", "howto", "deploy", "runbook", "scale", "polling", "export", "archive", "drift", "traces"]
sys.path.insert(0, str(ROOT / "tools"))

import write_reference  # noqa: E402


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page in one language."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands() -> Iterator[tuple[str, str]]:
    """Every `dateline ...` that a page shows for a shell, without what a shell does around it."""
    for page in PAGES:
        for line in (line for block in blocks(page, "sh") for line in block.splitlines()):
            if found := re.match(r"\s*(?:\S*/)?(?:docker compose exec \S+ )?dateline (.*)", line):
                yield page, re.split(r"\s+#|\s*[|>&]", found[1])[0]


@pytest.mark.parametrize(("page", "words"), list(commands()))
def test_a_command_of_the_documentation_is_one_of_the_programs(page: str, words: str) -> None:
    """A verb or an option that was renamed would leave the reader with an error."""
    parse(shlex.split(words))


def tables() -> Iterator[tuple[str, str]]:
    for page in ("howto", "deploy", "traces"):
        for block in blocks(page, "toml"):
            yield page, block


@pytest.mark.parametrize(("page", "text"), list(tables()))
def test_settings_and_feeds_of_the_documentation_are_accepted(page: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "dateline.toml"
    path.write_text(text)
    feed_list.read(path) if "groups" in tomllib.loads(text) else load(path, {})


async def test_the_alert_of_the_tutorial_runs_as_printed(own_redis: RedisServer, tmp_path: Path) -> None:
    """It prints the attack, and not the visit and the retraction before it."""
    (program,) = blocks("tutorial", "python")
    (tmp_path / "alert.py").write_text(program)
    text = "Rebels shelled the harbour"
    article = Article(id="a1", text=text, text_sha256="")
    trigger = Span(text="shelled", start=7, end=14)
    day = datetime(2026, 3, 3, tzinfo=UTC)
    async with redis_client.Redis.from_url(own_redis.url, protocol=2) as client:
        gone = fields(retraction_envelope("e0", article, day))
        await client.xadd("dateline:events", {**gone, "seq": "1"})  # type: ignore[dict-item]
        for seq, kind in enumerate(("CONSULT", "ASSAULT"), 2):
            event = Event(
                id=f"e{seq}", cluster_id="c", article="a1",
                plover=Plover(type=kind, quad="material conflict", intensity=-9),  # type: ignore[arg-type]
                cameo=Cameo(root="19", code="190", quad_class=4), actors=[Party(text="Rebels", start=0, end=6)],
                evidence=Evidence(text=text, start=0, end=26, trigger=trigger, block=0, sentence=0), confidence=0.9,
            )  # fmt: skip
            row = fields(event_envelope(event, article, day))
            await client.xadd("dateline:events", {**row, "seq": str(seq)})  # type: ignore[dict-item]
    run = await asyncio.create_subprocess_exec(
        sys.executable, tmp_path / "alert.py", own_redis.url, stdout=asyncio.subprocess.PIPE
    )
    assert run.stdout is not None
    line = (await asyncio.wait_for(run.stdout.readline(), 120)).decode()
    run.terminate()
    await run.wait()
    assert line == "Rebels: Rebels shelled the harbour\n"


def test_the_site_is_built_with_every_page_in_the_navigation_and_every_link_and_anchor_there(tmp_path: Path) -> None:
    """What `make docs` does: a warning of MkDocs (a link, an anchor, a page that nothing leads to) is an error."""
    pytest.importorskip("material")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "reference" / "settings" / "index.html").is_file()


def test_the_reference_lists_every_setting_verb_field_and_type() -> None:
    """It is written when the site is built; here it is read as text."""
    written = {name: write() for name, write in write_reference.BUILT.items()}
    for kind in SECTIONS.values():
        assert all(f"| `{option.name}` |" in written["reference/settings.md"] for option in options(kind))
    assert all(f"## dateline {verb}\n" in written["reference/verbs.md"] for verb in VERBS)
    assert "| `evidence` |" in written["reference/records.md"] and "### Plover" in written["reference/records.md"]
    types = written["reference/event_types.md"]
    assert types.count("\n## ") == 16 and all(part.count("\n| ") >= 3 for part in types.split("\n## ")[1:])
