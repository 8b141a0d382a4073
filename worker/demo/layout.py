"""A printing on its paper's page: body and captions as each layout marks them up, and metadata.

The layouts are ``pages/LAYOUT.LANGUAGE.html`` with ``$slots``, among menus, cards and comments as on real pages (25 to 45 KB).
*broadsheet* has JSON-LD, *river* OpenGraph, *bare* nothing at all.
"""

from __future__ import annotations

import json
from functools import cache
from html import escape
from importlib import resources
from string import Template

from .stories import MOIS, MONTHS, Picture, Printing

#: The page's own words around the text.
_LABELS = {
    "en": {
        "related": "More from this section",
        "updated": "Updated",
        "subscribe": "Subscribe to keep reading. Already a subscriber? Sign in.",
    },
    "fr": {
        "related": "Dans la même rubrique",
        "updated": "Mis à jour",
        "subscribe": "La suite est réservée aux abonnés. Déjà abonné ? Connectez-vous.",
    },
}
_LOCALES = {"en": "en_GB", "fr": "fr_CH"}


def page_html(printing: Printing, origin: str) -> str:
    """Return the whole page of ``printing``; ``origin`` is where the paper lives, without a slash at its end."""
    paper = printing.paper
    url = origin + printing.path
    slots = {
        "language": printing.language,
        "locale": _LOCALES.get(printing.language, "en_GB"),
        "headline": escape(printing.headline),
        "summary": escape(printing.summary),
        "paper": escape(paper.title),
        "tagline": escape(paper.tagline),
        "url": escape(url),
        "feed_url": escape(origin + paper.feed),
        "guid": escape(printing.guid),
        "image": escape(origin + _image_path(printing, 0)),
        "section": escape(printing.section),
        "section_slug": printing.section.lower(),
        "byline": escape(_byline(printing)),
        "author": escape(author(printing) or paper.title),
        "published": printing.published.isoformat(timespec="seconds"),
        "updated": printing.updated.isoformat(timespec="seconds"),
        "published_words": _time_words(printing, updated=False),
        "updated_line": _updated_line(printing),
        "year": str(printing.published.year),
        "tags": " ".join(f'<a rel="tag" href="/tag/{escape(word)}">{escape(word)}</a>' for word in printing.keywords),
        "tag_metas": "\n".join(f'<meta property="article:tag" content="{escape(word)}">' for word in printing.keywords),
        "json_ld": _json_ld(printing, origin),
        "standfirst": _standfirst(printing),
        "body": _body(printing),
        "origin": escape(origin),
    }
    return _layout(f"{paper.layout}.{paper.language}").substitute(slots)


def author(printing: Printing) -> str | None:
    """Return the first name of the byline, as metadata has it: no "By", no affiliation."""
    if not printing.byline:
        return None
    words = printing.byline.removeprefix("By ")
    for mark in (", ", " at ", " and "):
        words = words.partition(mark)[0]
    return words


@cache
def _layout(name: str) -> Template:
    return Template(resources.files(__package__).joinpath("pages", f"{name}.html").read_text(encoding="utf-8"))


def _label(printing: Printing, name: str) -> str:
    return escape(_LABELS[printing.paper.language][name])


def _byline(printing: Printing) -> str:
    """Return what the page prints above the text: the byline, with the agency where the paper adds it."""
    credit = f" | {printing.agency}" if printing.agency and printing.paper.layout == "broadsheet" else ""
    return (printing.byline or printing.agency or printing.paper.title) + (credit if printing.byline else "")


def _time_words(printing: Printing, *, updated: bool) -> str:
    at = printing.updated if updated else printing.published
    if printing.language == "fr":
        return f"{at.day} {MOIS[at.month - 1]} {at.year} à {at:%Hh%M}"
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M} GMT"


def _updated_line(printing: Printing) -> str:
    if printing.updated == printing.published:
        return ""
    words = _time_words(printing, updated=True)
    return (
        f'<time class="updated" datetime="{printing.updated.isoformat()}">{_label(printing, "updated")} {words}</time>'
    )


def _image_path(printing: Printing, number: int) -> str:
    return f"/media/{printing.slug}-{number}.svg"


def _json_ld(printing: Printing, origin: str) -> str:
    """schema.org NewsArticle. ``</`` is written ``<\\/`` so that no text can close the script element."""
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": origin + printing.path},
        "headline": printing.headline,
        "description": printing.summary,
        "datePublished": printing.published.isoformat(timespec="seconds"),
        "dateModified": printing.updated.isoformat(timespec="seconds"),
        "inLanguage": printing.language,
        "articleSection": printing.section,
        "keywords": list(printing.keywords),
        "image": [origin + _image_path(printing, number) for number in range(len(printing.pictures))],
        "publisher": {"@type": "NewsMediaOrganization", "name": printing.paper.title, "url": origin + "/"},
        "isAccessibleForFree": not printing.paywalled,
    }
    name = author(printing)
    data["author"] = {"@type": "Person", "name": name} if name else {"@type": "Organization", "name": printing.agency}
    return json.dumps(data, ensure_ascii=False).replace("</", "<\\/")


def _body(printing: Printing) -> str:
    """Paragraphs, bullets and pictures in order, with a promotion between two paragraphs as river pages have it."""
    parts: list[str] = []
    for number, paragraph in enumerate(printing.paragraphs):
        places = [place for place, picture in enumerate(printing.pictures) if picture.after == number]
        parts += [_picture(printing, place) for place in places]
        parts.append(_paragraph(paragraph))
        if number == 2 and printing.paper.layout == "river" and not printing.paywalled:
            link = f'<a href="/p/{len(printing.headline)}">{escape(printing.paper.tagline)}</a>'
            parts.append(
                '<div class="promo related-inline" role="complementary">'
                f"<strong>{_label(printing, 'related')}:</strong> {link}</div>"
            )
    if printing.paywalled:
        parts.append(f'<div class="gate paywall" data-piano="1"><p>{_label(printing, "subscribe")}</p></div>')
    return "\n".join(parts)


def _standfirst(printing: Printing) -> str:
    """Return a line under the headline, on the paper's own stories only: wire copy is printed as it came."""
    return "" if printing.agency else f'<p class="standfirst">{escape(printing.summary)}</p>'


def _paragraph(text: str) -> str:
    if text.startswith("- "):
        bullets = "".join(f"<li>{escape(line.removeprefix('- '))}</li>" for line in text.split("\n"))
        return f"<ul>{bullets}</ul>"
    return f"<p>{escape(text, quote=False).replace(chr(10), '<br>')}</p>"


def _picture(printing: Printing, number: int) -> str:
    """Return a picture as its layout marks it up: credit in its own element, in the caption's words, or in a bare table."""
    picture = printing.pictures[number]
    image = _image_path(printing, number)
    text = escape(picture.text, quote=False)
    if printing.paper.layout == "broadsheet":
        credit = f' <span class="credit">{escape(_credit(picture))}</span>' if _credit(picture) else ""
        alt = escape(picture.text[:60])
        return (
            f'<figure class="picture"><img src="{image}" alt="{alt}" width="1200" height="675" loading="lazy">'
            f"<figcaption>{text}{credit}</figcaption></figure>"
        )
    credit = f" ({escape(picture.credit)})" if picture.credit else ""
    rights = f" ({escape(picture.rights)})" if picture.rights else ""
    return (
        f'<div class="wp-caption aligncenter"><img src="{image}" alt="" width="1024" height="576">'
        f'<p class="wp-caption-text">{text}{rights}{credit}</p></div>'
    )


def _credit(picture: Picture) -> str:
    """Rights before credit, each in brackets, as the agencies print them; a bare credit where there are no rights."""
    if picture.rights:
        return f"({picture.rights}) ({picture.credit})" if picture.credit else f"({picture.rights})"
    return picture.credit or ""
