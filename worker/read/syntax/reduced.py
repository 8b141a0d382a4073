"""Past participles that are no finite verbs: "men arrested in Rome said", "was shot and wounded", "stabbed by"."""

from __future__ import annotations

from .chunks import Chunk, Clauses, noun_chain_head
from .tagger import CLAUSE_TAKERS, REPUTED


def mark_reduced(clauses: Clauses) -> None:
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
        if (group.word in _NEVER_BARE and next_word == "of") or (group.word in _HELD_TO_BE and next_word == "to"):
            alone = True  # "a man accused of spying": who accuses names whom; "arrested people believed to be working"
        if not alone and before in ("NP", ",", "", "C") and _by_whom(clauses, group.last + 1):
            alone = True
        if not alone and before == "NP" and group.word in _HURT and after in "PK" and _is_second_harm(chunks, k):
            alone = True  # "a child was killed and two men injured in the attack"
        if not alone and before == "NP" and group.word in _HURT and _has_no_object(chunks, k, after):
            alone = True  # "the soldiers killed on Monday when a bomb exploded were"
        if (
            not alone
            and before == "NP"
            and group.word in _UNDERGONE
            and after in "PKZT"
            and _is_accompanying(clauses, k)
        ):
            alone = True  # "with ten members arrested in London"
        if not alone and group.word in _SUFFERED and before == "NP" and after in "PK;,Z" and _is_told(chunks, k):
            alone = True  # "reported six people killed in a raid"
        if not alone and group.word in _HURT and before == "NP" and after == "," and _shares_passive(chunks, k):
            alone = True  # "helicopters were shot down and their crews killed, raising"
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
#: What others hold of somebody: no active form takes an infinitive.
_HELD_TO_BE = frozenset({"believe", "suspect", "presume", "rumour", "rumor", "repute"})
_TELLING = frozenset(
    {"include", "report", "see", "leave", "confirm", "record", "find", "count", "have", "list", "register"}
)


#: What people undergo who are spoken of under "with": "with some inmates hacked to death".
_UNDERGONE = _SUFFERED | {"hack", "behead", "stab", "shoot", "beat", "torture", "execute", "jail", "charge", "sentence",
                          "deport", "expel", "evict", "trap", "burn", "force", "hold"}  # fmt: skip
_HURT = frozenset({"kill", "injure", "wound", "hurt"})


def _by_whom(clauses: Clauses, i: int) -> bool:
    """Whether "by" stands at token ``i``, or behind adverbs there: "stabbed repeatedly by"."""
    tags, low = clauses.tokens.tag, clauses.tokens.low
    while i < len(tags) and tags[i] == "Y":
        i += 1
    return i < len(tags) and tags[i] in "PK" and low[i] == "by"


def _is_second_harm(chunks: list[Chunk], k: int) -> bool:
    """Whether "and" joins the clause of the verb ``k`` to one that tells of harm in the passive, with no object behind it."""
    if k < 3 or chunks[k - 2].kind != "C" or k + 2 >= len(chunks) or chunks[k + 2].kind != "NP":
        return False
    before = next((c for c in reversed(chunks[: k - 2]) if c.kind == "VG"), None)
    ends = k + 3 >= len(chunks) or chunks[k + 3].kind != "NP"
    return ends and before is not None and before.passive and before.word in _SUFFERED


def _shares_passive(chunks: list[Chunk], k: int) -> bool:
    """Whether "and" joins the noun phrase before the participle ``k`` to a passive clause whose "was" or "were" it shares."""
    if k < 3 or chunks[k - 2].kind != "C":
        return False
    before = next((c for c in reversed(chunks[: k - 2]) if c.kind == "VG"), None)
    return before is not None and before.passive and before.finite


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
    listed = chunks[j].kind == "C" and chunks[j].word == "and"
    while j > 0 and listed and chunks[j].kind in ("NP", "P", "C", ","):
        j -= 1  # "others killed included two boys and three fighters killed in a strike"
    if listed and chunks[j].word != "include":
        return False
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
