"""Web addresses: read as browsers read them, one canonical form, one owner."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publicsuffixlist import PSLFILE, PublicSuffixList

from dateline import urls
from dateline.errors import Blocked, DatelineError, PermanentError
from dateline.fetch.exchange import to_yarl
from dateline.fetch.guard import Guard

GOLD = Path(__file__).resolve().parents[2].parent / "shared" / "gold" / "feeds"

_HOSTS = st.sampled_from(
    ["news.example", "WWW.News.Example", "m.news.example", "bücher.example", "10.1.2.3", "[2001:DB8::7]"]
)
_PATHS = st.text(st.sampled_from("aZ09/.-_~%'é ;:@&=+$,!*()|\"<>\\"), max_size=25)
_QUERIES = st.text(st.sampled_from("abcutm_=&%20+;é?/'\"#"), max_size=25)

urls.same_key("https://news.example/")  # reads the tables once: no example is to be slow for it


@st.composite
def addresses(draw: st.DrawFn) -> str:
    """Addresses of every kind of mess that links in feeds are in."""
    port = draw(st.sampled_from(["", ":80", ":443", ":8080", ":"]))
    query = draw(_QUERIES)
    fragment = draw(st.sampled_from(["", "#top", "#!page/7", "#/story/7"]))
    scheme = draw(st.sampled_from(["http", "https", "HTTP"]))
    return f"{scheme}://{draw(_HOSTS)}{port}/{draw(_PATHS)}" + (f"?{query}" if query else "") + fragment


@given(addresses())
def test_the_canonical_form_of_a_canonical_form_is_itself(address: str) -> None:
    """Otherwise an article would get a new identity each time its address passes through us."""
    once = urls.canonical(address)
    assert urls.canonical(once) == once


_PLAIN_HOSTS = st.sampled_from(
    ["news.example", "a-b.c--d.example", "xn--n3h.example", "google.com", "news.google.com", "1.2.3.4"]
)


@given(
    st.sampled_from(["http", "https"]), _PLAIN_HOSTS, st.text(st.sampled_from("aZ0/.-_~,:+=@!$&()*';%<"), max_size=12)
)
def test_a_plain_address_is_what_reading_it_in_full_gives(scheme: str, host: str, path: str) -> None:
    """An address with nothing to change is given back unread; with a fragment behind it, it is read in full."""
    address = f"{scheme}://{host}/{path}"
    if not address.endswith("<"):
        assert urls.canonical(address) == urls.canonical(address + "#")


@pytest.mark.parametrize(
    "address",
    [
        "http://ho%1\ud800st/",
        "http:/9.254../latest",
        "http://-1671142200.1/",
        "http://1_0.0.0.1/",
        "http://news.example/?b=1&\ud800&%|\u4e2d",
    ],
)
def test_what_fuzzing_found_stays_found(address: str) -> None:
    """Lone surrogates, empty labels, signs and underscores in numbers, an order that escaping changed."""
    try:
        once = urls.canonical(address)
    except PermanentError as error:
        assert error.code == "bad_url"
    else:
        assert urls.canonical(once) == once


@given(addresses())
def test_a_parsed_address_reads_back_as_itself(address: str) -> None:
    """What is sent to the server is what was checked: writing and reading again changes nothing."""
    parsed = urls.parse(address)
    assert urls.parse(str(parsed)) == parsed


@given(addresses())
def test_the_canonical_form_is_ascii_without_userinfo_or_default_port(address: str) -> None:
    """It can be hashed, sent and shown as it is."""
    form = urls.canonical(address)
    parsed = urls.parse(form)
    assert form.isascii() and " " not in form
    assert not parsed.user and not parsed.password
    assert parsed.port != {"http": 80, "https": 443}[parsed.scheme]


@given(st.text(max_size=60), st.sampled_from([None, "https://news.example/a/b"]))
def test_any_text_is_an_address_or_one_of_our_errors(text: str, base: str | None) -> None:
    """Links come from anybody: no other exception leaves, and what is taken is http or https."""
    try:
        form = urls.canonical(text, base=base)
    except DatelineError:
        return
    assert form.startswith(("http://", "https://"))


@given(addresses())
def test_scheme_www_and_closing_slash_do_not_change_the_key(address: str) -> None:
    """A site that moves to https or drops its www keeps its articles' identities."""
    key = urls.same_key(address)
    assert urls.same_key(urls.canonical(address)) == key
    parsed = urls.parse(urls.canonical(address))
    other = "https" if parsed.scheme == "http" else "http"
    assert urls.same_key(str(parsed).replace(parsed.scheme, other, 1)) == key


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("HTTPS://News.Example.:443/a/./b/../c?utm_source=x&id=7#part", "https://news.example/a/c?id=7"),
        ("https://news.example/a//b?b=2&a=1&fbclid=z", "https://news.example/a/b?a=1&b=2"),
        ("https://news.example/%7euser/%c3%a9t%C3%A9", "https://news.example/~user/%C3%A9t%C3%A9"),
        ("https://user:secret@news.example/x", "https://news.example/x"),
        ("https://news.example/x?q=one+two", "https://news.example/x?q=one%20two"),
        ("https://news.example/x;jsessionid=0A1B?id=3", "https://news.example/x?id=3"),
        ("https://news.example/#!story/9", "https://news.example/#!story/9"),
        ("https://news.example/x?source=rss&source=archive", "https://news.example/x?source=archive"),
        ("https://news.example/x?ID=1&amp;page=2", "https://news.example/x?ID=1&page=2"),
        (
            "https://www.facebook.com/sharer.php?u=https%3A%2F%2Fnews.example%2Fx%3Fid%3D1",
            "https://news.example/x?id=1",
        ),
        ("https://news-example.cdn.ampproject.org/c/s/news.example/x/amp", "https://news.example/x/amp"),
        ("https://news.example/100%", "https://news.example/100%25"),
        ("https://github.com/a/b/blob/x?ref=main", "https://github.com/a/b/blob/x?ref=main"),
        ("//news.example/x", "http://news.example/x"),
        # what tracks on most sites stays where its value is the number of an article
        ("https://news.example/article.php?ref=4210", "https://news.example/article.php?ref=4210"),
        ("https://news.example/article.php?ref=newsletter", "https://news.example/article.php"),
        ("https://news.example/show?pk_news=7", "https://news.example/show?pk_news=7"),
        ("https://news.example/show?pk_campaign=7&gclid=12", "https://news.example/show"),
        ("https://news.example/talk?session_id=31", "https://news.example/talk?session_id=31"),
        ("https://news.example/talk?session_id=0a9fbc21de", "https://news.example/talk"),
        ("https://www.wsj.com/articles/x?mod=hp_lead_pos1", "https://www.wsj.com/articles/x"),
        (
            "https://news.google.com/rss/articles/CBMiI2h0dHBzOi8vbmV3cy5leGFtcGxlLzIwMjYvcGllci1zaHV00gEA?oc=5",
            "https://news.example/2026/pier-shut",
        ),
    ],
)
def test_an_address_has_this_canonical_form(address: str, form: str) -> None:
    """The rules one by one."""
    assert urls.canonical(address) == form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.news.example/x/", "https://news.example/x"),
        ("https://m.news.example/2026/story", "https://www.news.example/2026/story"),
        ("https://news.example/story/amp/", "https://news.example/story"),
        ("https://news.example/story.amp.html", "https://news.example/story.html"),
        ("https://news.example/story?outputType=amp", "https://news.example/story"),
        ("https://news.example/a/index.html", "https://news.example/a/"),
    ],
)
def test_these_two_name_the_same_article(one: str, other: str) -> None:
    """Variants of one page share a key."""
    assert urls.same_key(one) == urls.same_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.example/?p=101", "https://news.example/?p=102"),
        ("https://news.example/story", "https://news.example/Story"),
        ("https://amp.dev/x", "https://dev/x"),
        ("https://news.example/x?page=1", "https://news.example/x?page=2"),
        ("https://news.example/camp", "https://news.example/c"),
        ("https://news.example:8080/x", "https://news.example/x"),
        ("https://news.example/#/story/7", "https://news.example/#/story/8"),
        ("https://news.example/app/index.html#/7", "https://news.example/app/index.html#/8"),
        ("https://news.example/R&B=soul", "https://news.example/R"),
        ("https://news.example/x?print=4711", "https://news.example/x?print=4712"),
    ],
)
def test_these_two_do_not_name_the_same_article(one: str, other: str) -> None:
    """A parameter that chooses the article stays; a name that looks like a variant is not one."""
    assert urls.same_key(one) != urls.same_key(other)


@pytest.mark.parametrize(
    "address",
    [
        "https://news.example/x&utm_source=rss&utm_medium=feed",
        "https://news.example/x?utm_source=rss?utm_medium=feed",
        "https://news.example/x?guccounter=1",
        "https://news.example/x?gaa_at=eafs&gaa_n=ASWz",
        "https://news.example/x?replytocom=77#respond",
        "https://news.example/x?print=1",
        "https://news.example/x?view=print",
        "https://news.example/x#/gallery/3",
    ],
)
def test_these_all_name_one_article(address: str) -> None:
    """Print views, replies, and campaigns appended as if the address had a query, or none."""
    assert urls.same_key(address) == "news.example/x"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "mailto:desk@news.example", "feed://news.example/", "ftp://a.example/"]
)
def test_other_schemes_are_refused_by_name(address: str) -> None:
    """The reason tells a mailto link from a broken one."""
    with pytest.raises(Blocked) as caught:
        urls.canonical(address)
    assert caught.value.code == "bad_scheme"


@pytest.mark.parametrize(
    "address", ["", "relative/path", "https://", "https://exa mple.com/", "https://[::1", "http://a:99999/"]
)
def test_what_no_browser_would_open_is_a_bad_url(address: str) -> None:
    """Relative without a base, no host, a host with a space, a port out of range."""
    with pytest.raises(PermanentError) as caught:
        urls.parse(address)
    assert caught.value.code == "bad_url"


def test_an_endless_address_is_refused_and_not_repeated_in_the_message() -> None:
    """A megabyte of link must not become a megabyte of log."""
    with pytest.raises(PermanentError) as caught:
        urls.canonical("https://news.example/" + "a" * 1_000_000)
    assert len(str(caught.value)) < 500


def test_a_link_is_resolved_against_its_page() -> None:
    """As a browser does it, backslashes and dot segments included."""
    page = "https://news.example/2026/11/story.html"
    assert urls.resolve("../10/x", page) == "https://news.example/2026/10/x"
    assert urls.resolve("//cdn.example/x", page) == "https://cdn.example/x"
    assert urls.resolve("\\feeds\\rss", page) == "https://news.example/feeds/rss"
    assert urls.resolve("?page=2", page) == "https://news.example/2026/11/story.html?page=2"


@pytest.mark.parametrize(
    ("address", "owner"),
    [
        ("https://feeds.news.co.uk/rss", "news.co.uk"),
        ("https://one.blogspot.com/feed", "one.blogspot.com"),
        ("https://two.substack.com/feed", "two.substack.com"),
        ("https://www.substack.com/", "substack.com"),
        ("https://www.bbc.com/news", "bbc.co.uk"),
        ("http://203.0.114.7:8080/x", "203.0.114.7"),
        ("http://127.0.0.1:8080/x", "127.0.0.1:8080"),
        ("http://site00001.localhost:9000/", "site00001.localhost"),
        ("https://news.example./x", "news.example"),
    ],
)
def test_an_address_belongs_to_this_owner(address: str, owner: str) -> None:
    """Registrable domain; platforms split, houses joined, addresses as themselves, loopback by port."""
    assert urls.owner(address) == owner


def test_owners_under_suffixes_in_other_scripts_are_those_of_the_library() -> None:
    """Whose list we encode ourselves: both spellings of every such suffix."""
    library = PublicSuffixList()
    lines = Path(PSLFILE).read_text("utf-8").splitlines()
    names = [line.split()[0].strip("!*.") for line in lines if not line.isascii() and not line.startswith("//")]
    assert len(names) > 400
    for name in names:
        host = f"a.b.{name.encode('idna').decode()}"
        assert urls.owner(f"https://{host}/") == library.privatesuffix(host)


def test_the_operator_can_join_domains_of_one_house() -> None:
    """Two domains of one publisher then share one budget."""
    owners = urls.Owners({"second.example": "first.example"})
    assert owners.owner("https://www.second.example/x") == owners.owner("https://first.example/y") == "first.example"


def _rows(name: str) -> list[dict[str, object]]:
    path = GOLD / name
    if not path.is_file():
        pytest.skip(f"no {name}: the shared gold is not on this machine")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_links_are_resolved_as_the_url_standards_own_cases_ask() -> None:
    """WHATWG cases: http and https exactly, every other scheme and every failure refused."""
    rows = [row for row in _rows("url_norm.jsonl") if row["profile"] == "whatwg"]
    wrong = []
    for row in rows:
        expected = row["expected"] if str(row["expected"]).startswith("http") else None
        try:
            found: str | None = urls.resolve(str(row["input"]), None if row["base"] is None else str(row["base"]))
        except DatelineError:
            found = None
        if found != expected:
            wrong.append((row["id"], found))
    assert not wrong


def test_pairs_of_addresses_are_told_apart_at_least_95_times_in_100() -> None:
    """Same article or not, by key; the two known misses fold case in the path and drop a closing slash of a root."""
    rows = _rows("url_same.jsonl")
    right = sum((_key(str(row["a"])) == _key(str(row["b"]))) == row["same"] for row in rows)
    assert right >= 0.95 * len(rows)


def _key(address: str) -> str:
    try:
        return urls.same_key(address)
    except DatelineError:
        return urls.same_key(address, base="http://news.example/")


def test_what_is_known_of_a_long_address_is_not_kept() -> None:
    """A feed whose links have 16,000 characters each would fill the worker's memory with them; a short one is read once."""
    short, long = (f"https://www.paper.com/{'x' * length}" for length in (100, 5_000))
    assert urls.parse(short) is urls.parse(short)
    assert urls.parse(long) == urls.parse(long) and urls.parse(long) is not urls.parse(long)
    assert to_yarl(urls.parse(short)) is to_yarl(urls.parse(short))
    guard = Guard(())
    assert guard.check_url(short) is guard.check_url(short)
    assert guard.check_url(long) is not guard.check_url(long)
