"""One happening, one event: mentions of the same thing in one article become one; the main event; stable ids."""

from __future__ import annotations

import hashlib
from itertools import pairwise

from msgspec.structs import replace

from ...contract.event import Attribution, Counts, Location, Party
from .candidate import Draft
from .location import carry_places, is_finer

#: Kinds of block that may confirm an event but never make one.
SECONDARY = frozenset({"headline", "caption", "bullet"})
_CLASH = frozenset({"ASSAULT", "PROTEST", "MOBILIZE"})


def merge(drafts: list[Draft]) -> list[Draft]:
    """Drafts in the order of the text, with later mentions folded into earlier ones.

    Mentions in headlines, bullets and captions only count as support; one of them alone is dropped, unless the article has
    no body at all.
    """
    _carry_dates(drafts)
    _carry_actors(drafts)
    has_body = any(d.kind not in SECONDARY for d in drafts)
    body = [d for d in drafts if d.kind not in SECONDARY] if has_body else drafts
    merged: list[Draft] = []
    recent: dict[str, list[Draft]] = {}
    for draft in body:
        draft.told = _told(draft)
        same = recent.setdefault(draft.type, [])
        # Only the latest few of a type can be the same happening; a bound keeps long articles linear.
        earlier = next((other for other in reversed(same[-12:]) if _same(other, draft)), None)
        if earlier is None:
            merged.append(draft)
            same.append(draft)
        else:
            _absorb(earlier, draft)
    if has_body:
        for draft in drafts:
            if draft.kind in SECONDARY:
                found = next((o for o in recent.get(draft.type, [])[:12] if _same(o, draft, loose=True)), None)
                if found is not None:
                    found.mentions += 1
    carry_places(merged)
    return merged


def _carry_dates(drafts: list[Draft]) -> None:
    """Give what two parties "also" did the day of what they did in the sentence before."""
    for before, draft in pairwise(drafts):
        near = 0 < draft.sentence - before.sentence <= 1
        if draft.date is not None or before.date is None or not near or draft.type != before.type:
            continue
        ours, theirs = (d.codes[0] | d.codes[1] for d in (draft, before))
        if "also" in draft.clauses.tokens.low and len(ours) > 1 and ours == theirs:
            draft.date = replace(before.date, span=None)


def _carry_actors(drafts: list[Draft]) -> None:
    """Give a mobilisation that a bare noun tells the actor of the one told just before ("the mobilization of troops")."""
    for n, draft in enumerate(drafts):
        if draft.type != "MOBILIZE" or draft.actors or draft.recipients or draft.match.frame.kind != "noun":
            continue
        for other in reversed(drafts[max(0, n - 4) : n]):
            if other.type == "MOBILIZE" and other.actors and draft.sentence - other.sentence <= _NEAR_SENTENCES:
                draft.actors = [replace(p, resolved_by="memory") for p in other.actors]
                break


def _victim_starts(draft: Draft) -> set[int]:
    """Where the recipients' words begin."""
    return {party.start for party in draft.recipients}


def _same(first: Draft, second: Draft, *, loose: bool = False) -> bool:
    """Whether two drafts tell of one happening: same parties, no contradiction in date or place, and a shared word."""
    if (
        first.factuality.historical != second.factuality.historical
        or first.factuality.negated != second.factuality.negated
    ):
        return False
    if first.date and second.date and (first.date.end < second.date.start or second.date.end < first.date.start):
        return False
    a1, r1 = first.codes
    a2, r2 = second.codes
    if (a1 and a2 and not a1 & a2) or _other_people(first.actors, second.actors):
        return False
    if _other_places(first.location, second.location) or _other_tolls(first.counts, second.counts):
        return False
    if first.sentence < second.sentence and (not a1 or not a2) and _same_victims(first, second):
        return True
    if first.sentence == second.sentence:
        if first.type == "ASSAULT" and (not a1 or not a2) and _victim_starts(first) & _victim_starts(second):
            return True  # "was shot and killed by police"
        outcome = first.type in _CLASH and (a1 == a2 or ((not a1 or not a2) and _outcome(first, second)))
        return outcome or (a1 == a2 and r1 == r2) or first.trigger == second.trigger
    if (r1 and r2 and not r1 & r2) or not (a1 | r1) & (a2 | r2):
        return False
    if loose:
        return True
    where = {
        d.location.country for d in (first, second) if d.location and not d.location.inferred and d.location.country
    }
    if len(where) > 1:
        return False
    same_word = first.match.frame.trigger == second.match.frame.trigger
    same_parties = a1 == a2 and r1 == r2
    alike = a1 == a2 and (r1 == r2 or not r1 or not r2)
    if alike and first.type in _PHYSICAL and _told_again(first, second):
        return True
    if first.type in ("CONSULT", "AGREE", "SUPPORT", "REQUEST", "ACCUSE", "REJECT"):
        both = (a1 | r1) == (a2 | r2)
        return same_word and both
    bare = second.match.frame.kind == "noun" and not second.match.light
    return same_parties and (same_word or (first.mode == second.mode and bool(first.mode) and not bare))


def _other_people(first: list[Party], second: list[Party]) -> bool:
    """Whether both sides are people of office with names, and not one of them the same."""
    ours, theirs = (
        {p.canonical.rpartition(" ")[2] for p in side if p.canonical and p.title} for side in (first, second)
    )
    if ours and theirs and not ours & theirs:
        return True
    ours, theirs = ({w for p in side for w in p.text.lower().split() if w in _OFFICES} for side in (first, second))
    return bool(ours and theirs and not ours & theirs)


def _same_victims(first: Draft, second: Draft) -> bool:
    """Whether the next paragraphs name the same victims in the same words or number, of the same deed, by nobody or anybody.

    "A judge sentenced a former minister. ... The former minister was sentenced for taking bribes": one sentence.
    """
    if first.type not in _SUFFERED or second.sentence - first.sentence > _NEAR_SENTENCES:
        return False
    if second.date is not None and (first.date is None or second.date.start != first.date.start):
        return False
    if not first.recipients or not second.recipients:
        return False
    lands = {d.recipients[0].country for d in (first, second)} - {None}
    heads = [p.recipients[0].text.lower().rpartition(" ")[2] for p in (first, second)]
    if heads[0] != heads[1] or len(lands) > 1:
        return False
    tolls = first.counts.killed, second.counts.killed
    if None not in tolls:
        return tolls[0] == tolls[1]
    return first.match.frame.trigger == second.match.frame.trigger and first.counts == second.counts


_SUFFERED = frozenset({"ASSAULT", "SANCTION", "COERCE"})


#: Offices of which one is not the other: "the envoy urged" tells again nothing that "the minister urged" told.
_OFFICES = frozenset({"president", "minister", "envoy", "ambassador", "premier", "chancellor", "king", "queen", "mayor",
                      "governor", "senator", "lawmakers", "parliament", "court", "judge", "general"})  # fmt: skip
#: Tolls of one deed differ by what was learnt later, not by as much.
_FACTOR = 4


def _other_places(first: Location | None, second: Location | None) -> bool:
    """Whether the text tells two towns, neither of which names the other's region."""
    if first is None or second is None or first.inferred or second.inferred or first.lat is None or second.lat is None:
        return False
    return first.name != second.name and first.name != second.admin1 and second.name != first.admin1


def _other_tolls(first: Counts, second: Counts) -> bool:
    """Whether far more were killed in one than in the other: a strike, and the months of war before it."""
    if first.killed is None or second.killed is None:
        return False
    less, more = sorted((first.killed, second.killed))
    return more[0] >= _FACTOR * max(less[1], 1)


def _told_again(first: Draft, second: Draft) -> bool:
    """Whether the next paragraphs tell the same deed in other words: nothing new in day, sector or manner of the verb.

    "Gunmen killed six soldiers near Mopti on Monday. ... The gunmen attacked the post at dawn": one raid. "Mali's army has
    fought insurgents since 2012" is another thing: it lasts, and its parties are of other kinds.
    """
    if second.sentence - first.sentence > _NEAR_SENTENCES or (first.mode and second.mode and first.mode != second.mode):
        return False
    if second.date is not None and (first.date is None or second.date.start != first.date.start):
        return False
    if _unlike(first.actors, second.actors) or _unlike(first.recipients, second.recipients):
        return False
    for draft in (first, second):
        verb = draft.clauses.chunks[draft.match.verb] if draft.match.verb >= 0 else None
        if draft.factuality.tense != "past" or draft.factuality.conditional or verb is None or verb.perfect:
            return False
    return True


#: How far apart a deed and its retelling may stand, in sentences.
_NEAR_SENTENCES = 6
#: Types of deeds that a text may name by different verbs.
_PHYSICAL = frozenset({"ASSAULT", "PROTEST"})


def _unlike(first: list[Party], second: list[Party]) -> bool:
    """Whether two groups of parties are known to be of different sectors."""
    ours, theirs = ({p.sector for p in parties if p.sector} for parties in (first, second))
    return bool(ours and theirs and not ours & theirs)


#: Spans of time that part a deed from what came before it.
_LATER = frozenset({"hours", "day", "days", "week", "weeks", "month", "months", "year", "years"})


def _outcome(first: Draft, second: Draft) -> bool:
    """ "Hit the town, injuring four", "were killed when gunmen attacked": deed and outcome of one sentence."""
    chunk = second.clauses.chunks[second.match.chunk]
    low = second.clauses.tokens.low
    between = low[first.match.trigger[1] : second.match.trigger[0]]
    if any(word in _LATER and after == "after" for word, after in pairwise(between)):
        return False  # "killed in strikes two days after Israel shelled"
    return (chunk.kind == "VG" and not chunk.finite) or "when" in between or "after" in between


def _is_he(parties: list[Party]) -> bool:
    """Whether a pronoun for one person acts: "was wounded when he fired at police" tells not who wounded him."""
    return bool(parties) and parties[0].resolved_by == "pronoun" and parties[0].text.lower() in ("he", "she")


def _absorb(first: Draft, second: Draft) -> None:
    """Fold ``second`` into ``first``: what the first lacks, and who else says so."""
    first.mentions += 1
    first.sources |= second.sources
    if not first.actors and not (first.sentence == second.sentence and _is_he(second.actors)):
        first.actors = second.actors
    if not first.recipients:
        first.recipients = second.recipients
    two_promises = first.sentence == second.sentence and first.type == "AGREE"
    if first.date is None and not two_promises:  # "will cooperate and deliver boats in spring"
        first.date = second.date
    if second.location is not None and _says_more(second.location, first.location):
        first.location = second.location
    counts = {
        k: getattr(first.counts, k) or getattr(second.counts, k) for k in ("killed", "injured", "arrested", "size")
    }
    first.counts = Counts(**counts)
    if first.mode is None:
        first.mode = second.mode


def _says_more(new: Location, old: Location | None) -> bool:
    """Whether a later mention's place is told where the earlier was inferred, or is finer and in the same country."""
    if old is None or (old.inferred and not new.inferred):
        return True
    return not new.inferred and new.country == old.country and is_finer(new, old)


def choose_main(drafts: list[Draft], title: str | None) -> None:
    """Mark the event the article is about: early, factual, with both parties, sharing words with the title."""
    words = {w for w in (title or "").lower().split() if len(w) > 3}
    best: tuple[float, int] | None = None
    opening = min((d.sentence for d in drafts), default=0)
    seen: dict[int, int] = {}
    for n, draft in enumerate(drafts[:40]):
        earlier = seen[draft.sentence] = seen.get(draft.sentence, -1) + 1  # what a sentence tells first weighs more
        points = 3.0 / (1 + draft.sentence - opening) - 0.15 * earlier + draft.confidence + 0.15 * (draft.mentions - 1)
        low = set(draft.clauses.tokens.low)
        points += 0.15 * min(4, len(words & low))
        if draft.factuality.historical or draft.factuality.negated:
            points -= 2
        if draft.factuality.conditional:
            points -= 1
        if best is None or points > best[0]:
            best = (points, n)
    if best is not None:
        drafts[best[1]].main = True


def independent(draft: Draft) -> Attribution:
    """The attribution with the number of different sources over all mentions."""
    old = draft.attribution
    return Attribution(source=old.source, anonymous=old.anonymous, independent_sources=max(1, len(draft.sources)),
                       certainty=old.certainty, span=old.span)  # fmt: skip


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:20]


def _told(draft: Draft) -> tuple[str, ...]:
    actors, recipients = draft.codes
    day = draft.date.start if draft.date else ""
    return draft.type, draft.mode or "", *sorted(actors), ">", *sorted(recipients), day


def event_id(article: str, draft: Draft, number: int) -> str:
    """Stable over revisions that still support the event; ``number`` tells apart events equal in all of it.

    Made of the first mention alone: a paragraph added later that tells it again, with a date or a victim more, changes nothing.
    """
    return _digest(article, *(draft.told or _told(draft)), str(number))


def cluster_id(draft: Draft, day: str) -> str:
    """Equal across articles that report the same thing in other words: type, countries of all parties, day, and a place.

    The place counts only where the text tells it and it tells events apart (within one country, and for violence), and only
    as far as two reports agree on it: its first-level division, else its name. Parties that nobody can place count by name
    where no other does.
    """
    parties = {p.country or p.code for p in (*draft.actors, *draft.recipients)}
    known = sorted(code for code in parties if code)
    if not known:
        actors, recipients = draft.codes
        known = sorted(actors | recipients)
    where = draft.location or Location()
    place = where.country or ""
    if len(known) == 1 or draft.type in _PLACED:
        place = "" if where.inferred else where.admin1 or (where.name if where.lat is not None else None) or ""
    elif len(known) > 1:
        place = ""
    return _digest(draft.type, *known, day, place)


#: Types that the same two parties may do in several places on one day.
_PLACED = frozenset({"ASSAULT", "PROTEST", "MOBILIZE"})
