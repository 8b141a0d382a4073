"""Launches the zygote's process: for a pool, or before the daemon's own imports, which take as long as the zygote's."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import NamedTuple

#: The module whose ``run`` does the daemon's jobs.
ARTICLE_JOBS = f"{__name__.split('.', maxsplit=1)[0]}.jobs.run"

#: Variables that the children get, by how they begin: for interpreter, loader, libraries and languages; the tests' fail points.
_PASSED_ON = (
    "COV_", "COVERAGE_", "DATELINE_FAIL", "GLIBC_", "HOME", "LANG", "LC_", "LD_", "MALLOC_", "MKL_", "OMP_", "OPENBLAS_",
    "PATH", "PYTHON", "TMPDIR", "TZ", "VIRTUAL_ENV",
)  # fmt: skip


class Launched(NamedTuple):
    """A process that imports ``jobs``, then waits for its `zygote.Start`; and our end of its control socket."""

    jobs: str
    process: subprocess.Popen[bytes]
    control: socket.socket


_ahead: list[Launched] = []


def launch(jobs: str) -> Launched:
    """Start a process that imports the jobs module. Raises OSError."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; "
        f"from {__package__}.zygote import serve; serve({theirs.fileno()}, {jobs!r})"
    )
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=_environment(),
        )
    return Launched(jobs, process, ours)


def launch_ahead(jobs: str = ARTICLE_JOBS) -> Launched:
    """Launch the process of the daemon's pool before this process imports what the daemon needs."""
    _ahead.append(launch(jobs))
    return _ahead[-1]


def take(jobs: str) -> Launched:
    """Return the process that was launched ahead for these jobs, or a new one."""
    for at, launched in enumerate(_ahead):
        if launched.jobs == jobs:
            return _ahead.pop(at)
    return launch(jobs)


def discard() -> None:
    """End what was launched ahead and not taken: the verb ended before its pool was started."""
    while _ahead:
        launched = _ahead.pop()
        launched.control.close()
        launched.process.kill()  # it has no children before a pool asks for them
        launched.process.wait()


def _environment() -> dict[str, str]:
    """Return what of our environment the children see: no secret, for they run on untrusted bytes."""
    return {name: value for name, value in os.environ.items() if name.startswith(_PASSED_ON)}
