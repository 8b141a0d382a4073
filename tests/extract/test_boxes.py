"""Pages that do not mark their article: what asks the reader for consent, a sign-up or a subscription is no part of it."""

from __future__ import annotations

import pytest

from dateline.errors import NoArticle
from dateline.extract import extract_page

ARTICLE = [
    "The harbour board voted on Tuesday to close the north quay for repairs that will take eleven weeks.",
    '"We found cracks wide enough for a hand," said the chief engineer, Ilse Brandt, after the inspection on Monday.',
    "Ferries to the outer islands will leave from the fish market until the work is done, the board said.",
    "Some 400 boats use the quay in summer, and the fishermen's union has asked the town for help with the cost.",
]
LAYOUTS = {
    "div": '<div class="wrap"><div class="c1"><h1>North quay to close</h1>STORY</div></div>',
    "table": "<table><tr><td><h1>North quay to close</h1>STORY</td></tr></table>",
    "bare": "<h1>North quay to close</h1>STORY",
}
#: What dialogs say: the heading, then whole sentences.
CONSENT = {
    "en": [
        "We value your privacy",
        "We and our 842 partners store and access information on a device, such as cookies, and process personal data.",
        "With your permission we may use precise positions and identification through device scanning.",
        "You may withdraw your consent or object to a legitimate interest at any time at the bottom of each page.",
    ],
    "de": [
        "Wir brauchen Ihre Zustimmung",
        "Wir und unsere 842 Partner speichern Informationen auf einem Gerät, etwa Cookies, und verarbeiten sie weiter.",
        "Sie können Ihre Einwilligung jederzeit mit Wirkung für die Zukunft am Ende jeder Seite widerrufen.",
    ],
    "fr": [
        "Votre vie privée compte",
        "Avec votre accord, nos 842 partenaires et nous utilisons des cookies pour lire des informations personnelles.",
        "Vous pouvez retirer votre consentement à tout moment en bas de chaque page de ce site.",
    ],
    "es": [
        "Su privacidad nos importa",
        "Nosotros y nuestros 842 socios almacenamos información en un dispositivo, como cookies, y la tratamos.",
        "Puede retirar su consentimiento u oponerse al interés legítimo en cualquier momento.",
    ],
    "pl": [
        "Szanujemy Twoją prywatność",
        "My i nasi partnerzy przechowujemy na urządzeniu informacje, takie jak pliki cookie, i przetwarzamy dane osobowe.",
        "Możesz w każdej chwili wycofać zgodę na dole każdej strony naszego serwisu.",
    ],
    "ru": [
        "Мы используем файлы cookie",
        "Мы и наши партнёры храним на устройстве информацию, например файлы cookie, и обрабатываем персональные данные.",
        "Вы можете отозвать своё согласие в любое время внизу каждой страницы этого сайта.",
    ],
    "ja": [
        "プライバシーについて",
        "当サイトおよび当社のパートナーは、端末上のクッキーなどの情報を保存し、個人データを処理します。",
        "当社はクッキーを使用して広告の効果を測定します。いつでも同意を撤回できます。",
    ],
}
#: What tools put them into; the last one has no name that says anything.
BOXES = [
    ('<div id="qc-cmp2-container"><div class="qc-cmp2-summary">', "</div></div>"),
    ('<div class="fc-consent-root"><div class="fc-dialog" role="dialog">', "</div></div>"),
    ('<div id="sp_message_container_1"><div class="message-column">', "</div></div>"),
    ('<div id="didomi-host"><div class="didomi-popup-view">', "</div></div>"),
    ('<section class="banner">', "</section>"),
    ('<div class="x1 a9">', "</div>"),
]
OFFERS = {
    "newsletter": [
        "Get the morning briefing",
        "Sign up for our free newsletter and get the most important stories of the day in your inbox every morning.",
        "By signing up you agree to our terms of use. You can unsubscribe at any time.",
    ],
    "abo": [
        "Jetzt weiterlesen",
        "Testen Sie unser Abo für einen Euro im ersten Monat und lesen Sie alle Artikel ohne Einschränkung.",
        "Sie sind bereits Abonnent? Dann melden Sie sich hier an, um den ganzen Artikel zu lesen.",
    ],
    "paywall": [
        "Keep reading with a subscription",
        "Subscribe now to read the full story and get unlimited access to everything for one euro a week.",
        "Already a subscriber? Log in here to continue reading this article on all of your devices.",
    ],
    "app": [
        "L'actualité sur votre téléphone",
        "Téléchargez gratuitement notre application et recevez les alertes info directement sur votre téléphone.",
        "Notre application est disponible gratuitement sur l'App Store et sur Google Play.",
    ],
}


def box(opening: str, texts: list[str], closing: str) -> str:
    """A heading and paragraphs in an element."""
    return f"{opening}<h2>{texts[0]}</h2>" + "".join(f"<p>{text}</p>" for text in texts[1:]) + closing


def texts_of(body: str) -> list[str]:
    """What is published of a page that declares nothing but its title."""
    html = f"<html><head><title>North quay to close</title></head><body>{body}</body></html>"
    found = extract_page(html.encode(), url="https://paper.example/north-quay")
    return [paragraph.text for paragraph in found.paragraphs]


def page(layout: str, asked: str, place: str) -> str:
    """A page with a box before, after or inside the story."""
    story = [f"<p>{text}</p>" for text in ARTICLE]
    if place == "inside":
        story.insert(2, asked)
    body = LAYOUTS[layout].replace("STORY", "".join(story))
    return asked + body if place == "before" else body + asked if place == "after" else body


@pytest.mark.parametrize("language", CONSENT)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_consent_dialog_is_not_published_with_the_article(layout: str, language: str) -> None:
    """Short or longer than the article, before or behind it, in the elements of well-known tools and of none."""
    heading, *sentences = CONSENT[language]
    for opening, closing in BOXES:
        for times in (1, 3):
            dialog = box(opening, [heading, *sentences * times], "<button>OK</button>" + closing)
            for place in ("before", "after"):
                assert texts_of(page(layout, dialog, place)) == ARTICLE, (opening, times, place)


@pytest.mark.parametrize("offer", OFFERS)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("place", ["before", "inside", "after"])
def test_an_offer_is_not_published_with_the_article(layout: str, offer: str, place: str) -> None:
    """Nor is a page with a short article and an offer to subscribe taken for a wall."""
    for opening, closing in (('<div class="c-barrier">', "</div>"), ("<section>", "<button>OK</button></section>")):
        assert texts_of(page(layout, box(opening, OFFERS[offer], closing), place)) == ARTICLE


def test_a_page_of_nothing_but_a_dialog_is_a_wall() -> None:
    """Whatever the tool's language."""
    for texts in CONSENT.values():
        with pytest.raises(NoArticle, match="wall"):
            texts_of(box('<div class="didomi-popup-view">', texts, "</div>"))


COOKIE_NEWS = [
    "The court in Luxembourg ruled on Thursday that a box which is ticked beforehand is no consent to cookies.",
    'The company had argued: "We use cookies only where readers agree, and our partners never see personal data."',
    "Readers may withdraw their consent at any time, the judges wrote, and publishers must make that as easy as giving it.",
    "Publishers said that their newsletters and subscriptions would suffer, and that some sites would have to close.",
    "A group of consumers from Bavaria had brought the case nine years ago against a lottery that asked players for more.",
    "The ruling binds the courts of all member states; the first of them will hear the lottery's lawyers again in May.",
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_news_of_cookies_is_news(layout: str) -> None:
    """Sentences of dialogs, quoted in the article's own element, stay in it."""
    story = "".join(f"<p>{text}</p>" for text in COOKIE_NEWS)
    assert texts_of(LAYOUTS[layout].replace("STORY", story)) == COOKIE_NEWS
    divs = "".join(f"<div>{text} <a href=/more>Ruling</a></div>" for text in COOKIE_NEWS)
    assert [text[:40] for text in texts_of(LAYOUTS[layout].replace("STORY", divs))] == [t[:40] for t in COOKIE_NEWS]
