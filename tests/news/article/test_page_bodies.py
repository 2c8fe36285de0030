"""The text of an article's page, separated from what publishing systems add around it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from news.article.headline import titles
from news.html.markup import PAGE_LIMIT, tree_of
from tests.news.article_pages import PS, TEXT, TITLE, WHOLE, read

DATE = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        # The text in pieces, with a picture or an advertisement between them.
        (
            "<article><h1>#T</h1><div class=chunks><div class=grid><div class='article__body'>"
            "<p>#0</p><p>#1</p></div></div><div class=grid><figure><img src=x><figcaption>A bench"
            "</figcaption></figure></div><div class=grid><div class='article__body'><p>#2</p><p>#3"
            "</p></div></div></div></article><div class=SignUpWrapper><p>The latest fashion news, "
            "beauty coverage and celebrity style, daily.</p></div>"
        ),
        # Time to read, names and buttons above the text.
        (
            "<article><header><ul><li>Nov 23</li><li>3 min read</li></ul><h1>#T</h1></header><div>"
            f"<p>--</p><span>Listen</span><span>Share</span></div><section>{PS}</section></article>"
            "<div><h2>Recent Posts</h2><article><h2>What silk remembers</h2></article></div>"
        ),
        # What leads elsewhere within the text.
        (
            "<article><h1>#T</h1><div class=entry-content><p>#0</p><p><b>[ <a href=/x>Read more: "
            "What a tourbillon is</a> ]</b></p><p>#1</p><div class=te-puede-interesar><h4>Te puede "
            "interesar</h4><a href=/y>El bolso</a></div><p>#2</p><p><strong>Leggi anche: <a>I "
            "migliori</a></strong></p><div class=kg-signup-card><h2>Sign up for Letters</h2><p>No "
            "spam. Unsubscribe anytime.</p></div><p>#3</p></div></article>"
        ),
        # Boxes beneath the text: contacts, a writer, other articles, comments.
        (
            f"<main><h1>#T</h1><div class=text>{PS}</div><div class=contact><h3>Media contacts</h3>"
            "<p>Anna Berg, +33 1 00 00 00 00, press@house.example</p></div><div class=c-author-bio>"
            "<p>Paige has been the director of watches and jewelry for eleven years.</p></div><div "
            "id=comments><p>I would love to see this building in person one day, it is fine.</p>"
            "</div><div class=news-single__next><time>20 November 2026</time></div></main>"
        ),
        # Sections that have nothing but their headings in common.
        (
            "<main><section><h1>#T</h1><p>23 November 2026</p></section><section class=lead><p>#0"
            "</p></section><section class=txt><p>#1</p><p>#2</p></section><section class=txt><p>#3"
            "</p></section><section class=b><h2>Contacts presse</h2><p>presse@house.example</p>"
            "</section><section class=n><h2>À lire aussi</h2><article><a href=/x><h3>Résultats</h3>"
            "<p>Le groupe annonce un chiffre d'affaires en hausse de quatre pour cent.</p></a>"
            "</article></section></main>"
        ),
        # Words that stand in no paragraphs.
        (
            "<div id=head><a href=/>Home</a></div><div id=c><h1>#T</h1><div class=nd>23.11.2026"
            "</div><div class=nt>#0<br /><br />#1<br><br>#2<br/><br/>#3</div><div class=back><a "
            "href=/n>Back to overview</a></div></div><div id=foot>Imprint | Privacy</div>"
        ),
        (
            "<div class=a><div class=b><h1>#T</h1></div><div class=c><div>By Rita Moon</div></div>"
            "<div class=d><div>#0</div><div>#1</div><div><img src=/v.jpg></div>"
            "<div><span>#2</span></div><div>#3</div></div></div>"
        ),
        # A page that tables lay out.
        (
            "<table><tr><td colspan=3><img src=/logo.gif></td></tr><tr><td><table><tr><td><a "
            "href=/c>Collections</a></td></tr></table></td><td><font size=1>PRESS RELEASE<br>23 "
            "November 2026</font><br><br><font size=3><b>#T</b></font><br><br><font size=2>#0<br>"
            "<br>#1<br><br>#2<br><br>#3</font></td></tr><tr><td colspan=3><font size=1>&copy; 2026 "
            "House S.p.A. - VAT 0123 - <a href=/p>Privacy</a></font></td></tr></table>"
        ),
        # A page that goes on with the next article.
        (
            f"<main><article><h1>#T</h1><div>{PS}</div></article><article><h1>Another house sells "
            "its ateliers</h1><div><p>The second article of the page tells of something that has "
            "nothing to do with the first one.</p><p>It is loaded beneath the first when a reader "
            "gets there, and is about as long as that is.</p></div></article></main>"
        ),
        # Names that say how the text looks.
        (
            "<main><h1>#T</h1><div class=slideshow><div class=slide><div class=s-caption><p>#0"
            "</p></div></div><div class=slide><div class=s-caption><p>#1</p></div></div><div "
            "class=slide><div class=s-caption><p>#2</p></div></div><div class=slide><div "
            "class=s-caption><p>#3</p></div></div></div></main>"
        ),
        # A summary, which is no paragraph; a wall's words at the end.
        (
            "<article><header><h1>#T</h1><div>Forty people and a lake: the house has moved.</div>"
            f"</header><div>{PS}</div><div class=prompt><h2>Subscribe to continue reading</h2><p>"
            "Already a subscriber? Sign in. Get full access for 1 dollar for four weeks.</p></div>"
            "</article>"
        ),
        # The headline within a heading that says more.
        (
            f"<article><header><h2><span>Watches</span><span>#T</span></h2></header><div>{PS}</div>"
            "<footer><p>Feedback to the editors</p></footer></article>"
        ),
        # A banner that says more than the article, a form, small print, teasers that are no links.
        (
            "<div class=qc-cmp2-container><p>We and our 842 partners store and access personal data"
            ", such as browsing data or unique identifiers, on your device. Selecting I Accept "
            "enables tracking technologies to support the purposes shown there.</p></div><div "
            "class=css-a><h1>#T</h1><div class=css-b><p>#0</p><p>#1</p><form><p>Every "
            "Friday, the best of our week on watches, in your inbox.</p><input></form><p>#2</p>"
            "<p>#3</p></div></div><div class=css-e>"
            "<h3><a href=/s>A chair for reading</a></h3><p>It took eleven years and three "
            "prototypes, and then a museum asked for it.</p><h3><a href=/t>Ten divers</a></h3><p>"
            "Our pick of the season, from steel to titanium, tested for a month.</p></div><div><p>"
            "We may earn a commission on products bought through our links to retailers.</p><p>© "
            "2026 House Media. The material on this site may not be reproduced.</p></div>"
        ),
        # Goods beside the text.
        (
            "<article><h1>#T</h1><div class=post><p>#0</p><p>#1</p><div class=hbx-products><h3>Shop"
            " similar</h3><a href=/p>A watch strap in leather</a></div><p>#2</p><p>#3</p></div>"
        ),
        # The rest of a text that is paid for; links to others among its paragraphs.
        (
            "<article><h1>#T</h1><div class=lead><p>#0</p></div><div class=paywall-content><p>#1"
            "</p><h4>Related</h4><ul><li><a href=/1>What a tourbillon costs, and why</a></li></ul>"
            "<p>#2</p><p>#3</p></div></article>"
        ),
        # Cards and pull quotes within the text.
        (
            "<section class=hero><div><h1>#T</h1></div></section><section class=body><div><p>#0</p>"
            "<p>#1</p><div class=related><a href=/x><h3>Another piece of the week"
            "</h3></a><p>An excerpt of it, of some words and more.</p></div><p>#2</p><div "
            "class=pullquote><p>The hands and the machines</p></div><p>#3</p></div></section>"
        ),
        (
            "<article><h1>#T</h1><div class=contributor><a href=/c>Rae Lim</a><p>Rae Lim writes on "
            f"time and money, and on what lies between.</p></div><div>{PS}</div></article>"
        ),
        # A form around the whole page.
        (
            f"<form id=aspnetForm><div class=c><div class=ttl>House</div><div class=t>{PS}</div>"
            "</div></form>"
        ),
        # What networks set into pages.
        (
            "<article><h1>#T</h1><p>#0</p><blockquote class=instagram-media><a>View this post on "
            "Instagram</a><p>A post shared by House (@house)</p></blockquote><p>#1</p><p>#2</p>"
            "<p>#3</p></article>"
        ),
    ],
)  # fmt: skip
def test_the_text_is_separated_from_what_is_around_it(body: str) -> None:
    assert read(body).body == WHOLE


def test_headings_lists_and_quotes_are_paragraphs_of_the_text() -> None:
    body = read(
        "<article><h1>#T</h1><p>#0</p><h2>What is new</h2><ul><li><b>The roof.</b> All of them work"
        " in one building.</li><li><p>The calibre runs for eighty hours.</p></li></ul><blockquote>"
        "<p>#2</p></blockquote><p>#3</p></article>"
    ).body
    assert body.split("\n\n") == [
        TEXT[0],
        "What is new",
        "\u2022 The roof. All of them work in one building.",
        "\u2022 The calibre runs for eighty hours.",
        TEXT[2],
        TEXT[3],
    ]


def test_an_introduction_beside_the_headline_is_part_of_the_text() -> None:
    body = read(
        "<section class=hero><div><h1>#T</h1><p class=intro>#0 #1</p></div></section><section><div>"
        "<p>#2</p><p>#3</p></div></section>"
    ).body
    assert body == "\n\n".join((f"{TEXT[0]} {TEXT[1]}", TEXT[2], TEXT[3]))


@pytest.mark.parametrize(
    "line",
    [
        "Read more: <a>The watch of the year</a>",
        "Lire aussi : <a>La montre</a>",
        "Leggi anche: <a>Il quadrante</a>",
        "Auch interessant: <a>Die Uhr</a>",
        "무단전재 및 재배포 금지",
    ],
)
def test_links_to_other_articles_are_recognised_in_many_languages(line: str) -> None:
    assert read(f"<article><h1>#T</h1><p>#0</p><p>{line}</p>{PS[9:]}</article>").body == WHOLE
    assert read(f"<article><h1>#T</h1>{PS}<p>{line}</p></article>").body == WHOLE


def test_a_list_at_the_beginning_is_part_of_the_text() -> None:
    items = "<ul><li>Forty craftspeople</li><li>Three storeys</li></ul>"
    body = read(f"<article><h1>#T</h1>{items}{PS}</article>").body
    assert body == f"\u2022 Forty craftspeople\n\n\u2022 Three storeys\n\n{WHOLE}"


@pytest.mark.parametrize("first", ["Di nuovo a Milano.", "It opened on 23 November 2026."])
def test_a_short_first_sentence_is_not_taken_for_a_label(first: str) -> None:
    assert read(f"<article><h1>#T</h1><p>{first}</p>{PS}</article>").body == f"{first}\n\n{WHOLE}"


@pytest.mark.parametrize("first", ["By Ann Rossi", "Press release"])
def test_a_label_before_the_text_is_removed(first: str) -> None:
    assert read(f"<article><h1>#T</h1><p>{first}</p>{PS}</article>").body == WHOLE


def test_a_brief_is_only_its_paragraph() -> None:
    latest = "".join(f"<li><a href=/n/{n}>Another house does the same {n}</a></li>" for n in "ab")
    page = read(
        f"<article><h1>#T</h1><time datetime=2026-11-23>23 Nov</time><p>#0</p></article><section>"
        f"<h2>Latest</h2><ul>{latest}</ul></section>"
    )
    assert (page.body, page.published) == (TEXT[0], DATE)


def test_a_body_whose_class_names_a_paywall_is_still_text() -> None:
    others = "".join(f"<div class=card><p>{one} {one}</p></div>" for one in TEXT)
    body = read(
        f"<article><h1>#T</h1><div class='article-body__content__17Yit paywall-article'>{PS}</div>"
        f"</article><div class=site-list>{others}</div>"
    ).body
    assert body == WHOLE


def stated(text: str) -> Any:  # noqa: ANN401 — as `read`
    thing = {"@type": "NewsArticle", "headline": TITLE, "articleBody": text}
    return read(f"<h1>#T</h1><script type='application/ld+json'>{json.dumps(thing)}</script>").body


LINES = "\n".join(TEXT)
STRAIGHT = " ".join(TEXT).translate({0x201C: '"', 0x201D: '"'})


@pytest.mark.parametrize(
    "text",
    [
        *(f"{LINES}{between}{LINES}" for between in ("", " ", "\n", "\n\n\n")),
        "\n".join([LINES] * 3),
        # In other marks, in one piece, and cut off.
        f"{LINES}\n{STRAIGHT}",
        f"{LINES}\n{LINES[:150]}",
        "".join(f"<p>{one}</p>" for one in TEXT * 2),
    ],
)
def test_a_text_twice_in_the_pages_data_is_read_once(text: str) -> None:
    assert stated(text) == WHOLE


def test_an_introduction_is_read_once() -> None:
    lead = "It is open."
    assert stated(f"{lead}\n{LINES}\n{lead}\n{LINES}") == f"{lead}\n\n{WHOLE}"


def test_title_and_author_before_the_datas_text_are_removed() -> None:
    assert stated(f"{TITLE}\nBy Ann Rossi\n{LINES}\nRead also: Ten divers") == WHOLE


def test_a_text_whose_paragraphs_begin_alike_is_complete() -> None:
    assert stated(f"{LINES}\n{TEXT[0]} It is not the last.") == (
        f"{WHOLE}\n\n{TEXT[0]} It is not the last."
    )


@pytest.mark.parametrize(
    "name",
    [
        "post-content no-sidebar",
        "content-area has-sidebar",
        "newsletter-post-body",
        "post-content post-content--sharing",
        "js-paywalled-content",
    ],
)
def test_a_part_named_as_text_is_kept_whatever_else_its_name_has(name: str) -> None:
    for first, then in (("<p>#0</p>", "<p>#1</p><p>#2</p><p>#3</p>"), (PS[:18], PS[18:])):
        article = f"<h1>#T</h1><div class=intro>{first}</div><div class='{name}'>{then}</div>"
        assert read(f"<div id=page><article>{article}</article></div>").body == WHOLE


@pytest.mark.parametrize(
    ("title", "head", "body"),
    [
        # The metadata's title and the first heading are the site's name.
        (
            f"{TITLE} \u2013 The House",
            "<meta property=og:title content='The House'>",
            "<h1>#T</h1>",
        ),
        (f"{TITLE} | The House", "", "<header><h1>The House</h1></header><h2>#T</h2>"),
        (f"{TITLE} | The House", "", ""),
        ("The House", f"<meta property=og:title content='{TITLE} - The House'>", "<h1>#T</h1>"),
        # Its host is called otherwise: `Vogue Italia`, `Financial Times`.
        (f"{TITLE} | House Italia", "<meta property=og:site_name content='House Italia'>", ""),
    ],
)
def test_a_sites_name_is_the_title_only_as_a_last_resort(title: str, head: str, body: str) -> None:
    page = read(f"{body}<main>{PS}</main>", head, "https://www.thehouse.example/a", title)
    assert (page.title, page.body) == (TITLE, WHOLE)
    assert read(f"<main>{PS}</main>", "", "https://www.thehouse.example/a", "The House").title == (
        "The House"
    )


@pytest.mark.parametrize(
    "markup",
    [
        f"<meta property=og:title content='{TITLE}'>",
        f'<script type="application/ld+json">{{"@type":"Article","headline":"{TITLE}"}}</script>',
    ],
)
def test_a_site_named_like_its_article_loses_no_title_or_text(markup: str) -> None:
    page = read(
        f"<main><h1>#T</h1>{PS}<section class=more><article><h2>Ten divers of the season</h2>"
        "<p>Our pick of the season, from steel to titanium, tested for a month.</p></article>"
        "</section></main>",
        head=f"<meta property=og:site_name content='{TITLE}'>{markup}",
    )
    assert page.title == TITLE
    assert page.body.startswith(WHOLE)


def test_the_title_is_what_two_places_agree_on() -> None:
    thing = json.dumps({"@type": "NewsArticle", "headline": "a place in which watches are made"})
    head = f"<script type='application/ld+json'>{thing}</script>"
    assert read(f"<h1>#T</h1>{PS}", head, title=f"{TITLE} - Lexicon").title == TITLE


def test_of_a_page_with_a_title_in_each_of_its_icons_only_the_first_titles_are_compared() -> None:
    icons = "".join(f"<svg><title>Icon {number}</title></svg>" for number in range(200))
    names = "".join(f"<meta property=og:title content='Name {number}'>" for number in range(200))
    page = tree_of(f"<html><head>{names}<title>{TITLE}</title></head><body>{icons}</body></html>")
    found = titles(page, {}, "https://www.thehouse.example/a")
    assert len(found) == 80
    assert TITLE in found


def test_a_table_in_the_text_is_read_row_by_row() -> None:
    rows = "<tr><th>Case</th><td>Steel, 40 mm</td></tr><tr><th>Reserve</th><td>72 hours</td></tr>"
    body = (
        f"<article><h1>#T</h1><p>#0</p><p>#1</p><table>{rows}</table><p>#2</p><p>#3</p></article>"
    )
    assert read(body).body.split("\n\n") == [
        *TEXT[:2],
        "Case · Steel, 40 mm",
        "Reserve · 72 hours",
        *TEXT[2:],
    ]


def test_a_layout_table_is_read_paragraph_by_paragraph() -> None:
    text = "<table><tr><td><p>#1</p><p>#2</p></td><td><img src=x></td></tr></table>"
    assert read(f"<article><h1>#T</h1><p>#0</p>{text}<p>#3</p></article>").body == WHOLE


def test_trafilaturas_text_is_used_if_hardly_any_was_found() -> None:
    card = "<div class=card><a href=/p><h3>The evening bag</h3><p>#2 #3</p></a></div>"
    body = read(f"<main><h1>#T</h1><p>#0</p>{card * 40}</main>").body
    assert TEXT[3] in body


def test_a_text_of_short_lines_is_not_taken_for_labels() -> None:
    verses = [f"The hands move on, and no one hears them, {number}" for number in range(20)]
    body = f"<article><h1>#T</h1><p>{'<br>'.join(verses)}</p></article>"
    assert read(body).body.split("\n\n") == verses


def test_a_page_with_large_embedded_pictures_is_read_to_its_end() -> None:
    picture = f"<img src='data:image/png;base64,{'QUJD' * (PAGE_LIMIT // 8)}'>"
    body = (
        f"<article><h1>#T</h1><p>#0</p>{picture}<p>#1</p>{picture * 2}<p>#2</p><p>#3</p></article>"
    )
    assert read(body).body == WHOLE


@pytest.mark.parametrize("word", ["Updated", "Last updated on", "Aggiornato", "Mis à jour"])
def test_text_beside_a_date_is_not_an_author(word: str) -> None:
    head = f'<meta name=author content="{word}">'
    assert (
        read(f"<article><h1>#T</h1><p class=author>{word}</p>{PS}</article>", head).author is None
    )


def test_data_of_another_article_are_not_the_text() -> None:
    pearls = " ".join(f"Pearl number {number} lies at the bottom." for number in range(40))
    other = {"@type": "NewsArticle", "headline": "A lake of pearls", "articleBody": pearls}
    head = f"<script type='application/ld+json'>{json.dumps(other)}</script>"
    assert read(f"<article><h1>#T</h1>{PS}</article>", head).body == WHOLE
