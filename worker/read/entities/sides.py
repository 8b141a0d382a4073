"""Who "the two sides", "both countries" and "the two presidents" are: persons, bodies or countries just spoken of."""

from __future__ import annotations

from dataclasses import replace

from . import gazetteer
from .coreference import DiscourseModel, Known
from .phrase import Phrase

_PEOPLE = frozenset(
    {"leaders", "presidents", "ministers", "men", "heads", "premiers", "officials", "diplomats", "generals"}
)
_LANDS = frozenset({"countries", "nations", "states", "governments", "neighbors", "neighbours", "allies", "powers"})
#: Offices whose bearers are no others: "the two presidents" are not the two ministers just named.
_OFFICES = {"presidents": "president", "ministers": "minister", "premiers": "premier", "generals": "general"}


def two_sides(phrase: Phrase, discourse: DiscourseModel) -> list[Known]:
    """The entities that a phrase for two parties stands for; empty where the article has not spoken of two."""
    said = phrase.canonical.split()
    people, lands = (any(word in kind for word in said) for kind in (_PEOPLE, _LANDS))
    office = next((_OFFICES[word] for word in said if word in _OFFICES), None)
    if office is not None and (bearers := _bearers(said, office, discourse)) is not None:
        return bearers
    sides = discourse.sides(people=people, lands=lands)
    if lands and not sides:
        return _two_lands(discourse)
    return [_land(side, phrase, discourse) for side in sides] if lands else sides


def _bearers(said: list[str], office: str, discourse: DiscourseModel) -> list[Known] | None:
    """The two who bear the office, else the office of each of the article's two countries; None where it has no two."""
    named = [k for k in discourse.recent.values() if k.type in ("PERSON", "ROLE") and office in _title(k)]
    named = sorted((k for k in named if not k.plural), key=lambda k: -discourse.now(k))
    if len({k.country for k in named}) > 1:
        other = next(k for k in named if k.country != named[0].country)
        return [named[0], other]
    lands = [k for k in discourse.sides(lands=True) if k.country] or _two_lands(discourse)
    if len(lands) < 2:
        return None
    word = " ".join(w for w in said if w not in ("the", "two", "both"))
    return [_office_of(k.country or "", word, office, discourse, named) for k in lands]


def _two_lands(discourse: DiscourseModel) -> list[Known]:
    """The two countries that the article is about, by how often and how lately it names them or their people; else none."""
    codes = sorted(discourse.total, key=lambda code: (-min(discourse.total[code], 4), -discourse.about.get(code, 0.0)))
    sides = [code for code in codes if code not in discourse.outside]
    found = []
    for code in (sides if len(sides) > 1 else codes)[:2]:
        name = gazetteer.country_name(code) or code
        phrase = Phrase(0, 0, 0, 0, "country", "COUNTRY", name, code, None, code)
        found.append(discourse.find_or_add(("country", code), phrase))
    return found if len(found) == 2 else []


def _title(known: Known) -> list[str]:
    return (known.title or known.noun or "").lower().split()


def _office_of(country: str, plural: str, office: str, discourse: DiscourseModel, named: list[Known]) -> Known:
    """The one who bears the office in that country, by name where the article has it."""
    bearer = next((k for k in named if k.country == country), None)
    if bearer is not None:
        return bearer
    noun = plural.replace(office + "s", office)
    canonical = f"{gazetteer.country_name(country) or country} {noun}"
    phrase = Phrase(0, 0, 0, 0, "role", "ROLE", canonical, country, "GOV", country)
    phrase.noun = noun
    return discourse.find_or_add(("common", noun, country, "GOV", canonical), phrase, canonical)


def _land(side: Known, phrase: Phrase, discourse: DiscourseModel) -> Known:
    """The country that a side is of: "both nations" are no ministers."""
    code = side.country
    if side.type == "COUNTRY" or code is None:
        return side
    name = gazetteer.country_name(code) or side.canonical
    whole = replace(phrase, kind="country", type="COUNTRY", canonical=name, country=code, code=code, plural=False)
    return discourse.find_or_add(("country", code), whole)
