"""One test record for a forwarder: whether its receiver can be reached and takes what we send."""

from __future__ import annotations

import hashlib

from .. import clock
from ..contract.article import Article
from ..contract.envelope import article_envelope, fields
from ..ports import HttpExchange, HttpPost, Resources
from ..telemetry import get_logger
from .options import Configured

#: ``id`` of the test record's article: to find it on the other side, and to delete it there.
TEST_ARTICLE = "dateline-check"


def make_test_record() -> dict[str, str]:
    """Return a published article that says that it is a test, as a stream entry."""
    text = "This is a test record of `dateline forward check`. It reports nothing."
    article = Article(
        id=TEST_ARTICLE,
        url="https://news.example/dateline-check",
        title="Test record of dateline forward check",
        language="en",
        publisher="news.example",
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    return {
        "stream_id": "0-0",
        "seq": "0",
        **fields(article_envelope(article, "published", clock.now(), source="/check")),
    }


async def send_test_record(configured: Configured, post: HttpPost, exchange: HttpExchange) -> None:
    """Build the forwarder, send it the test record, close it. Raises SettingsError, TransientError or PermanentError."""
    log = get_logger(f"forward.{configured.kind}")
    resources = Resources(log=log, http_post=post, http_exchange=exchange)
    forwarder = configured.module.build(configured.settings, resources)
    try:
        await forwarder.forward([make_test_record()])
    finally:
        await forwarder.close()
