"""Sources: the bytes of a feed document, of whatever kind, to a normalised `ParsedFeed`. No network here."""

from .parse import parse_feed
from .records import to_record

__all__ = ["parse_feed", "to_record"]
