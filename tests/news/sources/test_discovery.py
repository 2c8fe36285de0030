"""Finding a feed by a site's address. Whether a source is general or of the trade, by its
articles. A trial stops after the first document that uses up a worker's time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import html  # type: ignore[import-untyped]  # lxml has no types

from news import documents
from news.entry import Entry, Parsed, Reading
from news.fetch.fetcher import Fetcher
from news.html.markup import announced_feeds
from news.sources.discover import is_general, try_source
from storage.model import SourceKind
from tests.news.conftest import NOW, item, rss

if TYPE_CHECKING:
    from news.sources.discover import Trial
    from tests.news.conftest import Site
    from workers.pool import Workers


URL = "https://house.example/en/news/"
SITEMAP = (
    '<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>'
    "https://house.example/a</loc><news:news><news:title>House opens</news:title></news:news>"
    "</url></urlset>"
)


def found(page: str) -> list[str]:
    tree = html.document_fromstring(page)
    return [feed.removeprefix("https://house.example") for feed in announced_feeds(tree, URL)]


@pytest.mark.parametrize(
    ("page", "feeds"),
    [
        ("<link rel=alternate type='application/rss+xml' href='/feed/'>", ["/feed/"]),
        (
            "<link rel='alternate' type='application/atom+xml; charset=utf-8' href=a>",
            ["/en/news/a"],
        ),
        ("<link rel=alternate type='text/xml' title='RSS' href='/x'>", ["/x"]),
        ("<link rel=alternate type='application/json' href='/feed.json'>", ["/feed.json"]),
        ("<link rel=feed href='/x'>", ["/x"]),
        ("<link rel=alternate type='application/json' href='/wp-json/wp/v2/feed/1'>", []),
        ("<link rel=alternate hreflang=it href='/it/'>", []),
        ("<link rel=alternate type='application/rss+xml' href='/comments/feed/'>", []),
        ("<link rel=alternate type='text/xml+oembed' href='/oembed?format=xml'>", []),
        ("<a href='/rss.xml'>Subscribe</a><a href='/x'>RSS</a>", ["/rss.xml", "/x"]),
        ("<a href='/en/newsfeed-of-the-house'>Our news</a><a href='#rss'>RSS</a>", []),
        (
            "<a href='/s'><img src=i.png alt='RSS feed'></a><a href='/t' title=RSS> </a>",
            ["/s", "/t"],
        ),
        ("<a href='/rss/all.xml'>All news</a><a href='/feeds/how-to'>How to</a>", ["/rss/all.xml"]),
        (
            (
                "<link rel=alternate type='application/rss+xml' href='/feed/'><link rel=alternate "
                "type='application/rss+xml' href='/en/news/feed/'>"
            ),
            ["/en/news/feed/", "/feed/"],
        ),
        (
            (
                "<link rel=alternate type='application/rss+xml' href='/podcast.xml'><link "
                "rel=alternate type='application/rss+xml' href='/feed/'>"
            ),
            ["/feed/", "/podcast.xml"],
        ),
        ("<link rel=alternate type='text/rss' href='/x'>", ["/x"]),
        ("<link rel=alternate type='application/x.atom+xml' href='/x'>", ["/x"]),
        ("<link type='application/rss+xml' href='/x'>", ["/x"]),
        ("<link rel='service.feed' type='application/atom+xml' href='/x'>", ["/x"]),
        (
            "<a href='/x'><img src='/i.png' alt='RSS'></a><a href='/y' title='RSS feed'></a>",
            ["/x", "/y"],
        ),
        ("<a href='/x' class='social icon-rss'></a><a href='/y' class='rss-item'>Y</a>", ["/x"]),
        ("<a href='/en/?format=rss'>x</a>", ["/en/?format=rss"]),
        ("<a href='https://reader.example/rss?url=https://house.example/x'>RSS</a>", []),
        ("<base href='/b/'><a type='x' rel=alternate href='rss' title=RSS></a>", ["/b/rss"]),
    ],
)
def test_the_feeds_declared_by_a_page_are_found(page: str, feeds: list[str]) -> None:
    assert found(f"<html><head>{page}</head></html>") == feeds


@pytest.mark.parametrize(
    "title",
    ["An atelier Kommentar-Feed", "An atelier RSS de los comentarios", "Комментарии к записи",
     "An atelier のコメントのフィード", "Kanał komentarzy", "Comentários"],
)  # fmt: skip
def test_comment_feeds_are_recognised_in_other_languages(title: str) -> None:
    link = "<link rel=alternate type='application/rss+xml' title='{}' href='{}'>"
    page = link.format("House » Feed", "/feed/") + link.format(title, "/en/news/atelier/feed/")
    assert found(page) == ["/feed/"]


def test_the_feed_in_a_page_s_own_language_goes_first() -> None:
    links = "".join(
        f"<link rel=alternate type='application/rss+xml' hreflang={one} href='/{one}/feed'>"
        for one in ("de", "fr-FR")
    )
    page = f"<html lang=fr><head>{links}</head></html>"
    assert found(page) == ["/fr-FR/feed", "/de/feed"]


def test_declared_feeds_are_preferred_to_linked_ones() -> None:
    shown = "<a href='/rss'>RSS</a>"
    links = "<link rel=alternate type='application/rss+xml' href='/feed/'>"
    assert found(f"<html><body>{shown}{links}</body></html>") == ["/feed/"]


async def looked_at(url: str, workers: Workers) -> Trial:
    async with Fetcher(allow_private=True, timeout=60) as fetcher:
        return await try_source(url, fetcher, workers, NOW)


async def test_a_feed_that_is_gone_does_not_hide_the_usual_ones(
    site: Site, workers: Workers
) -> None:
    gone = "<link rel=alternate type='application/rss+xml' href='/gone'>"
    front = site.serve("/", f"<html><head><title>House</title>{gone}</head></html>")
    feed = site.serve("/feed.xml", rss(item(1)))
    shown = await looked_at(front, workers)
    assert (shown.url, shown.kind, shown.ok) == (feed, SourceKind.FEED, True)


async def test_the_feed_of_a_part_of_a_site_is_found(site: Site, workers: Workers) -> None:
    page = site.serve("/en/news", "<html><head><title>House</title></head></html>")
    feed = site.serve("/en/news/feed/", rss(item(1)))
    site.serve("/feed/", rss(item(2)))
    assert (await looked_at(page, workers)).url == feed


@pytest.mark.parametrize("address", ["/maps/News.xml", "/sitemap-news.xml"])
async def test_a_sitemap_of_news_is_the_last_resort(
    site: Site, workers: Workers, address: str
) -> None:
    front = site.serve("/", "<html><head><title>House</title></head><body>Welcome</body></html>")
    sitemap = site.serve(address, SITEMAP)
    site.serve("/robots.txt", f"User-agent: *\nSitemap: {site.url}/maps/News.xml\n")
    shown = await looked_at(front, workers)
    assert (shown.url, shown.kind, shown.ok) == (sitemap, SourceKind.SITEMAP, True)


def listing(*numbers: int) -> str:
    cards = "".join(
        f"<li class=r><time datetime=2026-11-{number:02}></time><a href='/en/news/{number}'>Gucci "
        f"shows collection number {number}</a></li>"
        for number in numbers
    )
    return f"<html><head><title>News</title></head><body><ul>{cards}</ul></body></html>"


async def test_a_page_s_own_list_goes_before_a_feed_of_other_news(
    site: Site, workers: Workers
) -> None:
    page = site.serve("/en/press/", listing(1, 2, 3))
    feed = site.serve("/feed/", rss(item(8), item(9)))
    shown = await looked_at(page, workers)
    assert (shown.url, shown.kind) == (page, SourceKind.PAGE)
    site.serve("/feed/", rss(item(3), item(9)))
    assert (await looked_at(page, workers)).url == feed


@pytest.mark.parametrize(
    ("sign", "page", "feed"),
    [
        ("<!-- This is Squarespace. --><i class=squarespace>", "/journal", "/journal?format=rss"),
        ("<script src='//cdn.shopify.com/s.js'>", "/blogs/news", "/blogs/news.atom"),
        ("<img src='https://static.wixstatic.com/i'>", "/blog", "/blog-feed.xml"),
        ("<a href='https://www.blogger.com/'>", "/", "/feeds/posts/default"),
        ("<meta name=generator content='Joomla! 4'>", "/press", "/press?format=feed&type=rss"),
    ],
)
async def test_an_engine_s_feed_is_where_it_sets_it(
    site: Site, workers: Workers, sign: str, page: str, feed: str
) -> None:
    front = site.serve(page, f"<html><head><title>House</title></head><body>{sign}</body></html>")
    served = site.serve(feed, rss(item(1)))
    assert (await looked_at(front, workers)).url == served


async def test_a_walled_front_page_does_not_hide_the_feed_behind_it(
    site: Site, workers: Workers
) -> None:
    front = site.serve("/", "<html><title>Just a moment...</title>")
    feed = site.serve("/feed/", rss(item(1)))
    assert (await looked_at(front, workers)).url == feed


async def test_a_redirecting_front_page_is_followed(site: Site, workers: Workers) -> None:
    refresh = "<html><head><meta http-equiv=refresh content='0; url=/en/news/'></head></html>"
    front = site.serve("/", refresh)
    there = site.serve("/en/news/", listing(1, 2, 3))
    shown = await looked_at(front, workers)
    assert (shown.url, shown.kind, shown.ok) == (there, SourceKind.PAGE, True)
    site.serve("/en/news/", refresh)
    assert (await looked_at(front, workers)).problem.startswith("moved page")


@pytest.mark.parametrize(
    ("title", "problem"),
    [
        ("Page not found | House", "page not found: page not found"),
        ("Under maintenance", "out of order: under maintenance"),
        ("house.example is for sale", "no site: house.example is for sale"),
        ("Log in | House", "wall page: log in"),
    ],
)
async def test_a_block_page_in_place_of_a_site_is_reported(
    site: Site, workers: Workers, title: str, problem: str
) -> None:
    front = site.serve("/", f"<html><head><title>{title}</title></head></html>")
    assert (await looked_at(front, workers)).problem == problem


OF_ALL_KINDS = (
    "Parliament debates the new law on pensions",
    "Two killed as bus leaves the road near the border",
    "Storm warning for the coast on Thursday",
    "Minister denies that he knew of the letter",
    "Striker out for six weeks with a knee injury",
    "Chanel opens a boutique in Milan",
)
OF_THE_TRADE = (
    "Chanel opens a boutique in Milan",
    "Richemont sales fall 4% in China",
    "Rolex unveils a new Daytona at Watches and Wonders",
    "Kering names new chief executive of Gucci",
    "Hermès raises prices of its bags",
    "Ferretti launches a 40-metre superyacht",
)


@pytest.mark.parametrize(
    ("titles", "general"),
    [(OF_ALL_KINDS, True), (OF_THE_TRADE, False), (OF_ALL_KINDS[:4], False), ((), False)],
)
async def test_a_source_is_general_if_the_trade_wants_less_than_half_of_what_it_brings(
    workers: Workers, titles: tuple[str, ...], *, general: bool
) -> None:
    entries = tuple(Entry(guid=title, link="", title=title) for title in titles)

    assert await is_general(Parsed(entries), workers) is general


def test_the_gate_keeps_general_news_out_of_sections() -> None:
    titles = ("Taxes are raised as the budget passes parliament", "Prada sales fall in China")
    document = rss(*(item(number, title) for number, title in enumerate(titles))).encode()
    url = "https://example.com/feed"

    for general, filed in ((True, [False, True]), (False, [True, True])):
        reading = Reading(url, categories=("china",), general=general)
        entries = documents.read(document, reading, NOW).entries
        assert [bool(entry.filings) for entry in entries] == filed


ATTRIBUTES = " ".join(f'a{number}=">"' for number in range(150_000))


async def test_a_site_that_overruns_is_not_asked_again_in_the_trial(
    site: Site, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("news.sources.discover.PROCESSOR", 1)
    monkeypatch.setattr("news.sources.discover.SECONDS", 600.0)
    page = f"<html><body><div {ATTRIBUTES}>x</div></body></html>"
    url = site.serve("/", page, Content_Type="text/html")
    async with Fetcher(allow_private=True, timeout=600) as fetcher:
        found = await try_source(url, fetcher, workers, NOW)
    assert found.problem.endswith("took longer than 1 s")
