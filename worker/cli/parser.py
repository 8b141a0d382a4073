"""The command line: every verb with its sentence and examples, and a parser that loads a verb's module when it is used.

`build` gives an argparse parser. A verb's module is imported, and asked for its options, only when the words name that verb:
``dateline --help`` imports neither redis nor the reading. ``--config`` and ``--log-level`` stand before or after any verb.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import os
import re
import sys
import textwrap
from collections.abc import Callable, Coroutine, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from .. import __version__

#: What runs a verb: gives the exit code, or the coroutine that will.
Act = Callable[[argparse.Namespace], int | Coroutine[Any, Any, int]]

ENVIRONMENT = """\
environment:
  DATELINE_CONFIG=FILE              the settings file, where --config does not name one
  DATELINE_<SECTION>_<OPTION>=TEXT  one setting, over the file: DATELINE_REDIS_URL, DATELINE_LOG_LEVEL
  DATELINE_<SECTION>_<OPTION>_FILE  the file that holds a secret: DATELINE_REDIS_PASSWORD_FILE"""


class Verb(NamedTuple):
    """One verb: where its code is, and what its help says."""

    module: str
    function: str
    short: str  #: one line for the list of verbs
    long: str  #: a sentence or two for its own help
    examples: tuple[str, ...]


VERBS = {
    "init": Verb(
        "init", "init", "write settings and a feed list to begin with",
        "Writes config/dateline.toml, every option with its reason, and config/feeds.toml from nothing, from sites, from an "
        "OPML file or from the starter list. Replaces no file.",
        ("init", "init --starter world-en --starter europe-de", "init paper.example https://agency.example/feed.xml",
         "init subscriptions.opml --contact mailto:me@example.org"),
    ),
    "run": Verb(
        "daemon", "run", "run the daemon: poll feeds, read articles, publish events",
        "Polls the feeds, reads their articles and publishes to the events stream until SIGTERM. A second SIGTERM ends it at "
        "once; SIGHUP reads the settings again.",
        ("run", "run --embedded --once", "--config /etc/dateline/dateline.toml run"),
    ),
    "demo": Verb(
        "demo", "demo", "run the daemon on a small bundled newsroom; needs no internet",
        "Serves a few feeds and pages on loopback, runs the real daemon on them with a private redis-server, and prints what "
        "is published.",
        ("demo", "demo --keep-open --port 8080"),
    ),
    "desk": Verb(
        "desk", "desk", "serve the desk as a process of its own",
        "Serves the desk on serve.host and serve.port. It fills an index of its own from the events stream. Set "
        "desk.enabled = false for the workers beside it.",
        ("desk", "--config /etc/dateline/dateline.toml desk"),
    ),
    "feeds": Verb(
        "feeds", "feeds", "add, list, remove, pause, resume, import, export, check, discover, explain",
        "Manages the feeds of this installation. A feed listed in config/feeds.toml comes back at the next start.",
        ("feeds add https://news.example/feed.xml", "feeds list --failing", "feeds remove https://news.example/feed.xml",
         "feeds pause https://news.example/feed.xml", "feeds resume https://news.example/feed.xml",
         "feeds now https://news.example/feed.xml", "feeds explain https://news.example/feed.xml",
         "feeds import subscriptions.opml --group press", "feeds export > feeds.opml",
         "feeds check https://news.example/feed.xml", "feeds discover https://news.example"),
    ),
    "extract": Verb(
        "extract", "extract", "read one page or text; --batch for many",
        "Prints the article, its quotes and its events as JSON. Needs no Redis.",
        ("extract https://news.example/story", "extract story.txt --text --published 2026-03-01", "extract --batch in.jsonl"),
    ),
    "parse": Verb(
        "extract", "parse", "read a feed document; --batch for many",
        "Prints the feed and its entries as JSON. Needs no Redis and no network.",
        ("parse feed.xml --url https://news.example/feed.xml", "parse --batch in.jsonl"),
    ),
    "canonical": Verb(
        "canonical", "canonical", "print the canonical form of addresses; --batch for many",
        "Prints each address without tracking parameters, in the form by which articles are recognised.",
        ("canonical 'https://news.example/a?utm_source=x'",),
    ),
    "tail": Verb(
        "stream", "tail", "watch the events stream",
        "Prints the last entries of the events stream, then each new one.",
        ("tail", "tail --type event.reported --json"),
    ),
    "top": Verb(
        "top", "top", "show feeds, throughput, lag and alarms live in the terminal",
        "Shows what the workers do, refreshed every two seconds, until Ctrl-C. Needs the extra `top` (pip install "
        "'dateline[top]').",
        ("top", "top --every 5", "top --once"),
    ),
    "replay": Verb(
        "stream", "replay", "print the events stream again, or read an archive again",
        "Prints entries of the events stream from an id or a time on; sets a consumer group back; or reads archived pages with "
        "today's extractor.",
        ("replay --since 2026-03-01T08:00", "replay --group desk --since 2026-03-01", "replay --from-archive /var/warc"),
    ),
    "groups": Verb(
        "groups", "groups", "list consumer groups and their lag",
        "Lists who reads the events stream, how far behind each is, and deletes a group that nobody reads any more.",
        ("groups", "groups --delete old-desk"),
    ),
    "forward": Verb(
        "forward", "forward", "list and check forwarders; adopt or drop a group that was left; dead letters",
        "Manages the forwarders of the [[forward]] tables. `check` sends one test record (an article with the id "
        "dateline-check). A group whose table is gone stops the trimming of the stream: `adopt` lets another forwarder go on "
        "from there, `drop` deletes it.",
        ("forward list", "forward check webhook", "forward adopt forward-webhook-0 forward-webhook-hooks.example-1a2b3c4d",
         "forward drop forward-webhook-0", "forward dead-letters GROUP", "forward requeue GROUP"),
    ),
    "export": Verb(
        "stream", "export", "write the stream as gdelt, plover, csv or jsonl",
        "Writes the events stream to standard output in a format of the field.",
        ("export --format csv --since 2026-03-01 > events.csv", "export --final"),
    ),
    "dead-letters": Verb(
        "dead_letters", "letters", "list, show, requeue or drop entries that were set aside",
        "Manages the entries that were given up after all retries, each with its reason.",
        ("dead-letters list", "dead-letters show 0/1795786698248-0", "dead-letters requeue --code http_status",
         "dead-letters drop --feed https://news.example/feed.xml"),
    ),
    "failures": Verb(
        "failures", "failures", "list, show, replay or drop texts on which a reading step failed",
        "Manages the texts that a reading step failed on (their articles were published without that step), and the articles "
        "that may be cut short (step `length`).",
        ("failures list", "failures show --step dates", "failures replay --all --drop", "failures drop --step length"),
    ),
    "explain": Verb(
        "explain", "explain", "tell what happened to an entry or an article, and why",
        "Prints the trail of one entry or article: when it was seen, fetched, published or set aside, and where it is now.",
        ("explain https://news.example/story",),
    ),
    "stats": Verb(
        "stats", "stats", "print counters",
        "Prints what was polled, published and set aside, and what waits.",
        ("stats", "stats --publisher news.example"),
    ),
    "doctor": Verb(
        "doctor", "doctor", "check Redis and the settings",
        "Checks Redis, the settings and the workers; names each finding with its remedy. Exits with 1 where one is an error.",
        ("doctor", "doctor --json"),
    ),
    "partitions": Verb(
        "partitions", "partitions", "show the partitions; move the data to another number of them",
        "Shows how many partitions there are and where each lies in a cluster, or moves the data to N partitions while no "
        "worker runs.",
        ("partitions", "partitions 16"),
    ),
    "verify": Verb(
        "verify", "verify", "check the stream against the stored state",
        "Reads the whole stream and the stored state, and reports what is lost, published twice or orphaned.",
        ("verify",),
    ),
    "schema": Verb(
        "reference", "schema", "print the JSON Schemas of the published records",
        "Prints the JSON Schema of one kind of record, or of all.",
        ("schema event",),
    ),
    "config": Verb(
        "reference", "config", "print the settings in force",
        "Prints the settings that the file and the environment give together, or every option at its default.",
        ("config", "config --defaults > dateline.toml"),
    ),
    "completion": Verb(
        "completion", "completion", "print a completion script for your shell",
        "Prints a script that completes verbs and options.",
        ("completion bash > /etc/bash_completion.d/dateline", "completion zsh > ~/.zfunc/_dateline",
         "completion fish > ~/.config/fish/completions/dateline.fish"),
    ),
}  # fmt: skip


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Help in 110 columns with short names beside their text."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=24, width=110)


class VerbParser(argparse.ArgumentParser):
    """An argument parser that adds the options of its verb at first use, and names near misses."""

    def __init__(self, *args: Any, verb: Verb | None = None, **options: Any) -> None:
        options.setdefault("formatter_class", _Formatter)
        super().__init__(*args, **options)
        self._verb = verb
        self.verbs: list[VerbParser] = []  #: of the parser that has verbs
        self.add_argument("--config", type=Path, metavar="FILE", default=argparse.SUPPRESS,
                          help="settings file (default: config/dateline.toml, then the running daemon's)")  # fmt: skip
        self.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default=argparse.SUPPRESS,
                          help="least level that is logged (default: log.level for `run`, else warning or error)")  # fmt: skip
        self.set_defaults(parser=self)

    def _print_message(self, message: str, file: Any = None) -> None:
        """Write the help or an error; unlike argparse, let a full disk be reported (it passes over every OSError)."""
        if message:
            (file or sys.stderr).write(message)

    def load(self) -> None:
        """Import the verb's module and let it add its options; once."""
        verb, self._verb = self._verb, None
        if verb is not None:
            module = importlib.import_module(f".{verb.module}", __package__)
            self.set_defaults(act=getattr(module, verb.function)(self))
            self._explain_verbs_below()

    def _explain_verbs_below(self) -> None:
        """Give the verbs below this one (``feeds add``) a sentence, and this one's examples and environment."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                for choice in action._choices_actions:
                    below = action.choices[choice.dest]
                    words = choice.help or ""
                    below.description = below.description or f"{words[:1].upper()}{words[1:]}."
                    below.epilog = below.epilog or self._epilog_of(below.prog)

    def _epilog_of(self, prog: str) -> str:
        """This verb's epilog with the examples of one verb below it."""
        lines = (self.epilog or "").splitlines()
        return "\n".join(
            line for line in lines if not line.startswith("  dateline ") or f"{line} ".startswith(f"  {prog} ")
        )

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> tuple[Any, list[str]]:  # type: ignore[override]
        """As in argparse, with the verb's options."""
        self.load()
        return super().parse_known_args(args, namespace)

    def format_help(self) -> str:
        """As in argparse, with the verb's options."""
        self.load()
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Exit with 2; a wrong choice or option gets its near miss named."""
        unknown = re.search(r"invalid choice: '([^']*)'|unrecognized arguments: (-\S+)", message)
        if unknown is not None:
            known: Iterable[str] = self._option_string_actions if unknown[2] else self._choices()
            near = difflib.get_close_matches((unknown[1] or unknown[2]).partition("=")[0], list(known), 1)
            message += f"; did you mean {near[0]!r}?" if near else ""
        super().error(message)

    def _choices(self) -> list[str]:
        return [str(choice) for action in self._actions for choice in action.choices or ()]


def build() -> VerbParser:
    """Build the parser of ``dateline``. Its namespace has ``act`` (`Act`), ``config`` and ``log_level``."""
    top = VerbParser(
        prog="dateline",
        usage="dateline VERB [options]      (dateline VERB --help explains the options)",
        description="Turns news feeds into a Redis stream of structured events.",
        epilog=ENVIRONMENT,
    )
    top.add_argument("-V", "--version", action="version", version=f"dateline {__version__}")
    chosen = os.environ.get("DATELINE_CONFIG")
    top.set_defaults(config=Path(chosen) if chosen else None, log_level=None)
    sub = top.add_subparsers(title="verbs", metavar="VERB", prog="dateline", required=True, parser_class=VerbParser)
    for name, verb in VERBS.items():
        examples = "\n".join(f"  dateline {line}" for line in verb.examples)
        top.verbs.append(
            sub.add_parser(
                name,
                verb=verb,
                help=verb.short,
                description=textwrap.fill(verb.long, 100),
                epilog=f"examples:\n{examples}\n\n{ENVIRONMENT}",
            )
        )
    return top


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Parse the words after ``dateline``. Raises SystemExit: 0 after help, 2 for wrong use."""
    top = build()
    if list(words[:1]) == ["help"]:
        words = [*words[1:2], "--help"]
    options, unknown = top.parse_known_args(words)
    if unknown:
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return options  # type: ignore[no-any-return]
