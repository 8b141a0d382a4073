"""``dateline completion``: a script that completes verbs and options in a shell."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

import shtab


def completion(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    """Add the options of ``dateline completion SHELL``."""
    parser.add_argument("shell", choices=shtab.SUPPORTED_SHELLS)
    return _completion


def _completion(options: argparse.Namespace) -> int:
    from .parser import build

    top = build()
    for verb in top.verbs:
        verb.load()
    sys.stdout.write(shtab.complete(top, options.shell) + "\n")
    return 0
