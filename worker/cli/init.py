"""``dateline init``: settings and a feed list to begin with: from nothing, sites, an OPML, or the starter list."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import tomli

from ..errors import DatelineError, PermanentError, SettingsError
from ..settings.toml import as_key, as_toml, default_file
from ..telemetry import inert, set_up_logs

_FEEDS_HEAD = """\
# The feeds to poll, by group. A feed is its address, or a table with overrides:
#   feeds = ["https://paper.example/rss", { url = "https://agency.example/atom", title = "Agency", interval_seconds = 300 }]
# A group may set the same overrides for all its feeds: interval_seconds, floor_seconds, ceiling_seconds, jitter, language,
# full_text (true: the feed carries whole articles, fetch no pages). A changed file is read again without a restart.
"""
_CONFIG_HEAD = """\
# Settings of Dateline. Every option is here at its default, as a comment: remove the `# ` before a line to change it.
# The environment (DATELINE_<SECTION>_<OPTION>) goes over this file. `dateline config` shows what is in force.

"""

#: A group of feeds: what it sets for all of them, and its feeds as the file shows them.
Group = tuple[Mapping[str, Any], list[Any]]


def init(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], Coroutine[Any, Any, int]]:
    """``dateline init``."""
    parser.add_argument(
        "sources", nargs="*", metavar="SITE|FILE",
        help="addresses of sites or feeds, a text file with one on each line, or an OPML file",
    )  # fmt: skip
    parser.add_argument(
        "--starter", action="append", default=[], metavar="GROUP",
        help=f"add a group of the starter list, or `all`: {', '.join(starter_groups())}",
    )  # fmt: skip
    parser.add_argument(
        "--folder", type=Path, default=Path("config"), metavar="DIR", help="where to write (default: config)"
    )
    parser.add_argument("--contact", metavar="TEXT", help="your address or page, shown to the sites that are polled")
    parser.add_argument("--no-check", action="store_true", help="take addresses as feeds, without a test request")
    return _init


async def _init(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "error")
    files = [options.folder / name for name in ("dateline.toml", "feeds.toml")]
    for path in files:
        if path.exists():
            raise SettingsError(
                f"{path} is there already and is not replaced: move it away, or write to another --folder"
            )
    groups, bad = await _collect(options)
    await asyncio.to_thread(options.folder.mkdir, parents=True, exist_ok=True)
    for path, text in zip(files, (commented_settings(options.contact), feeds_text(groups)), strict=True):
        await asyncio.to_thread(path.write_text, text, encoding="utf-8")
    count = sum(len(feeds) for _, feeds in groups.values())
    many = "1 feed" if count == 1 else f"{count} feeds"
    sys.stdout.write(f"{files[0]}: every option with its reason, at its default\n{files[1]}: {many}\n")
    if bad:
        sys.stdout.write(
            f"  {bad} of the addresses gave no feed, see above: add feeds to {files[1]} by hand or with "
            "`dateline feeds add URL`; --no-check takes addresses as they are\n"
        )
    elif not count:
        sys.stdout.write(
            "  list feeds there, or write both files with a starter list into another folder (files are not replaced): "
            "dateline init --starter world-en --folder DIR\n"
        )
    config = "" if options.folder == Path("config") else f" --config {files[0]}"
    sys.stdout.write(f"next: dateline run --embedded{config}\n")
    return 1 if bad else 0


async def _collect(options: argparse.Namespace) -> tuple[dict[str, Group], int]:
    """Return the groups of all sources, and how many addresses gave no feed."""
    groups = starter(options.starter)
    addresses: list[str] = []
    for source in options.sources:
        path = Path(source)
        if not await asyncio.to_thread(path.is_file):
            if re.search(r"\.(opml|xml|txt)$", source) and "://" not in source:
                raise SettingsError(f"{source}: no such file; check the path, or give a site's address")
            addresses.append(source)
            continue
        raw = await asyncio.to_thread(path.read_bytes)
        if raw.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            _add_opml(groups, raw, source)
        else:
            lines = (line.strip() for line in raw.decode("utf-8", "replace").splitlines())
            addresses += [line for line in lines if line and not line.startswith("#")]
    bad = 0
    if addresses:
        found, bad = await _find_feeds(addresses, check=not options.no_check)
        groups.setdefault("sites", ({}, []))[1].extend(found)
    return groups, bad


def _add_opml(groups: dict[str, Group], raw: bytes, source: str) -> None:
    from ..polling import opml

    try:
        listed = opml.read(raw)
    except PermanentError as error:
        raise PermanentError(f"{source}: {error}", code=error.code) from error
    if not listed:
        raise PermanentError(f"{source}: no feed in it: an outline of a feed has the attribute xmlUrl", code="empty")
    for row in listed:
        name = row.group[0] if row.group else "imported"
        feed = {"url": row.url, "title": inert(row.title, 200)} if row.title else row.url
        groups.setdefault(name, ({}, []))[1].append(feed)


async def _find_feeds(addresses: Sequence[str], *, check: bool) -> tuple[list[Any], int]:
    """Return the feed of each address as the file shows it, and how many have none; those are said on standard error."""
    from . import try_feed  # brings the client and the parsers with it

    if not check:
        return [try_feed.addressed(address) for address in addresses], 0
    from ..settings import Settings

    found: list[Any] = []
    async for address, result in try_feed.discover_all(Settings(), addresses):
        if isinstance(result, DatelineError):
            sys.stderr.write(f"dateline: {try_feed.named(address, result)}\n")
        else:
            title = inert(result.feed.title or "", 200)
            found.append({"url": result.url, "title": title} if title else result.url)
    return found, len(addresses) - len(found)


def starter_groups() -> list[str]:
    """Return the names of the starter list's groups."""
    return list(_starter())


def _starter() -> dict[str, Any]:
    text = (resources.files(__package__) / "starter.toml").read_text(encoding="utf-8")
    groups: dict[str, Any] = tomli.loads(text)["groups"]
    return groups


def starter(names: Sequence[str]) -> dict[str, Group]:
    """Return groups of the starter list by name; ``all``: every one. Raises SettingsError for a name that it lacks."""
    every = _starter()
    for name in names:
        if name != "all" and name not in every:
            raise SettingsError(f"--starter {name}: no such group; there are: all, {', '.join(every)}")
    chosen = every if "all" in names else {name: every[name] for name in names}
    return {
        name: ({key: value for key, value in group.items() if key != "feeds"}, list(group["feeds"]))
        for name, group in chosen.items()
    }


def feeds_text(groups: Mapping[str, Group]) -> str:
    """Return ``feeds.toml``."""
    lines = [_FEEDS_HEAD.rstrip()]
    for name, (shared, feeds) in (groups or {"news": ({}, [])}).items():
        lines += ["", f"[groups.{as_key(name)}]", *(f"{key} = {as_toml(value)}" for key, value in shared.items())]
        lines += ["feeds = [", *(f"  {_feed(feed)}," for feed in feeds), "]"]
    return "\n".join(lines) + "\n"


def _feed(feed: Any) -> str:
    if isinstance(feed, str):
        return as_toml(feed)
    return "{ " + ", ".join(f"{key} = {as_toml(value)}" for key, value in feed.items()) + " }"


def commented_settings(contact: str | None = None) -> str:
    """Return ``dateline.toml`` with every option commented out, but the contact where it is given."""
    body = default_file().partition("\n\n")[2].lstrip()
    lines = []
    for line in body.splitlines():
        if contact and re.match(r'# contact = ""', line):
            lines.append(f"contact = {as_toml(contact)}")
        else:
            lines.append(f"# {line}" if re.match(r"[a-z_]+ = ", line) else line)
    return _CONFIG_HEAD + "\n".join(lines) + "\n"
