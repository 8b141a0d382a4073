"""The article's text: what is in it, what is not, and where it comes from when the page has none."""

from __future__ import annotations

import json

import pytest

from dateline.errors import NoArticle
from dateline.extract import extract_entry, extract_page
from dateline.extract.blocks import walk
from dateline.extract.second_copies import without_comments
from dateline.extract.tree import parse_page
from dateline.model.page import Extracted
from dateline.model.records import Entry
from support.extract_pages import PARAGRAPHS, as_paragraphs, page

URL = "https://courier.example/news/harbour/pier-closed?utm_source=feed"


def texts(extracted: Extracted, kind: str | None = None) -> list[str]:
    return [p.text for p in extracted.paragraphs if kind is None or p.kind == kind]


def test_the_article_is_its_paragraphs_without_headline_navigation_and_footer() -> None:
    extracted = extract_page(page(), url=URL)
    assert texts(extracted) == list(PARAGRAPHS)
    assert extracted.extracted_from == "page"
    assert not extracted.truncated


def test_a_paragraph_under_a_name_that_says_hidden_need_not_end_a_sentence() -> None:
    """It opens a list or a quote; a label ("Print this page") goes."""
    opening = PARAGRAPHS[3].removesuffix(".") + ":"
    hidden = f'<div class="hide-for-print"><p>{opening}</p><p>Print this page</p></div>'
    blocks = walk(parse_page(page(body=as_paragraphs(PARAGRAPHS[:3]) + hidden)).root).blocks
    kept = [blocks[i].text for i in without_comments(blocks, list(range(len(blocks))))]
    assert opening in kept
    assert "Print this page" not in kept


@pytest.mark.parametrize("before", ["", "<p>Advertisement</p>"])
def test_a_control_character_behind_what_is_left_out_fails_no_step(before: str) -> None:
    """lxml reads such characters and refuses to be given them."""
    body = f'<div>{before}<div class="share">Share this</div>\x07 and</div>{as_paragraphs(PARAGRAPHS)}'
    extracted = extract_page(page(body=body), url=URL)
    assert not extracted.failures
    assert texts(extracted)[-len(PARAGRAPHS) :] == list(PARAGRAPHS)


def test_a_line_break_twice_ends_a_paragraph() -> None:
    extracted = extract_page(page(body="<div>" + "<br><br>".join(PARAGRAPHS) + "</div>"), url=URL)
    assert texts(extracted) == list(PARAGRAPHS)


def test_subheadings_and_bullets_keep_their_kind_and_place() -> None:
    body = (
        as_paragraphs(PARAGRAPHS[:2])
        + "<h2>What happens next</h2>"
        + as_paragraphs(PARAGRAPHS[2:])
        + "<ul><li>Ferries leave from the fish market from Wednesday morning.</li>"
        "<li>Tickets that were bought for March stay valid until the end of May.</li></ul>"
        + f"<p>{PARAGRAPHS[0]} Again.</p>"
    )
    kinds = [p.kind for p in extract_page(page(body=body), url=URL).paragraphs]
    assert kinds == ["paragraph", "paragraph", "heading", "paragraph", "paragraph", "bullet", "bullet", "paragraph"]


def test_a_caption_stands_in_its_place_with_credit_and_rights_apart() -> None:
    figure = (
        '<figure><img src="/p.jpg"><figcaption>The northern pier seen from the lighthouse on Monday. '
        "(Editorial use only) Photo: Sam Ode/Coastal Press</figcaption></figure>"
    )
    body = f"<p>{PARAGRAPHS[0]}</p>{figure}" + as_paragraphs(PARAGRAPHS[1:])
    extracted = extract_page(page(body=body), url=URL)
    assert [p.kind for p in extracted.paragraphs] == ["paragraph", "caption", "paragraph", "paragraph", "paragraph"]
    caption = extracted.paragraphs[1]
    assert caption.text == "The northern pier seen from the lighthouse on Monday."
    assert caption.credit == "Sam Ode/Coastal Press"
    assert caption.rights == "Editorial use only"


def test_a_credit_in_an_element_of_its_own_joins_its_caption() -> None:
    figure = (
        '<figure><img src="/p.jpg"><figcaption>Divers at the pier'
        '<div class="credit">Photo: Sam Ode</div></figcaption></figure>'
    )
    extracted = extract_page(page(body=f"<p>{PARAGRAPHS[0]}</p>{figure}" + as_paragraphs(PARAGRAPHS[1:])), url=URL)
    captions = [p for p in extracted.paragraphs if p.kind == "caption"]
    assert [(c.text, c.credit) for c in captions] == [("Divers at the pier", "Sam Ode")]


def test_the_standfirst_is_the_summary_and_not_body() -> None:
    standfirst = "Passengers to the islands must walk to the fish market while engineers look at the damage"
    extracted = extract_page(page(before=f'<p class="standfirst">{standfirst}</p>'), url=URL)
    assert extracted.metadata.summary == standfirst
    assert texts(extracted) == list(PARAGRAPHS)


@pytest.mark.parametrize(
    "line",
    [
        '<p><a href="/x">Read more: Swans return to the mill pond</a></p>',
        "<p><strong>Sign up for our morning newsletter and never miss a story.</strong></p>",
        '<p class="newsletter-signup">Get the Courier in your inbox every morning, free of charge.</p>',
        '<p><em>Follow us on <a href="https://social.example">Social</a>.</em></p>',
        '<div class="share-tools">Share this article</div>',
    ],
)
def test_promotion_between_the_paragraphs_is_left_out(line: str) -> None:
    body = as_paragraphs(PARAGRAPHS[:2]) + line + as_paragraphs(PARAGRAPHS[2:])
    assert texts(extract_page(page(body=body), url=URL)) == list(PARAGRAPHS)


def test_a_card_that_opens_over_a_name_is_not_part_of_the_paragraph() -> None:
    card = (
        'Orla Penn<span class="rollover-block"><img src="/o.jpg"><a href="/orla">Orla Penn</a>'
        '<a href="/1">Port chief to retire</a></span>'
    )
    body = as_paragraphs(PARAGRAPHS[:2]) + f"<p>{PARAGRAPHS[2].replace('Orla Penn', card)}</p><p>{PARAGRAPHS[3]}</p>"
    assert texts(extract_page(page(body=body), url=URL)) == list(PARAGRAPHS)


def test_a_second_copy_of_the_text_is_left_out() -> None:
    hidden = '<div class="print-version">' + as_paragraphs(PARAGRAPHS) + "</div>"
    assert texts(extract_page(page(after=hidden), url=URL)) == list(PARAGRAPHS)


def test_comments_under_the_article_are_left_out() -> None:
    comment = (
        "I have crossed that pier every day for twenty years and nobody ever told me that it was in such a bad state."
    )
    comments = f'<section id="comments" class="comments"><p>{comment}</p></section>'
    assert texts(extract_page(page(after=comments), url=URL)) == list(PARAGRAPHS)


def test_a_script_like_text_is_not_body_and_entities_are_read_once() -> None:
    body = (
        as_paragraphs(PARAGRAPHS[:3]) + f"<script>var x = 'hello';</script><p>{PARAGRAPHS[3]} Fish &amp;amp; chips.</p>"
    )
    assert texts(extract_page(page(body=body), url=URL))[-1].endswith("Fish &amp; chips.")


def test_text_direction_and_marks_are_untouched() -> None:
    arabic = (
        "قال متحدث باسم هيئة الميناء إن الرصيف الشمالي سيبقى مغلقا حتى نهاية الشهر بعد العثور على شقوق في اثنين من الدعامات.",
        "وأضاف أن العبارات المتجهة إلى الجزر ستغادر من سوق السمك بدلا من ذلك، على أن تنقل الحافلات من لا يستطيع المشي.",
        "ومن المقرر أن يقدم مهندسون من الجامعة تقريرهم عن حالة الرصيف يوم الجمعة قبل أن يجتمع مجلس المدينة يوم الاثنين.",
    )
    extracted = extract_page(page(title="إغلاق الرصيف الشمالي", body=as_paragraphs(arabic), lang="ar"), url=URL)
    assert texts(extracted) == list(arabic)
    assert extracted.metadata.language == "ar"


def test_json_ld_gives_the_text_where_the_page_shows_its_beginning_only() -> None:
    ld = {"@type": "NewsArticle", "headline": "Cracks", "articleBody": "\n".join(PARAGRAPHS * 2)}
    script = f'<script type="application/ld+json">{json.dumps(ld)}</script>'
    extracted = extract_page(page(head=script, body=as_paragraphs(PARAGRAPHS[:2])), url=URL)
    assert extracted.extracted_from == "json-ld"
    assert texts(extracted) == list(PARAGRAPHS * 2)


def test_json_ld_with_another_text_is_not_believed() -> None:
    other = "Somebody wrote an entirely different text here about the weather and the price of bread in the town. " * 20
    ld = {"@type": "NewsArticle", "headline": "Cracks", "articleBody": other}
    script = f'<script type="application/ld+json">{json.dumps(ld)}</script>'
    extracted = extract_page(page(head=script), url=URL)
    assert extracted.extracted_from == "page"
    assert texts(extracted) == list(PARAGRAPHS)


def test_the_feeds_own_content_stands_in_for_a_page_without_text() -> None:
    entry = Entry(title="Cracks close pier", content=as_paragraphs(PARAGRAPHS), link=URL)
    extracted = extract_page(
        b"<html><body><div id=app></div><script>boot()</script></body></html>", url=URL, entry=entry
    )
    assert extracted.extracted_from == "feed"
    assert texts(extracted) == list(PARAGRAPHS)
    assert extracted.metadata.title == "Cracks close pier"


def test_the_feeds_summary_is_the_last_resort_and_marked_truncated() -> None:
    entry = Entry(title="Cracks close pier", summary=f"<p>{PARAGRAPHS[0]}</p>", link=URL)
    extracted = extract_page(b"<html><body><div id=app></div></body></html>", url=URL, entry=entry)
    assert extracted.extracted_from == "summary"
    assert extracted.truncated
    assert texts(extracted) == [PARAGRAPHS[0]]


def test_a_page_without_text_and_without_entry_is_refused_with_its_address() -> None:
    with pytest.raises(NoArticle, match=r"courier\.example") as caught:
        extract_page(b"<html><body><div id=app></div></body></html>", url=URL)
    assert caught.value.code == "empty"


def test_an_entry_gives_its_content_or_nothing() -> None:
    entry = Entry(
        title="Cracks", content=as_paragraphs(PARAGRAPHS), author="Ida Moss, Coastal Press", categories=("Port",)
    )
    extracted = extract_entry(entry, url=URL)
    assert extracted is not None
    assert (extracted.extracted_from, texts(extracted)) == ("feed", list(PARAGRAPHS))
    assert extracted.metadata.authors[0].name == "Ida Moss"
    assert extracted.metadata.keywords == ("Port",)
    assert extract_entry(Entry(title="Only a title"), url=URL) is None


def test_a_live_blog_keeps_its_posts_and_says_what_it_is() -> None:
    posts = "".join(f"<h2>{9 + i}.15 a.m.</h2><p>{p}</p>" for i, p in enumerate(PARAGRAPHS))
    ld = {"@type": "LiveBlogPosting", "headline": "Cracks close Lindmouth's northern pier"}
    extracted = extract_page(
        page(head=f'<script type="application/ld+json">{json.dumps(ld)}</script>', body=posts), url=URL
    )
    assert "live_blog" in extracted.notes
    assert [t for t in texts(extracted) if len(t) > 60] == list(PARAGRAPHS)


def test_a_table_of_data_is_one_paragraph_a_row() -> None:
    """Cells are set apart by a bar; a layout table, whose cells hold paragraphs, stays as it is."""
    rows = (("Quay", "Depth in metres", "Closed until"), ("North", "7.5", "31 March"), ("Fish market", "4.0", "open"))
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    layout = walk(parse_page(page(body=f"<table>{table}</table>")).root)
    assert [b.text for b in layout.blocks if b.tag == "tr"] == [" | ".join(row) for row in rows]
    cells = f"<td>{as_paragraphs(PARAGRAPHS[:2])}</td><td>{as_paragraphs(PARAGRAPHS[2:])}</td>"
    assert texts(extract_page(page(body=f"<table><tr>{cells}</tr></table>"), url=URL)) == list(PARAGRAPHS)
    nested = "".join("<tr>" + "".join(f"<td><div><p>{cell}</p></div></td>" for cell in row) + "</tr>" for row in rows)
    layout = walk(parse_page(page(body=f"<table>{nested}</table>")).root)
    assert [b.text for b in layout.blocks if b.tag == "tr"] == [" | ".join(row) for row in rows]
    lists = "<tr><td><ul><li>Quay</li></ul></td><td><h3>North</h3></td></tr>"
    layout = walk(parse_page(page(body=f"<table>{lists}</table>")).root)
    assert not [b for b in layout.blocks if b.tag == "tr"]


def test_paragraphs_that_share_a_name_of_furniture_are_still_the_article() -> None:
    """Some sites give every paragraph behind the meter the class of the offer."""
    many = tuple(f"{text} ({number})" for number in range(5) for text in PARAGRAPHS)
    body = "".join(f'<p class="paywall">{text}</p>' for text in many)
    assert texts(extract_page(page(body=body), url=URL)) == list(many)


def test_a_page_of_a_few_words_is_its_text() -> None:
    """Also what stands in no element of its own."""
    html = "<html><head><title>Pier</title></head><body><a href='/pier'><p>Closed</p><p>until May</p>at least</a></body></html>"
    assert texts(extract_page(html.encode(), url=URL)) == ["Closed", "until May", "at least"]


def notes(html: str) -> list[str | None]:
    found = extract_page(html.encode(), url=URL)
    assert [p for p in PARAGRAPHS if p not in texts(found)] == []
    return [failure.note for failure in found.failures]


def test_a_text_much_shorter_than_trafilaturas_is_noted() -> None:
    """Not where a rule took out what both have (a second copy, another article, cards), nor for a dialog's list of partners."""
    whole = (
        "<html><head><title>Pier</title></head><body><main><article><h1>Pier</h1>{}</article>{}</main></body></html>"
    )
    text = as_paragraphs(PARAGRAPHS)
    other = as_paragraphs(tuple(f"{part} {number}" for number in range(4) for part in PARAGRAPHS))
    links = "".join(
        "<p>" + " ".join(f"<a href='/{n}'>{p}</a>" for n, p in enumerate(PARAGRAPHS)) + "</p>" for _ in "123"
    )
    cards = "".join(
        f"<div><h3><a href='/{n}'>Pier {n}</a></h3><p>{p} {n}</p></div>" for n, p in enumerate(PARAGRAPHS * 3)
    )
    assert notes(whole.format(text + links, "")) == ["shorter than trafilatura"]
    assert notes(whole.format(f"{text}<div class='print'>{text}</div>", "")) == []
    assert notes(whole.format(text, f"<article><h2>Boats</h2>{other}</article>")) == []
    assert notes(whole.format(text, f"<section>{cards}</section>")) == []
    does = ("Measure advertising performance", "Match and combine data from other sources", "Understand audiences")
    partners = "".join(
        f"<li><label><input type='checkbox'> Partner {n}</label> <small>{does[n % 3]}</small></li>" for n in range(120)
    )
    dialog = (
        "<div class='consent' role='dialog'><p>We and our partners store and read information on your device to measure the "
        f"audience and show you what you have already bought.</p><details><ul>{partners}</ul></details></div>"
    )
    assert notes(whole.format(text, "").replace("<main>", f"{dialog}<main>")) == []


def test_a_text_whose_parts_are_articles_of_their_own_is_kept_whole() -> None:
    """The headline's element has less than a fifth of it, an introduction."""
    parts = [tuple(f"Stop {n}: {text}" for text in PARAGRAPHS[1:]) for n in range(3)]
    text = "".join(f"<article><h2>Stop {n}</h2>{as_paragraphs(part)}</article>" for n, part in enumerate(parts))
    first = f"<article><h1>Three stops</h1>{as_paragraphs(PARAGRAPHS[:2])}</article>"
    head = "<html><head><title>Three stops</title></head>"
    found = texts(extract_page(f"{head}<body><main>{first}{text}</main></body></html>".encode(), url=URL))
    assert {*PARAGRAPHS[:2], *(p for part in parts for p in part)} <= set(found)
