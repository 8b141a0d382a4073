"""A page, taken apart: main text as paragraphs, pictures' captions, and what the page says about itself.

`extract_page` reads a page, `extract_entry` what the feed itself gave. Both are synchronous and made to run in a child
process: they hold no state but bounded caches. The order of work is `extract_page`; each step has its own file.
"""

from __future__ import annotations

from .feed_text import extract_entry
from .page import extract_page

__all__ = ["extract_entry", "extract_page"]
