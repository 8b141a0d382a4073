"""Names by a spaCy model of the user's own, after ours: the one home of ``spacy``, imported only where a model is set.

The model adds what our lists and patterns pass over, and decides between person and organisation for names that no list of ours
knows. It never moves or removes a mention of ours. Where it has a parser, its dependency parse goes into `Document.parsed`,
from which `clauses_parsed` fills subjects and objects that our clauses do not find.
"""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from ...contract.article import ExtractorInfo
from ...errors import SettingsError
from ..document import SPOKEN, Arcs, Document, Mention
from ..syntax.tokenizer import split_name
from . import gazetteer
from .lexicon import load_name_words

#: The model's labels and our types; models of other languages say PER and have no GPE.
_TYPES = {
    "PERSON": "PERSON", "PER": "PERSON", "ORG": "ORG", "GPE": "GPE", "NORP": "NORP", "LOC": "LOC", "FAC": "FACILITY",
}  # fmt: skip
_PIECE = 4000  #: characters the model sees at a time: its discourse grows with them
_MOST = 100_000  #: characters of one article that it reads, some two seconds of CPU for a small model
#: Dependency labels, of spaCy's English models and of Universal Dependencies.
_SUBJECTS = frozenset({"nsubj", "nsubjpass", "nsubj:pass"})
_PASSIVE = frozenset({"nsubjpass", "nsubj:pass", "auxpass", "aux:pass"})
_OBJECTS = frozenset({"dobj", "obj"})
_SHARING = frozenset({"conj", "xcomp"})  #: verbs that share the subject of their head
_PLACES = {"country": "COUNTRY", "region": "REGION", "city": "CITY"}


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    type: str


def check(folder: Path) -> None:
    """Whether a model can be read from there, without the cost of reading it.

    Raises:
        SettingsError: spaCy is not installed, or the folder holds no model; the message says what to do.
    """
    if importlib.util.find_spec("spacy") is None:
        raise SettingsError(
            f"the model {folder} needs spaCy: pip install 'dateline[spacy]', or leave spacy_model empty"
        )
    if not (folder / "config.cfg").is_file() or not (folder / "meta.json").is_file():
        raise SettingsError(
            f"{folder}: no spaCy model (a folder with config.cfg and meta.json, as `nlp.to_disk` writes it); "
            "nothing is downloaded: give the path of a model on disk, or leave spacy_model empty"
        )


def find_more(document: Document, folder: Path, extra: Sequence[Path] = ()) -> tuple[Document, bool]:
    """``document`` with the model's mentions beside ours, and whether the model reads its language at all.

    Args:
        document: After `dateline.read.entities.recognizer.find_names`.
        folder: The model's.
        extra: The user's gazetteer files.
    Raises:
        SettingsError: As `check`, or the model does not load.
    """
    model = _model(folder)
    spoken = (document.language or "en").lower().partition("-")[0]
    if model.lang not in (spoken, "xx"):
        return document, False
    found: list[_Found] = []
    arcs: list[Arcs] = []
    for start, doc in _docs(model, document):
        found.extend(_names(document.text, start, doc))
        arcs.extend(_arcs(start, doc))
    table = gazetteer.load(extra)
    ours = _settled(document.mentions, found, table)
    new = _added(document, ours, found, table)
    mentions = tuple(sorted([*ours, *new], key=lambda m: (m.start, -m.end)))
    return replace(document, mentions=mentions, parsed=tuple(sorted(arcs, key=lambda a: a.verb))), True


def made_with(info: ExtractorInfo, folder: Path) -> ExtractorInfo:
    """``info`` as the record tells it where the model has read too: ``dateline+spacy``, ``0.1.0+en_core_web_sm-3.8.0``."""
    meta = _model(folder).meta
    model = f"{meta.get('lang', 'xx')}_{meta.get('name', folder.name)}-{meta.get('version', '0')}"
    return msgspec.structs.replace(info, name=f"{info.name}+spacy", version=f"{info.version}+{model}")


@lru_cache(maxsize=2)
def _model(folder: Path) -> Any:
    check(folder)
    import spacy
    from spacy.about import __version__ as version

    try:
        return spacy.load(folder, exclude=["lemmatizer"])  # which neither names nor slots need
    except (OSError, ValueError, ImportError, KeyError) as error:
        said = str(error).partition("\n")[0]
        raise SettingsError(
            f"{folder}: spaCy {version} cannot load this model: {said}; take one made for this version"
        ) from error


def _docs(model: Any, document: Document) -> Iterator[tuple[int, Any]]:
    """Each stretch as the model reads it, with its offset in the document."""
    for start, end in _pieces(document):
        yield start, model(document.text[start:end])


def _names(text: str, start: int, doc: Any) -> Iterator[_Found]:
    """What the model names, sorted and without overlap, with offsets into the document."""
    for ent in doc.ents:
        kind = _TYPES.get(ent.label_)
        a, b = _bare(text, start + ent.start_char, start + ent.end_char)
        if kind and a < b:
            yield _Found(a, b, kind)


def _arcs(start: int, doc: Any) -> Iterator[Arcs]:
    """Subjects and objects of each verb, with those that stand beside them; empty where the model has no parser.

    A verb without a subject of its own has that of the verb it is joined to or hangs on; "who" is the word that it describes.
    """
    if not doc.has_annotation("DEP"):
        return
    for verb in doc:
        subjects = _children(verb, _SUBJECTS)
        passive = any(word.dep_ in _PASSIVE for word in verb.children) if subjects else None
        governor = verb
        for _ in range(3):
            if subjects or governor.dep_ not in _SHARING:
                break
            governor = governor.head
            subjects = _children(governor, _SUBJECTS)
        if [s.lower_ for s in subjects] in (["who"], ["which"], ["that"]) and verb.dep_ in ("relcl", "acl:relcl"):
            subjects = [verb.head]
        objects = _children(verb, _OBJECTS)
        if subjects or objects:
            yield Arcs(
                verb=start + verb.idx,
                subjects=tuple(start + word.idx for word in subjects),
                objects=tuple(start + word.idx for word in objects),
                passive=passive,
            )


def _children(word: Any, kinds: frozenset[str]) -> list[Any]:
    """The word's dependants of these kinds, each with those joined to it by "and"."""
    return [one for child in word.children if child.dep_ in kinds for one in (child, *child.conjuncts)]


def _pieces(document: Document) -> Iterator[tuple[int, int]]:
    """Stretches of whole sentences of one block, up to `_PIECE` characters, up to `_MOST` in all."""
    start = end = 0
    block, left = -1, _MOST
    for s in document.sentences:
        if document.blocks[s.block].kind not in SPOKEN:
            continue
        if s.block != block or s.end - start > _PIECE:
            if end > start:
                yield start, end
                left -= end - start
            start, block = s.start, s.block
        end = min(s.end, start + _PIECE)  # a longer sentence is no sentence
        if end - start > left:
            return
    if end > start:
        yield start, end


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without article, possessive mark and white space around it."""
    if text[start : start + 4].lower() == "the ":
        start += 4
    if text[start:end].endswith(("'s", "’s")):
        end -= 2
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _settled(ours: Iterable[Mention], found: list[_Found], table: gazetteer.Gazetteer) -> list[Mention]:
    """Our mentions; a name that no list of ours knows is a person or an organisation as the model says, wherever it stands."""
    mentions = list(ours)
    said = {(f.start, f.end): f.type for f in found}
    votes: dict[int, Counter[str]] = {}
    for m in mentions:
        kind = said.get((m.head_start, m.head_end))
        if kind in ("PERSON", "ORG") and m.type in ("PERSON", "ORG", "UNKNOWN"):
            votes.setdefault(m.entity, Counter())[kind] += 1
    settled = {}
    for m in mentions:
        if m.entity in votes and _listed(m, table):
            del votes[m.entity]
    for entity, counted in votes.items():
        (first, most), *others = counted.most_common()
        if not others or most > others[0][1]:
            settled[entity] = first
    return [
        replace(m, type=settled[m.entity]) if m.entity in settled and m.type in ("PERSON", "ORG", "UNKNOWN") else m
        for m in mentions
    ]


def _listed(mention: Mention, table: gazetteer.Gazetteer) -> bool:
    """Whether our own lists, a title in the text, or a word of the name ("Anna", "Ministry") say what it is."""
    if mention.title or mention.canonical in table.people or _known(mention.canonical, table) is not None:
        return True
    lists, (first, *others) = load_name_words(), mention.canonical.split() or [""]
    return bool(others) and (first in lists.given or first in lists.genders or others[-1] in lists.last)


def _known(name: str, table: gazetteer.Gazetteer) -> gazetteer.Name | None:
    tokens = split_name(name)
    rows = table.names.get(tokens[0], ()) if tokens else ()
    return next((meaning for row, meaning in rows if row == tokens), None)


def _added(
    document: Document, ours: list[Mention], found: list[_Found], table: gazetteer.Gazetteer
) -> Iterator[Mention]:
    """What overlaps no mention of ours, each joined to the entity of the same name."""
    home = document.dateline.country if document.dateline else None
    entities: dict[tuple[str, str], int] = {}
    for m in ours:
        entities.setdefault((m.type, m.canonical.casefold()), m.entity)
    number = max((m.entity for m in ours), default=-1) + 1
    spans = sorted((m.start, m.end) for m in ours)
    at, reach = 0, 0
    for f in found:
        while at < len(spans) and spans[at][0] < f.end:
            reach = max(reach, spans[at][1])
            at += 1
        if reach > f.start:
            continue
        text = document.text[f.start : f.end]
        meant = _meaning(" ".join(text.split()), f.type, table, home)
        key = (meant.type, meant.canonical.casefold())
        if key not in entities:
            entities[key] = number
            number += 1
        yield Mention(
            start=f.start, end=f.end, text=text, type=meant.type, canonical=meant.canonical, entity=entities[key],
            head_start=f.start, head_end=f.end, country=meant.country, sector=meant.sector,
            code=meant.code or meant.country, resolved_by="model",
        )  # fmt: skip


def _meaning(name: str, kind: str, table: gazetteer.Gazetteer, home: str | None) -> gazetteer.Name:
    """What the gazetteer knows of the name, read as the model's kind."""
    if kind == "PERSON":
        country = table.people.get(name)
        return gazetteer.Name(name, "person", "PERSON", country)
    known = _known(name, table)
    if known is not None and (kind != "ORG" or known.kind == "organisation"):
        return known
    if kind in ("GPE", "LOC"):
        place = table.place(name, home)
        if place is not None:
            return gazetteer.Name(place.name, place.kind, _PLACES[place.kind], place.country)
        kind = "LOC"
    return gazetteer.Name(name, "name", kind)
