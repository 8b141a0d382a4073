"""The headline and the first paragraphs of an article as one document, and how near each sentence is to the headline."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...contract.article import Article, Block
from ..document import Document
from ..entities.recognizer import find_names
from ..syntax.sentences import split_sentences

#: How much of the body counts as its opening, in characters.
OPENING = 2000
_WORD = re.compile(r"[^\W_]{3,}")
_KINDS = frozenset({"body", "bullet"})


@dataclass(frozen=True, slots=True)
class Opening:
    """The opening read as one: offsets count in ``document.text``; the article's own are larger by ``shift``."""

    document: Document
    title: str
    shift: int
    begin: int  #: where the body begins in ``document.text``
    end: int
    headline: tuple[tuple[int, int], ...]  #: the headline's sentences
    body: tuple[tuple[int, int], ...]  #: the sentences of the body
    weights: tuple[float, ...]  #: one per sentence of the body, 0 to 2

    def weight(self, at: int) -> float:
        """How much the sentence at an offset says about the headline: shared words and earliness; 2 in the headline."""
        if at < self.begin:
            return 2.0
        for (start, end), weight in zip(self.body, self.weights, strict=True):
            if start <= at < end:
                return weight
        return 0.0


def read_opening(article: Article) -> Opening:
    """Headline and opening of ``article``, with names; a name in the headline is the body's."""
    title = " ".join((article.title or "").split())
    body = next((b for b in article.blocks if b.kind == "body"), None)
    begin = body.start if body else 0
    head = f"{title}\n\n" if title else ""
    shift = begin - len(head)
    text = head + article.text[begin : begin + OPENING]
    blocks = [Block(kind="headline", text=title, start=0, end=len(title))] if title else []
    for block in article.blocks:
        start, end = block.start - shift, min(block.end - shift, len(text))
        if block.kind in _KINDS and len(head) <= start < end:
            blocks.append(Block(kind=block.kind, text=text[start:end], start=start, end=end))
    document = Document(text=text, language=article.language, dateline=article.dateline, blocks=tuple(blocks))
    document = find_names(split_sentences(document))
    spans = [(s.start, s.end) for s in document.sentences]
    sentences = tuple(span for span in spans if span[0] >= len(head))
    topic = _stems(title)
    weights = tuple(_weight(topic, text[start:end], n) for n, (start, end) in enumerate(sentences))
    return Opening(
        document=document,
        title=title,
        shift=shift,
        begin=len(head),
        end=len(text),
        headline=tuple(span for span in spans if span[0] < len(head)),
        body=sentences,
        weights=weights,
    )


def _stems(text: str) -> frozenset[str]:
    """The words of a text cut to what inflection leaves alone, short ones left out."""
    return frozenset(word[:5] for word in _WORD.findall(text.lower()) if len(word) > 3)


def _weight(topic: frozenset[str], sentence: str, number: int) -> float:
    early = 1.0 / (1 + 0.25 * number)
    shared = len(topic & _stems(sentence)) / len(topic) if topic else 0.0
    return early + min(1.0, 1.5 * shared)
