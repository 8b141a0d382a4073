"""Makes the pictures of the desk for README and docs from the bundled newsroom's day: needs `make browser`.

.venv/bin/python tools/screenshots.py [FOLDER]     default: docs/images
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Name, address below /desk, theme, width and height.
PICTURES = [
    ("overview", "", "light", 1440, 900),
    ("overview-dark", "", "dark", 1440, 900),
    ("wire", "?view=wire", "light", 1440, 900),
    ("search", "?view=search&q=government", "light", 1440, 900),
    ("health", "?view=health", "light", 1440, 900),
    ("article-dark", "?view=wire&q=tanker", "dark", 1440, 900),
    ("phone", "?view=wire", "light", 390, 844),
]


def main(folder: Path) -> int:
    """Run the demo, take the pictures, end it."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-u", "-m", "worker", "demo", "--keep-open"]
    demo = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        base = _wait_for_all(demo)
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path="/usr/lib/chromium/chromium", args=["--no-sandbox"])
            for name, address, theme, width, height in PICTURES:
                page = chromium.new_page(
                    viewport={"width": width, "height": height}, color_scheme=theme, locale="en-GB"
                )  # type: ignore[arg-type]
                page.goto(base + address)
                page.wait_for_selector(".dot, .text, .card, .feeds")
                page.wait_for_timeout(800)
                if name.startswith("article"):
                    page.click(".note button.event")
                    page.wait_for_timeout(700)
                page.screenshot(path=folder / f"desk-{name}.png")
                page.close()
            chromium.close()
    finally:
        demo.terminate()
        demo.wait(30)
    return 0


def _wait_for_all(demo: subprocess.Popen[str]) -> str:
    """Return the desk's address once the demo has read everything and the desk has indexed it."""
    assert demo.stdout is not None
    base = ""
    for line in demo.stdout:
        if found := re.match(r"The desk: (\S+)", line):
            base = found[1]
        if "keeps running" in line:
            break
    while b'"behind":0' not in urllib.request.urlopen(f"{base}/api/health").read():
        time.sleep(0.3)
    return base


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "docs/images"))
