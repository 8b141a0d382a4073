"""Makes the pictures of the desk for README and docs from the bundled newsroom's day: needs `make browser`.

.venv/bin/python tools/screenshots.py [FOLDER]     the pictures of the docs; default: docs/images
.venv/bin/python tools/screenshots.py FOLDER --all     every view in both themes and at both widths, to look at
.venv/bin/python tools/screenshots.py FOLDER --all --desk http://127.0.0.1:8080/desk     of a desk that runs already
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
_CHROMIUM = "/usr/lib/chromium/chromium"
_THEMES = ("light", "dark")
_WIDE, _PHONE = (1440, 900), (390, 844)
#: Long enough for the fonts, the map and the histogram.
_SETTLE_MS = 800
_TALL = 2600  #: px; shows a view that scrolls as a whole


class View(NamedTuple):
    """What is shown: an address below the desk's, then what is clicked, or pressed after ``key:``."""

    address: str
    steps: tuple[str, ...] = ()


_FIRST = ".card h2 a"
VIEWS = {
    "overview": View(""),
    "overview-country": View("?country=UKR"),
    "overview-week": View("?since=7d"),
    "wire": View("?view=wire"),
    "filters": View("?view=wire", (".more",)),
    "search": View("?view=search&q=government"),
    "article": View("?view=wire&q=tanker", (_FIRST, ".note button.event")),
    "quotes": View("?view=wire&q=tanker", (_FIRST, ".tabs button:has-text('Quotes')")),
    "changes": View("?view=wire&q=tanker", (_FIRST, ".tabs button:has-text('Changes')")),
    "copy": View("?view=search&q=corridor", (".card:has(.badge:text('copy')) h2 a",)),
    "health": View("?view=health"),
    "help": View("?view=wire", ("key:?",)),
    "nothing": View("?view=search&q=nosuchword"),
    "refused": View("?view=search&country=Atlantis"),
}
#: Of the docs: file, view, theme, width and height.
PICTURES = [
    ("overview", "overview", "light", _WIDE),
    ("overview-dark", "overview", "dark", _WIDE),
    ("wire", "wire", "light", _WIDE),
    ("search", "search", "light", _WIDE),
    ("health", "health", "light", _WIDE),
    ("article-dark", "article", "dark", _WIDE),
    ("phone", "wire", "light", _PHONE),
]


def main(folder: Path, desk: str, with_all: bool) -> int:
    """Take the pictures of a desk; without an address, of a demo that is run for it."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with demo() if not desk else _given(desk) as base, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        for name, view, theme, size in _all() if with_all else PICTURES:
            _take(chromium, base, VIEWS[view], theme, size, folder / f"desk-{name}.png")
        chromium.close()
    return 0


def _all() -> Iterator[tuple[str, str, str, tuple[int, int]]]:
    for view in VIEWS:
        for theme in _THEMES:
            yield f"{view}-{theme}-wide", view, theme, _WIDE
            yield f"{view}-{theme}-phone", view, theme, _PHONE
    for view in ("overview", "article", "health"):
        yield f"{view}-light-wide-tall", view, "light", (_WIDE[0], _TALL)
        yield f"{view}-light-phone-tall", view, "light", (_PHONE[0], _TALL)


def _take(chromium: Any, base: str, view: View, theme: str, size: tuple[int, int], file: Path) -> None:
    page = chromium.new_page(
        viewport={"width": size[0], "height": size[1]}, color_scheme=theme, locale="en-GB", timezone_id="Europe/Paris"
    )
    page.goto(base + view.address)
    page.wait_for_selector(".headline:visible, .text:visible, .card:visible, .figures:visible, .empty h1:visible")
    page.wait_for_timeout(_SETTLE_MS)
    for step in view.steps:
        if step.startswith("key:"):
            page.keyboard.press(step.removeprefix("key:"))
        else:
            page.locator(f"{step} >> visible=true").first.click()
        page.wait_for_timeout(_SETTLE_MS)
    page.screenshot(path=file)
    page.close()


@contextmanager
def _given(desk: str) -> Iterator[str]:
    yield desk.rstrip("/")


@contextmanager
def demo() -> Iterator[str]:
    """Run the bundled newsroom while the block runs; gives the desk's address once everything is read and indexed."""
    command = [sys.executable, "-u", "-m", "worker", "demo", "--keep-open"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield _wait_for_all(process)
    finally:
        process.terminate()
        process.wait(30)


def _wait_for_all(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    base = ""
    for line in process.stdout:
        if found := re.match(r"The desk: (\S+)", line):
            base = found[1]
        if "keeps running" in line:
            break
    while b'"behind":0' not in urllib.request.urlopen(f"{base}/api/health").read():
        time.sleep(0.3)
    return base


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs/images")
    parser.add_argument("--all", action="store_true", help="every view in both themes and at both widths")
    parser.add_argument("--desk", default="", help="address of a desk that runs already, for example of a larger index")
    given = parser.parse_args()
    sys.exit(main(given.folder, given.desk, given.all))
