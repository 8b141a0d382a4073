"""Shallow syntax: a sentence as a list of chunks, and for each verb group its subject, objects and governor.

No parse tree. A noun phrase is a run of determiners, nouns, names and numbers; a verb group a run of auxiliaries, adverbs and
one verb. Subjects are found by walking back from the verb group to the head of the noun phrase chain before it, over
parentheses between commas and relative clauses (`clauses_subjects`), objects by walking on (`clauses_objects`). Every walk
stops at a clause boundary or after a fixed number of chunks, so the cost is linear in the sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .quantities import CURRENCIES
from .tagger import CLAUSE_TAKERS, REPUTED
from .tokenizer import Tokens
from .vocabulary import Words

#: Longest walk in chunks; the 99th percentile of a subject's distance in wire copy is under 15.
REACH = 28


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
    leader: tuple[int, int] = (0, -1)  #: first and last token of the name in "a delegation led by X"


@dataclass(slots=True)
class Clauses:
    """The chunks of one sentence and what was found about its verb groups (memo by chunk index)."""

    tokens: Tokens
    chunks: list[Chunk]
    subjects: dict[int, list[int]] = field(default_factory=dict)
    objects: dict[int, list[int]] = field(default_factory=dict)  #: by a parse, see `clauses_parsed`

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
        elif tag == "," and (end := _affiliation_end(tokens, i)):
            i = end
        elif tag == "Z":
            if chunks and chunks[-1].kind == "P" and chunks[-1].last == i - 1:
                chunks.pop()
            i += 1
        elif (tag == "Y" and _opens_noun_phrase(tags, i)) or tag in "Y)":
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
    """The chunks without "led by X" and ages ("Mensah, 61, "), which hide the subject or object from its verb."""
    kept: list[Chunk] = []
    k = 0
    while k < len(chunks):
        chunk = chunks[k]
        leads = chunk.kind == "VG" and chunk.word in _LEADING and not chunk.finite and chunk.passive
        if leads and k + 2 < len(chunks) and chunks[k + 1].word == "by" and chunks[k + 2].kind == "NP" and kept:
            if kept[-1].kind == "NP":
                kept[-1].leader = chunks[k + 2].first, chunks[k + 2].last
            k += 3
            continue
        if chunk.kind == "," and kept and k + 2 < len(chunks) and chunks[k + 2].kind == "," and _is_age(chunks[k + 1]):
            k += 3
            continue
        kept.append(chunk)
        k += 1
    return kept


def _is_age(chunk: Chunk) -> bool:
    return chunk.kind == "NP" and chunk.first == chunk.last and chunk.word.isdigit() and len(chunk.word) <= 2


def _skip_bracket(tags: list[str], i: int) -> int:
    """Past the bracket that closes soon, else past the opening one alone."""
    for j in range(i + 1, min(i + 40, len(tags))):
        if tags[j] == ")":
            return j + 1
    return i + 1


def _affiliation_end(tokens: Tokens, comma: int) -> int:
    """Past ", D-Calif.," or ", R-N.C.," (a member's party and state, an aside like one in brackets), else 0."""
    texts = tokens.text
    if comma + 1 >= len(texts) or not _AFFILIATION.match(texts[comma + 1]):
        return 0
    for j in range(comma + 2, min(comma + 7, len(texts))):
        if texts[j] == ",":
            return j + 1
        if texts[j] != "." and not tokens.capital[j]:
            break
    return 0


#: Party and state of a member of the Congress of the United States, by the style of its news agencies.
_AFFILIATION = re.compile(r"(?:[DRI]|Ind)[-‐‑][A-Z]")


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
            if substance and owner != i - 1:
                break
        elif tag in "NE#":
            # "said Israel", "gave Canada money": a name after a finished name phrase of another mention opens a new one.
            if tag == "E" and substance and tags[i - 1] == "E" and _other_mention(tokens, i) and owner != i - 1:
                break
            if tag in "#N" and substance and _new_amount(tokens, i):
                break
            if substance and lows[i] in _PREDICATIVE:
                break
            substance = True
        elif tag == "G":
            owner = i
        elif (
            tag == ","
            and i > first + 1
            and "-" in lows[i - 1]
            and tags[i - 2] == "D"
            and tags[i + 1 : i + 2] in (["N"], ["#"])
        ):
            pass  # "a low-interest, 30-year loan"
        elif (tag == "Y" and not substance and i + 1 < count and tags[i + 1] in "NE#") or (
            tag == '"' and i + 1 < count and tags[i + 1] in "N" and (i > first and tags[i - 1] in "DNG")
        ):
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
    if tokens.low[i] in CURRENCIES:  # "lend Laos $350 million"
        return tags[i - 1] == "E" and tags[i + 1 : i + 2] == ["#"] and tokens.end[i - 1] != tokens.start[i]
    if tags[i] != "#" or tokens.low[i - 1] in CURRENCIES or tokens.end[i - 1] == tokens.start[i]:
        return False  # "$ 80", "80-million", "N14.3 billion"
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
            group.perfect = group.perfect or tag == "H"
            group.form = "g" if low in ("being", "having") else group.form
            group.head, group.word, group.aux, last_aux = i, {"B": "be", "H": "have", "O": "do"}[tag], i, tag
        elif tag == "V":
            if last_aux == "V":
                break
            _set_main_verb(group, i, last_aux, words.verbs.get(low) or (low, "x" if low.endswith("ed") else "b"))
            last_aux = "V"
            i += 1
            break
        else:
            break
        i += 1
    group.last = i - 1
    if last_aux == "" or not group.word:
        if not group.infinitive and not group.modal:
            return max(i, group.first + 1)
        group.word = lows[group.first]
    previous = chunks[-1] if chunks else None
    if group.form == "b" and group.aux < 0 and not group.modal and previous is not None and previous.kind == "VG":
        group.infinitive, group.finite = True, False  # "helped establish", "let go"
    chunks.append(group)
    return max(i, group.first + 1)


def _set_main_verb(group: Chunk, i: int, last_aux: str, verb: tuple[str, str]) -> None:
    lemma, kind = verb
    group.passive = last_aux == "B" and kind in "xn"
    if group.form != "g" or kind not in "xn":
        group.form = "b" if last_aux in ("M", "T", "O") else kind
    if not last_aux:
        group.finite = kind in "bsdx"
    group.head, group.word = i, lemma


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
        if before == "VG" and k and chunks[k - 1].word in ("be", "get", "stand"):
            group.passive = True
            continue
        joined = before in ("C", ",") and k >= 2 and chunks[k - 2].kind == "VG"
        if joined and chunks[k - 2].passive and not (before == "," and after in "DNE"):
            group.passive = True  # "was shot and wounded", not "who was elected in May, accused police"
            continue
        if before == "Q":
            continue
        if before == "VG" and clauses.tokens.low[chunks[k - 1].head] in REPUTED:
            for participle in (chunks[k - 1], group):
                participle.finite, participle.passive = False, True
            continue
        if group.word in _NEVER_BARE and next_word == "of":
            alone = True  # "a man accused of spying": who accuses names whom
        if not alone and before in ("NP", ",", "", "C") and _by_whom(clauses, group.last + 1):
            alone = True
        if not alone and before == "NP" and group.word in _HURT and _has_no_object(chunks, k, after):
            alone = True  # "the soldiers killed on Monday when a bomb exploded were"
        if not alone and before == "NP" and group.word in _SUFFERED and after in "PKZ" and _is_accompanying(clauses, k):
            alone = True  # "with ten members arrested in London"
        if not alone and group.word in _SUFFERED and before == "NP" and after in "PK;,Z" and _is_told(chunks, k):
            alone = True  # "reported six people killed in a raid"
        if not alone and group.word in _SUFFERED and before == "NP" and after in ";)S":
            alone = True  # "and hundreds injured.": nobody is hurt where nobody is named behind it
        if not alone and before == "NP" and after in "PKT;":
            alone = _verb_follows(chunks, k)
        if not alone and before == "," and group.form == "x" and after in "PKZ":
            alone = _is_aside(chunks, k)
        if not alone and before == "NP" and group.form == "x" and after in "PK":
            alone = _inside_predicate(clauses, k)
        if alone:
            group.finite, group.passive = False, True


#: Verbs of harm whose bare participle after people means that it was done to them.
_SUFFERED = frozenset({"kill", "injure", "wound", "arrest", "detain", "displace", "hurt", "abduct", "kidnap"})
_TELLING = frozenset({"report", "see", "leave", "confirm", "record", "find", "count", "have", "list", "register"})


_HURT = frozenset({"kill", "injure", "wound", "hurt"})


def _by_whom(clauses: Clauses, i: int) -> bool:
    """Whether "by" stands at token ``i``, or behind adverbs there: "stabbed repeatedly by"."""
    tags, low = clauses.tokens.tag, clauses.tokens.low
    while i < len(tags) and tags[i] == "Y":
        i += 1
    return i < len(tags) and tags[i] in "PK" and low[i] == "by"


def _has_no_object(chunks: list[Chunk], k: int, after: str) -> bool:
    """Whether a time or place and then no noun phrase follow the verb ``k``, and a finite verb after a subordinate clause."""
    if after not in "PKZS" or k + 1 >= len(chunks):
        return False
    j = k + 1
    while j + 1 < len(chunks) and chunks[j].kind == "P" and chunks[j + 1].kind == "NP":
        j += 2
    if j >= len(chunks) or chunks[j].kind != "S":
        return False
    later = [c for c in chunks[j + 1 :] if c.kind == "VG" and c.finite]
    return len(later) > 1 and later[1].word == "be"


def _is_accompanying(clauses: Clauses, k: int) -> bool:
    """Whether the noun phrase before the participle ``k`` stands under "with": what goes along with what the sentence tells."""
    head = noun_chain_head(clauses, k - 1)
    chunks = clauses.chunks
    if head >= 2 and chunks[head - 2].word == "with":
        return True
    return head > 0 and chunks[head - 1].kind == "P" and chunks[head - 1].word == "with"


def _is_aside(chunks: list[Chunk], k: int) -> bool:
    """Whether the participle at ``k`` opens an aside to the first noun phrase: "the envoy, expelled in May, said"."""
    if k < 2 or chunks[k - 2].kind != "NP" or any(c.kind == "VG" for c in chunks[:k]):
        return False
    ends = next((j for j in range(k + 1, min(k + 8, len(chunks) - 1)) if chunks[j].kind not in ("NP", "P")), 0)
    return bool(ends) and chunks[ends].kind == "," and chunks[ends + 1].kind == "VG" and chunks[ends + 1].finite


def _is_told(chunks: list[Chunk], k: int) -> bool:
    """Whether the noun phrase before chunk ``k`` is the object of a verb of report, not the subject of ``k``."""
    j = k - 1
    while j > 0 and chunks[j].kind in ("NP", "P"):
        j -= 1
    return chunks[j].kind == "VG" and chunks[j].word in _TELLING and not chunks[j].passive


def _inside_predicate(clauses: Clauses, k: int) -> bool:
    """True when the noun phrase before ``k`` is an object of the clause's own finite verb: "attacked by men armed with"."""
    chunks = clauses.chunks
    j = noun_chain_head(clauses, k - 1) - 1
    if j >= 1 and chunks[j].kind == "P":
        if chunks[j].word in _CLAUSE_OPENERS:
            return False  # "was sacked after officers fired into a crowd"
        j -= 1
    bare = j >= 0 and chunks[j].passive and not chunks[j].finite
    if bare and not any(c.kind == "VG" and c.finite for c in chunks[:j]):
        return False  # "troops deployed in Niger departed on Friday": the clause has no verb yet
    return j >= 0 and chunks[j].kind == "VG" and chunks[j].word not in CLAUSE_TAKERS


_LEADING = frozenset({"lead", "head", "chair"})
#: Verbs that always name whom they are done to.
_NEVER_BARE = frozenset({"accuse", "suspect", "convict", "acquit", "deprive", "rob"})
_CLAUSE_OPENERS = frozenset({"after", "before", "since", "until", "till", "as", "because"})


def _verb_follows(chunks: list[Chunk], k: int) -> bool:
    """True when another finite verb comes before the clause ends, with only prepositional phrases between."""
    governed = False
    for j, chunk in enumerate(chunks[k + 1 : k + 10], k + 1):
        if chunk.kind == "P":
            if chunk.word in _CLAUSE_OPENERS:
                return False
            governed = True
        elif chunk.kind == "NP":
            if not governed:
                return False
        elif chunk.kind == "VG":
            if governed and chunk.form == "g" and not chunk.finite and not chunk.infinitive:
                continue  # "charged with smuggling gold were"
            if governed and chunk.form in "xn" and chunk.aux < 0 and j + 1 < len(chunks) and chunks[j + 1].word == "by":
                continue  # "called for an end to the tax passed by"
            return chunk.finite
        else:
            return False
    return False


_AROUND = frozenset({"around", "across", "inside", "within", "near", "outside"})


def noun_chain_head(clauses: Clauses, k: int) -> int:
    """Index of the noun phrase that heads the chain ending at ``k``: "the leader of the party" from "the party"."""
    chunks = clauses.chunks
    steps = 0
    while k >= 2 and chunks[k - 1].kind == "P" and chunks[k - 2].kind == "NP" and steps < REACH:
        if chunks[k - 1].word in ("after", "before", "since", "until", "till", "as", "because"):
            break
        k -= 2
        steps += 1
    if k >= 3 and chunks[k - 1].word in _AROUND and chunks[k - 2].word == "from" and chunks[k - 3].kind == "NP":
        return noun_chain_head(clauses, k - 3)  # "chiefs from around the country"
    return k
