"""The daily issue of the newspaper, composed from parts."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from aiohttp import ClientSession

from news.filing.classify import classify
from news.filing.taxonomy import load
from news.stories.events import Events
from news.stories.report import report_of
from playground.newsstand import issues
from playground.newsstand.feeds import ABROAD, FEEDS
from playground.newsstand.issues import HOURS, LANGUAGES, IssueStory, issue
from playground.newsstand.newsstand import Newsstand
from playground.newsstand.stories import Draft, upcoming
from playground.server import Playground

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
