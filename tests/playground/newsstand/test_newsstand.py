from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, web

from playground.newsstand.newsstand import FEEDS, Newsstand
from playground.newsstand.picture_files import picture_of
from playground.newsstand.stories import slug_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from multidict import CIMultiDictProxy

NOW = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


class Stall:
    """A newsstand served on a port of this machine."""

    def __init__(self, session: ClientSession, url: str, newsstand: Newsstand) -> None:
        self.session = session
        self.url = url
        self.newsstand = newsstand

    async def get(self, path: str, **headers: str) -> tuple[int, CIMultiDictProxy[str], str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.get(self.url + path, headers=named) as answer:
            return answer.status, answer.headers, await answer.text(errors="replace")


@pytest.fixture
async def stall() -> AsyncIterator[Stall]:
    newsstand = Newsstand(lambda: NOW)
    app = web.Application()
    newsstand.add_routes(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with ClientSession() as session:
        yield Stall(session, url, newsstand)
    await runner.cleanup()


async def test_the_fashion_feed_is_rss_with_its_categories_bodies_and_pictures(
    stall: Stall,
) -> None:
    status, headers, text = await stall.get("/newsstand/fashion.rss")

    items = ET.fromstring(text).findall("channel/item")  # noqa: S314 - our own document
    assert status == 200
    assert headers["Content-Type"].startswith("application/rss+xml")
    newest = items[0]
    assert newest.findtext("category") == "Style"
    published = newest.findtext("pubDate")
    assert published is not None
    assert parsedate_to_datetime(published) == stall.newsstand.stories[0].published
    assert newest.findtext("{http://purl.org/rss/1.0/modules/content/}encoded")
    picture = newest.find("{http://search.yahoo.com/mrss/}content")
    assert picture is not None
    assert (await stall.get(picture.attrib["url"].removeprefix(stall.url)))[0] == 200


async def test_the_motor_feed_is_atom(stall: Stall) -> None:
    _, _, text = await stall.get("/newsstand/motor.atom")

    entries = ET.fromstring(text).findall(f"{ATOM}entry")  # noqa: S314 - our own document
    terms = {entry.findall(f"{ATOM}category")[0].attrib["term"] for entry in entries}
    assert terms == {"Lexus", "Motor", "Bentley", "Sport", "Tourism"}
    assert all(entry.findtext(f"{ATOM}updated") for entry in entries)


async def test_the_business_feed_is_json(stall: Stall) -> None:
    _, _, text = await stall.get("/newsstand/business.json")

    feed = json.loads(text)
    assert feed["version"].startswith("https://jsonfeed.org/")
    assert {"China", "eCommerce", "Job", "Dubai"} <= {
        tag for item in feed["items"] for tag in item["tags"]
    }
    assert all(item["url"].startswith(stall.url) for item in feed["items"])


@pytest.mark.parametrize("path", [feed.path for feed in FEEDS])
async def test_a_feed_that_has_not_changed_answers_304_to_either_validator(
    stall: Stall, path: str
) -> None:
    _, first, _ = await stall.get(path)

    by_tag, _, body = await stall.get(path, If_None_Match=first["ETag"])
    by_time, _, _ = await stall.get(path, If_Modified_Since=first["Last-Modified"])
    by_nonsense, _, _ = await stall.get(path, If_Modified_Since="yesterday")

    assert (by_tag, body) == (304, "")
    assert by_time == 304
    assert by_nonsense == 200


async def test_a_published_story_opens_its_feed_and_changes_its_validators(stall: Stall) -> None:
    _, before, _ = await stall.get("/newsstand/motor.atom")

    story = stall.newsstand.publish(
        "Bentley & friends <on> the lake", "A line.", feed="motor", categories=["Bentley"]
    )
    status, _, text = await stall.get("/newsstand/motor.atom", If_None_Match=before["ETag"])

    assert status == 200
    first = ET.fromstring(text).find(f"{ATOM}entry")  # noqa: S314 - our own document
    assert first is not None
    assert first.findtext(f"{ATOM}title") == "Bentley & friends <on> the lake"
    page = stall.newsstand.link(story, stall.url).removeprefix(stall.url)
    assert (await stall.get(page))[0] == 200


def test_two_stories_with_one_title_have_two_addresses() -> None:
    newsstand = Newsstand(lambda: NOW)

    first = newsstand.publish("The same", feed="business")
    second = newsstand.publish("The same", feed="business")

    assert (first.slug, second.slug) == ("the-same", "the-same-2")


def test_a_feed_that_does_not_exist_and_a_slug_that_is_taken_are_refused() -> None:
    newsstand = Newsstand(lambda: NOW)

    with pytest.raises(ValueError, match="no feed 'sport'"):
        newsstand.publish("A title", feed="sport")
    with pytest.raises(ValueError, match="is out already"):
        newsstand.publish("A title", slug="riva-and-abarth")


async def test_a_story_page_says_what_a_link_preview_and_a_reader_need(stall: Stall) -> None:
    story = stall.newsstand.publish('Quotes " & <b>', "Less < more", body=["One.", "Two."])

    status, headers, page = await stall.get(f"/newsstand/story/{story.slug}")

    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert '<meta property="og:title" content="Quotes &quot; &amp; &lt;b&gt;">' in page
    assert f'<meta property="og:image" content="{stall.url}/newsstand/picture/' in page
    data = page.split('<script type="application/ld+json">')[1].split("</script>")[0]
    assert json.loads(data)["headline"] == 'Quotes " & <b>'
    assert "<p>One.</p><p>Two.</p>" in page


async def test_the_front_page_lists_every_story_and_announces_the_feeds(stall: Stall) -> None:
    _, _, page = await stall.get("/newsstand/")

    assert page.count("<li>") == 30
    assert page.count('rel="alternate"') == len(FEEDS)


async def test_unknown_addresses_of_the_newsstand_are_not_found(stall: Stall) -> None:
    assert (await stall.get("/newsstand/story/nothing"))[0] == 404
    assert (await stall.get("/newsstand/picture/nothing"))[0] == 404


def test_the_sources_name_every_feed_at_the_given_address() -> None:
    sources = Newsstand(lambda: NOW).sources("http://127.0.0.1:8080/")

    assert [source["url"] for source in sources] == [
        "http://127.0.0.1:8080/newsstand/fashion.rss",
        "http://127.0.0.1:8080/newsstand/motor.atom",
        "http://127.0.0.1:8080/newsstand/business.json",
    ]
    assert all(source["name"] and source["language"] == "en" for source in sources)


def test_a_story_without_a_picture_of_its_own_has_always_the_same() -> None:
    newsstand = Newsstand(lambda: NOW)
    first, second = (newsstand.publish(title, feed="motor") for title in ("One", "Another"))
    assert picture_of(first) == picture_of(first)
    assert picture_of(first) != picture_of(second)


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Hermès à Paris!", "hermes-a-paris"), ("中国", "story"), ("a" * 80, "a" * 60)],
)
def test_a_slug_is_made_of_plain_letters(title: str, slug: str) -> None:
    assert slug_of(title) == slug
