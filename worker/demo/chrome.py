"""What stands around an article on a real page: menus, consent, cards, comments, script state. Seeded by the address,
so that a page is the same bytes each time it is asked for; measured by hand to give pages of 20 to 80 KB.
"""

from __future__ import annotations

import json
import random
import tomllib
from functools import cache
from html import escape
from importlib import resources
from typing import Any

from .stories import Printing

#: How many of each: cards below and beside, comments, consent partners, script state entries.
AMOUNTS = {"broadsheet": (42, 12, 22, 90, 90), "river": (48, 14, 24, 60, 110), "bare": (210, 60, 0, 0, 0)}


class Chrome:
    """The furniture of one page."""

    def __init__(self, printing: Printing, origin: str) -> None:
        self._printing = printing
        self._origin = origin
        self._words = _words("fr" if printing.paper.language == "fr" else "en")
        self._random = random.Random(f"{printing.paper.slug}/{printing.path}")
        self._amounts = AMOUNTS[printing.paper.layout]

    def label(self, name: str) -> str:
        """Return one of the page's own words, escaped."""
        return escape(str(self._words["labels"][name]))

    def slots(self) -> dict[str, str]:
        """Everything that the layouts ask for beside the article."""
        cards, side, comments, partners, state = self._amounts
        labels = {f"l_{name}": escape(words) for name, words in self._words["labels"].items()}
        return labels | {
            "navigation": self._navigation(),
            "cards": "\n".join(self._card(number, picture=True) for number in range(cards)),
            "cards_side": "\n".join(self._card(100 + number, picture=False) for number in range(side)),
            "comments": "\n".join(self._comment(number) for number in range(comments)),
            "consent": self._consent(partners),
            "footer_links": self._footer(),
            "state": json.dumps(self._state(state), ensure_ascii=False).replace("</", "<\\/"),
        }

    def promotion(self) -> str:
        """Return a teaser in the middle of the text, where extraction must step over it."""
        link = f'<a href="/p/{self._number()}">{self._teaser()}</a>'
        return (
            '<div class="promo related-inline" role="complementary">'
            f"<strong>{self.label('related')}:</strong> {link}</div>"
        )

    def _number(self) -> int:
        return self._random.randrange(10_000, 99_999)

    def _teaser(self) -> str:
        return escape(self._random.choice(self._words["teasers"]))

    def _navigation(self) -> str:
        entries = []
        for section in self._printing.paper.sections:
            below = "".join(
                f'<li><a href="/{section.lower()}/{self._number()}">{self._teaser()}</a></li>' for _ in range(4)
            )
            name = escape(section)
            entries.append(
                f'<li class="has-sub"><a href="/{escape(section.lower())}">{name}</a><ul class="sub">{below}</ul></li>'
            )
        tools = (
            f'<li><a href="/search">{self.label("search")}</a></li><li><a href="/menu">{self.label("menu")}</a></li>'
        )
        return f'<nav class="main" aria-label="{self.label("menu")}"><ul>{"".join(entries)}{tools}</ul></nav>'

    def _card(self, number: int, *, picture: bool) -> str:
        address = f"/{self._random.choice(self._printing.paper.sections).lower()}/{self._number()}"
        if self._printing.paper.layout == "bare":
            return f'<BR>&#149; <A HREF="{escape(address)}">{self._teaser()}</A>'
        image = ""
        if picture:
            sizes = ", ".join(f"/media/card-{number}-{width}.svg {width}w" for width in (320, 640, 960))
            image = f'<img src="/media/card-{number}.svg" srcset="{sizes}" sizes="33vw" alt="" loading="lazy">'
        return (
            f'<div class="card card--{number % 3}" data-track="card|{number}|{self._number()}">'
            f'<a href="{escape(address)}">{image}<span class="card__title">{self._teaser()}</span></a>'
            f'<span class="card__time">{self._random.randrange(1, 23)} h</span></div>'
        )

    def _comment(self, number: int) -> str:
        who = escape(self._random.choice(self._words["people"]))
        says = escape(self._random.choice(self._words["comments"]))
        return (
            f'<div class="comment" id="comment-{number}"><span class="comment__author">{who}</span> '
            f'<span class="comment__votes">+{self._random.randrange(40)}</span><p>{says}</p><button>↳</button></div>'
        )

    def _consent(self, partners: int) -> str:
        if not partners:
            return ""
        rows = "".join(
            f'<li><label><input type="checkbox" name="v{number}"> {escape(self._random.choice(self._words["partners"]))} '
            f"{number}</label> <small>{escape(self._random.choice(self._words['purposes']))}</small></li>"
            for number in range(partners)
        )
        return (
            f'<div class="consent cc-window" role="dialog" aria-modal="true"><p>{self.label("cookies")}</p>'
            f"<button>{self.label('accept')}</button> <button>{self.label('refuse')}</button>"
            f"<details><ul>{rows}</ul></details></div>"
        )

    def _footer(self) -> str:
        names = ("about", "contact", "terms", "privacy", "jobs")
        return (
            '<ul class="footer-links">'
            + "".join(f'<li><a href="/{name}">{self.label(name)}</a></li>' for name in names)
            + "</ul>"
        )

    def _state(self, entries: int) -> dict[str, object]:
        return {
            "page": {"id": self._printing.guid, "section": self._printing.section, "origin": self._origin},
            "flags": {f"exp_{self._number()}": self._random.random() < 0.5 for _ in range(entries)},
            "queue": [{"slot": f"s{number}", "bid": self._number(), "w": 300, "h": 250} for number in range(entries)],
        }


@cache
def _words(language: str) -> dict[str, Any]:
    words: dict[str, Any] = tomllib.loads(
        resources.files(__package__).joinpath("chrome.toml").read_text(encoding="utf-8")
    )[language]
    return words
