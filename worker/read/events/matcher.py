"""Matches frames against the clauses of a sentence: which trigger, in which sense, with which slots.

Speech acts outrank what they speak about: when a frame governs a clause or object ("threatened to attack"), the frames
inside it are not events of their own but say what kind of threat, demand or promise it is.
"""

from __future__ import annotations

from ..lexicon import listed
from ..syntax.chunks import Clauses
from ..syntax.objects import end_of_chain
from ..syntax.subjects import subject
from .frames import Lexicon
from .match_context import Match, Scene, joined_infinitive
from .nouns import noun_match
from .said import duty_match, verdict_match
from .verbs import verb_match

#: Prepositions after which an event noun stands on its own beside the verb ("after talks with").
LOOSE = listed("loose")


def matches(lexicon: Lexicon, clauses: Clauses) -> list[Match]:
    """The sentence's matches in the order of their triggers."""
    scene = Scene(lexicon, clauses)
    found: list[Match] = []
    for k, chunk in enumerate(clauses.chunks):
        if k in scene.silent:
            continue
        if chunk.kind == "VG":
            match = duty_match(scene, k) or verdict_match(scene, k) or verb_match(scene, k)
        elif chunk.kind == "NP":
            match = noun_match(scene, k)
        else:
            continue
        if match is not None:
            silence(scene, match)
            found.append(match)
    return _without_themes(clauses, found)


def _without_themes(clauses: Clauses, found: list[Match]) -> list[Match]:
    """Without the nouns that a later verb of the sentence undoes: "sanctions imposed on Iran were lifted" is one event."""
    chunks = clauses.chunks
    themes: set[int] = set()
    for match in found:
        if match.frame.kind == "verb" and chunks[match.chunk].passive and chunks[match.chunk].finite:
            themes.update(subject(clauses, match.chunk))
    return [m for m in found if not (m.frame.kind == "noun" and m.chunk in themes and not _carried(clauses, m))]


def _carried(clauses: Clauses, match: Match) -> bool:
    return match.verb >= 0 and clauses.chunks[match.verb].finite


def silence(scene: Scene, match: Match) -> None:
    """Mark what the match has used: its object nouns, and, for a speech act, its whole clause."""
    after = scene.complements(match.chunk)
    chunks = scene.clauses.chunks
    if match.light and match.verb >= 0:
        scene.silent.add(match.verb)
    outer = match.frame.outer or match.frame.comp or match.frame.inner
    for group in after.objects:
        for k in group:
            _silence_chain(scene, k)
    for word, group, _ in after.prepositions:
        if outer or word not in LOOSE:
            for k in group:
                _silence_chain(scene, k)
    if match.inner is not None:
        scene.silent.add(match.inner.chunk)
    if after.verb >= 0 and (
        outer or chunks[after.verb].infinitive or after.link in ("for", "of", "with", "from", "over")
    ):
        _silence_verb(scene, after.verb)


def _silence_chain(scene: Scene, k: int) -> None:
    scene.silent.update(range(k, end_of_chain(scene.clauses, k) + 1))


def _silence_verb(scene: Scene, v: int) -> None:
    """A governed verb with its objects and the verbs it governs in turn."""
    seen: set[int] = set()
    for _ in range(6):
        if v < 0 or v in seen:
            return
        seen.add(v)
        scene.silent.add(v)
        after = scene.complements(v)
        for k in range(v, after.end + 1):
            scene.silent.add(k)
        nxt = after.end + 1
        chunks = scene.clauses.chunks
        joined = after.verb < 0 and nxt + 1 < len(chunks) and chunks[nxt].kind == "C" and chunks[nxt + 1].kind == "VG"
        if joined and (not chunks[nxt + 1].finite or joined_infinitive(scene, nxt + 1) >= 0):
            v = nxt + 1
        else:
            v = after.verb
