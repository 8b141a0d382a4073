"""What somebody says of somebody: "said Israel must withdraw" is a demand, "said the raid was illegal" an accusation."""

from __future__ import annotations

from ...contract.event import Party
from ..lexicon import listed
from ..syntax.chunks import Clauses
from ..syntax.subjects import subject
from .doubt import shares_denial
from .frames import Frame
from .match_context import Match, Scene, lemmas
from .nouns import noun_frames
from .participants import PartyFinder
from .verbs import SAY, speech_over, verb_match

DUTY = frozenset({"must", "should", "ought"})
#: What a thing is called by who condemns it.
_CONDEMNING = listed("condemning")
#: Longest way from "was" to the word that condemns ("was a flagrant and unprovoked violation"), in tokens.
_REACH = 6
#: Verbs that say what somebody must do, beside those of saying.
_RULING = SAY | {"rule"}
_PAPERS = listed("papers")


def duty_match(scene: Scene, k: int) -> Match | None:
    """ "said Israel must withdraw": a demand on whoever must."""
    chunks = scene.clauses.chunks
    verb = chunks[k]
    needed = verb.modal in DUTY or (
        verb.word in ("need", "have") and not verb.modal and scene.complements(k).link == "inf"
    )
    if verb.word in ("need", "have") and not verb.modal and (verb.passive or scene.complements(k).objects):
        needed = False  # "has the right to speak", "refugees were needed to boost"
    insisted = verb.form == "b" and verb.finite and verb.aux < 0 and not verb.modal  # "insists that Turkey withdraw"
    if insisted and (over := speech_over(scene, k)) >= 0 and chunks[over].word == "insist":
        needed = True
    if (verb.negated and verb.word in ("need", "have")) or verb.perfect or (verb.modal and verb.word in ("be", "have")):
        needed = False  # "does not have to pay", "should have gone", "should have a second chance"
    if not needed or (verb.word == "be" and not scene.complements(k).verb):
        return None
    governor = _speaker_of(scene, k)
    subjects = subject(scene.clauses, k)
    if governor < 0 or not subjects:
        return None
    frame = scene.lexicon.verbs.get("demand", (None,))[0]
    speakers = _speakers(scene, governor, k)
    if frame is None or not speakers or speakers == subjects:
        return None
    match = Match(frame, k, (verb.head, verb.last), governor, actors=speakers, recipients=subjects, type="REQUEST",
                  mode="change", extent=scene.complements(k).end)  # fmt: skip
    match.duty = True
    match.inner = verb_match(scene, k, inside=True)
    return match


def asked_parties(match: Match, clauses: Clauses, finder: PartyFinder, recipients: list[Party]) -> list[Party] | None:
    """The parties who are asked to do what must be done, or None where a thing must do something, which asks nobody."""
    passive = clauses.chunks[match.chunk].passive
    if not match.duty or (not passive and all(finder.is_agent(clauses, k) for k in match.recipients if k >= 0)):
        return recipients
    if match.inner is None or not passive:
        return None  # "support for Kyiv must answer needs"
    return []  # "said the troops must be withdrawn": asked of whoever can


def verdict_match(scene: Scene, k: int) -> Match | None:
    """ "Said the strike was illegal", "said X had violated the truce": an accusation of whoever did what is spoken of."""
    verb = scene.clauses.chunks[k]
    if not verb.finite or verb.negated or verb.modal or verb.passive or shares_denial(scene.clauses, k):
        return None
    stop = _calls(scene, k, _CONDEMNING) or _breaks(scene, k)
    if not stop:
        return _denial_match(scene, k)
    governor = _speaker_of(scene, k)
    frame = _frame_of(scene, "denounce", "ACCUSE")
    if governor < 0 or frame is None or scene.clauses.chunks[governor].negated:
        return None
    speakers, subjects = _speakers(scene, governor, k), subject(scene.clauses, k)
    if not speakers or not subjects or speakers == subjects or not any(_is_deed(scene, j) for j in subjects):
        return None
    return Match(frame, k, (verb.last, stop - 1), governor, actors=speakers, recipients=[*subjects, -1], type="ACCUSE",
                 mode="disapprove", extent=scene.complements(k).end)  # fmt: skip


def _denial_match(scene: Scene, k: int) -> Match | None:
    """ "The allegation is untrue, says X", "said reports of a deal were false": a denial by the speaker."""
    clauses = scene.clauses
    chunks = clauses.chunks
    stop = _calls(scene, k, _FALSE)
    claim = _claim_before(scene, k) if stop else -1
    frame = _frame_of(scene, "deny", "REJECT")
    if claim < 0 or frame is None:
        return None
    over = claim - 2 if claim > 1 and chunks[claim - 1].word == "that" else claim - 1
    if over < 0 or chunks[over].kind != "VG" or chunks[over].word not in SAY:
        over = _speaker_of(scene, k)
    if over < 0 or chunks[over].negated:
        return None
    speakers = _speakers(scene, over, k)
    if not speakers or claim in speakers:
        return None
    named = any(clauses.tokens.mention[i] >= 0 for i in range(chunks[claim].first, chunks[claim].last + 1))
    return Match(frame, k, (chunks[k].last, stop - 1), over, actors=speakers, recipients=[claim, -1] if named else [],
                 type="REJECT", mode="change", extent=scene.complements(k).end)  # fmt: skip


def _frame_of(scene: Scene, verb: str, kind: str) -> Frame | None:
    """The first frame of a verb that is of that type."""
    return next((frame for frame in scene.lexicon.verbs.get(verb, ()) if frame.type == kind), None)


def _claim_before(scene: Scene, k: int) -> int:
    """The noun phrase of a claim, report or accusation that is the subject of the verb at ``k``, over its "that" clause, or
    -1."""
    chunks = scene.clauses.chunks
    found = [j for j in subject(scene.clauses, k) if chunks[j].word in _CLAIMS]
    if found:
        return found[0]
    for j in range(k - 1, max(0, k - 14), -1):
        if chunks[j].kind == ";":
            break
        if chunks[j].word == "that" and chunks[j - 1].kind == "NP" and chunks[j - 1].word in _CLAIMS:
            return j - 1
    return -1


#: What can be called untrue, beside what is a claim.
_CLAIMS = listed("allegations") | {"report", "reports", "story", "stories", "news"}
_FALSE = frozenset(
    {"untrue", "false", "baseless", "unfounded", "groundless", "fabricated", "lie", "lies", "fictitious"}
)

#: What is done by who breaks an agreement or a law, and what crimes are called.
_BREAKING = frozenset({"violate", "breach", "flout", "infringe"})
_CRIMES = frozenset({"crime", "genocide", "atrocity", "violation", "abuse", "massacre"})


def _calls(scene: Scene, k: int, words: frozenset[str]) -> int:
    """The token after what "is" at ``k`` calls something, where one of ``words`` is among it; else 0."""
    tokens, verb = scene.clauses.tokens, scene.clauses.chunks[k]
    if verb.word != "be":
        return 0
    end = min(verb.last + 1 + _REACH, len(tokens.low))
    stop = next((i for i in range(verb.last + 1, end) if tokens.tag[i] not in "DNYC"), end)
    return stop if words & set(tokens.low[verb.last + 1 : stop]) else 0


def _breaks(scene: Scene, k: int) -> int:
    """The token after what the verb at ``k`` breaks or commits, where that is a law or a crime; else 0."""
    verb = scene.clauses.chunks[k]
    objects = scene.complements(k).objects if verb.word in _BREAKING or verb.word == "commit" else []
    if not objects or (verb.word == "commit" and not _CRIMES & lemmas(scene.clauses, objects[0])):
        return 0
    return scene.clauses.chunks[objects[0][-1]].last + 1


def _is_deed(scene: Scene, k: int) -> bool:
    """Whether the noun phrase ``k`` names what somebody did, or somebody: not "the weather"."""
    chunk, mentions = scene.clauses.chunks[k], scene.clauses.tokens.mention
    if any(mentions[i] >= 0 for i in range(chunk.first, chunk.last + 1)) or noun_frames(scene, k) is not None:
        return True
    return bool(scene.lexicon.classes["criticism_target"] & lemmas(scene.clauses, [k]))


def is_by_paper(match: Match, clauses: Clauses) -> bool:
    """Whether a bill, plan or deal is the subject, or nobody ("fewer people will be held"): no plan of anybody's here."""
    if match.type == "THREATEN" and match.frame.kind == "verb" and not match.actors:
        return clauses.chunks[match.verb].passive
    return any(clauses.chunks[k].word in _PAPERS for k in match.actors)


def _speaker_of(scene: Scene, v: int) -> int:
    """The verb of saying over the finite verb ``v``, before its clause or behind it (", a senator said"), or -1."""
    before = speech_over(scene, v, _RULING)
    if before >= 0:
        return before
    chunks = scene.clauses.chunks
    for j in range(v + 2, min(v + 20, len(chunks))):
        if chunks[j].kind == ";":
            return -1
        if chunks[j].kind != "VG" or not chunks[j].finite:
            continue
        ends = j + 1 >= len(chunks) or chunks[j + 1].kind in (";", "P")
        if _is_inverted(scene, j):
            return j
        said = chunks[j].word in SAY and ends and scene.complements(j).verb < 0 and not scene.complements(j).objects
        speakers = subject(scene.clauses, j) if said else []
        aside = bool(speakers) and speakers[0] > v and chunks[speakers[0] - 1].kind == ","
        return j if aside else -1
    return -1


def _is_inverted(scene: Scene, j: int) -> bool:
    """Whether the speaker follows the verb of saying at ``j``: ", says a minister"."""
    chunks = scene.clauses.chunks
    follows = chunks[j].word in ("say", "add") and chunks[j - 1].kind in (",", '"') and j + 1 < len(chunks)
    return follows and chunks[j + 1].kind == "NP"


def _speakers(scene: Scene, governor: int, v: int) -> list[int]:
    """The noun phrases of who says what the verb ``v`` tells, before or behind the verb of saying."""
    if governor > v and _is_inverted(scene, governor):
        return [governor + 1]
    return subject(scene.clauses, governor)
