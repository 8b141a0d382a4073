"""The lean form of a record on the stream, and the way back.

On the stream nothing is repeated and nothing empty is written: a null, a false or an empty list is absent, and so is the
text of a block, an entity or a time expression where it is ``Article.text[start:end]``. `restore_texts` puts the texts back;
`Envelope.record` and the forwarders call it, so that ``block.text`` works for whoever reads through them.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from .article import Article, Block, Entity, Timex

Part = TypeVar("Part", Block, Entity, Timex)


def drop_texts(article: Article) -> Article:
    """Return the article without the texts that its spans give: ``text`` of blocks, entities and time expressions.

    A part whose text is not exactly ``article.text[start:end]`` keeps it.
    """
    return msgspec.structs.replace(
        article,
        blocks=[_without_text(block, article.text) for block in article.blocks],
        entities=[_without_text(entity, article.text) for entity in article.entities],
        timex=[_without_text(timex, article.text) for timex in article.timex],
    )


def restore_texts(article: Article) -> Article:
    """Return the article with the text of every block, entity and time expression. A repeat changes nothing."""
    return msgspec.structs.replace(
        article,
        blocks=[_with_text(block, article.text) for block in article.blocks],
        entities=[_with_text(entity, article.text) for entity in article.entities],
        timex=[_with_text(timex, article.text) for timex in article.timex],
    )


def list_fields(record: msgspec.Struct) -> dict[str, Any]:
    """Return every field of a record as plain values, the absent ones as null, false or an empty list."""
    return {name: _plain(getattr(record, name)) for name in record.__struct_fields__}


def _plain(value: object) -> Any:
    if isinstance(value, msgspec.Struct):
        return list_fields(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _without_text(part: Part, text: str) -> Part:
    return msgspec.structs.replace(part, text="") if part.text == text[part.start : part.end] else part


def _with_text(part: Part, text: str) -> Part:
    return part if part.text else msgspec.structs.replace(part, text=text[part.start : part.end])
