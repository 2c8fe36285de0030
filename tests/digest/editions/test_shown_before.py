"""A story shown in an edition is in no later one, whatever its reader changes in between."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from digest.editions.past_editions import PastEditions
from digest.editions.preview import Why, preview
from storage.ledger.delivery_stats import Ledger
from storage.model import Level
from tests.digest.conftest import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storage.model import Subscriber
    from tests.digest.conftest import Paper


def headlines(paper: Paper, chat_id: int) -> list[list[str]]:
    """Return the headlines of each edition."""
    return [text.splitlines()[1:] for text in paper.outbox.to(chat_id)]


async def reads_english(paper: Paper, reader: Subscriber) -> Subscriber:
    return await paper.subscribers.change(reader.id, languages=frozenset({"en"}))


async def hides_the_source(paper: Paper, reader: Subscriber) -> Subscriber:
    source = await paper.source("Gazzetta")
    return await paper.subscribers.set_level(reader.id, source.id, Level.OFF)


async def unfollows_the_house(paper: Paper, reader: Subscriber) -> Subscriber:
    return await paper.subscribers.unfollow(reader.id, "bentley")


async def mutes_a_word(paper: Paper, reader: Subscriber) -> Subscriber:
    return await paper.subscribers.mute_word(reader.id, "nuova")


@pytest.mark.parametrize(
    "change", [reads_english, hides_the_source, unfollows_the_house, mutes_a_word]
)
async def test_a_changed_taste_repeats_a_shown_event_only_as_an_update(
    paper: Paper, change: Callable[[Paper, Subscriber], Awaitable[Subscriber]]
) -> None:
    reader = await paper.reader(7, "bentley", "style", place=await paper.article("Before"))
    first = await paper.article("La nuova Bentley", "bentley", source="Gazzetta", language="it")
    await paper.morning()
    await change(paper, reader)

    # The same story elsewhere, and the same event.
    paper.time.pass_(days=1)
    both = ("bentley", "style")
    await paper.article("The new Bentley", *both, source="A", story=first, event=first)
    await paper.article("A Bentley in Crewe", *both, source="B", event=first)
    await paper.article("A wide skirt", "style", source="C")
    await paper.morning()
    past = PastEditions(paper.deliveries, paper.articles, CATEGORIES)
    explained = await past.explained((await paper.ledger())[-1])
    assert [(each.why, each.what) for each in explained.left_out] == [(Why.EARLIER, "Gazzetta")]

    # What names another house later.
    paper.time.pass_(days=1)
    await paper.article("Gucci and Bentley part", *both, "gucci", source="D", event=first)
    known = await paper.subscriber(reader.id)
    foreseen = await preview(
        paper.articles,
        paper.deliveries,
        Ledger(paper.db),
        known,
        at=paper.time.now,
        now=paper.time.now,
        size=12,
        categories=CATEGORIES,
    )
    await paper.morning()
    (was, *_) = paper.renderer.asked[-1]
    assert [each.update for each in was.stories] == [True]
    assert foreseen.edition == was
    assert await past.edition((await paper.ledger())[-1]) == was
    assert headlines(paper, 7) == [
        ["La nuova Bentley"],
        ["A wide skirt"],
        ["Gucci and Bentley part"],
    ]


async def test_stories_that_topped_up_a_first_edition_are_not_shown_again(paper: Paper) -> None:
    first = await paper.article("A gold watch", "style", source="A")
    await paper.reader(7, "gucci")
    await paper.morning()
    paper.time.pass_(days=1)
    within = timedelta(hours=20)
    await paper.article("Gucci has a gold watch", "gucci", source="B", event=first, age=within)
    await paper.article("A new Gucci", "gucci", source="C")
    await paper.morning()
    assert headlines(paper, 7) == [["A gold watch"], ["A new Gucci"]]


async def test_an_update_of_what_was_an_alert_is_one_when_it_is_had_again(paper: Paper) -> None:
    reader = await paper.reader(7, "bentley", place=await paper.article("Before"))
    await paper.subscribers.follow(reader.id, "bentley", alerts=True)
    first = await paper.article("A new Bentley", "bentley", source="A")
    await paper.alerts.plan([first], paper.time.now)
    await paper.sender.drain()
    paper.time.pass_(days=1)
    await paper.article("Gucci and Bentley part", "bentley", "gucci", source="B", event=first)
    await paper.morning()
    (was, *_) = paper.renderer.asked[-1]
    assert [each.update for each in was.stories] == [True]
    past = PastEditions(paper.deliveries, paper.articles, CATEGORIES)
    assert await past.edition((await paper.ledger())[-1]) == was
