"""Dispatches the verbs of ``dateline``; common options, errors, exit codes."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from ..errors import DatelineError, SettingsError, StoreNotRunning, StoreUnavailable, explain_os_error
from ..pool import launch
from ..settings.running import name_running, other_redis
from .parser import Act, build, parse


def main(argv: list[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    words = sys.argv[1:] if argv is None else argv
    _open_standard_streams()
    _tolerate_encoding()
    try:
        return _exit_code(lambda: _act_on(words), with_trace=_verb_of(words) == "run" or "debug" in words)
    finally:
        launch.discard()


def _open_standard_streams() -> None:
    """Open those of standard input, output and error that the caller closed (``<&-``, some supervisors): else the next file or
    socket gets their number, and the event loop ends the process."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number, which is this one; child processes get it, too.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        if getattr(sys, name) is None:  # as Python leaves it where the stream was closed
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def _act_on(words: list[str]) -> int | Coroutine[Any, Any, int]:
    """Parse the words and start their verb: an exit code, or the coroutine that gives it."""
    if not words:
        build().print_help(sys.stderr)
        return 2
    if _verb_of(words) == "run":
        # Until its loop listens for signals (`daemon.run_until_asked`) it holds nothing, and may end at any point.
        for sig in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sig, lambda *_: os._exit(0))
        signal.signal(signal.SIGHUP, lambda *_: None)  # the settings are about to be read anyway
        if not {"--redis-only", "--help", "-h"} & set(words):
            launch.launch_ahead()
    gc.disable()  # imports make no garbage; collections among them cost a tenth of a verb's start
    try:
        options = parse(words)
    finally:
        gc.enable()
    act: Act = options.act
    return act(options)


def _verb_of(words: list[str]) -> str:
    """Return the first word that is no option and no option's value; the verb, if the words are right."""
    left = iter(words)
    for word in left:
        if word in ("--config", "--log-level"):
            next(left, None)
        elif not word.startswith("-"):
            return word
    return ""


def _exit_code(act: Callable[[], int | Coroutine[Any, Any, int]], *, with_trace: bool) -> int:
    """Run ``act`` and return its exit code; write errors in words, a fault of Dateline's own on request with its trace."""
    try:
        try:
            outcome = act()
            code = outcome if isinstance(outcome, int) else _run(outcome)
        except SystemExit as asked:  # argparse after help (0) and wrong use (2)
            code = asked.code if isinstance(asked.code, int) else 0
        sys.stdout.flush()  # here, where a full disk can still be reported
        return code
    except SettingsError as error:
        return _fail(str(error), 2)
    except StoreNotRunning as error:
        return _fail(f"{error}{name_running()}", 1)
    except StoreUnavailable as error:
        elsewhere = other_redis(str(error))
        return _fail(f"{error}; is Redis running there? Check redis.url, and run `dateline doctor`{elsewhere}", 1)
    except DatelineError as error:
        return _fail(str(error), 1)
    except RuntimeError as error:
        from ..contract.compression import CannotDecompress  # here: verbs that read no stream start without it

        if isinstance(error, CannotDecompress):
            return _fail(str(error), 1)
        raise
    except BrokenPipeError:
        _drop_output()
        return 0
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if isinstance(error.filename, str):
            return _fail(f"{error.filename}: {explain_os_error(error)}", 1)
        if error.errno is not None:
            return _fail(f"cannot write the output ({explain_os_error(error)}); it may be incomplete", 1)
        return _fail(f"{type(error).__name__}{f': {error}' if str(error) else ': no answer in time'}", 1)
    except Exception as error:  # a bug: what the user reads is one line and where to report it
        if with_trace:
            raise  # the daemon logs the whole trace
        import traceback

        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(frame.filename).name}:{frame.lineno}"
        return _fail(
            f"bug in Dateline: {type(error).__name__} at {where}: {error}; --log-level debug prints the trace", 1
        )


def _fail(words: str, code: int) -> int:
    """Print an error after flushing the output; return ``code``."""
    try:
        sys.stdout.flush()
    except OSError:
        _drop_output()
    with contextlib.suppress(OSError):
        sys.stderr.write(f"dateline: {words}\n")
    return code


def _drop_output() -> None:
    """Redirect a closed standard output to /dev/null, so that Python exits without a complaint."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tolerate_encoding() -> None:
    """Escape characters that the terminal's encoding lacks, so that no headline ends a verb with an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _run(coroutine: Coroutine[Any, Any, int]) -> int:
    """On uvloop where it is there: about 15 % less CPU for the loop's own work."""
    import asyncio  # 0.1 s that help and config need not take

    try:
        try:
            import uvloop

            factory: Any = uvloop.new_event_loop
        except ImportError:
            factory = None
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(coroutine)
    finally:
        coroutine.close()  # Ctrl-C may come before its first step; then Python would complain that it was never awaited
