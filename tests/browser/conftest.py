"""One browser for the session; without one, the tests here are skipped with the reason."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.browser import MISSING, Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this folder."""
    if MISSING:
        pytest.skip(MISSING)
    opened = Browser()
    yield opened
    opened.close()
