"""Whose people a role or group without a country of its own is: of the place, of the country spoken of, or nobody's we know."""

from __future__ import annotations

from ..syntax.grammar import listed
from .coreference import DiscourseModel
from .phrase import Phrase
from .setting import Setting

#: Sectors whose people, where no country is stated, belong to the scene; an actress may be from anywhere.
_OFFICIAL = frozenset({"GOV", "LEG", "JUD", "MIL", "COP", "OPP", "REB", "PTY", "LAB"})
#: Offices of a town or region: their bearer belongs to the place that is spoken of.
_LOCAL_OFFICES = listed("names", "local_offices")
#: Offices that a country has one of.
_SINGLE = frozenset(
    {"president", "prime minister", "king", "queen", "premier", "chancellor", "sultan", "emir", "foreign minister"}
)


_DEPUTIES = frozenset({"deputy", "vice", "junior", "former", "ex", "then", "acting", "state", "assistant"})
_ENVOYS = frozenset({"ambassador", "envoy", "consul", "attache", "attaché", "nuncio"})


def country_of_official(phrase: Phrase, here: Setting, discourse: DiscourseModel, *, is_new: bool) -> str | None:
    """The country of a named official whose title tells none: of the place, the country spoken of, or the article's seat; None
    where the text tells against it. ``is_new``: the text has not named him yet."""
    title = (phrase.title or "").lower()
    if phrase.code is not None or not title or not (phrase.sector in _OFFICIAL or "leader" in title):
        return None
    if any(word in _LOCAL_OFFICES for word in title.split()):
        local = here.place or discourse.recent_place_country()
        if local is not None:
            return local
    if not _ENVOYS.isdisjoint(title.split()):
        return None  # the one country he is of, the other where he is
    likely = (here.earlier(phrase.start), discourse.seat(), here.only() if is_new else None, here.place)
    found = next((code for code in likely if code and has_office(code, title)), None)
    if found is None or (phrase.sector == "GOV" and here.is_guest(phrase.start, found)):
        return None
    single = title in _SINGLE or (title.endswith(" minister") and _DEPUTIES.isdisjoint(title.split()))
    return None if single and discourse.has_bearer(title, found, phrase.canonical) else found


def has_office(country: str, words: str) -> bool:
    """Whether a country can have the office or body: a king only where one reigns, ministers and members of a parliament not
    in the United States. Counted on 943 articles: all of 14 such parties that memory made American were of elsewhere."""
    said = words.lower().split()
    if country == "USA" and not _WESTMINSTER.isdisjoint(said):
        return False
    return country in _MONARCHIES or _ROYAL.isdisjoint(said)


_WESTMINSTER = listed("names", "not_american")
_ROYAL, _MONARCHIES = listed("names", "royal"), listed("names", "monarchies")


def local_country(phrase: Phrase, here: Setting, discourse: DiscourseModel) -> str | None:
    """Police, courts and crowds belong to the place; armies and governments to the country that is spoken of."""
    if phrase.sector in ("REB", "CRM", "REF"):  # not of the country whose army speaks of them
        found = here.place or discourse.recent_place_country()
        foes = [code for code in (*(code for _, code in here.countries), *here.aimed) if code not in here.armed]
        about, home = discourse.topic(), discourse.home
        if home is not None and discourse.total.get(home, 0) >= discourse.total.get(about or "", 0):
            about, home = home, about  # an aside on its neighbours changes nothing
        likely = [code for code in (about, home, *foes) if code]
        return found or next((code for code in likely if code not in here.armed), next(iter(likely), None))
    if here.left and not any(at < phrase.start for at, _ in here.countries):
        return here.place  # the country that is left is the text's topic for now
    if phrase.sector in ("MIL", "GOV"):
        found = here.country(phrase.start, discourse.topic(), aimed=False)
        guest = phrase.kind == "role" and found is not None and here.is_guest(phrase.start, found)
        return None if guest else found
    if phrase.sector == "CVL" and not here.countries:  # people are of the place, else of nowhere we know
        return here.place or discourse.recent_place_country() or discourse.home
    fallback = discourse.home or discourse.recent_place_country() or discourse.topic()
    own = discourse.home if phrase.sector in ("LEG", "JUD") else None  # lawmakers who say what "Mr. Putin" must do
    return here.place or (own if own in dict(here.countries).values() else here.country(phrase.start, fallback))
