"""Subjects of verb groups: who does what the verb says, across relative clauses, participles, lists and asides."""

from __future__ import annotations

from ..lexicon import listed
from .chunks import REACH, Chunk, Clauses, noun_chain_head
from .coordination import PLACES, coordinated_left, is_tag_verb, is_wider_place
from .embedded import in_relative, over_complement, reduced_before, relative_before
from .tagger import CLAUSE_TAKERS

#: Prepositions under which a participle keeps the subject of the clause: "by banning", "after meeting".
SUBJECT_KEEPERS = listed("subject_keepers")
#: What says something in somebody's name.
DOCUMENTS = listed("documents")


def subject(clauses: Clauses, v: int) -> list[int]:
    """Chunk indices of the noun phrases that are the grammatical subject of the verb group ``v``; empty when none is near."""
    known = clauses.subjects.get(v)
    if known is None:
        clauses.subjects[v] = []  # a cycle finds nothing
        known = clauses.subjects[v] = _find_subject(clauses, v)
    return known


def _find_subject(clauses: Clauses, v: int) -> list[int]:
    chunks = clauses.chunks
    verb = chunks[v]
    k = v - 1
    while k >= 0 and chunks[k].kind == '"':
        k -= 1
    if verb.word == "be" and verb.first and clauses.tokens.low[verb.first - 1] == "there":
        return []  # "the captain said there were six arrests": nobody's that we know
    if k < v - 1 and verb.finite and is_tag_verb(clauses, v):
        return [v + 1]
    if k < 0:
        return _after_opening_participle(clauses, v) if not verb.finite else []
    if chunks[k].word in _HELD and k > 1 and chunks[k - 1].kind == "NP":
        k -= 1  # "a group holding three workers hostage demanded"
    kind = chunks[k].kind
    if verb.infinitive:
        return _infinitive_subject(clauses, k)
    if kind == "NP":
        head = noun_chain_head(clauses, k - 2 if is_wider_place(clauses, k) else k)
        if head >= 2 and chunks[head - 1].kind == "P" and chunks[head - 2].kind == "Q":
            return _antecedent(clauses, head - 2)  # "Rabuka, who in turn praised"
        if (relative := relative_before(chunks, head)) >= 0:
            return _antecedent(clauses, relative)
        if verb.finite and chunks[head - 1].kind == "P" and (long_before := _main_subject(clauses, v, head)) >= 0:
            return _antecedent(clauses, long_before)
        if (
            verb.form == "g"
            and not verb.finite
            and chunks[k - 1].word == "about"
            and clauses.tokens.mention[chunks[k].head] >= 0
        ):
            return [k]  # "his announcement about troops killing the chief"
        if verb.form == "g" and not verb.finite and head > 0 and _gives_out(chunks[head - 1], chunks[head]):
            return subject(clauses, head - 1)  # "issued a statement condemning", "passed a law banning"
        group = coordinated_left(clauses, head)
        if len(group) > 1 and verb.finite and _singular(clauses, verb) and _by_and(chunks, group[-1]):
            group = group[-1:]  # "will visit Cairo and Rome is waiting"
        reduced = reduced_before(chunks, group[0])
        return subject(clauses, reduced) if reduced >= 0 else group
    if kind == "Q":
        return _antecedent(clauses, k)
    if kind == "C":
        adverbs = (
            k > 0 and [clauses.tokens.tag[i : i + 1] for i in (chunks[k].first - 1, chunks[k].first + 1)] == [["Y"]] * 2
        )
        if adverbs and chunks[k - 1].kind == "NP":  # "the country deliberately and repeatedly has violated"
            return coordinated_left(clauses, noun_chain_head(clauses, k - 1))
        return _shared_subject(clauses, k)
    if kind == ",":
        return _across_comma(clauses, v, k)
    if kind == "P":
        previous = _previous_verb(clauses, k)
        return subject(clauses, previous) if previous >= 0 and chunks[k].word in SUBJECT_KEEPERS else []
    if kind == "VG":
        return _across_verb(clauses, k, aside=verb.finite)
    if kind == "S" and not verb.finite:
        previous = _previous_verb(clauses, k)
        return subject(clauses, previous) if previous >= 0 else _after_opening_participle(clauses, v)
    return []


def _across_verb(clauses: Clauses, k: int, *, aside: bool) -> list[int]:
    """The subject of the verb before; or, where that may be an ``aside``, what it is said of."""
    chunks = clauses.chunks
    aside = aside and k >= 2 and chunks[k].word in CLAUSE_TAKERS and chunks[k - 1].kind == "NP"
    if aside and (chunks[k - 2].kind == "Q" or (k > 2 and chunks[k - 2].word == "that" and chunks[k - 3].kind == "NP")):
        return _antecedent(clauses, k - 2)  # "the regulator, which critics say has failed"
    return subject(clauses, k)


_HELD = frozenset({"hostage", "captive", "prisoner"})


def _gives_out(verb: Chunk, paper: Chunk) -> bool:
    """Whether who does the verb speaks through the paper: "wrote a letter", "adopted a law", not "opposed a law"."""
    if verb.kind != "VG":
        return False
    return paper.word in DOCUMENTS or (paper.word in _LAWS and verb.word in _ENACTING)


_LAWS = frozenset({"bill", "law", "legislation", "decree", "act", "ordinance", "order", "measure", "amendment"})
_ENACTING = frozenset({"pass", "adopt", "approve", "enact", "sign", "issue"})


def _by_and(chunks: list[Chunk], k: int) -> bool:
    """Whether "and" joins the noun phrase ``k`` to one that a verb stands before: an object of the clause before."""
    if k < 2 or chunks[k - 1].word != "and":
        return False
    j = k - 2 - (chunks[k - 2].kind == ",")
    while j > 0 and chunks[j].kind in ("NP", "P"):
        j -= 1
    return chunks[j].kind == "VG"


def _main_subject(clauses: Clauses, v: int, head: int) -> int:
    """The relative pronoun behind the sentence's subject, where the last finite verb ``v`` follows a phrase of time that is
    none: "A minister who could help after the pullout held a meeting"; else -1."""
    chunks = clauses.chunks
    pronoun = next((j for j in range(head) if chunks[j].kind == "Q"), -1)
    if pronoun < 1 or any(c.kind == "VG" and c.finite for c in chunks[:pronoun]):
        return -1
    inside = any(c.kind == "VG" and c.finite for c in chunks[pronoun:head])
    later = any(c.kind == "VG" and c.finite and c.word not in CLAUSE_TAKERS for c in chunks[v + 1 :])
    return pronoun if inside and not later and clauses.tokens.mention[chunks[pronoun - 1].head] >= 0 else -1


def _after_opening_participle(clauses: Clauses, v: int) -> list[int]:
    """ "Speaking in Rome, the pope ...": the noun phrase after the comma that ends the participle's clause."""
    chunks = clauses.chunks
    for k in range(v + 1, min(v + REACH, len(chunks) - 1)):
        if chunks[k].kind == "," and chunks[k + 1].kind == "NP":
            return [k + 1]
        if chunks[k].kind == "VG" and chunks[k].finite:
            return []
    return []


def _previous_verb(clauses: Clauses, k: int, *, finite: bool = False) -> int:
    """The nearest verb group before ``k`` in reach, or -1."""
    for j in range(k - 1, max(-1, k - REACH), -1):
        chunk = clauses.chunks[j]
        if chunk.kind == ";":
            return -1
        if chunk.kind == "VG" and (chunk.finite or not finite):
            return j
    return -1


def _infinitive_subject(clauses: Clauses, k: int) -> list[int]:
    """ "X agreed to go": X. "X urged Y to go": Y. "the decision to go": whoever owns the decision."""
    chunks = clauses.chunks
    if chunks[k].kind == "VG":
        return subject(clauses, k)
    if chunks[k].kind == "NP":
        head = noun_chain_head(clauses, k)
        if head > 0 and chunks[head - 1].kind == "VG":
            governor = head - 1
            if chunks[governor].word in OBJECT_CONTROL and not chunks[governor].passive:
                return [head]
            return subject(clauses, governor)
        mover = _previous_verb(clauses, head) if head > 0 and chunks[head - 1].kind == "P" else -1
        if mover >= 0 and chunks[mover].word in MOVING and not chunks[mover].passive:
            return subject(clauses, mover)  # "sailed out of the port on Thursday to begin"
        return [head]
    if chunks[k].kind in ("C", ","):
        previous = _previous_verb(clauses, k)
        return subject(clauses, previous) if previous >= 0 else []
    return []


#: Verbs of motion: their subject does what an infinitive behind a place or day says.
MOVING = frozenset(
    {form for word in ("sail", "travel", "gather", "arrive", "march", "return", "move", "rush", "enter", "land", "convene")
     for form in (word, word.removesuffix("e") + "ed")}
    | {"fly", "flew", "meet", "met", "go", "went", "come", "came", "head", "headed", "leave", "left", "set"}
)  # fmt: skip
#: Verbs whose object does what the infinitive says.
OBJECT_CONTROL = listed("object_control")


def _antecedent(clauses: Clauses, k: int) -> list[int]:
    """The noun phrase that "who", "which" or "that" at chunk ``k`` stands for."""
    chunks = clauses.chunks
    j = k - 1
    if j >= 0 and chunks[j].kind == "P":
        return []
    while j >= 0 and chunks[j].kind in (",", '"'):
        j -= 1
    if j < 0 or chunks[j].kind != "NP":
        return []
    if chunks[k].word == "who" and (owner := _person_before(clauses, j)) >= 0:
        return coordinated_left(clauses, owner)
    if chunks[k].word == "who" and k + 1 < len(chunks) and _singular(clauses, chunks[k + 1]):
        return [j]  # "A and B, who was freed"
    if chunks[k].word == "who":
        return coordinated_left(clauses, j) if j < 2 or chunks[j - 1].kind != "P" or chunks[j - 1].word != "of" else [j]
    return [j]


def _singular(clauses: Clauses, verb: Chunk) -> bool:
    """Whether the verb group's first word agrees with one person only."""
    return verb.kind == "VG" and clauses.tokens.low[verb.first] in ("was", "is", "has")


def _person_before(clauses: Clauses, j: int) -> int:
    """The noun phrase for people before the place or body at ``j``, in "a woman linked to al-Qaeda who"; or -1."""
    chunks, kinds = clauses.chunks, clauses.tokens.kind
    if kinds[chunks[j].head] not in _NO_PEOPLE:
        return -1
    for i in range(j - 1, max(-1, j - 9), -1):
        chunk = chunks[i]
        if chunk.kind == "NP" and kinds[chunk.head] not in _NO_PEOPLE:
            return noun_chain_head(clauses, i)
        if chunk.kind not in ("NP", "P") and not (chunk.kind == "VG" and not chunk.finite):
            return -1
    return -1


#: Kinds of name that "who" does not take up where people stand before them.
_NO_PEOPLE = frozenset({"COUNTRY", "CITY", "REGION", "LOC", "FACILITY", "ORG", "IGO"})


def _shared_subject(clauses: Clauses, k: int) -> list[int]:
    """After "and" the verb shares the subject of the verb before it, unless that one stands in a relative clause."""
    if k and (dashed := _between_dashes(clauses, k - 1)) and any(c.kind == "VG" for c in clauses.chunks[:k]):
        opening = next(j for j in range(k - 2, -1, -1) if clauses.tokens.low[clauses.chunks[j].first] in _DASHES)
        before = _previous_verb(clauses, opening, finite=True)
        return subject(clauses, before) if before >= 0 else dashed  # "trashed the pact - which X backs - and left"
    previous = _previous_verb(clauses, k)
    past = clauses.chunks[k + 1].form in "xd" if k + 1 < len(clauses.chunks) else False
    while previous >= 0 and (not clauses.chunks[previous].finite or (past and _subjunctive(clauses, previous))):
        earlier = _previous_verb(clauses, previous)
        if earlier < 0:
            break
        previous = earlier
    if previous >= 0:
        previous = over_complement(clauses, previous, k)
    if (
        previous >= 0 and k and clauses.chunks[k - 1].kind == "," and not _goes_on(clauses, previous, k)
    ):  # "recalled its envoy after a ship sank, and demanded"
        previous = _over_adverbial(clauses, previous)
    return subject(clauses, previous) if previous >= 0 else []


def _over_adverbial(clauses: Clauses, v: int) -> int:
    """The finite verb before the clause of time or reason in which ``v`` stands, or ``v`` itself."""
    chunks = clauses.chunks
    for j in range(v - 1, max(0, v - REACH), -1):
        if chunks[j].kind in (";", "Q") or (chunks[j].kind == "VG" and chunks[j].finite):
            return v
        if chunks[j].kind in ("S", "P") and chunks[j].word in _ADVERBIAL:
            outer = _previous_verb(clauses, j, finite=True)
            return outer if outer >= 0 and chunks[outer].word not in CLAUSE_TAKERS else v
    return v


def _goes_on(clauses: Clauses, v: int, k: int) -> bool:
    """Whether the clause of ``v`` goes on behind an aside that lists ("killed 44, including six children, and injured")."""
    chunks = clauses.chunks
    return any(chunks[j].kind == "," and "including" in _words(clauses, j + 1) for j in range(v + 1, k - 1))


def _words(clauses: Clauses, k: int) -> list[str]:
    """The words of chunk ``k``, in lower case."""
    return clauses.tokens.low[clauses.chunks[k].first : clauses.chunks[k].last + 1]


_ADVERBIAL = frozenset({"after", "before", "when", "while", "as", "because", "since", "until", "once"})


def _subjunctive(clauses: Clauses, v: int) -> bool:
    """ "Demanded that the firm withdraw it and marched": the bare verb of a demand does not go on in the past."""
    verb = clauses.chunks[v]
    return (
        verb.form == "b"
        and verb.aux < 0
        and not verb.modal
        and "that" in clauses.tokens.low[max(0, verb.first - 8) : verb.first]
    )


def _agent(clauses: Clauses, verb: int, end: int) -> list[int]:
    """The noun phrase after "by" or "in" between a passive verb and chunk ``end``: who or what did it; empty where none is."""
    chunks = clauses.chunks
    for word in ("by", "in"):
        for j in range(verb + 1, min(end, len(chunks) - 1)):
            if chunks[j].kind == "P" and chunks[j].word == word and chunks[j + 1].kind == "NP":
                return [j + 1] if word == "by" or chunks[j + 1].word.endswith(_DEEDS) else []
    return []


#: Endings of nouns that name what was done to somebody: "in a strike", "in an attack".
_DEEDS = ("strike", "strikes", "attack", "attacks", "blast", "explosion", "shelling", "bombing", "raid", "shooting")


def _clause_before_aside(clauses: Clauses, saying: int) -> int:
    """The finite verb of the clause into which ", X said," is put, or ``saying`` where none stands before the aside."""
    chunks = clauses.chunks
    j = noun_chain_head(clauses, saying - 1) - 1 if saying and chunks[saying - 1].kind == "NP" else -1
    outer = _previous_verb(clauses, j, finite=True) if j > 0 and chunks[j].kind == "," else -1
    return outer if outer >= 0 else saying


def _named_before(clauses: Clauses, k: int) -> int:
    """The person's name to which the noun phrase ``k`` is an apposition ("Maria Lopez, the minister, who"), else ``k``."""
    chunks, kinds = clauses.chunks, clauses.tokens.kind
    if k < 2 or chunks[k - 1].kind != "," or chunks[k - 2].kind != "NP" or kinds[chunks[k].head] == "PERSON":
        return k
    return k - 2 if kinds[chunks[k - 2].head] == "PERSON" else k


_DASHES = frozenset({"-", "–", "—", "--", "---"})


def _between_dashes(clauses: Clauses, k: int) -> list[int]:
    """The subject before an aside between two dashes that ends at chunk ``k``, or the names inside it; empty without one.

    "The council - which sat late - voted"; "two neighbours - Egypt and Jordan - criticised".
    """
    chunks, low = clauses.chunks, clauses.tokens.low
    if low[chunks[k].first] not in _DASHES:
        return []
    opening = next((j for j in range(k - 1, 0, -1) if low[chunks[j].first] in _DASHES), -1)
    if opening < 1 or chunks[opening - 1].kind != "NP":
        return []
    inside = chunks[opening + 1 : k]
    kinds = clauses.tokens.kind
    if inside and all(c.kind in ("NP", "C", ",") for c in inside) and kinds[inside[-1].head] in PLACES:
        return [j for j in range(opening + 1, k) if chunks[j].kind == "NP"]
    return coordinated_left(clauses, _named_before(clauses, noun_chain_head(clauses, opening - 1)))


def _opens_with_relative(chunks: list[Chunk], end: int) -> bool:
    """Whether a relative clause behind the first verbless chunks is still open at ``end``: "X, who spoke while Y voted,"."""
    opened = next((j for j in range(1, end) if chunks[j].kind == "Q" and chunks[j - 1].kind == ","), -1)
    return opened > 0 and not any(c.kind in ("VG", ";") for c in chunks[:opened])


def _across_comma(clauses: Clauses, v: int, k: int) -> list[int]:
    chunks = clauses.chunks
    verb = chunks[v]
    if not verb.finite:
        if verb.form == "g":
            previous = _previous_verb(clauses, k, finite=True)
            if previous == k - 1 and chunks[previous].word in CLAUSE_TAKERS:
                previous = _clause_before_aside(clauses, previous)  # "two rockets landed, the mayor said, killing"
            while previous > 1 and chunks[previous - 1].kind == "Q" and chunks[previous - 1].word == "who":
                outer = _previous_verb(clauses, previous - 1, finite=True)
                if outer < 0 or not chunks[previous].passive:
                    break
                previous = outer  # "freed pupils who had been kidnapped, killing five of the gang"
            if previous >= 0 and chunks[previous].passive:
                return _agent(clauses, previous, k)  # "a town was hit by shells, killing two"
            return subject(clauses, previous) if previous >= 0 else (_after_opening_participle(clauses, v))
        before = chunks[k - 1] if k else None
        if before is not None and verb.passive and clauses.tokens.kind[before.head] == "PERSON":
            return [k - 1]  # "colleagues of Margaret Hassan, kidnapped a week ago"
        return [noun_chain_head(clauses, k - 1)] if before is not None and before.kind == "NP" else []
    if dashed := _between_dashes(clauses, k):
        return dashed
    # A parenthesis: "the president, who came last, said". Take the noun phrase before the comma that opens it.
    best: list[int] = []
    for j in range(k - 1, max(-1, k - REACH), -1):
        chunk = chunks[j]
        if chunk.kind == ";":
            break
        if chunk.kind == "," and j > 0 and chunks[j - 1].kind == "NP":
            if in_relative(chunks, j - 1):
                continue
            follower = chunks[j + 1].kind
            if follower in ("Q", "NP", "P", '"', ",") or (follower == "VG" and not chunks[j + 1].finite):
                best = coordinated_left(clauses, _named_before(clauses, noun_chain_head(clauses, j - 1)))
                if chunks[best[0]].word != "according" and not (best[0] == 1 and chunks[0].kind == "P"):
                    break
                best = []  # "according to witnesses and police, a man entered a shop, ran out and stabbed"
        if chunk.kind == "S" and not _opens_with_relative(chunks, j):
            break
    if best:
        return best
    previous = _previous_verb(clauses, k, finite=True)
    if previous < 0 and k > 0 and chunks[k - 1].kind == "NP":
        return coordinated_left(clauses, noun_chain_head(clauses, k - 1))  # "the prime minister, called the king"
    return subject(clauses, previous) if previous >= 0 else []
