"""What follows a verb or noun in its clause: objects, prepositional phrases, the particle and the dependent verb."""

from __future__ import annotations

from dataclasses import dataclass, field

from .chunks import REACH, Chunk, Clauses
from .tagger import CLAUSE_TAKERS


def coordinated_right(clauses: Clauses, k: int, *, whole: bool = False) -> list[int]:
    """The noun phrases of a list that begins with ``k``; stops where one of them turns out to be the next subject.

    ``whole`` is for "between A and B", whose list never does.
    """
    chunks, found, by_comma = clauses.chunks, [k], False
    while len(found) < 12:
        j = end_of_chain(clauses, found[-1]) + 1
        comma = j < len(chunks) and chunks[j].kind == ","
        if comma:
            j += 1
        conjoined = (
            j < len(chunks) and chunks[j].kind == "C" and chunks[j].word in ("and", "or", "&", "as well as", "plus")
        )
        if conjoined:
            j += 1
        if not (comma or conjoined) or j >= len(chunks) or chunks[j].kind != "NP":
            break
        after = end_of_chain(clauses, j) + 1
        if after < len(chunks) and chunks[after].kind == "VG" and chunks[after].finite and not whole:
            if conjoined and by_comma:
                found.pop()  # "sent a plane over the sea, the group and the army said"
            break
        by_comma = comma and not conjoined
        if comma and not conjoined and not _list_goes_on(clauses, after):
            break
        found.append(j)
    return found


def countries_joined(clauses: Clauses, k: int) -> list[int]:
    """The countries of a list that begins with ``k``, whatever follows it: "warships from Chile and Peru sailed"."""
    kinds = clauses.tokens.kind
    return [m for m in coordinated_right(clauses, k, whole=True) if kinds[clauses.chunks[m].head] == "COUNTRY"]


def _list_goes_on(clauses: Clauses, k: int) -> bool:
    """True when a comma list reaches its "and" soon, which an appositive does not."""
    for chunk in clauses.chunks[k : k + 8]:
        if chunk.kind == "C":
            return True
        if chunk.kind not in (",", "NP", "P"):
            return False
    return False


def end_of_chain(clauses: Clauses, k: int) -> int:
    """The last chunk of "X of Y of Z" that begins with the noun phrase ``k``."""
    chunks = clauses.chunks
    while (
        k + 2 < len(chunks) and chunks[k + 1].kind == "P" and chunks[k + 1].word == "of" and chunks[k + 2].kind == "NP"
    ):
        k += 2
    return k


@dataclass(slots=True)
class Complements:
    """What follows a verb or noun: direct objects (lists of noun phrases), prepositional phrases, the particle word."""

    objects: list[list[int]] = field(default_factory=list)
    after_particle: list[int] = field(
        default_factory=list
    )  #: "hand over a suspect": the noun phrase behind the particle
    prepositions: list[tuple[str, list[int], int]] = field(default_factory=list)
    particle: str = ""
    verb: int = -1  #: the next dependent verb group (infinitive, gerund or clause), or -1
    link: str = ""  #: how it hangs on: to, ing, that, bare, or the preposition
    end: int = -1  #: index of the last chunk that belongs here


_PARTICLES = frozenset(["off", "up", "down", "out", "over", "away", "back", "on", "in", "through"])
_FOLLOWERS = _PARTICLES | {"ahead", "together", "forward", "apart", "aside"}


def complements(clauses: Clauses, k: int) -> Complements:
    """Objects, prepositional phrases and the dependent verb after the chunk ``k``, up to the end of its clause.

    Where we find no object, a parse may have one.
    """
    found = _complements(clauses, k)
    if k in clauses.objects and not found.objects and not found.after_particle:
        found.objects.append(clauses.objects[k])
    return found


def _complements(clauses: Clauses, k: int) -> Complements:
    chunks, tokens = clauses.chunks, clauses.tokens
    found = Complements(end=k)
    follower = chunks[k].last + 1
    if follower < len(tokens.low) and tokens.low[follower] in _FOLLOWERS:
        found.particle = tokens.low[follower]
    j, limit = k + 1, min(len(chunks), k + REACH)
    while j < limit and (after := _take(found, clauses, k, j)):
        j = after
    if not found.objects and not found.prepositions and chunks[k].kind == "VG" and _shares_object(chunks, j):
        found.objects = complements(clauses, j + 1).objects
    found.end = max(found.end, min(j - 1, len(chunks) - 1))
    return found


def _take(found: Complements, clauses: Clauses, k: int, j: int) -> int:
    """Take what begins at the chunk ``j`` as a complement of ``k``; the index behind it, 0 where the clause ends here."""
    kind = clauses.chunks[j].kind
    if kind == "NP":
        return _take_object(found, clauses, k, j)
    if kind == "P":
        return _take_preposition(found, clauses, k, j)
    if kind == "VG":
        return _take_verb_group(found, clauses.chunks[j], j)
    if kind == "S":
        return _take_clause(found, clauses, j)
    if kind == '"' or (kind == "," and k < j - 1 and _goes_on(clauses, j)):
        return j + 1
    return _aside_ends(clauses, j) if kind == "," else 0


def _take_object(found: Complements, clauses: Clauses, k: int, j: int) -> int:
    """Take a list of noun phrases, unless it is the subject of a verb behind it: "said Israel attacked"."""
    chunks = clauses.chunks
    group = coordinated_right(clauses, j)
    after = end_of_chain(clauses, group[-1]) + 1
    if after >= len(chunks) or chunks[after].kind != "VG" or not chunks[after].finite:
        found.objects.append(group)
        return after
    relative = chunks[k - 1].kind == "Q" if k else False
    if relative and chunks[k].word not in CLAUSE_TAKERS:  # "the man who stabbed an officer was"
        found.objects.append(group)
        found.end = j
    else:
        found.verb, found.link = after, "bare"
    return 0


def _take_preposition(found: Complements, clauses: Clauses, k: int, j: int) -> int:
    """Take a preposition with its noun phrases, or with the verb that it governs."""
    chunks, word = clauses.chunks, clauses.chunks[j].word
    if j + 1 >= len(chunks):
        return 0
    follows = chunks[j + 1]
    if follows.kind == "VG":
        if not follows.finite:
            found.verb, found.link = j + 1, word
        return 0
    if follows.kind == "P":
        return j + 1
    if follows.kind != "NP":
        return j + 1 if word in _PARTICLES and follows.kind in ("S", "Q") else 0
    group = coordinated_right(clauses, j + 1, whole=word in ("between", "among"))
    after = end_of_chain(clauses, group[-1]) + 1
    if word in ("after", "before", "since", "until", "as", "because", "than") and _clause_ahead(clauses, after):
        return 0
    found.prepositions.append((word, group, j + 1))
    if j == k + 1 and chunks[k].kind == "VG" and word == found.particle:
        found.after_particle = group
    return after


def _take_verb_group(found: Complements, group: Chunk, j: int) -> int:
    """Take an infinitive or gerund as the dependent verb; pass over a participle."""
    if group.infinitive:
        found.verb, found.link = j, "inf"
    elif not group.finite and group.form == "g":
        found.verb, found.link = j, "ing"
    elif not group.finite and group.passive:
        return j + 1
    return 0


def _take_clause(found: Complements, clauses: Clauses, j: int) -> int:
    """Take the verb of the clause that "that" or "whether" opens, or the object in "what it calls the hostile policy"."""
    word = clauses.chunks[j].word
    if word == "what" and (named := _what_it_calls(clauses.chunks, j)):
        found.objects.append([named])
        return end_of_chain(clauses, named) + 1
    if word in ("that", "how", "why", "what", "if", "whether"):
        following = _next_finite(clauses, j)
        if following >= 0:
            found.verb, found.link = following, word
    return 0


def _shares_object(chunks: list[Chunk], j: int) -> bool:
    """ "rammed and boarded two boats": the second verb's object is the first one's too."""
    if j + 2 >= len(chunks) or chunks[j].kind != "C" or chunks[j + 1].kind != "VG" or chunks[j + 2].kind != "NP":
        return False
    return not chunks[j + 1].passive and not chunks[j + 1].infinitive


_NAMING = frozenset({"call", "describe", "term", "see", "regard", "consider", "label"})


def _what_it_calls(chunks: list[Chunk], j: int) -> int:
    """The object in "lambasting what it calls the hostile policy" and "fired what appeared to be a missile", or 0."""
    after = chunks[j + 1 : j + 4]
    if len(after) < 3 or after[2].kind != "NP":
        return 0
    calls = after[0].kind == "NP" and after[1].word in _NAMING
    seems = after[0].word in ("appear", "seem") and after[1].word == "be"
    return j + 3 if calls or seems else 0


def _aside_ends(clauses: Clauses, j: int) -> int:
    """Past a short aside between commas after which an infinitive or "that" goes on, else 0."""
    chunks = clauses.chunks
    for m in range(j + 1, min(j + 6, len(chunks) - 1)):
        if chunks[m].kind == ",":
            following = chunks[m + 1]
            return m + 1 if (following.kind == "VG" and following.infinitive) or following.word == "that" else 0
        if chunks[m].kind not in ("NP", "P"):
            return 0
    return 0


def _goes_on(clauses: Clauses, j: int) -> bool:
    """Whether the clause goes on behind the comma: ", including travel bans, on Burmese generals", ", with the leaders"."""
    chunks = clauses.chunks
    if j + 2 >= len(chunks) or chunks[j + 1].kind != "P" or chunks[j + 2].kind != "NP":
        return False
    if chunks[j + 1].word == "including":
        return True
    after = end_of_chain(clauses, j + 2) + 1
    ends = after >= len(chunks) or chunks[after].kind in (";", ",", "C")
    named = clauses.tokens.mention[chunks[j + 2].head] >= 0
    return chunks[j + 1].word in ("with", "against", "on") and ends and named


def _next_finite(clauses: Clauses, j: int) -> int:
    for m in range(j + 1, min(j + REACH, len(clauses.chunks))):
        chunk = clauses.chunks[m]
        if chunk.kind == "VG" and chunk.finite:
            return m
        if chunk.kind == ";":
            return -1
    return -1


def _clause_ahead(clauses: Clauses, k: int) -> bool:
    return k < len(clauses.chunks) and clauses.chunks[k].kind == "VG" and clauses.chunks[k].finite
