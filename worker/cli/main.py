"""The verbs of ``dateline`` and what they have in common: settings, errors, exit codes."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import itertools
import os
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TextIO

from .. import __version__
from ..errors import DatelineError, SettingsError, StoreUnavailable

#: A verb: adds its own options to the parser and gives the function that runs it.
Verb = Callable[[argparse.ArgumentParser], Callable[[argparse.Namespace], int | Coroutine[Any, Any, int]]]


def verbs() -> dict[str, tuple[str, str, str]]:
    """Verb to module, function and one line of help; modules are imported when their verb runs."""
    return {
        "run": ("daemon", "run", "the daemon; --once drains what is due, --embedded brings its own Redis"),
        "demo": ("demo", "demo", "the real daemon on a bundled little newsroom; needs no internet"),
        "feeds": ("feeds", "feeds", "add, list, remove, pause, resume, import, export, check, discover, explain"),
        "extract": ("extract", "extract", "one page or text to records; --batch for many"),
        "parse": ("extract", "parse", "a feed document to entries; --batch for many"),
        "canonical": ("extract", "canonical", "canonical form of addresses; --batch for many"),
        "tail": ("stream", "tail", "watch the events stream"),
        "replay": ("stream", "replay", "read the events stream again from an id or time"),
        "groups": ("stream", "groups", "consumer groups and their lag"),
        "export": ("stream", "export", "the stream as gdelt, plover, csv or jsonl"),
        "dead-letters": ("dead_letters", "letters", "list, show, requeue, drop what was set aside"),
        "failures": ("failures", "failures", "list, show, replay, drop the texts that reading steps failed on"),
        "explain": ("explain", "explain", "the trail of one entry or article, where it is now, and why"),
        "stats": ("status", "stats", "counters"),
        "doctor": ("status", "doctor", "checks of Redis and settings, with the remedy"),
        "partitions": ("partitions", "partitions", "where the partitions lie; move the data to another number of them"),
        "verify": ("verify", "verify", "the stream held against our own state: what is lost, twice, orphaned"),
        "schema": ("status", "schema", "JSON Schemas of the published records"),
        "config": ("status", "config", "the settings in force; --defaults: every option with its reason"),
    }


def main(argv: list[str] | None = None) -> int:
    """Run one verb; gives the exit code."""
    words = sys.argv[1:] if argv is None else argv
    _say_anything()
    return _told(lambda: _chosen(words), words[:1] == ["run"] or "debug" in words)


def _chosen(words: list[str]) -> int | Coroutine[Any, Any, int]:
    """What the verb gives: an exit code, or the coroutine that will."""
    table = verbs()
    if len(words) == 2 and words[0] == "help" and words[1] in table:
        words = [words[1], "--help"]
    if not words or words[0] in ("-h", "--help", "help"):
        _usage(table, sys.stdout if words else sys.stderr)
        return 0 if words else 2
    if words[0] in ("--version", "-V"):
        sys.stdout.write(f"dateline {__version__}\n")
        return 0
    if words[0] not in table:
        import difflib

        near = difflib.get_close_matches(words[0], table, 1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        sys.stderr.write(f"dateline: no verb {words[0]!r}{hint} There are: {', '.join(table)}\n")
        return 2
    if words[0] == "run":
        # Until its loop listens for them (`daemon.run_until_asked`) it has nothing in hand, and may end where it stands.
        for sig in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sig, lambda *_: os._exit(0))
        signal.signal(signal.SIGHUP, lambda *_: None)  # the settings are read in a moment anyway
    module, function, help_line = table[words[0]]
    import importlib

    verb: Verb = getattr(importlib.import_module(f".{module}", __package__), function)
    parser = argparse.ArgumentParser(prog=f"dateline {words[0]}", description=help_line)
    parser.add_argument("--config", metavar="FILE", help="settings file (default: config/dateline.toml)")
    parser.add_argument("--log-level", choices=("debug", "info", "warning", "error"))
    act = verb(parser)
    options = parser.parse_args(_common_first(words[1:]))
    return act(options)


def _common_first(words: list[str]) -> list[str]:
    """The options that every verb has before the rest: `feeds list --config FILE` is `feeds --config FILE list`."""
    first: list[str] = []
    rest: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            rest += [word, *left]
        elif word in ("--config", "--log-level"):
            first += [word, *itertools.islice(left, 1)]
        elif word.startswith(("--config=", "--log-level=")):
            first.append(word)
        else:
            rest.append(word)
    return first + rest


def _told(act: Callable[[], int | Coroutine[Any, Any, int]], with_trace: bool) -> int:
    """The exit code of ``act``; what went wrong is told in words, a mistake of ours on request with its trace."""
    try:
        outcome = act()
        code = outcome if isinstance(outcome, int) else _run(outcome)
        sys.stdout.flush()  # here, where a full disk can still be told
        return code
    except SettingsError as error:
        return _fail(str(error), 2)
    except StoreUnavailable as error:
        return _fail(f"{error}; is Redis running there? redis.url and `dateline doctor` tell more", 1)
    except DatelineError as error:
        return _fail(str(error), 1)
    except BrokenPipeError:
        _drop_output()
        return 0
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if isinstance(error.filename, str):
            return _fail(f"{error.filename}: {error.strerror or error}", 1)
        return _fail(f"the output cannot be written ({error.strerror or error}); what came so far may be cut", 1)
    except Exception as error:
        if with_trace:
            raise  # the daemon's log wants the whole of it
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(frame.filename).name}:{frame.lineno}"
        return _fail(
            f"a mistake in Dateline, {type(error).__name__} at {where}: {error}; --log-level debug shows all", 1
        )


def _fail(words: str, code: int) -> int:
    """Say it after what was already written; gives ``code``."""
    try:
        sys.stdout.flush()
    except OSError:
        _drop_output()
    with contextlib.suppress(OSError):
        sys.stderr.write(f"dateline: {words}\n")
    return code


def _drop_output() -> None:
    """Nobody takes our output any more: so that Python does not complain of it when it ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say_anything() -> None:
    """A terminal of another encoding shows what it lacks as \\xe9 or \\u2026, and no headline can end a verb."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _run(coroutine: Coroutine[Any, Any, int]) -> int:
    """On uvloop where it is there: about 15 % less CPU for the loop's own work."""
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


def _usage(table: dict[str, tuple[str, str, str]], out: TextIO) -> None:
    lines = ["usage: dateline VERB [options]      (dateline VERB --help tells the options)", ""]
    lines += [f"  {name:<14}{row[2]}" for name, row in table.items()]
    out.write("\n".join(lines) + "\n")
