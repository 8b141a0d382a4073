"""Random histories of names: one id per article, revisions without a hole, no story taken for another."""

from __future__ import annotations

import random
from typing import Any

import pytest

from support.pipeline import Desk, entry_of, html
from support.stories import HOST, link, one_id_per_article, prose, title_of


@pytest.mark.parametrize("seed", range(6))
async def test_however_names_come_and_go_each_story_is_one_article(desk: Desk, seed: int) -> None:
    """A guid, a second link or a canonical address comes late, a redirect appears, the text is corrected, in any order."""
    draw = random.Random(seed)
    text = {n: prose(f"{seed} {n}") for n in range(4)}
    has_canonical: set[int] = set()

    def page(n: int) -> str:
        head = f'<link rel="canonical" href="{link(n)}">' if n in has_canonical else ""
        return html(title_of(n), text[n], head=head)

    for step in range(24):
        n = draw.randrange(4)
        what = draw.choice(["feed", "guid", "short link", "canonical", "redirect", "correct", "look"])
        if what == "canonical":
            has_canonical.add(n)
        elif what == "correct":
            text[n] += f" Sentence {step} was added to story {n} later."
        desk.site.pages = {link(m): page(m) for m in range(4)}
        desk.site.pages |= {f"{HOST}/s/{m}": page(m) for m in range(4)} | {f"{HOST}/new/{m}": page(m) for m in range(4)}
        if what == "redirect":
            desk.site.redirects = {link(n): f"{HOST}/new/{n}"}
        if what == "look":
            await desk.recheck()
            continue
        more: dict[str, Any] = {"guid": f"tag:paper.example,2026:{n}"} if what == "guid" else {}
        shown = f"{HOST}/s/{n}" if what == "short link" else link(n)
        feed = "second" if what == "short link" else "feed"
        reason = "changed" if what == "correct" else "new"
        await desk.carry(entry_of(shown, title_of(n), feed=feed, reason=reason, version=b"%d" % step, **more))
    await one_id_per_article(desk)
    titles: dict[str, set[str]] = {}
    for kind, data in await desk.stream():
        if kind.startswith("article."):
            titles.setdefault(data["id"], set()).add(data["title"])
    assert all(len(found) == 1 for found in titles.values()), titles
