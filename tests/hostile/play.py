"""Rounds over the catalogue. What was only late in company is asked again alone, on another site of the same case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from hostile import held
from hostile.house import Case, House, catalogue, house
from hostile.judge import NAMED, Findings, gaps, judge, repoll, whole
from support.redis_server import RedisServer

#: A case of each kind that ends within seconds, for every run of the tests.
QUICK = (
    "/ok/rss", "/ok/article", "/endless/close", "/endless/headers", "/endless/article", "/endless/mp4",
    "/bomb/gzip-10g", "/bomb/gzip-article", "/bomb/br-1g", "/bomb/gzip-truncated", "/len/short", "/len/negative",
    "/chunk/huge-size", "/reset/body", "/status/304-unasked", "/status/410", "/redir/self", "/redir/chain/4",
    "/redir/chain/30", "/redir/big-body", "/redir/cookie-leak", "/redir/private/0", "/redir/private/13",
    "/redir/scheme/0", "/charset/utf7-xss", "/charset/nul", "/charset/invalid-utf8", "/charset/surrogate-ref",
    "/xml/laughs", "/xml/xxe-file", "/xml/xxe-http", "/xml/deep", "/xml/attrs", "/xml/million", "/xml/truncated",
    "/html/deep200k", "/html/jsonld-deep", "/html/control", "/html/xss", "/html/zstd-body", "/html/captcha",
    "/http/429-5s", "/http/429-year-9999", "/http/poison", "/http/cookies", "/feed/flip-flop", "/feed/guid-rotates",
    "/feed/control-title", "/feed/log-inject", "/feed/bidi", "/feed/metric-inject", "/feed/redis-inject",
    "/feed/links-evil", "/feed/xss-title", "tls+0:/ok/rss", "tls+4:/ok/rss",
)  # fmt: skip


def chosen(paths: Iterable[str] | None = None) -> list[Case]:
    """The cases of these paths; all but the name server's where None (`hostile.ssrf` plays those)."""
    wanted = set(paths) if paths is not None else None
    return [c for c in catalogue() if c.duty["kind"] != "dns" and (wanted is None or c.path in wanted)]


def play(
    folder: Path, server: RedisServer, cases: list[Case], *, seconds: float = 900.0, most_measured: int | None = None
) -> tuple[Findings, list[str]]:
    """All duties of these cases on one daemon; gives what they broke, and what the house as a whole did.

    Args:
        most_measured: Of how many cases it is measured what is held; each takes some seconds.
    """
    with house(folder, server) as stage:
        stage.start(cases)
        stage.wait(seconds)
        found = first_look(stage, cases)
        for tag in ("again", "at-last"):  # a busy machine makes servers late, too
            again = [replace(case, tag=tag) for case in cases if case.number in found.late]
            if again:
                stage.forget()
                stage.list_feeds(again)
                stage.wait(seconds)
            for case in again:
                found.broken.pop(case.number)
                found.late.discard(case.number)
                judge(stage, case, found)
        several(stage, cases, found)
        if held.works():
            heavy = [case for case in cases if held.fits(case)]
            held.measure(stage, heavy[:most_measured], found)
        wrong = whole(stage)
        assert stage.daemon is not None
        if not stage.daemon.running():
            wrong.append("the daemon is dead")
        elif stage.daemon.stop() != 0:
            wrong.append("the daemon did not end well")
        return found, wrong


def first_look(stage: House, cases: list[Case]) -> Findings:
    """Every case after its first poll."""
    found = Findings(cases=len(cases))
    for case in cases:
        judge(stage, case, found)
    return found


def several(stage: House, cases: list[Case], found: Findings) -> None:
    """Duties over several polls, on sites that were asked once before."""
    refusing = [case for case in cases if case.path in NAMED]
    told = ("new_on_repoll", "max_revisions")
    repeating = [c for c in cases if any(c.duty.get(name) is not None for name in told) or c.path in ("/http/flap",)]
    both = [*refusing, *repeating]
    if not both:
        return
    stage.list_feeds(both)
    if refusing:
        gaps(stage, refusing, found)
    if repeating:
        repoll(stage, repeating, found)
