"""Sources: the bytes of a feed document, of whatever kind, to a normalised `worker.model.ParsedFeed`. No network here."""

from worker.sources.parse import parse_feed

__all__ = ["parse_feed"]
