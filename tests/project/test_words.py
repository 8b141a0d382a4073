"""Words that do not come back: metaphors for machinery in names, docstrings, logs and messages of the package."""

from __future__ import annotations

import re
from pathlib import Path

WORKER = Path(__file__).resolve().parents[2] / "worker"
#: Whole words, also as parts of snake_case names. What to say instead: CONTRIBUTING.md, docs/glossary.md.
WORDS = (
    "house", "guest", "guests", "stranger", "strangers", "mother", "bury", "buries", "buried", "tongue", "tongues",
    "rubble", "stillborn", "be_born", "farewell", "hurried", "relieved", "one_form", "front_door", "visitor",
)  # fmt: skip
_BANNED = re.compile(rf"(?<![a-z])(?:{'|'.join(WORDS)})(?![a-z])", re.IGNORECASE)
#: Folders whose subject is language itself, where such words are data, and the demo's invented news.
DATA = ("lexicon", "demo/pages", "demo/stories", "demo/papers.toml", "contract/json", "sources/data")
#: In the reading these are words of the news, not of machinery ("the guest of a visit").
NEWS = ("house", "guest", "guests", "stranger", "strangers", "mother", "buried", "tongue", "visitor")
#: Lines where a word is the subject: names of institutions and words of the news.
ALLOWED = re.compile(
    r"White House|House of|[\"'`“‘][^\"'`”’]*\b(?:house|guest|mother|tongue|visitor|stranger|buried)s?\b[^\"'`”’]*[\"'`”’]",
    re.IGNORECASE,
)


def test_no_metaphor_for_machinery_comes_back() -> None:
    found = []
    for path in sorted(WORKER.rglob("*")):
        name = path.relative_to(WORKER).as_posix()
        if path.suffix not in (".py", ".lua", ".js", ".css", ".html") or any(part in name for part in DATA):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            words = {match.lower() for match in _BANNED.findall(line)}
            if words - set(NEWS if name.startswith("read/") else ()) and not ALLOWED.search(line):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    assert found == [], "say it in words of the field (CONTRIBUTING.md):\n" + "\n".join(found)
