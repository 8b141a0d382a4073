"""Fixtures of the fetch tests: a web server of our own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from support.fetch_site import Site, serving


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A web server of our own."""
    async with serving() as served:
        yield served
