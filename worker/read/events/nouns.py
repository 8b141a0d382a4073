"""Noun frames against noun phrases: "the attack on X by Y", "launched an attack", "talks were held", "came under fire"."""

from __future__ import annotations

from ..lexicon import listed
from ..syntax.chunks import Clauses, noun_chain_head
from ..syntax.objects import Complements, coordinated_right, end_of_chain
from ..syntax.subjects import MOVING, subject
from .frames import Frame
from .match_context import Match, Scene, in_order, is_subjunctive, lemmas, plan, unreal_infinitive

LIGHT = listed("light")
SUFFER = frozenset(
    {"suffer", "face", "receive", "undergo", "come", "endure", "draw", "attract", "encounter", "sustain"}
)
HAPPEN = listed("happen")
_THOUGHTS = listed("thoughts")
_NOUN_RECIPIENTS = (
    "on",
    "against",
    "to",
    "with",
    "at",
    "of",
    "into",
    "over",
    "from",
    "for",
    "toward",
    "towards",
    "between",
    "inner",
)


def noun_frames(scene: Scene, k: int) -> list[Frame] | None:
    """Frames for the head noun of chunk ``k``."""
    chunk = scene.clauses.chunks[k]
    if chunk.kind != "NP":
        return None
    trigger = scene.lexicon.noun_forms.get(chunk.word)
    return list(scene.lexicon.nouns[trigger]) if trigger is not None else None


def noun_match(scene: Scene, k: int) -> Match | None:
    frames = noun_frames(scene, k)
    if not frames:
        return None
    return fit_noun(scene, frames, k)


def fit_noun(scene: Scene, frames: list[Frame], k: int) -> Match | None:
    clauses = scene.clauses
    chunk = clauses.chunks[k]
    phrase = " ".join(clauses.tokens.low[chunk.first : chunk.last + 1])
    after = scene.complements(k)
    verb, role = _carrier(scene, k)
    if (
        _only_thought_of(scene, k)
        or (role == "passive" and is_subjunctive(scene, verb))
        or (role == "light" and unreal_infinitive(scene, verb) and not _sets_out(scene, verb))
    ):
        return None
    if _is_predicate(clauses, k) and not any(w == "by" for w, _, _ in after.prepositions):
        frames = [frame for frame in frames if frame.type != "ASSAULT"]
    plotted = role == "light" and clauses.chunks[verb].word == "plan"
    for frame in frames:
        if plotted and frame.type in ("ASSAULT", "COERCE"):
            return None  # "had been planning an attack": none happened
        if not frame.alone and (
            role == "subject" or (role == "" and k > 0 and scene.clauses.chunks[k - 1].kind == "P")
        ):
            continue  # "the strike killed four": the verb tells it
        if frame.before and not any(f"{b} " in phrase + " " for b in frame.before):
            continue
        if frame.not_object and frame.not_object & (set(phrase.split()) | _after_words(scene, after)):
            continue
        if frame.object and not frame.object & _after_words(scene, after) and not frame.object & set(phrase.split()):
            continue
        if frame.subject and (verb < 0 or not frame.subject & {clauses.chunks[verb].word}):
            continue
        behind = after.prepositions + (scene.complements(verb).prepositions if role in ("passive", "happen") else [])
        if frame.prep and not any(word in frame.prep for word, _, _ in behind):
            continue
        match = Match(frame, k, (chunk.head, chunk.head), verb, type=frame.type, mode=frame.mode, extent=after.end)
        match.light = role not in ("", "subject")
        _fill_noun(scene, match, frame, k, after, verb, role)
        if verb >= 0:
            plan(scene, match)
        return match
    return None


#: Verbs that only say what something is.
_NAMING = frozenset({"be", "call", "term", "label", "brand", "deem"})


def _is_predicate(clauses: Clauses, k: int) -> bool:
    """Whether the noun phrase only says what something is: "was a malicious attack", "called it murder"."""
    before = [c for c in clauses.chunks[max(0, k - 3) : k] if c.kind != '"'][-2:]
    if before and before[-1].kind == "VG":
        return before[-1].word in _NAMING
    return len(before) == 2 and before[1].kind == "NP" and before[0].kind == "VG" and before[0].word in _NAMING - {"be"}


def _sets_out(scene: Scene, verb: int) -> bool:
    """ "Ships sailed on Thursday to begin a drill": who has set out to begin it has begun it."""
    chunks = scene.clauses.chunks
    if chunks[verb].word not in _BEGINNING:
        return False
    before = next((c for c in reversed(chunks[max(0, verb - 9) : verb]) if c.kind == "VG"), None)
    return before is not None and before.finite and before.word in MOVING and not before.modal and not before.negated


_BEGINNING = frozenset({"begin", "start", "join", "open"})


def _only_thought_of(scene: Scene, k: int) -> bool:
    """ "The possibility of talks", "fears of an attack": the noun before makes it a thought."""
    chunks = scene.clauses.chunks
    return k >= 2 and chunks[k - 1].word in ("of", "for", "about") and chunks[k - 2].word in _THOUGHTS


def _after_words(scene: Scene, after: Complements) -> set[str]:
    out: set[str] = set()
    for _, group, _ in after.prepositions[:2]:
        out |= lemmas(scene.clauses, group)
    return out


def _carrier(scene: Scene, k: int) -> tuple[int, str]:
    """The verb that carries an event noun and how: light (its object), passive (its subject), suffer, happen."""
    chunks = scene.clauses.chunks
    j = k - 1
    particle_ok = (
        j >= 0 and chunks[j].kind == "P" and chunks[j].word in ("out", "up", "off", "in", "into", "under", "down", "on")
    )
    if particle_ok and j >= 1 and chunks[j - 1].kind == "VG" and chunks[j - 1].word in LIGHT | SUFFER:
        j -= 1
    if j >= 0 and chunks[j].kind in ("C", ",") and j >= 1 and chunks[j - 1].kind == "NP":
        head = noun_chain_head(scene.clauses, j - 1)
        if head != j - 1 and head > 0 and chunks[head - 1].word == "have":
            return -1, ""  # "have concerns about the missiles and the attack"
        j = head - 1
    if j >= 0 and chunks[j].kind == "NP":
        j -= 1
    if j >= 0 and chunks[j].kind == "VG":
        if chunks[j].word in SUFFER:
            return j, "suffer"
        if chunks[j].word in LIGHT and not chunks[j].passive:
            return j, "light"
        if chunks[j].word in LIGHT and chunks[j].passive and not chunks[j].finite:
            return j, "light"
    after = end_of_chain(scene.clauses, k) + 1
    while after + 1 < len(chunks) and chunks[after].kind == "P" and chunks[after + 1].kind == "NP":
        whole = chunks[after].word in ("between", "among")
        after = end_of_chain(scene.clauses, coordinated_right(scene.clauses, after + 1, whole=whole)[-1]) + 1
    if after < len(chunks) and chunks[after].kind == "VG":
        if chunks[after].passive and chunks[after].word in LIGHT:
            return after, "passive"
        if chunks[after].word in HAPPEN and chunks[after].finite:
            return after, "happen"
        if chunks[after].finite and chunks[after].word in scene.lexicon.verbs:
            return after, "subject"
    return -1, ""


def _fill_noun(scene: Scene, match: Match, frame: Frame, k: int, after: Complements, verb: int, role: str) -> None:
    chunks = scene.clauses.chunks
    slots: dict[str, list[int]] = {}
    for word, group, _ in after.prepositions:
        slots.setdefault(word, group)
    if role in ("passive", "happen"):
        for word, group, _ in scene.complements(verb).prepositions:
            slots.setdefault(word, group)
    owner = [k] if chunks[k].owner >= 0 or _named_modifier(scene, k) else []
    if role == "light":
        slots["subject"] = [s for s in subject(scene.clauses, verb) if s != k]
        objects = scene.complements(verb).objects
        if len(objects) > 1 and k in objects[1]:
            slots["object"] = objects[0]
        for word, group, _ in scene.complements(verb).prepositions:
            slots.setdefault(word, group)
    elif role == "suffer":
        slots["object"] = subject(scene.clauses, verb)
    slots["owner"] = owner
    if after.verb >= 0:
        slots["inner.actor"] = subject(scene.clauses, after.verb)
        deeper = scene.complements(after.verb)
        slots["inner"] = deeper.objects[0] if deeper.objects else []
    default = ("subject", "by", "owner", "between", "from") if not owner else ("subject", "owner", "by", "between")
    for name in frame.actor or default:
        if slots.get(name):
            match.actors = slots[name]
            break
    names = frame.recipient or _NOUN_RECIPIENTS
    match.recipients = in_order(("object", *names), slots, match.actors)


def _named_modifier(scene: Scene, k: int) -> bool:
    chunk, tokens = scene.clauses.chunks[k], scene.clauses.tokens
    return any(tokens.mention[i] >= 0 for i in range(chunk.first, chunk.head))
