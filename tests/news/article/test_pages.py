"""Article pages and listing pages, by their metadata."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from news.article.page import read_article
from news.entry import Entry, Parsed, UnreadableError
from news.parse import parse
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
