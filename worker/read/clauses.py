"""Shallow syntax: a sentence as a list of chunks, and for each verb group its subject, objects and governor.

No parse tree. A noun phrase is a run of determiners, nouns, names and numbers; a verb group a run of auxiliaries, adverbs and
one verb. Subjects are found by walking back from the verb group to the head of the noun phrase chain before it, over
parentheses between commas and relative clauses. Every walk stops at a clause boundary or after a fixed number of chunks,
so the cost is linear in the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from worker.read.events_tokens import CLAUSE_TAKERS, Tokens, Words

#: Longest walk in chunks; the 99th percentile of a subject's distance in wire copy is under 15.
REACH = 28
_SKIP = "YZ"
#: Prepositions under which a participle keeps the subject of the clause: "by banning", "after meeting".
SUBJECT_KEEPERS = frozenset(
    "by after before while when in for without despite besides since on upon than of from at".split()
)


@dataclass(slots=True)
class Chunk:
    """A noun phrase (``NP``), verb group (``VG``), preposition (``P``), conjunction (``C``), subordinator (``S``), relative
    (``Q``), comma (``,``), stop (``;``) or quotation mark. ``head`` is the token index of the head word."""

    kind: str
    first: int
    last: int
    head: int
    word: str = ""
    # verb groups
    form: str = ""
    passive: bool = False
    negated: bool = False
    modal: str = ""
    perfect: bool = False
    infinitive: bool = False
    finite: bool = False
    aux: int = -1
    # noun phrases
    owner: int = -1  #: token index of the possessive mark, or -1
    negative: bool = False


@dataclass(slots=True)
class Clauses:
    """The chunks of one sentence and what was found about its verb groups (memo by chunk index)."""

    tokens: Tokens
    chunks: list[Chunk]
    subjects: dict[int, list[int]] = field(default_factory=dict)
    governors: dict[int, tuple[int, str]] = field(default_factory=dict)

    def text(self, first: int, last: int) -> str:
        """The lower-case words of a stretch of tokens."""
        return " ".join(self.tokens.low[first : last + 1])


def chunk_sentence(tokens: Tokens, words: Words) -> Clauses:
    """The sentence's chunks, in order. Bracketed asides and time expressions leave none."""
    chunks: list[Chunk] = []
    tags, lows = tokens.tag, tokens.low
    i, count = 0, len(tags)
    while i < count:
        tag = tags[i]
        if tag == "(":
            i = _skip_bracket(tags, i)
        elif tag == "Z":
            if chunks and chunks[-1].kind == "P" and chunks[-1].last == i - 1:
                chunks.pop()
            i += 1
        elif tag == "Y" and _opens_noun_phrase(tags, i):
            i += 1
        elif tag in "Y)":
            i += 1
        elif tag in "BHOMTV!":
            i = _verb_group(tokens, i, chunks, words)
        elif tag in "DNE#RG":
            i = _noun_phrase(tokens, i, chunks)
        else:
            kind = "P" if tag in "PK" else tag
            chunks.append(Chunk(kind, i, i, i, lows[i]))
            i += 1
    clauses = Clauses(tokens, chunks)
    _mark_reduced(clauses)
    clauses.chunks = _without_leaders(chunks)
    return clauses


def _without_leaders(chunks: list[Chunk]) -> list[Chunk]:
    """The chunks without "led by X" after a noun phrase, which hides the subject from its verb."""
    kept: list[Chunk] = []
    k = 0
    while k < len(chunks):
        chunk = chunks[k]
        leads = chunk.kind == "VG" and chunk.word in ("lead", "head", "chair") and not chunk.finite and chunk.passive
        if leads and k + 2 < len(chunks) and chunks[k + 1].word == "by" and chunks[k + 2].kind == "NP" and kept:
            k += 3
            continue
        kept.append(chunk)
        k += 1
    return kept


def _skip_bracket(tags: list[str], i: int) -> int:
    """Past the bracket that closes soon, else past the opening one alone."""
    for j in range(i + 1, min(i + 40, len(tags))):
        if tags[j] == ")":
            return j + 1
    return i + 1


def _opens_noun_phrase(tags: list[str], i: int) -> bool:
    return i + 1 < len(tags) and tags[i + 1] in "#"


def _noun_phrase(tokens: Tokens, i: int, chunks: list[Chunk]) -> int:
    """Append the noun phrase that begins at token ``i``; return the index after it."""
    tags, lows, count = tokens.tag, tokens.low, len(tokens.tag)
    first, owner, substance = i, -1, False
    if tags[i] == "R":
        chunks.append(Chunk("NP", i, i, i, lows[i]))
        return i + 1
    while i < count:
        tag = tags[i]
        if tag == "D":
            if substance and not (owner == i - 1):
                break
        elif tag in "NE#":
            # "said Israel", "gave Canada money": a name after a finished name phrase of another mention opens a new one.
            if tag == "E" and substance and tags[i - 1] == "E" and _other_mention(tokens, i) and owner != i - 1:
                break
            if tag == "#" and substance and _new_amount(tokens, i):
                break
            if substance and lows[i] in _PREDICATIVE:
                break
            substance = True
        elif tag == "G":
            owner = i
        elif tag == "Y" and not substance and i + 1 < count and tags[i + 1] in "NE#":
            pass
        elif tag == '"' and i + 1 < count and tags[i + 1] in "N" and (i > first and tags[i - 1] in "DNG"):
            pass
        elif tag == "R" or tag not in "DNEG#":
            break
        i += 1
    last = i - 1
    head = last
    while head > first and tags[head] not in "NE#D":
        head -= 1
    if owner == last:
        owner = -1
    chunks.append(Chunk("NP", first, last, head, lows[head], owner=owner, negative=lows[first] in ("no", "neither")))
    return i


#: Adjectives that follow the object they describe: "found him guilty", "took two men hostage".
_PREDICATIVE = frozenset({"guilty", "responsible", "accountable", "hostage", "captive", "dead", "persona"})


def _new_amount(tokens: Tokens, i: int) -> bool:
    """ "fined an airline two million euros": a number with a noun after it opens a new phrase; "Article 5" does not."""
    tags = tokens.tag
    return tags[i - 1] in "NE" and tokens.mention[i] < 0 and i + 1 < len(tags) and tags[i + 1] in "N#"


def _other_mention(tokens: Tokens, i: int) -> bool:
    """Two names side by side: one phrase when the first is a modifier ("US President"), else two."""
    return tokens.mention[i] != tokens.mention[i - 1] and tokens.low[i - 1] in ("'s", "’s")


def _verb_group(tokens: Tokens, i: int, chunks: list[Chunk], words: Words) -> int:
    """Append the verb group that begins at token ``i``; return the index after it."""
    tags, lows, count = tokens.tag, tokens.low, len(tokens.tag)
    group = Chunk("VG", i, i, i)
    last_aux = ""
    while i < count:
        tag, low = tags[i], lows[i]
        if tag == "!":
            group.negated = True
        elif tag == "Y" or tag == "Z":
            # A run of adverbs stays inside only when a verb follows ("was also on Monday arrested" is rare).
            j = i
            while j < count and tags[j] in "YZ" and j < i + 4:
                j += 1
            if j >= count or tags[j] not in "BHOMV!" or last_aux == "V":
                break
            i = j
            continue
        elif tag == "T":
            if last_aux:
                break
            group.infinitive = True
            last_aux = "T"
        elif tag == "M":
            if last_aux:
                break
            group.modal, group.finite, last_aux = low, True, "M"
        elif tag in "BHO":
            if last_aux == "V":
                break
            if not group.infinitive and not group.modal and low not in ("been", "being", "having"):
                group.finite = True
            if tag == "H":
                group.perfect = True
            if low == "being" or low == "having":
                group.form = "g"
            group.head, group.word, group.aux, last_aux = i, {"B": "be", "H": "have", "O": "do"}[tag], i, tag
        elif tag == "V":
            if last_aux == "V":
                break
            lemma, kind = words.verbs.get(low) or (low, "x" if low.endswith("ed") else "b")
            group.passive = last_aux == "B" and kind in "xn"
            if group.form != "g" or kind not in "xn":
                group.form = "b" if last_aux in ("M", "T", "O") else kind
            if not last_aux:
                group.finite = kind in "bsdx"
            group.head, group.word, last_aux = i, lemma, "V"
            i += 1
            break
        else:
            break
        i += 1
    group.last = i - 1
    if last_aux == "" or not group.word:
        if group.infinitive or group.modal:
            group.word = lows[group.first]
        else:
            return max(i, group.first + 1)
    previous = chunks[-1] if chunks else None
    if group.form == "b" and group.aux < 0 and not group.modal and previous is not None and previous.kind == "VG":
        group.infinitive, group.finite = True, False  # "helped establish", "let go"
    chunks.append(group)
    return max(i, group.first + 1)


def _mark_reduced(clauses: Clauses) -> None:
    """Past participles right after a noun phrase are reduced relatives, not finite verbs: "men arrested in Rome said"."""
    chunks, tags = clauses.chunks, clauses.tokens.tag
    for k, group in enumerate(chunks):
        if (
            group.kind != "VG"
            or group.passive
            or group.form not in "xn"
            or group.aux >= 0
            or group.infinitive
            or group.modal
        ):
            continue
        after = tags[group.last + 1] if group.last + 1 < len(tags) else ";"
        next_word = clauses.tokens.low[group.last + 1] if group.last + 1 < len(tags) else ""
        alone = group.form == "n"
        before = chunks[k - 1].kind if k else ""
        if before == "VG" and k and chunks[k - 1].word in ("be", "get"):
            group.passive = True
            continue
        if before == "Q":
            continue
        if not alone and before in ("NP", ",", "") and after in "PK" and next_word == "by":
            alone = True
        if not alone and before == "NP" and after in "PKT;":
            alone = _verb_follows(chunks, k)
        if not alone and before == "NP" and group.form == "x" and after in "PK":
            alone = _inside_predicate(clauses, k)
        if alone:
            group.finite, group.passive = False, True


def _inside_predicate(clauses: Clauses, k: int) -> bool:
    """True when the noun phrase before ``k`` is an object of the clause's own finite verb: "attacked by men armed with"."""
    chunks = clauses.chunks
    j = noun_chain_head(clauses, k - 1) - 1
    if j >= 1 and chunks[j].kind == "P":
        j -= 1
    return j >= 0 and chunks[j].kind == "VG" and chunks[j].word not in CLAUSE_TAKERS


def _verb_follows(chunks: list[Chunk], k: int) -> bool:
    """True when another finite verb comes before the clause ends, with only prepositional phrases between."""
    governed = False
    for chunk in chunks[k + 1 : k + 10]:
        if chunk.kind == "P":
            governed = True
        elif chunk.kind == "NP":
            if not governed:
                return False
        elif chunk.kind == "VG":
            return chunk.finite
        else:
            return False
    return False


def noun_chain_head(clauses: Clauses, k: int) -> int:
    """Index of the noun phrase that heads the chain ending at ``k``: "the leader of the party" from "the party"."""
    chunks = clauses.chunks
    steps = 0
    while k >= 2 and chunks[k - 1].kind == "P" and chunks[k - 2].kind == "NP" and steps < REACH:
        if chunks[k - 1].word in ("after", "before", "since", "until", "till", "as", "because"):
            break
        k -= 2
        steps += 1
    return k


def coordinated_left(clauses: Clauses, k: int) -> list[int]:
    """The noun phrases of a list that ends with ``k`` ("A, B and C"), left to right."""
    chunks, found = clauses.chunks, [k]
    joined = False
    while k >= 2 and len(found) < 12:
        if chunks[k - 1].kind == "C" and chunks[k - 1].word not in ("but", "yet"):
            j, joined = k - 2, True
            if j >= 0 and chunks[j].kind == "," and j >= 1:
                j -= 1
        elif chunks[k - 1].kind == "," and joined:
            j = k - 2
        else:
            break
        if j < 0 or chunks[j].kind != "NP":
            break
        head = noun_chain_head(clauses, j)
        if head > 0 and chunks[head - 1].kind == "VG" and chunks[head - 1].finite:
            break
        found.insert(0, head)
        k = head
    return found


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
    if k < 0:
        return _after_opening_participle(clauses, v) if not verb.finite else []
    kind = chunks[k].kind
    if verb.infinitive:
        return _infinitive_subject(clauses, k)
    if kind == "NP":
        head = noun_chain_head(clauses, k)
        reduced = _reduced_before(chunks, head)
        return subject(clauses, reduced) if reduced >= 0 else coordinated_left(clauses, head)
    if kind == "Q":
        return _antecedent(clauses, k)
    if kind == "C":
        return _shared_subject(clauses, k)
    if kind == ",":
        return _across_comma(clauses, v, k)
    if kind == "P":
        previous = _previous_verb(clauses, k)
        return subject(clauses, previous) if previous >= 0 and chunks[k].word in SUBJECT_KEEPERS else []
    if kind == "VG":
        return subject(clauses, k)
    if kind == "S" and not verb.finite:
        previous = _previous_verb(clauses, k)
        return subject(clauses, previous) if previous >= 0 else _after_opening_participle(clauses, v)
    return []


def _reduced_before(chunks: list[Chunk], head: int) -> int:
    """ "men arrested in Rome were": the participle to whose noun the chain belongs, or -1."""
    j = head - 1
    if j >= 1 and chunks[j].kind == "P":
        j -= 1
    if j < 1 or chunks[j].kind != "VG" or chunks[j].finite or chunks[j].infinitive or chunks[j - 1].kind != "NP":
        return -1
    return j


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
        return [head]
    if chunks[k].kind in ("C", ","):
        previous = _previous_verb(clauses, k)
        return subject(clauses, previous) if previous >= 0 else []
    return []


#: Verbs whose object does what the infinitive says.
OBJECT_CONTROL = frozenset(
    """urge ask order tell call want force press warn request invite allow permit enable encourage require command instruct
    persuade convince pressure push compel help expect lead authorize advise beg implore direct oblige dare train send deploy
    dispatch appoint choose elect challenge""".split()
)


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
    if chunks[k].word == "who":
        return coordinated_left(clauses, j) if j < 2 or chunks[j - 1].kind != "P" or chunks[j - 1].word != "of" else [j]
    return [j]


def _shared_subject(clauses: Clauses, k: int) -> list[int]:
    """After "and" the verb shares the subject of the verb before it, unless that one stands in a relative clause."""
    previous = _previous_verb(clauses, k)
    while previous >= 0 and not clauses.chunks[previous].finite:
        earlier = _previous_verb(clauses, previous)
        if earlier < 0:
            break
        previous = earlier
    return subject(clauses, previous) if previous >= 0 else []


def _across_comma(clauses: Clauses, v: int, k: int) -> list[int]:
    chunks = clauses.chunks
    verb = chunks[v]
    if not verb.finite:
        if verb.form == "g":
            previous = _previous_verb(clauses, k, finite=True)
            return subject(clauses, previous) if previous >= 0 else (_after_opening_participle(clauses, v))
        before = chunks[k - 1] if k else None
        return [noun_chain_head(clauses, k - 1)] if before is not None and before.kind == "NP" else []
    # A parenthesis: "the president, who came last, said". Take the noun phrase before the comma that opens it.
    best: list[int] = []
    for j in range(k - 1, max(-1, k - REACH), -1):
        chunk = chunks[j]
        if chunk.kind == ";":
            break
        if chunk.kind == "," and j > 0 and chunks[j - 1].kind == "NP":
            follower = chunks[j + 1].kind
            if follower in ("Q", "NP", "P", '"') or (follower == "VG" and not chunks[j + 1].finite):
                best = coordinated_left(clauses, noun_chain_head(clauses, j - 1))
                break
        if chunk.kind == "S":
            break
    if best:
        return best
    previous = _previous_verb(clauses, k, finite=True)
    return subject(clauses, previous) if previous >= 0 else []


def coordinated_right(clauses: Clauses, k: int, *, whole: bool = False) -> list[int]:
    """The noun phrases of a list that begins with ``k``; stops where one of them turns out to be the next subject.

    ``whole`` is for "between A and B", whose list never does.
    """
    chunks, found = clauses.chunks, [k]
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
            break
        if comma and not conjoined and not _list_goes_on(clauses, after):
            break
        found.append(j)
    return found


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
    after_particle: list[int] = field(default_factory=list)  #: "hand over a suspect": the noun phrase behind the particle
    prepositions: list[tuple[str, list[int], int]] = field(default_factory=list)
    particle: str = ""
    verb: int = -1  #: the next dependent verb group (infinitive, gerund or clause), or -1
    link: str = ""  #: how it hangs on: to, ing, that, bare, or the preposition
    end: int = -1  #: index of the last chunk that belongs here


_PARTICLES = frozenset("off up down out over away back on in through".split())


def complements(clauses: Clauses, k: int) -> Complements:
    """Objects, prepositional phrases and the dependent verb after the chunk ``k``, up to the end of its clause."""
    chunks, tokens = clauses.chunks, clauses.tokens
    found = Complements(end=k)
    follower = chunks[k].last + 1
    if follower < len(tokens.low) and tokens.low[follower] in _PARTICLES | {"ahead", "together", "forward", "apart"}:
        found.particle = tokens.low[follower]
    j, limit = k + 1, min(len(chunks), k + REACH)
    while j < limit:
        chunk = chunks[j]
        if chunk.kind == "NP":
            group = coordinated_right(clauses, j)
            after = end_of_chain(clauses, group[-1]) + 1
            if after < len(chunks) and chunks[after].kind == "VG" and chunks[after].finite:
                _finite_after(found, clauses, j, after, "bare")
                break
            found.objects.append(group)
            j = after
        elif chunk.kind == "P":
            if j + 1 >= len(chunks):
                break
            if chunks[j + 1].kind == "VG":
                if not chunks[j + 1].finite:
                    _take_verb(found, j + 1, chunk.word)
                break
            if chunks[j + 1].kind == "P":
                j += 1
                continue
            if chunks[j + 1].kind != "NP":
                if chunk.word in _PARTICLES and chunks[j + 1].kind in ("S", "Q"):
                    j += 1
                    continue
                break
            group = coordinated_right(clauses, j + 1, whole=chunk.word in ("between", "among"))
            after = end_of_chain(clauses, group[-1]) + 1
            if chunk.word in ("after", "before", "since", "until", "as", "because", "than") and _clause_ahead(
                clauses, after
            ):
                break
            found.prepositions.append((chunk.word, group, j + 1))
            if j == k + 1 and chunks[k].kind == "VG" and chunk.word == found.particle:
                found.after_particle = group
            j = after
        elif chunk.kind == "VG":
            if chunk.infinitive:
                _take_verb(found, j, "inf")
            elif not chunk.finite and chunk.form == "g":
                _take_verb(found, j, "ing")
            elif not chunk.finite and chunk.passive:
                j += 1
                continue
            break
        elif chunk.kind == "S":
            if chunk.word == "what" and _what_it_calls(chunks, j):
                found.objects.append([j + 3])
                j = end_of_chain(clauses, j + 3) + 1
                continue
            if chunk.word in ("that", "how", "why", "what", "if", "whether"):
                following = _next_finite(clauses, j)
                if following >= 0:
                    _take_verb(found, following, "that" if chunk.word == "that" else chunk.word)
            break
        elif chunk.kind == '"':
            j += 1
            continue
        elif chunk.kind == "," and _aside_ends(clauses, j):
            j = _aside_ends(clauses, j)
            continue
        else:
            break
        found.end = j - 1 if j > k + 1 else k
    found.end = max(found.end, min(j - 1, len(chunks) - 1))
    return found


def _what_it_calls(chunks: list[Chunk], j: int) -> bool:
    """"lambasting what it calls the hostile policy": the noun phrase after the naming verb is the object."""
    return (
        j + 3 < len(chunks)
        and chunks[j + 1].kind == "NP"
        and chunks[j + 2].word in ("call", "describe", "term", "see", "regard", "consider", "label")
        and chunks[j + 3].kind == "NP"
    )


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


def _take_verb(found: Complements, v: int, link: str) -> None:
    found.verb, found.link = v, link


def _finite_after(found: Complements, clauses: Clauses, noun: int, verb: int, link: str) -> None:
    """ "said Israel attacked": the noun phrase is no object but the next verb's subject."""
    _take_verb(found, verb, link)


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
