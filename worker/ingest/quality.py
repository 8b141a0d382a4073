"""Whether a publisher's pages are read worse than they used to be: rolling rates against its own past.

Two exponentially decayed windows per publisher: the last 30 or so pages, and the last 300 or so without those. Decay counts
pages, not hours, so that a weekly and an agency are judged alike. While a publisher is degraded its past stands still; what
stays so for `DriftSettings.adopt_seconds` is taken as the new normal. `assess` decides and is pure; `Drift` gathers
what this worker saw and hands it to Redis every few seconds, where all workers' pages meet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .. import clock
from ..errors import StoreUnavailable
from ..store import upkeep
from ..store.publishers import Publisher, Publishers, Sample, Sums
from ..store.redis import Connection
from ..telemetry import Logger, get_logger

#: What is watched as a share, with what it is a share of.
SHARES: dict[str, str] = {
    "empty_body": "pages", "wall": "pages", "fallback": "pages",
    "no_title": "articles", "no_byline": "articles", "no_date": "articles",
    "short_text": "articles",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DriftSettings:
    """When a change is worth a notice. Measured on simulated publishers (tests/ingest/test_quality.py):
    a publisher that does not
    change gives no notice in 20,000 pages; a layout that loses most of its dates is told after 12 to 33."""

    rise: float = 0.25  #: least rise of a share, as a difference
    errors: float = 4.0  #: least distance in standard errors: of a share, or of the mean length
    length_factor: float = 2.0  #: texts so many times shorter or longer than before
    least_now: float = 12.0  #: pages in the window of now before anything is said
    least_past: float = 25.0  #: pages in the window before that: reached after some 60
    adopt_seconds: float = 21 * 86400.0  #: a worse reading that lasted so long is the new normal


@dataclass(frozen=True, slots=True)
class Assessment:
    """What `assess` found: the metrics that are bad now, and whether they are to be taken as normal from here on."""

    bad: tuple[str, ...]
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """One metric: a share (0 to 1), or for ``length`` the typical number of words. None where nothing was seen."""

    now: float | None
    past: float | None


def assess(known: Publisher, at: float, settings: DriftSettings = DriftSettings()) -> Assessment:
    """Which metrics are bad. Pure.

    A metric becomes bad when it is both much worse and surely worse, and good again when less than half of that is left
    (hysteresis: no notice flaps). Args: at: seconds since 1970.
    """
    if known.bad and known.since and at - known.since >= settings.adopt_seconds:
        return Assessment((), adopted=True)
    bad = [name for name in SHARES if _share_is_bad(name, known, settings)]
    if _length_is_bad(known, settings):
        bad.append("length")
    return Assessment(tuple(bad))


def rates(known: Publisher) -> dict[str, Rate]:
    """Every metric's rate now and in the past."""
    found = {
        name: Rate(_share(known.now, name, whole), _share(known.before, name, whole)) for name, whole in SHARES.items()
    }
    return {**found, "length": Rate(_words(known.now), _words(known.before))}


def _share(sums: Sums, name: str, whole: str) -> float | None:
    seen: float = getattr(sums, whole)
    return min(1.0, getattr(sums, name) / seen) if seen > 0 else None


def _words(sums: Sums) -> float | None:
    return math.expm1(sums.log_words / sums.articles) if sums.articles > 0 else None


def _share_is_bad(name: str, known: Publisher, settings: DriftSettings) -> bool:
    whole = SHARES[name]
    seen_now: float = getattr(known.now, whole)
    before = known.before
    seen_past: float = getattr(before, whole)
    already = name in known.bad
    if seen_now < settings.least_now or seen_past < settings.least_past:
        return already  # too few to say anything: what was said stands
    now = getattr(known.now, name) / seen_now
    past = (getattr(before, name) + 0.5) / (seen_past + 1)
    if already:
        return bool(now - past >= settings.rise / 2)
    error = math.sqrt(past * (1 - past) / seen_now) if 0 < past < 1 else 0.0
    return bool(now - past >= max(settings.rise, settings.errors * error))


def _length_is_bad(known: Publisher, settings: DriftSettings) -> bool:
    now, past = known.now, known.before
    already = "length" in known.bad
    if now.articles < settings.least_now or past.articles < settings.least_past:
        return already
    mean = past.log_words / past.articles
    distance = abs(now.log_words / now.articles - mean)
    limit = math.log(settings.length_factor)
    if already:
        return distance >= limit / 2
    spread = math.sqrt(max(0.0, past.log_words_squared / past.articles - mean * mean))
    return distance >= max(limit, settings.errors * spread / math.sqrt(now.articles))


#: Publishers whose rates this process shows as numbers: each is nine series where they are gathered.
MOST_SHOWN = 50


class Drift:
    """Gathers samples in this process; `flush` brings them to Redis and gives notice of what changed."""

    def __init__(self, connection: Connection, settings: DriftSettings = DriftSettings()) -> None:
        self._connection = connection
        self._table = Publishers(connection)
        self._settings = settings
        self._shown: dict[str, Publisher] = {}
        self.log: Logger = get_logger("drift")

    def article(self, publisher: str, words: int, lacks: tuple[str, ...], *, fallback: bool) -> None:
        """A page that was read. ``lacks`` holds title, byline, date where the page tells none, and text where it is much
        shorter than trafilatura's; with ``fallback`` the text is
        the feed's and only that is counted."""
        sample = Sample(fallback=fallback)
        if not fallback:
            sample = replace(
                sample, article=True, words=words, no_title="title" in lacks, no_byline="byline" in lacks,
                no_date="date" in lacks, short_text="text" in lacks,
            )  # fmt: skip
        self._table.add(publisher, sample)

    def failure(self, publisher: str, code: str) -> None:
        """A page without an article; ``code`` is `NoArticle`'s."""
        if code in ("extract_failed", "empty", "wall"):
            self._table.add(publisher, Sample(empty_body=code != "wall", wall=code == "wall"))

    async def flush(self) -> None:
        """Store what was gathered; notices ``source.degraded`` and ``source.recovered`` for what changed by it."""
        at = clock.now().timestamp()
        for known in await self._table.flush():
            assessment = assess(known, at, self._settings)
            if set(assessment.bad) != set(known.bad) and await self._table.mark(
                known, assessment.bad, at, assessment.adopted
            ):
                await self._tell(known, assessment)
            self._shown[known.name] = replace(known, bad=assessment.bad)
        in_order = sorted(self._shown.values(), key=lambda one: (not one.bad, -one.seen))
        self._shown = {one.name: one for one in in_order[:MOST_SHOWN]}

    def figures(self) -> list[tuple[str, str, float, bool]]:
        """Publisher, metric, its rate now and whether it is degraded: of the `MOST_SHOWN` publishers that this process saw
        most of, the degraded first."""
        return [
            (one.name, metric, rate.now, metric in one.bad)
            for one in self._shown.values()
            for metric, rate in rates(one).items()
            if rate.now is not None
        ]

    async def _tell(self, known: Publisher, assessment: Assessment) -> None:
        """The notices. Another worker that saw the same lost the race for the mark, so that each is given once."""
        figures = rates(known)
        for kind, names in (
            ("source.degraded", [name for name in assessment.bad if name not in known.bad]),
            ("source.recovered", [name for name in known.bad if name not in assessment.bad]),
        ):
            if not names:
                continue
            told = {name: {"now": _rounded(figures[name].now), "past": _rounded(figures[name].past)} for name in names}
            data: dict[str, object] = {"metrics": told, "pages": known.seen, "still_bad": list(assessment.bad)}
            if assessment.adopted:
                data["adopted"] = True
            self.log.warning(kind, publisher=known.name, **data)
            try:
                await upkeep.notify(self._connection, kind, known.name, data)
            except StoreUnavailable as error:
                self.log.warning("notice.lost", kind=kind, publisher=known.name, reason=str(error))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def as_row(known: Publisher) -> Mapping[str, object]:
    """One publisher for ``dateline stats --publisher --json``."""
    figures = {name: {"now": _rounded(rate.now), "past": _rounded(rate.past)} for name, rate in rates(known).items()}
    return {
        "publisher": known.name,
        "pages": known.seen,
        "bad": list(known.bad),
        "since": known.since,
        "rates": figures,
    }
