"""Selects stream entries by the attributes of their envelope, before ``data`` is parsed: for consumers and forwarders.

An attribute selects among the records that have it. Only events have a PLOVER type, so a selection by it leaves articles
out; only events have a confidence, so a least confidence lets articles pass. A retraction has neither, nor countries, and
passes all three: it may take back an event that was selected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from .envelope import MAX_ATTRIBUTE_LENGTH, TYPES

RETRACTED = "dateline.event.retracted"
#: PLOVER 2.0's event types.
PLOVER_TYPES = (
    "ACCUSE", "AGREE", "AID", "ASSAULT", "COERCE", "CONCEDE", "CONSULT", "COOPERATE", "MOBILIZE", "PROTEST", "REJECT",
    "REQUEST", "RETREAT", "SANCTION", "SUPPORT", "THREATEN",
)  # fmt: skip


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are wanted; an empty option selects all. Use `Selection.of`, which checks the values.

    Attributes:
        types: ``event``, ``event.reported``, ``article.published``, ..., with or without ``dateline.``.
        plover: PLOVER types, in capitals.
        countries: ISO 3166 alpha-3; one of the entry's countries must be among them.
        publishers: As in the envelope's ``publisher``.
        languages: BCP 47; ``en`` selects ``en-GB`` too.
        min_confidence: 0 to 1; only events have a confidence.
    """

    types: tuple[str, ...] = ()
    plover: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    min_confidence: float = 0.0

    @classmethod
    def of(
        cls,
        *,
        types: str | Iterable[str] = (),
        plover: str | Iterable[str] = (),
        countries: str | Iterable[str] = (),
        publishers: str | Iterable[str] = (),
        languages: str | Iterable[str] = (),
        min_confidence: float = 0.0,
    ) -> Selection:
        """Return a selection of one value or several of each kind. Raises ValueError for a value that selects nothing."""
        kinds = tuple(name.removeprefix("dateline.") for name in _listed(types))
        for kind in kinds:
            if not any(f"{name}.".startswith(f"dateline.{kind}.") for name in TYPES):
                known = ", ".join(name.removeprefix("dateline.") for name in TYPES)
                raise ValueError(f"types: {kind!r} is no type of the stream; there are event, article, {known}")
        actions = tuple(name.upper() for name in _listed(plover))
        for action in actions:
            if action not in PLOVER_TYPES:
                raise ValueError(f"plover: {action!r} is no PLOVER type; there are {', '.join(PLOVER_TYPES)}")
        codes = tuple(code.upper() for code in _listed(countries))
        for code in codes:
            if not (len(code) == 3 and code.isascii() and code.isalpha()):
                raise ValueError(f"countries: {code!r} is no ISO 3166 alpha-3 code, such as FRA")
        if not 0.0 <= min_confidence <= 1.0:
            raise ValueError(f"min_confidence: {min_confidence} is not between 0 and 1")
        return cls(
            types=kinds, plover=actions, countries=codes, publishers=_listed(publishers),
            languages=tuple(tag.lower() for tag in _listed(languages)), min_confidence=float(min_confidence),
        )  # fmt: skip

    @property
    def is_everything(self) -> bool:
        """Return whether nothing is left out."""
        return self == Selection()

    def wants(self, attributes: Mapping[str, str]) -> bool:
        """Return whether an entry with these attributes is wanted. An attribute that is missing is read as empty."""
        if self.is_everything:
            return True
        name = attributes.get("type", "")[:MAX_ATTRIBUTE_LENGTH]
        kind = name.removeprefix("dateline.")
        if self.types and not any(kind == given or kind.startswith(f"{given}.") for given in self.types):
            return False
        if self.publishers and attributes.get("publisher", "") not in self.publishers:
            return False
        if self.languages and not self._speaks(attributes.get("lang", "").lower()):
            return False
        return name == RETRACTED or self._wants_event(attributes)

    def _speaks(self, tag: str) -> bool:
        return any(tag == given or tag.startswith(f"{given}-") for given in self.languages)

    def _wants_event(self, attributes: Mapping[str, str]) -> bool:
        if self.plover and attributes.get("plover", "") not in self.plover:
            return False
        if self.countries and not set(attributes.get("countries", "").split(",")) & set(self.countries):
            return False
        if not self.min_confidence or "confidence" not in attributes:
            return True
        try:
            return float(attributes["confidence"]) >= self.min_confidence
        except ValueError:
            return True  # the entry is malformed; whoever reads it says so


def _listed(values: str | Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)
