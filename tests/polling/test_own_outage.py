"""A feed that our own child processes could not parse: it did not fail, and is polled again soon."""

from __future__ import annotations

import pytest
from polling.test_validators import FEED, Unhurried

from dateline.errors import OWN_OUTAGES, Postponed, TransientError
from dateline.polling.poll import OWN_OUTAGE_SECONDS, FeedFetcher
from dateline.settings import Settings
from dateline.store.feed_state import FeedState
from dateline.telemetry import Metrics
from support.fetch_site import serving
from support.fetching import reaching


class NoChild:
    """A pool whose processes are gone."""

    def __init__(self, code: str, since: float | None = None) -> None:
        self._code, self._since = code, since

    async def run(self, job: str, payload: bytes, *, wall_seconds: float | None = None) -> bytes:
        """As `dateline.pool.Pool.run` where its zygote was killed."""
        raise TransientError("the pool's zygote cannot be started", code=self._code, retry_after_seconds=self._since)


@pytest.mark.parametrize("code", sorted(OWN_OUTAGES))
@pytest.mark.parametrize(("since", "wait"), [(None, OWN_OUTAGE_SECONDS), (120.0, 120.0), (86400.0, 900.0)])
async def test_a_feed_that_no_child_process_can_parse_is_postponed_not_failed(
    code: str, since: float | None, wait: float
) -> None:
    """It would have waited a quarter of an hour, and longer each time; while they are away for long it is not asked for every
    few seconds."""
    async with serving() as site:
        site.says("/feed", body=FEED)
        async with reaching(site.port) as client:
            fetcher = FeedFetcher(Unhurried(client), NoChild(code, since), Settings(), Metrics())
            with pytest.raises(Postponed) as caught:
                await fetcher.fetch(FeedState(feed="feed", url=site.url("/feed")))
    assert caught.value.wait_seconds == wait and "zygote" in caught.value.why
