"""Checks ``[read]``: the user's own names, frames and model, which every child of the pool loads."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ..settings import ReadSettings


def checked(read: ReadSettings) -> ReadSettings:
    """Load each file once, so that mistakes show at start; return the section with absolute paths.

    Raises:
        SettingsError, LexiconError: A file, the model or a library is missing or wrong.
    """
    found = msgspec.structs.replace(
        read,
        gazetteers=_absolute(read.gazetteers),
        lexicons=_absolute(read.lexicons),
        spacy_model=str(Path(read.spacy_model).resolve()) if read.spacy_model else None,
    )
    if not (found.gazetteers or found.lexicons or found.spacy_model or found.other_languages):
        return found
    # Only here: the code of reading takes a third of a second to import, and the daemon itself never reads.
    from ..read.entities import gazetteer, spacy_model
    from ..read.events import frames
    from ..read.temporal import languages

    if found.gazetteers:
        gazetteer.load(tuple(Path(name) for name in found.gazetteers))
    if found.lexicons:
        frames.load_lexicon(tuple(Path(name) for name in found.lexicons))
    if found.spacy_model:
        spacy_model.check(Path(found.spacy_model))
    if found.other_languages:
        languages.check()
    return found


def warm_with(read: ReadSettings) -> str:
    """Return what `jobs.run.warm` is given, as JSON; empty where nothing is the user's own."""
    return msgspec.json.encode(read).decode() if read != ReadSettings() else ""


def _absolute(names: tuple[str, ...]) -> tuple[str, ...]:
    """File names as the child processes find them, wherever they run."""
    return tuple(str(Path(name).resolve()) for name in names)
