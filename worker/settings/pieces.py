"""The settings cut into the small frozen pieces that each part is handed."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ..archive import ArchiveSettings
from ..fetch.polite_client import PolitenessSettings
from ..fetch.settings import FetchSettings
from ..ingest.revision import IngestSettings
from ..jobs import stages
from ..jobs.article import OwnWords
from ..pool import PoolSettings
from ..read.entities import gazetteer
from ..read.entities import spacy_model as spacy_names
from ..read.events import frames
from ..read.temporal import languages
from .schema import Read, Settings


def fetch_settings(settings: Settings) -> FetchSettings:
    """The client's piece."""
    f = settings.fetch
    return FetchSettings(
        contact=f.contact, user_agent=f.user_agent, connect_seconds=f.connect_seconds,
        first_byte_seconds=f.first_byte_seconds, total_seconds=f.total_seconds, max_redirects=f.max_redirects,
        max_feed_bytes=f.max_feed_bytes, max_page_bytes=f.max_page_bytes, allow=f.allow,
        keep_raw_headers=settings.archive.folder is not None,
    )  # fmt: skip


def politeness_settings(settings: Settings) -> PolitenessSettings:
    """Return the settings of the polite client."""
    p = settings.politeness
    return PolitenessSettings(
        spacing_seconds=p.spacing_seconds, at_once=p.at_once, respect_robots=p.respect_robots, owners=settings.owners,
        retry_after_floor_seconds=p.retry_after_floor_seconds, retry_after_ceiling_seconds=p.retry_after_ceiling_seconds,
    )  # fmt: skip


def ingest_settings(settings: Settings) -> IngestSettings:
    """The entry's piece; every stage is built once here, so that mistakes show at start."""
    rows = tuple((c.kind, msgspec.json.encode(dict(c.options))) for c in settings.stages)
    for kind, options in rows:
        stages.check(kind, options)
    own, i = own_words(settings.read), settings.ingest
    return IngestSettings(
        lease_seconds=i.lease_seconds, retry_seconds=i.retry_seconds, recheck_seconds=i.recheck_seconds, stages=rows,
        gazetteers=own.gazetteers, lexicons=own.lexicons, spacy_model=own.spacy_model, other_languages=own.other_languages,
        certainties=i.certainties, min_confidence=i.min_confidence, max_page_bytes=settings.fetch.max_page_bytes,
    )  # fmt: skip


def own_words(read: Read) -> OwnWords:
    """``[read]`` as jobs and batch lines carry it. Each file is read once here, so that mistakes show at start.

    Raises:
        SettingsError, LexiconError: A file, the model or a library is missing or wrong.
    """
    own = OwnWords(
        gazetteers=absolute(read.gazetteers),
        lexicons=absolute(read.lexicons),
        spacy_model="".join(absolute((read.spacy_model,) if read.spacy_model else ())),
        other_languages=read.other_languages,
    )
    if own.gazetteers:
        gazetteer.load(tuple(Path(name) for name in own.gazetteers))
    if own.lexicons:
        frames.load_lexicon(tuple(Path(name) for name in own.lexicons))
    if own.spacy_model:
        spacy_names.check(Path(own.spacy_model))
    if own.other_languages:
        languages.check()
    return own


def warm_with(own: OwnWords) -> str:
    """What the pool's zygote loads for all children, as `jobs.article.warm` takes it; empty where nothing is his own."""
    return msgspec.json.encode(own).decode() if own != OwnWords() else ""


def pool_settings(settings: Settings) -> PoolSettings:
    """The pool's piece."""
    p = settings.pool
    return PoolSettings(
        children=p.children,
        wall_seconds=p.wall_seconds,
        memory_bytes=p.memory_mib << 20,
        recycle_after_jobs=p.recycle_after_jobs,
        warm_with=warm_with(own_words(settings.read)),
    )


def archive_settings(settings: Settings) -> ArchiveSettings | None:
    """The archive's piece; None where no page is kept."""
    a = settings.archive
    if a.folder is None:
        return None
    keep = None if a.keep_days is None else a.keep_days * 86400
    return ArchiveSettings(Path(a.folder), max_bytes=a.max_mib << 20, max_seconds=a.max_hours * 3600, keep_seconds=keep)


def absolute(names: tuple[str, ...]) -> tuple[str, ...]:
    """File names as the child processes find them, wherever they stand."""
    return tuple(str(Path(name).resolve()) for name in names)
