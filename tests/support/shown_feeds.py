"""A feed as it is shown from poll to poll: its body goes through the poll job and the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from dateline.jobs.feed import poll
from dateline.jobs.records import PollJob
from dateline.model.records import Body, unwrap
from support.pipeline import NOW, Desk, html
from support.stories import HOST, link, title_of

Item = Mapping[str, str]
LOGIN = html(
    "Sign in",
    "Please enter your e-mail address and your password to go on. If you have forgotten your password we send you a new one "
    "within a minute. You do not have an account yet? It takes three steps and is free of charge for thirty days. By signing "
    "in you accept our terms of use and the handling of your data as described there.",
)


class Feed:
    """One feed with its memory; what it shows goes through the poll and the pipeline."""

    def __init__(self, desk: Desk, url: str = f"{HOST}/feed.xml", feed: str = "feed") -> None:
        self.desk, self.url, self.feed = desk, url, feed
        self.memory, self.mode = b"", "guid"

    async def shows(self, *items: Item) -> list[str]:
        """Outcomes of what a poll of this body enqueues, oldest entry first."""
        rows = "".join(
            "<item>" + "".join(f"<{name}>{escape(text)}</{name}>" for name, text in item.items()) + "</item>"
            for item in items
        )
        raw = f"<rss version='2.0'><channel><title>F</title>{rows}</channel></rss>".encode()
        body = Body(requested_url=self.url, url=self.url, status=200, body=raw)
        job = PollJob(body=body, feed=self.feed, feed_url=self.url, now=NOW, memory=self.memory, mode=self.mode)
        reading = poll(job)
        self.memory, self.mode = reading.memory or self.memory, reading.mode or self.mode
        return await self.desk.carry(*(unwrap(one) for one in reading.queued)) if reading.queued else []


def item(n: int, **more: str) -> dict[str, str]:
    """Story ``n`` as a feed shows it; an empty value leaves a field out."""
    found = {"title": title_of(n), "link": link(n), "guid": f"urn:uuid:00000000-0000-4000-8000-{n:012d}"} | more
    return {name: text for name, text in found.items() if text}
