"""Quotation marks of one block: which stretches stand between marks, and which is left open for the next paragraph.

Straight, curly, typewriter (`` ''), German („ “), French (« »), Danish (» «), Swedish (” ”), Japanese marks (「 」 『 』).
A straight mark opens after a space or bracket and closes elsewhere. Single marks count only as a pair with spaces outside, so
that apostrophes stay apostrophes. One pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = re.compile(r"``|''|[\"“”„«»「」『』＂]|(?<![^\W_])[‘']|[’'](?![^\W_])")
_OPENS_AFTER = frozenset(" \t\n\r\u00a0([{—–-/:…")
#: Marks that only these close.
_CLOSING = {"„": '“”"', "«": "»", "»": "«»", "「": "」", "『": "』", "＂": "＂"}
_SINGLE = frozenset("‘'’")


@dataclass(frozen=True, slots=True)
class Quoted:
    """Text between marks: ``start:end`` inside them, ``outer_start:outer_end`` with them. ``open``: no closing mark."""

    start: int
    end: int
    outer_start: int
    outer_end: int
    open: bool = False
    closed: bool = False  #: ends with a mark of its own inside: ``"It is over," he said``


def quoted_spans(text: str, start: int, end: int) -> list[Quoted]:
    """Quoted stretches of ``text[start:end]``, in order; nested ones are part of the outer."""
    spans: list[Quoted] = []
    opened: tuple[int, int, str] | None = None
    for match in _MARK.finditer(text, start, end):
        mark, at, after = match.group(), match.start(), match.end()
        if mark in _SINGLE:
            opened = _single(text, mark, at, after, end, opened, spans, start)
            continue
        if opened is None or opened[2] in _SINGLE:
            if _can_open(text, mark, at, start):
                opened = (at, after, mark)
        elif _can_close(text, mark, at, opened[2], end):
            _add(text, spans, opened, at, after)
            opened = None
    if opened is not None and opened[2] not in _SINGLE and text[opened[1] : end].strip():
        spans.append(Quoted(opened[1], end, opened[0], end, True))
    return spans


def _single(
    text: str,
    mark: str,
    at: int,
    after: int,
    end: int,
    opened: tuple[int, int, str] | None,
    spans: list[Quoted],
    start: int,
) -> tuple[int, int, str] | None:
    if opened is None:
        opens = mark in "‘'" and (at == start or text[at - 1] in _OPENS_AFTER) and after < end and text[after].isalpha()
        return (at, after, mark) if opens else None
    if opened[2] in _SINGLE and mark in "’'" and at > opened[1] and (after >= end or not text[after].isalnum()):
        if at - opened[1] == 1:
            return None  # "rock 'n' roll"
        plural = text[at - 1] == "s" and mark != opened[2] and after < end and text[after] == " "
        if not plural and not text[at - 1].isspace():
            _add(text, spans, opened, at, after)
            return None
    return opened


def _can_open(text: str, mark: str, at: int, start: int) -> bool:
    if mark in "」』":
        return False
    if mark in ("”", "»", "''"):  # ”Vi går”, »Vi går«
        follow = text[at + len(mark) : at + len(mark) + 1]
        return (at == start or text[at - 1].isspace()) and (mark == "''" or follow.isalnum())
    return mark != '"' or at == start or text[at - 1] in _OPENS_AFTER or not text[at - 1].isalnum()


def _can_close(text: str, mark: str, at: int, opening: str, end: int) -> bool:
    if opening in _CLOSING:
        return mark in _CLOSING[opening]
    if mark in ("”", "''", "»"):
        return True
    return (
        mark == '"'
        and (opening == '"' or opening == "“")
        and (at == 0 or not text[at - 1].isspace() or at + 1 >= end or text[at + 1].isspace())
    )


def _add(text: str, spans: list[Quoted], opened: tuple[int, int, str], at: int, after: int) -> None:
    start, end = opened[1], at
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        spans.append(
            Quoted(start, end, opened[0], after, closed=text[start:end].rstrip("'’‘")[-1:] in tuple(".,!?…。！？؟।"))
        )
