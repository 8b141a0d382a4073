"""Nearly valid settings, lists, frames, names and archives."""

from __future__ import annotations

import gzip
import json
import typing

from hypothesis import strategies as st

from dateline.settings.schema import SECTIONS
from dateline.settings.section import options

from .shapes import (
    WORDS,
    Text,
    _bytes,
    addresses,
    dates,
    encoded,
    odd,
    phrase,
)
from .shapes_pages import stamp

# -- files


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


#: Every option there is, section and name.
_OPTIONS = [(section, field.name) for section, kind in SECTIONS.items() for field in options(kind)]
_TOML = WORDS["toml"]
_value = st.one_of(st.sampled_from(_TOML), odd.map(_quoted), st.integers().map(str), st.floats().map(str))
_option = st.builds("{} = {}".format, st.sampled_from([*WORDS["toml_keys"], *(name for _, name in _OPTIONS)]), _value)
#: Values of the kind that an option's type asks for, so that many settings are taken.
_FITTING = {
    "int": st.integers(-5, 10**6).map(str),
    "float": st.floats().map(str),
    "bool": st.sampled_from(["true", "false"]),
    "str": st.one_of(odd, phrase).map(_quoted),
    "tuple": st.lists(st.one_of(odd, addresses).map(_quoted), max_size=3).map(lambda rows: f"[{', '.join(rows)}]"),
}


def _type_name(annotation: object) -> str:
    parts = [part for part in (annotation, *typing.get_args(annotation)) if part is not type(None)]
    plain = next((typing.get_args(part)[0] for part in parts if hasattr(part, "__metadata__")), annotation)
    return str(getattr(typing.get_origin(plain) or plain, "__name__", plain))


def _set_fittingly(option: tuple[str, str, str]) -> Text:
    section, name, kind = option
    return st.one_of(_FITTING.get(kind.split("[")[0].split(" ")[0], _value), _value).map(
        lambda value: f"{section}.{name} = {value}"
    )


_set = st.sampled_from(
    [(section, field.name, _type_name(field.type)) for section, kind in SECTIONS.items() for field in options(kind)]
).flatmap(_set_fittingly)
_table = st.builds(
    lambda name, rows: "\n".join([name, *dict.fromkeys(rows)]),
    st.sampled_from(
        [
            *(f"[{name}]" for name in SECTIONS),
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
toml = st.one_of(
    encoded(st.lists(_table, max_size=4).map("\n".join)),
    encoded(st.lists(_set, max_size=3).map("\n".join)),
    _set.map(_bytes),
    _set.map(_bytes),
)
environment = st.builds(
    lambda option, value: _bytes(f"{'_'.join(option).upper()}={value}".replace("\x00", "")),
    st.sampled_from([*_OPTIONS, ("feeds",), ("no", "such")]),
    st.one_of(st.sampled_from(_TOML), odd, phrase, st.integers().map(str), st.floats().map(str)),
)
_row = st.one_of(
    addresses.map(_quoted),
    st.builds(
        "{{url = {}, {} = {}}}".format,
        addresses.map(_quoted),
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
