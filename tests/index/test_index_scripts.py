"""Words are found in every script: without the marks that writers leave out, also where no space parts words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.index import cards
from dateline.index.database import open_database
from dateline.index.excerpt import excerpt
from dateline.index.filters import match_words, parse_filters
from dateline.index.fold import fold
from support.desk import NOW, index, story

#: Article 1 of the Universal Declaration of Human Rights (United Nations), one article a language.
TEXTS = {
    "zh": "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
    "ja": "すべての人間は、生れながらにして自由であり、かつ、尊厳と権利とについて平等である。"
    "人間は、理性と良心とを授けられている。",
    "ko": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았다.",
    "th": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม",
    "ar": "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق. وقد وهبوا عقلًا وضميرًا وعليهم أن يعامل بعضهم بعضًا بروح الإخاء.",
    "fa": "تمام افراد بشر آزاد به دنیا می\u200cآیند و از لحاظ حیثیت و حقوق با هم برابرند. همه دارای عقل و وجدان می\u200cباشند.",
    "he": "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון.",
    "ru": "Все люди рождаются свободными и равными в своём достоинстве и правах. Они наделены разумом и совестью.",
    "el": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",
    "vi": "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền.",
    "pl": "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Łódź.",
    "hi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
}
#: Typed words, and the language whose text they are found in.
TYPED = [
    ("权利", "zh"), ("自由", "zh ja"), ("尊嚴", ""), ("平等", "zh ja"), ("兄弟关系", "zh"), ("利权", ""),
    ("人間は", "ja"), ("人人 自由", "zh"), ("권리", "ko"), ("인간", "ko"), ("존엄과 권리", "ko"),
    ("มนุษย์", "th"), ("สิทธิ", "th"), ("อิสระ", "th"),
    ("احرارا", "ar"), ("أحراراً", "ar"), ("الكرامه", "ar"), ("الاخاء", "ar"), ("حقوق", "fa"), ("مي آيند", ""),
    ("میآیند", "fa"), ("הָאָדָם", "he"), ("своем", "ru"), ("СВОЁМ", "ru"), ("ανθρωποι", "el"), ("ΑΝΘΡΩΠΟΙ", "el"),
    ("binh dang", "vi"), ("rownymi", ""), ("rowni lodz", "pl"), ("मनुष्यों", "hi"), ("मनष्यों", ""), ("自由 -人間", "zh"),
]  # fmt: skip


async def test_what_is_typed_is_found_where_it_is_printed_and_nowhere_else(tmp_path: Path) -> None:
    """Chinese, Japanese, Korean and Thai by any run of characters; Arabic, Hebrew, Greek and Cyrillic without marks."""
    database = await open_database(tmp_path / "desk.sqlite")
    await index(database, *(story(lang, text=text, language=lang) for lang, text in TEXTS.items()))
    for typed, langs in TYPED:
        filters = parse_filters({"q": typed}, NOW)
        found = await database.read(lambda connection, f=filters: cards.search(connection, f, limit=50))  # type: ignore[misc]
        assert {row["article"] for row in found["results"]} == set(langs.split()), typed
    revised = story("zh", text="另一篇文章", revision=2, kind="revised")
    await index(database, revised)  # the old words go, though they are folded
    gone = await database.read(lambda c: cards.search(c, parse_filters({"q": "权利"}, NOW), limit=5))
    assert gone["total"] == 0
    await database.close()


@pytest.mark.parametrize(
    ("lang", "typed", "marked"), [("zh", "权利", "权利"), ("ru", "своем", "своём"), ("vi", "binh", "bình")]
)
def test_an_excerpt_marks_what_was_found_in_the_letters_of_the_text(lang: str, typed: str, marked: str) -> None:
    cut = excerpt(TEXTS[lang], [typed])
    assert [cut["text"][start:end] for start, end in cut["marks"]] == [marked]


@given(st.text())
def test_folding_again_changes_no_word(text: str) -> None:
    """A query and a text are folded alike, whichever form their letters come in."""
    assert fold(fold(text)).split() == fold(text).split()
    assert match_words("日本") == '"日 本"'
