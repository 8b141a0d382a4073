"""The closed set of words in ``ParsedFeed.notes``: what was odd about a document, fit for a counter's label."""

from __future__ import annotations

from ..encoding.charset import CHARSET_GUESSED, CHARSET_MIXED, CHARSET_WRONG

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

ALL = frozenset(
    {
        NOT_WELL_FORMED, TOO_MANY_ENTRIES, TRUNCATED, TYPED_HTML, FIELDS_CUT, WRONG_TYPES,
        CHARSET_WRONG, CHARSET_GUESSED, CHARSET_MIXED, CONTROL_CHARACTERS, DOCTYPE, GZIPPED, JUNK_AROUND, LOOSE,
    }
)  # fmt: skip
