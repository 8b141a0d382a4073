"""Agencies in wire text, as the contract has them; the list is `dateline.text.agencies`."""

from __future__ import annotations

from ...contract.article import Agency
from ...text.agencies import Signature, by_id, signatures


def agency_of(signature: Signature) -> Agency:
    """Return the contract's record of an agency."""
    return Agency(id=signature.id, name=signature.name)


def agency_named(text: str | None) -> Agency | None:
    """Return the agency that ``text`` signs for ("The Associated Press", "AFP"), or None; a broadcaster is no agency."""
    if not text:
        return None
    found = signatures().get(" ".join(text.lower().split()))
    return agency_of(found) if found and not found.is_loose and not found.is_broadcaster else None


def agency_with_id(name: str | None) -> Agency | None:
    """Return the agency of an id, or None."""
    found = by_id().get(name or "")
    return agency_of(found) if found else None
