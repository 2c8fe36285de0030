"""Thin editions, filled up with what the reader's last editions left out."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from digest.choosing.ranking import LONGEST
from digest.editions.past_editions import PastEditions
from storage.model import EVERY_DAY, STILL_WORTH, ChatKind, DeliveryState, Layout, Level
from tests.digest.conftest import CATEGORIES

if TYPE_CHECKING:
    from storage.model import Edition, Subscriber
    from tests.digest.conftest import Paper


async def next_morning(paper: Paper) -> None:
    """Let a day pass, then plan and send."""
    await paper.morning(days=1)


async def an_edition_of_20(paper: Paper, days: int = 1) -> None:
    """Send the second edition of all readers, which leaves out eight of its stories."""
    await paper.morning()
    paper.time.pass_(days=days, hours=-12)
    await paper.stories("News", 20, "motor")
    await paper.morning(hours=12)


async def a_reader_of_20(paper: Paper) -> Subscriber:
    """Create a reader of Motor, whose second edition leaves out eight of its stories."""
    await paper.article("Before", "motor")
    reader = await paper.reader(7, "motor")
    await an_edition_of_20(paper)
    return reader


async def late(paper: Paper, new: int, word: str = "Late") -> None:
    """Let a day pass, in whose last hours there are some new stories of Motor."""
    paper.time.pass_(hours=20)
    await paper.stories(word, new, "motor")
    paper.time.pass_(hours=4)


async def a_morning(paper: Paper, new: int, word: str = "Late") -> None:
    """Send the edition of the next day, which has some new stories."""
    await late(paper, new, word)
    await paper.morning()


def last(paper: Paper) -> Edition:
    return paper.renderer.asked[-1][0]


def titles(edition: Edition) -> list[str]:
    return [story.article.title for story in edition.stories]


def still(edition: Edition) -> list[str]:
    return titles(edition)[len(edition.stories) - edition.still :]


@pytest.mark.parametrize("new", [1, 4])
async def test_an_edition_of_few_new_stories_is_filled_up_to_five(paper: Paper, new: int) -> None:
    await a_reader_of_20(paper)
    shown = set(titles(last(paper)))
    assert len(shown) == 12
    await a_morning(paper, new)
    edition = last(paper)
    assert (len(edition.stories), edition.still) == (5, 5 - new)
    assert [section.category for section in edition.sections if section.stories][-1] == STILL_WORTH
    assert all(title.startswith("Late") for title in titles(edition)[:new])
    assert all(title.startswith("News") for title in still(edition))
    assert shown.isdisjoint(still(edition))
    assert len(edition.own.stories) == new


async def test_an_edition_of_five_new_stories_is_not_filled_up(paper: Paper) -> None:
    await a_reader_of_20(paper)
    await a_morning(paper, 5)
    assert (len(last(paper).stories), last(paper).still) == (5, 0)


async def test_a_day_with_nothing_new_stays_silent_but_digest_offers_left_out_stories(
    paper: Paper,
) -> None:
    reader = await a_reader_of_20(paper)
    sent = len(paper.outbox.sent)
    await next_morning(paper)
    assert len(paper.outbox.sent) == sent
    offered: list[str] = []
    for count in (5, 3):
        paper.time.pass_(minutes=1)
        state = await paper.sender.deliver_now(reader, paper.time.now)
        assert state is DeliveryState.SENT
        edition = last(paper)
        assert edition.still == len(edition.stories) == count
        offered += titles(edition)
    assert len(set(offered)) == len(offered)
    paper.time.pass_(minutes=1)
    assert await paper.sender.deliver_now(reader, paper.time.now) is DeliveryState.SKIPPED


async def test_nothing_is_offered_while_another_edition_is_on_its_way(paper: Paper) -> None:
    reader = await a_reader_of_20(paper)
    await late(paper, 1)
    paper.outbox.slow = asyncio.Event()
    sending = asyncio.create_task(paper.morning())
    await paper.outbox.at_least(3)
    assert await paper.sender.deliver_now(reader, paper.time.now) is DeliveryState.SKIPPED
    paper.outbox.slow.set()
    await sending
    assert last(paper).still == 4


async def test_no_story_is_shown_twice_in_ten_thin_mornings(paper: Paper) -> None:
    await a_reader_of_20(paper)
    for day in range(9):
        paper.time.pass_(hours=20)
        await paper.stories(f"Day {day}:", 1 if day % 4 else 15, "motor")
        await paper.morning(hours=4)
    shown = [title for edition, *_ in paper.renderer.asked for title in titles(edition)]
    assert len(set(shown)) == len(shown)
    assert sum(edition.still for edition, *_ in paper.renderer.asked) > 8


async def test_no_other_report_of_a_shown_event_fills_an_edition_up(paper: Paper) -> None:
    await paper.article("Before", "motor")
    await paper.reader(7, "motor")
    await paper.morning()
    paper.time.pass_(hours=12)
    first = await paper.article("The deal", "motor", source="The Mirror", weight=90)
    await paper.stories("News", 14, "motor")
    await paper.article("The same deal", "motor", source="The Globe", weight=20, event=first)
    await paper.morning(hours=12)
    assert "The deal" in titles(last(paper))
    paper.time.pass_(hours=20)
    await paper.article("The deal again", "motor", source="The Times", event=first)
    await paper.stories("Late", 1, "motor")
    await paper.morning(hours=4)
    assert last(paper).still == 3
    assert not [title for title in titles(last(paper)) if "deal" in title]


async def test_what_was_muted_unfollowed_or_hidden_since_fills_no_edition_up(paper: Paper) -> None:
    await paper.article("Before", "motor")
    reader = await paper.reader(7, "motor", "style", "china")
    await paper.morning()
    paper.time.pass_(hours=12)
    for number in range(8):
        await paper.stories(f"Muted {number}", 1, "motor", "bentley")
        await paper.stories(f"Unfollowed {number}", 1, "style")
        await paper.stories(f"Less of {number}", 1, "motor", "gucci")
        await paper.article(f"Hidden {number}", "motor", source="Hidden", weight=1)
    await paper.stories("Good", 1, "motor", weight=1)
    await paper.morning(hours=12)
    await paper.subscribers.set_level(reader.id, "bentley", Level.OFF)
    await paper.subscribers.set_level(reader.id, "gucci", Level.LESS)
    await paper.subscribers.unfollow(reader.id, "style")
    hidden = await paper.source("Hidden")
    await paper.subscribers.set_level(reader.id, hidden.id, Level.OFF)
    await a_morning(paper, 1)
    kinds = sorted({title.split()[0] for title in still(last(paper))})
    assert "Good" in kinds
    assert set(kinds) <= {"Good", "Less"}
    assert sum(title.startswith("Less") for title in still(last(paper))) <= 1


async def test_what_was_followed_only_since_then_fills_no_edition_up(paper: Paper) -> None:
    await paper.article("Before", "motor")
    reader = await paper.reader(7, "motor")
    await paper.morning()
    paper.time.pass_(hours=12)
    await paper.stories("Not followed", 9, "style")
    await paper.stories("News", 2, "motor")
    await paper.morning(hours=12)
    await paper.subscribers.follow(reader.id, "style")
    await a_morning(paper, 1)
    assert titles(last(paper)) == ["Late 0"]


async def test_nothing_older_than_eight_days_fills_an_edition_up(paper: Paper) -> None:
    await a_reader_of_20(paper)
    paper.time.pass_(days=8, hours=-1)
    await paper.stories("Late", 1, "motor")
    await paper.morning(hours=1)
    now = paper.time.now
    assert all(now - each.article.published <= LONGEST for each in last(paper).stories)
    paper.time.pass_(hours=23)
    await paper.stories("Later", 1, "motor")
    await paper.morning(hours=1)
    assert titles(last(paper)) == ["Later 0"]


async def test_an_alert_is_not_among_the_left_out_stories(paper: Paper) -> None:
    await paper.article("Before", "motor")
    reader = await paper.reader(7, "motor")
    await paper.subscribers.follow(reader.id, "motor", alerts=True)
    await paper.morning()
    paper.time.pass_(hours=12)
    await paper.stories("News", 15, "motor")
    alerted = {await paper.article(f"Alert {number}", "motor") for number in range(5)}
    for number in sorted(alerted):
        await paper.plans.plan_alerts(
            number,
            ("motor",),
            (),
            paper.time.now,
            wanted=lambda _: True,
            wait=lambda *_: None,
            day=lambda _, now: (now, now + timedelta(days=1)),
        )
    await paper.sender.drain()
    await paper.morning(hours=12)
    await a_morning(paper, 1)
    shown = {each.article.id for each in last(paper).stories}
    assert last(paper).still == 3
    assert shown.isdisjoint(alerted)


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("kind", list(ChatKind))
async def test_a_filled_edition_is_made_for_each_layout_and_kind_of_chat(
    paper: Paper, layout: Layout, kind: ChatKind
) -> None:
    chat_id = 7 if kind is ChatKind.PRIVATE else -1_000_000_000_007
    await paper.article("Before", "motor")
    await paper.reader(chat_id, "motor", kind=kind, layout=layout)
    await an_edition_of_20(paper)
    await a_morning(paper, 2)
    assert (len(last(paper).stories), last(paper).still) == (5, 3)


async def test_readers_whose_last_editions_agree_share_one_filled_edition(paper: Paper) -> None:
    await paper.article("Before", "motor")
    await paper.crowd(*range(1, 30))
    await an_edition_of_20(paper)
    rendered = len(paper.renderer.asked)
    await a_morning(paper, 1)
    assert len(paper.renderer.asked) == rendered + 1
    assert len({message.text for message in paper.outbox.sent[-29:]}) == 1
    assert last(paper).still == 4


async def test_readers_whose_last_editions_differ_get_what_each_was_not_shown(paper: Paper) -> None:
    await paper.article("Before", "motor")
    reader = await paper.reader(1, "motor")
    await paper.reader(2, "motor")
    await an_edition_of_20(paper)
    paper.time.pass_(hours=1)
    assert await paper.sender.deliver_now(reader, paper.time.now) is DeliveryState.SENT
    offered = set(titles(last(paper)))
    paper.time.pass_(hours=19)
    await paper.stories("Late", 1, "motor")
    await paper.morning(hours=4)
    texts = {message.chat_id: message.text for message in paper.outbox.sent[-2:]}
    assert texts[1] != texts[2]
    assert not [each for each in offered if f"\n{each}\n" in f"{texts[1]}\n"]
    assert [each for each in offered if f"\n{each}\n" in f"{texts[2]}\n"]


async def test_a_new_process_fills_up_an_edition_in_the_same_way(paper: Paper) -> None:
    await a_reader_of_20(paper)
    await late(paper, 1)
    await paper.planner.plan_due(paper.time.now)
    await paper.new_sender().drain()
    assert (len(last(paper).stories), last(paper).still) == (5, 4)


async def test_a_preview_shows_the_filled_edition_that_is_then_sent(paper: Paper) -> None:
    reader = await a_reader_of_20(paper)
    await late(paper, 1)
    found = await paper.preview(reader.id)
    await paper.morning()
    assert titles(found) == titles(last(paper))
    assert last(paper).still == 4


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("days", [1, EVERY_DAY])
async def test_a_filled_edition_can_be_had_again(paper: Paper, *, asked: bool, days: int) -> None:
    await paper.article("Before", "motor")
    reader = await paper.reader(7, "motor", days=days)
    await an_edition_of_20(paper, days=1 if days == EVERY_DAY else 7)
    paper.time.pass_(days=0 if days == EVERY_DAY else 6)
    if not asked:
        paper.time.pass_(hours=20)
        first = await paper.article("Late", "motor", source="The Mirror")
        await paper.article("Late too", "motor", source="The Globe", event=first)
        await paper.morning(hours=4)
    else:
        paper.time.pass_(hours=1)
        await paper.sender.deliver_now(reader, paper.time.now)
    was = last(paper)
    assert was.still
    await paper.stories("Later still", 3, "motor")
    rebuilt = PastEditions(paper.deliveries, paper.articles, CATEGORIES)
    row = (await paper.ledger())[-1]
    assert await rebuilt.edition(row) == was
    explained = await rebuilt.explained(row)
    assert titles(explained.edition) == titles(was)
