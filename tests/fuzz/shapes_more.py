# ruff: noqa: E501
"""Nearly valid pages, stories, lines, files and requests; the words and addresses come from `shapes`."""

from __future__ import annotations

import gzip
import json

import msgspec
from hypothesis import strategies as st

from .shapes import (
    Text,
    _attributes,
    _bytes,
    addresses,
    dates,
    element,
    encoded,
    inside,
    json_value,
    odd,
    phrase,
    words,
)

# -- stories

_WHO = (
    "President Anna Berg",
    "Turkish forces",
    "the U.S. State Department",
    "He",
    "Mr. O'Neill Jr.",
    "“Doc” Smith",
    "NATO",
    "Israel's army",
    "a 34-year-old man",
    "McDonald",
    "ÅSA",
    "北京",
    "",
)
_DID = (
    "said",
    "attacked",
    "met with",
    "killed at least 1,200",
    "did not arrest",
    "will sanction",
    "denied that",
    "accused",
    "has been shot dead by",
    "signed",
    "was to have visited",
    "told reporters:",
)
_WHOM = (
    "Greece",
    "protesters in Cairo",
    "the minister of defence",
    "“rebels”",
    "three (3) people",
    "his counterpart",
    "12.5 million",
    "it",
    "the 2nd Brigade",
    "",
)
_WHEN = (
    "on Monday",
    "yesterday",
    "last February 30",
    "in 2026",
    "on March 3-5",
    "3/4/05",
    "at 25:61",
    "the night before last",
    "two weeks ago",
    "in the year 99999",
    "on the 31st",
    "9 a.m. EST",
    "since 1914",
    "next decade",
    "for the 3rd day",
)
_QUOTED = (
    "“We won",
    '"I don\'t know," ',
    "‘so-called’",
    "''",
    "“‘nested”’",
    '"',
    "«Non»",
    "“”",
    "he added.",
    'she said, "',
    "— according to police",
)
_LINES = (
    "LISBON, March 3 (Reuters) - ", "LISBON (AP) —", "By Jane Roe, John Doe and A. N. Other", "WASHINGTON/MOSCOW, Feb 30 —", "###", "(END)", "-30-", "Correction: ", "PHOTO: ", "(Reporting by A B; Editing by C D)",
    "© 2026 Paper", "URGENT: ", "* ", "- ", "Published: 2026-03-03", "Updated 3 Mar 2026 09:00 GMT", "FILE PHOTO: A man. REUTERS/A B/File", "bc-talks-1st ld-writethru", "1.", "…",
)  # fmt: skip
sentence: Text = st.builds(
    lambda *parts: " ".join(part for part in parts if part),
    st.sampled_from(_WHO), st.sampled_from(_DID), st.sampled_from(_WHOM), st.sampled_from(_WHEN), st.one_of(st.just(""), st.sampled_from(_QUOTED), odd),
    st.sampled_from([".", "?", "!”", "...", ""]),
)  # fmt: skip
paragraph: Text = st.lists(st.one_of(sentence, sentence, st.sampled_from(_LINES), words), min_size=1, max_size=5).map(
    " ".join
)
_gap = st.sampled_from(["\n\n", "\n", "\r\n", "\u2028", "\n\t", "\x0c", "\n\n\n"])
story: Text = st.lists(st.one_of(st.builds("{}{}".format, paragraph, _gap), st.sampled_from(_LINES)), max_size=8).map(
    "".join
)
_stamp = st.sampled_from(
    [
        "2026-03-04T12:00:00+00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2024-02-29",
        "1582-10-15",
        "x",
    ]
)
text = st.builds(
    lambda stamp, title, body: _bytes(f"Published: {stamp}\nTitle: {title}\n\n{body}" if stamp else body),
    st.one_of(st.just(""), _stamp), st.sampled_from(["Talks held", "", "e\u0301\u202e"]), story,
)  # fmt: skip
feed_text = st.builds(
    lambda title, parts: _bytes(title.replace("\n", " ") + "\n" + "".join(parts)),
    phrase,
    st.lists(st.one_of(paragraph, element("p", paragraph), inside), max_size=6),
)

# -- pages

_TYPES = (
    "NewsArticle",
    "Article",
    "LiveBlogPosting",
    "WebPage",
    ["NewsArticle", 3],
    None,
    "ReportageNewsArticle",
    "Person",
)
_LD_KEYS = (
    "headline",
    "author",
    "datePublished",
    "dateModified",
    "articleBody",
    "publisher",
    "image",
    "mainEntityOfPage",
    "url",
    "keywords",
    "articleSection",
    "isAccessibleForFree",
    "wordCount",
    "description",
    "@graph",
    "creator",
    "copyrightNotice",
)
_ld = st.builds(
    lambda kind, given, broken: '<script type="application/ld+json">' + json.dumps({"@type": kind, **given})[: -1 if broken else None] + "</script>",
    st.sampled_from(_TYPES), st.dictionaries(st.sampled_from(_LD_KEYS), st.one_of(json_value, story), max_size=6), st.booleans(),
)  # fmt: skip
_META = (
    "og:title",
    "og:url",
    "og:image",
    "article:published_time",
    "article:author",
    "author",
    "description",
    "keywords",
    "date",
    "og:locale",
    "robots",
    "news_keywords",
    "refresh",
    "parsely-pub-date",
    "og:site_name",
)
_meta = st.builds(
    lambda how, name, value: f'<meta {how}="{name}" content="{value}">',
    st.sampled_from(["name", "property", "http-equiv", "itemprop"]), st.sampled_from(_META), st.one_of(addresses, dates, phrase).map(lambda t: t.replace('"', "&quot;")),
)  # fmt: skip
_TAGS = (
    "p",
    "div",
    "article",
    "section",
    "h1",
    "h2",
    "li",
    "blockquote",
    "figcaption",
    "span",
    "td",
    "time",
    "header",
    "footer",
    "aside",
    "noscript",
    "template",
    "svg",
    "math",
    "pre",
    "b",
    "address",
    "figure",
)
_marks = _attributes(
    "class", "id", "itemprop", "rel", "datetime", "href", "src", "style", "hidden", "lang", "aria-hidden", "data-x"
)
_block = st.recursive(
    st.one_of(element("p", paragraph, _marks), element("p", paragraph), paragraph, inside),
    lambda inner: st.sampled_from(_TAGS).flatmap(
        lambda name: element(name, st.lists(inner, max_size=4).map("".join), _marks)
    ),
    max_leaves=14,
)
_page = st.builds(
    lambda head, metas, title, lds, body, tail: f"{head}<html lang=en><head><title>{title}</title>{''.join(metas)}{''.join(lds)}</head><body>{''.join(body)}</body>{tail}",
    st.sampled_from(["", "<!doctype html>", '<?xml version="1.0" encoding="latin-1"?>', '<meta charset="utf-16">', "<!--", "\ufeff"]),
    st.lists(_meta, max_size=4), phrase, st.lists(_ld, max_size=2), st.lists(_block, max_size=5), st.sampled_from(["</html>", "", "<script>", "</body></html><p>x"]),
)  # fmt: skip
_page_headers = st.sampled_from(
    [
        "",
        "",
        "",
        "content-type: text/html; charset=iso-8859-1\n",
        "content-type: text/html;charset=x\n",
        "x-title: Talks held\n",
        "content-type: application/pdf\n",
    ]
)
page = st.builds(
    lambda headers, body: _bytes(headers) + b"\n" + body if headers else body, _page_headers, encoded(_page)
)

# -- lines and records

_LINE_KEYS = (
    "id",
    "html",
    "text",
    "url",
    "published",
    "title",
    "content_type",
    "all_events",
    "gazetteers",
    "lexicons",
    "spacy_model",
    "raw",
    "article",
    "fetched",
    "other_languages",
    "x",
)
_line_value = st.one_of(
    json_value,
    story,
    _stamp,
    st.sampled_from(["\ud800", "\x00", "e\u0301", "/nosuch/file", "\x00/x"]),
    st.just(["/nosuch"]),
)


def _json(value: object, ascii_only: bool) -> bytes:
    return json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


extract_line = st.builds(
    lambda given, body, ascii_only: _json({**given, **body}, ascii_only),
    st.dictionaries(st.sampled_from(_LINE_KEYS), _line_value, max_size=5),
    st.one_of(story.map(lambda t: {"text": t}), _page.map(lambda t: {"html": t}), st.just({})), st.booleans(),
)  # fmt: skip
parse_line = st.builds(
    lambda given, body, headers, ascii_only: _json({**given, "body": body, **headers}, ascii_only),
    st.dictionaries(st.sampled_from(["id", "url", "x"]), _line_value, max_size=2),
    st.one_of(inside.map(lambda t: f"<rss><channel><item><title>{t}</title><link>{t}</link></item></channel></rss>"), st.just('{"version":"https://jsonfeed.org/version/1","items":[{"id":1}]}'), phrase),
    st.one_of(st.just({}), st.dictionaries(st.just("headers"), st.dictionaries(st.sampled_from(["Content-Type", "content-encoding", "Link"]), st.one_of(phrase, st.sampled_from(["gzip", "deflate"])), max_size=2))),
    st.booleans(),
)  # fmt: skip
_ENVELOPE = {"id": "a", "source": "s", "type": "dateline.event.reported", "specversion": "1.0"}
_span = {"text": "met", "start": 0, "end": 3}
_EVENT = {
    "id": "e", "cluster_id": "c", "article": "a", "plover": {"type": "CONSULT", "quad": "verbal cooperation", "intensity": 1.0},
    "cameo": {"root": "04", "code": "043", "quad_class": 1}, "confidence": 0.5,
    "evidence": {**_span, "trigger": _span, "block": 0, "sentence": 0},
}  # fmt: skip
_event = st.builds(
    lambda given: json.dumps({**_EVENT, **given}),
    st.dictionaries(st.sampled_from(["id", "actors", "date", "location", "counts", "confidence", "reasons", "evidence", "revision", "cluster_id", "main"]),
                    st.one_of(json_value, st.just([{**_span, "country": "X", "canonical": "=x"}]), st.just({"name": "x", "country": "ZZZ", "lat": 1e308, "lon": -1e308}),
                              st.just({"start": "9999-99-99", "end": "", "granularity": "day"}), st.just({"killed": [2**62, -(2**62)]})), max_size=4),
)  # fmt: skip
stream_entry = st.builds(
    lambda data, schema, given: _json({**_ENVELOPE, "dataschema": f"urn:dateline:{schema}:1", "data": data, **given}, True),
    st.one_of(_event, json_value.map(json.dumps)), st.sampled_from(["event", "article", "retraction", "x"]),
    st.dictionaries(st.sampled_from(["seq", "confidence", "countries", "time", "source", "id", "specversion", "type"]), st.one_of(phrase, odd), max_size=3),
)  # fmt: skip

# -- what servers say

_VALUES = st.one_of(
    dates, odd, addresses,
    st.sampled_from(["max-age=3600", "max-age=99999999999999999999", "no-cache", "120", "1.5", "-5", "1_000", "٣", 'W/"a"', '"a"', "gzip, gzip", "br", "identity", "utf-8", '<https://h.example/>; rel="hub"', "s-maxage=1, max-age=0"]),
)  # fmt: skip
_NAMES = (
    "Retry-After",
    "Cache-Control",
    "Expires",
    "Date",
    "Age",
    "ETag",
    "Last-Modified",
    "Link",
    "Content-Encoding",
    "Content-Location",
    "Content-Type",
)
headers = st.lists(
    st.builds("{}: {}".format, st.sampled_from(_NAMES), _VALUES.map(lambda t: t.replace("\n", " "))), max_size=8
).map(lambda rows: _bytes("\n".join(rows)))
_RULES = (
    "User-agent: *",
    "User-agent: Dateline",
    "Disallow: /",
    "Allow: /news",
    "Disallow: /*a*b*c$",
    "Disallow: /%zz",
    "Crawl-delay: ",
    "Request-rate: ",
    "Visit-time: ",
    "Sitemap: ",
    "Host: ",
    "#",
    ":",
    "Disallow",
)
_AMOUNTS = (
    "",
    "10",
    "0",
    "-1",
    "1e9",
    "nan",
    "inf",
    "1/0",
    "0/5",
    "1/5s",
    "1/1d 2500-2600",
    "x",
    "9" * 30,
    "0600-0500",
    "٣",
    "1/5m 0000-2400",
)
robots = st.lists(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(_RULES),
        st.one_of(st.sampled_from(_AMOUNTS), addresses, odd),
        st.sampled_from(["\n", "\r", "\r\n", ""]),
    ),
    max_size=12,
).map(lambda rows: _bytes("".join(rows)))
_hub_query = st.lists(
    st.builds("{}={}".format, st.sampled_from(["hub.mode", "hub.topic", "hub.challenge", "hub.lease_seconds", "hub.reason"]),
              st.one_of(st.sampled_from(["subscribe", "unsubscribe", "denied", "https://paper.example/a/b.html?c=1#d", "https%3A%2F%2Fpaper.example%2Fa%2Fb.html%3Fc=1%23d", "9" * 20, "-1", "c"]), odd)), max_size=5,
).map("&".join)  # fmt: skip
_signature = st.builds(
    "{}={}".format,
    st.sampled_from(["sha256", "sha1", "md5", "SHA512", "sha384 ", ""]),
    st.one_of(odd, st.sampled_from(["00", "zz", "é", '"ab"'])),
)
websub = st.builds(
    lambda *lines: _bytes("\n".join(line.replace("\n", "") for line in lines)), _hub_query, _signature, addresses
)
_line = st.builds("{}: {}".format, st.sampled_from(["Host", "Authorization", "Cookie", "If-None-Match", "Accept-Encoding", "Content-Length", "Transfer-Encoding", "Expect", "Range", "Connection", "X-Hub-Signature", "Content-Type", "Upgrade"]),
                  st.one_of(st.sampled_from(["localhost", "[::1", "a b", "Bearer ", "Bearer é", "dateline-token=é", '"x", W/"y"', "*", "chunked", "100-continue", "0", "-1", "bytes=0-", "[", "gzip;q=x", "localhost:99999", "\xff"]), odd))  # fmt: skip
request = st.builds(
    lambda method, path, query, rows, body: _bytes(f"{method} {path}{query} HTTP/1.1\r\nHost: localhost\r\n") + "\r\n".join(rows).encode("utf-8", "replace") + b"\r\n\r\n" + body,
    st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "GE T"]),
    st.sampled_from(["/", "/desk", "/desk/api/recent", "/desk/api/article/a", "/desk/api/article/%00", "/desk/static/../x", "/desk/static/%2e%2e", "/metrics", "/readyz", "/websub/" + "t" * 32, "/websub/%ff", "/desk/api/stats", "//x", "*", "http://x/"]),
    st.one_of(st.just(""), st.sampled_from(["?token=open%20sesame", "?limit=3&token=open+sesame", "?limit=%D9%A3&token=open+sesame", "?limit=" + "9" * 5000, "?token=%ff", "?hub.mode=subscribe&hub.topic=%00", "?token=%ED%A0%80"])),
    st.lists(st.one_of(_line, st.just("Authorization: Bearer open sesame")), max_size=4), st.sampled_from([b"", b"x" * 10, b"\xff\x00"]),
)  # fmt: skip

# -- files

_SECTIONS = {
    "redis": "url",
    "poll": "concurrency",
    "fetch": "user_agent",
    "serve": "port",
    "ingest": "near_bits",
    "read": "gazetteers",
    "websub": "public_url",
    "log": "level",
    "politeness": "spacing_seconds",
    "pool": "children",
    "archive": "folder",
    "nosuch": "x",
}
_TOML = (
    "1",
    "-1",
    "0.5",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "true",
    '""',
    '"a\\u0000b"',
    '"a\\nb"',
    '"a\\u0085"',
    '"\\U0010FFFF"',
    "[]",
    "[1]",
    '["a", "b\\""]',
    "{}",
    "{a = 1}",
    "1979-05-27",
    "07:32:00",
    "9223372036854775808",
    '"redis://:pw@h/1"',
    '"127.0.0.1:80"',
    "0x10",
    '"sparse"',
)
_option = st.builds(
    "{} = {}".format,
    st.sampled_from(
        [
            "url",
            "prefix",
            "concurrency",
            "allow",
            "user_agent",
            "port",
            "host",
            "token",
            "enabled",
            "gazetteers",
            "lexicons",
            "languages",
            "level",
            "children",
            "folder",
            "spacing_seconds",
            "jitter",
            "floor_seconds",
            "kind",
            "min_words",
            "x",
            '"odd key"',
        ]
    ),
    st.sampled_from(_TOML),
)
_table = st.builds(
    lambda name, rows: "\n".join([name, *dict.fromkeys(rows)]),
    st.sampled_from(
        [
            *(f"[{name}]" for name in _SECTIONS),
            "[[stages]]",
            "[[forward]]",
            "[owners]",
            "[stages]",
            "[[redis]]",
            "[owners.x]",
            "[redis.url]",
        ]
    ),
    st.lists(_option, max_size=4),
)
toml = st.one_of(encoded(st.lists(_table, max_size=4).map("\n".join)), encoded(_option))
environment = st.builds(
    lambda name, value: _bytes(f"{name}={value}".replace("\x00", "")),
    st.sampled_from(
        [
            f"{a}_{b}".upper()
            for a in _SECTIONS
            for b in ("url", "concurrency", "port", "gazetteers", "spacing_seconds", "level", "x")
        ]
        + ["FEEDS"]
    ),
    st.one_of(st.sampled_from(_TOML), odd, phrase),
)
_row = st.one_of(
    addresses.map(json.dumps),
    st.builds(
        "{{url = {}, {} = {}}}".format,
        addresses.map(json.dumps),
        st.sampled_from(["title", "interval_seconds", "full_text", "language", "jitter", "url2"]),
        st.sampled_from(_TOML),
    ),
    st.sampled_from(_TOML),
)
feeds_toml = encoded(
    st.lists(
        st.builds(
            lambda name, rows, more: f"[groups.{name}]\nfeeds = [{', '.join(rows)}]\n{more}\n",
            st.sampled_from(["a", "b", '"c d"', '""']),
            st.lists(_row, max_size=4),
            st.one_of(st.just(""), _option),
        ),
        max_size=3,
    ).map("".join)
)
_FRAME_KEYS = (
    "verb",
    "noun",
    "type",
    "id",
    "object",
    "subject",
    "prep",
    "prep_object",
    "particle",
    "inner",
    "actor",
    "recipient",
    "mode",
    "example",
    "weight",
    "contexts",
    "negated",
    "voice",
    "comp",
    "before",
    "purpose",
    "cameo",
    "x",
)
_frame_value = st.one_of(
    st.sampled_from(_TOML),
    st.sampled_from(
        [
            '"shell"',
            '"call off"',
            '"ASSAULT"',
            '"CONSULT"',
            '"@people"',
            '["@nosuch"]',
            '"object"',
            '"any"',
            '"hostile"',
            '"  "',
            '["city", "town"]',
            '"190"',
        ]
    ),
)
lexicon = encoded(
    st.builds(lambda head, rows: head + "\n" + "\n".join("[[frame]]\n" + "\n".join(f"{key} = {value}" for key, value in row.items()) for row in rows),
              st.one_of(st.just(""), _option, st.sampled_from(["frame = 1", "frame = [1]", "[frame]", 'type = "ASSAULT"'])),
              st.lists(st.builds(lambda trigger, given: {**trigger, **given}, st.sampled_from([{"verb": '"shell"', "type": '"ASSAULT"'}, {"noun": '"peace talks"', "type": '"CONSULT"'}, {}]), st.dictionaries(st.sampled_from(_FRAME_KEYS), _frame_value, max_size=4)), max_size=3)),
)  # fmt: skip
_cell = st.one_of(
    st.sampled_from(
        [
            "Acme",
            "Port Alma",
            "PERSON",
            "CITY",
            "ORG",
            "COUNTRY",
            "FRA",
            "GOV",
            "12.5",
            "-0",
            "nan",
            "1e999",
            "inf",
            "a;b;;c",
            "",
            "  ",
            "'",
            "’",
        ]
    ),
    odd,
)
names = encoded(
    st.lists(
        st.builds(
            lambda kind, cells: "\t".join([*cells[:2], kind, *cells[2:]]),
            st.sampled_from(["CITY", "ORG", "PERSON", "COUNTRY", "X"]),
            st.lists(_cell, max_size=8),
        ),
        max_size=4,
    ).map("\n".join)
)

# -- archives


def _record(kind: str, head: dict[str, str], body: bytes, length: int) -> bytes:
    lines = [kind, *(f"{name}: {value}" for name, value in head.items()), f"Content-Length: {len(body) + length}"]
    return _bytes("\r\n".join(line.replace("\n", " ") for line in lines)) + b"\r\n\r\n" + body + b"\r\n\r\n"


_http = st.builds(
    lambda status, kind, more, body: _bytes(f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}\r\n") + body,
    st.sampled_from(["200 OK", "200", "404 No", "", "abc", "200 \xff"]), st.sampled_from(["text/html", "text/html; charset=x", "image/png", ""]),
    st.sampled_from(["", "Content-Encoding: gzip\r\n", "Transfer-Encoding: chunked\r\n", "Content-Encoding: br\r\n", "Content-Encoding: x, gzip\r\n", "\xff: y\r\n"]),
    st.sampled_from([b"<p>Talks</p>", b"", b"5\r\nhello\r\n0\r\n\r\n", b"zz\r\n", gzip.compress(b"<p>Talks</p>"), gzip.compress(b"<p>Talks</p>")[:-4], b"-1\r\n"]),
)  # fmt: skip
_warc_record = st.builds(
    lambda version, kind, url, stamp, body, length: _record(version, {"WARC-Type": kind, "WARC-Target-URI": url, "WARC-Date": stamp, "WARC-Record-ID": "<urn:uuid:1>", "WARC-Concurrent-To": "<urn:uuid:1>", "Content-Type": "application/http; msgtype=response" if kind == "response" else "application/warc-fields"}, body, length),
    st.sampled_from(["WARC/1.0", "WARC/1.1", "WARC/9", "arc", ""]), st.sampled_from(["response", "metadata", "request", "warcinfo", "revisit", ""]), addresses, st.one_of(_stamp, dates),
    _http, st.sampled_from([0, 0, 0, 5, -3, 10**9]),
)  # fmt: skip
warc = st.builds(
    lambda records, way, cut: way(b"".join(records))[: -cut or None],
    st.lists(_warc_record, max_size=3),
    st.sampled_from([bytes, bytes, gzip.compress]),
    st.sampled_from([0, 0, 0, 3, 30]),
)


def _msgpack(value: object) -> bytes:
    try:
        return msgspec.msgpack.encode(value)
    except (msgspec.MsgspecError, OverflowError, UnicodeEncodeError):
        return b""


queue_entry = st.builds(
    lambda head, entry, cut: (head + _msgpack(entry))[: -cut or None],
    st.sampled_from([b"m", b"z", b"", b"x"]), st.dictionaries(st.sampled_from(["feed", "feed_url", "article", "entry", "aliases", "attempts"]), json_value, max_size=6), st.integers(0, 3),
)  # fmt: skip
