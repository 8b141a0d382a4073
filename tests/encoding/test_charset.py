"""Character sets: what is declared, what is guessed, and what is true."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.encoding import charset

SENTENCES = {
    "windows-1251": ("ru", "Буксир столкнулся с паромом у входа в гавань, сообщила в среду береговая охрана"),
    "koi8-r": ("ru", "Буксир столкнулся с паромом у входа в гавань, сообщила в среду береговая охрана"),
    "gb18030": ("zh", "一艘拖船星期三在港口入口处与渡轮相撞，海岸警卫队说没有人受伤"),
    "big5": ("zh", "一艘拖船星期三在港口入口處與渡輪相撞，海岸警衛隊說沒有人受傷"),
    "euc-kr": ("ko", "수요일 항구 입구에서 예인선이 여객선과 충돌했다고 해안경비대가 밝혔다"),
    "shift_jis": ("ja", "水曜日、港の入り口でタグボートがフェリーと衝突したと沿岸警備隊が発表した"),
    "euc-jp": ("ja", "水曜日、港の入り口でタグボートがフェリーと衝突したと沿岸警備隊が発表した"),
    "windows-1250": ("pl", "Holownik zderzył się w środę z promem u wejścia do portu, poinformowała straż przybrzeżna"),
    "windows-1252": ("fr", "Un remorqueur a heurté mercredi un ferry à l'entrée du port, a annoncé la garde côtière"),
    "windows-1253": (
        "el",
        "Ρυμουλκό συγκρούστηκε την Τετάρτη με πλοίο στην είσοδο του λιμανιού, ανακοίνωσε το λιμενικό",
    ),
    "windows-1255": ("he", "גוררת התנגשה ביום רביעי במעבורת בכניסה לנמל, הודיע משמר החופים"),
    "windows-1256": ("ar", "اصطدمت قاطرة بعبارة عند مدخل الميناء يوم الأربعاء حسبما أعلن خفر السواحل"),
    "windows-1254": (
        "tr",
        "Sahil güvenlik, bir römorkörün çarşamba günü liman girişinde feribotla çarpıştığını açıkladı",
    ),
    "tis-620": ("th", "เรือลากจูงชนกับเรือข้ามฟากที่ทางเข้าท่าเรือเมื่อวันพุธหน่วยยามฝั่งกล่าว"),
}


def document(sentence: str, codec: str, declared: str | None, language: str = "") -> bytes:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    tongue = f"<language>{language}</language>" if language else ""
    return f"{declaration}<rss><channel>{tongue}<title>{sentence}</title></channel></rss>".encode(codec)


@pytest.mark.parametrize("name", sorted(SENTENCES))
@pytest.mark.parametrize("declared", ["right", "utf-8", "none"])
def test_legacy_sets_are_read_as_declared_and_found_where_the_declaration_is_wrong_or_missing(
    name: str, declared: str
) -> None:
    language, sentence = SENTENCES[name]
    label = {"right": name, "utf-8": "utf-8", "none": None}[declared]
    found = charset.decode(document(sentence, name, label, language if declared == "none" else ""))
    assert sentence in found.text
    assert found.notes == {"right": (), "utf-8": ("charset_wrong",), "none": ("charset_guessed",)}[declared]


@pytest.mark.parametrize("header", ["text/xml; charset=iso-8859-1", "text/xml; charset=windows-1251", "text/xml"])
def test_valid_utf_8_is_utf_8_whatever_the_server_says(header: str) -> None:
    text = "Paroskapitän flüchtet nach Kollision übers Eis"
    assert text in charset.decode(document(text, "utf-8", "utf-8"), header).text


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "utf-8-sig"])
def test_wide_sets_are_known_by_their_mark_or_their_first_characters(codec: str) -> None:
    assert "Fähre 渡輪" in charset.decode(document("Fähre 渡輪", codec, "utf-16")).text


def test_stray_windows_bytes_in_utf_8_are_read_each() -> None:
    body = document("Fähre ‹ übers Eis 渡輪渡輪渡輪渡輪", "utf-8", "utf-8").replace(b"Eis", b"\x93Eis\x94")
    found = charset.decode(body)
    assert "“Eis”" in found.text
    assert found.notes == ("charset_mixed",)


def test_letters_encoded_twice_are_put_right() -> None:
    """Some content systems take UTF-8 for Latin-1 and encode it once more; three such letters are no accident."""
    said = "L’été à Zürich – “Fähre” 渡輪 ⭐ 🙂"
    body = document(said, "utf-8", "utf-8")
    found = charset.decode(body.decode("latin-1").encode())
    assert said in found.text
    assert found.notes == ("charset_twice",)
    quoted = document("The mark â\x80\x99 is a damaged quote; NESCAFÉ® and Ã¼ stay", "utf-8", "utf-8")
    assert charset.decode(quoted) == (quoted.decode(), "utf-8", ())


@pytest.mark.parametrize(
    "label", ["idna", "punycode", "zlib", "hex", "rot13", "unicode_escape", "utf-7", "no-such", "a" * 5000]
)
def test_a_servers_label_never_reaches_a_codec_that_is_no_character_set(label: str) -> None:
    body = b"<rss><title>+ADw-script+AD4- \\u0041 F\xc3\xa4hre</title></rss>"
    assert "+ADw-script+AD4- \\u0041 Fähre" in charset.decode(body, f"text/xml; charset={label}").text


def test_the_documents_own_declaration_beats_a_servers_default() -> None:
    _, sentence = SENTENCES["windows-1251"]
    found = charset.decode(document(sentence, "windows-1251", "windows-1251"), "text/xml; charset=ISO-8859-1")
    assert sentence in found.text


@given(
    st.binary(max_size=400),
    st.sampled_from(["", "text/xml; charset=gbk", "text/html; charset=iso-2022-jp", "x; charset=utf-16"]),
)
def test_any_bytes_have_some_text_that_is_valid_unicode(body: bytes, content_type: str) -> None:
    charset.decode(body, content_type).text.encode("utf-8", "strict")


@pytest.mark.parametrize("declared", ["utf-8", "UTF8"])
def test_half_letters_of_cut_summaries_do_not_change_the_set_of_a_text_in_utf_8(declared: str) -> None:
    """Cutting after so many bytes leaves the first byte of a letter: the other letters stay what they are."""
    body = f"<?xml version='1.0' encoding='{declared}'?><a>Größe zählt, sagt der Fäh".encode()
    body += b"\xc3</a><b>\xc3\x84rger um \xc3</b><c>ein \xe2\x80</c>"
    text = charset.decode(body).text
    assert "Größe zählt" in text
    assert "Ärger um" in text


def test_a_text_in_a_legacy_set_that_says_utf_8_is_still_found() -> None:
    """Next to nothing of it is valid UTF-8."""
    said = "Паром отменён из-за шторма, жители острова ждут на причале второй день подряд"
    for codec in ("cp1251", "koi8_r"):
        body = f"<?xml version='1.0' encoding='utf-8'?><a lang='ru'>{said}</a>".encode(codec)
        assert said in charset.decode(body).text
    chinese = "渡船因风暴停航，岛上居民在码头等候第二天，当局表示将尽快恢复服务"
    assert (
        chinese
        in charset.decode(f"<?xml version='1.0' encoding='utf-8'?><a lang='zh'>{chinese}</a>".encode("gb18030")).text
    )
