"""The published contract: typed records, their JSON Schemas and the CloudEvents envelope.

``article.py`` and ``event.py`` define what consumers read in ``data``; ``envelope.py`` the flat stream fields around it;
``schemas.py`` generates the JSON Schemas from those types. Consumers may import this package; it imports nothing of ours.
"""

from .article import (
    Agency,
    Article,
    Author,
    Block,
    Caption,
    Dateline,
    Entity,
    ExtractorInfo,
    Family,
    Quote,
    Speaker,
    Timex,
)
from .event import Attribution, Cameo, Counts, Event, EventDate, Evidence, Factuality, Location, Party, Plover, Span

__all__ = [
    "Agency",
    "Article",
    "Attribution",
    "Author",
    "Block",
    "Cameo",
    "Caption",
    "Counts",
    "Dateline",
    "Entity",
    "Event",
    "EventDate",
    "Evidence",
    "ExtractorInfo",
    "Factuality",
    "Family",
    "Location",
    "Party",
    "Plover",
    "Quote",
    "Span",
    "Speaker",
    "Timex",
]
