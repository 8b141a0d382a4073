"""The real daemon among hostile servers: a case of each kind here, all of them with ``make chaos`` (docs/faults.md)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile import nowhere, play
from hostile.house import HOSTILE

from support.redis_server import RedisServer, servers


@pytest.fixture
def newest_redis(tmp_path: Path) -> object:
    """One server; which version it is makes no difference to what strangers do."""
    server = RedisServer(servers()[-1], tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.mark.long
def test_a_case_of_each_kind_ends_as_the_catalogue_asks(newest_redis: RedisServer, tmp_path: Path) -> None:
    """Outcome, seconds, bytes, entries, revisions, gaps; the canary untouched, all text harmless, the daemon alive."""
    if not HOSTILE.is_dir():
        pytest.skip("no hostile server: the shared material is not on this machine")
    found, wrong = play.play(tmp_path, newest_redis, play.chosen(play.QUICK), seconds=150.0, most_measured=2)
    assert found.cases >= len(play.QUICK)
    assert not found.broken, "\n".join(why for reasons in found.broken.values() for why in reasons)
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_no_feed_link_redirect_or_name_leads_to_an_address_that_is_not_public(
    newest_redis: RedisServer, tmp_path: Path
) -> None:
    """Seen from outside: in a network where every address is this machine, only public ones are ever connected to."""
    if why := nowhere.missing():
        pytest.skip(why)
    said = nowhere.enter(tmp_path, newest_redis.url)
    assert not nowhere.judge(said)
