"""Verbs of ``dateline`` in this process: a third of a second less each than in one of their own."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass

from dateline.cli.main import main


@dataclass(frozen=True)
class Done:
    """What a verb wrote, and its exit code."""

    returncode: int
    stdout: bytes
    stderr: bytes


def run_verb(*words: str, given: bytes = b"") -> Done:
    """Run one verb with ``given`` on its standard input; nothing that it says may be a trace.

    Not for `run`, `desk` and `demo`, which listen for signals. Where an event loop runs, call it in a thread.
    """
    out, err, before = io.BytesIO(), io.BytesIO(), sys.stdin
    with (
        io.TextIOWrapper(out, "utf-8") as stdout,
        io.TextIOWrapper(err, "utf-8") as stderr,
        io.TextIOWrapper(io.BytesIO(given), "utf-8") as stdin,
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        sys.stdin = stdin
        try:
            code = main(list(words))
        finally:
            sys.stdin = before
        stdout.flush()
        stderr.flush()
        done = Done(code, out.getvalue(), err.getvalue())
    assert b"Traceback" not in done.stderr, done.stderr.decode()[-3000:]
    return done
