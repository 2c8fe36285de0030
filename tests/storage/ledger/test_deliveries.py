from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.util import await_only

from storage.db.database import Database
from storage.db.sqlite.engines import READERS
from storage.ledger.deliveries import UNWANTED, Deliveries
from storage.ledger.delivery_claims import UNCONFIRMED
from storage.ledger.plans import DueDecision, DueGroup, Plans
from storage.model import (
    DeliveryKind,
    DeliveryState,
    Form,
    NewSource,
    Settlement,
    State,
    Subscriber,
)
from storage.readers.subscribers import Subscribers
from storage.sources.sources import Sources
from storage.tables.ledger_schema import deliveries
from storage.tables.schema import articles
from tests.plugins.archive import registered, there

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sqlalchemy import Connection, Select


NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
PLANNED = DeliveryState.PLANNED
SENDING = DeliveryState.SENDING
SENT = DeliveryState.SENT
SKIPPED = DeliveryState.SKIPPED
FAILED = DeliveryState.FAILED


class Ledger:
    """A ledger with a few readers, in an archive of bare articles."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.deliveries = Deliveries(db)
        self.plans = Plans(db)
        self.subscribers = Subscribers(db)
        self.source_id = 0
        self.newest = 0

    async def reader(self, chat_id: int, *, zone: str = "UTC") -> Subscriber:
        made = await registered(self.subscribers, chat_id, NOW - DAY, zone=zone)
        await self.subscribers.follow(made.id, "motor", alerts=True)
        return await self.subscribers.change(made.id, next_at=NOW)

    async def archive_to(self, newest: int) -> None:
        """Fill the archive up to this id."""
        if not self.source_id:
            source = await Sources(self.db).add(NewSource("A", "https://a.example/feed"), NOW)
            self.source_id = source.id
        values = {
            "source_id": self.source_id,
            "title": "T",
            "standfirst": "",
            "published": NOW,
            "first_seen": NOW,
            "backlog": False,
            "categories": "motor",
            "words": " t ",
        }
        rows = [
            {"id": id_, "story_id": id_, "guid": str(id_), "link": f"https://a.example/{id_}"}
            for id_ in range(self.newest + 1, newest + 1)
        ]
        async with self.db.writing() as connection:
            await connection.execute(insert(articles), [{**values, **row} for row in rows])
        self.newest = newest

    async def plan(self, now: datetime = NOW, newest: int = 0, **more: Any) -> tuple[int, int]:  # noqa: ANN401
        """Plan what is due, in an archive up to this id."""
        if newest:
            await self.archive_to(newest)

        def decide(group: DueGroup) -> DueDecision:
            return DueDecision(group.next_at + DAY, group.next_at)

        since = await self.plans.waiting_since()
        return await self.plans.plan(now, decide, waiting_since=since, **more)

    async def known(self, reader: Subscriber) -> Subscriber:
        """Return a reader as stored by now."""
        return there(await self.subscribers.get(reader.id))

    async def column(self, name: str) -> list[Any]:
        """Return one column of all rows, in order of insertion."""
        async with self.db.reading() as connection:
            query = select(deliveries.c[name]).order_by(deliveries.c.id)
            return list((await connection.execute(query)).scalars())

    async def settle(self, *settlements: Settlement, **changes: Any) -> frozenset[int]:  # noqa: ANN401
        return await self.deliveries.commit(settle=settlements, now=NOW, **changes)


@pytest.fixture
def ledger(db: Database) -> Ledger:
    return Ledger(db)


async def test_without_due_subscribers_nothing_is_planned(ledger: Ledger) -> None:
    await ledger.reader(1)
    assert await ledger.plan(NOW - timedelta(seconds=1)) == (0, 0)


async def test_the_longest_due_are_planned_first_up_to_the_limit(ledger: Ledger) -> None:
    for chat_id in range(1, 6):
        reader = await ledger.reader(chat_id)
        await ledger.subscribers.change(reader.id, next_at=NOW - timedelta(minutes=chat_id))
    assert await ledger.plan(limit=2) == (2, 2)
    assert await ledger.column("due") == [NOW - timedelta(minutes=n) for n in (5, 4)]


async def test_subscribers_due_alike_share_one_decision(ledger: Ledger) -> None:
    for chat_id in range(1, 7):
        await ledger.reader(chat_id, zone="Europe/Rome" if chat_id % 2 else "UTC")
    asked: list[str] = []

    def decide(group: DueGroup) -> DueDecision:
        asked.append(group.zone)
        return DueDecision(NOW + DAY, NOW)

    assert await ledger.plans.plan(NOW, decide) == (6, 6)
    assert sorted(asked) == ["Europe/Rome", "UTC"]


async def test_a_due_time_is_planned_once_even_if_the_clock_is_set_back(ledger: Ledger) -> None:
    reader = await ledger.reader(1)
    await ledger.plan()
    await ledger.subscribers.change(reader.id, next_at=NOW)
    assert await ledger.plan() == (1, 0)
    assert await ledger.column("state") == ["planned"]


async def test_a_plan_that_fails_leaves_no_trace(ledger: Ledger) -> None:
    await ledger.archive_to(3)
    reader = await ledger.reader(1)
    await ledger.reader(2, zone="Europe/Rome")

    def decide(group: DueGroup) -> DueDecision:
        if group.zone == "UTC":
            return DueDecision(NOW + DAY, NOW)
        raise RuntimeError("a defect")

    with pytest.raises(RuntimeError):
        await ledger.plans.plan(NOW, decide)
    after = await ledger.known(reader)
    assert (after.next_at, after.place) == (NOW, 0)
    assert await ledger.column("id") == []


async def test_waiting_editions_that_adjoin_the_next_are_merged(ledger: Ledger) -> None:
    await ledger.reader(1)
    for day in range(3):
        await ledger.archive_to(10 * (day + 1))
        await ledger.plan(NOW + day * DAY)
    assert await ledger.column("state") == ["skipped", "skipped", "planned"]
    assert (await ledger.column("place_from"))[2] == 0
    assert (await ledger.column("kind"))[2] == "catch-up"


async def test_an_edition_waiting_behind_a_sent_one_is_not_merged(ledger: Ledger) -> None:
    await ledger.reader(1)
    await ledger.plan(newest=10)
    await ledger.deliveries.commit(claim=[1], now=NOW)  # in flight while the next is planned
    await ledger.plan(NOW + DAY, newest=20)
    await ledger.settle(Settlement(2, SENT), Settlement(1, PLANNED))
    await ledger.plan(NOW + 2 * DAY, newest=30)
    assert await ledger.column("state") == ["planned", "sent", "planned"]
    assert await ledger.column("place_from") == [0, 10, 20]


async def test_a_partly_sent_edition_is_not_merged(ledger: Ledger) -> None:
    await ledger.reader(1)
    await ledger.plan()
    await ledger.deliveries.commit(claim=[1], now=NOW)
    await ledger.settle(Settlement(1, PLANNED, part=1))
    await ledger.plan(NOW + DAY)
    assert await ledger.column("state") == ["planned", "planned"]


async def test_rows_come_in_the_order_of_their_time_page_by_page(ledger: Ledger) -> None:
    for chat_id in range(1, 8):
        reader = await ledger.reader(chat_id)
        at = NOW - timedelta(minutes=chat_id % 3)
        await ledger.subscribers.change(reader.id, next_at=at)
    await ledger.plan()
    seen: list[datetime] = []
    ids: list[int] = []
    cursor = None
    for _ in range(4):
        page = await ledger.deliveries.peek(NOW, limit=3, after=cursor)
        seen += [row.due for row in page]
        ids += [row.id for row in page]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == sorted(seen)
    assert sorted(ids) == list(range(1, 8))


async def test_a_row_is_claimed_once(ledger: Ledger) -> None:
    await ledger.reader(1)
    await ledger.plan()
    assert await ledger.deliveries.commit(claim=[1, 99], now=NOW) == {1}
    assert await ledger.deliveries.commit(claim=[1], now=NOW) == frozenset()
    assert await ledger.deliveries.commit(claim=[1], now=NOW, again=True) == {1}


async def test_the_form_is_noted_before_the_request(ledger: Ledger) -> None:
    for chat_id in (1, 2, 3):
        await ledger.reader(chat_id)
    await ledger.plan()
    forms = {1: Form.PICTURED, 2: Form.RICH, 99: Form.RICH}
    claimed = await ledger.deliveries.commit(claim=[1, 2, 3, 99], forms=forms, now=NOW)
    assert claimed == {1, 2, 3}

    async def noted() -> list[Form | None]:
        rows = [await ledger.deliveries.get(number) for number in (1, 2, 3)]
        return [row.form for row in rows if row is not None]

    assert await noted() == [Form.PICTURED, Form.RICH, None]
    await ledger.settle(
        Settlement(1, DeliveryState.SENDING, form=Form.RICH), Settlement(2, PLANNED)
    )
    assert await noted() == [Form.RICH, Form.RICH, None]
    # After a crash now, the next process knows the form.
    await ledger.deliveries.recover()
    await ledger.deliveries.commit(claim=[1, 2], forms={2: Form.HTML}, now=NOW)
    assert await noted() == [Form.RICH, Form.HTML, None]


async def test_a_postponed_row_is_not_read_before_its_time(ledger: Ledger) -> None:
    await ledger.reader(1)
    await ledger.plan()
    later = NOW + timedelta(minutes=3)
    await ledger.settle(Settlement(1, PLANNED, not_before=later, error="flood"))
    assert list(await ledger.deliveries.peek(NOW, limit=5)) == []
    assert await ledger.deliveries.next_time() == later
    assert await ledger.deliveries.next_time(kind=DeliveryKind.ALERT) is None
    assert len(await ledger.deliveries.peek(later, limit=5)) == 1


async def test_a_final_settlement_is_never_changed(ledger: Ledger) -> None:
    await ledger.reader(1)
    await ledger.plan()
    await ledger.settle(Settlement(1, SENT, part=1, message_ids=(5,)), shown={1: "[3]"})
    await ledger.settle(Settlement(1, FAILED, error="late"))
    assert await ledger.column("state") == ["sent"]
    assert await ledger.column("error") == [None]
    assert await ledger.column("articles") == ["[3]"]
    assert await ledger.deliveries.messages(1) == (5,)


async def test_the_messages_of_the_parts_that_are_sent_are_not_forgotten(ledger: Ledger) -> None:
    await ledger.reader(1)
    await ledger.plan()
    await ledger.settle(Settlement(1, SENDING, part=2, message_ids=(5, 6)), shown={1: "[3,4]"})
    assert await ledger.deliveries.is_sending()
    await ledger.settle(Settlement(1, PLANNED, part=2))
    assert not await ledger.deliveries.is_sending()
    row = there(await ledger.deliveries.get(1))
    assert row.part == 2
    assert await ledger.deliveries.messages(1) == (5, 6)
    assert await ledger.column("articles") == ["[3,4]"]


@pytest.mark.parametrize(
    ("settlement", "given_back"),
    [
        (Settlement(1, SENT), False),
        (Settlement(1, SKIPPED), False),  # there was nothing
        (Settlement(1, SKIPPED, error=UNWANTED), True),
        (Settlement(1, FAILED, error="blocked"), True),
        (Settlement(1, FAILED, error=UNCONFIRMED), False),  # it may have arrived
        (Settlement(1, FAILED, part=1, error="blocked"), False),
    ],
    ids=str,
)
async def test_undelivered_stories_go_to_the_next_edition(
    ledger: Ledger, settlement: Settlement, *, given_back: bool
) -> None:
    reader = await ledger.reader(1)
    await ledger.plan(newest=7)
    await ledger.settle(settlement)
    after = await ledger.known(reader)
    assert after.place == (0 if given_back else 7)


async def test_stories_before_a_later_edition_are_not_given_back(ledger: Ledger) -> None:
    reader = await ledger.reader(1)
    await ledger.plan(newest=7)
    await ledger.deliveries.commit(claim=[1], now=NOW)
    await ledger.plan(NOW + DAY, newest=9)
    await ledger.settle(Settlement(1, FAILED, error="blocked"))
    after = await ledger.known(reader)
    assert after.place == 9


async def test_only_what_was_in_flight_is_recovered(ledger: Ledger) -> None:
    for chat_id in range(1, 5):
        await ledger.reader(chat_id)
    await ledger.plan()
    await ledger.deliveries.commit(claim=[1, 2], settle=[Settlement(3, SENT)], now=NOW)
    assert await ledger.deliveries.recover() == 2
    assert await ledger.column("state") == ["planned", "planned", "sent", "planned"]
    assert await ledger.column("attempts") == [1, 1, 0, 0]


async def test_rows_of_stopped_readers_are_skipped(ledger: Ledger) -> None:
    for chat_id in (1, 2, 3):
        await ledger.reader(chat_id)
    await ledger.plan()
    await ledger.subscribers.change(1, state=State.STOPPED)
    await ledger.subscribers.change(2, paused_until=NOW + DAY)
    page = await ledger.deliveries.peek(NOW, limit=10)
    assert [row.subscriber_id for row in page] == [3]
    assert [row.subscriber_id for row in page.unwanted] == [1, 2]


async def test_a_late_edition_covers_newer_articles_too(ledger: Ledger) -> None:
    reader = await ledger.reader(1)
    await ledger.plan(newest=5)
    await ledger.archive_to(8)
    await ledger.plans.plan_late([1], NOW + DAY)
    row = await ledger.deliveries.get(1)
    after = await ledger.subscribers.get(reader.id)
    assert row is not None
    assert after is not None
    assert (row.kind, row.due, row.place_to) == (DeliveryKind.CATCH_UP, NOW + DAY, 8)
    assert after.place == 8


async def test_a_late_edition_does_not_grow_into_a_later_one(ledger: Ledger) -> None:
    reader = await ledger.reader(1)
    await ledger.plan(newest=5)
    await ledger.deliveries.commit(claim=[1], now=NOW)
    await ledger.archive_to(8)
    await ledger.plans.plan_now(reader.id, NOW, hold=NOW)
    await ledger.settle(Settlement(1, PLANNED))
    await ledger.archive_to(9)
    await ledger.plans.plan_late([1], NOW + DAY)
    assert await ledger.column("place_to") == [5, 8]


class _Held(Plans):
    """A ledger that pauses inside a transaction after writing its rows."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.has_written = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def insert_rows(self, connection: Connection, chosen: Select[Any], *more: str) -> int:
        written = super().insert_rows(connection, chosen, *more)
        if connection.dialect.name == "postgresql":
            # In the event loop's thread.
            await_only(self._pause())
        else:
            asyncio.run_coroutine_threadsafe(self._pause(), self._loop).result()
        return written

    async def _pause(self) -> None:
        self.has_written.set()
        await self.may_go_on.wait()


async def _at_once(
    db: Database,
    held: _Held,
    first: Coroutine[Any, Any, object],
    second: Coroutine[Any, Any, object],
) -> None:
    """Run `first` on the paused ledger, and `second` during its transaction."""
    both = [asyncio.create_task(first)]
    await held.has_written.wait()
    both.append(asyncio.create_task(second))
    if db.dialect == "postgresql":
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        async with db.reading() as connection:
            while not (both[1].done() or await connection.scalar(waiting)):  # noqa: ASYNC110 - nothing there could wake us
                await asyncio.sleep(0.001)
    held.may_go_on.set()
    await asyncio.gather(*both)


async def test_a_requested_edition_during_planning_repeats_no_story(ledger: Ledger) -> None:
    reader = await ledger.reader(1)
    await ledger.archive_to(5)
    held = _Held(ledger.db)
    await _at_once(
        ledger.db,
        held,
        held.plan(NOW, lambda _: DueDecision(NOW + DAY, NOW)),
        ledger.plans.plan_now(reader.id, NOW, hold=NOW),
    )
    assert await ledger.column("state") == ["skipped", "planned"]
    assert await ledger.column("place_from") == [0, 0]


async def test_a_late_edition_does_not_grow_into_a_requested_one(ledger: Ledger) -> None:
    reader = await ledger.reader(1)
    await ledger.plan(newest=5)
    await ledger.archive_to(8)
    held = _Held(ledger.db)
    await _at_once(
        ledger.db,
        held,
        held.plan_now(reader.id, NOW + DAY, hold=NOW + DAY),
        ledger.plans.plan_late([1], NOW + DAY),
    )
    assert await ledger.column("state") == ["skipped", "planned"]
    assert await ledger.column("place_from") == [0, 0]
    assert await ledger.column("place_to") == [5, 8]


async def test_a_story_of_an_edition_being_planned_is_not_alerted(ledger: Ledger) -> None:
    await ledger.reader(1)
    await ledger.archive_to(5)
    held = _Held(ledger.db)
    alerts = ledger.plans.plan_alerts(
        5,
        ["motor"],
        [5],
        NOW,
        wanted=bool,
        wait=lambda *_: None,
        day=lambda _zone, at: (at, at + DAY),
    )
    plan = held.plan(NOW, lambda _: DueDecision(NOW + DAY, NOW))
    await _at_once(ledger.db, held, plan, alerts)
    assert await ledger.column("kind") == [DeliveryKind.EDITION]


async def test_a_requested_row_is_not_claimed_before_its_release(ledger: Ledger) -> None:
    reader = await ledger.reader(1)
    id_ = await ledger.plans.plan_now(reader.id, NOW, hold=NOW + timedelta(minutes=2))
    assert list(await ledger.deliveries.peek(NOW, limit=5)) == []
    assert len(await ledger.deliveries.peek(NOW + timedelta(minutes=2), limit=5)) == 1
    assert await ledger.deliveries.commit(claim=[id_], now=NOW) == {id_}


async def test_an_unknown_subscriber_cannot_request_an_edition(ledger: Ledger) -> None:
    with pytest.raises(LookupError):
        await ledger.plans.plan_now(99, NOW, hold=NOW)


async def test_tastes_are_found_by_key(ledger: Ledger) -> None:
    reader = await ledger.reader(1)
    await ledger.plan()
    row = await ledger.deliveries.get(1)
    current = await ledger.subscribers.get(reader.id)
    assert row is not None
    assert current is not None
    found = await ledger.deliveries.tastes([row.taste_key, "nobody's"])
    assert found == {row.taste_key: current.taste}


async def test_earlier_alerts_are_found_for_each_reader(ledger: Ledger) -> None:
    first = await ledger.reader(1)
    second = await ledger.reader(2)
    await ledger.archive_to(4)
    everybody: Callable[[str], bool] = bool
    planned = await ledger.plans.plan_alerts(
        4,
        ["motor"],
        [4],
        NOW,
        wanted=everybody,
        wait=lambda *_: None,
        day=lambda _zone, at: (at, at + DAY),
    )
    assert planned == 2
    await ledger.settle(Settlement(2, FAILED, error="blocked"))
    assert await ledger.deliveries.alerted([first.id, second.id], NOW - DAY) == {
        (await ledger.column("subscriber_id"))[0]: frozenset({4})
    }
    assert await ledger.deliveries.alerted([first.id], NOW + DAY) == {}


NOTE = text("INSERT INTO meta (key, value) VALUES (:key, 'x')")


async def keys(database: Database) -> list[str]:
    async with database.reading() as connection:
        rows = await connection.execute(text("SELECT key FROM meta WHERE value = 'x' ORDER BY key"))
        return list(rows.scalars())


def note(key: str) -> Callable[[Connection], int]:
    return lambda connection: connection.execute(NOTE, {"key": key}).rowcount


async def test_a_function_at_once_is_committed_or_rolled_back_as_a_whole(db: Database) -> None:
    def twice(connection: Connection) -> None:
        note("b")(connection)
        note("a")(connection)

    assert await db.write(note("a")) == 1
    with pytest.raises(IntegrityError):
        await db.write(twice)
    with pytest.raises(DBAPIError, match="nowhere"):
        await db.write(lambda connection: connection.execute(text("SELECT 1 FROM nowhere")))
    assert await keys(db) == ["a"]


async def test_a_writer_waits_for_a_cancelled_one_to_finish(lite: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        note("a")(connection)
        begun.set()
        go_on.wait()

    task = asyncio.create_task(lite.write(slow))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    next_ = asyncio.create_task(lite.write(note("b")))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not task.done()
    assert not next_.done()
    # Nor does cancelling it once more leave a transaction to itself.
    task.cancel()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await next_ == 1
    assert await keys(lite) == ["a", "b"]


async def test_a_write_cancelled_before_its_turn_does_not_start(lite: Database) -> None:
    go_on = threading.Event()
    asked: list[str] = []
    holding = [asyncio.create_task(lite.read(lambda _: go_on.wait())) for _ in range(READERS)]
    for _ in range(5):
        await asyncio.sleep(0)
    task = asyncio.create_task(lite.read(lambda _: asked.append("late")))
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await asyncio.gather(*holding)
    await lite.read(lambda _: asked.append("later"))
    assert asked == ["later"]


async def test_at_once_on_a_closed_database_raises(sqlite_url: str) -> None:
    with pytest.raises(RuntimeError, match="not open"):
        await Database(sqlite_url).write(lambda _: None)
