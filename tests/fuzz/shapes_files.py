"""Nearly valid settings, lists, frames, names and archives."""

from __future__ import annotations

import gzip
import json

from hypothesis import strategies as st

from .shapes import (
    WORDS,
    _bytes,
    addresses,
    dates,
    encoded,
    odd,
    phrase,
)
from .shapes_pages import stamp

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
_TOML = WORDS["toml"]
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
_FRAME_KEYS = WORDS["frame_keys"]
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
    st.builds(
        lambda head, rows: (
            head
            + "\n"
            + "\n".join("[[frame]]\n" + "\n".join(f"{key} = {value}" for key, value in row.items()) for row in rows)
        ),
        st.one_of(st.just(""), _option, st.sampled_from(["frame = 1", "frame = [1]", "[frame]", 'type = "ASSAULT"'])),
        st.lists(
            st.builds(
                lambda trigger, given: {**trigger, **given},
                st.sampled_from(
                    [{"verb": '"shell"', "type": '"ASSAULT"'}, {"noun": '"peace talks"', "type": '"CONSULT"'}, {}]
                ),
                st.dictionaries(st.sampled_from(_FRAME_KEYS), _frame_value, max_size=4),
            ),
            max_size=3,
        ),
    ),
)
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
    st.sampled_from(["200 OK", "200", "404 No", "", "abc", "200 \xff"]),
    st.sampled_from(["text/html", "text/html; charset=x", "image/png", ""]),
    st.sampled_from(
        [
            "",
            "Content-Encoding: gzip\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Content-Encoding: br\r\n",
            "Content-Encoding: x, gzip\r\n",
            "\xff: y\r\n",
        ]
    ),
    st.sampled_from(
        [
            b"<p>Talks</p>",
            b"",
            b"5\r\nhello\r\n0\r\n\r\n",
            b"zz\r\n",
            gzip.compress(b"<p>Talks</p>"),
            gzip.compress(b"<p>Talks</p>")[:-4],
            b"-1\r\n",
        ]
    ),
)
_warc_record = st.builds(
    lambda version, kind, url, stamp, body, length: _record(
        version,
        {
            "WARC-Type": kind,
            "WARC-Target-URI": url,
            "WARC-Date": stamp,
            "WARC-Record-ID": "<urn:uuid:1>",
            "WARC-Concurrent-To": "<urn:uuid:1>",
            "Content-Type": "application/http; msgtype=response" if kind == "response" else "application/warc-fields",
        },
        body,
        length,
    ),
    st.sampled_from(["WARC/1.0", "WARC/1.1", "WARC/9", "arc", ""]),
    st.sampled_from(["response", "metadata", "request", "warcinfo", "revisit", ""]),
    addresses,
    st.one_of(stamp, dates),
    _http,
    st.sampled_from([0, 0, 0, 5, -3, 10**9]),
)
warc = st.builds(
    lambda records, way, cut: way(b"".join(records))[: -cut or None],
    st.lists(_warc_record, max_size=3),
    st.sampled_from([bytes, bytes, gzip.compress]),
    st.sampled_from([0, 0, 0, 3, 30]),
)
