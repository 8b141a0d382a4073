"""The event lexicon: frames in TOML, one file per PLOVER type, compiled into an index by trigger word.

A frame names one sense of one trigger: what must stand around it, which type and mode it means, and where its actor and
recipient are. ``docs/events.md`` explains every key. A file of the user's adds frames or, with the same ``id``, replaces ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, get_args

import tomli

from ...contract.event import PloverType
from ...errors import SettingsError
from ..lexicon import FOLDER, table
from ..syntax.inflection import british, s_form
from ..syntax.vocabulary import Words, words

TYPES: tuple[str, ...] = get_args(PloverType)
COOPERATIVE = frozenset({"AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT"})
HOSTILE = frozenset({"THREATEN", "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT", "REJECT", "ACCUSE"})
_INNER = {"cooperative": COOPERATIVE, "hostile": HOSTILE, "any": COOPERATIVE | HOSTILE | {"REQUEST"}}
_LISTS = ("object", "not_object", "prep", "prep_object", "subject", "not_subject", "before", "actor", "recipient", "purpose",
          "not_after", "not_prep")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """One sense of one trigger. Word lists hold lemmas in lower case; an empty list asks for nothing."""

    id: str
    type: PloverType
    kind: str  #: "verb" or "noun"
    trigger: str
    particle: str = ""
    mode: str | None = None
    cameo: str = ""
    intensity: float = 0.0
    object: frozenset[str] = frozenset()
    not_object: frozenset[str] = frozenset()
    subject: frozenset[str] = frozenset()
    not_subject: frozenset[str] = frozenset()
    prep: frozenset[str] = frozenset()
    prep_object: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    not_after: frozenset[str] = frozenset()
    not_prep: frozenset[str] = frozenset()
    purpose: frozenset[str] = frozenset()
    comp: str = ""
    inner: frozenset[str] = frozenset()
    inner_name: str = ""
    actor: tuple[str, ...] = ()
    recipient: tuple[str, ...] = ()
    voice: str = ""
    negated: bool | None = None
    needs: str = "either"
    outer: bool = False
    no_object: bool = False
    reciprocal: bool = False
    alone: bool = False
    contexts: tuple[str, ...] = ()
    example: str = ""
    weight: int = 0


#: What a key's value may be in a file, by the type of the field's default; annotations of a compiled class are not text. A word
#: list may be a single word.
_VALUES: dict[type, tuple[type, ...]] = {
    str: (str,), float: (int, float), int: (int,), bool: (bool,), frozenset: (str, list), tuple: (str, list),
}  # fmt: skip
_WANTED = {str: "text", int: "a whole number", float: "a number", bool: "true or false", list: "a list of words"}
_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("id", "type", "kind", "trigger", "mode"), (str,)), "negated": (bool,),  # no default, or None
    **{field.name: _VALUES[type(field.default)] for field in fields(Frame) if type(field.default) in _VALUES},
    "inner": (str,),
}  # fmt: skip
_KINDS_BY_TRIGGER = {kind: {**_KINDS, kind: (str,)} for kind in ("verb", "noun")}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Frames by trigger lemma, most specific first, with the word lists that the tagger needs.

    ``version`` is a digest of the files it was made from.
    """

    version: str
    frames: tuple[Frame, ...]
    verbs: dict[str, tuple[Frame, ...]]
    nouns: dict[str, tuple[Frame, ...]]
    noun_forms: dict[str, str]
    deeds: frozenset[str]  #: forms of nouns that mean violence or force
    classes: dict[str, frozenset[str]]
    words: Words


class LexiconError(SettingsError):
    """A lexicon file has a key or value we cannot use; the message names file, line and the choices."""

    code = "lexicon"


def _line_of(text: str, needle: str) -> int:
    """The 1-based line where ``needle`` first stands, or 1."""
    place = text.find(needle)
    return text.count("\n", 0, place) + 1 if place >= 0 else 1


def _expand(values: Iterable[str], classes: dict[str, frozenset[str]]) -> frozenset[str]:
    """A word list with its ``@class`` names replaced by their words."""
    out: set[str] = set()
    for value in values:
        if value.startswith("@"):
            if value[1:] not in classes:
                raise LexiconError(f"no word class {value}; there are {', '.join(sorted(classes))}")
            out |= classes[value[1:]]
        else:
            out.add(value)
    return frozenset(out)


def _frame(raw: dict[str, Any], defaults: dict[str, Any], classes: dict[str, frozenset[str]], prefix: str) -> Frame:
    """One frame from its table, checked key by key; one without an id gets the plain one, after ``prefix``. Raises LexiconError
    that does not say where."""
    data = {**defaults, **raw}
    kind = "verb" if "verb" in raw else "noun"
    _check_values(data, kind)
    trigger, _, particle = " ".join(data.pop(kind, "").split()).partition(" ")
    if not trigger:
        raise LexiconError("a frame needs `verb` or `noun`")
    if kind == "noun" and particle:  # multiword nouns: the last word is the trigger, the others must stand before it
        *first, trigger = f"{trigger} {particle}".split()
        data["before"], particle = [" ".join(first)], ""
    if data.get("type") not in TYPES:
        raise LexiconError(f"type {data.get('type')!r}; choose one of {', '.join(TYPES)}")
    particle = particle or str(data.get("particle", ""))
    inner_name = str(data.pop("inner", ""))
    for key in _LISTS:
        value = data.get(key, ())
        listed = [value] if isinstance(value, str) else list(value)
        data[key] = tuple(listed) if key in ("actor", "recipient") else _expand(listed, classes)
    if inner_name and inner_name not in _INNER and inner_name not in TYPES:
        raise LexiconError(f"inner {inner_name!r}; choose cooperative, hostile, any or a type")
    data["inner"] = _INNER.get(inner_name) or (frozenset({inner_name}) if inner_name else frozenset())
    weight = (6 * bool(data["object"]) + 5 * bool(data["prep_object"]) + 4 * bool(particle) + 3 * bool(data["prep"])
              + 4 * bool(inner_name) * (inner_name != "any") + 2 * bool(data.get("comp")) + 3 * bool(data["before"])
              + 3 * bool(data["purpose"]) + 2 * bool(data["subject"]) + bool(data.get("voice"))
              + 5 * (data.get("negated") is not None) + data.get("weight", 0))  # fmt: skip
    contexts = data.get("contexts", ())
    data.update(kind=kind, trigger=trigger, particle=particle, inner_name=inner_name, weight=weight,
                contexts=(contexts,) if isinstance(contexts, str) else tuple(contexts))  # fmt: skip
    data["id"] = data.get("id") or prefix + _plain_id(data["type"], trigger, particle)
    data["intensity"] = float(data.get("intensity", 0.0))  # a user's file may say -5
    return Frame(**data)


def _check_values(data: dict[str, Any], trigger: str) -> None:
    """Nothing, if every key is one and has a value of its kind. Raises LexiconError."""
    known = _KINDS_BY_TRIGGER[trigger]
    for key, value in data.items():
        if key not in known:
            raise LexiconError(f"unknown key {key!r}; the keys are {', '.join(sorted(known))}")
        kinds = known[key]
        right = isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
        if not right or (isinstance(value, list) and not all(isinstance(word, str) for word in value)):
            raise LexiconError(f"{key} is {value!r}, wanted {' or '.join(_WANTED[kind] for kind in kinds)}")
        if isinstance(value, float) and not -10 <= value <= 10:
            raise LexiconError(f"{key} is {value}, wanted a number from -10 to 10")
    cameo = data.get("cameo", "")
    if data.get("type") in TYPES and not re.fullmatch(r"(?:0[1-9]|1\d|20)\d{0,2}", cameo):
        raise LexiconError(f"cameo {cameo!r}; give a code of two to four digits that begins with 01 to 20")


def _plain_id(of_type: str, trigger: str, particle: str) -> str:
    """The id of a frame that its file does not name."""
    return "-".join(x for x in (of_type.lower(), trigger, particle.replace(" ", "-")) if x)


def _read_file(
    text: str, name: str, classes: dict[str, frozenset[str]], general: dict[str, dict[str, Any]], prefix: str = ""
) -> tuple[list[Frame], dict[str, Any]]:
    """The frames of one TOML file, and what stands at its head. Raises LexiconError with file and line.

    ``general`` has the code and intensity of each type, for frames that name none.
    """
    try:
        head = tomli.loads(text)
    except (ValueError, RecursionError) as error:
        raise LexiconError(f"{name}: not TOML: {error}") from error
    tables = head.pop("frame", [])
    if not isinstance(tables, list) or not all(isinstance(raw, dict) for raw in tables):
        raise LexiconError(f"{name}: write [[frame]] with two brackets, one for each frame")
    frames: list[Frame] = []
    for raw in tables:
        unsaid = general.get(str(raw.get("type", head.get("type"))), {})
        try:
            frames.append(_frame(raw, {**unsaid, **head}, classes, prefix))
        except LexiconError as error:
            trigger = raw.get("verb") or raw.get("noun") or "[[frame]]"
            line = _line_of(text, str(raw.get("example") or trigger))
            raise LexiconError(f"{name}, line {line}: {error}") from None
    return frames, head


def _unique(frames: Iterable[Frame]) -> dict[str, Frame]:
    """Frames by id; a second sense of a trigger in one file gets a number."""
    out: dict[str, Frame] = {}
    for frame in frames:
        name, n = frame.id, 2
        while name in out:
            name, n = f"{frame.id}-{n}", n + 1
        out[name] = replace(frame, id=name) if name != frame.id else frame
    return out


@cache
def _shipped() -> tuple[dict[str, Frame], dict[str, frozenset[str]], dict[str, dict[str, Any]], bytes]:
    """Our own frames by id, the word classes, the code and intensity of each type, and the text that all was read from."""
    raw_classes = table("event_classes")
    classes = {name: frozenset(value.split()) for name, value in raw_classes.items()}
    found: list[Frame] = []
    texts: list[bytes] = []
    general: dict[str, dict[str, Any]] = {}
    for path in sorted((FOLDER / "events").iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            text = path.read_text(encoding="utf-8")
            texts.append(text.encode())
            frames, head = _read_file(text, f"events/{path.name}", classes, {})
            found += frames
            general[head["type"]] = {key: head[key] for key in ("cameo", "intensity")}
    return _unique(found), classes, general, b"".join(texts)


@cache
def load_lexicon(extra: tuple[Path, ...] = ()) -> Lexicon:
    """The shipped lexicon with the user's files over it, compiled once per process.

    Args:
        extra: TOML files in the same form; a frame with an ``id`` of ours replaces it.
    Raises:
        LexiconError: A file cannot be read or holds a wrong key, value or class.
    """
    ours, classes, general, texts = _shipped()
    digest = hashlib.sha256(texts)
    by_id = dict(ours)
    for user_path in extra:
        try:
            text = user_path.read_text(encoding="utf-8")
        except OSError as error:
            raise LexiconError(f"{user_path}: cannot be read ({error.strerror}); check the path in [read]") from error
        except ValueError as error:  # not UTF-8, or no path at all
            raise LexiconError(f"{user_path}: cannot be read ({error}); save it as UTF-8") from error
        digest.update(text.encode())
        own, _ = _read_file(text, str(user_path), classes, general, "user-")
        by_id.update(_unique(own))
    return _compile(tuple(by_id.values()), classes, digest.hexdigest()[:12])


def _compile(frames: tuple[Frame, ...], classes: dict[str, frozenset[str]], version: str) -> Lexicon:
    """Index frames by trigger, the most specific first; ties keep the files' order."""
    verbs: dict[str, list[Frame]] = {}
    nouns: dict[str, list[Frame]] = {}
    forms: dict[str, str] = {}
    for frame in frames:
        if frame.kind == "verb":
            verbs.setdefault(frame.trigger, []).append(frame)
        else:
            nouns.setdefault(frame.trigger, []).append(frame)
            for spelling in filter(None, (frame.trigger, british(frame.trigger))):
                forms[spelling] = forms[s_form(spelling)] = frame.trigger
    extra_verbs = frozenset(v for v in verbs if v.isalpha() or "-" in v)
    return Lexicon(
        version=version,
        frames=frames,
        verbs={k: tuple(sorted(v, key=lambda f: -f.weight)) for k, v in verbs.items()},
        nouns={k: tuple(sorted(v, key=lambda f: -f.weight)) for k, v in nouns.items()},
        noun_forms=forms,
        deeds=frozenset(f for f, t in forms.items() if nouns[t][0].type in ("ASSAULT", "COERCE")),
        classes=classes,
        words=words(extra_verbs, frozenset(forms)),
    )
