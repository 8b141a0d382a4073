"""How a noun phrase opens: a pronoun, "the two sides", determiners and numbers."""

from __future__ import annotations

from ..syntax.grammar import listed
from .matcher import Matches
from .phrase import Phrase

_OF_GROUPS = listed("names", "of_groups")
_EXPLETIVE = listed("names", "expletive")


class Openers(Matches):
    """Matches of one sentence with the phrases read so far, in the order read."""

    phrases: list[Phrase]

    def text(self, i: int, j: int) -> str:
        """Tokens ``i:j`` with single spaces (for titles and canonical names)."""
        return (
            " ".join(self.t.text[i:j]).replace(" .", ".").replace(" 's", "'s").replace(" ’s", "’s").replace(" ,", ",")
        )

    def _pronoun(self, i: int) -> tuple[Phrase | None, int]:
        low = self.t.low[i]
        if low == "it" and not _EXPLETIVE.isdisjoint(self.t.low[i + 1 : i + 2]):
            return None, i + 1
        phrase = Phrase(
            i, i + 1, i, i + 1, "pronoun", "PRONOUN", low, resolved_by="pronoun", noun=self.lex.pronouns[low]
        )
        phrase.plural = phrase.noun == "plural"
        self.phrases.append(phrase)
        return phrase, i + 1

    def _sides(self, i: int) -> tuple[Phrase | None, int] | None:
        low = self.t.low[i]
        for said in self.lex.sides.get(low, ()):
            j = i + len(said)
            if tuple(self.t.low[i:j]) == said:
                phrase = Phrase(
                    i, j, i, j, "back", "GROUP", " ".join(said), resolved_by="memory", noun="sides", plural=True
                )
                self.phrases.append(phrase)
                return phrase, j
        return self._two(i) if low == "the" else None

    def _two(self, i: int) -> tuple[Phrase | None, int] | None:
        """ "The two presidents": the two just spoken of."""
        if i + 2 >= len(self.t.low) or self.t.low[i + 1] != "two":
            return None
        noun = self.noun_at[i + 2]
        if noun is None or not noun[1].plural or noun[1].sector != "GOV":
            return None
        j = i + 2 + noun[0]
        phrase = Phrase(
            i, j, i, j, "back", "GROUP", self.text(i, j).lower(), resolved_by="memory", noun="sides", plural=True
        )
        self.phrases.append(phrase)
        return phrase, j

    def _determiner(self, i: int) -> tuple[int, str | None]:
        opener, lows, count = None, self.t.low, len(self.t.low)
        if i < count and lows[i] not in self.lex.openers and not lows[i][0].isdigit():
            return i, None  # most words
        for _ in range(5):
            low = lows[i] if i < count else ""
            follow = lows[i + 1] if i + 1 < count else ""
            if low == "that" and follow not in self.lex.country_nouns and follow not in ("government", "regime"):
                break  # "said that President X", not "that president"
            if low in self.lex.determiners and not (low == "at" and follow not in ("least", "most")):
                opener = opener or low
            elif (
                low in self.lex.possessives
                or (low in ("least", "than", "about") and opener)
                or low in self.lex.numbers
                or (low and low[0].isdigit() and ":" not in low)
            ):
                opener = low if low in self.lex.possessives else opener or low
            elif low == "of" and opener in _OF_GROUPS:
                pass
            else:
                break
            i += 1
        return i, opener
