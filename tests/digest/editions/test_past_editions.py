"""A sent edition, rebuilt from its row."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar, cast

from sqlalchemy import delete, update

from digest.editions.past_editions import PastEditions
from storage.model import DeliveryState, Edition, Settlement
from storage.tables.ledger_schema import deliveries
from tests.digest.conftest import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from datetime import datetime

    from storage.ledger.deliveries import Deliveries
    from storage.model import Delivery
    from tests.digest.conftest import Paper

T = TypeVar("T")


def editions(paper: Paper) -> PastEditions:
    return PastEditions(paper.deliveries, paper.articles, CATEGORIES)


async def sent(paper: Paper) -> Delivery:
    """Send an edition and return its row."""
    await paper.morning()
    return (await paper.ledger())[-1]


async def many(paper: Paper) -> None:
    """Store more stories than fit an edition, some of several sources."""
    first = await paper.article("Told twice", "motor", source="The Gazette")
    await paper.article("Told twice", "style", source="The Mirror", weight=40, story=first)
    for number in range(6):
        await paper.article(f"Of one source {number}", "motor", "style", source="The Gazette")
    for number in range(14):
        category = ("style", "china", "motor")[number % 3]
        await paper.article(f"Of many {number}", category, source=f"Paper {number}")


async def test_a_past_edition_is_rebuilt_identically(paper: Paper) -> None:
    await many(paper)
    await paper.reader(7, "motor", "style")
    row = await sent(paper)
    (was, *_) = paper.renderer.asked[-1]
    assert len(was.stories) == 12
    assert sum(section.left_out for section in was.sections) > 0
    assert await editions(paper).edition(row) == was


async def test_a_past_edition_is_unchanged_by_later_articles(paper: Paper) -> None:
    await many(paper)
    reader = await paper.reader(7, "motor")
    row = await sent(paper)
    (was, *_) = paper.renderer.asked[-1]
    await paper.subscribers.unfollow(reader.id, "motor")
    paper.time.pass_(hours=1)
    await paper.article("Later", "motor", source="Another")
    assert await editions(paper).edition(row) == was


async def test_a_topped_up_past_edition_is_rebuilt_with_its_additions(paper: Paper) -> None:
    await many(paper)
    await paper.reader(7, "china")
    row = await sent(paper)
    (was, *_) = paper.renderer.asked[-1]
    again = await editions(paper).edition(row)
    assert [each.article.id for each in again.stories] == [each.article.id for each in was.stories]
    assert (again.lead_category, again.added) == (was.lead_category, was.added)


async def test_a_past_weekly_edition_is_rebuilt_as_weekly(paper: Paper) -> None:
    await paper.article("Before", "motor")
    await paper.reader(7, "motor", days=1)
    await sent(paper)
    paper.time.pass_(days=4)
    await paper.stories("A race", 5, "motor", source="Paper {number}")
    paper.time.pass_(days=3)
    row = await sent(paper)
    (was, *_) = paper.renderer.asked[-1]
    assert was.top
    assert await editions(paper).edition(row) == was


async def test_a_past_editions_left_out_stories_are_rebuilt(paper: Paper) -> None:
    await many(paper)
    await paper.reader(7, "motor")
    row = await sent(paper)
    (was, *_) = paper.renderer.asked[-1]
    await paper.article("Later", "motor", source="Another")
    shown = {each.article.story_id for each in was.stories}
    (others,) = await editions(paper).others(row)
    assert others.category == "motor"
    assert len(others.stories) == was.sections[0].left_out > 0
    assert shown.isdisjoint(each.article.story_id for each in others.stories)
    assert "Later" not in {each.article.title for each in others.stories}


async def test_a_past_edition_is_found_by_any_of_its_messages(paper: Paper) -> None:
    paper.renderer.per_part = 1
    await paper.article("One", "motor")
    await paper.article("Two", "motor")
    reader = await paper.reader(7, "motor")
    row = await sent(paper)
    numbers = await paper.deliveries.messages(row.id)
    assert len(numbers) == 2
    for number in numbers:
        assert await editions(paper).sent_as(reader.id, number) == row
        assert await editions(paper).sent_as(reader.id + 1, number) is None
    assert await editions(paper).sent_as(reader.id, 10 * numbers[0]) is None
    assert await editions(paper).is_newest(row)
    paper.time.pass_(days=1)
    await paper.article("Three", "motor")
    assert await editions(paper).is_newest(await sent(paper))
    assert not await editions(paper).is_newest(row)


class _SettledMeanwhile:
    """A ledger that records a message right after its first query."""

    def __init__(self, ledger: Deliveries, settlement: Settlement, now: datetime) -> None:
        self._ledger = ledger
        self._settlements = [settlement]
        self._now = now

    async def sent_as(self, subscriber_id: int, message_id: int) -> Delivery | None:
        return await self._after(self._ledger.sent_as(subscriber_id, message_id))

    async def is_sending(self, subscriber_id: int) -> bool:
        return await self._after(self._ledger.is_sending(subscriber_id))

    async def _after(self, question: Awaitable[T]) -> T:
        answer = await question
        settlements, self._settlements = self._settlements, []
        await self._ledger.commit(settle=settlements, now=self._now)
        return answer


async def test_an_edition_recorded_meanwhile_is_found(paper: Paper) -> None:
    await paper.article("One", "motor")
    reader = await paper.reader(7, "motor")
    row = await sent(paper)
    (number,) = await paper.deliveries.messages(row.id)
    async with paper.db.writing() as connection:
        on_its_way = {"state": DeliveryState.SENDING.value, "message_ids": None, "part": 0}
        await connection.execute(update(deliveries).values(on_its_way))
    settlement = Settlement(row.id, DeliveryState.SENT, part=1, message_ids=(number,))
    ledger = cast("Deliveries", _SettledMeanwhile(paper.deliveries, settlement, paper.time.now))
    found = await PastEditions(ledger, paper.articles, CATEGORIES).sent_as(reader.id, number)
    assert found is not None
    assert found.id == row.id


async def test_an_edition_whose_row_was_deleted_has_no_stories(paper: Paper) -> None:
    await paper.article("Old", "motor", age=timedelta(hours=1))
    await paper.reader(7, "motor")
    row = await sent(paper)
    async with paper.db.writing() as connection:
        await connection.execute(delete(deliveries))
    assert await editions(paper).edition(row) == Edition(None, ())
