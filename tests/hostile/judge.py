"""The catalogue's duties, asked of what a daemon left behind: outcome, seconds, bytes, entries, revisions, gaps."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dateline import urls
from hostile.house import BASE, CEILING_SECONDS, FLOOR_SECONDS, HARMFUL, MIB, Case, House
from support import rig

#: What lies in the sockets' buffers between the server's count of bytes and the daemon, both ends at their largest.
BUFFER_MIB = 16
#: What is right for a daemon where the catalogue says otherwise, and why; docs/faults.md tells them.
INSTEAD: dict[str, dict[str, Any]] = {
    # The redirect leads to an article: for whoever fetches that is a good answer, for a feed it is none.
    "/redir/crlf": {"outcome": ["not_a_feed"]},
    # Its second answer is the first to show three of its ten entries.
    "/feed/vanish": {"new_on_repoll": 3},
}


@dataclass
class Findings:
    """What was asked, and what broke a duty: case and reason. Cases of `INSTEAD` are held to that, and counted apart."""

    cases: int = 0
    broken: dict[int, list[str]] = field(default_factory=dict)
    late: set[int] = field(default_factory=set)  #: broke nothing but the time: to be asked again alone

    def add(self, case: Case, why: str) -> None:
        self.broken.setdefault(case.number, []).append(f"{case.path}: {why}")


def outcome(house: House, case: Case) -> tuple[str, float]:
    """How the case ended, in the catalogue's words, and after how many seconds from its (first) request."""
    url = case.feed(house.ports)
    state = house.states()[url]
    began = _asked_at(house, case)
    if case.duty["kind"] == "article":
        link = f"http://{case.site}:{house.ports['port']}{case.path}"
        how, code, at, _ = house.settled().get(link, ("unsettled", "", time.time(), ""))
        return ("ok" if how in ("published", "copied") else code or how), at - began
    first = house.polls()[url][0]
    ended = datetime.fromisoformat(first["timestamp"]).timestamp()
    # Every address refused before a request has no request in the server's log.
    code = str(first.get("status"))
    if state.status.isdigit() and code.isdigit():
        code = "not_modified" if code == "304" else "ok"
    return code, ended - began if began else float(first["took_seconds"])


def _asked_at(house: House, case: Case) -> float:
    path = case.path.partition("?")[0]
    times = [float(row["t"]) for row in house.asked()["requests"].get(path, [])]
    return min(times, default=0.0)


def judge(house: House, case: Case, found: Findings) -> None:
    """What every case owes after its first poll."""
    duty = case.duty | INSTEAD.get(case.path, {})
    said, seconds = outcome(house, case)
    if said not in duty["outcome"]:
        found.add(case, f"{said}, not {' or '.join(duty['outcome'])}")
        if said in ("timeout", "unsettled"):
            found.late.add(case.number)
    if seconds > duty["max_seconds"]:
        found.add(case, f"{seconds:.1f} s, not {duty['max_seconds']}")
        found.late.add(case.number)
    asked = house.asked()
    times, sent = len(asked["requests"].get(case.path, [])), asked["sent"].get(case.path, 0)
    most = max(1, times) * (duty["max_decoded_mb"] + BUFFER_MIB) * MIB
    if sent > most:
        found.add(case, f"{sent / MIB:.0f} MiB were taken from the server in {times} requests")
    if said == "ok" and duty["kind"] == "feed":
        _entries(house, case, found)
    if forbidden := duty.get("forbidden"):
        _forbidden(house, case, forbidden, found)


def _entries(house: House, case: Case, found: Findings) -> None:
    state, duty = house.states()[case.feed(house.ports)], case.duty
    count = state.numbers.get("entries", 0)
    wanted = duty.get("entries")
    if wanted is not None and count != wanted:
        found.add(case, f"{count} entries, not {wanted}")
    if duty.get("entries_max") is not None and count > duty["entries_max"]:
        found.add(case, f"{count} entries, more than {duty['entries_max']}")
    if title := duty.get("title"):
        site = f"http://{case.site}:"
        titles = {row[3] for link, row in house.settled().items() if link.startswith(site)}
        if title not in titles:
            found.add(case, f"titles {sorted(titles)!r}, not {title!r}")


def _forbidden(house: House, case: Case, text: str, found: Findings) -> None:
    url = case.feed(house.ports)
    for name in ("dateline:events", "trail", "dead"):
        for _, row in house.stream(name):
            if urls.public(url) in (row.get("source"), row.get("feed")) and text in json.dumps(row, ensure_ascii=False):
                found.add(case, f"{text!r} stands in {name}")


# -- over several polls


def published(house: House, case: Case) -> tuple[int, int]:
    """How many articles the case's feed brought to the stream, and the highest revision of one."""
    articles, highest = set(), 0
    for _, row in house.stream("dateline:events"):
        if row["source"] == case.feed(house.ports) and row["type"].startswith("dateline.article."):
            record = json.loads(row["data"])
            articles.add(record["id"])
            highest = max(highest, record["revision"])
    return len(articles), highest


def repoll(house: House, cases: list[Case], found: Findings, times: int = 3) -> None:
    """Poll again: no more news than the catalogue grants, and no more revisions."""
    urls = [case.feed(house.ports) for case in cases]
    for _ in range(times):
        before = {case.number: published(house, case)[0] for case in cases}
        house.poll_again(urls, 150.0)
        for case in cases:
            news = published(house, case)[0] - before[case.number]
            most = (case.duty | INSTEAD.get(case.path, {})).get("new_on_repoll")
            if most is not None and news > most:
                found.add(case, f"{news} new articles on a later poll, not {most}")
    for case in cases:
        _, highest = published(house, case)
        most = case.duty.get("max_revisions")
        if most is not None and highest > most:
            found.add(case, f"revision {highest}, not more than {most}")


#: What each Retry-After of the catalogue names, in seconds, before it is held between our floor and ceiling. A date is
#: cut to the second by the server.
NAMED = {
    "/http/429-5s": 5.0, "/http/429-date": 9.0, "/http/429-absurd": 1e9, "/http/429-year-9999": 1e9,
    "/http/429-negative": 0.0, "/http/429-garbage": 0.0, "/http/429-float": 0.0, "/http/429-past": 0.0,
    "/http/503-nan": 0.0, "/http/503-inf": 0.0,
}  # fmt: skip


def gaps(house: House, cases: list[Case], found: Findings) -> None:
    """However often the feeds are made due: no request before the time that the server named."""
    ids = {case.number: house.states()[case.feed(house.ports)].feed for case in cases}
    until = time.monotonic() + CEILING_SECONDS + 3.0

    def pressed() -> bool:
        for feed in ids.values():
            if not house.client.hexists(f"{BASE}f:{feed}", "lease"):  # else it is asked for while it is being asked for
                house.client.zadd(BASE + "due", {feed: 0}, xx=True)
        return time.monotonic() > until

    rig.until(pressed, CEILING_SECONDS + 10.0, "unreachable", every=0.5)
    requests = house.asked()["requests"]
    for case in cases:
        times = [row["t"] for row in requests[case.path]]
        named = NAMED.get(case.path, 0.0)
        owed = min(max(named, FLOOR_SECONDS if case.path in NAMED else 0.0), CEILING_SECONDS)
        shortest = min((later - earlier for earlier, later in itertools.pairwise(times)), default=owed)
        # A 503 that names no time to come is a failure like any other: it backs off by itself, unless it is pressed.
        refused = house.states()[case.feed(house.ports)].status == "throttled"
        if refused and shortest < owed - 0.05:
            found.add(case, f"asked again after {shortest:.1f} s, not {owed:.0f}")


# -- of the whole house


def whole(house: House) -> list[str]:
    """What no single case owes: canary, cookies, harmless text everywhere, valid records, a log without a trace."""
    wrong = house.watch()
    for name in ("dateline:events", "dateline:notices", "trail", "dead"):
        for mid, row in house.stream(name):
            for key, value in row.items():
                wrong += [f"{name} {mid}: {why}" for why in harmful(key, value) if key != "e"]
    assert house.daemon is not None
    raw = house.daemon.log.read_bytes().decode("utf-8")
    wrong += [f"log: {line[:300]!r}" for line in raw.split("\n") if HARMFUL.search(line) or '"exception"' in line]
    if "evil_metric" in house.metrics():
        wrong.append("a feed's title became a metric")
    return wrong


def harmful(key: str, value: str) -> list[str]:
    """What in one field of a row could do harm; of JSON, what its texts say once they are read."""
    if key == "data" and value.startswith("{"):
        from dateline.contract.envelope import MalformedEnvelope

        try:
            value = "\n".join(texts(json.loads(value)))
        except (ValueError, MalformedEnvelope) as error:
            return [f"data is not readable: {error}"]
    found = HARMFUL.search(value)
    return [f"{key} has {found.group()!r}: {value[max(0, found.start() - 40) : found.end() + 40]!r}"] if found else []


def texts(value: Any) -> list[str]:
    """Every string in a JSON value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return []
