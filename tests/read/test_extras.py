"""The user's own spaCy model, and dates in other languages: more found, nothing of ours moved, offsets exact."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib.util
import json
import sys
import warnings
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dateline.__main__ import main
from dateline.contract.article import Article, ExtractorInfo
from dateline.errors import SettingsError
from dateline.jobs.user_files import warm_with
from dateline.pool import Pool
from dateline.read import front_text, read_article
from dateline.read.document import Arcs
from dateline.read.entities.recognizer import find_names
from dateline.read.entities.spacy_model import check, find_more
from dateline.read.events.coder import code_events
from dateline.read.events.frames import load_lexicon
from dateline.read.record import document_of
from dateline.read.syntax.sentences import split_sentences
from dateline.settings import PoolSettings, ReadSettings

needs_spacy = pytest.mark.skipif(
    importlib.util.find_spec("spacy") is None,
    reason="spaCy is not installed (300 MB): pip install '.[spacy]' runs this test",
)
FETCHED = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
STORY = (
    "OSLO (Reuters) - Norway and Denmark held talks with the zorblat collective in Oslo on Monday, officials said.\n\n"
    "Members of the zorblat collective met Tervo in quietvale near lyonport. Tervo attacked the police in Oslo on Tuesday.\n\n"
    "Later the zorblat collective left."
)


def article(text: str, language: str | None = None) -> Article:
    import msgspec

    made = front_text(text, article_id="a" * 16, fetched=FETCHED, url="https://paper.example/a", published=FETCHED)
    return msgspec.structs.replace(
        made, language=language or made.language, extractor=ExtractorInfo(name="dateline", version="9", lexicon="1")
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with a rule for each kind of name, written to disk as any model is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what spaCy's own dependencies say at import
        import spacy

    nlp = spacy.blank("en", meta={"name": "tiny", "version": "1.2.3"})
    rules: list[dict[str, Any]] = [
        {"label": "ORG", "pattern": "the zorblat collective"},
        {"label": "ORG", "pattern": "Tervo"},
        {"label": "ORG", "pattern": "Norway"},
        {"label": "GPE", "pattern": "quietvale"},
        {"label": "GPE", "pattern": "lyonport"},
        {"label": "GPE", "pattern": "marseille"},
        {"label": "PERSON", "pattern": "Monday, officials"},
        {"label": "ORG", "pattern": "Anna Korvala"},
    ]
    nlp.add_pipe("entity_ruler").add_patterns(rules)
    folder = tmp_path_factory.mktemp("model") / "tiny"
    nlp.to_disk(folder)
    return folder


@needs_spacy
def test_the_model_adds_names_that_we_pass_over_with_exact_offsets(model: Path) -> None:
    """One entity for the same name, its span without the article before it."""
    document = find_names(split_sentences(document_of(article(STORY))))
    more, has_read = find_more(document, model)
    added = [m for m in more.mentions if m.resolved_by == "model"]
    assert has_read
    assert all(m.text == more.text[m.start : m.end] for m in added)
    named = {m.text: m for m in added}
    assert named["quietvale"].type == "LOC" and named["quietvale"].country is None
    collective = [m for m in added if m.text == "zorblat collective"]
    assert {m.type for m in collective} == {"ORG"}
    assert len(collective) == 3 and len({m.entity for m in collective}) == 1
    assert list(more.mentions) == sorted(more.mentions, key=lambda m: (m.start, -m.end))


@needs_spacy
def test_no_mention_of_ours_is_moved_or_crossed(model: Path) -> None:
    """What lists of ours know stays as it is, whatever the model says: Norway is no organisation."""
    document = find_names(split_sentences(document_of(article(STORY))))
    more, _ = find_more(document, model)
    spans = [(m.start, m.end, m.entity, m.canonical) for m in more.mentions if m.resolved_by != "model"]
    assert spans == [(m.start, m.end, m.entity, m.canonical) for m in document.mentions]
    assert {m.type for m in more.mentions if m.canonical == "Norway"} == {"COUNTRY"}
    for m in more.mentions:
        if m.resolved_by == "model":
            assert not any(o.start < m.end and m.start < o.end for o in document.mentions)


@needs_spacy
def test_the_model_decides_between_person_and_organisation_where_no_list_of_ours_does(model: Path) -> None:
    """A bare unknown name that attacks looks like a person; the model knows better, for all its mentions."""
    document = find_names(split_sentences(document_of(article(STORY))))
    more, _ = find_more(document, model)
    assert {m.type for m in more.mentions if m.canonical == "Tervo"} == {"ORG"}
    text = "OSLO (Reuters) - The witness was Anna Korvala, who left the town on Monday.\n\nIt rained."
    more, _ = find_more(find_names(split_sentences(document_of(article(text)))), model)
    assert {m.type for m in more.mentions if m.canonical == "Anna Korvala"} == {"PERSON"}


@needs_spacy
def test_the_gazetteer_gives_the_country_of_a_place_that_the_model_finds(model: Path, tmp_path: Path) -> None:
    """Ours for a town written small, the user's own for one that only he knows."""
    text = "BERLIN (Reuters) - They walked from marseille to lyonport, said a man who knows the way.\n\nIt rained."
    own = tmp_path / "names.tsv"
    own.write_text("lyonport\t\tCITY\tFRA\t\t\t45.7\t4.8\n")
    document = find_names(split_sentences(document_of(article(text))))
    more, _ = find_more(document, model, (own,))
    found = {m.text: (m.type, m.country) for m in more.mentions if m.resolved_by == "model"}
    assert found["marseille"] == ("CITY", "FRA")
    assert found["lyonport"] == ("CITY", "FRA")


@needs_spacy
def test_the_record_names_the_model_that_read(model: Path) -> None:
    """And does not where the model reads another language."""
    read, _ = read_article(article(STORY), spacy_model=model)
    assert read.extractor == ExtractorInfo(
        name="dateline+spacy", version="9+en_tiny-1.2.3", lexicon=load_lexicon().version
    )
    assert "quietvale" in {e.text for e in read.entities}
    assert all(read.text[e.start : e.end] == e.text for e in read.entities)
    other, _ = read_article(article("Der Minister sprach in Berlin mit Tervo.", "de"), spacy_model=model)
    assert other.extractor is not None and other.extractor.name == "dateline"


@needs_spacy
def test_extract_reads_with_the_model_in_its_child_processes(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Within the memory and the sandbox that a child has."""
    page = tmp_path / "story.txt"
    page.write_text(STORY)
    assert main(["extract", str(page), "--text", "--children", "1", "--spacy-model", str(model)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["article"]["extractor"]["name"] == "dateline+spacy"


@needs_spacy
def test_the_model_is_loaded_once_before_there_are_children(model: Path) -> None:
    """In the process that they are forked from, which stays single-threaded: none of them waits for the model, all share it."""

    async def ask(own: ReadSettings) -> tuple[bytes, bytes]:
        open_to_view = PoolSettings(children=1, sandbox=False)  # else a child cannot count its parent's threads
        async with Pool(open_to_view, jobs="support.pool_reading_jobs", warm_with=warm_with(own)) as pool:
            return await pool.run("module", b"spacy"), await pool.run("threads", b"")

    assert asyncio.run(ask(ReadSettings(spacy_model=str(model)))) == (b"loaded", b"1")
    assert asyncio.run(ask(ReadSettings()))[0] == b"absent"


def test_our_own_words_are_loaded_before_there_are_children() -> None:
    """The story that warms the zygote is read to its end."""

    async def ask() -> bytes:
        async with Pool(PoolSettings(children=1), jobs="support.pool_reading_jobs") as pool:
            return await pool.run("words", b"")

    assert int(asyncio.run(ask())) > 0


PARSED = "Denmark, a kingdom of islands where, on summer nights, ships come, attacked Norway."
HEADS = [15, 0, 3, 0, 3, 4, 13, 13, 13, 10, 8, 13, 13, 5, 0, 15, 15, 15]
LABELS = [
    "nsubj", "punct", "det", "appos", "prep", "pobj", "advmod", "punct", "prep", "compound", "pobj", "punct", "nsubj", "relcl",
    "punct", "ROOT", "dobj", "punct",
]  # fmt: skip


@pytest.fixture(scope="module")
def parser(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with a parser that has learnt one sentence by heart."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import spacy
        from spacy.training import Example

        spacy.util.fix_random_seed(1)  # other starts have not learnt it after 25 rounds
        nlp = spacy.blank("en", meta={"name": "parsing", "version": "1.0.0"})
        nlp.add_pipe("parser", config={"min_action_freq": 1})
        told = Example.from_dict(nlp.make_doc(PARSED), {"heads": HEADS, "deps": LABELS, "sent_starts": [1] + [0] * 17})
        learn = nlp.initialize(lambda: [told])
        for _ in range(40):
            nlp.update([told], sgd=learn, drop=0.0)
    folder = tmp_path_factory.mktemp("parser") / "parsing"
    nlp.to_disk(folder)
    return folder


@needs_spacy
def test_the_parse_gives_an_actor_where_our_clauses_find_none(parser: Path) -> None:
    """The slot is filled, the rest of the event stays; without the model it is empty."""
    story = article(f"OSLO (Reuters) - It rained on Monday.\n\n{PARSED}")

    def slots(model: Path | None) -> list[tuple[str, list[str], list[str]]]:
        _, events = read_article(story, spacy_model=model)
        return [(e.plover.type, [a.text for a in e.actors], [r.text for r in e.recipients]) for e in events]

    assert not any(actors for _, actors, _ in slots(None))
    assert slots(parser) == [("ASSAULT", ["Denmark"], ["Norway"])]


def test_a_parse_fills_what_is_empty_and_changes_nothing_else() -> None:
    """Whatever it says of a subject that our clauses found, ours stays; offsets outside any phrase are passed over."""
    text = "Norway attacked Denmark. It rained."
    document = find_names(split_sentences(document_of(article(text))))
    plain = code_events(document, article_id="a" * 16, revision=1).events
    start = text.index("attacked")
    for arcs in (
        Arcs(start, (text.index("Denmark"),), (0,)),
        Arcs(start, (999,), (5,)),
        Arcs(3, (0,), (16,)),
        Arcs(999),
    ):
        parsed = code_events(dataclasses.replace(document, parsed=(arcs,)), article_id="a" * 16, revision=1).events
        assert parsed == plain


@needs_spacy
def test_a_folder_that_is_no_model_is_refused_with_the_remedy(tmp_path: Path) -> None:
    """At the start, by its files; and one whose files are damaged, when it is read."""
    with pytest.raises(SettingsError, match=r"no spaCy model.*nothing is downloaded"):
        check(tmp_path / "absent")
    for name in ("config.cfg", "meta.json"):
        (tmp_path / name).write_text("{}")
    check(tmp_path)
    with pytest.raises(SettingsError, match="cannot load this model"):
        read_article(article(STORY), spacy_model=tmp_path)


def test_a_model_that_is_not_there_ends_the_command_with_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whichever is missing, spaCy or the folder, the message says so; the daemon's settings are checked likewise."""
    absent = str(tmp_path / "absent")
    assert main(["extract", "-", "--spacy-model", absent]) == 2
    assert absent in capsys.readouterr().err
    settings = tmp_path / "dateline.toml"
    settings.write_text(f'[read]\nspacy_model = "{absent}"\n')
    assert main(["doctor", "--config", str(settings)]) == 2
    assert absent in capsys.readouterr().err


def test_neither_library_is_imported_where_nothing_asks_for_it() -> None:
    """Reading costs what it cost before."""
    import subprocess

    code = (
        "import sys, datetime as d; from dateline.read import front_text, read_article; "
        "at = d.datetime(2026, 11, 18, tzinfo=d.UTC); "
        "read_article(front_text('Der Minister sprach gestern.', article_id='a' * 16, fetched=at)); "
        "import dateline.jobs.user_files; print('spacy' in sys.modules, 'dateparser.search' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    ("language", "text", "said", "value"),
    [
        ("es", "El ministro habló ayer con los periodistas.", "ayer", "2026-11-17"),
        ("es", "El presidente llegó hace 3 días a la capital.", "hace 3 días", "2026-11-15"),
        ("de", "Der Sprecher sagte gestern, man werde verhandeln.", "gestern", "2026-11-17"),
        ("de", "Die Delegation reiste am Montag in die Hauptstadt.", "Montag", "2026-11-16"),
        ("fr", "Les deux parties se sont rencontrées mardi à Genève.", "mardi", "2026-11-17"),
        ("pt", "O governo anunciou ontem novas medidas.", "ontem", "2026-11-17"),
        ("ru", "Министр заявил об этом вчера на встрече.", "вчера", "2026-11-17"),
        ("ja", "首相は昨日、東京で会談した。", "昨日", "2026-11-17"),
    ],
)
def test_words_for_days_are_read_in_the_articles_own_language(language: str, text: str, said: str, value: str) -> None:
    """Counted from the publication, with the exact span."""
    read, _ = read_article(article(text, language), other_languages=True)
    found = {read.text[t.start : t.end]: t for t in read.timex}
    assert said in found
    assert (found[said].value, found[said].anchor) == (value, "publication")
    assert all(read.text[t.start : t.end] == t.text for t in read.timex)


def test_the_weekday_of_publication_is_that_day_and_a_week_ago_is_not() -> None:
    """The convention of news, as in English."""
    read, _ = read_article(article("El consejo se reunió el miércoles en Madrid.", "es"), other_languages=True)
    assert [t.value for t in read.timex] == ["2026-11-18"]


def test_small_words_and_figures_are_no_dates() -> None:
    """ "so", "de 2 a 3", "mar": dateparser would take them."""
    for language, text in (
        ("de", "Das ist so, sagte die Sprecherin."),
        ("es", "Perdieron de 2 a 3 en el mar."),
        ("fr", "Il y a 12 et 14 personnes."),
    ):
        read, _ = read_article(article(text, language), other_languages=True)
        assert [t.text for t in read.timex] == [], text


def test_what_our_own_stage_found_is_not_said_twice_and_english_is_left_alone() -> None:
    """A date with figures is ours in every language."""
    text = "El acuerdo se firmó el 5 de marzo de 2024 y ayer se publicó."
    ours, _ = read_article(article(text, "es"))
    both, _ = read_article(article(text, "es"), other_languages=True)
    assert [t for t in both.timex if t in ours.timex] == ours.timex
    spans = sorted((t.start, t.end) for t in both.timex)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    english = article("Norway and Denmark held talks yesterday.", "en")
    assert read_article(english, other_languages=True)[0].timex == read_article(english)[0].timex


def test_a_long_text_costs_no_more_than_its_beginning() -> None:
    """The bound on what dateparser is given."""
    text = "\n\n".join(f"La reunión número {n} terminó ayer sin acuerdo alguno entre ambos." for n in range(400))
    read, _ = read_article(article(text, "es"), other_languages=True)
    last = max(t.end for t in read.timex if t.text == "ayer")
    assert last < 5000
