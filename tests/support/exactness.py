"""Holds a stream against the truth of a news web: lost, twice, invented, altered. Used by the exactness and chaos tests."""

from __future__ import annotations

import itertools
import json
import re
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from support.rig import NewsWorld

_ID = re.compile(r"(?<![0-9x])(\d+x\d+)(?![0-9x])")
_BODY = ("body", "tail", "correction", "bullet", "dateline")


def folded(text: str) -> str:
    """White space folded: how a text is compared."""
    return re.sub(r"\s+", " ", text).strip()


@dataclass
class Truth:
    """What the world showed us: article id to its versions, and which (id, revision) some feed showed at some time."""

    articles: dict[str, dict[str, Any]]
    owed: set[tuple[str, int]] = field(default_factory=set)

    def version(self, article: str, revision: int) -> str:
        """The text of a revision, 0 the first; a paragraph that repeats the one before it word for word is read once."""
        row = self.articles[article]
        text = row["text"] if revision == 0 else row["revisions"][revision - 1]["text"]
        return " ".join(one for one, _ in itertools.groupby(filter(None, map(folded, text.splitlines()))))

    def told_apart(self, article: str, revision: int) -> int:
        """The first revision with the text of this one: two corrections in the same words cannot be told apart."""
        text = self.version(article, revision)
        return next(n for n in range(revision + 1) if self.version(article, n) == text)

    def look(self, world: NewsWorld) -> None:
        """Note what every feed shows at this moment of world time, with the revision that its page has now."""
        now = world.get("/__clock")["world_ts"]
        for url in world.feeds:
            with urllib.request.urlopen(url, timeout=120) as answer:
                shown = set(_ID.findall(answer.read().decode("utf-8", "replace")))
            for article in shown & self.articles.keys():
                revision = sum(1 for r in self.articles[article]["revisions"] if r["at_ts"] <= now)
                self.owed.add((article, revision))


def truth_of(world: NewsWorld, feeds: int) -> Truth:
    """The truth of every article there is by now."""
    rows: dict[str, dict[str, Any]] = {}
    for number in range(feeds):
        answer = world.get(f"/__truth?feed={number}")
        for row in answer if isinstance(answer, list) else answer["articles"]:
            rows[row["id"]] = row
    return Truth(rows)


@dataclass
class Report:
    """What the comparison found; each list names articles."""

    published: int = 0
    exact: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    holes: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"published {self.published}, text exact {self.exact}, altered {len(self.altered)}, lost {len(self.lost)}, "
            f"twice {len(self.twice)}, invented {len(self.invented)}, forbidden {len(self.forbidden)}, "
            f"seq holes {len(self.holes)}"
        )


def compare(truth: Truth, stream: list[tuple[str, dict[str, str]]], dead: list[dict[str, str]]) -> Report:
    """The stream and the dead letters against the truth."""
    report = Report()
    found: Counter[tuple[str, int]] = Counter()
    seqs = [int(fields["seq"]) for _, fields in stream]
    report.holes = [b for a, b in itertools.pairwise(seqs) if b != a + 1]
    ids = Counter(fields["id"] for _, fields in stream)
    report.twice += [f"envelope {name}" for name, n in ids.items() if n > 1]
    for _, fields in stream:
        if not fields["type"].startswith("dateline.article."):
            continue
        data = json.loads(fields["data"])
        match = _ID.search(data["url"] or "")
        if match is None or match[1] not in truth.articles:
            report.invented.append(data["url"])
            continue
        article = match[1]
        report.published += 1
        if not truth.articles[article]["robots_allowed"]:
            report.forbidden.append(article)
        blocks = [(b["kind"], data["text"][b["start"] : b["end"]]) for b in data.get("blocks", ())]
        body = folded(" ".join(text for kind, text in blocks if kind in _BODY and not _subheading(kind, text)))
        versions = range(len(truth.articles[article]["revisions"]) + 1)
        revision = next((n for n in versions if truth.version(article, n) == body), None)
        if revision is None:
            revision = max(versions, key=lambda n: _likeness(truth.version(article, n), body))
            if _likeness(truth.version(article, revision), body) < 0.9:
                report.altered.append(f"{article}@{revision}")
        else:
            report.exact += 1
        found[article, revision] += 1
    report.twice += [f"{article}@{revision}" for (article, revision), n in found.items() if n > 1]
    set_aside = {match[1] for row in dead if (match := _ID.search(row.get("url", "")))}
    owed = {(article, truth.told_apart(article, revision)) for article, revision in truth.owed}
    for article, revision in sorted(owed - found.keys()):
        # A page is read as it is when it is fetched: a later revision of it in the stream stands for one that was gone by then.
        later = any(other == article and n > revision for other, n in found)
        if article not in set_aside and not later:
            report.lost.append(f"{article}@{revision}")
    return report


def _subheading(kind: str, text: str) -> bool:
    """A line between the paragraphs that is no sentence: part of our text, but the page's design and not in the truth."""
    return kind == "body" and len(text) < 60 and text[-1:].isalnum()


def _likeness(one: str, other: str) -> float:
    a, b = Counter(one.split()), Counter(other.split())
    return 2 * sum((a & b).values()) / max(1, sum(a.values()) + sum(b.values()))
