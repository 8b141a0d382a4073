"""newsworld that remembers what its feeds showed: ``/__shown`` lists article, revision and when each was first sent.

Run as ``python shown.py FOLDER-OF-NEWSWORLD [its options]``. Only answers with status 200 to a Dateline count: a 304 shows
nothing, and what the test itself looks at is nobody's duty.
"""

from __future__ import annotations

import gzip
import importlib
import re
import sys
from typing import Any

sys.path.insert(0, sys.argv[1])
server: Any = importlib.import_module("server")


#: A date of publication that moves says nothing: some feeds stamp every answer. Dates of change do.
_DATE = re.compile(rb"<(pubDate|dc:date)>[^<]*")


class Noting(server.Server):  # type: ignore[misc]
    """The server with a memory."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.shown: dict[tuple[str, int], float] = {}

    def feed(self, f: int, path: str, h: dict[str, str]) -> Any:
        """As it is; what it shows is noted."""
        answer = super().feed(f, path, h)
        if isinstance(answer, bytes) and answer.startswith(b"HTTP/1.1 200") and "ateline" in h.get("user-agent", ""):
            head, _, body = answer.partition(b"\r\n\r\n")
            text = (gzip.decompress(body) if b"Content-Encoding: gzip" in head else body).decode("utf-8", "replace")
            now = self.now()
            for number, entry in set(server.ID.findall(text)):
                name = f"{number}x{entry}"
                self.shown.setdefault((name, self._told(f, int(number), int(entry), now)), now)
        return answer

    def _told(self, feed: int, number: int, entry: int, now: float) -> int:
        """The revision of an entry that the feed's words tell: a page may change without its feed saying anything else."""
        at = self.w.when(number, entry)
        times = [at, *(when for when in self.w.revs(number, entry, at) if when <= now)]
        said = [_DATE.sub(b"", self.w.feed_doc(feed, when, [(at, number, entry)], 0.0)) for when in times]
        return next(revision for revision, words in enumerate(said) if words == said[-1])

    def control(self, path: str) -> Any:
        """``/__shown``; the rest as it is."""
        if path != "/__shown":
            return super().control(path)
        rows = [[name, revision, at] for (name, revision), at in self.shown.items()]
        body = server.json.dumps(rows).encode()
        return self.head(200, len(body), b"Content-Type: application/json") + body


if __name__ == "__main__":
    server.Server = Noting
    server.main(sys.argv[2:])
