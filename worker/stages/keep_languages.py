"""Keep articles in the languages you read."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.article import Article
from ..ports import Dropped, Resources, Stage


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of the stage."""

    languages: tuple[str, ...] = ("en",)  #: BCP 47 primary tags: en, fr, zh.
    keep_unknown: bool = True  #: Whether an article whose language could not be told passes.


def build(settings: Settings, resources: Resources) -> Stage:
    """Return the stage."""
    wanted = {tag.lower().partition("-")[0] for tag in settings.languages}

    def keep_languages(article: Article) -> Article | Dropped:
        if not article.language:
            return article if settings.keep_unknown else Dropped("its language could not be told")
        is_wanted = article.language.lower().partition("-")[0] in wanted
        return article if is_wanted else Dropped(f"its language is {article.language}")

    return keep_languages
