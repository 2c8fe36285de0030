"""Unusual shapes of article pages, such as comments and loose text."""

from __future__ import annotations

import json

import pytest

from news.article.page import read_article
from tests.news.article_pages import HOME, PS, TEXT, TITLE, WHOLE, read
from tests.news.conftest import NOW

ANSWERS = tuple(
    f"In my view number {number} the lake is far too cold a place for a bench of enamellers, and "
    "whoever doubts it may come and see ours, which has stood in the hills since my grandmother."
    for number in range(12)
)
LONGER = f"{PS}<p>{TEXT[0]} And again.</p><p>{TEXT[1]} And again.</p>"
WHOLE_LONGER = f"{WHOLE}\n\n{TEXT[0]} And again.\n\n{TEXT[1]} And again."


@pytest.mark.parametrize(
    "answers",
    [
        "<h2 id=comments>12 Comments</h2><ol id=commentlist>{}</ol>",
        "<div id=comments><h2>Readers' Comments (12)</h2><ol class=all>{}</ol></div>",
        "<div class=forum><div class=box><h2>12 commentaires</h2><ul class=fil>{}</ul></div></div>",
        "<div id=comentarios><div class=lista><ol>{}</ol></div></div>",
        "<div class=foot><div class=reader_comments><ul>{}</ul></div></div>",
    ],
)
def test_readers_comments_are_not_text(answers: str) -> None:
    markup = "".join(f"<li><p>{one}</p></li>" for one in ANSWERS)
    page = f"<div id=wrap><h1>#T</h1><div class=post>{LONGER}</div>{answers.format(markup)}</div>"
    assert read(page).body == WHOLE_LONGER


def test_a_page_of_comments_alone_is_read() -> None:
    markup = "".join(f"<p>{one}</p>" for one in ANSWERS)
    assert read(f"<h1>#T</h1><div class=comments>{markup}</div>").body == "\n\n".join(ANSWERS)


def test_an_emphasised_word_is_not_a_heading() -> None:
    sentence = "What she called <span>comments</span> on the slow pace of the bench were praise."
    body = read(f"<article><h1>#T</h1>{PS}<p>{sentence}</p></article>").body
    assert body.endswith("What she called comments on the slow pace of the bench were praise.")


def test_loose_text_after_a_block_is_a_paragraph() -> None:
    words = "“Slow on purpose, and for good,” as she put it."
    quote = f"<div class=Quote><p>{words}</p></div>"
    body = read(
        f"<article><h1>#T</h1><div class=copy><p>#0</p><br><br>{quote}#1 <a href=/x>So</a> it is."
        "<br><br>#2<div class=box><img src=/a.jpg></div>#3</div></article>"
    ).body
    assert body.split("\n\n") == [
        TEXT[0],
        words,
        f"{TEXT[1]} So it is.",
        TEXT[2],
        TEXT[3],
    ]


def test_the_only_article_is_the_text_beside_cards_of_others() -> None:
    card = "<div class=card><h3><a href=/a>Another piece</a></h3><p>{}</p></div>"
    cards = "".join(card.format(one[:90]) for one in ANSWERS[:4])
    body = read(
        f"<header><div><h1>#T</h1></div></header><main><article class=rich>{LONGER}</article>"
        f"<div class=list><h2>Further in the pursuit of time</h2>{cards}</div></main>"
    ).body
    assert body == WHOLE_LONGER


def test_a_headline_is_known_by_its_letters_where_its_spaces_differ() -> None:
    page = read(
        "<nav><ul><li><h1>Business</h1></li></ul></nav><article><header><h2><span>Interview"
        " </span>: <span>#T</span></h2><ul><li>-Updated on</li></ul></header>"
        f"{PS}</article>",
        head=f"<meta property=og:title content='Interview: {TITLE}'>",
        url=f"{HOME}/news/interview-1.html",
    )
    assert page.title == f"Interview: {TITLE}"
    assert page.body == WHOLE


@pytest.mark.parametrize(
    "line",
    [
        "Tags: enamel, Geneva, ateliers",
        "Schlagwörter : Email, Genf",
        "Mots-clés",
        "Please follow The House on Instagram and Facebook.",
        "Das könnte Sie auch interessieren:",
        "Editors’ Recommendations:",
        "press@house.example",
        "Pubblicità",
        "Seguici anche su Google News",
        "Suivez-nous sur Instagram et Facebook !",
        "Your browser does not support the video tag.",
    ],
)
def test_boilerplate_lines_are_removed(line: str) -> None:
    for paragraphs in (f"<p>{line}</p>{PS}", f"{PS}<p>{line}</p>"):
        assert read(f"<article><h1>#T</h1>{paragraphs}</article>").body == WHOLE


@pytest.mark.parametrize(
    "box",
    [
        "<div class=nl><p>The best of it in a letter.</p><form><input type=email></form></div>",
        "<div hidden><p>A text that readers see after a click, which few of them make.</p></div>",
        "<template><p>A card that a program fills with the news of the day.</p></template>",
        "<div class=jw><video><p>This film shows how a dial is cut from a plate.</p></video></div>",
    ],
)
def test_boxes_to_fill_in_and_hidden_ones_are_not_text(box: str) -> None:
    page = f"<article><h1>#T</h1><p>#0</p><p>#1</p>{box}<p>#2</p><p>#3</p></article>"
    assert read(page).body == WHOLE


def test_a_page_within_one_form_is_read() -> None:
    fields = "<input type=hidden name=state value=x><input type=text name=q>"
    assert read(f"<form>{fields}<div><h1>#T</h1>{PS}</div></form>").body == WHOLE


@pytest.mark.parametrize(
    "line",
    [
        "Published in four volumes, the catalogue of her enamels is the work of a lifetime.",
        "Topics of the day were the pace of the benches and the light above each of them.",
        "She bakes cookies for the whole bench on the first Monday of each month, it is said.",
        "Follow the lake on foot for an hour, and the roof of the atelier comes into view.",
    ],
)
def test_a_sentence_resembling_boilerplate_is_kept(line: str) -> None:
    body = read(f"<article><h1>#T</h1>{PS}<p>{line}</p></article>").body
    assert body == f"{WHOLE}\n\n{line}"


@pytest.mark.parametrize(
    ("named", "author"),
    [
        ("House Verlag GmbH, Geneva", "Bea Roth"),
        ("house-news.ch", "Bea Roth"),
        ("Super User", "Bea Roth"),
        ("houseinfos_zlf4v6", "Bea Roth"),
        ("Ann Keller, Executive Editor", "Ann Keller"),
        ("Ann Keller, Chief Brand Officer", "Ann Keller"),
        ("Ann Keller, House", "Ann Keller"),
        ("HOUSE Ann Keller", "Ann Keller"),
        ("House Staff", "Bea Roth"),
        ("Redazione House", "Bea Roth"),
        ("House News Desk", "Bea Roth"),
    ],
)
def test_an_author_is_a_bare_name_and_never_a_company(named: str, author: str) -> None:
    shown = "<p>By Bea Roth</p>"
    page = read(
        f"<article><h1>#T</h1>{shown}{PS}</article>", head=f"<meta name=author content='{named}'>"
    )
    assert page.author == author


@pytest.mark.parametrize(
    ("authors", "author"),
    [
        ([{"@type": "Organization", "name": "House"}, {"name": "Ann Keller"}], "Ann Keller"),
        ([{"@type": "NewsMediaOrganization", "name": "House Weekly"}], "House Weekly"),
        ([{"@type": "Person", "name": "House Weekly Staff"}], "House Weekly Staff"),
    ],
)
def test_a_firm_among_the_authors_is_named_where_no_person_is(
    authors: list[dict[str, str]], author: str
) -> None:
    thing = json.dumps({"@type": "NewsArticle", "headline": TITLE, "author": authors})
    head = f"<script type='application/ld+json'>{thing}</script>"
    assert read(f"<article><h1>#T</h1>{PS}</article>", head).author == author


@pytest.mark.parametrize(
    "named",
    ["/i/blank.jpg", "/img/facebook.png", "/img/transparent-1x.png", "/i/twitter_icon_large.png",
     "/i/ogimagedefault.gif", "/themes/b/anchor.png", "/i/qrcode-app.png", "/"],
)  # fmt: skip
def test_a_sites_default_picture_is_ignored(named: str) -> None:
    page = read(
        "<article><h1>#T</h1><img src='/press/iconic-bench.jpg' alt='An iconic bench'>"
        f"{PS}</article>",
        head=f"<meta property=og:image content='{HOME}{named}'>",
    )
    assert page.image == f"{HOME}/press/iconic-bench.jpg"


@pytest.mark.parametrize(
    "source",
    ["/flags/png/de.png", "/images/navigation/sign.png", "/images/header/opinion.png", "/bug.gif",
     "https://stats.example/piwik.php?idsite=1", "/qr-code.png", "/site-header.jpg"],
)  # fmt: skip
def test_pictures_of_page_furniture_are_ignored(source: str) -> None:
    assert read(f"<article><h1>#T</h1><img src='{source}'>{PS}</article>").image is None


def test_a_sidebar_is_not_text() -> None:
    column = "".join(f"<p>{one[:90]}</p>" for one in ANSWERS[:4])
    body = f"<div id=main><h1>#T</h1>{LONGER}</div><div class='col sidebar' id=r>{column}</div>"
    assert read(f"<div class=has-sidebar>{body}</div>").body == WHOLE_LONGER


@pytest.mark.parametrize(
    ("described", "standfirst"),
    [
        # A quotation mark that is not escaped ends an attribute.
        (f'{" ".join(TEXT[0].split()[:9])} "the first', TEXT[0]),
        ("House online", TEXT[0]),
        ("Forty craftspeople under one roof", "Forty craftspeople under one roof"),
        ("Am 14. Juni zieht sie um. Danach nicht mehr. Nie.", "Am 14. Juni zieht sie um. Danach"),
    ],
)
def test_a_truncated_or_trivial_summary_is_ignored(described: str, standfirst: str) -> None:
    page = read(
        f"<article><h1>#T</h1>{PS}</article>",
        head=f'<meta name="description" content="{described}">',
    )
    assert page.standfirst.startswith(standfirst)


def test_a_summary_above_the_text_is_not_a_paragraph() -> None:
    summary = "Forty craftspeople now work beneath one roof by the lake"
    page = read(
        f"<article><h1>#T</h1><div class=copy><p>{summary}</p>{PS}</div></article>",
        head=f"<meta property=og:description content='{summary}'>",
    )
    assert (page.standfirst, page.body) == (summary, WHOLE)


def test_a_page_after_php_warnings_is_read() -> None:
    warning = (
        "<br />\n<b>Warning</b>:  Use of undefined constant X - assumed 'X' in <b>/home/x.php</b> "
        "on line <b>9</b><br />\n"
    )
    page = f"{warning * 3}<!DOCTYPE html><html><title>{TITLE}</title><h1>{TITLE}</h1>{PS}</html>"
    for number, text in enumerate(TEXT):
        page = page.replace(f"#{number}", text)
    assert read_article(page.encode(), url=f"{HOME}/news/a-1", now=NOW).body == WHOLE


@pytest.mark.parametrize(
    "caption",
    [
        "The bench of the enamellers, on the day of its opening (Photo Anna Keller. Agency)",
        "Am See arbeiten auch die Graveure. Bild: Agentur",
        "Left Image: The House of the Lake, Right Image: Anna Keller",
        "(Credit: Anna Keller / House)",
    ],
)
def test_a_caption_with_a_photo_credit_is_not_text(caption: str) -> None:
    assert read(f"<article><h1>#T</h1><p>#0</p><p>{caption}</p><p>#1</p></article>").body == (
        f"{TEXT[0]}\n\n{TEXT[1]}"
    )


def test_unfilled_template_placeholders_are_removed() -> None:
    hole = "{{page.item.title}}"
    page = read(
        f"<article><h1>#T</h1><p>{hole} - {{{{page.item.by}}}}</p>{PS}</article>", title=TITLE
    )
    assert page.body == WHOLE


@pytest.mark.parametrize(
    ("heading", "head"),
    [
        (f"<h1>The Journal</h1><h2>{TITLE}</h2>", ""),
        (f"<h1>{TITLE.upper()}</h1>", ""),
        ("<h1>What the page calls it</h1>", "<meta property=og:title content='The Journal'>"),
        (f"<h1>Related</h1><div>{TITLE}</div>", ""),
    ],
)
def test_an_article_s_text_is_found_by_what_its_feed_or_page_calls_it(
    heading: str, head: str
) -> None:
    before = "<div><p>A word about the house itself, which stands on each of its pages.</p></div>"
    body = "".join(f"<p>{text}</p>" for text in TEXT)
    page = read_article(
        f"<html><head><title>Journal</title>{head}</head><body>{before}"
        f"<main>{heading}{body}</main></body></html>".encode(),
        url=f"{HOME}/news/a-1",
        title=TITLE,
        now=NOW,
    )
    assert (page.title, page.body) == (TITLE, WHOLE)


def test_a_list_under_a_related_heading_is_not_text() -> None:
    items = "".join(f"<li>{one[:70]}</li>" for one in ANSWERS[:3])
    own = f"<p>The first of them:</p><ul>{items}</ul>"
    listed = "\n\n".join(f"• {one[:70].strip()}" for one in ANSWERS[:3])
    markup = f"<article><h1>#T</h1>{PS}{own}<p>Auch interessant:</p><ul>{items}</ul></article>"
    assert read(markup).body == f"{WHOLE}\n\nThe first of them:\n\n{listed}"


def test_titles_at_the_end_under_a_related_heading_are_not_text() -> None:
    titles = "<p>Four reasons to wind it!</p><p>Twenty dials: how it is done</p><h3>A lake</h3>"
    for head in ("Auch auf house.news", "A lire aussi :", "More on house.news"):
        markup = f"<article><h1>#T</h1>{PS}<p>{head}</p>{titles}</article>"
        assert read(markup).body == WHOLE


def test_a_column_of_teasers_larger_than_the_text_is_not_text() -> None:
    teasers = "".join(
        f"<div class=mr><h4><a href=/n/{number}>A bag returns after {number} quiet years</a></h4>"
        "<p>Its maker has found the old drawings in a drawer, and cut the first one again. Buyers "
        "wait for it until the spring, as there are only two hands that can sew it.</p></div>"
        for number in range(8)
    )
    left = f"<div class=left><h1>#T</h1><div class=inner>{PS}</div></div>"
    body = f"<div class=page>{left}<div class=right><h3>Most read</h3>{teasers}</div></div>"
    assert read(body).body == WHOLE


def test_a_ranking_with_linked_names_is_text() -> None:
    ranked = "".join(
        f"<div class=entry><h3><a href=/hotels/{number}>{number}. Hotel of {number} Lakes</a></h3>"
        f"<p>{' '.join(TEXT)}</p></div>"
        for number in range(1, 11)
    )
    body = read(f"<main><h1>#T</h1><div class=story>{PS}{ranked}</div></main>").body
    assert body.count(TEXT[3]) == 11
    assert "10. Hotel of 10 Lakes" in body


def _cards(number: int) -> str:
    card = (
        "<article class=card><a href=/r><h4>Orvane cuts a dial of stone thinner than paper</h4></a>"
        "<p>Most of the plates break on the way, and the maker keeps the pieces in a drawer.</p>"
        "</article>"
    )
    return f"<div class=related><h3>Related stories</h3>{card * number}</div>"


def test_results_in_short_lines_are_text() -> None:
    results = [f"{number}. Cassel Reef, lot {number * 7}" for number in range(1, 31)]
    lines = "".join(f"<p>{line}</p>" for line in results)
    body = f"<article><h1>#T</h1><div class=entry-content>{lines}</div></article>{_cards(6)}"
    assert read(body).body.split("\n\n") == results


def test_a_brief_is_its_paragraph_beside_many_cards() -> None:
    brief = f"<header><h1>#T</h1></header><div class=entry-content><p>{' '.join(TEXT)}</p></div>"
    cards = _cards(20).replace("class=related", "class=tiles")
    assert read(f"<article>{brief}</article>{cards}").body == " ".join(TEXT)


def test_articles_after_a_text_in_no_article_are_not_text() -> None:
    others = "<article class=next><h2>A lake of pearls</h2><p>#1</p><a href=/x>Read</a></article>"
    text = f"<div class=hero><h1>#T</h1></div><div class=wrap><div>{PS}{PS}</div></div>"
    assert read(f"{text}{others * 6}").body == f"{WHOLE}\n\n{WHOLE}"


@pytest.mark.parametrize("own", ["article", "main"])
def test_updates_and_slides_in_articles_of_their_own_are_text(own: str) -> None:
    texts = [f"At {hour} o’clock: {TEXT[1]}" for hour in range(1, 4)]
    parts = "".join(
        f"<article class='part-{number}'><h3>{number}</h3><p>{text}</p></article>"
        for number, text in enumerate(texts)
    )
    body = read(f"<{own}><h1>#T</h1>{PS}{parts}</{own}>").body
    assert [text for text in texts if text in body] == texts


def test_a_table_of_results_on_a_page_with_table_layout_is_text() -> None:
    rows = "".join(f"<tr><td>Lot {number}</td><td>Steel</td></tr>" for number in range(9))
    menu = f"<td width=150><div class=related>{'<p>The first of many bags.</p>' * 5}</div></td>"
    text = f"<td><h1>#T</h1>{PS}<table>{rows}</table></td>"
    body = read(f"<table width=100%><tr>{text}{menu}</tr></table>").body
    assert body.split("\n\n") == [*TEXT, *(f"Lot {number} · Steel" for number in range(9))]


def test_a_brief_article_beside_a_field_with_its_link_stays() -> None:
    texts = [
        "古驰周二宣布任命新的首席执行官，他将于一月上任，此前曾在多家奢侈品公司任职，负责亚洲市场。",
        "公司表示，新任首席执行官将在米兰工作。",
    ]
    link = "<input type=text value=https://house.example/a>"
    paragraphs = "".join(f"<p>{text}</p>" for text in texts)
    page = read(f"<h1>#T</h1><div class=content>{paragraphs}{link}</div>")
    assert page.body == "\n\n".join(texts)
