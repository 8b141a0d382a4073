"""Matches frames against the clauses of a sentence: which trigger, in which sense, with which slots.

Speech acts outrank what they speak about: when a frame governs a clause or object ("threatened to attack"), the frames
inside it are not events of their own but say what kind of threat, demand or promise it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from worker.read.clauses import Clauses, Complements, complements, end_of_chain, noun_chain_head, subject
from worker.read.frames import COOPERATIVE, Frame, Lexicon

FUTURE = frozenset({"will", "shall", "'ll", "’ll", "wo", "would"})
DUTY = frozenset({"must", "should", "ought"})
POSSIBLE = frozenset({"may", "might", "could", "can", "ca"})
#: Verbs that pass their subject and time on to the verb they govern and add nothing of their own.
TRANSPARENT = frozenset(
    """begin start continue manage proceed go help use come move vote decide rush opt choose seek try attempt keep resume
    set have let succeed conspire join team gather take act agree decide""".split()
)
EXPECTED = frozenset(
    {"schedule", "expect", "set", "slate", "due", "plan", "intend", "prepare", "aim", "poise", "want", "hope"}
)
SAY = frozenset(
    """say announce state declare tell insist warn reiterate report stress emphasize claim add note argue assert demand
    maintain believe think confirm promise""".split()
)
LIGHT = frozenset(
    """hold stage launch conduct carry make issue impose give deliver pay sign reach mount unleash announce provide send offer
    lodge file begin start resume open continue commit perpetrate undertake wage organize lead express voice direct convene
    attend execute place slap slam levy put enforce declare order step intensify renew host strike seal broker conclude
    initiate call raise mobilize deploy step_up ramp do take have be use face plan repeat level train cause extend tighten
    perform lend set complete hurl spread""".split()
)
SUFFER = frozenset(
    {"suffer", "face", "receive", "undergo", "come", "endure", "draw", "attract", "encounter", "sustain"}
)
HAPPEN = frozenset(
    """take begin start resume continue occur erupt end break happen follow leave come flare focus last include open
    conclude go fail collapse escalate spread intensify""".split()
)
#: Prepositions after which an event noun stands on its own beside the verb ("after talks with").
LOOSE = frozenset(
    {"after", "during", "following", "amid", "since", "before", "despite", "in", "at", "through", "over", "until"}
)


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
    inner_object: list[int] = field(default_factory=list)
    planned: bool = False
    transparent: int = -1  #: the governing verb that carries the tense instead, or -1
    extent: int = -1  #: last chunk of the clause
    light: bool = False


def lemmas(clauses: Clauses, members: list[int], lexicon: Lexicon) -> set[str]:
    """Words of the noun phrases with their "of" chains, plain and in the singular."""
    out: set[str] = set()
    for k in members:
        chunks = clauses.chunks
        for j in range(k, min(end_of_chain(clauses, k), k + 4) + 1):
            for i in range(chunks[j].first, chunks[j].last + 1):
                low = clauses.tokens.low[i]
                out.add(low)
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


class Matcher:
    """Finds the matches of one sentence."""

    def __init__(self, lexicon: Lexicon, clauses: Clauses) -> None:
        self.lexicon = lexicon
        self.clauses = clauses
        self.silent: set[int] = set()  #: chunks inside a speech act's complement
        self._complements: dict[int, Complements] = {}

    def complements(self, k: int) -> Complements:
        """What follows chunk ``k``, memoised."""
        known = self._complements.get(k)
        if known is None:
            known = self._complements[k] = complements(self.clauses, k)
        return known

    def matches(self) -> list[Match]:
        """The sentence's matches in the order of their triggers."""
        found: list[Match] = []
        for k, chunk in enumerate(self.clauses.chunks):
            if k in self.silent:
                continue
            if chunk.kind == "VG":
                match = self._duty(k) or self._verb(k)
            elif chunk.kind == "NP":
                match = self._noun(k)
            else:
                continue
            if match is not None:
                self._silence(match)
                found.append(match)
        return found

    # verbs ---------------------------------------------------------------------------------------------------------

    def _verb(self, k: int, *, inside: bool = False) -> Match | None:
        """The most specific verb frame that fits the verb group ``k``; ``inside`` when only its type is asked for."""
        frames = self.lexicon.verbs.get(self.clauses.chunks[k].word)
        if not frames:
            return None
        if not inside and self._unreal_infinitive(k):
            return None
        for frame in frames:
            match = self._fit_verb(frame, k)
            if match is not None:
                self._plan(match)
                return match
        return None

    def _fit_verb(self, frame: Frame, k: int) -> Match | None:
        clauses = self.clauses
        verb = clauses.chunks[k]
        after = self.complements(k)
        if frame.voice == "passive" and not verb.passive or frame.voice == "active" and verb.passive:
            return None
        if frame.negated is not None and frame.negated != verb.negated:
            return None
        last = verb.last
        if frame.particle:
            last = self._particle(frame.particle, verb.last, after)
            if last < 0:
                return None
        subjects = subject(clauses, k)
        objects = after.objects
        if frame.particle and after.after_particle and frame.particle == after.particle:
            objects = [after.after_particle, *objects]
        logical = [subjects] if verb.passive and subjects else objects
        if verb.passive and objects:
            logical = [*objects, subjects]
        if not self._words_fit(frame, logical, subjects, after):
            return None
        inner = None
        if frame.comp and not self._comp_fits(frame, after):
            return None
        if frame.inner or (frame.outer and after.verb >= 0):
            inner = self._inner(after, logical, frame)
            strict = bool(frame.inner) and frame.inner_name != "any"
            if strict and (inner is None or inner.type not in frame.inner):
                return None
        match = Match(frame, k, (verb.head, last), k, type=frame.type, mode=frame.mode, inner=inner, extent=after.end)
        self._fill_verb(match, frame, k, after, subjects, objects)
        self._inherit(match, k)
        return match

    def _particle(self, particle: str, last: int, after: Complements) -> int:
        """Token index of the particle, right after the verb or after a short object ("hand the city over"), or -1."""
        tokens = self.clauses.tokens
        wanted = particle.split()
        if tokens.low[last + 1 : last + 1 + len(wanted)] == wanted:
            return last + len(wanted)
        if after.objects and len(wanted) == 1:
            end = self.clauses.chunks[after.objects[0][-1]].last
            if end - last <= 6 and end + 1 < len(tokens.low) and tokens.low[end + 1] == particle:
                return end + 1
        return -1

    def _words_fit(self, frame: Frame, logical: list[list[int]], subjects: list[int], after: Complements) -> bool:
        """Whether the objects, prepositions and subject have the words that the frame asks for, and none it forbids."""
        clauses, lexicon = self.clauses, self.lexicon
        if frame.object or frame.not_object:
            found: set[str] = set()
            for group in logical[:2]:
                found |= lemmas(clauses, group, lexicon)
            if frame.object and not frame.object & found:
                return False
            if frame.not_object & found:
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
                    found |= lemmas(clauses, group, lexicon)
                if gerund:
                    found.add(clauses.chunks[after.verb].word)
                if not frame.prep_object & found:
                    return False
        if frame.subject and not frame.subject & lemmas(clauses, subjects, lexicon):
            return False
        if frame.not_subject and frame.not_subject & lemmas(clauses, subjects, lexicon):
            return False
        if frame.not_after:
            last = clauses.chunks[after.end].last if 0 <= after.end < len(clauses.chunks) else 0
            first = clauses.chunks[max(0, min(after.end, len(clauses.chunks) - 1))].first
            words = {self.clauses.chunks[after.verb].word} if after.verb >= 0 else set()
            if frame.not_after & words or frame.not_after & set(clauses.tokens.low[min(first, last) : last + 2]):
                return False
        return not frame.purpose or (after.verb >= 0 and clauses.chunks[after.verb].word in frame.purpose)

    @staticmethod
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

    def _inner(self, after: Complements, logical: list[list[int]], frame: Frame) -> Match | None:
        """The match inside a governing frame's clause or object, looked at for its type only."""
        v = after.verb
        for _ in range(3):
            if v < 0:
                break
            match = self._verb(v, inside=True)
            if match is not None:
                return match
            inner_after = self.complements(v)
            for group in inner_after.objects[:1]:
                noun = self._noun_frame(group[0])
                if noun is not None:
                    return self._noun_match(noun, group[0])
            if self.clauses.chunks[v].word not in TRANSPARENT:
                return None
            v = inner_after.verb
        groups = logical[:2] + [g for word, g, _ in after.prepositions if not frame.prep or word in frame.prep]
        for group in groups:
            for k in group[:2]:
                noun = self._noun_frame(k)
                if noun is not None:
                    return self._noun_match(noun, k)
        return None

    def _fill_verb(self, match: Match, frame: Frame, k: int, after: Complements, subjects: list[int],
                   objects: list[list[int]]) -> None:  # fmt: skip
        """Put chunk indices into the actor and recipient slots, in the order the frame names them."""
        verb = self.clauses.chunks[k]
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
        slots["subjects"] = subjects
        for theme in (*objects[:2], subjects if verb.passive else []):
            if theme and end_of_chain(self.clauses, theme[-1]) > theme[-1]:
                slots.setdefault("of", [theme[-1] + 2])
        if match.inner is not None:
            slots["inner"] = match.inner.recipients or match.inner.actors
            slots["inner.actor"] = match.inner.actors
            slots["inner.recipient"] = match.inner.recipients
        elif after.verb >= 0:
            deeper = self.complements(after.verb)
            for _ in range(2):  # "to help evacuate residents"
                if deeper.objects or deeper.verb < 0:
                    break
                deeper = self.complements(deeper.verb)
            slots["inner.actor"] = subject(self.clauses, after.verb)
            slots["inner"] = (
                deeper.objects[0] if deeper.objects else (deeper.prepositions[0][1] if deeper.prepositions else [])
            )
            slots["inner.recipient"] = slots["inner"]
        for name in frame.actor or ("subject",):
            if slots.get(name):
                match.actors = slots[name]
                break
        if len(match.actors) == 1 and self._bare_pronoun(match.actors[0]) and (over := self._speech_over(k)) >= 0:
            match.actors = subject(self.clauses, over) or match.actors  # "the rebels said they would"
        match.recipients = self._recipients(frame.recipient or _VERB_RECIPIENTS, slots, match.actors)

    def _bare_pronoun(self, k: int) -> bool:
        """A pronoun that the names stage could not resolve."""
        chunk, tokens = self.clauses.chunks[k], self.clauses.tokens
        return tokens.tag[chunk.first] == "R" and tokens.mention[chunk.first] < 0

    @staticmethod
    def _recipients(names: tuple[str, ...], slots: dict[str, list[int]], actors: list[int]) -> list[int]:
        """Chunk indices of all recipient candidates, in the frame's order; the first that is a party wins later."""
        out: list[int] = []
        for name in names:
            for k in slots.get(name, ()):
                if k not in out and k not in actors:
                    out.append(k)
            if slots.get(name):
                out.append(-1)  # a border: parties of one slot only
        return out

    def _inherit(self, match: Match, k: int) -> None:
        """An infinitive or gerund takes tense, negation and plan from the verb that governs it."""
        chunks = self.clauses.chunks
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

    def _unreal_infinitive(self, k: int) -> bool:
        """An infinitive is an event only under a verb that says it happens: "began to", "helped to", "is set to"."""
        chunks = self.clauses.chunks
        verb = chunks[k]
        if not verb.infinitive:
            return False
        if k == 0:
            return True
        j = k - 1
        if chunks[j].kind == "NP":
            j = noun_chain_head(self.clauses, j) - 1
        if chunks[k - 1].kind == "NP" and chunks[k - 1].word in _PURSUITS:
            return False
        if j < 0 or chunks[j].kind != "VG":
            return True
        governor = chunks[j].word
        if governor in EXPECTED or (governor == "be" and chunks[j].finite):
            return False
        return governor not in TRANSPARENT

    def _plan(self, match: Match) -> None:
        """PLOVER's rule: a deed announced for later is a promise (AGREE) or a threat (THREATEN), a refusal a REJECT."""
        chunks = self.clauses.chunks
        verb = chunks[match.verb]
        governor = chunks[match.transparent] if match.transparent >= 0 else None
        modal = verb.modal or (governor.modal if governor is not None and governor.word in TRANSPARENT else "")
        expected = governor is not None and verb.infinitive and (governor.word in EXPECTED or governor.word == "be")
        if modal not in FUTURE and not expected:
            return
        match.planned = True
        kind = match.type
        if verb.negated:
            if kind in COOPERATIVE:
                match.type, match.mode = "REJECT", _REJECT_MODE.get(kind)
            return
        if kind in ("CONSULT", "COOPERATE", "AID", "CONCEDE", "RETREAT", "SUPPORT"):
            match.type, match.mode = "AGREE", None
        elif kind in ("PROTEST", "SANCTION", "COERCE", "ASSAULT"):
            match.type, match.mode = (
                "THREATEN",
                THREAT_MODE.get((kind, match.mode or "")) or THREAT_MODE.get((kind, "")),
            )

    def _duty(self, k: int) -> Match | None:
        """ "said Israel must withdraw": a demand on whoever must."""
        chunks = self.clauses.chunks
        verb = chunks[k]
        needed = verb.modal in DUTY or (
            verb.word in ("need", "have") and not verb.modal and self.complements(k).link == "inf"
        )
        if not needed:
            return None
        governor = self._speech_over(k)
        subjects = subject(self.clauses, k)
        if governor < 0 or not subjects:
            return None
        frame = self.lexicon.verbs.get("demand", (None,))[0]
        speakers = subject(self.clauses, governor)
        if frame is None or not speakers or speakers == subjects:
            return None
        match = Match(frame, k, (verb.head, verb.last), governor, actors=speakers, recipients=subjects, type="REQUEST",
                      mode="change", extent=self.complements(k).end)  # fmt: skip
        match.inner = self._verb(k, inside=True)
        return match

    def _speech_over(self, v: int) -> int:
        """The verb of saying in whose clause the finite verb ``v`` stands, or -1."""
        chunks = self.clauses.chunks
        subjects = subject(self.clauses, v)
        j = (min(subjects) if subjects and min(subjects) < v else v) - 1
        while j >= 0 and (
            chunks[j].kind in ('"', ",", "P", "NP") or (chunks[j].kind == "S" and chunks[j].word == "that")
        ):
            if chunks[j].kind == "NP" and j + 1 < len(chunks) and chunks[j + 1].kind == ",":
                break
            j -= 1
        return j if j >= 0 and chunks[j].kind == "VG" and chunks[j].word in SAY else -1

    # nouns ---------------------------------------------------------------------------------------------------------

    def _noun_frame(self, k: int) -> list[Frame] | None:
        """Frames for the head noun of chunk ``k``."""
        chunk = self.clauses.chunks[k]
        if chunk.kind != "NP":
            return None
        trigger = self.lexicon.noun_forms.get(chunk.word)
        return list(self.lexicon.nouns[trigger]) if trigger is not None else None

    def _noun(self, k: int) -> Match | None:
        frames = self._noun_frame(k)
        if not frames:
            return None
        return self._noun_match(frames, k)

    def _noun_match(self, frames: list[Frame], k: int) -> Match | None:
        clauses = self.clauses
        chunk = clauses.chunks[k]
        phrase = " ".join(clauses.tokens.low[chunk.first : chunk.last + 1])
        after = self.complements(k)
        verb, role = self._carrier(k)
        for frame in frames:
            if role == "subject" and not frame.alone:
                continue  # "the strike killed four": the verb tells it
            if frame.before and not any(f"{b} " in phrase + " " for b in frame.before):
                continue
            if frame.not_object and frame.not_object & (set(phrase.split()) | self._after_words(after)):
                continue
            if frame.object and not frame.object & self._after_words(after) and not frame.object & set(phrase.split()):
                continue
            if frame.subject and (verb < 0 or not frame.subject & {clauses.chunks[verb].word}):
                continue
            if frame.prep and not any(word in frame.prep for word, _, _ in after.prepositions):
                continue
            match = Match(frame, k, (chunk.head, chunk.head), verb, type=frame.type, mode=frame.mode, extent=after.end)
            match.light = role not in ("", "subject")
            if frame.inner:
                match.inner = self._inner(after, [], frame)
                if frame.inner_name != "any" and (match.inner is None or match.inner.type not in frame.inner):
                    continue
            self._fill_noun(match, frame, k, after, verb, role)
            if verb >= 0:
                self._plan(match)
            return match
        return None

    def _after_words(self, after: Complements) -> set[str]:
        out: set[str] = set()
        for _, group, _ in after.prepositions[:2]:
            out |= lemmas(self.clauses, group, self.lexicon)
        return out

    def _carrier(self, k: int) -> tuple[int, str]:
        """The verb that carries an event noun and how: light (its object), passive (its subject), suffer, happen."""
        chunks = self.clauses.chunks
        j = k - 1
        particle_ok = (
            j >= 0
            and chunks[j].kind == "P"
            and chunks[j].word in ("out", "up", "off", "in", "into", "under", "down", "on")
        )
        if particle_ok and j >= 1 and chunks[j - 1].kind == "VG" and chunks[j - 1].word in LIGHT | SUFFER:
            j -= 1
        if j >= 0 and chunks[j].kind in ("C", ",") and j >= 1 and chunks[j - 1].kind == "NP":
            j = noun_chain_head(self.clauses, j - 1) - 1
        if j >= 0 and chunks[j].kind == "NP":
            j -= 1
        if j >= 0 and chunks[j].kind == "VG":
            if chunks[j].word in SUFFER:
                return j, "suffer"
            if chunks[j].word in LIGHT and not chunks[j].passive:
                return j, "light"
            if chunks[j].word in LIGHT and chunks[j].passive and not chunks[j].finite:
                return j, "light"
        after = end_of_chain(self.clauses, k) + 1
        while after + 1 < len(chunks) and chunks[after].kind == "P" and chunks[after + 1].kind == "NP":
            after = end_of_chain(self.clauses, after + 1) + 1
        if after < len(chunks) and chunks[after].kind == "VG":
            if chunks[after].passive and chunks[after].word in LIGHT:
                return after, "passive"
            if chunks[after].word in HAPPEN and chunks[after].finite:
                return after, "happen"
            if chunks[after].finite and chunks[after].word in self.lexicon.verbs:
                return after, "subject"
        return -1, ""

    def _fill_noun(self, match: Match, frame: Frame, k: int, after: Complements, verb: int, role: str) -> None:
        chunks = self.clauses.chunks
        slots: dict[str, list[int]] = {}
        for word, group, _ in after.prepositions:
            slots.setdefault(word, group)
        if role in ("passive", "happen"):
            for word, group, _ in self.complements(verb).prepositions:
                slots.setdefault(word, group)
        owner = [k] if chunks[k].owner >= 0 or self._named_modifier(k) else []
        if role == "light":
            slots["subject"] = [s for s in subject(self.clauses, verb) if s != k]
            objects = self.complements(verb).objects
            if len(objects) > 1 and k in objects[1]:
                slots["object"] = objects[0]
            for word, group, _ in self.complements(verb).prepositions:
                slots.setdefault(word, group)
        elif role == "suffer":
            slots["object"] = subject(self.clauses, verb)
        slots["owner"] = owner
        if after.verb >= 0:
            slots["inner.actor"] = subject(self.clauses, after.verb)
            deeper = self.complements(after.verb)
            slots["inner"] = deeper.objects[0] if deeper.objects else []
        default = ("subject", "by", "owner", "between", "from") if not owner else ("subject", "owner", "by", "between")
        for name in frame.actor or default:
            if slots.get(name):
                match.actors = slots[name]
                break
        names = frame.recipient or _NOUN_RECIPIENTS
        match.recipients = self._recipients(("object", *names), slots, match.actors)

    def _named_modifier(self, k: int) -> bool:
        chunk, tokens = self.clauses.chunks[k], self.clauses.tokens
        return any(tokens.mention[i] >= 0 for i in range(chunk.first, chunk.head))

    # order of precedence -------------------------------------------------------------------------------------------

    def _silence(self, match: Match) -> None:
        """Mark what the match has used: its object nouns, and, for a speech act, its whole clause."""
        after = self.complements(match.chunk)
        chunks = self.clauses.chunks
        if match.light and match.verb >= 0:
            self.silent.add(match.verb)
        outer = match.frame.outer or match.frame.comp or match.frame.inner
        for group in after.objects:
            for k in group:
                self._silence_chain(k)
        for word, group, _ in after.prepositions:
            if outer or word not in LOOSE:
                for k in group:
                    self._silence_chain(k)
        if match.inner is not None:
            self.silent.add(match.inner.chunk)
        if after.verb >= 0 and (outer or chunks[after.verb].infinitive):
            self._silence_verb(after.verb)

    def _silence_chain(self, k: int) -> None:
        self.silent.update(range(k, end_of_chain(self.clauses, k) + 1))

    def _silence_verb(self, v: int) -> None:
        """A governed verb with its objects and the verbs it governs in turn."""
        seen: set[int] = set()
        for _ in range(6):
            if v < 0 or v in seen:
                return
            seen.add(v)
            self.silent.add(v)
            after = self.complements(v)
            for k in range(v, after.end + 1):
                self.silent.add(k)
            nxt = after.end + 1
            chunks = self.clauses.chunks
            if after.verb < 0 and nxt + 1 < len(chunks) and chunks[nxt].kind == "C" and chunks[nxt + 1].kind == "VG" \
                    and not chunks[nxt + 1].finite:  # fmt: skip
                v = nxt + 1
            else:
                v = after.verb


#: Nouns whose infinitive is under way: "an attempt to kill", "an operation to detain".
_PURSUITS = frozenset({"attempt", "operation", "operations", "campaign", "drive", "effort", "efforts", "bid", "plot"})
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
)
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
)
_REJECT_MODE = {"AID": "assist", "CONSULT": "meet", "CONCEDE": "yield", "RETREAT": "yield", "COOPERATE": "assist"}
#: Mode of a threat, demand or refusal by what it is about.
THREAT_MODE = {
    ("ASSAULT", ""): "violence", ("COERCE", ""): "restrict", ("COERCE", "arrest"): "arrest", ("COERCE", "ban"): "ban",
    ("COERCE", "deport"): "expel", ("SANCTION", ""): "restrict", ("SANCTION", "expel"): "expel",
    ("SANCTION", "discontinue"): "relations", ("SANCTION", "withdraw"): "relations", ("PROTEST", ""): None,
    ("MOBILIZE", ""): "violence",
}  # fmt: skip
