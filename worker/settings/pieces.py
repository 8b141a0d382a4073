"""The settings cut into the pieces that the ingest and the polite client are handed."""

from __future__ import annotations

import msgspec

from ..ingest.work import IngestSettings
from ..jobs import stages, user_files
from .schema import Settings


def ingest_settings(settings: Settings) -> IngestSettings:
    """The entry's piece; every stage is built once here, so that mistakes show at start."""
    rows = tuple((c.kind, msgspec.json.encode(dict(c.options))) for c in settings.stages)
    for kind, options in rows:
        stages.check(kind, options)
    own, i = user_files.checked(settings.read), settings.ingest
    return IngestSettings(
        lease_seconds=i.lease_seconds, retry_seconds=i.retry_seconds, recheck_seconds=i.recheck_seconds, stages=rows,
        gazetteers=own.gazetteers, lexicons=own.lexicons, spacy_model=own.spacy_model or "",
        other_languages=own.other_languages,
        certainties=i.certainties, min_confidence=i.min_confidence, max_page_bytes=settings.fetch.max_page_bytes,
    )  # fmt: skip
