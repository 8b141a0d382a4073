"""Captions: the words, who made the picture, and what may be done with it, told apart."""

from __future__ import annotations

import re

from ...model.page import Paragraph

_MAX_CAPTION_CHARS = 1_200
_MAX_CREDIT_CHARS = 120
_RIGHTS = re.compile(
    r"\(?\s*(?P<rights>(?:for use only|no redistribution|no resale|editorial use only|not for|mandatory credit|no archive|"
    r"no sales|for editorial use|all rights reserved|restricted|nur für redaktionelle|usage rights)[^()]*?)\s*\)",
    re.IGNORECASE,
)
_LABEL = (
    r"photo(?:graph)?s?|photo credit|images?|pictures?|credits?|fotos?|bilder|bild|photo by|image by|"
    r"photos? courtesy of|bildquelle|사진 출처|사진|자료|ljósmynd|nuotr|fotó|صورة|copyright|source|quelle|fonte|fuente|"
    r"crédit|crédito|illustration|foto de|imagem|imagen|kuva|zdroj|источник|фото|写真|撮影|via|file|handout|"
    r"reproduction|divulgação|reprodução"
)
_LABELLED = re.compile(
    rf"(?:^|[\s(\[|/–—-])(?:{_LABEL})\s*(?:by\s+|:|：|/|©|=|-)\s*(?P<credit>[^()\[\]]{{2,{_MAX_CREDIT_CHARS}}}?)[)\]]?\s*$",
    re.IGNORECASE,
)
_SIGN = re.compile(r"[\s(|]*(?:©|\(c\)|&copy;)\s*(?P<credit>[^()]{2,120}?)\)?\s*$", re.IGNORECASE)
#: A photographer's name and an agency in brackets after the caption's last sentence, as Spanish papers print it.
_NAMED = re.compile(r"(?<=[.!?»”])\s*(?P<credit>[^\W\d_][^.()]{2,40}\s\([^()]{2,60}\)(?:\s*\|.{2,40})?)$")
#: A short sign-off glued to the last sentence ("... in Qatar.AFP"), where the page sets it apart by style alone.
_GLUED = re.compile(r"(?<=[^\s.][.])(?P<credit>[A-ZÀ-Ý][^.]{1,80})$|＝(?P<after>[^＝。]{1,30})$")
_LEADING = re.compile(rf"^\W*(?:{_LABEL})\s*(?:by\s+|:|：|©|=)\s*", re.IGNORECASE)
_BRACKET = re.compile(r"[(\[](?P<credit>[^()\[\]]{2,90})[)\]]\s*$")
_AGENCY = re.compile(
    r"\b(?:AP|AFP|Reuters|Getty|EPA|dpa|Yonhap|Xinhua|Kyodo|ANSA|EFE|TASS|PA|AAP|Bloomberg|Press|Photo|Images?|Shutterstock|Foto|Fotos|"
    r"Alamy|Imago|Pool|Handout|Archiv|Keystone|Belga|ANP|TT|NTB|Ritzau|Scanpix|PAP|ČTK|MTI|CP|News|Agency|Pictures|via|Media)\b"
    r"|/|@"
)  # fmt: skip
_LEAD = re.compile(
    r"^(?:view larger image|enlarge(?: image)?|(?:image |hide |toggle )?caption|bild(?:unterschrift)?:?)\s*:?\s+",
    re.IGNORECASE,
)


def caption_of(text: str) -> Paragraph | None:
    """A caption paragraph from a caption's printed text: words, credit and rights apart; None where nothing is left."""
    text = _LEAD.sub("", text.strip())
    rights = None
    if match := _RIGHTS.search(text):
        rights = match.group("rights").strip()
        text = f"{text[: match.start()].rstrip()} {text[match.end() :].lstrip()}".strip()
    credit = None
    for pattern in (_SIGN, _NAMED, _BRACKET, _LABELLED, _GLUED):
        match = pattern.search(text)
        if match is None:
            continue
        found = (match.group("credit") or match.groupdict().get("after") or "").strip(" .:;,")
        if pattern in (_BRACKET, _NAMED) and not (_AGENCY.search(found) or found.isupper()):
            continue
        if not found or len(found) > _MAX_CREDIT_CHARS:
            continue
        credit, text = found, text[: match.start()].rstrip(" (|-–—/,")
        break
    if not text and not credit:
        return None
    if len(text) > _MAX_CAPTION_CHARS:
        return None
    return Paragraph(text=text or credit or "", kind="caption", credit=credit, rights=rights)


def credit_of(text: str) -> str:
    """The credit in a line that is nothing else: without its label, sign and brackets."""
    return _LEADING.sub("", text.strip()).strip(" ()[]©|,;:")[:_MAX_CREDIT_CHARS]
