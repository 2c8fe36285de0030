"""Newsroom pages as houses build them, with the expected articles of each. Cards of listing pages
with repeated or missing markup.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from news.entry import UnreadableError
from tests.news.conftest import NOW
from tests.news.listing_pages import LINKED, NUMBERS, TITLE, each, entries_of, news, page
from tests.work import calls

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    "card",
    [
        f"<li><a href='piece-#'><h3>{TITLE}</h3></a><time datetime='2026-11-0#'>x</time></li>",
        f"<a class=c href='piece-#'><i>0# November 2026</i><h3>{TITLE}</h3><p>Words.</p></a>",
        f"<a class=c href='piece-#'><i>0# November 2026</i><span class=t>{TITLE}</span></a>",
        f"<a class=c href='piece-#'><i>#.11.2026</i><i>Press</i><b class=title>{TITLE}</b></a>",
        f"<div class=r><p>0# Nov 2026</p>{LINKED}<a href='/pdf/#.pdf'>PDF</a></div>",
        f"<div class=r><p>Nov #, 2026</p><h2>{TITLE}</h2><a href='piece-#'>Read more</a></div>",
        f"<div class=r><p>Nov #, 2026</p><h2>{TITLE}</h2><a href='piece-#'><img src=x></a></div>",
        f"<div class=r data-date='2026-11-0#T00:00:00Z'><h3>{LINKED}</h3></div>",
        f"<div class=r data-updated='2026-11-20' data-publish-date='2026-11-0#'>{LINKED}</div>",
        f"<div class=r><div class=date><b>0#</b><b>Nov</b><b>2026</b></div>{LINKED}</div>",
        f"<div class=r><div class=date># November</div><h3>{LINKED}</h3></div>",
        f"<div class=r><p class=meta>Published: # November 2026 | By Anna</p>{LINKED}</div>",
        f"<div class=r><p>Milano, # novembre 2026</p>{LINKED}</div>",
        (
            f"<div itemscope><h2 itemprop=headline>{LINKED}</h2><meta itemprop=datePublished "
            "content='2026-11-0#'></div>"
        ),
        f"<dt>2026.11.0#</dt><dd>{LINKED}</dd>",
        f"<h4>2026.11.0#</h4><div class=r>{LINKED}</div>",
    ],
)
def test_cards_of_a_newsroom_page_are_read(card: str) -> None:
    assert entries_of(page(each(card))) == [news(number) for number in NUMBERS]


def test_a_relative_time_dates_a_card() -> None:
    cards = each(f"<div class=r><span># hours ago</span><h3>{LINKED}</h3></div>")
    dates = [published for _, _, published in entries_of(page(cards))]
    assert dates == [NOW - timedelta(hours=number) for number in NUMBERS]


def test_month_first_dates_are_recognised_from_the_pages_other_dates() -> None:
    card = f"<li class=r><span>11/0#/2026</span> {LINKED}</li>"
    last = card.replace("11/0#", "10/28").replace("#", "28")
    dates = [published for _, _, published in entries_of(page(each(card) + last))]
    assert dates == [news(n)[2] for n in NUMBERS] + [datetime(2026, 10, 28, tzinfo=UTC)]
    dates = [published for _, _, published in entries_of(page(each(card)))]
    assert dates == [datetime(2026, number, 11, tzinfo=UTC) for number in NUMBERS]


def test_cards_without_dates_are_read_on_a_page_of_news() -> None:
    cards = each(f"<article class=card><h3>{LINKED}</h3><p>Words.</p></article>")
    assert entries_of(page(cards)) == [news(number, dated=False) for number in NUMBERS]


def test_products_on_a_shops_page_are_not_news() -> None:
    cards = each("<article><h3><a href='/shop/bag-#'>Leather bag with a chain #</a></h3></article>")
    with pytest.raises(UnreadableError, match="no list"):
        page(cards, url="https://house.example/bags/")


def test_featured_cards_are_read_and_sidebars_are_not() -> None:
    card = f"<div class=card><time datetime='2026-11-0#'></time><h2>{LINKED}</h2></div>"
    hero = card.replace("#", "9").replace("card", "hero").replace("h2", "h1")
    aside = each(card.replace("card", "small").replace("piece", "old").replace("number", "of old"))
    parsed = page(f"<section>{hero}</section><div>{each(card)}</div><aside>{aside[:500]}</aside>")
    assert entries_of(parsed) == [news(9), *(news(number) for number in NUMBERS)]


def test_links_to_another_site_are_read_if_there_are_no_others() -> None:
    wire = LINKED.replace("/en/", "https://wire.example/")
    card = f"<li class=r><time datetime='2026-11-0#'></time>{wire}</li>"
    links = [link for _, link, _ in entries_of(page(each(card)))]
    assert links == [f"https://wire.example/news/piece-{number}" for number in NUMBERS]
    own = page(each(f"<li class=r><time datetime='2026-11-0#'></time>{LINKED}</li>") + each(card))
    assert entries_of(own) == [news(number) for number in NUMBERS]


def article(number: int) -> dict[str, object]:
    title, link, published = news(number)
    assert published is not None
    return {"@type": "NewsArticle", "headline": title, "url": link, "datePublished": str(published)}


def listed(make: Callable[[int], dict[str, object]]) -> dict[str, object]:
    items = [{"@type": "ListItem", "position": n, **make(n)} for n in NUMBERS]
    return {"@type": "ItemList", "itemListElement": items}


CRUMBS = {
    "@type": "BreadcrumbList",
    "itemListElement": [
        {"@type": "ListItem", "name": f"Part {n} of the site", "item": f"https://house.example/{n}"}
        for n in range(5)
    ],
}


@pytest.mark.parametrize(
    "thing",
    [
        {"@type": "Blog", "blogPost": [article(n) for n in NUMBERS]},
        {"@type": "CollectionPage", "hasPart": [article(n) for n in NUMBERS]},
        listed(lambda n: {"item": article(n)}),
    ],
)
def test_articles_in_json_ld_are_read_and_breadcrumbs_are_not(thing: dict[str, object]) -> None:
    script = json.dumps({"@context": "https://schema.org", "@graph": [CRUMBS, thing]})
    parsed = page("", f"<script type='application/ld+json'>{script}</script>")
    assert entries_of(parsed) == [news(number) for number in NUMBERS]


@pytest.mark.parametrize(
    "declared",
    [
        [article(n) for n in NUMBERS[:3]],
        [listed(lambda n: {"name": news(n)[0], "url": news(n)[1]})],
        [listed(lambda n: {"url": news(n)[1]})],
        [CRUMBS],
    ],
)
def test_cards_beside_json_ld_articles_are_read_too(declared: list[object]) -> None:
    script = f"<script type='application/ld+json'>{json.dumps(declared)}</script>"
    cards = each(f"<li class=r><time datetime='2026-11-0#'></time>{LINKED}</li>")
    assert entries_of(page(cards, script)) == [news(number) for number in NUMBERS]


def test_a_selected_date_may_be_an_attribute() -> None:
    card = f"<div class=c><i data-when='2026-11-0#'></i><b>{TITLE}</b><a href='piece-#'>x</a></div>"
    expected = [news(number) for number in NUMBERS]
    assert entries_of(page(each(card), item="div.c", title="b", date="[data-when]")) == expected
    card = f"<div class=c data-date='2026-11-0#'><b>{TITLE}</b><a href='piece-#'>x</a></div>"
    assert entries_of(page(each(card), item="div.c", title="b")) == expected


@pytest.mark.parametrize(
    "body",
    [
        "<p>1 Nov 2026</p>" * 2_000 + "<p><a href='/n/1'>A headline of some words</a></p>" * 2_000,
        "<h3><a href='/news/1'>A headline of some words</a></h3>" * 2_000,
        "<p>1 Nov 2026</p><a href='/n/1'></a><h3>A headline of words</h3>" * 2_000,
        "<div class=date>" * 200 + "x" * 400_000,
        "<i " + " ".join(f"data-date{n}=1" for n in range(8_000)) + ">",
    ],
)
def test_a_page_that_repeats_without_end_is_not_read_again_and_again(body: str) -> None:
    def reading() -> None:
        with suppress(UnreadableError):
            assert len(page(body).entries) <= 200

    calls(reading, most=1_600_000)


@pytest.mark.parametrize(
    "card",
    [
        f"<div class=r><div class=date>#<br>Nov</div><div>{LINKED}</div></div>",
        f"<li>{LINKED} – #.11.2026</li>",
        f"<li>{LINKED} <abbr title='2026-11-0#'>lately</abbr></li>",
        f"<li class=r><i>令和8年11月#日</i>{LINKED}</li>",
        f"<li>{LINKED}<br>(0# November 2026)</li>",
        f"<h4>{LINKED}</h4><p class=dt>0# November 2026</p><p>Words of it.</p>",
        f"<p class=dt>0# November 2026</p><h4>{LINKED}</h4><p>Words of it.</p>",
        f"<li><a href='piece-#' title='{TITLE}'>House opens a bou...</a><i>#.11.2026</i></li>",
        (
            f"<article><h2>{LINKED}</h2><span class=posted-on><a href='/en/news/piece-#'><time "
            "datetime='2026-11-0#'>November #, 2026</time><time class=updated datetime=2026-11-20>"
            "November 20, 2026</time></a></span></article>"
        ),
    ],
)
def test_a_cards_date_and_title_are_found_in_any_order(card: str) -> None:
    assert entries_of(page(each(card))) == [news(number) for number in NUMBERS]


@pytest.mark.parametrize(
    ("heading", "item", "wraps"),
    [
        ("<h2>November 2026</h2>", f"<li><b># Nov</b> {LINKED}</li>", ("<ul>", "</ul>")),
        (
            "<div class=m>Novembre 2026</div>",
            f"<div><div class=d># novembre</div><h3>{LINKED}</h3><p>Words of it.</p></div>",
            ("<div>", "</div>"),
        ),
        ("<tr><th>Nov 2026</th></tr>", f"<tr><td>Nov #</td><td>{LINKED}</td></tr>", ("", "")),
        ("<h2>2026</h2>", f"<li class=n><i class=date>#. November</i>{LINKED}</li>", ("", "")),
    ],
)
def test_a_date_without_a_year_takes_the_year_of_its_heading(
    heading: str, item: str, wraps: tuple[str, str]
) -> None:
    def group(heading: str, *numbers: int) -> str:
        begin, end = wraps
        items = "".join(item.replace("#", str(number)) for number in numbers)
        return f"{heading}{begin}{items}{end}"

    earlier = heading.replace("2026", "2025")
    parsed = page(f"<table>{group(heading, 1, 2)}{group(earlier, 3)}{group(earlier, 4)}</table>")
    dates = [published for _, _, published in entries_of(parsed)]
    years = (2026, 2026, 2025, 2025)
    assert dates == [
        datetime(year, 11, number, tzinfo=UTC) for year, number in zip(years, NUMBERS, strict=True)
    ]


@pytest.mark.parametrize(
    "card",
    [
        (
            "<div class=r><div><time datetime='2026-11-0#'></time><a href='/category/press'>Press "
            f"releases of the house</a></div><h2>{LINKED}</h2></div>"
        ),
        (
            "<div class=r><div><a href='/watches'>Watches and jewellery</a><i>0# Nov 2026</i></div>"
            f"<h2>{LINKED}</h2></div>"
        ),
        (
            f"<div class=r><h4>November #, 2026</h4><h3>{TITLE}</h3><p>A line of words on it.</p>"
            "<a href='piece-#'></a></div>"
        ),
        f"<li class=r><a href='piece-#' aria-label='{TITLE}'><span>0# Nov 2026</span></a></li>",
    ],
)
def test_a_cards_headline_is_distinguished_from_its_date_and_label(card: str) -> None:
    assert entries_of(page(each(card))) == [news(number) for number in NUMBERS]


def test_cards_with_a_byline_are_news_wherever_they_link() -> None:
    card = f"<article><h3><a href='/watches/#'>{TITLE}</a></h3><p>By Nora Lind</p></article>"
    titles = [
        title for title, _, _ in entries_of(page(each(card), url="https://house.example/watches/"))
    ]
    assert titles == [news(number)[0] for number in NUMBERS]


def test_counts_beside_a_date_are_not_taken_for_days() -> None:
    card = f"<li class=r><i>1# November 2026</i>{LINKED}<span class=likes>5</span></li>"
    days = [published for _, _, published in entries_of(page(each(card)))]
    assert days == [datetime(2026, 11, 10 + number, tzinfo=UTC) for number in NUMBERS]


def test_articles_in_a_page_s_data_may_be_wrapped() -> None:
    pieces = [
        {"node": {"title": news(n)[0], "path": f"/en/news/piece-{n}", "date": f"2026-11-0{n}"}}
        for n in NUMBERS
    ]
    data = json.dumps({"posts": {"edges": pieces}})
    for script in (
        f"<script type='application/json'>{data}</script>",
        f"<script>window.__STATE__ = {data};</script>",
    ):
        assert entries_of(page(script)) == [news(number) for number in NUMBERS]


def test_a_date_in_the_address_dates_the_article() -> None:
    card = f"<div class=b><h3><a href='/2026/11/0#/piece-of-news'>{TITLE}</a></h3></div>"
    days = [entry.published for entry in page(each(card)).entries]
    assert days == [datetime(2026, 11, number, tzinfo=UTC) for number in NUMBERS]


def held(**names: str) -> str:
    """Return a page's embedded data, with articles whose fields have these names."""
    rows = [
        {
            names.get("title", "title"): f"House opens a boutique number {number}",
            names.get("url", "url"): f"/en/news/piece-{number}",
            names.get("date", "date"): f"2026-11-0{number}",
            "image": {"url": f"/i/{number}.jpg"},
        }
        for number in NUMBERS
    ]
    menu = [{"title": f"Collections {n}", "url": f"/c/{n}"} for n in range(9)]
    data = json.dumps({"props": {"menu": menu, "page": {"list": {"nodes": rows}}}})
    return f"<div id=__next></div><script id=__NEXT_DATA__ type='application/json'>{data}</script>"


@pytest.mark.parametrize(
    "names",
    [{}, {"title": "headline", "url": "href", "date": "publishedAt"}, {"date": "publicationDate"}],
)
def test_articles_only_in_the_pages_data_are_read(names: dict[str, str]) -> None:
    parsed = page(held(**names))
    assert entries_of(parsed) == [news(number) for number in NUMBERS]
    assert parsed.entries[0].image == "https://house.example/i/1.jpg"


def test_dated_cards_are_preferred_to_the_pages_data() -> None:
    shown = f"<li>{LINKED} <time datetime='2026-11-0#'>x</time></li>".replace("number #", "no. #")
    assert page(each(shown) + held()).form == "page by shape"


def test_a_card_is_painted_with_its_picture_and_labelled_beside_its_headline() -> None:
    card = (
        "<a class=c href='piece-#'><div style='background-image: url(\"/i/#.jpg\")'></div>"
        f"<span>Corporate</span> <time datetime='2026-11-0#'>Nov #</time> <span>{TITLE}</span></a>"
    )
    parsed = page(each(card))
    assert entries_of(parsed) == [news(number) for number in NUMBERS]
    assert parsed.entries[0].image == "https://house.example/i/1.jpg"


def test_ambiguous_dotted_dates_follow_the_pages_other_dates() -> None:
    cards = each(f"<li><i class=date>11.0#.2026</i>{LINKED}</li>")
    other = "<li><i class=date>10.28.2026</i><a href='piece-9'>House closes a boutique</a></li>"
    assert entries_of(page(cards + other))[:4] == [news(number) for number in NUMBERS]


def test_a_picture_beside_a_cards_text_belongs_to_it() -> None:
    card = (
        "<article><a href='piece-#'><img src='data:image/svg+xml,x' data-src='/i/#.jpg'></a>"
        f"<div class=text><h3>{LINKED}</h3><i class=date>#.11.2026</i></div></article>"
    )
    assert page(each(card)).entries[0].image == "https://house.example/i/1.jpg"


def test_declared_products_are_not_news() -> None:
    goods = [
        {"@type": "ListItem", "item": {"@type": "Product", "name": f"Bag {n}", "url": f"/p/{n}"}}
        for n in NUMBERS
    ]
    with pytest.raises(UnreadableError):
        page("", f"<script type='application/ld+json'>{json.dumps(goods)}</script>")


def test_a_links_title_attribute_is_used_if_it_matches_the_text() -> None:
    card = (
        f"<a class=c href='piece-#' title='{TITLE}'><time>0# November 2026</time><p>{TITLE}</p>"
        "<p>On the shore of the lake forty of its enamellers have now moved into one building, "
        "the first that it has run itself.</p></a>"
    )
    assert entries_of(page(each(card))) == [news(number) for number in NUMBERS]


@pytest.mark.parametrize(
    "picture",
    [
        "<img src='/m/transparent-109.png' style=\"background-image:url('/i/#.jpg')\">",
        "<img src='/m/spacer.gif'><i style='background:url(/i/#.jpg)'></i>",
        "<img src='/m/placeholder.gif' data-srcset='/i/#.jpg 1x'>",
    ],
)
def test_a_background_image_replaces_an_empty_picture(picture: str) -> None:
    card = f"<li>{picture}<h3>{LINKED}</h3><time>0# November 2026</time></li>"
    images = [entry.image for entry in page(each(card)).entries]
    assert images == [f"https://house.example/i/{number}.jpg" for number in NUMBERS]


@pytest.mark.parametrize("day", ["Nov #", "0# November", "November #th", "#. November"])
def test_a_date_without_a_year_takes_the_year_above_it(day: str) -> None:
    cards = each(f"<li><b>{day}</b> {LINKED}</li>")
    assert entries_of(page(f"<h2>2026</h2><ul>{cards}</ul>")) == [
        news(number) for number in NUMBERS
    ]


@pytest.mark.parametrize(
    "day", ["#. marraskuuta 2026", "2026. november #.", "2026 m. lapkričio # d.", "# พฤศจิกายน 2569"]
)
def test_dates_are_read_in_languages_with_other_formats(day: str) -> None:
    card = f"<section><h3>{TITLE}</h3><p>{day}</p><p>Text</p><a href='piece-#'>Lue</a></section>"
    assert entries_of(page(each(card))) == [news(number) for number in NUMBERS]
