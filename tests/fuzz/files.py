"""Files that a person writes or brings along: settings, feeds, frames, names, archives."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dateline import settings as settings_module
from dateline.archive import read as archive
from dateline.errors import PermanentError, SettingsError
from dateline.extract import extract_page
from dateline.polling import feed_list as feeds_file
from dateline.read import front_text, read_article
from dateline.read.entities import gazetteer
from dateline.read.events import frames
from dateline.settings.toml import to_toml

from . import promises
from .times import NOON

#: With the triggers that shaped frames have.
_STORY = (
    "KYIV (AP) — Rebels shelled a harbour in the city of Port Alma on Monday and moored off the port, police said. "
    "Ministers held peace talks in Oslo and called off the shelling; the peace ferry sailed on Tuesday."
)


@contextmanager
def _file(data: bytes, suffix: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dateline-fuzz-") as folder:
        path = Path(folder) / f"given{suffix}"
        path.write_bytes(data)
        yield path


def settings(data: bytes) -> None:
    """dateline.toml: settings, or what is wrong with it; printed and read again they are the same."""
    with _file(data, ".toml") as path:
        try:
            loaded = settings_module.load(path, {})
        except SettingsError as error:
            promises.total(str(error))
            return
        shown = to_toml(loaded)
        promises.total(shown)
        if "***" in shown:
            return  # secrets are not shown
        tomllib.loads(shown)
        path.write_text(shown, encoding="utf-8")
        again = settings_module.load(path, {})
        assert repr(again) == repr(loaded), "printed settings are others than those read"


def environment(data: bytes) -> None:
    """One environment variable, ``NAME=value``: taken or refused by name."""
    name, _, value = data.decode("utf-8", "surrogateescape").partition("=")
    try:
        loaded = settings_module.load(
            Path(__file__).with_name("seeds") / "settings" / "empty.toml", {f"DATELINE_{name}": value}
        )
    except SettingsError:
        return
    to_toml(loaded, explain=True)


def feeds_toml(data: bytes) -> None:
    """feeds.toml: a list of feeds with web addresses, or what is wrong with it."""
    with _file(data, ".toml") as path:
        try:
            listed = feeds_file.read(path)
        except SettingsError as error:
            promises.total(str(error))
            return
    for row in listed:
        promises.total([row.url, row.group, row.title, dict(row.overrides)])
    assert len({row.url for row in listed}) == len(listed)


def lexicon(data: bytes) -> None:
    """A user's frames: compiled over ours, or what is wrong with them."""
    with _file(data, ".toml") as path:
        try:
            loaded = frames.load_lexicon((path,))
        except SettingsError as error:
            promises.total(str(error))
        else:
            assert loaded.version
            promises.total([frame.id for frame in loaded.frames])
            article, events = read_article(front_text(_STORY, article_id="a" * 16, fetched=NOON), lexicons=[path])
            promises.exact(article, events)
            for event in events:
                promises.record("dateline.event/1", event)
        finally:
            frames.load_lexicon.cache_clear()


def names(data: bytes) -> None:
    """A user's names: a table over ours, or what is wrong with them."""
    table = gazetteer.Gazetteer(cities=b"")  # without ours, whose reading takes a fifth of a second
    with _file(data, ".tsv") as path:
        try:
            gazetteer._add_extra(table, path)
        except SettingsError as error:
            promises.total(str(error))
            return
        promises.total([[place.name, place.lat, place.lon] for place in list(table.places.values())[-50:]])


def warc(data: bytes) -> None:
    """A WARC file: its pages, and a page with a problem where it is damaged."""
    suffix = ".warc.gz" if data.startswith(b"\x1f\x8b") else ".warc"
    with _file(data, suffix) as path:
        for number, page in enumerate(archive.pages(path)):
            if number > 200:
                break
            promises.total(page.problem or "")
            if page.problem is None:
                assert page.url.startswith(("http://", "https://"))
                try:
                    extract_page(page.body, url=page.url, content_type=page.content_type)
                except PermanentError as error:
                    promises.total(str(error))
