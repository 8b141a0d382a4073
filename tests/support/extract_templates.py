"""Invented pages in the makes that the web has: one builder each, given a story, back comes a page as its template writes it.

A story's paragraphs are what must come out; everything else on the page is the template's own chrome.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from support.extract_pages import PARAGRAPHS, as_paragraphs


@dataclass(frozen=True)
class Story:
    """What a page tells, in one language."""

    lang: str
    title: str
    byline: str
    day: str
    paragraphs: tuple[str, ...]


ENGLISH = Story("en", "Cracks close Lindmouth's northern pier", "Ida Moss", "2026-03-17", PARAGRAPHS)
JAPANESE = Story(
    "ja", "北桟橋に亀裂、月末まで閉鎖 島への船は魚市場発着に", "森田いずみ", "2026-03-17",
    (
        "港湾局は十七日、北桟橋を月末まで閉鎖すると発表した。潜水士が主な支柱二本に亀裂を見つけたためで、"
        "利用者には別の乗り場を案内している。",
        "島へ渡る船はその間、魚市場の前から出る。二つの乗り場の間は歩いて十分ほどで、"
        "歩くのが難しい人のためには市がバスを走らせるという。",
        "「三十年悔やむよりは、三週間用心する方がいい」。港の責任者はこう話し、"
        "修理にかかる費用はまだ分からないと付け加えた。",
        "桟橋は一九五八年に造られ、最後の点検は四年前だった。大学の技術者が金曜日までに状態を報告し、"
        "市議会が月曜日に説明を聞く。",
    ),
)  # fmt: skip
ARABIC = Story(
    "ar", "تشققات تغلق الرصيف الشمالي في الميناء", "ليلى منصور", "2026-03-17",
    (
        "قالت سلطة الميناء يوم الثلاثاء إن الرصيف الشمالي سيبقى مغلقا حتى نهاية "
        "الشهر بعد أن عثر غواصون على تشققات في اثنتين من دعاماته الرئيسية.",
        "وستنطلق العبارات المتجهة إلى الجزر من سوق السمك خلال هذه المدة، بحسب متحدثة "
        "باسم السلطة، والمسافة بين الموقفين عشر دقائق سيرا على الأقدام.",
        "وأضافت المديرة أن كلفة الإصلاح لم تعرف بعد، وأن الحذر ثلاثة أسابيع "
        "خير من الندم ثلاثين عاما، على حد قولها للصحفيين أمام الرصيف.",
        "وبني الرصيف عام 1958 وخضع لآخر فحص قبل أربعة أعوام، ومن المنتظر أن "
        "يقدم مهندسون من الجامعة تقريرا عن حالته قبل يوم الجمعة المقبل.",
    ),
)  # fmt: skip
HINDI = Story(
    "hi", "दरारों के कारण उत्तरी घाट महीने के अंत तक बंद", "इला मोहन", "2026-03-17",
    (
        "बंदरगाह प्राधिकरण ने मंगलवार को कहा कि गोताखोरों को दो मुख्य खंभों "
        "में दरारें मिलने के बाद उत्तरी घाट महीने के अंत तक बंद रहेगा।",
        "प्राधिकरण की प्रवक्ता ने बताया कि द्वीपों को जाने वाली नावें तब तक मछली "
        "बाज़ार से चलेंगी और जो लोग पैदल नहीं चल सकते उनके लिए बसें होंगी।",
        "बंदरगाह की प्रमुख ने कहा कि तीस साल पछताने से तीन हफ़्ते "
        "की सावधानी बेहतर है, और मरम्मत का ख़र्च अभी पता नहीं है।",
        "यह घाट 1958 में बना था और इसकी पिछली जाँच चार साल पहले हुई थी; "
        "विश्वविद्यालय के इंजीनियर शुक्रवार तक अपनी रिपोर्ट देंगे।",
    ),
)  # fmt: skip
_HEAD = """<!DOCTYPE html><html lang="{lang}"{more}><head><meta charset="utf-8"><title>{title} - Lindmouth Courier</title>
<meta property="og:site_name" content="Lindmouth Courier"><meta property="og:type" content="article">
<meta property="og:title" content="{title}">{head}</head>"""


def _head(story: Story, head: str = "", more: str = "") -> str:
    return _HEAD.format(lang=story.lang, title=story.title, head=head, more=more)


def ld(story: Story, **more: object) -> str:
    """A NewsArticle script for the story; ``more`` are further properties."""
    node = {
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": story.title,
        "datePublished": f"{story.day}T09:30:00+01:00", "author": {"@type": "Person", "name": story.byline}, **more,
    }  # fmt: skip
    return f'<script type="application/ld+json">{json.dumps(node, ensure_ascii=False)}</script>'


def hashed_classes(story: Story) -> str:
    """Styled components: no element but div, span and p, and names that say nothing."""
    body = "".join(f'<p class="sc-9f3{i} hVbTqx">{p}</p>' for i, p in enumerate(story.paragraphs))
    cards = "".join(
        f'<div class="css-1q{i}"><a href="/c/{i}" class="css-k{i}"><div class="css-m2">A card about swans, number {i}</div>'
        '<span class="css-z9">3 min</span></a></div>'
        for i in range(8)
    )
    return (
        f'{_head(story, ld(story))}<body><div id="__next"><div class="css-0"><div class="css-8x"><a href="/">Home</a> '
        f'<a href="/sport">Sport</a></div><div class="css-77"><h1 class="css-h">{story.title}</h1><div class="css-by">'
        f'<span>By </span><a href="/p/1">{story.byline}</a></div><div class="css-body">{body}</div></div>'
        f'<div class="css-aa">{cards}</div><div class="css-ff">© 2026 Courier Media</div></div></div></body></html>'
    )


def amp(story: Story) -> str:
    """An AMP page: amp- elements for pictures, advertisements, sharing and consent."""
    first, *rest = story.paragraphs
    return (
        f'{_head(story, ld(story), " amp")}<body><amp-consent id="c" layout="nodisplay"><div>We use cookies. '
        "<button>Accept</button></div></amp-consent><amp-sidebar id='s' layout='nodisplay'><ul><li><a href='/'>Home</a></li>"
        f"</ul></amp-sidebar><main><h1>{story.title}</h1><amp-img src='/p.jpg' width='9' height='9'></amp-img>"
        f"<p>{first}</p><amp-ad type='x' width='3' height='2'><div fallback>Advertisement</div></amp-ad>"
        f"{as_paragraphs(tuple(rest))}<amp-social-share type='email'></amp-social-share></main>"
        "<footer>Copyright Courier. All rights reserved.</footer></body></html>"
    )


def tables_for_layout(story: Story) -> str:
    """The nineties: tables for everything, font elements, paragraphs parted by two line breaks."""
    text = "<br><br>\n".join(story.paragraphs)
    links = "<br>".join(f'<a href="{i}.htm">Section number {i}</a>' for i in range(9))
    return (
        f'<html><head><title>{story.title}</title></head><body bgcolor="#ffffff"><table width="100%"><tr><td colspan=3>'
        f"<font size=6>The Lindmouth Courier</font></td></tr><tr><td width=120 valign=top><font size=1>{links}</font></td>"
        f"<td valign=top><font size=5><b>{story.title}</b></font><br><font size=2>By {story.byline}<br>March 17, 2026</font>"
        f"<br><br><font face=arial size=3>{text}</font></td><td width=100><font size=1>Weather<br>Cloudy, 9 degrees</font>"
        "</td></tr></table><center><font size=1>Copyright 2026 Courier Press</font></center></body></html>"
    )


def wordpress(story: Story) -> str:
    """A blog engine's theme: share buttons, related posts, an author box, and readers' comments longer than the text."""
    comment = (
        '<li class="comment"><article class="comment-body"><div class="comment-author vcard"><b class="fn">Pat</b></div>'
        '<div class="comment-content"><p>I have used that pier since I was a child, and nobody ever looked after it, which is '
        "what happens when a town spends its money on roundabouts and not on what people need every day of the year.</p>"
        '</div><div class="reply"><a href="#r">Reply</a></div></article></li>'
    )
    return (
        f'{_head(story)}<body class="single single-post"><header id="masthead"><nav class="main-navigation"><ul><li>'
        '<a href="/">Home</a></li><li><a href="/about">About</a></li></ul></nav></header><div id="primary"><article '
        f'class="post type-post hentry"><header class="entry-header"><h1 class="entry-title">{story.title}</h1>'
        f'<div class="entry-meta">Posted on <time class="entry-date published" datetime="{story.day}T08:00:00+00:00">17 March'
        f'</time> by <span class="author vcard"><a class="url fn n" href="/author/x">{story.byline}</a></span></div></header>'
        f'<div class="entry-content">{as_paragraphs(story.paragraphs)}<div class="sharedaddy sd-sharing-enabled"><h3>Share '
        'this:</h3><ul><li><a href="?share=x">X</a></li><li><a href="?share=m">Mail</a></li></ul></div>'
        '<div id="jp-relatedposts"><h3>Related</h3><a href="/swans">Swans return</a></div></div>'
        f'<footer class="entry-footer">Posted in <a href="/c/harbour">Harbour</a></footer></article>'
        f'<div class="author-box"><h4>About {story.byline}</h4><p>{story.byline} has written about the coast for this paper '
        "since 2009 and lives in the old town with two dogs and a boat that does not float.</p></div>"
        f'<div id="comments"><h2>12 thoughts</h2><ol class="comment-list">{comment * 12}</ol></div></div></body></html>'
    )


def endless(story: Story) -> str:
    """A page that scrolls on into whole other articles."""
    other = as_paragraphs(
        tuple(f"The mill pond has {n} swans again, and the council is looking for someone who can count them for the records "
              f"that it has kept since the year {1900 + n}, a task that nobody wants." for n in range(4))
    )  # fmt: skip
    return (
        f'{_head(story, ld(story))}<body><main><article class="story"><h1>{story.title}</h1><div class="story-body">'
        f'{as_paragraphs(story.paragraphs)}</div></article><article class="story"><h1>Swans return to the mill pond</h1>'
        f'<div class="story-body">{other}</div></article></main></body></html>'
    )


def east_asian(story: Story) -> str:
    """A Japanese paper's page: furigana, a picture with its caption, a list of related stories, an invitation to register."""
    first, *rest = story.paragraphs
    return (
        f'{_head(story, ld(story))}<body><div class="header"><ul><li><a href="/">トップ</a></li><li><a href="/s">社会</a></li>'
        f'</ul></div><div class="article"><h1>{story.title}</h1><p class="date">2026年3月17日 9時30分</p>'
        f'<div class="articleBody"><p>{first}</p><figure><img src="p.jpg"><figcaption>'
        "閉鎖された北桟橋＝17日、港町"
        f"</figcaption></figure>{as_paragraphs(tuple(rest))}</div>"
        '<div class="related"><h2>関連記事</h2><ul><li><a href="/1">白鳥が池に戻る'
        '</a></li><li><a href="/2">春の税金、四％上がる</a></li></ul></div><div class="regist">'
        "会員登録（無料）すると続きが読めます</div></div></body></html>"
    )


def right_to_left(story: Story) -> str:
    """An Arabic paper's page, set from right to left, with pointers to other stories between the paragraphs."""
    first, second, *rest = story.paragraphs
    return (
        f'{_head(story, ld(story), " dir=rtl")}<body><nav><a href="/">الرئيسية</a> <a href="/n">أخبار</a></nav><main><h1>'
        f'{story.title}</h1><div class="post-content"><p>{first}</p><p><a href="/x">اقرأ أيضا: عودة البجع إلى البركة</a></p>'
        f'<p dir="rtl">{second}</p>{as_paragraphs(tuple(rest))}</div><div class="tags"><a href="/t/1">موانئ</a></div></main>'
        "<footer>جميع الحقوق محفوظة</footer></body></html>"
    )


def plain_page(story: Story) -> str:
    """What a content system writes when nobody touched its theme."""
    return (
        f'{_head(story, ld(story))}<body><div id="nav"><a href="/">Home</a></div><div id="content"><h1>{story.title}</h1>'
        f'<div class="byline">{story.byline}</div><div class="text">{as_paragraphs(story.paragraphs)}</div></div>'
        '<div id="footer">Contact | Imprint</div></body></html>'
    )


def cookie_layer(story: Story) -> str:
    """The whole article under a layer that asks for consent at length."""
    layer = as_paragraphs(
        ("We value your privacy. We and our 842 partners store and access information on a device, such as cookies, and "
         "process personal data for advertising and content measurement.",
         "You may click to consent to our partners' processing as described above, or look at more detailed information and "
         "change your preferences before consenting."),
    )  # fmt: skip
    return (
        f'{_head(story, ld(story))}<body><div id="onetrust-consent-sdk" role="dialog"><div class="ot-sdk-row">{layer}<button>'
        f"Accept all</button></div></div><main><h1>{story.title}</h1><div class='content'>{as_paragraphs(story.paragraphs)}"
        "</div></main></body></html>"
    )


def print_copy(story: Story) -> str:
    """The text twice: once for the screen, once hidden for the printer."""
    text = as_paragraphs(story.paragraphs)
    return (
        f'{_head(story, ld(story))}<body><main><h1>{story.title}</h1><div class="article-text">{text}</div></main>'
        f'<div class="print-only" style="display:none"><h1>{story.title}</h1>{text}</div></body></html>'
    )


#: Template name to builder and the story that it is given.
TEMPLATES: dict[str, tuple[Callable[[Story], str], Story]] = {
    "hashed classes": (hashed_classes, ENGLISH),
    "amp": (amp, ENGLISH),
    "tables for layout": (tables_for_layout, ENGLISH),
    "wordpress with comments": (wordpress, ENGLISH),
    "endless scroll": (endless, ENGLISH),
    "japanese": (east_asian, JAPANESE),
    "arabic": (right_to_left, ARABIC),
    "hindi": (plain_page, HINDI),
    "cookie layer": (cookie_layer, ENGLISH),
    "print copy": (print_copy, ENGLISH),
}
