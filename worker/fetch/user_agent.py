"""The User-Agent header, and the word under which robots.txt files know us."""

from __future__ import annotations

from .. import __version__
from ..settings import FetchSettings

PRODUCT = "Dateline"


def user_agent(settings: FetchSettings) -> str:
    """Return the User-Agent: the operator's own, or the product with its version and the operator's contact."""
    if settings.user_agent:
        return settings.user_agent
    contact = f"; +{settings.contact}" if settings.contact else ""
    return f"{PRODUCT}/{__version__} (news feed reader{contact})"
