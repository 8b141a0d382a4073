"""What of an address is shown: no user, password or key."""

from __future__ import annotations

import pytest

from dateline.urls import masked, public


@pytest.mark.parametrize(
    ("url", "published", "shown"),
    [
        ("https://a.example/rss", "https://a.example/rss", "https://a.example/rss"),
        ("https://a.example/rss?cat=7&lang=en", "https://a.example/rss", "https://a.example/rss?cat=7&lang=en"),
        ("https://a.example/rss?token=ab", "https://a.example/rss", "https://a.example/rss?token=***"),
        ("https://a.example/rss?c=1&x=PRIVATEKEY#top", "https://a.example/rss", "https://a.example/rss?c=1&x=***#top"),
        ("https://a.example/rss?9f86d081884c7d65", "https://a.example/rss", "https://a.example/rss?***"),
        ("https://me:word@a.example:8443/rss?a=b", "https://a.example:8443/rss", "https://***@a.example:8443/rss?a=b"),
        ("http://me@a.example", "http://a.example", "http://***@a.example"),
    ],
)
def test_an_address_is_published_without_its_query_and_logged_without_its_keys(
    url: str, published: str, shown: str
) -> None:
    """Short words and numbers stay in logs: feeds of one program differ by them."""
    assert public(url) == published
    assert masked(url) == shown


def test_addresses_inside_an_errors_text_are_masked_too() -> None:
    """An error quotes the address it was about, and where a redirect led."""
    said = "https://a.example/f?key=SECRET: the server answered 404 (after http://u:p@b.example/?s=0123456789abcdef)"
    assert masked(said) == "https://a.example/f?key=*** the server answered 404 (after http://***@b.example/?s=***"
