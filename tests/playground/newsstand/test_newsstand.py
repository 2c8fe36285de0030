"""The newsstand, and the daily issue of its newspaper."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, web

from news.filing.classify import classify
from news.filing.taxonomy import load
from news.stories.events import Events
from news.stories.report import report_of
from playground.newsstand import issues
from playground.newsstand.feeds import ABROAD, FEEDS
from playground.newsstand.issues import HOURS, LANGUAGES, IssueStory, issue
from playground.newsstand.newsstand import Newsstand
from playground.newsstand.picture_files import picture_of
from playground.newsstand.stories import Draft, slug_of, upcoming
from playground.server import Playground
from tests.plugins.archive import there

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
    published = there(newest.findtext("pubDate"))
    assert parsedate_to_datetime(published) == stall.newsstand.stories[0].published
    assert newest.findtext("{http://purl.org/rss/1.0/modules/content/}encoded")
    picture = there(newest.find("{http://search.yahoo.com/mrss/}content"))
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


SECTIONS = {
    *("Style", "China", "eCommerce", "eLuxury", "Lexus", "Motor", "Sport", "Bentley", "Tourism"),
    *("Events", "Videos", "Asia", "Learning", "Technology", "Job", "Dubai", "Watches"),
    *("Jewellery", "Beauty", "Yachts", "Art", "Real Estate", "Business"),
}
FIVE_WEEKS = [date(2026, 11, 26) + timedelta(days=days) for days in range(35)]
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_headline_comes_back_within_five_weeks(language: str) -> None:
    titles = [item.draft.title for day in FIVE_WEEKS for item in issue(day, language)]
    assert len(set(titles)) == len(titles)
    assert not [title for title in titles if "{" in title or "}" in title]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_story_has_a_body_of_four_paragraphs_unlike_its_neighbours(language: str) -> None:
    for day in FIVE_WEEKS:
        bodies = [item.draft.body for item in issue(day, language)]
        assert all(len(body) == 4 for body in bodies)
        assert all(one != other for one, other in pairwise(bodies))
        assert not [text for body in bodies for text in body if "{" in text or "}" in text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_has_news_every_day(language: str) -> None:
    for day in FIVE_WEEKS:
        filed = {name for item in issue(day, language) for name in item.draft.categories}
        assert filed == SECTIONS


def test_an_issue_depends_on_its_date_only_and_differs_between_languages() -> None:
    for day, later in pairwise(FIVE_WEEKS):
        assert issue(day, "it") == issue(day, "it")
        assert issue(day, "it") != issue(later, "it")
    slugs = [item.slug for language in LANGUAGES for item in issue(FIVE_WEEKS[0], language)]
    assert len(set(slugs)) == len(slugs)


def test_the_hours_of_a_day_bring_the_whole_issue_once() -> None:
    clock = [NOON]
    newsstand = Newsstand(lambda: clock[0])
    before = len(newsstand.stories)
    for _ in range(24):
        clock[0] += timedelta(hours=1)
        newsstand.publish_hour(clock[0] - timedelta(hours=1), ["fr"])
        assert newsstand.publish_hour(clock[0] - timedelta(hours=1), ["fr"]) == 0
    new = newsstand.stories[: len(newsstand.stories) - before]
    assert len(new) == sum(HOURS.values()) == len({story.title for story in new})
    assert all(NOON <= story.published < clock[0] for story in new)


def test_news_of_a_language_never_runs_out() -> None:
    newsstand = Newsstand(lambda: NOON)
    english = [newsstand.publish_next().title for _ in range(len(upcoming()) + 50)]
    italian = [newsstand.publish_next(language="it") for _ in range(50)]
    assert english[: len(upcoming())] == [draft.title for draft in upcoming()]
    # Two newspapers may tell of one deal under one headline.
    assert len(set(english)) == len(english) - 1
    assert {story.language for story in italian} == {"it"}
    assert newsstand.publish_next(language="de").language == "en"


async def test_the_feeds_of_each_language_have_that_languages_stories() -> None:
    async with Playground(clock=NOON.timestamp) as town, ClientSession() as http:
        for hours in range(1, 25):
            town.newsstand.publish_hour(NOON - timedelta(hours=hours))
        titles: dict[str, set[str]] = {language: set() for language in LANGUAGES}
        for feed in (*FEEDS, *ABROAD):
            async with http.get(town.url + feed.path) as answer:
                document = await answer.text()
            if feed.key == "business":
                found = {item["title"] for item in json.loads(document)["items"]}
            else:
                found = {
                    node.text or ""
                    for node in ET.fromstring(document).iter()  # noqa: S314 - our own document
                    if node.tag.rpartition("}")[2] == "title"
                }
            titles[feed.language] |= found
        for language in LANGUAGES:
            for day in (NOON.date(), NOON.date() - timedelta(days=1)):
                due = [
                    item.draft.title
                    for item in issue(day, language)
                    if NOON - timedelta(hours=24)
                    <= datetime(day.year, day.month, day.day, item.hour, tzinfo=UTC)
                    < NOON
                ]
                assert due
                assert titles[language].issuperset(due)


def sentence_of(item: IssueStory) -> tuple[str, int]:
    """Return the beat of a story, and which of the beat's sentences it is, in any language.

    A story of the first day and one of `upcoming.toml` have the beat "own".
    """
    beat, language, *day = item.slug.split("-", maxsplit=2)
    if not day:
        return beat, 0
    sentences = len(issues._parts(language)[beat])
    return beat, (date.fromisoformat(day[0]).toordinal() + LANGUAGES.index(language)) % sentences


def test_stories_of_different_sentences_are_never_one_event() -> None:
    taxonomy, events = load(), Events()
    first = [
        Draft(each.feed, each.categories, each.title, each.standfirst, language=each.language)
        for each in Newsstand(lambda: NOON).stories
    ]
    printed = [(NOON, IssueStory("own-en", 0, draft)) for draft in (*first, *upcoming())]
    for day in FIVE_WEEKS[:10]:
        items = [item for language in LANGUAGES for item in issue(day, language)]
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        printed.extend(
            (midnight.replace(hour=item.hour), item)
            for item in sorted(items, key=lambda each: each.hour)
        )
    joined = []
    for number, (at, item) in enumerate(printed):
        title, standfirst = item.draft.title, item.draft.standfirst
        filed = classify(taxonomy, title=title, standfirst=standfirst, tags=item.draft.categories)
        categories = [taxonomy.categories[each.category] for each in filed]
        report = report_of(title, standfirst, at, categories, language=item.draft.language)
        found = events.match(report, number)
        if found is not None:
            joined.append((item, printed[found.event][1]))
    assert joined, "a sentence about the same house comes back"
    assert not [
        (one.draft.title, other.draft.title)
        for one, other in joined
        if sentence_of(one) != sentence_of(other)
    ]
    # A reader of few sections has news every day: hardly a story counts as one of days before.
    assert len(joined) < len(printed) / 50
    assert not [one.draft.title for one, _ in joined if sentence_of(one)[0] in {"bentley", "lexus"}]
