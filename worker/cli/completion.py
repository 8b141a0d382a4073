"""``dateline completion``: a script that completes verbs and options in a shell."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable

import shtab


def completion(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    """Add the options of ``dateline completion SHELL``."""
    parser.add_argument("shell", choices=shtab.SUPPORTED_SHELLS, help="the shell that will read the script")
    return _completion


def _completion(options: argparse.Namespace) -> int:
    from .parser import VERBS, build

    top = build()
    for parser, verb in zip(top.verbs, VERBS.values(), strict=True):
        parser.load()
        parser.description = verb.short  # a shell shows one line
    _complete_paths(top)
    sys.stdout.write(shtab.complete(top, options.shell) + "\n")
    return 0


def _complete_paths(parser: argparse.ArgumentParser) -> None:
    """Let the shell complete files and folders where an argument takes one; of the verbs below a verb, too."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                _complete_paths(below)
        elif isinstance(action.metavar, str) and re.search(r"FILE|PATH|jsonl", action.metavar):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.metavar in ("DIR", "FOLDER"):
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
