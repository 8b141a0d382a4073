"""``redis.url``: every form it takes, and mistakes in it, which are told without what is secret."""

from __future__ import annotations

import re

import pytest

from dateline.topology import Address, name_stream
from dateline.topology.slots import SLOTS, find_key, slot_of


@pytest.mark.parametrize(
    ("url", "kind", "hosts", "where"),
    [
        ("redis://localhost", "single", (("localhost", 6379),), "redis://localhost"),
        ("redis://user:pw@[::1]:7000/3", "single", (("::1", 7000),), "redis://[::1]:7000/3"),
        ("unix:///run/redis.sock", "single", (), "unix:///run/redis.sock"),
        ("redis+cluster://:pw@a:1,b:2,c", "cluster", (("a", 1), ("b", 2), ("c", 6379)), "redis+cluster://a:1,b:2,c"),
        ("rediss+cluster://a:1/0?ssl_ca_certs=/ca", "cluster", (("a", 1),), "rediss+cluster://a:1/0"),
        ("redis+sentinel://a,b:7/news/2", "sentinel", (("a", 26379), ("b", 7)), "redis+sentinel://a,b:7/news/2"),
    ],
)  # fmt: skip
def test_every_form_is_taken_apart(url: str, kind: str, hosts: tuple[tuple[str, int], ...], where: str) -> None:
    """What is printed of it has neither user, password nor options."""
    found = Address.parse(url)
    assert (found.kind, found.hosts, found.where) == (kind, hosts, where)


def test_each_server_has_the_user_the_options_and_tls_of_the_whole() -> None:
    """Those that a cluster names later, too; the sentinels have a user of their own."""
    cluster = Address.parse("rediss+cluster://me:s%40cret@a:1,b:2?ssl_ca_certs=/ca.pem")
    assert cluster.url_of("10.0.0.3", 6380) == "rediss://me:s%40cret@10.0.0.3:6380?ssl_ca_certs=%2Fca.pem"
    watched = Address.parse("redis+sentinel://:pw@a:1/news/2?sentinel_password=o%26k&socket_keepalive=yes")
    assert watched.url_of("::1", 7) == "redis://:pw@[::1]:7/2?socket_keepalive=yes"
    assert watched.sentinel_url_of("a", 1) == "redis://:o%26k@a:1?socket_keepalive=yes"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://host", "scheme"),
        ("host:6379", "scheme"),
        ("redis://:pa#ss@host", "%23"),
        ("redis://:pa/ss@host", "%2F"),
        ("redis://u:p@ss@host", "%40"),
        ("redis://:secret@host:pass", "no host and port"),
        ("redis://a:1,b:2", "redis+cluster://"),
        ("redis+cluster://a:1/3", "number 0"),
        ("redis+sentinel://a:1", "service's name"),
        ("redis://host/name", "database is a number"),
        ("redis://host:99999", "no host and port"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_remedy_and_without_the_password(url: str, said: str) -> None:
    """A password that was not encoded is the commonest one."""
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        Address.parse(url)
    for secret in ("pa#ss", "pa/ss", "p@ss", "secret"):
        assert secret not in str(caught.value)


def test_partitions_lie_evenly_over_any_number_of_servers_and_keep_their_names() -> None:
    """With a power of two of them no server of three to six has more than twice its share, none has nothing."""
    for partitions in (8, 16, 32, 64):
        streams = [name_stream("dateline", number) for number in range(partitions)]
        assert len(set(streams)) == partitions
        for servers in (3, 4, 5, 6):
            held = [slot_of(stream) * servers // SLOTS for stream in streams]
            counts = [held.count(number) for number in range(servers)]
            assert max(counts) <= 2 * partitions / servers + 1
            assert min(counts) > 0 or partitions == 8
    assert name_stream("dateline", 0) == "dateline:events"
    assert [name_stream("dateline", number) for number in (1, 2, 3)] == [
        "dateline:events:1-2", "dateline:events:2-11", "dateline:events:3-2",
    ]  # fmt: skip


def test_the_key_of_a_command_is_found_wherever_it_stands() -> None:
    """It decides which server gets the command."""
    assert find_key(("GET", "k")) == "k"
    assert find_key(("EVALSHA", "sha", 2, "k", "l", b"args")) == "k"
    assert find_key(("XGROUP", "CREATE", "k", "g", "0")) == "k"
    assert find_key(("XREADGROUP", "GROUP", "streams", "me", "COUNT", 1, "STREAMS", "k", ">")) == "k"
    assert find_key(("XREAD", "COUNT", 1, "STREAMS", "k", b"0-0")) == "k"
    assert find_key(("TIME",)) is None and find_key(("SCAN", 0, "MATCH", "k*")) is None
