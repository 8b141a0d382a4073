"""Drop articles too short to be news."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.article import Article
from ..ports import Dropped, Resources, Stage


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of the stage."""

    min_words: int = 80  #: Shortest body that passes, in words.


def build(settings: Settings, resources: Resources) -> Stage:
    """Return the stage."""

    def drop_short(article: Article) -> Article | Dropped:
        words = sum(len(block.text.split()) for block in article.blocks if block.kind in ("body", "bullet"))
        return article if words >= settings.min_words else Dropped(f"{words} words; min_words is {settings.min_words}")

    return drop_short
