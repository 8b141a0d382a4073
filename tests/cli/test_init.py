"""`dateline init` writes files that the daemon takes; the starter list is well-formed (it is not polled here)."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from dateline.cli.init import starter, starter_groups
from dateline.cli.main import main
from dateline.polling import feed_list
from dateline.settings import Settings, load
from dateline.store.feeds import NewFeed

ROOT = Path(__file__).resolve().parents[2]
OPML = """<opml version="2.0"><body><outline text="Europe">
<outline type="rss" text="The &quot;Post&quot;" xmlUrl="https://post.example/rss"/></outline>
<outline type="rss" text="Agency" xmlUrl="https://agency.example/atom"/></body></opml>"""


def run(folder: Path, *words: str) -> tuple[Settings, list[NewFeed]]:
    """What the daemon reads in the folder that `init` wrote."""
    assert main(["init", "--folder", str(folder), *words]) == 0
    return load(folder / "dateline.toml", {}), feed_list.read(folder / "feeds.toml")


def test_from_nothing_every_option_is_there_as_a_comment_and_at_its_default(tmp_path: Path) -> None:
    settings, feeds = run(tmp_path / "c")
    assert msgspec.structs.replace(settings, where="the defaults", feeds_file=None) == Settings() and feeds == []
    text = (tmp_path / "c/dateline.toml").read_text()
    assert "# silence_seconds = " in text and "# Alarm where nothing was published" in text
    assert not re.search(r"^[a-z_]+ = ", text, re.MULTILINE)


def test_an_opml_keeps_groups_and_titles_and_a_contact_is_set(tmp_path: Path) -> None:
    (tmp_path / "list.opml").write_text(OPML)
    settings, feeds = run(tmp_path / "c", str(tmp_path / "list.opml"), "--contact", 'me "at" example.org')
    assert settings.fetch.contact == 'me "at" example.org'
    assert [(feed.group, feed.title, feed.url) for feed in feeds] == [
        ("Europe", 'The "Post"', "https://post.example/rss"),
        ("imported", "Agency", "https://agency.example/atom"),
    ]


def test_a_list_of_sites_may_be_a_file_and_may_stay_unchecked(tmp_path: Path) -> None:
    (tmp_path / "sites.txt").write_text("# mine\npaper.example/rss\n\nhttps://agency.example/atom\n")
    _, feeds = run(tmp_path / "c", str(tmp_path / "sites.txt"), "--no-check", "--starter", "asia-ja")
    assert [feed.url for feed in feeds][-2:] == ["https://paper.example/rss", "https://agency.example/atom"]
    assert feeds[0].group == "asia-ja" and feeds[0].overrides == {"language": "ja"}


def test_no_file_is_replaced_and_mistakes_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path / "c")
    empty = tmp_path / "empty.opml"
    empty.write_text("<opml><body/></opml>")
    for words, says in (
        (["--folder", str(tmp_path / "c")], "is there already"),
        (["--folder", str(tmp_path / "d"), "--starter", "atlantis"], "europe-de"),
        (["--folder", str(tmp_path / "d"), str(tmp_path / "none.opml")], "no such file"),
        (["--folder", str(tmp_path / "d"), str(empty)], "xmlUrl"),
    ):
        assert main(["init", *words]) != 0
        assert says in capsys.readouterr().err
    assert not (tmp_path / "d").exists()


def test_the_starter_list_is_the_same_in_the_package_and_in_config_and_is_well_formed() -> None:
    """Some 60 feeds by region and language; each address once, https but where the publisher gives http."""
    path = ROOT / "config/starter/feeds.toml"
    assert path.read_text() == (ROOT / "worker/cli/starter.toml").read_text()
    feeds = feed_list.read(path)
    assert 60 <= len(feeds) <= 90 and len({feed.url for feed in feeds}) == len(feeds)
    assert len(starter(["all"])) == len(starter_groups()) >= 10
    assert "To be checked" in path.read_text()
