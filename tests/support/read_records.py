"""Read the inputs that standard input names and print a record for each: `python -m support.read_records`.

A line of the input is `{"url": ..., "page": base64}` or `{"text": ...}`; a line of the output the article with its
events. The first line says what reads: ``{"build": "pure Python", "module": path of a reading module}``.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2025, 6, 12, 15, tzinfo=UTC)


def own_texts() -> Iterator[dict[str, str]]:
    """Texts of this repository, as inputs: wire stories, articles, sentences and pages of documentation."""
    import tomllib

    data = ROOT / "tests" / "data"
    for story in tomllib.loads((data / "wire" / "stories.toml").read_text(encoding="utf-8"))["story"]:
        yield {"text": story["text"]}
    for part in (data / "events" / "articles.txt").read_text(encoding="utf-8").split("\n@@ ")[1:]:
        yield {"text": part.partition("\n")[2]}
    lines = (data / "events" / "sentences.tsv").read_text(encoding="utf-8").splitlines()
    sentences = [line.partition("\t")[0] for line in lines if "\t" in line]
    for k in range(0, len(sentences), 20):
        yield {"text": "\n\n".join(sentences[k : k + 20])}
    yield {"text": (ROOT / "bench" / "story.txt").read_text(encoding="utf-8")}
    for path in sorted((ROOT / "docs").glob("*.md")):
        yield {"text": path.read_text(encoding="utf-8")}


def read(given: dict[str, Any]) -> bytes:
    """The article and the events of one input, as JSON."""
    from dateline.extract import extract_page
    from dateline.read import front_page, front_text, read_article

    if "page" in given:
        page = extract_page(base64.b64decode(given["page"]), url=given["url"])
        article = front_page(page, article_id="a", fetched=AT, url=given["url"])
    else:
        article = front_text(given["text"], article_id="a", fetched=AT, published=AT)
    return msgspec.json.encode(read_article(article))


def main() -> None:
    """Answer every line."""
    from dateline.jobs.compiled import describe_build
    from dateline.read.syntax import tagger

    out = sys.stdout.buffer
    out.write(json.dumps({"build": describe_build(), "module": tagger.__file__}).encode() + b"\n")
    for line in sys.stdin:
        out.write(read(json.loads(line)) + b"\n")
    out.flush()


if __name__ == "__main__":
    main()
