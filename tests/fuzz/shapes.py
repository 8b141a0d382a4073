"""Nearly valid inputs: the right grammar, with something odd in every place where a publisher ever put something odd."""

from __future__ import annotations

import gzip
import json
import tomllib
import zlib
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Text = SearchStrategy[str]
WORDS: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))

ODD = (
    "",
    " ",
    "\x00",
    "\ufeff",
    "\ufffd",
    "\u200b",
    "\u202e",
    "\u2028",
    "\x85",
    "\x1b[31m",
    "e\u0301",
    "\u1e9b\u0323",
    "\u0344",
    "Å",
    "İ",
    "ß",
    "ﬁ",
    "𝔸",
    "👩‍👩‍👧",
    "\U0010ffff",
    "&amp;amp;",
    "&#0;",
    "&#xD800;",
    "&#1114112;",
    "&nosuch;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<b>",
    "</p>",
    "%00",
    "%zz",
    "\\u0000",
    "'",
    '"',
    "`",
    "=",
    "=cmd()",
    "|",
    "\t",
    "\n",
    "\r\n",
    "٣",
    "२",
    "²",
    "½",
    "Ⅷ",
    "9" * 25,
    "-1",
    "1e999",
    "nan",
    "inf",
    "0x7f",
)
odd = st.one_of(st.sampled_from(ODD), st.integers(20, 6000).map(lambda n: "1" * n))
PLAIN = WORDS["plain"]
words: Text = st.one_of(st.sampled_from(PLAIN), st.text(max_size=12), odd)
phrase: Text = st.lists(words, max_size=5).map(" ".join)

_YEARS = WORDS["years"]
dates: Text = st.one_of(
    st.builds(
        "{}, {:02d} {} {} {:02d}:{:02d}:{:02d} {}".format,
        st.sampled_from(["Mon", "Tue", "Xyz", ""]),
        st.integers(0, 32),
        st.sampled_from(["Jan", "Feb", "Sept", "März", "", "13"]),
        st.sampled_from(_YEARS),
        st.integers(0, 25),
        st.integers(0, 61),
        st.integers(0, 61),
        st.sampled_from(["GMT", "+0000", "-2400", "+9999", "EST", "Z", "", "+24:00", "UT"]),
    ),
    st.builds(
        "{}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}{}".format,
        st.sampled_from(_YEARS),
        st.integers(0, 13),
        st.integers(0, 32),
        st.integers(0, 25),
        st.integers(0, 61),
        st.integers(0, 61),
        st.sampled_from(["Z", "+14:00", "-23:59", "+23:59:59", ".999999999Z", "", "+99:99"]),
    ),
    st.sampled_from(
        ["now", "1700000000", "99999999999999999999", "2026-W53-7", "2026-366", "tomorrow", "12/31/69", "24:00"]
    ),
    odd,
)

_SCHEMES = WORDS["schemes"]
_HOSTS = WORDS["hosts"]
_PATHS = WORDS["paths"]
_QUERIES = WORDS["queries"]
addresses: Text = st.one_of(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(_SCHEMES),
        st.one_of(st.sampled_from(_HOSTS), st.text(max_size=6)),
        st.one_of(st.sampled_from(_PATHS), phrase),
        st.one_of(st.sampled_from(_QUERIES), odd),
    ),
    st.text(max_size=20),
)


def _bytes(text: str) -> bytes:
    return text.encode(
        "utf-8",
        "surrogateescape" if not any("\ud800" <= c < "\udc80" or "\udcff" < c <= "\udfff" for c in text) else "replace",
    )


def encoded(text: Text) -> SearchStrategy[bytes]:
    """Text as the bytes of some character set, mostly UTF-8, sometimes cut, sometimes damaged."""

    def made(drawn: str, charset: str, cut: int, flaw: bytes, at: int) -> bytes:
        raw = _bytes(drawn) if charset == "utf-8" else drawn.encode(charset, "replace")
        if flaw:
            at %= len(raw) + 1
            raw = raw[:at] + flaw + raw[at:]
        return raw[: len(raw) - cut] if cut else raw

    charsets = st.sampled_from(
        ["utf-8"] * 9
        + ["latin-1", "utf-16", "utf-16-be", "utf-32", "cp1252", "shift_jis", "gb18030", "utf-7", "koi8-r"]
    )
    flaws = st.sampled_from([b""] * 12 + [b"\xff", b"\x00", b"\xc3", b"\xed\xa0\x80", b"<", b"&", b"\x1f\x8b"])
    return st.builds(made, text, charsets, st.sampled_from([0] * 8 + [1, 7, 40]), flaws, st.integers(0, 3000))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


inside: Text = st.one_of(
    phrase,
    phrase.map(_escaped),
    phrase.map(lambda text: f"<![CDATA[{text}]]>"),
    addresses.map(_escaped),
    dates,
    st.just("<p>x</p>"),
)


def element(name: str, content: Text, attributes: Text | None = None) -> Text:
    """``<name ...>content</name>``, now and then without its end."""
    ends = st.sampled_from([f"</{name}>"] * 12 + ["", f"</{name.upper()}>", "/>", f"</{name} >"])
    return st.builds(
        lambda given, text, end: f"<{name}{given}>{text}{end}",
        st.just("") if attributes is None else attributes,
        content,
        ends,
    )


def _attributes(*names: str) -> Text:
    pair = st.builds(
        ' {}="{}"'.format,
        st.sampled_from(names),
        st.one_of(addresses, phrase, st.sampled_from(["alternate", "self", "hub", "html"])).map(_escaped),
    )
    return st.lists(pair, max_size=4).map("".join)


_RSS = WORDS["rss"]
_ATOM = WORDS["atom"]
_NAMESPACES = (
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"'
)
_some = st.one_of(
    st.just(""),
    _attributes("isPermaLink", "type", "url", "length", "xml:base", "xml:lang", "href", "rel", "term", "domain"),
)
_link = _attributes("href", "rel", "type", "url", "title", "hreflang").map(lambda given: f"<link{given}/>")
_media = _attributes("url", "type", "length", "medium", "fileSize").map(
    lambda given: f"<enclosure{given}/><media:content{given}/>"
)


def _children(names: tuple[str, ...], *more: Text) -> Text:
    return st.lists(st.one_of(*(element(name, inside, _some) for name in names), *more), max_size=8).map("".join)


_item = element("item", _children(_RSS, _link, _media), _some)
_entry = element("entry", _children(_ATOM, _link, element("author", element("name", inside))), _some)
_hints = st.sampled_from(
    [
        "",
        "<ttl>60</ttl>",
        "<ttl>-1</ttl>",
        "<ttl>9e99</ttl>",
        "<skipHours><hour>24</hour><hour>x</hour></skipHours>",
        "<skipDays><day>Monday</day></skipDays>",
        "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
    ]
)
_head = st.sampled_from(
    [
        "",
        '<?xml version="1.0"?>',
        '<?xml version="1.0" encoding="utf-16"?>',
        '<?xml version="1.1" encoding="nosuch"?>',
        "\n\n",
        "<!DOCTYPE rss>",
        '<!DOCTYPE r [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>',
        "\ufeff",
        "<!-- x -->",
        '<?xml-stylesheet href="x"?>',
    ]
)
_rss = st.builds(
    lambda head, hints, title, items: (
        f'{head}<rss version="2.0"{_NAMESPACES}><channel>{title}{hints}{"".join(items)}</channel></rss>'
    ),
    _head,
    _hints,
    st.one_of(st.just(""), element("title", inside), element("link", addresses)),
    st.lists(_item, max_size=4),
)
_atom = st.builds(
    lambda head, given, links, entries: (
        f'{head}<feed xmlns="http://www.w3.org/2005/Atom"{given}>{links}{"".join(entries)}</feed>'
    ),
    _head,
    _attributes("xml:base", "xml:lang"),
    _link,
    st.lists(_entry, max_size=4),
)
_rdf = st.builds(
    lambda items: (
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"{_NAMESPACES}>{"".join(items)}</rdf:RDF>'
    ),
    st.lists(_item, max_size=3),
)
_url = element(
    "url",
    _children(
        (
            "loc",
            "lastmod",
            "news:title",
            "news:publication_date",
            "news:keywords",
            "image:loc",
            "news:news",
            "news:name",
        )
    ),
)
_sitemap = st.builds(
    lambda head, root, rows: (
        f'{head}<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
        f"{''.join(rows)}</{root}>"
    ),
    _head,
    st.sampled_from(["urlset", "sitemapindex"]),
    st.lists(st.one_of(_url, element("sitemap", _children(("loc", "lastmod")))), max_size=4),
)
json_value = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False), phrase, addresses, dates
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["name", "url", "title", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)
_ITEM_KEYS = WORDS["item_keys"]
_json_item = st.dictionaries(st.sampled_from(_ITEM_KEYS), json_value, max_size=8)
_json_feed = st.builds(
    lambda given, items, hubs: json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", **given, "items": items, **hubs}
    ),
    st.dictionaries(
        st.sampled_from(["title", "home_page_url", "feed_url", "language", "description", "expired", "version"]),
        json_value,
        max_size=4,
    ),
    st.one_of(st.lists(st.one_of(_json_item, json_value), max_size=4), json_value),
    st.dictionaries(st.just("hubs"), json_value, max_size=1),
)
_feed_headers = st.lists(
    st.builds(
        "{}: {}\n".format,
        st.sampled_from(["content-type", "content-language", "link", "content-location", "cache-control"]),
        st.one_of(
            st.sampled_from(
                [
                    "text/xml; charset=utf-8",
                    "application/rss+xml; charset=nosuch",
                    "text/html",
                    'text/xml; charset="',
                    "en",
                    '<x>; rel="hub"',
                ]
            ),
            odd,
        ).map(lambda value: value.replace("\n", " ").replace("\r", " ")),
    ),
    max_size=3,
).map("".join)


def _answer(headers: str, body: bytes) -> bytes:
    return _bytes(headers) + b"\n" + body if headers else body


feed = st.builds(_answer, _feed_headers, encoded(st.one_of(_rss, _rss, _atom, _rdf, _sitemap, _json_feed)))
_whole = st.one_of(feed, st.binary(max_size=200))
gzipped = st.builds(
    lambda body, way, cut, more: way(body)[: -cut or None] + more,
    _whole,
    st.sampled_from(
        [
            gzip.compress,
            zlib.compress,
            lambda b: zlib.compress(b)[2:-4],
            lambda b: gzip.compress(gzip.compress(b)),
            lambda b: gzip.compress(b) * 2,
        ]
    ),
    st.integers(0, 9),
    st.sampled_from([b"", b"", b"\x00" * 8, b"\x1f\x8b", b"junk"]),
)

_outline = st.recursive(
    _attributes("xmlUrl", "text", "title", "htmlUrl", "type", "url", "category", "language", "XMLURL").map(
        lambda given: f"<outline{given}/>"
    ),
    lambda inner: st.builds(
        lambda given, rows: f"<outline{given}>{''.join(rows)}</outline>",
        _attributes("text", "title"),
        st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)
opml = encoded(
    st.builds(
        lambda head, rows: f'{head}<opml version="2.0"><body>{"".join(rows)}</body></opml>',
        _head,
        st.lists(_outline, max_size=4),
    )
)
discover = st.builds(
    lambda url, tags: _bytes(url.replace("\n", "")) + b"\n" + _bytes("".join(tags)),
    addresses,
    st.lists(
        st.one_of(
            _attributes("href", "rel", "type", "title").map(lambda given: f"<link{given} type=application/rss+xml>"),
            st.builds("<a{}>{}</a>".format, _attributes("href", "title", "aria-label"), phrase),
            _attributes("href").map(lambda given: f"<base{given}>"),
        ),
        max_size=6,
    ),
)

url = addresses.map(_bytes)
