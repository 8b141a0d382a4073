"""What the matchers of one sentence share: the clauses, the lexicon, what is already used; and what a match is."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..lexicon import listed
from ..syntax.chunks import Chunk, Clauses, noun_chain_head
from ..syntax.objects import Complements, complements, end_of_chain
from .doubt import is_told_of
from .frames import COOPERATIVE, Frame, Lexicon

FUTURE = frozenset({"will", "shall", "'ll", "’ll", "wo", "would"})
#: Verbs that pass their subject and time on to the verb they govern and add nothing of their own.
TRANSPARENT = listed("transparent")
EXPECTED = listed("expected")
#: Verbs of plan that need no passive: "plans to", but "is set to".
WANTING = frozenset({"plan", "intend", "prepare", "aim"})


@dataclass(slots=True)
class Match:
    """A frame found at a chunk, with the chunk indices of its slots and the verb group that carries its tense."""

    frame: Frame
    chunk: int
    trigger: tuple[int, int]  #: first and last token
    verb: int
    actors: list[int] = field(default_factory=list)
    recipients: list[int] = field(default_factory=list)
    type: str = ""
    mode: str | None = None
    inner: Match | None = None
    planned: bool = False
    transparent: int = -1  #: the governing verb that carries the tense instead, or -1
    extent: int = -1  #: last chunk of the clause
    light: bool = False
    duty: bool = False  #: "said X must": both sides must be coded, since everybody has opinions
    governed: int = -1  #: first token of the clause that a speech act governs, or -1


@dataclass(slots=True)
class Scene:
    """One sentence under the matchers. ``silent`` are the chunks that a match has used or a speech act governs."""

    lexicon: Lexicon
    clauses: Clauses
    silent: set[int] = field(default_factory=set)
    known: dict[int, Complements] = field(default_factory=dict)

    def complements(self, k: int) -> Complements:
        """What follows chunk ``k``, memoised."""
        found = self.known.get(k)
        if found is None:
            found = self.known[k] = complements(self.clauses, k)
        return found


def lemmas(clauses: Clauses, members: list[int]) -> set[str]:
    """Words of the noun phrases with their "of" chains, plain and in the singular."""
    out: set[str] = set()
    for k in members:
        chunks = clauses.chunks
        for j in range(k, min(end_of_chain(clauses, k), k + 4) + 1):
            for i in range(chunks[j].first, chunks[j].last + 1):
                low = clauses.tokens.low[i]
                out.add(low)
                if clauses.tokens.kind[i]:
                    out.add(f"<{clauses.tokens.kind[i].lower()}>")
                if low.endswith("s") and len(low) > 3:
                    out.add(low[:-1])
                    if low.endswith("ies"):
                        out.add(low[:-3] + "y")
                    elif low.endswith("es"):
                        out.add(low[:-2])
                elif low.endswith("men"):
                    out.add(low[:-3] + "man")
                elif low == "children":
                    out.add("child")
                if "-" in low:
                    out.add(low.rpartition("-")[2])
    return out


def in_order(names: tuple[str, ...], slots: dict[str, list[int]], actors: list[int]) -> list[int]:
    """Chunk indices of all recipient candidates, in the frame's order; the first that is a party wins later."""
    out: list[int] = []
    for name in names:
        for k in slots.get(name, ()):
            if k not in out and k not in actors:
                out.append(k)
        if slots.get(name):
            out.append(-1)  # a border: parties of one slot only
    return out


def is_held_back(scene: Scene, frame: Frame, after: Complements, inner: Match | None) -> bool:
    """Whether what is promised or threatened is denied: "vowed not to attack" threatens nobody."""
    if frame.type not in ("THREATEN", "AGREE") or frame.comp != "to" or not scene.clauses.chunks[after.verb].negated:
        return False
    kind = inner.type if inner is not None else ""
    return (kind in COOPERATIVE) if frame.type == "AGREE" else kind not in COOPERATIVE


def is_expected(governor: Chunk) -> bool:
    """Whether the verb puts what it governs into the future: "plans to", "is set to", "is to"."""
    if governor.word == "be":
        return governor.finite
    return governor.word in EXPECTED and (governor.passive or governor.word in WANTING)


#: Nouns whose infinitive is under way: "an attempt to kill", "an operation to detain".
_PURSUITS = frozenset({"attempt", "operation", "operations", "campaign", "drive", "effort", "efforts", "bid", "plot"})


#: Adjectives whose infinitive is to come: "is due to", "is ready to".
_COMING = EXPECTED | {"ready", "likely", "certain", "willing", "prepared", "able", "keen", "bound"}
#: Adjectives whose infinitive is left open, and those of them that in the past tell what was done.
_OPEN, _DONE = frozenset({"able", "likely", "unlikely", "unable", "reluctant"}), frozenset({"able"})


def _was(scene: Scene, j: int) -> bool:
    """Whether the verb at ``j`` is a past form of "be"."""
    return j >= 0 and scene.clauses.tokens.low[scene.clauses.chunks[j].first] in ("was", "were")


def _is_done(scene: Scene, k: int) -> bool:
    """Whether the infinitive ``k`` hangs on "was able"."""
    chunks = scene.clauses.chunks
    return k >= 2 and chunks[k - 1].word in _DONE and _was(scene, noun_chain_head(scene.clauses, k - 1) - 1)


def joined_infinitive(scene: Scene, k: int) -> int:
    """The infinitive that "and" joins the bare verb ``k`` to, which no subject of its sentence fits as a present tense:
    "agreed to end the war and welcome back the envoys"; else -1."""
    chunks = scene.clauses.chunks
    verb = chunks[k]
    if not verb.finite or verb.form != "b" or verb.aux >= 0 or verb.modal or k < 3 or chunks[k - 1].kind != "C":
        return -1
    first = next((j for j in range(k - 2, max(-1, k - 12), -1) if chunks[j].kind in ("VG", ";", "Q", "S")), -1)
    if first < 0 or chunks[first].kind != "VG" or not chunks[first].infinitive:
        return -1
    over = next((c for c in reversed(chunks[max(0, first - 8) : first]) if c.kind == "VG" and c.finite), None)
    return first if over is not None and (over.form != "b" or over.aux >= 0) else -1


def is_subjunctive(scene: Scene, k: int) -> bool:
    """Whether the verb at ``k`` tells what should be: "recommended that the judge be suspended"."""
    verb = scene.clauses.chunks[k]
    return verb.finite and not verb.modal and scene.clauses.tokens.low[verb.first] in ("be", "not")


def unreal_infinitive(scene: Scene, k: int) -> bool:
    """An infinitive is an event only under a verb that says it happens: "began to", "helped to", "is set to"."""
    chunks = scene.clauses.chunks
    verb = chunks[k]
    if is_subjunctive(scene, k):
        return True
    if (first := joined_infinitive(scene, k)) >= 0:
        return unreal_infinitive(scene, first)
    if not verb.infinitive:
        return False
    if k == 0:
        return True
    j = k - 1
    if verb.first and scene.clauses.tokens.low[verb.first - 1] in ("likely", "unlikely"):
        return True
    if chunks[j].kind == "NP" and k >= 3 and chunks[k - 2].word == "for" and chunks[k - 3].kind == "NP":
        return True  # "continued their calls for him to step down"
    if chunks[j].kind == "NP":
        j = noun_chain_head(scene.clauses, j) - 1
        if j >= 0 and chunks[j].word == "be" and chunks[k - 1].word not in _COMING:
            return True  # "it is time for Washington to free"
        if j >= 0 and chunks[j].word == "have" and chunks[k - 1].word not in _PURSUITS:
            return True  # "has the right to arrest", "had the weapons to strike"
        if chunks[k - 1].word in _OPEN and not (chunks[k - 1].word in _DONE and _was(scene, j)):
            return True  # "is likely to sign", "is able to strike"; "was able to arrest" is done
    charged = k >= 2 and chunks[k - 2].word in ("of", "for", "with")  # "charges of attempt to murder"
    if chunks[k - 1].kind == "NP" and chunks[k - 1].word in _PURSUITS and not charged:
        return False
    if j < 0 or chunks[j].kind != "VG":
        return True
    if chunks[j].infinitive and chunks[j].word in TRANSPARENT and not is_expected(chunks[j]):
        return unreal_infinitive(scene, j)  # "are trained to help retake the town"
    return not (is_expected(chunks[j]) or chunks[j].word in TRANSPARENT or is_told_of(chunks[j], verb))


def plan(scene: Scene, match: Match) -> None:
    """PLOVER's rule: a deed announced for later is a promise (AGREE) or a threat (THREATEN), a refusal a REJECT."""
    chunks = scene.clauses.chunks
    verb = chunks[match.verb]
    governor = chunks[match.transparent] if match.transparent >= 0 else None
    modal = verb.modal or (governor.modal if governor is not None and governor.word in TRANSPARENT else "")
    expected = governor is not None and verb.infinitive and is_expected(governor) and not _is_done(scene, match.verb)
    if modal not in FUTURE and not expected:
        return
    match.planned = True
    kind = match.type
    if verb.negated:
        if kind in COOPERATIVE:
            match.type, match.mode = "REJECT", _HELD_MODE.get(kind)
        return
    if kind in ("CONSULT", "COOPERATE", "AID", "CONCEDE", "RETREAT", "SUPPORT"):
        match.type, match.mode = "AGREE", None
    elif kind in ("PROTEST", "SANCTION", "COERCE", "ASSAULT"):
        match.mode = mode_of("THREATEN", match)
        match.type = "THREATEN"


#: Mode of a refusal or a demand by what it is about, and of a threat by the type and mode of the deed.
_HELD_MODE = {"AID": "assist", "CONSULT": "meet", "CONCEDE": "yield", "RETREAT": "yield", "COOPERATE": "assist"}
_THREAT_MODE = {
    ("ASSAULT", ""): "violence", ("MOBILIZE", ""): "violence", ("COERCE", ""): "restrict", ("SANCTION", ""): "restrict",
    ("COERCE", "arrest"): "arrest", ("COERCE", "ban"): "ban", ("COERCE", "deport"): "expel", ("SANCTION", "expel"): "expel",
    ("SANCTION", "withdraw"): "relations", ("COERCE", "seize"): "territory",
}  # fmt: skip
#: Verbs of seizing what somebody owns, not land.
_PROPERTY = frozenset({"freeze", "confiscate", "impound", "forfeit", "repossess"})
#: CAMEO codes of breaking off relations, which a threat of sanctions is not.
_RELATIONS = ("161", "164", "166")


def mode_of(kind: str, deed: Match) -> str | None:
    """The mode of a threat, demand or refusal of type ``kind`` about ``deed``, or None where the deed does not tell."""
    if kind in ("REJECT", "REQUEST"):
        return _HELD_MODE.get(deed.type)
    if kind != "THREATEN":
        return None
    if deed.mode == "seize" and deed.frame.trigger in _PROPERTY:
        return "restrict"
    if deed.type == "SANCTION" and deed.frame.cameo in _RELATIONS and deed.mode != "expel":
        return "relations"
    return _THREAT_MODE.get((deed.type, deed.mode or "")) or _THREAT_MODE.get((deed.type, ""))
