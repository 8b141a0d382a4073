"""Verb frames against verb groups: the sense that fits, its slots, and what it governs."""

from __future__ import annotations

from ..lexicon import listed
from ..syntax.objects import Complements, end_of_chain
from ..syntax.subjects import subject
from .frames import Frame
from .match_context import TRANSPARENT, Match, Scene, in_order, is_held_back, lemmas, mode_of, plan, unreal_infinitive
from .nouns import fit_noun, noun_frames

_WEIGHING = listed("weighing")
SAY = listed("say")
_VERB_RECIPIENTS = (
    "object",
    "against",
    "with",
    "to",
    "on",
    "at",
    "from",
    "over",
    "for",
    "of",
    "toward",
    "towards",
    "into",
    "second",
    "inner",
)


#: Types of deed whose threat is one of violence where nothing finer is known: not "threatened to veto".
_FORCE = frozenset({"ASSAULT", "MOBILIZE", "COERCE"})


def verb_match(scene: Scene, k: int, *, inside: bool = False) -> Match | None:
    """The most specific verb frame that fits the verb group ``k``; ``inside`` when only its type is asked for."""
    frames = scene.lexicon.verbs.get(scene.clauses.chunks[k].word)
    if not frames:
        return None
    verb = scene.clauses.chunks[k]
    if not inside and ((verb.perfect and verb.modal in ("should", "ought")) or _in_a_law(scene, k)):
        return None  # "should have rebuked him"
    if not inside and (unreal_infinitive(scene, k) or _weighed(scene, k) or _wished(scene, k)):
        return None
    for frame in frames:
        match = _fit_verb(scene, frame, k)
        if match is not None:
            plan(scene, match)
            return match
    return None


def _fit_verb(scene: Scene, frame: Frame, k: int) -> Match | None:
    clauses = scene.clauses
    verb = clauses.chunks[k]
    after = scene.complements(k)
    if (frame.voice == "passive" and not verb.passive) or (frame.voice == "active" and verb.passive):
        return None
    if frame.negated is not None and frame.negated != verb.negated:
        return None
    last = verb.last
    if frame.particle:
        last = _particle(scene, frame.particle, verb.last, after)
        if last < 0:
            return None
    subjects = _speaker_again(scene, frame, k) or subject(clauses, k)
    objects = after.objects
    if frame.particle and after.after_particle and frame.particle == after.particle:
        objects = [after.after_particle, *objects]
    if not objects and not verb.passive and frame.trigger in _TRIED and k and clauses.chunks[k - 1].kind == ",":
        return None  # "the ex-minister, sentenced in Florida and now free,": who was tried is no judge
    logical = [subjects] if verb.passive and subjects else objects
    if verb.passive and objects:
        logical = [*objects, subjects]
    if not _words_fit(scene, frame, logical, subjects, after):
        return None
    inner = None
    if frame.comp and not _comp_fits(frame, after):
        return None
    if frame.inner or (frame.outer and after.verb >= 0):
        inner = _inner(scene, after, logical, frame)
        strict = bool(frame.inner) and frame.inner_name != "any"
        if is_held_back(scene, frame, after, inner) or (strict and (inner is None or inner.type not in frame.inner)):
            return None
    match = Match(frame, k, (verb.head, last), k, type=frame.type, mode=frame.mode, inner=inner, extent=after.end)
    if frame.outer and after.verb >= 0:
        match.governed = clauses.chunks[after.verb].first
    if inner is not None and frame.mode != "":
        unlike = match.type == "THREATEN" and inner.type not in _FORCE
        match.mode = mode_of(match.type, inner) or (None if unlike else match.mode)
    _fill_verb(scene, match, frame, k, after, subjects, objects)
    _inherit(scene, match, k)
    return match


_TRIED = frozenset({"sentence", "convict", "jail", "acquit", "imprison"})
#: What a speaker does next to what he says is so.
_SPEECH_ACTS = frozenset({"ACCUSE", "REQUEST", "THREATEN"})
_BEING = frozenset({"be", "remain", "have"})


def _speaker_again(scene: Scene, frame: Frame, k: int) -> list[int]:
    """The speaker's phrases, where a speech act is joined to a clause that says what is: "said that talks were over and
    accused", "insists that the island is its own and has threatened"; else an empty list."""
    chunks = scene.clauses.chunks
    if frame.type not in _SPEECH_ACTS or k < 2 or not chunks[k].finite or chunks[k - 1].word != "and":
        return []
    inner = next((j for j in range(k - 2, max(-1, k - 14), -1) if chunks[j].kind == "VG" and chunks[j].finite), -1)
    if inner < 0:
        return []
    mentioned = scene.clauses.tokens.mention
    agents = any(mentioned[chunks[j].head] >= 0 for j in subject(scene.clauses, inner))
    if agents and chunks[inner].word not in _BEING:
        return []  # "said that rebels burnt the town and threatened"
    governor = speech_over(scene, inner)
    return subject(scene.clauses, governor) if governor >= 0 else []


def _weighed(scene: Scene, k: int) -> bool:
    """ "Considered sending", "avoided meeting": a gerund under a verb that leaves it undone."""
    chunks = scene.clauses.chunks
    if k < 1 or chunks[k].form != "g" or chunks[k].finite:
        return False
    held_off = k > 1 and "off" in scene.clauses.tokens.low[chunks[k].first - 1 : chunks[k].first]
    before = next((c.word for c in reversed(chunks[max(0, k - 2) : k]) if c.kind == "VG"), "")
    return chunks[k - 1].word in _WEIGHING or (held_off and before in ("hold", "put"))


def _in_a_law(scene: Scene, k: int) -> bool:
    """ "Signed legislation calling for sanctions": whether a law asks, and nobody who is there."""
    verb, before = scene.clauses.chunks[k], scene.clauses.chunks[k - 1].word if k else ""
    return verb.form == "g" and verb.word in ("call", "ask") and before in ("law", "bill", "legislation")


#: Verbs whose past is their bare form.
_SAME_IN_THE_PAST = frozenset({"cut", "hit", "set", "put", "shut", "let", "hurt", "beat", "shed", "split", "quit", "cast",
                               "cost", "bid", "spread", "burst", "bet", "rid", "thrust", "read", "slit", "upset"})  # fmt: skip


def _wished(scene: Scene, k: int) -> bool:
    """ "The demand is that China reduce its exports": a bare verb behind one country or person tells what should be."""
    chunks, tokens = scene.clauses.chunks, scene.clauses.tokens
    verb = chunks[k]
    if not verb.finite or verb.form != "b" or verb.aux >= 0 or verb.modal or k < 2 or chunks[k - 1].kind != "NP":
        return False
    if tokens.low[chunks[k - 1].first : chunks[k - 1].last + 1] in (["it"], ["he"], ["she"]):
        return verb.word not in _SAME_IN_THE_PAST  # "called it murder"
    one = tokens.kind[chunks[k - 1].head] in ("COUNTRY", "CITY", "PERSON") and chunks[k - 2].kind == "S"
    return one and chunks[k - 2].word == "that" and not tokens.low[chunks[k - 1].last].endswith("s")


def _particle(scene: Scene, particle: str, last: int, after: Complements) -> int:
    """Token index of the particle, right after the verb or after a short object ("hand the city over"), or -1."""
    tokens = scene.clauses.tokens
    wanted = particle.split()
    if tokens.low[last + 1 : last + 1 + len(wanted)] == wanted:
        return last + len(wanted)
    if after.objects and len(wanted) == 1:
        end = scene.clauses.chunks[after.objects[0][-1]].last
        if tokens.low[end + 1 : end + 2] == [","] and "," in tokens.low[end + 2 : end + 5]:
            end = tokens.low.index(",", end + 2)  # "forced the agency, UNHCR, out"
        if end - last <= 6 and end + 1 < len(tokens.low) and tokens.low[end + 1] == particle:
            return end + 1
    return -1


def _words_fit(scene: Scene, frame: Frame, logical: list[list[int]], subjects: list[int], after: Complements) -> bool:
    """Whether the objects, prepositions and subject have the words that the frame asks for, and none it forbids."""
    clauses = scene.clauses
    if frame.no_object and after.objects and not (logical and logical[0] == subjects):
        return False
    if frame.object or frame.not_object:
        found: set[str] = set()
        for group in logical[:2]:
            found |= lemmas(clauses, group)
        if frame.object and not frame.object & found:
            return False
        if frame.not_object & found:
            return False
    if frame.not_prep and (
        after.particle in frame.not_prep or any(w in frame.not_prep for w, _, _ in after.prepositions)
    ):
        return False
    if frame.prep or frame.prep_object:
        groups = [g for word, g, _ in after.prepositions if not frame.prep or word in frame.prep]
        if "of" in frame.prep:
            groups += [[g[-1] + 2] for g in logical[:2] if g and end_of_chain(clauses, g[-1]) > g[-1]]
        gerund = after.link in frame.prep
        if not groups and not gerund:
            return False
        if frame.prep_object:
            found = set()
            for group in groups:
                found |= lemmas(clauses, group)
            if gerund:
                found.add(clauses.chunks[after.verb].word)
            if not frame.prep_object & found:
                return False
    if frame.subject and not frame.subject & lemmas(clauses, subjects):
        return False
    if frame.not_subject and frame.not_subject & lemmas(clauses, subjects):
        return False
    if frame.not_after:
        last = clauses.chunks[after.end].last if 0 <= after.end < len(clauses.chunks) else 0
        first = clauses.chunks[max(0, min(after.end, len(clauses.chunks) - 1))].first
        words = {scene.clauses.chunks[after.verb].word} if after.verb >= 0 else set()
        if frame.not_after & words or frame.not_after & set(clauses.tokens.low[min(first, last) : last + 2]):
            return False
    return not frame.purpose or (after.verb >= 0 and clauses.chunks[after.verb].word in frame.purpose)


def _comp_fits(frame: Frame, after: Complements) -> bool:
    if after.verb < 0:
        return False
    if frame.comp == "that":
        return after.link in ("that", "bare", "if")
    if frame.comp == "any":
        return True
    wanted = frame.comp.replace("to", "inf").split("|")
    gerund = after.link not in ("inf", "that", "bare", "if", "whether", "why", "what", "how")
    return after.link in wanted or (gerund and "ing" in wanted)


def _inner(scene: Scene, after: Complements, logical: list[list[int]], frame: Frame) -> Match | None:
    """The match inside a governing frame's clause or object, looked at for its type only."""
    v = after.verb
    for _ in range(3):
        if v < 0:
            break
        match = verb_match(scene, v, inside=True)
        if match is not None:
            return match
        inner_after = scene.complements(v)
        for group in inner_after.objects[:1]:
            noun = noun_frames(scene, group[0])
            if noun is not None:
                return fit_noun(scene, noun, group[0])
        if scene.clauses.chunks[v].word not in TRANSPARENT:
            return None
        v = inner_after.verb
    groups = logical[:2] + [g for word, g, _ in after.prepositions if not frame.prep or word in frame.prep]
    for group in groups:
        for k in group[:2]:
            noun = noun_frames(scene, k)
            if noun is not None:
                return fit_noun(scene, noun, k)
    return None


def _fill_verb(scene: Scene, match: Match, frame: Frame, k: int, after: Complements, subjects: list[int],
               objects: list[list[int]]) -> None:  # fmt: skip
    """Put chunk indices into the actor and recipient slots, in the order the frame names them."""
    verb = scene.clauses.chunks[k]
    slots: dict[str, list[int]] = {}
    for word, group, _ in after.prepositions:
        slots.setdefault(word, group)
    if verb.passive:
        slots["subject"] = slots.get("by", [])
        slots["object"] = subjects
        if objects:
            slots["second"] = objects[0]
    else:
        slots["subject"] = subjects
        if objects:
            slots["object"] = objects[0]
        if len(objects) > 1:
            slots["second"] = objects[1]
    if not verb.passive and len(objects) == 1 and {scene.clauses.chunks[g].word for g in objects[0]} <= _FOUND:
        slots["subject"], slots["object"] = slots.get("by", []), subjects  # "a man held responsible for the blast"
    slots["subjects"] = subjects
    for theme in (*objects[:2], subjects if verb.passive else []):
        if theme and end_of_chain(scene.clauses, theme[-1]) > theme[-1]:
            slots.setdefault("of", [theme[-1] + 2])
    if verb.passive and verb.finite and len(subjects) == 1:
        for word, group, _ in scene.complements(subjects[0]).prepositions:
            if word != "by" and group != subjects and (frame.type != "ACCUSE" or word in _ACCUSED):
                slots.setdefault(word, group)  # "sanctions imposed on Iran were lifted"
    if match.inner is not None:
        slots["inner"] = match.inner.recipients or match.inner.actors
        slots["inner.actor"] = match.inner.actors
        slots["inner.recipient"] = match.inner.recipients
    elif after.verb >= 0:
        deeper = scene.complements(after.verb)
        for _ in range(2):  # "to help evacuate residents"
            if deeper.objects or deeper.verb < 0 or deeper.link in ("if", "unless"):
                break
            deeper = scene.complements(deeper.verb)
        slots["inner.actor"] = subject(scene.clauses, after.verb)
        slots["inner"] = slots["inner.recipient"] = (
            deeper.objects[0] if deeper.objects else (deeper.prepositions[0][1] if deeper.prepositions else [])
        )
    _address(scene, match, k, after, slots)
    for name in frame.actor or ("subject",):
        if slots.get(name):
            match.actors = slots[name]
            break
    if len(match.actors) == 1 and _bare_pronoun(scene, match.actors[0]) and (over := speech_over(scene, k)) >= 0:
        match.actors = subject(scene.clauses, over) or match.actors  # "the rebels said they would"
    if frame.type == "AID" and _is_sent(scene, frame, slots.get("object", [])):
        slots["object"] = []  # "ships were sent to the area": what is sent receives nothing
    if verb.passive and frame.type in ("ASSAULT", "COERCE") and not frame.recipient:
        for name in _BESIDE:
            slots.pop(name, None)  # "was shot in a gunfight with police": not the police
    if not verb.passive and objects and all(scene.clauses.chunks[g].word.isdigit() for g in objects[0]):
        slots = {"object": objects[0]}  # "arresting 40 on the steps of the court": of nobody else
    if frame.type == "ACCUSE" and any(scene.clauses.chunks[g].word in _CRIMES for g in slots.get("object", [])):
        slots.pop("in", None)  # "condemned the bombing in Kenya": not Kenya
    match.recipients = in_order(frame.recipient or _VERB_RECIPIENTS, slots, match.actors)


def frame_slots(match: Match) -> tuple[str, ...]:
    """Names of the slots where the match's frame looks for recipients."""
    return tuple(match.frame.recipient) or _VERB_RECIPIENTS


def _address(scene: Scene, match: Match, k: int, after: Complements, slots: dict[str, list[int]]) -> None:
    """Put who is asked or threatened into the inner slot, where the governed clause or a condition names him."""
    if match.type == "REQUEST" and after.link == "inf" and after.prepositions and after.prepositions[0][0] == "for":
        slots["inner"] = after.prepositions[0][1]  # "called for his followers to stop fighting US troops"
    active = after.verb >= 0 and after.link in ("that", "bare") and not scene.clauses.chunks[after.verb].passive
    if match.type == "REQUEST" and after.verb >= 0 and after.link in ("that", "bare") and not active:
        slots["inner"] = slots["inner.actor"] = []  # "demanded that the U.S. plan be put to a vote": of whoever can
    if match.type == "REQUEST" and after.link == "inf" and slots.get("object") and "object" in frame_slots(match):
        slots["inner"] = []  # "urged the newcomer to stop writing about the senators"
    if match.type == "REQUEST" and active and slots.get("inner.actor"):
        slots["inner"] = []  # "demanded that the House pass the government's bill": not of the government
    if match.type == "THREATEN" and not slots.get("inner") and (other := _provoker(scene, k)):
        slots["inner"] = other


#: Prepositions behind what is condemned that name whose it is: not "free meals to all pupils were branded".
_ACCUSED = frozenset({"of", "against", "from"})
#: What somebody is held to be: "held responsible" without an object is a passive.
_FOUND = frozenset({"responsible", "accountable", "liable"})
#: Deeds that are not the deeds of the country where they are done, as a coup or a crackdown is.
_CRIMES = frozenset(
    form
    for word in ("bombing", "attack", "blast", "explosion", "killing", "murder", "massacre", "shooting", "kidnapping",
                 "abduction", "assassination", "beheading", "hijacking", "ambush")
    for form in (word, word + "s", word + "es")
)  # fmt: skip
#: Prepositions that name who else was there, or why, and no victim.
_BESIDE = ("with", "from", "over", "for", "by")
_SENDING = frozenset({"send", "dispatch", "deploy", "ship", "rush"})


def _is_sent(scene: Scene, frame: Frame, objects: list[int]) -> bool:
    """Whether the object is what is given in aid, or who is sent to help."""
    if frame.trigger in _SENDING and frame.object & lemmas(scene.clauses, objects):
        return True
    heads = {scene.clauses.chunks[k].word for k in objects}
    return bool(scene.lexicon.classes["aid"] & {form for w in heads for form in (w, w.removesuffix("s"))})


def _provoker(scene: Scene, k: int) -> list[int]:
    """Who is threatened, by the condition: "vowed to retaliate if Israel strikes"."""
    chunks = scene.clauses.chunks
    for j in range(k + 1, min(k + 10, len(chunks) - 2)):
        if chunks[j].kind == "S" and chunks[j].word in ("if", "unless", "should"):
            return [j + 1] if chunks[j + 1].kind == "NP" else []
        if chunks[j].kind == ";":
            break
    return []


def _bare_pronoun(scene: Scene, k: int) -> bool:
    """A pronoun that the names stage could not resolve."""
    chunk, tokens = scene.clauses.chunks[k], scene.clauses.tokens
    return tokens.tag[chunk.first] == "R" and tokens.mention[chunk.first] < 0


def _inherit(scene: Scene, match: Match, k: int) -> None:
    """An infinitive or gerund takes tense, negation and plan from the verb that governs it."""
    chunks = scene.clauses.chunks
    verb = chunks[k]
    if verb.finite:
        return
    j = k - 1
    while j >= 0 and k - j < 12:
        if chunks[j].kind == "VG":
            match.transparent = j
            if chunks[j].finite:
                break
        elif chunks[j].kind in (";",):
            break
        j -= 1


def speech_over(scene: Scene, v: int, saying: frozenset[str] = SAY) -> int:
    """The verb of ``saying`` in whose clause the finite verb ``v`` stands, or -1."""
    chunks = scene.clauses.chunks
    subjects = subject(scene.clauses, v)
    j = (min(subjects) if subjects and min(subjects) < v else v) - 1
    while j >= 0 and (chunks[j].kind in ('"', ",", "P", "NP") or (chunks[j].kind == "S" and chunks[j].word == "that")):
        if chunks[j].kind == "NP" and j + 1 < len(chunks) and chunks[j + 1].kind == ",":
            break
        j -= 1
    return j if j >= 0 and chunks[j].kind == "VG" and chunks[j].word in saying else -1
