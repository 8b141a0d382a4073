"""All targets: every door that outside text comes in by."""

from __future__ import annotations

from . import addresses, feeds, files, lines, pages, repeated, shapes, web
from . import shapes_more as more
from .target import Target

TARGETS = {
    target.name: target
    for target in (
        Target("feed", feeds.feed, shapes.feed, repeated.FEED, repeated.FEED_WORDS),
        Target("gzipped", feeds.gzipped, shapes.gzipped),
        Target("opml", feeds.opml_list, shapes.opml, repeated.OPML),
        Target("discover", feeds.discover, shapes.discover, repeated.DISCOVER),
        Target("page", pages.page, more.page, repeated.PAGE, repeated.PAGE_WORDS),
        Target("feed_text", pages.feed_text, more.feed_text, repeated.FEED_TEXT),
        Target("text", pages.text, more.text, repeated.TEXT, repeated.TEXT_WORDS),
        Target("url", addresses.url, shapes.url, repeated.URL, repeated.URL_WORDS),
        Target("robots", addresses.robots, more.robots, repeated.ROBOTS),
        Target("headers", addresses.headers, more.headers, repeated.HEADERS),
        Target("websub", addresses.websub, more.websub, repeated.WEBSUB),
        Target("request", web.request, more.request),
        Target("settings", files.settings, more.toml),
        Target("environment", files.environment, more.environment),
        Target("feeds_toml", files.feeds_toml, more.feeds_toml),
        Target("lexicon", files.lexicon, more.lexicon),
        Target("names", files.names, more.names),
        Target("warc", files.warc, more.warc),
        Target("extract_line", lines.extract_line, more.extract_line),
        Target("parse_line", lines.parse_line, more.parse_line),
        Target("stream_entry", lines.stream_entry, more.stream_entry),
        Target("queue_entry", lines.queue_entry, more.queue_entry),
        Target("child_error", lines.child_error, shapes.url),
    )
}
