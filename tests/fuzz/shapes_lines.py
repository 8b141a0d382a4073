"""Nearly valid lines, records, headers and requests."""

from __future__ import annotations

import json

import msgspec
from hypothesis import strategies as st

from .shapes import (
    WORDS,
    _bytes,
    addresses,
    dates,
    inside,
    json_value,
    odd,
    phrase,
)
from .shapes_pages import stamp, story, whole_page

# -- lines and records

_LINE_KEYS = WORDS["line_keys"]
_line_value = st.one_of(
    json_value,
    story,
    stamp,
    st.sampled_from(["\ud800", "\x00", "e\u0301", "/nosuch/file", "\x00/x"]),
    st.just(["/nosuch"]),
)


def _json(value: object, ascii_only: bool) -> bytes:
    return json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


extract_line = st.builds(
    lambda given, body, ascii_only: _json({**given, **body}, ascii_only),
    st.dictionaries(st.sampled_from(_LINE_KEYS), _line_value, max_size=5),
    st.one_of(story.map(lambda t: {"text": t}), whole_page.map(lambda t: {"html": t}), st.just({})),
    st.booleans(),
)
parse_line = st.builds(
    lambda given, body, headers, ascii_only: _json({**given, "body": body, **headers}, ascii_only),
    st.dictionaries(st.sampled_from(["id", "url", "x"]), _line_value, max_size=2),
    st.one_of(
        inside.map(lambda t: f"<rss><channel><item><title>{t}</title><link>{t}</link></item></channel></rss>"),
        st.just('{"version":"https://jsonfeed.org/version/1","items":[{"id":1}]}'),
        phrase,
    ),
    st.one_of(
        st.just({}),
        st.dictionaries(
            st.just("headers"),
            st.dictionaries(
                st.sampled_from(["Content-Type", "content-encoding", "Link"]),
                st.one_of(phrase, st.sampled_from(["gzip", "deflate"])),
                max_size=2,
            ),
        ),
    ),
    st.booleans(),
)
_ENVELOPE = {"id": "a", "source": "s", "type": "dateline.event.reported", "specversion": "1.0"}
_span = {"text": "met", "start": 0, "end": 3}
_EVENT = {
    "id": "e",
    "cluster_id": "c",
    "article": "a",
    "plover": {"type": "CONSULT", "quad": "verbal cooperation", "intensity": 1.0},
    "cameo": {"root": "04", "code": "043", "quad_class": 1},
    "confidence": 0.5,
    "evidence": {**_span, "trigger": _span, "block": 0, "sentence": 0},
}
_event = st.builds(
    lambda given: json.dumps({**_EVENT, **given}),
    st.dictionaries(
        st.sampled_from(
            [
                "id",
                "actors",
                "date",
                "location",
                "counts",
                "confidence",
                "reasons",
                "evidence",
                "revision",
                "cluster_id",
                "main",
            ]
        ),
        st.one_of(
            json_value,
            st.just([{**_span, "country": "X", "canonical": "=x"}]),
            st.just({"name": "x", "country": "ZZZ", "lat": 1e308, "lon": -1e308}),
            st.just({"start": "9999-99-99", "end": "", "granularity": "day"}),
            st.just({"killed": [2**62, -(2**62)]}),
        ),
        max_size=4,
    ),
)
stream_entry = st.builds(
    lambda data, schema, given: _json(
        {**_ENVELOPE, "dataschema": f"urn:dateline:{schema}:1", "data": data, **given}, True
    ),
    st.one_of(_event, json_value.map(json.dumps)),
    st.sampled_from(["event", "article", "retraction", "x"]),
    st.dictionaries(
        st.sampled_from(["seq", "confidence", "countries", "time", "source", "id", "specversion", "type"]),
        st.one_of(phrase, odd),
        max_size=3,
    ),
)


def _msgpack(value: object) -> bytes:
    try:
        return msgspec.msgpack.encode(value)
    except (msgspec.MsgspecError, OverflowError, UnicodeEncodeError):
        return b""


queue_entry = st.builds(
    lambda head, entry, cut: (head + _msgpack(entry))[: -cut or None],
    st.sampled_from([b"m", b"z", b"", b"x"]),
    st.dictionaries(
        st.sampled_from(["feed", "feed_url", "article", "entry", "aliases", "attempts"]), json_value, max_size=6
    ),
    st.integers(0, 3),
)

# -- what servers say

_VALUES = st.one_of(
    dates,
    odd,
    addresses,
    st.sampled_from(
        [
            "max-age=3600",
            "max-age=99999999999999999999",
            "no-cache",
            "120",
            "1.5",
            "-5",
            "1_000",
            "٣",
            'W/"a"',
            '"a"',
            "gzip, gzip",
            "br",
            "identity",
            "utf-8",
            '<https://h.example/>; rel="hub"',
            "s-maxage=1, max-age=0",
        ]
    ),
)
_NAMES = WORDS["names"]
headers = st.lists(
    st.builds("{}: {}".format, st.sampled_from(_NAMES), _VALUES.map(lambda t: t.replace("\n", " "))), max_size=8
).map(lambda rows: _bytes("\n".join(rows)))
_RULES = WORDS["rules"]
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
    st.builds(
        "{}={}".format,
        st.sampled_from(["hub.mode", "hub.topic", "hub.challenge", "hub.lease_seconds", "hub.reason"]),
        st.one_of(
            st.sampled_from(
                [
                    "subscribe",
                    "unsubscribe",
                    "denied",
                    "https://paper.example/a/b.html?c=1#d",
                    "https%3A%2F%2Fpaper.example%2Fa%2Fb.html%3Fc=1%23d",
                    "9" * 20,
                    "-1",
                    "c",
                ]
            ),
            odd,
        ),
    ),
    max_size=5,
).map("&".join)
_signature = st.builds(
    "{}={}".format,
    st.sampled_from(["sha256", "sha1", "md5", "SHA512", "sha384 ", ""]),
    st.one_of(odd, st.sampled_from(["00", "zz", "é", '"ab"'])),
)
websub = st.builds(
    lambda *lines: _bytes("\n".join(line.replace("\n", "") for line in lines)), _hub_query, _signature, addresses
)
_line = st.builds(
    "{}: {}".format,
    st.sampled_from(
        [
            "Host",
            "Authorization",
            "Cookie",
            "If-None-Match",
            "Accept-Encoding",
            "Content-Length",
            "Transfer-Encoding",
            "Expect",
            "Range",
            "Connection",
            "X-Hub-Signature",
            "Content-Type",
            "Upgrade",
        ]
    ),
    st.one_of(
        st.sampled_from(
            [
                "localhost",
                "[::1",
                "a b",
                "Bearer ",
                "Bearer é",
                "dateline-token=é",
                '"x", W/"y"',
                "*",
                "chunked",
                "100-continue",
                "0",
                "-1",
                "bytes=0-",
                "[",
                "gzip;q=x",
                "localhost:99999",
                "\xff",
            ]
        ),
        odd,
    ),
)
request = st.builds(
    lambda method, path, query, rows, body: (
        _bytes(f"{method} {path}{query} HTTP/1.1\r\nHost: localhost\r\n")
        + "\r\n".join(rows).encode("utf-8", "replace")
        + b"\r\n\r\n"
        + body
    ),
    st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "GE T"]),
    st.sampled_from(
        [
            "/",
            "/desk",
            "/desk/api/wire",
            "/desk/api/search",
            "/desk/api/overview",
            "/desk/feed.rss",
            "/desk/api/article/a",
            "/desk/api/article/%00",
            "/desk/static/../x",
            "/desk/static/%2e%2e",
            "/metrics",
            "/readyz",
            "/websub/" + "t" * 32,
            "/websub/%ff",
            "/desk/api/requeue",
            "//x",
            "*",
            "http://x/",
        ]
    ),
    st.one_of(
        st.just(""),
        st.sampled_from(
            [
                "?token=open%20sesame",
                "?limit=3&token=open+sesame",
                "?limit=%D9%A3&token=open+sesame",
                "?limit=" + "9" * 5000,
                "?token=%ff",
                "?hub.mode=subscribe&hub.topic=%00",
                "?token=%ED%A0%80",
            ]
        ),
    ),
    st.lists(st.one_of(_line, st.just("Authorization: Bearer open sesame")), max_size=4),
    st.sampled_from([b"", b"x" * 10, b"\xff\x00"]),
)
