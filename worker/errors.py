"""The error tree, split by what the caller should do.

    DatelineError
    ├── SettingsError      the operator edits something; exit 2
    ├── TransientError     try again later: time-outs, 429, 5xx, Redis away
    │   ├── StoreUnavailable      Redis gave no usable answer
    │   │   └── StoreNotRunning        there is no Redis to ask; the message has the remedy
    │   ├── Throttled             the other side said "slow down"; carries retry_after_seconds
    │   └── PartlyForwarded       a receiver took some entries of a batch; names them
    └── PermanentError     trying again will not help: dead letter, with the reason
        ├── NotAFeed              the bytes are no syndication document we read
        ├── Blocked               policy forbids the address (SSRF guard, robots.txt)
        ├── TooLarge              over a byte, depth or count limit
        ├── NoArticle             a page came, but there is no article in it
        └── Poison                the job crashed, hung or ate a child process

``Postponed`` stands beside the tree: nothing went wrong, the step is only not possible yet.
A bug is none of these: it propagates to one of the two edges (one entry, one feed) and is logged there with its trace.
Every error carries ``code``, a word from a closed set, fit for a counter's label and a stored reason.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Mapping

#: Messages quote what servers said, and go into logs, dead letters and onto terminals.
_HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


#: What to do about a file that the system refuses, by the number of its error.
_FILE_REMEDIES = {
    errno.ENOENT: "check the path",
    errno.EACCES: "give the user that runs Dateline the right to it, or name another path",
    errno.EPERM: "give the user that runs Dateline the right to it, or name another path",
    errno.EISDIR: "name a file, not a folder",
    errno.ENOTDIR: "a part of the path is a file: check the path",
    errno.EEXIST: "a file has the folder's name: name another folder, or move the file",
    errno.ENOSPC: "free some disk, then try again",
    errno.EDQUOT: "free some of your disk quota, then try again",
    errno.EROFS: "the file system is read-only: name a path on another one",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENAMETOOLONG: "name a shorter path",
}


def explain_os_error(error: Exception) -> str:
    """Return why a file could not be read or written, and what to do where that is known."""
    if not isinstance(error, OSError) or error.errno is None:
        return str(error)
    remedy = _FILE_REMEDIES.get(error.errno)
    return (error.strerror or str(error)) + (f"; {remedy}" if remedy else "")


class DatelineError(Exception):
    """Something the caller can act on; ``code`` says what kind, the message says what, where and what to do."""

    code: str = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(_HARMFUL.sub("\ufffd", message))
        if code is not None:
            self.code = code


class SettingsError(DatelineError):
    """Wrong settings or wrong use; the message names the key, the file and the valid choices."""

    code = "settings"


class TransientError(DatelineError):
    """It may work later.

    Attributes:
        code: ``timeout``, ``connection``, ``dns``, ``tls``, ``http_status``, ``protocol``, ``store`` or ``throttled``.
        status: HTTP status, where there was one.
        retry_after_seconds: How long the other side asked us to wait, or None.
        temporary: True where it passes by itself and tells nothing about the other side (a name server in trouble).
    """

    code = "transient"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        retry_after_seconds: float | None = None,
        temporary: bool = False,
    ) -> None:
        super().__init__(message, code=code)
        self.status = status
        self.retry_after_seconds = retry_after_seconds
        self.temporary = temporary


#: Codes of a TransientError that says that our own child processes could not do the job: no feed and no page is to blame.
OWN_OUTAGES = frozenset({"pool", "closing"})
#: Longest time until what failed by such an outage is tried again.
MOST_OWN_OUTAGE_SECONDS = 900.0


class Postponed(Exception):
    """The step cannot be done yet (no free request slot of an owner soon, an article in another worker's hands).

    Attributes:
        wait_seconds: After how long to come back.
        why: What is waited for; empty where it is a free place in an owner's budget.
    """

    def __init__(self, wait_seconds: float, why: str = "") -> None:
        super().__init__(f"not possible for another {wait_seconds:.1f} s")
        self.wait_seconds = wait_seconds
        self.why = why


class StoreUnavailable(TransientError):
    """Redis gave no usable answer; nothing was lost, the same step is done again when it is back."""

    code = "store"


class StoreNotRunning(StoreUnavailable):
    """No Redis is configured, and no daemon runs whose private one a verb could ask."""


class Throttled(TransientError):
    """429 or 503 with Retry-After: slow down, nothing is broken."""

    code = "throttled"


class PartlyForwarded(TransientError):
    """A receiver took some entries of a batch and refused others; those in neither list wait for the next try.

    Attributes:
        accepted: ``stream_id`` of the entries that are safe on the other side.
        refused: ``stream_id`` to reason, of the entries that the receiver will never take.
    """

    code = "partly"

    def __init__(self, message: str, *, accepted: Iterable[str] = (), refused: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.accepted = frozenset(accepted)
        self.refused = dict(refused or {})


class PermanentError(DatelineError):
    """Trying again will not help; the entry goes to the dead letters with ``code`` and the message.

    Attributes:
        status: HTTP status, where there was one.
    """

    code = "permanent"

    def __init__(self, message: str, *, code: str | None = None, status: int | None = None) -> None:
        super().__init__(message, code=code)
        self.status = status


class NotAFeed(PermanentError):
    """The document is not RSS, Atom, RDF, JSON Feed or a news sitemap."""

    code = "not_a_feed"


class Blocked(PermanentError):
    """Policy forbids it. ``code`` is ``blocked`` (address), ``bad_scheme`` or ``robots``."""

    code = "blocked"


class TooLarge(PermanentError):
    """Over a limit of bytes, depth, elements or entries; the message names the limit and the setting that moves it."""

    code = "too_large"


class NoArticle(PermanentError):
    """A page came, but no article is in it. ``code`` is ``extract_failed``, ``empty``, ``wall`` or ``unsupported_type``."""

    code = "extract_failed"


class Poison(PermanentError):
    """The job crashed, hung or exhausted a child process. ``code`` is ``crashed``, ``timeout`` or ``memory``."""

    code = "crashed"
