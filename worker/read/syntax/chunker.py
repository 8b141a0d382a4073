"""Shallow syntax: a sentence as a list of chunks, and for each verb group its subject, objects and governor.

No parse tree. A noun phrase is a run of determiners, nouns, names and numbers; a verb group a run of auxiliaries, adverbs and
one verb. Subjects are found by walking back from the verb group to the head of the noun phrase chain before it, over
parentheses between commas and relative clauses (`clauses_subjects`), objects by walking on (`clauses_objects`). Every walk
stops at a clause boundary or after a fixed number of chunks, so the cost is linear in the sentence.
"""

from __future__ import annotations

import re

from .chunks import Chunk, Clauses
from .quantities import CURRENCIES
from .reduced import mark_reduced
from .tokenizer import Tokens
from .vocabulary import Words


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
    mark_reduced(clauses)
    clauses.chunks = _without_leaders(chunks)
    return clauses


_LEADING = frozenset({"lead", "head", "chair"})


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
        elif tag == "C" and owner >= 0 and _joins_superlatives(lows, i):
            pass  # "one of the nation's largest and oldest groups"
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


def _joins_superlatives(lows: list[str], i: int) -> bool:
    """Whether "and" at ``i`` stands between two superlatives, the second of which a word follows."""
    return i + 2 < len(lows) and lows[i - 1].endswith("est") and lows[i + 1].endswith("est") and lows[i] == "and"


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
