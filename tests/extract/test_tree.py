"""Bytes to a tree: character sets, limits, and that nothing a page holds can hurt."""

from __future__ import annotations

import contextlib
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from dateline.encoding.charset import decode
from dateline.errors import DatelineError, NoArticle, TooLarge
from dateline.extract import extract_page
from dateline.extract.tree import parse_page
from support.extract_pages import PARAGRAPHS, page

RUSSIAN = (
    "<html><head>{meta}<title>Причал закрыт</title></head><body><p>Северный причал останется закрытым до конца месяца, "
    "сообщили во вторник в администрации порта города.</p></body></html>"
)
JAPANESE = (
    "<html><head>{meta}</head><body><p>"
    "港湾局は火曜日、北の桟橋を月末まで閉鎖すると発表した。支柱に亀裂が見つかったためだ。</p></body></html>"
)


@pytest.mark.parametrize(
    ("text", "encoding", "meta", "content_type"),
    [
        (RUSSIAN, "windows-1251", '<meta charset="windows-1251">', None),
        (RUSSIAN, "windows-1251", "", "text/html; charset=windows-1251"),
        (RUSSIAN, "utf-8", '<meta charset="iso-8859-1">', "text/html; charset=iso-8859-1"),
        (RUSSIAN, "utf-16", '<meta charset="utf-8">', "text/html"),
        (
            RUSSIAN,
            "koi8-r",
            '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">',
            "text/html; charset=utf-8",
        ),
        (JAPANESE, "shift_jis", '<meta charset="Shift_JIS">', None),
        (JAPANESE, "euc-jp", "", "text/html; charset=EUC-JP"),
        (RUSSIAN, "windows-1251", "", None),
    ],
    ids=["meta", "http", "both wrong", "utf-16", "http wrong", "shift-jis", "euc-jp", "undeclared"],
)
def test_a_page_is_read_in_the_character_set_it_is_in(
    text: str, encoding: str, meta: str, content_type: str | None
) -> None:
    html = text.format(meta=meta)
    assert decode(html.encode(encoding), content_type)[0] == html


def test_a_few_broken_bytes_do_not_turn_the_rest_into_another_set() -> None:
    html = RUSSIAN.format(meta="").encode() + b"\xff\xfe broken"
    assert "Северный причал" in decode(html)[0]


def test_windows_quotes_under_a_latin_1_label_are_quotes() -> None:
    assert decode("<p>“so”</p>".encode("cp1252"), "text/html; charset=iso-8859-1")[0] == "<p>“so”</p>"


BOMBS = {
    "bytes": b"<p>" + b"x" * 3_000_001,
    "elements": b"<html><body>" + b"<i>x</i>" * 80_000,
    "depth": b"<div>" * 20_000 + b"x",
    "attributes": b"<div " + b" ".join(b"a%d=1" % i for i in range(50_000)) + b">x</div>",
    "attributes without values": b"<div " + b" ".join(b"a%d" % i for i in range(50_000)) + b">x</div>",
    "an unclosed tag over and over": b"<html " * 50_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_page_over_a_limit_is_refused_quickly_and_with_the_limit(bomb: bytes) -> None:
    started = time.process_time()
    with pytest.raises(TooLarge, match="limit"):
        parse_page(bomb)
    assert time.process_time() - started < 3.0


SLOW = {
    "white space": b"<p>" + b" " * 2_000_000,
    "many dates": b"<html><body>" + b"<p>12 March 2021</p>" * 20_000,
    "digits": b"<p>" + b"2021" * 100_000,
    "entities": b"<p>" + b"&amp;" * 400_000,
    "open comments": b"<!--" * 20_000,
    "equals signs": b"<a " + b"=" * 1_000_000,
    "odd quotes": b'<a b=\'" c="' * 10_000 + b">",
}


@pytest.mark.parametrize("html", SLOW.values(), ids=SLOW.keys())
def test_pages_made_to_be_slow_are_not(html: bytes) -> None:
    started = time.process_time()
    with contextlib.suppress(DatelineError):
        extract_page(html, url="https://slow.example/")
    assert time.process_time() - started < 12.0


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"%PDF-1.7 ...", None),
        (b"{}", "application/json"),
        (b"\x89PNG\r\n", "image/png"),
        (b"MZ\x90\x00", "application/octet-stream"),
        (bytes(range(256)) * 40, "text/html"),
    ],
)
def test_what_is_not_html_is_refused_as_such(body: bytes, content_type: str | None) -> None:
    with pytest.raises(NoArticle) as caught:
        parse_page(body, content_type=content_type)
    assert caught.value.code == "unsupported_type"


@pytest.mark.parametrize("body", [b"", b"   \n", b"<html></html>", b"<frameset><frame src=a></frameset>"])
def test_an_empty_page_has_no_article(body: bytes) -> None:
    with pytest.raises(NoArticle) as caught:
        extract_page(body, url="https://courier.example/")
    assert caught.value.code == "empty"


def test_control_characters_and_scripts_never_reach_the_text() -> None:
    html = page(title="Cracks \x1b[31m close pier<script>alert(1)</script>").replace(b"</h1>", b"\x00\x07</h1>")
    extracted = extract_page(html, url="https://courier.example/a")
    everything = repr(extracted)
    assert "\\x1b" not in everything and "\\x07" not in everything and "alert(1)" not in everything
    assert [p.text for p in extracted.paragraphs] == list(PARAGRAPHS)


@pytest.mark.parametrize(
    "character", ["\x01", "\x0c", "\x1f", "\ufffe", "\uffff", "&#1;", "&#x001f;", "&#12;", "&#65535;", "&#xFFfe;"]
)
def test_no_character_that_xml_forbids_is_in_the_tree(character: str) -> None:
    """lxml reads them and refuses to be given them: a step that moves text or changes a class would fail."""
    html = (
        f'<html><body class="x{character}y"><p>One{character}</p>two{character}<div hidden id="S:0">three</div>'
        f'{character} four<template id="B:0"></template>{character}</body></html>'
        + "<!-- a page of some length -->"
        * 20
    )
    root = parse_page(html.encode("utf-8", "surrogatepass")).root
    values = [value for element in root.iter() for value in (*element.attrib.values(), element.text, element.tail)]
    for value in filter(None, values):
        etree.Element("a").text = value
    words = " ".join(" ".join(root.itertext()).split())
    assert sorted(words.split()) == ["One", "four", "three", "two"]


def test_a_page_that_leaves_out_its_body_tag_is_read_like_any_other() -> None:
    """HTML allows it; the parser then keeps ``article`` in the head."""
    head = "<!doctype html><title>Cracks close pier</title><meta name=author content='Ida Moss'>"
    html = f"{head}<article><h1>Cracks close pier</h1>" + "".join(f"<p>{text}" for text in PARAGRAPHS) + "</article>"
    extracted = extract_page(html.encode(), url="https://courier.example/a")
    assert [p.text for p in extracted.paragraphs] == list(PARAGRAPHS)
    assert extracted.metadata.title == "Cracks close pier"


def test_letters_and_their_marks_come_as_one_character_where_there_is_one() -> None:
    """NFC: two spellings of one name are equal to whoever reads the stream."""
    spelt_apart = unicodedata.normalize(
        "NFD", "Señor Núñez of Malmö said the pier of Český Brod would stay closed until May. "
    )
    html = page(body=f"<p>{spelt_apart * 3}</p><p>{PARAGRAPHS[0]}</p>")
    text = extract_page(html, url="https://courier.example/a").paragraphs[0].text
    assert "Núñez" in text and unicodedata.is_normalized("NFC", text)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(alphabet="<>/='\"& apdivul!-\n\x00é", max_size=400).map(str.encode)))
def test_whatever_the_bytes_the_answer_is_a_record_or_one_of_our_errors(html: bytes) -> None:
    with contextlib.suppress(DatelineError):
        extract_page(html, url="https://courier.example/a")


@pytest.mark.parametrize(
    "start",
    [
        '<?xml version="1.0" encoding="utf-8"?>\n<!-- made by a tool -->\n<rss version="2.0"><channel>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
    ],
)
def test_a_feed_at_the_address_of_an_article_is_no_page(start: str) -> None:
    """Its words would run together into one text."""
    entry = f"<title>Pier closed</title><item><description>{PARAGRAPHS[0]}</description></item>"
    with pytest.raises(NoArticle, match="feed or site map") as caught:
        extract_page(f"{start}{entry}".encode(), url=None, content_type="text/xml")
    assert caught.value.code == "unsupported_type"
