"""Nearly valid stories and pages."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from .shapes import (
    WORDS,
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

_WHO = WORDS["who"]
_DID = WORDS["did"]
_WHOM = WORDS["whom"]
_WHEN = WORDS["when"]
_QUOTED = WORDS["quoted"]
_LINES = WORDS["lines"]
sentence: Text = st.builds(
    lambda *parts: " ".join(part for part in parts if part),
    st.sampled_from(_WHO),
    st.sampled_from(_DID),
    st.sampled_from(_WHOM),
    st.sampled_from(_WHEN),
    st.one_of(st.just(""), st.sampled_from(_QUOTED), odd),
    st.sampled_from([".", "?", "!”", "...", ""]),
)
paragraph: Text = st.lists(st.one_of(sentence, sentence, st.sampled_from(_LINES), words), min_size=1, max_size=5).map(
    " ".join
)
_gap = st.sampled_from(["\n\n", "\n", "\r\n", "\u2028", "\n\t", "\x0c", "\n\n\n"])
story: Text = st.lists(st.one_of(st.builds("{}{}".format, paragraph, _gap), st.sampled_from(_LINES)), max_size=8).map(
    "".join
)
stamp = st.sampled_from(
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
    st.one_of(st.just(""), stamp),
    st.sampled_from(["Talks held", "", "e\u0301\u202e"]),
    story,
)
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
_LD_KEYS = WORDS["ld_keys"]
_ld = st.builds(
    lambda kind, given, broken: (
        '<script type="application/ld+json">'
        + json.dumps({"@type": kind, **given})[: -1 if broken else None]
        + "</script>"
    ),
    st.sampled_from(_TYPES),
    st.dictionaries(st.sampled_from(_LD_KEYS), st.one_of(json_value, story), max_size=6),
    st.booleans(),
)
_META = WORDS["meta"]
_meta = st.builds(
    lambda how, name, value: f'<meta {how}="{name}" content="{value}">',
    st.sampled_from(["name", "property", "http-equiv", "itemprop"]),
    st.sampled_from(_META),
    st.one_of(addresses, dates, phrase).map(lambda t: t.replace('"', "&quot;")),
)
_TAGS = WORDS["tags"]
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
whole_page = st.builds(
    lambda head, metas, title, lds, body, tail: (
        f"{head}<html lang=en><head><title>{title}</title>{''.join(metas + lds)}</head>"
        f"<body>{''.join(body)}</body>{tail}"
    ),
    st.sampled_from(
        ["", "<!doctype html>", '<?xml version="1.0" encoding="latin-1"?>', '<meta charset="utf-16">', "<!--", "\ufeff"]
    ),
    st.lists(_meta, max_size=4),
    phrase,
    st.lists(_ld, max_size=2),
    st.lists(_block, max_size=5),
    st.sampled_from(["</html>", "", "<script>", "</body></html><p>x"]),
)
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
    lambda headers, body: _bytes(headers) + b"\n" + body if headers else body, _page_headers, encoded(whole_page)
)
