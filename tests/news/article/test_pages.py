"""Article pages and listing pages, by their metadata. An article's date, found among the other
dates of its page. Sentences and captions of an article's page, in whatever elements they are.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from news.article.page import read_article
from news.entry import Entry, Parsed, UnreadableError
from news.parse import parse
from tests.news.article_pages import PS, TEXT, WHOLE, read
from tests.news.conftest import NOW, sample

URL = "https://example.com/news/"
AUTO = "https://www.autoindustriya.com/auto-industry-news/"
HAVEN = "https://www.luxuryhaven.co/2019/05/"
SAMPLES = {
    "33fe2471fd553c6570f93997f208b4f39bf30be5947c3cfa620ee8eff3355ab9.html": (
        "https://www.inexhibit.com/marker/54885/",
        "‘The Medium is the Message’: the 7th Amsterdam Light Festival",
        datetime(2018, 9, 15, tzinfo=UTC),
        "As of 29 November 2018, thirty artworks will light up the city center",
    ),
    "3cb5e2f46626d5bb0345759453036f7eabc0b0c7796b796513606bf693060ced.html": (
        AUTO + "all-new-2020-sentra-is-what-we-really-want-from-nissan-ph.html",
        "All-new 2020 Sentra is what we really want from Nissan PH",
        datetime(2019, 11, 20, 5, 42, 6, tzinfo=UTC),
        "Crossovers may have become the vehicle of choice for most car buyers",
    ),
    "elle.de.sneaker.html": (
        "https://www.elle.de/plateau-sneaker-trend",
        "Sneaker-Trend: Plateau-Sohlen sorgen für ein neues Hochgefühl",
        datetime(2019, 6, 19, 16, tzinfo=UTC),
        "Ob zum cremefarbenen Blazer oder roten Sommerkleid",
    ),
    "luxuryhaven.co.hyatt.html": (
        HAVEN + "nam-nghi-phu-quoc-unbound-collection-by-hyatt-officially-opens.html",
        "Nam Nghi Phu Quoc, The Unbound Collection by Hyatt Officially Opens",
        datetime(2019, 5, 30, tzinfo=UTC),
        "Hyatt Hotels Corporation (NYSE: H) announced the opening of Nam Nghi Phu Quoc",
    ),
}


def listing(body: str, head: str = "", **selectors: str) -> Parsed:
    document = f"<html lang='en'><head><title>News</title>{head}</head><body>{body}</body></html>"
    return parse(document.encode(), url=URL, kind="page", selectors=selectors, now=NOW)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_page_comes_out_with_title_date_link_and_body(name: str) -> None:
    link, title, published, words = SAMPLES[name]
    page = read_article(sample(f"pages/{name}"), url=link, now=NOW)
    assert (page.link, page.title, page.published) == (link, title, published)
    assert words in (page.body or "")
    assert page.image
    assert page.standfirst


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "empty document"),
        (b"%PDF-1.4", "not a page"),
        (b"<html><title>Attention Required! | Cloudflare</title>", "wall page"),
        (b"<html><body></body></html>", "no title"),
    ],
)
def test_pages_that_are_not_articles_are_refused_with_a_reason(
    document: bytes, reason: str
) -> None:
    with pytest.raises(UnreadableError) as refused:
        read_article(document, url=URL, now=NOW)
    assert refused.value.reason == reason


HEADLINE = "House opens a boutique in Milan"
WORDS = "<p>" + "Words of the article, which say much of the house and of its boutique. " * 8


def article(head: str, body: str = WORDS, url: str = "https://house.example/news/a") -> Entry:
    document = f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>"
    return read_article(document.encode(), url=url, now=NOW)


def ld(*things: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps(things)}</script>"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (
            ld(
                {"@type": "NewsArticle", "headline": "Other news", "datePublished": "2025-01-01"},
                {"@type": "NewsArticle", "headline": HEADLINE, "datePublished": "2026-11-01"},
            ),
            "",
        ),
        ("", "<aside><time datetime=2025-01-01></time></aside><time datetime=2026-11-01></time>"),
        ("", "<p class=press-date>Milan, November 1, 2026</p>"),
        ("", "<aside><time datetime=2026-11-01></time></aside>"),
    ],
)
def test_an_articles_date_is_distinguished_from_others(head: str, body: str) -> None:
    page = article(f"<title>{HEADLINE}</title>{head}", body + WORDS)
    assert page.published == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "path",
    ["2026/11/01/a", "2026-11-01/a", "style/20261101/a/1.html", "a-2026-11-01"],
)
def test_a_date_in_the_address_is_the_last_resort(path: str) -> None:
    url = f"https://house.example/{path}"
    page = article(f"<title>{HEADLINE}</title>", url=url)
    assert page.published == datetime(2026, 11, 1, tzinfo=UTC)
    dated = article(f"<title>{HEADLINE}</title>", "<time>2 November 2026</time>" + WORDS, url)
    assert dated.published == datetime(2026, 11, 2, tzinfo=UTC)


def test_a_page_of_great_depth_keeps_its_headline() -> None:
    document = "<html><head><title>Deep news</title></head><body>" + "<div>" * 30_000 + "x"
    assert read_article(document.encode(), url=URL, now=NOW).title == "Deep news"


def test_a_listing_is_read_by_its_selectors() -> None:
    parsed = listing(
        "<div class='card big'><a href='/1'><img data-src='/1.jpg'></a><h3>First piece</h3>"
        "<span class=when>1 June 2026</span></div>"
        "<div class=card><a href='/2'>x</a><h3>Second piece</h3><span class=when>?</span></div>"
        "<div class=card><h3>Without a link</h3></div>",
        item="div.card",
        link="a[href^='/']",
        title="h3",
        date="span.when",
    )
    first, second = parsed.entries
    assert (first.title, first.link) == ("First piece", "https://example.com/1")
    assert first.image == "https://example.com/1.jpg"
    assert first.published == datetime(2026, 6, 1, tzinfo=UTC)
    assert second.published is None
    assert [one.reason for one in parsed.refused] == ["no link"]


def test_a_listing_is_read_by_its_json_ld() -> None:
    things = {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "NewsArticle",
                "headline": f"Piece number {n}",
                "url": f"/{n}",
                "datePublished": f"2026-06-0{n}",
                "image": [{"@type": "ImageObject", "url": f"/{n}.jpg"}],
            }
            for n in range(1, 4)
        ],
    }
    parsed = listing("", f"<script type='application/ld+json'>{json.dumps(things)}</script>")
    assert parsed.form == "page by its data"
    assert [one.link for one in parsed.entries] == [f"https://example.com/{n}" for n in (1, 2, 3)]
    assert parsed.entries[2].published == datetime(2026, 6, 3, tzinfo=UTC)
    assert parsed.entries[0].image == "https://example.com/1.jpg"


def test_a_listing_is_read_by_what_repeats_with_dates() -> None:
    menu = "".join(f"<li><a href='/menu/{n}'>A menu entry of words {n}</a></li>" for n in range(9))
    cards = "".join(
        f"<article class=card><a href='/news/{n}'><img src='/{n}.jpg'></a><time datetime="
        f"'2026-06-0{n}'>{n} June</time><h2><a href='/news/{n}'>House opens boutique {n}</a></h2>"
        "<p>A summary of some length, which says what the news is about.</p></article>"
        for n in range(1, 6)
    )
    parsed = listing(f"<ul>{menu}</ul><main>{cards}</main><p>1 January 2020</p>")
    assert parsed.form == "page by shape"
    assert [one.title for one in parsed.entries] == [
        f"House opens boutique {n}" for n in range(1, 6)
    ]
    assert parsed.entries[0].published == datetime(2026, 6, 1, tzinfo=UTC)
    assert parsed.entries[0].standfirst.startswith("A summary")


def test_a_listing_with_its_dates_in_words_is_read() -> None:
    rows = "".join(
        f"<div class=row><div class=d>{n} giugno 2026</div><a href='/it/{n}'>La casa apre una "
        f"boutique {n}</a></div>"
        for n in range(1, 5)
    )
    parsed = listing(f"<section>{rows}</section>")
    assert len(parsed.entries) == 4
    assert parsed.entries[3].published == datetime(2026, 6, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "body", ["", "<p>Nothing here</p>", "<a href='/x'>One single link here</a>"]
)
def test_a_page_without_a_list_is_refused(body: str) -> None:
    with pytest.raises(UnreadableError, match="no list"):
        listing(body)


@pytest.mark.parametrize(
    ("selector", "links"),
    [
        ("p", "abc"),
        ("#main > p.x", "b"),
        ("p + p", "b"),
        ("p:first-child", "ac"),
        ("p:nth-child(2)", "b"),
        ("[data-k^=v], [class$=y]", "bc"),
        ("p:not(.x)", "ac"),
        ("p:has(a[href='/c'])", "c"),
    ],
)
def test_items_are_selected_as_in_a_style_sheet(selector: str, links: str) -> None:
    parsed = listing(
        "<section><div id=main><p><a href='/a'>First piece</a></p><p class='w x' data-k=v>"
        "<a href='/b'>Second piece</a></p></div><div><p class=zy><a href='/c'>Third piece</a></p>"
        "</div></section>",
        item=selector,
    )
    assert [one.link for one in parsed.entries] == [f"https://example.com/{one}" for one in links]


@pytest.mark.parametrize("selector", ["p >", "..x", "p[", "p{}", ",", "p::text", "p:red"])
def test_an_invalid_selector_is_refused_with_the_reason(selector: str) -> None:
    for selectors in ({"item": selector}, {"item": "p", "link": selector}):
        with pytest.raises(UnreadableError) as refused:
            listing("<p>A paragraph</p>", **selectors)
        assert refused.value.reason == "bad selector"
        assert refused.value.detail.startswith(f"{selector}: ")


DAY = datetime(2026, 11, 3, tzinfo=UTC)
HOUR = datetime(2026, 11, 3, 8, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("markup", "published"),
    [
        # What was published and never changed.
        ("<time class='entry-date published updated' datetime='2026-11-03'>3.11.</time>", DAY),
        # An opinion is called a comment.
        ("<div class=HeaderComment_publishDate><span class=Day>3 November 2026</span></div>", DAY),
        (
            "<small>November 3, 2026 at 08:45 AM | categories: enamel, dials, a lake</small>",
            HOUR,
        ),
        ("<p><a href=/2026>Tuesday, 3 November 2026</a></p>", DAY),
        (
            "<div class=date>November 3rd, 2026 in <a href=/w>Watches and clocks</a> 9 views</div>",
            DAY,
        ),
        ("<div>Publié le 3/11/2026<em>Mis à jour le 4/11/2026 à 14h03</em></div>", DAY),
        ("<div class=info>03.11.2026 (ab)<p>Ab</p><p>Listen</p></div>", DAY),
        # Readers see the date; the metadata has the time of the page.
    ],
)
def test_the_day_beneath_a_headline_is_the_article_s(markup: str, published: datetime) -> None:
    assert read(f"<div><h1>#T</h1>{markup}<div>{PS}</div></div>").published == published


def test_a_time_beside_the_visible_date_is_used() -> None:
    markup = "<time datetime='2026-10-31T23:30:00Z'>1 November 2026</time>"
    at = read(f"<div><h1>#T</h1>{markup}{PS}</div>").published
    assert at == datetime(2026, 10, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "dated",
    [
        "<div id=comments><i><time datetime='2026-11-20T10:00:00Z'>20 Nov 2026</time></i></div>",
        "<div class='ce_comments block'><p class=date>20.11.2026</p></div>",
        "<blockquote><p>It is slow!</p><time datetime='2026-11-20'></time></blockquote>",
    ],
)
def test_dates_of_comments_and_embedded_posts_are_ignored(dated: str) -> None:
    assert read(f"<div><h1>#T</h1><div>{PS}</div>{dated}</div>").published is None


def test_dates_in_a_list_belong_to_other_articles() -> None:
    others = "".join(
        f"<li><time pubdate datetime='2026-11-1{n}T09:00:00Z'>1{n}/11/2026</time></li>"
        for n in range(5)
    )
    own = "<p class=info>Le <time datetime='2026-11-03T08:45:00Z'>3 novembre 2026</time></p>"
    page = f"<ul>{others}</ul><article><h1>#T</h1>{own}{PS}</article>"
    assert read(page).published == HOUR


@pytest.mark.parametrize(
    "head",
    [
        "<meta name=rbpubdate content='2026-11-03'>",
        "<meta name='citation_publication_date' content='2026/11/03'>",
        "<meta name=timestamp content='2026-11-03'>",
    ],
)
def test_dates_in_rare_systems_own_markup_are_found(head: str) -> None:
    assert read(f"<h1>#T</h1>{PS}", head=head).published == DAY


@pytest.mark.parametrize(
    "later",
    [
        "<p>Updated 5 November 2026</p>",
        "<p class=date>Ultimo aggiornamento: 05/11/2026</p>",
        "<span>Mis à jour <time datetime='2026-11-05'>5 novembre</time></span>",
    ],
)
def test_the_day_of_an_update_gives_way_to_that_of_publication(later: str) -> None:
    dates = f"<div>{later}<p>Published 3 November 2026</p></div>"
    assert read(f"<article><h1>#T</h1>{dates}{PS}</article>").published == DAY
    assert read(f"<article><h1>#T</h1>{later}{PS}</article>").published is not None


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("She said <q>we cut each dial <i>twice</i></q> and left.",
         "She said “we cut each dial twice” and left."),
        ("“Cut,” she said, <q>twice</q>.", "“Cut,” she said, “twice”."),
        ("The fair opens on <time>23 November</time> by the lake.",
         "The fair opens on 23 November by the lake."),
        ("The movement <code>C-7</code> has two barrels.", "The movement C-7 has two barrels."),
        ("She said <q>he told us <q>no</q> <code>C-7</code></q> and left.",
         "She said “he told us “no” C-7” and left."),
        ("<q>Twice</q>, she said, <q>or once</q>", "“Twice”, she said, “or once”"),
    ],
)  # fmt: skip
def test_short_quotations_times_and_codes_stay_in_their_sentence(line: str, text: str) -> None:
    body = read(f"<article><h1>#T</h1>{PS}<p>{line}</p></article>").body
    assert body == f"{WHOLE}\n\n{text}"


def test_the_captions_of_a_gallery_are_text() -> None:
    looks = [f"Look {number}. {TEXT[1]}" for number in range(6)]
    figures = "".join(
        f"<figure><img src=/{number}.jpg><figcaption>{look}</figcaption></figure>"
        for number, look in enumerate(looks)
    )
    body = read(f"<article><h1>#T</h1><p>#0</p>{figures}</article>").body
    assert body.split("\n\n") == [TEXT[0], *looks]


@pytest.mark.parametrize(
    "markup",
    [
        "<p>#0</p><div>#1</div><p>#2</p><div>#3</div>",
        "<p>#0</p><div class=css-1><div><span>#1</span></div></div><p>#2</p><center>#3</center>",
        "<p>#0</p><story-line>#1</story-line><p>#2</p><fieldset>#3</fieldset>",
    ],
)
def test_sentences_in_other_elements_than_paragraphs_are_text(markup: str) -> None:
    assert read(f"<article><h1>#T</h1>{markup}</article>").body == WHOLE


def test_words_in_the_box_of_a_picture_are_a_caption() -> None:
    seen = "The hall of the atelier, seen from the lake, with the benches of the forty watchmakers"
    box = f"<div class=media><div><img src=/a.jpg></div><div>{seen}</div></div>"
    markup = f"<article><h1>#T</h1><p>#0</p><p>#1</p>{box}<p>#2</p><p>#3</p></article>"
    assert read(markup).body == WHOLE


def test_a_value_stays_in_its_sentence() -> None:
    line = "<p>The price is <output>9,000</output> euros at the <label>door</label> of it.</p>"
    body = read(f"<article><h1>#T</h1>{PS}{line}</article>").body
    assert body == f"{WHOLE}\n\nThe price is 9,000 euros at the door of it."


def test_chinese_sentences_in_other_elements_are_text() -> None:
    sentence = "这家制表工坊位于湖畔，由品牌自己经营，共有四十名制表师、珐琅师和雕刻师在此工作。"
    markup = f"<article><h1>#T</h1><p>#0</p><p>#1</p><div>{sentence}</div><p>#2</p></article>"
    assert read(markup).body.split("\n\n") == [*TEXT[:2], sentence, TEXT[2]]
