"""The newsroom's stories: data files to printings, with dates that count from the day they are served.

A story is one TOML file in ``stories/``; a printing is that story in one paper at one edition. Texts may say ``{day}``
(weekday), ``{date}`` (Nov. 22), ``{longdate}`` (November 22, 2026), ``{year}``, ``{jour}`` and ``{date_fr}``, each with
an offset in days: ``{day-1}``. Weekdays count from the story's own time, so every printing has the same words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

import tomli

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
#: As wire copy abbreviates them: March to July are written out.
WIRE_MONTHS = ("Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
MOIS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip

_SLOT = re.compile(r"\{(day|date|longdate|year|jour|date_fr)([+-]\d+)?\}")


@dataclass(frozen=True, slots=True)
class Paper:
    """One invented paper: how it calls itself, which feed it serves and what is wrong with that feed."""

    slug: str
    title: str
    tagline: str
    language: str
    group: str
    format: str
    feed: str
    link: str
    layout: str
    quirks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's caption; ``after`` is the number of paragraphs above it."""

    text: str
    after: int
    credit: str | None = None
    rights: str | None = None


@dataclass(frozen=True, slots=True)
class Printing:
    """One story in one paper, as it reads now.

    ``path`` is the page's address inside the paper, ``feed_path`` what the feed says (another one where the link
    redirects, None where the entry has no link). ``status`` is what the page answers.
    """

    paper: Paper
    slug: str
    path: str
    feed_path: str | None
    guid: str
    headline: str
    summary: str
    agency: str | None
    byline: str | None
    section: str
    language: str
    keywords: tuple[str, ...]
    paragraphs: tuple[str, ...]
    pictures: tuple[Picture, ...]
    published: datetime
    updated: datetime
    revision: int
    status: int
    paywalled: bool


def fill(text: str, at: datetime) -> str:
    """Return ``text`` with its date slots filled for a story written at ``at``."""

    def word(match: re.Match[str]) -> str:
        day = at + timedelta(days=int(match[2] or 0))
        return {
            "day": WEEKDAYS[day.weekday()],
            "date": f"{WIRE_MONTHS[day.month - 1]} {day.day}",
            "longdate": f"{MONTHS[day.month - 1]} {day.day}, {day.year}",
            "year": str(day.year),
            "jour": JOURS[day.weekday()],
            "date_fr": f"{day.day} {MOIS[day.month - 1]}",
        }[match[1]]

    return _SLOT.sub(word, text)


@cache
def papers() -> tuple[Paper, ...]:
    """Return the papers of ``papers.toml``, in its order."""
    raw = tomli.loads(resources.files(__package__).joinpath("papers.toml").read_text(encoding="utf-8"))
    return tuple(Paper(**{**one, "quirks": frozenset(one.get("quirks", ()))}) for one in raw["papers"])


@cache
def _stories() -> tuple[dict[str, Any], ...]:
    """Return the raw stories, oldest first; their order gives each its number."""
    folder = resources.files(__package__).joinpath("stories")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    stories = [tomli.loads(file.read_text(encoding="utf-8")) for file in files]
    return tuple(sorted(stories, key=lambda story: -float(story["hours_ago"])))


def last_edition() -> int:
    """Return the newest edition that any story knows; after it nothing changes."""
    return max(
        int(part.get("from_edition", part.get("edition", 1)))
        for story in _stories()
        for part in (story, *story.get("revisions", ()))
    )


def printings(edition: int, opened_at: datetime) -> tuple[Printing, ...]:
    """Return every printing that exists at ``edition``, newest first, with times counted back from ``opened_at``."""
    made = [
        _printing(story, number, place, edition, opened_at)
        for number, story in enumerate(_stories(), start=1000)
        if story.get("from_edition", 1) <= edition
        for place in story["printings"]
    ]
    return tuple(sorted(made, key=lambda printing: printing.published, reverse=True))


def _printing(story: dict[str, Any], number: int, place: dict[str, Any], edition: int, opened_at: datetime) -> Printing:
    paper = next(paper for paper in papers() if paper.slug == place["paper"])
    written_at = opened_at - timedelta(hours=float(story["hours_ago"]))
    published = written_at + timedelta(minutes=place.get("delay_minutes", 0))
    out = [revision for revision in story.get("revisions", ()) if revision["edition"] <= edition]
    now = {**story, **place, **(out[-1] if out else {})}
    updated = published + timedelta(minutes=now.get("minutes_later", 0))
    folder = story.get("folder", "news")
    path = paper.link.format(
        year=written_at.year, month=f"{written_at.month:02}", day=f"{written_at.day:02}",
        slug=story["slug"], number=number, section=story["section"].lower(), folder=folder,
    )  # fmt: skip
    feed_path = None if place.get("no_link") else f"/go/{number}" if story.get("via_redirect") else path
    return Printing(
        paper=paper,
        slug=story["slug"],
        path=path,
        feed_path=feed_path,
        guid=story.get("guid", f"{paper.slug}-{number}"),
        headline=fill(now["headline"], written_at),
        summary=fill(story["summary"], written_at),
        agency=story.get("agency"),
        byline=story.get("byline"),
        section=story["section"],
        language=story.get("language", paper.language),
        keywords=tuple(story.get("keywords", ())),
        paragraphs=tuple(fill(part.strip(), written_at) for part in now["body"].strip().split("\n\n")),
        pictures=tuple(
            Picture(fill(picture["text"], written_at), picture["after"], picture.get("credit"), picture.get("rights"))
            for picture in story.get("captions", ())
        ),
        published=published,
        updated=updated,
        revision=1 + len(out),
        status=place.get("status", 200),
        paywalled=place.get("paywalled", False),
    )
