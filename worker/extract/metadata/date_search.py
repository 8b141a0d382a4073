"""The last resort for a publication date: htmldate's search. The only file that knows htmldate.

Asked only when neither JSON-LD, meta, time elements, the printed date line nor the address tell: it costs more than all
of them together. Its extensive search stays off: it costs each process seconds once, and guesses.
"""

from __future__ import annotations

from htmldate import find_date
from lxml import etree

from .dates import Moment, read_moment


def search_date(root: etree._Element, url: str | None) -> Moment | None:
    """A publication day found by htmldate's patterns; None where there is none. ``root`` is left as it was."""
    try:
        found = find_date(
            root, extensive_search=False, original_date=True, url=url, outputformat="%Y-%m-%d", verbose=False
        )
    except (ValueError, TypeError, AttributeError, OverflowError, etree.LxmlError):
        return None
    return read_moment(found)
