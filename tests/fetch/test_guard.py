"""The guard: nothing but public addresses and what the operator allowed, however it is spelled."""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline import urls
from dateline.errors import Blocked, DatelineError, SettingsError
from dateline.fetch.guard import Allowed, Guard, check_url, nonpublic

GOLD = Path(__file__).resolve().parents[2].parent / "shared" / "gold" / "feeds" / "ssrf.jsonl"


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_that_python_calls_private_counts_as_public(ip: ipaddress.IPv4Address) -> None:
    """Our table against an independent one."""
    if not ip.is_global:
        assert nonpublic(ip) is not None


@given(st.ip_addresses(v=6))
def test_only_global_unicast_ipv6_counts_as_public(ip: ipaddress.IPv6Address) -> None:
    """Everything outside 2000::/3 but the two forms that carry a public IPv4 address is refused."""
    if nonpublic(ip) is None:
        carried = ip in ipaddress.ip_network("64:ff9b::/96") or ip.ipv4_mapped is not None
        assert carried or ip in ipaddress.ip_network("2000::/3")


@pytest.mark.parametrize("inner", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "0.0.0.0"])
def test_a_private_ipv4_address_is_found_inside_every_ipv6_form(inner: str) -> None:
    """Mapped, compatible, translated, NAT64, 6to4 and Teredo all lead back to it."""
    four = ipaddress.IPv4Address(inner)
    value = int(four)
    forms = [
        0xFFFF << 32 | value,
        value,
        0xFFFF << 48 | value,
        int(ipaddress.IPv6Address("64:ff9b::")) | value,
        int(ipaddress.IPv6Address("64:ff9b:1::")) | value,
        0x2002 << 112 | value << 80 | 1,
        0x20010000 << 96 | (value ^ 0xFFFFFFFF),
    ]
    assert all(nonpublic(ipaddress.IPv6Address(form)) is not None for form in forms)


def test_nat64_of_a_public_address_stays_reachable() -> None:
    """Otherwise a machine with IPv6 only could reach no site that has IPv4 only."""
    assert nonpublic(ipaddress.ip_address("64:ff9b::5db8:d822")) is None


@pytest.mark.parametrize(
    "spelling",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "１２７.0.0.1",
        "%31%32%37.0.0.1",
        "[::1]",
        "[::ffff:7f00:1]",
        "127.0.0.1.",
    ],
)
def test_loopback_is_refused_in_every_spelling(spelling: str) -> None:
    """The URL is read once, by the rules of browsers, and the reading is what is checked and connected to."""
    with pytest.raises(Blocked):
        check_url(f"http://{spelling}/")


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/",
        "http://a.localhost/",
        "http://redis:8080/",
        "http://metadata.google.internal/",
        "http://user@news.example/",
        "http://:secret@news.example/",
        "http://news.example:22/",
        "http://news.example:6379/",
        "http://news..example/",
        "http://./",
        "https://news.example:99999/",
    ],
)
def test_the_url_alone_gives_these_away(address: str) -> None:
    """Names of private networks, credentials, ports of other services, broken names: no look-up is made."""
    with pytest.raises(Blocked) as caught:
        check_url(address)
    assert caught.value.code == "blocked"


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://news.example/", "feed:http://127.0.0.1/", "gopher://news.example/"]
)
def test_only_http_and_https_are_fetched(address: str) -> None:
    """The code says that it was the scheme."""
    with pytest.raises(Blocked) as caught:
        check_url(address)
    assert caught.value.code == "bad_scheme"


def test_an_allowed_address_is_allowed_on_its_port_only() -> None:
    """The allow-list is address and port: a feed on loopback does not open the Redis beside it."""
    guard = Guard(["127.0.0.1:8099", "10.8.0.0/16:80"])
    assert guard.check_url("http://127.0.0.1:8099/x").effective_port == 8099
    guard.check_address("10.8.3.4", 80)
    for ip, port in [("127.0.0.1", 6379), ("127.0.0.2", 8099), ("10.9.0.1", 80), ("10.8.3.4", 8080)]:
        with pytest.raises(Blocked):
            guard.check_address(ip, port)


def test_a_private_name_is_left_to_its_address_where_the_operator_opened_the_port() -> None:
    """`http://newsroom:8000/` in a compose network works once its network and port are allowed."""
    guard = Guard(["172.16.0.0/12:8000"])
    assert guard.check_url("http://newsroom:8000/feed").host == "newsroom"
    with pytest.raises(Blocked):
        guard.check_url("http://newsroom:8001/feed")


@pytest.mark.parametrize(
    "text", ["127.0.0.1", "127.0.0.1:0", "localhost:80", "10.0.0.0/33:80", "", ":80", "127.0.0.1:x"]
)
def test_a_wrong_entry_of_the_allow_list_says_how_to_write_it(text: str) -> None:
    """At start, not at the first request."""
    with pytest.raises(SettingsError, match=r"127\.0\.0\.1:8080"):
        Allowed.parse(text)


def test_ipv6_entries_are_written_in_brackets() -> None:
    """As in a URL."""
    Guard(["[fd00::/8]:443"]).check_address("fd00::1", 443)


def test_every_row_of_the_ssrf_gold_is_met_by_url_or_address() -> None:
    """What passes the URL rules is judged by the address it would be connected to."""
    if not GOLD.is_file():
        pytest.skip("no ssrf.jsonl: the shared gold is not on this machine")
    guard = Guard()
    wrong = []
    for row in map(json.loads, GOLD.read_text("utf-8").splitlines()):
        reached = _reached(guard, row)
        if row["must"] in ("block", "reject") and reached is not None and nonpublic(reached) is not None:
            wrong.append(row["url"])
        if row["must"] == "allow" and reached is None and _public(row):
            wrong.append(row["url"])
    assert not wrong


def _reached(guard: Guard, row: dict[str, str]) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address a connection would be made to, or None if the guard stops it."""
    try:
        url = urls.resolve(row["url"], row["base"]) if row.get("base") else row["url"]
        host = guard.check_url(url).host
    except DatelineError:
        return None
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        # A name: its look-up ends in `check_address`; without DNS here it leads nowhere.
        return None


def _public(row: dict[str, str]) -> bool:
    """Four rows call private or reserved addresses allowed: they are about parsing, or about another tool's settings."""
    ip = row.get("ip") or urls.parse(row["canonical"]).host.strip("[]")
    return nonpublic(ipaddress.ip_address(ip)) is None
