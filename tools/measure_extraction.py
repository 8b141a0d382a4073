"""Score extraction on gold pages, out of fold, beside trafilatura's default settings on the same pages in the same run.

    pip install -e '.[train]'
    python tools/measure_extraction.py ../shared/gold/extraction [--sets wcxb,zyte] [--models FOLDS.json] [--json OUT.json]

Pages of one registrable domain stay in one of 5 folds; each is read by a model that saw no page of its fold. ``--models`` keeps
the fold models: they are read from the file where it exists, else trained (minutes) and written there. The scores are the
gold folder's own (lib/extraction_metrics.py beside it): ``word`` is the mean over pages of the bag-of-words F1 (WCXB's
measure), ``text`` the 4-gram F1, ``snippets`` F1 of texts that must and must not occur; a difference has its 95 % interval from
a paired bootstrap over pages. Letters of the gold and of both answers are composed (NFC) first: one gold text of fundusrepo
is not. ``cpu`` is the CPU of `extract_page` over that of ``bare_extraction(with_metadata=True)``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import statistics
import sys
import time
from datetime import UTC, datetime
from functools import cache
from multiprocessing import Pool
from pathlib import Path
from typing import Any
from unicodedata import normalize

import trafilatura

from dateline.errors import DatelineError
from dateline.extract import extract_page
from dateline.extract.block_model import BlockModel, as_model
from dateline.read import front_page

FOLDS = 5
Answer = dict[str, Any]
_state: dict[str, Any] = {}


def read_ours(html: bytes, case: dict[str, Any], model: BlockModel) -> Answer:
    """The article's body (blocks of kind body and bullet), summary, title, authors and date; empty where there is none."""
    began = time.process_time()
    try:
        page = extract_page(html, url=case["url"], model=model)
    except DatelineError:
        none = {"text": "", "summary": "", "title": None, "authors": [], "date": None, "source": "none"}
        return none | {"cpu": time.process_time() - began}
    spent = time.process_time() - began
    article = front_page(page, article_id="x", fetched=datetime.now(UTC), url=case["url"])
    blocks = [article.text[b.start : b.end] for b in article.blocks if b.kind in ("body", "bullet")]
    return {
        "text": "\n\n".join(blocks) or article.text, "summary": article.summary, "title": article.title,
        "authors": [a.name for a in article.byline], "date": (article.published or "")[:10] or None,
        "source": article.extracted_from, "cpu": spent,
    }  # fmt: skip


def read_theirs(html: bytes, case: dict[str, Any]) -> Answer:
    """Trafilatura's answer with default settings."""
    found = trafilatura.bare_extraction(html, url=case["url"], with_metadata=True)
    if found is None:
        return {"text": "", "summary": "", "title": None, "authors": None, "date": None}
    return {
        "text": found.text or "", "summary": found.description, "title": found.title, "authors": found.author,
        "date": found.date,
    }  # fmt: skip


def score(metrics: Any, case: dict[str, Any], answer: Answer) -> Answer:
    """The page's scores; a standfirst counts where the set's gold has one, WCXB allows the title too."""
    gold, answer, out = _composed(case["gold"]), _composed(answer), {}
    body, summary, title = (answer.get(key) or "" for key in ("text", "summary", "title"))
    if gold.get("text") or gold.get("paragraphs"):
        raw = case["set"] == "zyte"
        forms = [body] if raw else [body, f"{summary}\n\n{body}"]
        out["text"] = max((metrics.best_shingle(gold, form, raw=raw) for form in forms), key=metrics.page_f1)
    if case["set"] == "wcxb":
        whole = (body, f"{summary}\n{body}", f"{title}\n{body}", f"{title}\n{summary}\n{body}")
        out["word"] = max(metrics.token_f1(gold["text"], form) for form in whole)
    if gold.get("with"):
        counts = sum(s in body for s in gold["with"]), len(gold["with"]), sum(s in body for s in gold["without"])
        out["snippets"] = counts
    for key, match in (("title", metrics.title_match), ("authors", metrics.author_match), ("date", metrics.date_match)):
        if gold.get(key):
            out[key] = match(gold[key], answer.get(key))
    return out


def _composed(values: dict[str, Any]) -> dict[str, Any]:
    """``values`` with the letters of its texts composed."""
    return {key: normalize("NFC", value) if isinstance(value, str) else value for key, value in values.items()}


def measure(case: dict[str, Any]) -> tuple[str, Answer, Answer, Answer]:
    """Page name, our scores, trafilatura's, and the CPU seconds and source of each."""
    html = gzip.decompress(Path(case["path"]).read_bytes())
    ours = read_ours(html, case, _model(case["fold"]))
    began = time.process_time()
    theirs = read_theirs(html, case)
    spent = {
        "our_cpu": ours["cpu"],
        "their_cpu": time.process_time() - began,
        "source": ours["source"],
        "set": case["set"],
    }
    metrics = _state["metrics"]
    return f"{case['set']}/{case['id']}", score(metrics, case, ours), score(metrics, case, theirs), spent


@cache
def _model(fold: int) -> BlockModel:
    return as_model(_state["models"][str(fold)])


def prepare(gold: str, models: dict[str, Any]) -> None:
    """What each process needs: the models and the scores."""
    sys.path.insert(0, str(Path(gold).resolve().parent / "lib"))
    import extraction_metrics

    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    _state.update(metrics=extraction_metrics, models=models)


def summarise(rows: list[tuple[Answer, Answer]], key: str) -> tuple[float, float, float, float] | None:
    """Ours, trafilatura's, the difference and half its 95 % interval; None where no page has the measure."""
    metrics = _state["metrics"]
    pairs = [(ours[key], theirs[key]) for ours, theirs in rows if key in ours]
    if not pairs:
        return None
    ours, theirs = (list(column) for column in zip(*pairs, strict=True))
    if key == "text":
        difference, deviation, _ = metrics.paired_bootstrap(ours, theirs)
        return metrics.set_scores(ours)["f1"], metrics.set_scores(theirs)["f1"], difference, 1.96 * deviation
    if key == "snippets":
        one, other = _snippets(ours), _snippets(theirs)
        return one, other, one - other, float("nan")
    difference, deviation, _ = metrics.paired_means(ours, theirs)
    return statistics.fmean(ours), statistics.fmean(theirs), difference, 1.96 * deviation


def _snippets(counts: list[tuple[int, int, int]]) -> float:
    found, wanted, unwanted = (sum(column) for column in zip(*counts, strict=True))
    precision, recall = found / max(1, found + unwanted), found / wanted
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def fold_models(cases: list[dict[str, Any]], file: Path | None, processes: int) -> dict[str, Any]:
    """The model of each fold: read from ``file``, or trained and written there."""
    if file is not None and file.exists():
        models: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return models
    import train_block_model as training

    pages = training.read_pages(cases, processes)
    models = {}
    for fold in range(FOLDS):
        rest = [page for case, page in zip(cases, pages, strict=True) if page is not None and case["fold"] != fold]
        models[str(fold)] = training.as_data(training.train(rest))
    if file is not None:
        file.write_text(json.dumps(models), encoding="utf-8")
    return models


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, help="folder of gold.jsonl")
    parser.add_argument("--sets", help="only these, with commas between")
    parser.add_argument("--models", type=Path, help="file of the fold models")
    parser.add_argument("--json", type=Path, help="write every page's scores here")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    import train_block_model as training

    cases = training.read_cases(arguments.gold, texts_only=False)
    for case in cases:
        case["fold"] = training.fold_of(case, FOLDS)
    taught = [case for case in cases if training.says_text(case)]
    models = fold_models(taught, arguments.models, arguments.processes)
    wanted = arguments.sets.split(",") if arguments.sets else sorted({case["set"] for case in cases})
    prepare(str(arguments.gold), models)
    with Pool(arguments.processes, prepare, (str(arguments.gold), models)) as pool:
        found = pool.map(measure, [case for case in cases if case["set"] in wanted], chunksize=4)
    report = {}
    print(f"{'set':<14}{'measure':<10}{'pages':>6}{'ours':>8}{'trafilatura':>13}{'difference':>12}")
    for name in wanted:
        rows = [(ours, theirs) for _, ours, theirs, spent in found if spent["set"] == name]
        report[name] = {}
        for key in ("word", "text", "snippets", "title", "authors", "date"):
            if summary := summarise(rows, key):
                count = sum(key in ours for ours, _ in rows)
                one, other, difference, interval = report[name][key] = summary
                print(f"{name:<14}{key:<10}{count:>6}{one:>8.4f}{other:>13.4f}{difference:>+12.4f} +- {interval:.4f}")
    spent = [row[3] for row in found]
    ratio = sum(s["our_cpu"] for s in spent) / sum(s["their_cpu"] for s in spent)
    sources = {source: sum(s["source"] == source for s in spent) for source in sorted({s["source"] for s in spent})}
    print(f"cpu {ratio:.3f} of trafilatura's; sources {sources}")
    if arguments.json:
        pages = {name: {"ours": ours, "theirs": theirs, **s} for name, ours, theirs, s in found}
        arguments.json.write_text(json.dumps({"sets": report, "cpu": ratio, "pages": pages}), encoding="utf-8")


if __name__ == "__main__":
    main()
