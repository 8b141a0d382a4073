"""Runs the operator's own stages over an article: each gives it back, changed or not, or drops it."""

from __future__ import annotations

from functools import lru_cache, partial

import msgspec

from .. import plugins
from ..contract.article import Article
from ..model.failures import Failures
from ..ports import Dropped, Resources, Stage

#: Longest reason of a stage that is kept.
MOST_WHY_CHARS = 300


@lru_cache(maxsize=32)
def _build(kind: str, options: bytes) -> Stage:
    module = plugins.find(plugins.STAGES, kind, f"[[stages]] kind = {kind!r}")
    settings = plugins.settings_of(module, msgspec.json.decode(options or b"{}"), f"[[stages]] {kind}")
    stage: Stage = module.build(settings, Resources())
    return stage


def check(kind: str, options: bytes) -> None:
    """Build a stage once, to find mistakes at start. Raises SettingsError."""
    _build(kind, options)


def _run(kind: str, options: bytes, article: Article) -> Article | Dropped | None:
    return _build(kind, options)(article)


def run_stages(
    article: Article, stages: tuple[tuple[str, bytes], ...], failures: Failures
) -> tuple[Article | None, str | None]:
    """The article after every stage (kind, options as JSON), or None, and which stage dropped it and why. A stage that raises
    leaves the article as it was."""
    for kind, options in stages:
        unchanged: Article | Dropped | None = article
        kept = failures.attempt("stage", partial(_run, kind, options, article), unchanged)
        if kept is None:
            return None, f"stage {kind} dropped the article"
        if isinstance(kept, Dropped):
            return None, f"stage {kind} dropped the article: {kept.why[:MOST_WHY_CHARS]}"
        article = kept
    return article, None
