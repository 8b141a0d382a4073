"""Random histories of feeds and sites: each story is one article, published once, set aside with its reason, or still due.

`HISTORIES=200` plays so many more (`make fuzz` does).
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from dateline.errors import PermanentError
from dateline.ingest.work import EntrySettings
from dateline.settings import RedisSettings
from dateline.store.audit import judge
from dateline.store.dead_letters import DeadLetters
from dateline.store.redis import Connection
from dateline.store.snapshot import snapshot
from support.pipeline import Desk, html
from support.redis_server import RedisServer
from support.shown_feeds import LOGIN, Feed
from support.stories import HOST, link, one_id_per_article, prose, title_of

pytestmark = pytest.mark.one_redis

SEEDS = (0, 1, 100, 1000)  #: 100: a story that waited while another entry took its guid was lost
MORE = [first + n for first in (101, 1001) for n in range(int(os.environ.get("HISTORIES", "0")))]
STORIES, STEPS, SHOWN = 9, 22, 5
#: What a site answers to every link while it is down, but for a plain 503, which is retried like any other.
MAINTENANCE = html(
    "We will be back soon",
    "Our site is being worked on at the moment. All pages are closed for some hours while we move to new servers. Please try "
    "again later. We are sorry for the trouble and thank you for your patience. If you have a subscription you need do "
    "nothing: it is extended by a day. In urgent cases you can reach the newsroom by telephone.",
)


GONE = PermanentError("404 Not Found", code="http_status", status=404)


@pytest_asyncio.fixture(params=[1, 4], ids=["1 partition", "4 partitions"])
async def desk(redis: RedisServer, prefix: str, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """A handler that tries each entry twice."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, partitions=request.param))
    yield Desk(opened, EntrySettings(retry_seconds=(60.0,)))
    await opened.close()


class History:
    """A site with stories, two feeds of it, and what happens to them."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.seed = desk, seed
        self.draw = random.Random(seed)
        self.text = {n: prose(f"{seed} {n}") for n in range(STORIES)}
        self.address = {n: link(n) for n in range(STORIES)}
        self.guid = {n: f"tag:paper.example,2026:{seed}-{n}" for n in range(STORIES)}
        self.has_canonical: set[int] = set()
        self.moved: dict[str, str] = {}
        self.vanished: set[str] = set()  #: addresses that answer with 404
        self.never_there: set[str] = set()
        self.misprinted: dict[int, str] = {}  #: story to the address that the feeds show by mistake
        self.state = "open"  #: of the site: open, login, maintenance, away
        self.feeds = [Feed(desk, feed="one"), Feed(desk, f"{HOST}/other.xml", "two")]
        self.shown: list[list[int]] = [[0, 1], [1]]
        self.ever_shown: set[int] = set()
        self.steps: list[str] = []

    async def play(self) -> None:
        """Play all steps, then let the site be open and everything be looked at until nothing is due any more."""
        for number in range(STEPS):
            step = self.draw.choice(ACTIONS if self.seed < FIRST_WITH_GAPS else [*ACTIONS, *GAPS])
            self.steps.append(step)
            getattr(self, step)(number)
            await self.poll()
            if self.draw.random() < 0.25:
                self.steps.append("recheck")
                await self.desk.recheck()
            if self.draw.random() < 0.25:
                self.steps.append("retry")
                await self.retry()
        self.state = "open"
        self.come_back(STEPS)
        for _ in range(4):
            self.set_pages()
            await self.retry()
            await self.desk.recheck()
        await self.poll()
        await self.retry()

    async def poll(self) -> None:
        """One poll of each feed."""
        self.set_pages()
        for feed, numbers in zip(self.feeds, self.shown, strict=True):
            self.ever_shown |= set(numbers)
            await feed.shows(*(self.entry(n) for n in numbers))

    async def retry(self) -> None:
        """Make what waits for a retry due, and handle it."""
        for keys in self.desk.connection.keys:
            for member in await self.desk.connection.call("ZRANGE", keys.later, 0, -1):
                await self.desk.connection.call("ZADD", keys.later, 0, member)
        while await self.desk.entries.wake_later():
            await self.desk.carry()

    def entry(self, n: int) -> dict[str, str]:
        """A story as the feeds show it now."""
        return {"title": title_of(n), "link": self.misprinted.get(n, self.address[n]), "guid": self.guid[n]}

    def set_pages(self) -> None:
        """Have the site answer as its state is."""
        site = self.desk.site
        answers: dict[str, str | Exception] = {f"{HOST}/login": LOGIN, f"{HOST}/maintenance": MAINTENANCE}
        addresses = {n: {link(n), self.address[n], link(n).replace("https:", "http:")} for n in range(STORIES)}
        site.redirects = dict(self.moved)
        for n, names in addresses.items():
            canonical = f'<link rel="canonical" href="{self.address[n]}">' if n in self.has_canonical else ""
            for name in (*names, *(self.moved[one] for one in names if one in self.moved)):
                answers[name] = html(title_of(n), self.text[n], head=canonical)
        if self.state in ("login", "maintenance"):
            site.redirects = dict.fromkeys([*answers, *self.moved], f"{HOST}/{self.state}")
            del site.redirects[f"{HOST}/{self.state}"]
        answers |= dict.fromkeys(self.vanished | self.never_there, GONE)
        if self.state == "same text":
            answers = dict.fromkeys(answers, MAINTENANCE)
        site.pages = answers

    def show(self, _: int) -> None:
        """A feed shows a story that it does not show now; the oldest goes."""
        which = self.draw.randrange(2)
        fresh = [n for n in range(STORIES) if n not in self.shown[which]]
        self.shown[which] = [*self.shown[which], self.draw.choice(fresh)][-SHOWN:]

    def drop(self, _: int) -> None:
        """A feed drops an entry, which may come back."""
        which = self.draw.randrange(2)
        if len(self.shown[which]) > 1:
            self.shown[which].remove(self.draw.choice(self.shown[which]))

    def swap_guids(self, _: int) -> None:
        """Two entries have each other's guid from now on."""
        one, other = self.draw.sample(range(STORIES), 2)
        self.guid[one], self.guid[other] = self.guid[other], self.guid[one]

    def reuse_guid(self, _: int) -> None:
        """An entry takes the guid of a story that no feed shows any more, which gets another one."""
        gone = [n for n in self.ever_shown if not any(n in numbers for numbers in self.shown)]
        unseen = [n for n in range(STORIES) if n not in self.ever_shown]
        if gone and unseen:
            one, other = self.draw.choice(gone), self.draw.choice(unseen)
            self.guid[other], self.guid[one] = self.guid[one], f"tag:paper.example,2026:{self.seed}-{one}-again"

    def redirect(self, number: int) -> None:
        """A link leads to a new address, which the feeds do not show."""
        n = self.draw.randrange(STORIES)
        self.moved = {old: new for old, new in self.moved.items() if old != self.address[n]}
        self.moved[self.address[n]] = f"{HOST}/archive/{n}-{number}"

    def move(self, number: int) -> None:
        """A story has another address, which the feeds show from now on; the old one leads there."""
        n = self.draw.randrange(STORIES)
        before, self.address[n] = self.address[n], f"{HOST}/news/{n}-{number}"
        self.moved = {old: self.address[n] if new == before else new for old, new in self.moved.items()}
        self.moved[before] = self.address[n]
        self.moved.pop(self.address[n], None)

    def canonical(self, _: int) -> None:
        """The page of a story names its own address from now on."""
        self.has_canonical.add(self.draw.randrange(STORIES))

    def correct(self, number: int) -> None:
        """A text gets one more sentence."""
        n = self.draw.randrange(STORIES)
        self.text[n] += f" Sentence {number} was added to story {n} of {self.seed} later."

    def vanish(self, _: int) -> None:
        """The present address of a story answers with 404."""
        self.vanished.add(self.address[self.draw.randrange(STORIES)])

    def misprint(self, number: int) -> None:
        """The feeds show an address of a story that never was, until they show the right one again."""
        n = self.draw.randrange(STORIES)
        self.misprinted[n] = f"{HOST}/wrong/{n}-{number}"
        self.never_there.add(self.misprinted[n])

    def come_back(self, _: int) -> None:
        """What was away is there again, and what was misprinted is put right."""
        self.vanished.clear()
        self.misprinted.clear()

    def close(self, _: int) -> None:
        """The site shows the same page for every link: by a redirect or in place."""
        self.state = self.draw.choice(["login", "maintenance", "same text"])

    def open(self, _: int) -> None:
        """It is as it was."""
        self.state = "open"

    def https(self, _: int) -> None:
        """A feed moves to https, or back to http, with all its links."""
        which = self.draw.randrange(2)
        feed = self.feeds[which]
        feed.url = feed.url.replace("https:", "http:") if feed.url.startswith("https:") else "https" + feed.url[4:]


ACTIONS = [
    "show", "show", "show", "drop", "swap_guids", "reuse_guid", "redirect", "move", "canonical", "correct", "close", "open",
    "https",
]  # fmt: skip
#: Seeds from here on have these as well.
FIRST_WITH_GAPS, GAPS = 1000, ["vanish", "vanish", "misprint", "come_back"]


@pytest.mark.parametrize("seed", [*SEEDS, *MORE])
async def test_whatever_feeds_and_sites_do_each_story_is_published_once_or_accounted_for(desk: Desk, seed: int) -> None:
    """One id, no hole in its revisions, its own headline over its own text; `verify` has nothing to say."""
    history = History(desk, seed)
    await history.play()
    said = f"steps: {history.steps}"
    await one_id_per_article(desk)
    titles = {title_of(n): n for n in range(STORIES)}
    published, last = Counter[int](), dict[str, tuple[str, dict[str, Any]]]()
    notices = set[str]()  # articles that were first published with the text of one
    for kind, data in await desk.stream():
        if not kind.startswith("article."):
            continue
        last[data["id"]] = kind, data
        if kind == "article.published" and data["title"] not in titles:
            notices.add(data["id"])
        if data["title"] in titles:
            n = titles[data["title"]]
            published[n] += kind == "article.published"
            assert prose(f"{seed} {n}")[:60] in data["text"].replace("\n", " ") or kind == "article.withdrawn", (
                n,
                said,
            )
            assert kind != "article.copied", (n, said)
    assert max(published.values(), default=0) <= 1, (published, said)
    # A notice that a single link shows cannot be known for one: what was published of it is revised, or withdrawn.
    for kind, data in last.values():
        assert kind == "article.withdrawn" or data["title"] in titles, (kind, data["title"], said)
    # Its story may be on the stream under the names that it had before: it is then that one's copy.
    standing = Counter(
        titles[data["title"]]
        for name, (kind, data) in last.items()
        if kind != "article.withdrawn" and not (name in notices and data["family"]["role"] == "copy")
    )
    assert max(standing.values(), default=0) <= 1, (standing, said)
    dead = {
        letter.entry.entry.title: letter.fields.get("reason") async for letter in DeadLetters(desk.connection).all()
    }
    withdrawn = {titles.get(data["title"]) for kind, data in last.values() if kind == "article.withdrawn"}
    for n in history.ever_shown - set(standing) - withdrawn:
        assert dead.get(title_of(n)), (f"story {n} is neither published nor set aside", said)
    problems = [
        problem
        for number in range(len(desk.connection.keys))
        for problem in judge(await snapshot(desk.connection, number))
    ]
    assert not problems, (problems, said)
