"""Copies whose delivery is recorded only after the search for the copies of a correction."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text
from telegram.error import RetryAfter

from storage.ledger.deliveries import Deliveries
from storage.model import Grade
from storage.tables.correction_schema import correction_copies
from storage.tables.ledger_schema import deliveries
from tests.digest.correcting.conftest import RIGHT, WRONG

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.making.request_body import RequestBody
    from storage.db.database import Database
    from storage.model import Settlement
    from tests.digest.correcting.conftest import Desk


class LateLedger(Deliveries):
    """A ledger whose settlements or claims keep their time, and wait until a test lets them."""

    def __init__(self, db: Database, *, claims: bool = False) -> None:
        super().__init__(db)
        self._claims = claims
        self.reached = asyncio.Event()
        self.let_through = asyncio.Event()

    async def commit(
        self,
        *,
        claim: Collection[int] = (),
        settle: Sequence[Settlement] = (),
        **rest: Any,  # noqa: ANN401 - of Deliveries.commit
    ) -> frozenset[int]:
        if claim if self._claims else settle:
            self.reached.set()
            await self.let_through.wait()
        return await super().commit(claim=claim, settle=settle, **rest)


def use(desk: Desk, ledger: LateLedger) -> None:
    """Let the desk's newspaper be sent with this ledger."""
    desk.deliveries = ledger
    desk.sender = desk.new_sender(outbox=desk.telegram, rich=desk.rich)


@pytest.mark.parametrize("claims", [False, True], ids=["sent before", "sent after"])
@pytest.mark.parametrize("minutes", [0, 30])
async def test_a_message_made_before_a_correction_is_corrected_however_late_it_is_recorded(
    desk: Desk, minutes: int, *, claims: bool
) -> None:
    people = [await desk.person(name) for name in ("Ana", "Bea", "Carl")]
    wrong = await desk.article(WRONG)
    ledger = LateLedger(desk.db, claims=claims)
    use(desk, ledger)
    sending = asyncio.create_task(desk.morning())
    await ledger.reached.wait()

    await desk.amend(wrong)
    await desk.corrector.drain()
    desk.time.pass_(minutes=minutes)
    await desk.corrector.drain()
    ledger.let_through.set()
    await sending
    await desk.corrector.drain()
    await desk.corrector.drain()

    correction = await desk.correct()
    assert all(RIGHT in person.chat.messages[-1].text for person in people)
    assert (correction.changed, correction.failed, correction.waiting) == (len(people), {}, 0)
    assert correction.done is not None
    edits = [each for each in desk.town.requests if each.method == "editMessageText"]
    assert len(edits) == len(people)


class FloodedOutbox:
    """Sends everything but the second message, which must wait at its first try."""

    def __init__(self, desk: Desk) -> None:
        self._telegram = desk.telegram
        self._tries = 0

    async def send(self, chat_id: int, thread_id: int, payload: RequestBody) -> int:
        self._tries += 1
        if self._tries == 2:
            raise RetryAfter(60)
        return await self._telegram.send(chat_id, thread_id, payload)


async def test_the_first_message_is_corrected_when_the_second_was_made_after_the_correction(
    desk: Desk,
) -> None:
    ana = await desk.person("Ana")
    await desk.long_stories()
    desk.sender = desk.new_sender(outbox=FloodedOutbox(desk), rich=desk.rich)
    await desk.morning()
    (row,) = await desk.ledger()
    assert (row.part, len(await desk.deliveries.messages(row.id))) == (1, 1)
    sent = ana.chat.messages[-1].text
    first = (await desk.deliveries.shown(row.id))[0]

    await desk.amend(first, grade=Grade.TYPO)
    await desk.corrector.drain()
    desk.time.pass_(minutes=2)
    # A new process makes the rest of the edition with the new texts.
    desk.sender = desk.new_sender(outbox=desk.telegram, rich=desk.rich)
    await desk.sender.drain()
    count = len(await desk.deliveries.messages(row.id))
    await desk.correct()

    assert count > 1
    assert RIGHT not in sent
    assert RIGHT in ana.chat.messages[-count].text


async def test_a_story_sent_after_its_withdrawal_was_undone_is_not_edited(desk: Desk) -> None:
    await desk.person("Ana")
    article = await desk.article(WRONG)
    done = await desk.withdraw(article, "No.")
    await desk.take_back(done.act)
    await desk.corrector.drain()

    await desk.morning()

    query = select(func.count()).select_from(correction_copies)
    async with desk.db.reading() as connection:
        assert (await connection.execute(query)).scalar_one() == 0
        sent = select(func.count()).where(deliveries.c.message_ids.is_not(None))
        assert (await connection.execute(sent)).scalar_one() == 1


async def test_a_correction_waits_for_a_delivery_that_is_just_being_recorded(desk: Desk) -> None:
    if desk.db.dialect != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    ana = await desk.person("Ana")
    wrong = await desk.article(WRONG)
    ledger = LateLedger(desk.db)
    use(desk, ledger)
    sending = asyncio.create_task(desk.morning())
    await ledger.reached.wait()

    async with desk.db.writing() as other:
        await other.execute(select(deliveries.c.id).with_for_update())
        ledger.let_through.set()
        assert await waiters(other, 1, sending)
        correcting = asyncio.create_task(desk.amend(wrong))
        assert await waiters(other, 2, correcting)
    await sending
    await correcting
    correction = await desk.correct()

    assert RIGHT in ana.chat.messages[-1].text
    assert (correction.changed, correction.waiting) == (1, 0)


async def waiters(connection: AsyncConnection, number: int, task: asyncio.Task[Any]) -> bool:
    """Wait until this many sessions wait for a lock; return False if the task ends before."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while (await connection.execute(query)).scalar_one() < number:
        if task.done():
            return False
        await asyncio.sleep(0)
        # The view is read once a transaction.
        await connection.execute(text("SELECT pg_stat_clear_snapshot()"))
    return True
