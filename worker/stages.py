"""Runs the operator's own stages over an article: each gives it back, changed or not, or drops it."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from worker import kinds
from worker.contract.article import Article
from worker.ports import Resources, Stage

FAMILY = "worker.read"


@lru_cache(maxsize=32)
def _build(kind: str, options: bytes) -> Stage:
    module = kinds.find(FAMILY, kind, f"[[stages]] kind = {kind!r}")
    settings = kinds.settings_of(module, msgspec.json.decode(options or b"{}"), f"[[stages]] {kind}")
    stage: Stage = module.build(settings, Resources())
    return stage


def check(kind: str, options: bytes) -> None:
    """Build a stage once, to find mistakes at start. Raises SettingsError."""
    _build(kind, options)


def run_stages(article: Article, stages: tuple[tuple[str, bytes], ...]) -> tuple[Article | None, str | None]:
    """The article after every stage (kind, options as JSON), or None and the kind that dropped it."""
    for kind, options in stages:
        kept = _build(kind, options)(article)
        if kept is None:
            return None, kind
        article = kept
    return article, None
