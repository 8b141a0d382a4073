"""``schema`` and ``config``: what consumers and operators look up. Needs neither Redis nor the reading."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable

import msgspec

from ..settings import Settings, load_for_verb
from ..settings.toml import default_file, to_toml


def schema(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    """``dateline schema``."""
    parser.add_argument(
        "name",
        nargs="?",
        help="article, event, retraction, envelope, or what an entry has as `dataschema`; all of them without",
    )
    return _schema


def config(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    """``dateline config``."""
    parser.add_argument("--defaults", action="store_true", help="every option at its default, with its reason")
    return _config


def _schema(options: argparse.Namespace) -> int:
    from ..contract import schemas

    every = schemas.schemas()
    short = {name.removeprefix("dateline.").partition("/")[0]: name for name in every}
    short |= {str(schema["$id"]): name for name, schema in every.items()}  # as a stream entry's `dataschema` names it
    if options.name and options.name not in every and options.name not in short:
        sys.stderr.write(f"dateline: no schema {options.name!r}; there are: {', '.join([*every, *short])}\n")
        return 2
    options.name = short.get(options.name, options.name)
    sys.stdout.write(json.dumps(every[options.name] if options.name else every, indent=1, ensure_ascii=False) + "\n")
    return 0


def _config(options: argparse.Namespace) -> int:
    if options.defaults:
        sys.stdout.write(default_file())
        return 0
    settings = load_for_verb(options.config)
    check_components(settings)
    sys.stdout.write(f"# from {settings.where} and the environment\n" + to_toml(settings))
    return 0


def check_components(settings: Settings) -> None:
    """Raise SettingsError for a forwarder, stage or allowed address that the daemon would refuse at its start."""
    if settings.fetch.allow:
        from ..fetch.guard import Guard

        Guard(settings.fetch.allow)
    if settings.forward:
        from ..forward.options import configure

        configure(settings.forward)
    if settings.stages:
        from ..jobs import stages

        for one in settings.stages:
            stages.check(one.kind, msgspec.json.encode(dict(one.options)))


def describe_reading() -> str:
    """Return how the reading steps of this installation were built, as `doctor` says it."""
    from ..jobs.compiled import describe_build

    return describe_build()
