"""Debian's Chromium through Playwright, and the desk on a port for it.

Pages are driven by the synchronous API in a thread of their own, since the desk runs on the test's event loop.
"""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from dateline.serve.desk.api import DeskLimits, add_desk
from dateline.serve.desk.desk import Desk

T = TypeVar("T")
_NAMES = ("/usr/lib/chromium/chromium", "chromium", "google-chrome")
_CHROMIUM = next((found for name in _NAMES if (found := shutil.which(name))), None)
#: Why there is no browser here; None where there is one.
MISSING = (
    "no playwright: pip install -e '.[browser]'" if importlib.util.find_spec("playwright") is None
    else "no Chromium: `make browser` installs Debian's" if _CHROMIUM is None
    else None
)  # fmt: skip

WIDE, PHONE = (1440, 900), (390, 844)


class Browser:
    """A Chromium in a thread of its own."""

    def __init__(self) -> None:
        from playwright.sync_api import sync_playwright

        self._thread = ThreadPoolExecutor(1, thread_name_prefix="browser")
        self._playwright = self._thread.submit(lambda: sync_playwright().start()).result()
        self._chromium = self._thread.submit(
            lambda: self._playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        ).result()

    async def on_page(
        self, act: Callable[[Any], T], *, size: tuple[int, int] = WIDE, theme: str = "light", zone: str = "Asia/Tokyo"
    ) -> T:
        """Run ``act`` with a fresh page; fails where the page logged an error or broke its Content-Security-Policy."""

        def run() -> T:
            context = self._chromium.new_context(
                viewport={"width": size[0], "height": size[1]}, color_scheme=theme, locale="en-GB", timezone_id=zone
            )
            context.set_default_timeout(60_000)
            page, errors = context.new_page(), list[str]()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
            try:
                found = act(page)
            finally:
                context.close()
            unexpected = [error for error in errors if "net::ERR" not in error and "status of 4" not in error]
            assert not unexpected, unexpected
            return found

        return await asyncio.get_running_loop().run_in_executor(self._thread, run)

    def close(self) -> None:
        """End the browser."""
        self._thread.submit(self._chromium.close).result()
        self._thread.submit(self._playwright.stop).result()
        self._thread.shutdown()


@asynccontextmanager
async def serving(desk: Desk, port: int = 0) -> AsyncIterator[str]:
    """The desk on a port of loopback, any free one where none is given."""
    app = web.Application()
    add_desk(app, desk, DeskLimits(heartbeat_seconds=1.0))
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/desk"
    finally:
        await runner.cleanup()


def axe(page: Any) -> list[str]:
    """Return what axe-core finds on the page, as rule: what it is about."""
    page.evaluate((Path(__file__).resolve().parents[1] / "browser/vendor/axe.js").read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['html'][:150]} {node['failureSummary'][:200]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
