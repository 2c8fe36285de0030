"""Corrections while Telegram answers some requests with errors, and while it answers none."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from telegram.error import NetworkError

from digest.correcting.corrector import IN_FLIGHT, OUTAGE
from digest.correcting.edit_errors import PAUSES, TRIES
from digest.correcting.shared_cards import SharedCards
from digest.making.request_body import RequestBody
from playground.faults import Fault
from storage.articles.articles import Articles
from storage.db.outage import DatabaseFailure, DatabaseUnavailableError
from storage.desk.corrections import Corrections
from storage.model import Grade
from tests.digest.correcting.conftest import RIGHT, WRONG, CountingOutbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.people.people import Person
    from storage.desk.corrections import EditOutcome
    from tests.digest.correcting.conftest import Desk


async def delivered(desk: Desk, number: int) -> tuple[list[Person], int]:
    """Deliver a story to so many readers; return them and the story."""
    people = await desk.people(number)
    wrong = await desk.article(WRONG)
    await desk.morning()
    return people, wrong


async def test_one_failure_delays_only_its_own_copy_also_through_restarts(desk: Desk) -> None:
    people, wrong = await delivered(desk, 60)
    outbox = CountingOutbox(desk.telegram)
    faults = [
        Fault(status=502, times=None),
        Fault(reset=True, times=None),
        Fault(reset=True, times=None, after_delivery=True),
    ]
    desk.town.faults.mix(0.2, seed=7, kinds=faults)
    await desk.amend(wrong)

    await desk.new_corrector(outbox=outbox, in_flight=4).drain()

    hits = sum(fault.hits for fault in faults)
    found = await desk.last()
    assert 4 < hits == found.waiting
    assert found.changed == len(people) - hits == outbox.edited.total()

    while not (found := await desk.last()).done:
        desk.time.pass_(seconds=PAUSES.pause(0))
        await desk.new_corrector(outbox=outbox, in_flight=4).drain()
    assert (found.changed, found.failed) == (len(people), {})
    assert all(RIGHT in person.chat.messages[-1].text for person in people)
    hits = sum(fault.hits for fault in faults)
    assert outbox.asked.total() == len(people) + hits
    assert set(outbox.edited.values()) == {1}


async def test_a_delay_grows_and_is_over_when_its_time_has_come(desk: Desk) -> None:
    (ana, *_), wrong = await delivered(desk, 3)
    fault = desk.town.faults.add(chat_id=ana.id, status=502, times=3)
    await desk.amend(wrong)
    for tries in range(3):
        await desk.corrector.drain()
        assert fault.hits == tries + 1
        desk.time.pass_(seconds=PAUSES.pause(tries) - 0.1)
        await desk.corrector.drain()
        assert fault.hits == tries + 1
        desk.time.pass_(seconds=0.1)
    await desk.corrector.drain()
    assert RIGHT in ana.chat.messages[-1].text


async def test_while_nothing_gets_through_one_copy_at_a_time_is_tried(desk: Desk) -> None:
    people, wrong = await delivered(desk, 100)
    outage = desk.town.faults.add(method="editMessageText", status=502, times=None)
    await desk.amend(wrong)

    await desk.corrector.drain()
    first = outage.hits
    assert OUTAGE <= first < OUTAGE + IN_FLIGHT < len(people)
    await desk.corrector.drain()
    assert outage.hits == first
    desk.time.pass_(seconds=1)
    await desk.corrector.drain()
    assert outage.hits == first + 1

    desk.town.faults.clear()
    assert (await desk.correct()).changed == len(people)


async def test_a_wait_that_telegram_asks_for_is_no_outage_and_no_try(desk: Desk) -> None:
    (ana, *others), wrong = await delivered(desk, 20)
    fault = desk.town.faults.add(chat_id=ana.id, retry_after=7, times=TRIES + 1)
    await desk.amend(wrong)
    await desk.corrector.drain()
    assert all(RIGHT in person.chat.messages[-1].text for person in others)
    for _ in range(TRIES):
        desk.time.pass_(seconds=8)
        await desk.corrector.drain()
    assert fault.hits == TRIES + 1
    assert (await desk.correct()).failed == {}
    assert RIGHT in ana.chat.messages[-1].text


async def test_a_copy_that_gets_no_answer_for_a_day_is_given_up_and_counted(desk: Desk) -> None:
    (ana, *_), wrong = await delivered(desk, 3)
    fault = desk.town.faults.add(chat_id=ana.id, status=502, times=None)
    await desk.amend(wrong)
    begun = desk.time.now
    for tries in range(TRIES):
        assert (await desk.last()).done is None
        await desk.new_corrector().drain()
        desk.time.pass_(seconds=PAUSES.pause(tries))
    found = await desk.last()
    assert (found.changed, found.failed, found.waiting) == (2, {"unreached": 1}, 0)
    assert found.done is not None
    assert 0.9 < (found.done - begun).days + (found.done - begun).seconds / 86_400 < 1.1
    assert fault.hits == TRIES


async def test_the_first_messages_of_a_copy_are_not_edited_again_if_a_later_one_fails(
    desk: Desk,
) -> None:
    ana = await desk.person("Ana")
    ids = await desk.long_stories()
    await desk.morning()
    (row,) = await desk.ledger()
    messages = await desk.deliveries.messages(row.id)
    assert len(messages) > 1
    for number in ids:
        await desk.amend(number, f"New {number}", Grade.TYPO)

    class SecondFails(CountingOutbox):
        async def edit(self, chat_id: int, message_id: int, payload: RequestBody) -> None:
            if message_id == messages[1] and not self.asked[chat_id, message_id]:
                desk.town.faults.add(method="editMessageText", status=502)
            await super().edit(chat_id, message_id, payload)

    outbox = SecondFails(desk.telegram)
    desk.corrector = desk.new_corrector(outbox=outbox)
    await desk.correct()

    assert outbox.asked[ana.id, messages[0]] == 1
    assert outbox.asked[ana.id, messages[1]] == 2
    assert set(outbox.edited.values()) == {1}
    assert await desk.corrections.open() == []


async def test_a_copy_that_shows_two_corrections_is_edited_once(desk: Desk) -> None:
    people, wrong = await delivered(desk, 5)
    outbox = CountingOutbox(desk.telegram)
    desk.corrector = desk.new_corrector(outbox=outbox)
    await desk.amend(wrong)
    await desk.withdraw(wrong, "No deal.")

    await desk.correct()

    assert outbox.asked.total() == len(people)
    assert [each.changed for each in await desk.corrections.listed(limit=9)] == [5, 5]
    assert all("Withdrawn: No deal." in person.chat.messages[-1].text for person in people)


async def test_copies_that_were_delayed_when_their_correction_is_undone_end_as_they_were(
    desk: Desk,
) -> None:
    people, wrong = await delivered(desk, 5)
    before = people[0].chat.messages[-1].text
    for person in people[:2]:
        desk.town.faults.add(chat_id=person.id, reset=True, after_delivery=person is people[0])
    done = await desk.amend(wrong)
    await desk.corrector.drain()
    assert RIGHT in people[0].chat.messages[-1].text

    await desk.take_back(done.act)
    await desk.correct()

    assert {person.chat.messages[-1].text for person in people} == {before}
    assert await desk.corrections.open() == []


class OnceUnavailable(Corrections):
    """Cannot be written at the first try."""

    tries = 0

    async def settle(self, outcomes: Sequence[EditOutcome]) -> None:
        self.tries += 1
        if self.tries == 1:
            raise DatabaseUnavailableError(DatabaseFailure("it is away", "Wait."))
        await super().settle(outcomes)


async def test_what_could_not_be_recorded_is_recorded_later_and_not_edited_again(
    desk: Desk,
) -> None:
    people, wrong = await delivered(desk, 100)
    outbox = CountingOutbox(desk.telegram)
    corrections = OnceUnavailable(desk.db)
    desk.corrector = desk.new_corrector(outbox=outbox, corrections=corrections)
    await desk.amend(wrong)

    with pytest.raises(DatabaseUnavailableError):
        await desk.corrector.drain()
    assert (await desk.correct()).changed == len(people)

    assert outbox.asked.total() == len(people)


class SharedMessages:
    """Three cards of one story that readers sent to friends."""

    async def of_article(self, _: int) -> list[InlineCard]:
        return [InlineCard(str(number)) for number in range(3)]


class InlineCard:
    """A card that a reader sent."""

    def __init__(self, inline_message_id: str) -> None:
        self.inline_message_id = inline_message_id


class InlineOutbox:
    """Fails once for each card but the first."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    async def edit_inline(self, inline_message_id: str, _: RequestBody) -> None:
        self.asked[inline_message_id] += 1
        if inline_message_id != "0" and self.asked[inline_message_id] == 1:
            raise NetworkError("the connection was cut")


async def test_a_shared_card_that_got_no_answer_is_edited_later(desk: Desk) -> None:
    _, wrong = await delivered(desk, 3)
    outbox = InlineOutbox()
    shared = SharedCards(
        desk.corrections,
        SharedMessages(),  # type: ignore[arg-type]  # stands for the table
        Articles(desk.db),
        card=lambda *_: RequestBody(b"text=x", "x"),
        outbox=outbox,
        rate_limiter=desk.rate_limiter,
        clock=desk.time,
    )
    desk.corrector = desk.new_corrector(shared=shared)
    await desk.amend(wrong)
    await desk.corrector.drain()
    assert (await desk.last()).done is None
    await desk.correct()
    assert (await desk.last()).done is not None
    assert outbox.asked == {"0": 1, "1": 2, "2": 2}
