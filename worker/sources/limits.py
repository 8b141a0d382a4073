"""How much of a feed is taken, and the closed set of words in ``ParsedFeed.notes`` for what was odd about a document.

Over a limit the rest is left out and noted, or the document refused (`TooLarge`). The notes are fit for a counter's label.
"""

from __future__ import annotations

from ..encoding.charset import CHARSET_GUESSED, CHARSET_MIXED, CHARSET_TWICE, CHARSET_WRONG

#: Inflated bytes of one feed document. The fetcher has its own, lower or equal limit (`fetch.max_feed_bytes`).
MAX_BODY_BYTES = 15 * 1024 * 1024
#: Angle brackets, and equal signs, of one document. An element costs some 250 bytes of memory, so that this keeps a child
#: process under 300 MB; a feed of two thousand entries with whole articles has half as many.
MAX_MARKUP = 700_000
#: Entries of one document. Google allows a news sitemap 1,000; the longest real feeds have a few hundred.
MAX_ENTRIES = 2_000
#: Child sitemaps of one sitemap index. The protocol allows 50,000; newest first, so the rest is history.
MAX_CHILDREN = 1_000
#: Of a document so broken that only feedparser reads it, at a millisecond for each entry.
MAX_LOOSE_ENTRIES = 500
#: Characters of such a document, and of one entry of it: feedparser takes up to two seconds for a million.
MAX_LOOSE_CHARS = 1_500_000
MAX_LOOSE_ENTRY_CHARS = 200_000
#: Characters of a title, a name or a date; then of a summary or content; then of a link.
MAX_LINE_CHARS = 2_000
MAX_TEXT_CHARS = 1_000_000
MAX_LINK_CHARS = 8_192
#: A guid longer than this is kept by its start and its hash: keys are hashes anyway.
MAX_GUID_CHARS = 2_000
MAX_AUTHORS = 20
MAX_CATEGORIES = 50
MAX_ATTACHMENTS = 30
MAX_HUBS = 5

# Words for ``ParsedFeed.notes``
CONTROL_CHARACTERS = "control_characters"  #: Characters that XML forbids were taken out
DOCTYPE = "doctype"  #: A document type declaration was taken out, unread
GZIPPED = "gzipped"  #: The body was a .gz file by itself
JUNK_AROUND = "junk_around"  #: Something stood before or after the document
LOOSE = "loose"  #: So broken that only the tolerant parser could read it
NOT_WELL_FORMED = "not_well_formed"  #: Repaired: stray ampersands, undefined entities or prefixes
TOO_MANY_ENTRIES = "too_many_entries"  #: Entries after the limit were left out
TRUNCATED = "truncated"  #: The end is missing; the last, unfinished entry was left out
TYPED_HTML = "typed_html"  #: Served as text/html
FIELDS_CUT = "fields_cut"  #: Floods of elements or letters were cut before the tolerant parser read them
WRONG_TYPES = "wrong_types"  #: A JSON Feed with values of the wrong type

NOTES = frozenset(
    {
        NOT_WELL_FORMED, TOO_MANY_ENTRIES, TRUNCATED, TYPED_HTML, FIELDS_CUT, WRONG_TYPES,
        CHARSET_WRONG, CHARSET_GUESSED, CHARSET_MIXED, CHARSET_TWICE, CONTROL_CHARACTERS, DOCTYPE, GZIPPED,
        JUNK_AROUND, LOOSE,
    }
)  # fmt: skip
