"""``canonical``: the form of an address by which articles are recognised."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from .. import urls
from ..errors import PermanentError, SettingsError, explain_os_error


def canonical(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    """``dateline canonical URL...``."""
    parser.add_argument("urls", nargs="*", metavar="URL", help="an address")
    parser.add_argument("--batch", metavar="FILE", help="one address a line; - is standard input")
    return _canonical


def opened(path: str) -> IO[bytes]:
    if path == "-":
        return sys.stdin.buffer
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {explain_os_error(error)}") from error


def _canonical(options: argparse.Namespace) -> int:
    bad = 0
    lines: Iterable[str] = options.urls
    if options.batch:
        lines = (raw.decode("utf-8", "replace").rstrip("\r\n") for raw in opened(options.batch))
    elif not options.urls:
        raise SettingsError("give addresses, or --batch FILE")
    for line in lines:
        try:
            sys.stdout.write(urls.canonical(line.strip()) + "\n")
        except PermanentError as error:
            bad += 1
            sys.stdout.write("\n" if options.batch else "")
            sys.stderr.write(f"dateline: {error}\n")
    return 1 if bad else 0
