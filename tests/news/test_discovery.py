"""What an operator finds by a site's address alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import html  # type: ignore[import-untyped]  # lxml has no types

from news.fetch import Fetcher
from news.markup import announced_feeds
from news.preview import preview
from storage.model import SourceKind
from tests.news.conftest import NOW, item, rss

if TYPE_CHECKING:
    from news.preview import Preview
    from news.worker import Workers
    from tests.news.conftest import Site

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
        ("<link rel=alternate type='text/rss' href='/x'>", ["/x"]),
        ("<link rel=alternate type='application/x.atom+xml' href='/x'>", ["/x"]),
        ("<link type='application/rss+xml' href='/x'>", ["/x"]),
        ("<link rel='service.feed' type='application/atom+xml' href='/x'>", ["/x"]),
        ("<link rel=alternate type='application/rss+xml' href='feed://house.example/x'>", ["/x"]),
        ("<a href='feed:https://house.example/x'>Subscribe</a>", ["/x"]),
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
def test_the_feeds_of_a_page_are_those_it_names(page: str, feeds: list[str]) -> None:
    assert found(f"<html><head>{page}</head></html>") == feeds


def test_what_a_page_names_to_programs_goes_before_what_it_shows() -> None:
    shown = "<a href='/rss'>RSS</a>"
    told = "<link rel=alternate type='application/rss+xml' href='/feed/'>"
    assert found(f"<html><body>{shown}{told}</body></html>") == ["/feed/"]


async def looked_at(url: str, workers: Workers) -> Preview:
    async with Fetcher(allow_private=True, timeout=5) as fetcher:
        return await preview(url, fetcher, workers, NOW)


async def test_a_feed_that_is_gone_does_not_hide_the_usual_ones(
    site: Site, workers: Workers
) -> None:
    gone = "<link rel=alternate type='application/rss+xml' href='/gone'>"
    front = site.serve("/", f"<html><head><title>House</title>{gone}</head></html>")
    feed = site.serve("/feed.xml", rss(item(1)))
    shown = await looked_at(front, workers)
    assert (shown.url, shown.kind, shown.ok) == (feed, SourceKind.FEED, True)


async def test_a_part_of_a_site_has_a_feed_of_its_own(site: Site, workers: Workers) -> None:
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
