"""A small invented news page, for the tests of extraction: real chrome around a short article, every part replaceable."""

from __future__ import annotations

from dateline.model.page import Extracted

PARAGRAPHS = (
    "The harbour authority of Lindmouth said on Tuesday that the northern pier would stay closed until the end of the "
    "month, after divers found cracks in two of its main supports.",
    "Ferries to the outer islands will leave from the fish market instead, a spokeswoman said. The walk between the two "
    "stops takes about ten minutes, and buses will carry those who cannot manage it.",
    "“We would rather be careful for three weeks than sorry for thirty years,” said Orla Penn, who has run the port since "
    "2011. She added that the cost of the repair was not yet known.",
    "The pier was built in 1958 and was last inspected four years ago. Engineers from the university are to report on its "
    "state by Friday, and the town council meets on Monday to hear them.",
)

_PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8">
<title>{title} | Lindmouth Courier</title>
<meta property="og:site_name" content="Lindmouth Courier">
<meta property="og:title" content="{title}">
<meta name="description" content="Divers found cracks in two supports.">
<link rel="canonical" href="https://courier.example/news/harbour/pier-closed">
{head}
</head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<main><article>
<h1>{title}</h1>
{before}
<div class="article-body">
{body}
</div>
{after}
</article></main>
<aside class="related"><h3>Most read</h3><ul><li><a href="/a">Swans return to the mill pond after a decade</a></li>
<li><a href="/b">Council tax bills to rise by four per cent in spring</a></li></ul></aside>
<footer><p>© Lindmouth Courier. All rights reserved.</p>
<p><a href="/imprint">Imprint</a> <a href="/terms">Terms</a></p></footer>
</body></html>"""


def page(
    *,
    title: str = "Cracks close Lindmouth's northern pier",
    head: str = "",
    before: str = '<p class="byline">By <a rel="author" href="/by/ida-moss">Ida Moss</a></p>'
    '<time datetime="2026-03-17T09:30:00+01:00">17 March 2026</time>',
    body: str | None = None,
    after: str = "",
    lang: str = "en",
) -> bytes:
    """The page as UTF-8 bytes; ``body`` is the HTML of the article's text, by default `PARAGRAPHS` as ``p`` elements."""
    text = "\n".join(f"<p>{p}</p>" for p in PARAGRAPHS) if body is None else body
    return _PAGE.format(title=title, head=head, before=before, body=text, after=after, lang=lang).encode()


def as_paragraphs(texts: tuple[str, ...]) -> str:
    """Texts as ``p`` elements."""
    return "\n".join(f"<p>{t}</p>" for t in texts)


def texts_of(extracted: Extracted) -> list[str]:
    """The paragraphs of a page, captions apart."""
    return [p.text for p in extracted.paragraphs if p.kind != "caption"]
