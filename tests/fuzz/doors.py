"""All targets: every door that outside text comes in by."""

from __future__ import annotations

from . import addresses, feeds, files, lines, pages, shapes, shapes_files, shapes_lines, shapes_pages, web
from .target import Target

TARGETS = {
    target.name: target
    for target in (
        Target("feed", feeds.feed, shapes.feed),
        Target("gzipped", feeds.gzipped, shapes.gzipped),
        Target("opml", feeds.opml_list, shapes.opml),
        Target("discover", feeds.discover, shapes.discover),
        Target("page", pages.page, shapes_pages.page),
        Target("feed_text", pages.feed_text, shapes_pages.feed_text),
        Target("text", pages.text, shapes_pages.text),
        Target("url", addresses.url, shapes.url),
        Target("robots", addresses.robots, shapes_lines.robots),
        Target("headers", addresses.headers, shapes_lines.headers),
        Target("websub", addresses.websub, shapes_lines.websub),
        Target("request", web.request, shapes_lines.request),
        Target("settings", files.settings, shapes_files.toml),
        Target("environment", files.environment, shapes_files.environment),
        Target("feeds_toml", files.feeds_toml, shapes_files.feeds_toml),
        Target("lexicon", files.lexicon, shapes_files.lexicon),
        Target("names", files.names, shapes_files.names),
        Target("warc", files.warc, shapes_files.warc),
        Target("extract_line", lines.extract_line, shapes_lines.extract_line),
        Target("parse_line", lines.parse_line, shapes_lines.parse_line),
        Target("stream_entry", lines.stream_entry, shapes_lines.stream_entry),
        Target("queue_entry", lines.queue_entry, shapes_lines.queue_entry),
        Target("child_error", lines.child_error, shapes.url),
    )
}
