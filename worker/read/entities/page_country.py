"""The country that a page without a dateline is about, by the countries, peoples and capitals that it names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ..syntax.grammar import listed
from ..syntax.tokenizer import Tokens
from .gazetteer import Gazetteer, Name

#: Times that the country must be named, and its share of all such names.
LEAST_NAMED, LEAST_SHARE = 4, 0.6
_TELLING = frozenset({"country", "demonym", "capital", "region"})
#: Sectors of which each body is of one state; departments, parliaments and parties have namesakes abroad.
_FORCES = frozenset({"COP", "MIL", "SPY"})
#: Parliaments that the gazetteer has for the United States.
_PARLIAMENTS = frozenset({"Congress", "Senate"})


def country_of_page(sentences: Sequence[Tokens], table: Gazetteer) -> str | None:
    """The country that most of the page's names of countries, regions, capitals and peoples are of, or None."""
    named: Counter[str] = Counter()
    by_itself: set[str] = set()
    for tokens in sentences:
        i, texts = 0, tokens.text
        while i < len(texts):
            length = 1
            if tokens.capital[i]:
                for words, name in table.names.get(texts[i], ()):
                    if name.country and _tells(name) and tuple(texts[i : i + len(words)]) == words:
                        named[name.country] += 1
                        if name.kind != "demonym":
                            by_itself.add(name.country)
                        length = len(words)
                        break
                else:
                    country = table.people.get(texts[i]) if texts[i + 1 : i + 2] != ["."] else None  # "Sen. Ann Bell"
                    if country is not None:
                        named[country] += 1  # "Trump": whoever speaks of him at length speaks of his country
            i += length
    if not named:
        return None
    country, times = named.most_common(1)[0]
    is_told = times >= LEAST_NAMED and times >= LEAST_SHARE * named.total()
    return country if is_told and country in by_itself else None  # a people alone is talked about at home and abroad


def _tells(name: Name) -> bool:
    """Whether the name says of which country a page is: a country, people, capital, or a force of one state ("the FBI")."""
    return name.kind in _TELLING or (name.kind == "organisation" and name.sector in _FORCES)


def bodies_at_home(sentences: Sequence[Tokens], home: str | None) -> Mapping[str, Name]:
    """What "Congress", "Senate" and "Labour" mean in a text of another country than the one the gazetteer has them for, and
    which never speaks of that one."""
    seen = {text for tokens in sentences for text in tokens.text}
    found: dict[str, Name] = {}
    if "Congress" in seen and len(seen & _INDIAN) > 1 and not seen & _PARLIAMENTS - {"Congress"}:
        found["Congress"] = Name("Indian National Congress", "organisation", "ORG", "IND", "PTY", "IND")
        home = home or "IND"
    if home is None:
        return {}
    if home != "USA" and not seen & _AMERICA:
        for word in sorted(seen & _PARLIAMENTS - set(found)):
            country = home if home in listed("names", f"with_{word.lower()}") else "USA"
            found[word] = Name(word, "organisation", "ORG", country, "LEG", country)
        if home == "IND":
            found["Congress"] = Name("Indian National Congress", "organisation", "ORG", home, "PTY", home)
    if home != "GBR" and "Labour" in seen and not seen & _BRITAIN:
        found["Labour"] = Name("Labour", "organisation", "ORG", home, "PTY", home)
    return found


def spoken_of(sentences: Sequence[Tokens]) -> frozenset[str]:
    """Which of America and Britain the text speaks of: their parties have namesakes elsewhere."""
    seen = {text for tokens in sentences for text in tokens.text}
    told = (("USA", _AMERICA | _CONGRESS), ("GBR", _BRITAIN))
    return frozenset(code for code, words in told if seen & words)


#: Names that stand for American politics where Democrats and Republicans are named.
_CONGRESS = frozenset({"Congress", "Senate", "Senators", "GOP", "Trump", "Obama", "Biden", "Clinton", "Bush", "Republicans",
                       "Republican"})  # fmt: skip
#: Words of Indian politics, two of which make "Congress" the party, though the text speaks of America too.
_INDIAN = frozenset({"BJP", "Bharatiya", "Janata", "Sabha", "Gandhi", "Modi", "MLA", "MLAs", "AAP", "Siddaramaiah", "Kharge",
                     "Punjab", "Gujarat", "Karnataka", "Delhi", "Maharashtra", "Rajasthan", "Hindutva", "Lok"})  # fmt: skip
_BRITAIN = frozenset(
    {"UK", "U.K.", "Britain", "British", "England", "Scotland", "Wales", "London", "Westminster", "Kingdom"}
)
_AMERICA = frozenset({"U.S.", "US", "USA", "America", "American", "Americans", "Washington", "States"})
