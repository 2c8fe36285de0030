"""The demo's controls on the page: news, the next morning, new guests."""

from __future__ import annotations

import datetime as dt
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from playground.chat_page.controls import GUESTS, Controls, welcome
from playground.clock import ForwardClock, next_time
from playground.newsstand.newsstand import Newsstand
from playground.newsstand.stories import upcoming

if TYPE_CHECKING:
    import aiohttp

    from playground.newsstand.stories import Story
    from playground.server import Playground

ROME = ZoneInfo("Europe/Rome")


def test_a_clock_goes_forward_and_never_back() -> None:
    real = [1_000_000.0]
    clock = ForwardClock(lambda: real[0])
    later = datetime.fromtimestamp(1_003_600, UTC)
    clock.forward(later)
    assert (clock(), clock.now()) == (1_003_600.0, later)
    real[0] += 5
    clock.forward(datetime.fromtimestamp(1_000_000, UTC))
    assert clock() == 1_003_605.0


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-26 06:59:59", "2026-11-26 07:00:00"),
        ("2026-11-26 07:00:00", "2026-11-27 07:00:00"),
        ("2026-11-26 23:30:00", "2026-11-27 07:00:00"),
        # Over the night in which the clocks of Milan change.
        ("2026-10-24 12:00:00", "2026-10-25 07:00:00"),
        ("2026-03-28 12:00:00", "2026-03-29 06:00:00"),
    ],
)
def test_the_next_morning_is_the_zones_own(now: str, then: str) -> None:
    moment = datetime.fromisoformat(f"{now}+00:00")
    assert next_time(moment, dt.time(8), ROME) == datetime.fromisoformat(f"{then}+00:00")


def test_prepared_stories_come_out_one_by_one_before_those_of_the_issues() -> None:
    clock = [datetime(2026, 6, 1, 9, 30, tzinfo=UTC)]
    newsstand = Newsstand(lambda: clock[0])
    drafts = upcoming()
    assert len(drafts) >= 12
    for draft in drafts:
        clock[0] += dt.timedelta(minutes=1)
        story = newsstand.publish_next()
        assert (story.title, story.published) == (draft.title, clock[0])
        assert newsstand.stories[0] is story
    assert newsstand.publish_next().slug.endswith("-en-2026-06-01")
    assert len({story.slug for story in newsstand.stories}) == len(newsstand.stories)


async def test_a_body_may_have_subheads_quotes_and_lists(
    town: Playground, http: aiohttp.ClientSession
) -> None:
    body = ["One.", "## Two & three", "> Four", "- five", "- six", "Seven."]
    story = town.newsstand.publish("A body", body=body)
    async with http.get(town.newsstand.link(story, town.url)) as answer:
        page = await answer.text()
    assert (
        "<p>One.</p><h3>Two &amp; three</h3><blockquote>Four</blockquote>"
        "<ul><li>five</li><li>six</li></ul><p>Seven.</p>"
    ) in page


def test_guests_have_names_of_their_own_and_have_pressed_nothing(town: Playground) -> None:
    names = {welcome(town.world, "it").name for _ in range(2 * len(GUESTS["it"]))}
    assert len(names) == 2 * len(GUESTS["it"])
    guest = welcome(town.world, "en")
    assert guest.language == "en"
    assert not guest.met
    assert not town.world.chats[guest.id].records
    with pytest.raises(LookupError):
        welcome(town.world, "xx")


async def test_without_the_demo_the_page_offers_no_controls(
    town: Playground, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{town.url}/api/state") as answer:
        state = await answer.json()
    assert state["controls"] is None
    assert state["now"] == town.world.clock()
    for path in ("publish", "morning"):
        async with http.post(f"{town.url}/api/{path}", json={}) as answer:
            assert answer.status == 404


async def test_the_page_has_a_story_printed_and_the_night_pass(
    town: Playground, http: aiohttp.ClientSession
) -> None:
    async def publish(language: str) -> Story:
        return town.newsstand.publish_next(language=language)

    async def morning() -> datetime:
        return datetime(2026, 6, 2, 8, tzinfo=ROME)

    town.controls = Controls(publish, morning)
    async with http.get(f"{town.url}/api/state") as answer:
        assert (await answer.json())["controls"] == {"morning": "08:00"}
    async with http.post(f"{town.url}/api/publish", json={}) as answer:
        assert await answer.json() == {"title": upcoming()[0].title}
    async with http.post(f"{town.url}/api/publish", json={"language": "zh"}) as answer:
        title = (await answer.json())["title"]
    assert [each.title for each in town.newsstand.stories if each.language == "zh"] == [title]
    async with http.post(f"{town.url}/api/morning", json={}) as answer:
        shown = await answer.json()
    assert (shown["clock"], shown["day"]) == ("08:00", "2026-06-02")
    async with http.post(f"{town.url}/api/guests", json={"language": "it"}) as answer:
        guest = await answer.json()
    assert town.world.people[guest["id"]].language == "it"
