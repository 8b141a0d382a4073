"""robots.txt: rules, absence, failure, and texts that are none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.fetch.robots import KEEP_SECONDS, MAX_CRAWL_DELAY_SECONDS, MAX_WHOLE_BYTES, from_answer

SITE = "https://news.example"
TEXT = b"""\xef\xbb\xbfUser-agent: *
Disallow: /premium/
Disallow: /*?print=
Allow: /premium/free$
Crawl-delay: 7

User-agent: Dateline
Disallow: /closed/
Request-rate: 1/20s
"""


def test_our_own_group_counts_where_there_is_one() -> None:
    """And then the general one does not."""
    rules = from_answer("ok", TEXT)
    assert not rules.allowed(f"{SITE}/closed/1")
    assert rules.allowed(f"{SITE}/premium/1")
    assert rules.crawl_delay_seconds() == 20


def test_wildcards_and_the_longest_rule_decide() -> None:
    """RFC 9309, 2.2.2."""
    rules = from_answer("ok", TEXT)
    assert not rules.allowed(f"{SITE}/premium/1", "Otherbot")
    assert rules.allowed(f"{SITE}/premium/free", "Otherbot")
    assert not rules.allowed(f"{SITE}/story?print=1", "Otherbot")
    assert rules.crawl_delay_seconds("Otherbot") == 7


def test_a_site_without_robots_txt_allows_everything_for_a_day() -> None:
    """4xx; the same for an HTML page in its place."""
    for rules in (from_answer("none"), from_answer("ok", b"\n <!doctype html><p>User-agent: *\nDisallow: /")):
        assert rules.allowed(f"{SITE}/premium/1")
        assert rules.crawl_delay_seconds() is None
        assert rules.keep_seconds == KEEP_SECONDS


def test_a_site_whose_robots_txt_cannot_be_had_forbids_everything_for_minutes() -> None:
    """5xx or no connection; asked again soon, since it stops all reading."""
    rules = from_answer("unreachable")
    assert not rules.allowed(f"{SITE}/")
    assert rules.status == "unreachable"
    assert 60 <= rules.keep_seconds <= 3600


@pytest.mark.parametrize("delay", [b"86400", b"1e300"])
def test_an_absurd_crawl_delay_is_cut(delay: bytes) -> None:
    """A day between two pages is a mistake, not a wish."""
    rules = from_answer("ok", b"User-agent: *\nCrawl-delay: " + delay)
    assert rules.crawl_delay_seconds() == MAX_CRAWL_DELAY_SECONDS


@pytest.mark.parametrize("delay", [b"-3", b"soon", b"nan", b""])
def test_a_crawl_delay_that_is_no_number_is_none(delay: bytes) -> None:
    """As if it were not there."""
    assert from_answer("ok", b"User-agent: *\nCrawl-delay: " + delay).crawl_delay_seconds() is None


@pytest.mark.parametrize("agent", [b"DATELINE/2.0", b"dateline/9 (news)", b"Dateline\0"])
def test_a_group_for_one_of_our_versions_is_ours(agent: bytes) -> None:
    """Who forbids "Dateline/2.0" means Dateline."""
    rules = from_answer("ok", b"User-agent: *\nDisallow:\n\nUser-agent: " + agent + b"\nDisallow: /closed/\n")
    assert not rules.allowed(f"{SITE}/closed/1")
    assert rules.allowed(f"{SITE}/open/1")


def test_a_hostile_text_is_read_in_time() -> None:
    """Half a megabyte of wildcards, then a long address: well under a second for both."""
    text = b"User-agent: *\n" + b"".join(b"Disallow: /" + b"a*" * 60 + b"%d$\n" % number for number in range(3500))
    began = time.process_time()
    rules = from_answer("ok", text + b"x" * 2_000_000)
    rules.allowed(f"{SITE}/" + "a" * 2000)
    assert time.process_time() - began < 10.0


@given(st.binary(max_size=400))
def test_any_bytes_are_rules(text: bytes) -> None:
    """Whatever a server sends there, an answer comes out."""
    rules = from_answer("ok", text)
    assert rules.allowed(f"{SITE}/story?id=1") in (True, False)
    delay = rules.crawl_delay_seconds()
    assert delay is None or 0 <= delay <= MAX_CRAWL_DELAY_SECONDS


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Disallow", "allow", "DISALLOW"]),
            st.text("/ab%2F*$?é~ #", max_size=8).map(lambda path: "/" + path),
        ),
        min_size=1,
        max_size=12,
    ),
    st.text("/ab?=é", max_size=8),
)
def test_a_long_text_of_which_only_a_part_is_parsed_says_what_the_whole_says(
    rules: list[tuple[str, str]], path: str
) -> None:
    """The rules that are left out could not have matched."""
    lines = ["User-agent: other", "Disallow: /", "", "User-agent: *", "Crawl-delay: 7"]
    lines += [f"{verb}: {pattern}" for verb, pattern in rules]
    short = "\n".join(lines).encode()
    padding = "".join(f"Disallow: /zz{number}\n" for number in range(MAX_WHOLE_BYTES // 14)).encode()
    long, url = from_answer("ok", short + b"\n" + padding), f"https://a.example/{path}"
    assert long.is_long and long.size_bytes < MAX_WHOLE_BYTES
    assert long.allowed(url) == from_answer("ok", short).allowed(url)
    assert long.crawl_delay_seconds() == 7.0
