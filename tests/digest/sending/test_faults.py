"""Random mixtures of all faults of Telegram and of the machine."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from digest.pacing.reachability import TelegramLine
from digest.sending.ledger_writer import LedgerWriter
from storage.ledger.delivery_stats import Ledger
from storage.model import ChatKind, DeliveryState, Settlement, State
from tests.digest.conftest import MONDAY

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from digest.making.request_body import RequestBody
    from storage.model import Delivery
    from tests.digest.conftest import Paper, StandingTime

READERS = 150
SEEDS = {"sqlite": 0, "postgresql": 1}
"""A random seed for each database."""
MOVED = -1_000_000
CLOSED: list[TelegramError] = [
    Forbidden("Forbidden: bot was blocked by the user"),
    Forbidden("Forbidden: user is deactivated"),
    BadRequest("Chat not found"),
]


class MoodyTelegram:
    """A fake of Telegram that fails at random and knows the right state of each chat."""

    def __init__(self, seed: int, time: StandingTime) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - dice, no secret
        self.time = time
        self.arrived: Counter[int] = Counter()
        self.unclear: Counter[int] = Counter()
        self.closed: set[int] = set()
        self.moved: set[int] = set()
        self.until: dict[int, datetime] = {}

    async def send(self, chat_id: int, thread_id: int, payload: RequestBody) -> int:
        del thread_id, payload
        await asyncio.sleep(0)
        if chat_id in self.until:
            assert self.time.now >= self.until[chat_id], "written to before the time was over"
        assert chat_id not in self.closed, "written to although it is closed"
        assert chat_id not in self.moved, "written to under its old id"
        error = self.mood(chat_id)
        if error is not None:
            raise error
        self.arrived[chat_id] += 1
        return self.arrived.total()

    def mood(self, chat_id: int) -> TelegramError | None:
        """Return the fault of a request, or None if it succeeds."""
        kind = self.dice.choices(
            ["well", "flood", "closed", "moved", "cut", "unclear", "refused"],
            [70, 8, 5, 5, 4, 5, 3],
        )[0]
        error: TelegramError | None = None
        if kind == "flood":
            seconds = self.dice.randint(1, 40)
            self.until[chat_id] = self.time.now + timedelta(seconds=seconds)
            error = RetryAfter(seconds)
        elif kind == "closed":
            self.closed.add(chat_id)
            error = self.dice.choice(CLOSED)
        elif kind == "moved" and MOVED < chat_id < 0:
            self.moved.add(chat_id)
            error = ChatMigrated(MOVED + chat_id)
        elif kind == "cut":
            error = NetworkError("Bad Gateway")
        elif kind == "unclear":
            self.unclear[chat_id] += 1
            self.arrived[chat_id] += self.dice.randint(0, 1)
            error = TimedOut()
        elif kind == "refused":
            error = BadRequest("Can't parse entities: unsupported start tag")
        return error


async def test_each_delivery_ends_in_the_right_state_and_is_sent_once(paper: Paper) -> None:
    telegram = MoodyTelegram(SEEDS[paper.db.dialect], paper.time)
    await paper.article("Through thick and thin")
    await paper.crowd(*(number for number in range(1, READERS + 1) if number % 3))
    await paper.crowd(*range(-3, -READERS - 1, -3), kind=ChatKind.GROUP)
    await paper.planner.plan_due(paper.time.now)
    sender = paper.new_sender()
    sender._delivery_sender._outbox = telegram
    for _ in range(400):
        await sender.drain()
        if not await paper.deliveries.next_time():
            break
        paper.time.pass_(seconds=7)
    rows = {row.chat_id: row for row in await paper.ledger()}
    assert len(rows) == READERS
    unconfirmed = 0
    for chat_id, row in rows.items():
        old = chat_id - MOVED if chat_id < MOVED else chat_id
        unclear = telegram.unclear[chat_id] + (telegram.unclear[old] if old != chat_id else 0)
        arrived = telegram.arrived[chat_id] + (telegram.arrived[old] if old != chat_id else 0)
        whose = await paper.subscriber(row.subscriber_id)
        if chat_id in telegram.closed:
            assert row.state is DeliveryState.FAILED
            assert whose.state is State.GONE
            continue
        assert whose.state is State.ACTIVE
        if row.state is DeliveryState.SENT:
            assert 1 <= arrived <= 1 + unclear
        else:
            assert row.state is DeliveryState.FAILED
            assert unclear == 2
            unconfirmed += 1
    day = await Ledger(paper.db).day(MONDAY, MONDAY + timedelta(days=1))
    assert day.errors.get(("unconfirmed", DeliveryState.FAILED), 0) == unconfirmed
    assert not set(rows) & telegram.moved


async def test_repeated_kills_miss_nobody_and_duplicate_few(paper: Paper) -> None:
    dice = random.Random(SEEDS[paper.db.dialect])  # noqa: S311 - dice, no secret
    in_flight = 20
    arrived: Counter[int] = Counter()
    under_way: set[int] = set()

    class Telegram:
        async def send(self, chat_id: int, thread_id: int, payload: RequestBody) -> int:
            del thread_id, payload
            under_way.add(chat_id)
            await asyncio.sleep(0)
            arrived[chat_id] += 1
            await asyncio.sleep(0)
            under_way.discard(chat_id)
            return arrived.total()

    await paper.article("Against all odds")
    await paper.crowd(*range(1, READERS + 1))
    await paper.planner.plan_due(paper.time.now)
    deaths = 0
    while await paper.deliveries.next_time():
        paper.time.pass_(seconds=60)
        sender = paper.new_sender(in_flight=in_flight)
        sender._delivery_sender._outbox = Telegram()
        running = asyncio.create_task(sender.run(asyncio.Event()))
        lives_until = arrived.total() + dice.randint(1, 90)
        while arrived.total() < lives_until and await paper.deliveries.next_time():  # noqa: ASYNC110 - the ledger is asked each time
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await asyncio.gather(*sender._under_way, return_exceptions=True)
        await paper.deliveries.recover()
        deaths += 1
    assert set(arrived) == set(range(1, READERS + 1))
    assert arrived.total() - READERS <= deaths * in_flight
    assert set(await paper.states()) == {DeliveryState.SENT}


class FlakyLedger:
    """A ledger whose database goes away for a while."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.settled: list[int] = []
        self.again: list[bool] = []

    async def commit(
        self,
        *,
        claim: Collection[int],
        settle: Sequence[Settlement],
        again: bool,
        **rest: object,
    ) -> frozenset[int]:
        del rest
        await asyncio.sleep(0)
        self.again.append(again)
        if self.failures:
            self.failures -= 1
            raise OperationalError("COMMIT", {}, Exception("gone away"))
        self.settled += [each.delivery_id for each in settle]
        return frozenset(claim)


async def test_sent_deliveries_are_recorded_after_an_outage(
    standing_time: StandingTime, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = FlakyLedger(failures=3)
    ledger_writer = LedgerWriter(
        ledger,  # type: ignore[arg-type]  # stands for the ledger
        clock=standing_time,
        sleep=standing_time.sleep,
        linger=0,
    )
    claimed, *_ = await asyncio.gather(
        ledger_writer.claim(1),
        *(ledger_writer.settle(Settlement(n, DeliveryState.SENT)) for n in range(2, 6)),
    )
    assert claimed
    assert ledger.settled == [2, 3, 4, 5]
    assert ledger.again == [False, True, True, True]
    assert standing_time.now > MONDAY
    assert "cannot be written" in caplog.text


async def test_a_bug_in_the_ledger_is_raised_to_every_waiter(standing_time: StandingTime) -> None:
    class Broken:
        async def commit(self, **entries: object) -> frozenset[int]:
            raise ValueError(sorted(entries))

    ledger_writer = LedgerWriter(Broken(), clock=standing_time, linger=0)  # type: ignore[arg-type]  # stands for it
    outcomes = await asyncio.gather(
        ledger_writer.claim(1), ledger_writer.claim(2), return_exceptions=True
    )
    assert all(isinstance(outcome, ValueError) for outcome in outcomes)
    await ledger_writer.close()


async def test_a_bug_in_the_ledger_ends_the_sender_and_is_raised(
    paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(**entries: object) -> frozenset[int]:
        raise ValueError(sorted(entries))

    await paper.article("Unwritten")
    await paper.reader(7)
    await paper.planner.plan_due(paper.time.now)
    monkeypatch.setattr(paper.deliveries, "commit", broken)
    with pytest.raises(ValueError, match="claim"):
        await paper.sender.run(asyncio.Event())
    assert paper.outbox.sent == []


async def test_a_clock_set_back_blocks_no_delivery(paper: Paper) -> None:
    for chat_id in (1, 2, 3):
        await paper.reader(chat_id)
    line, now = TelegramLine(), MONDAY
    assert [line.failed(row, now) for row in await _planned(paper)] == [False, False, True]
    assert line.is_closed(now)
    assert not line.is_closed(now - timedelta(hours=1))
    assert line.closed_until is not None
    assert not line.is_closed(line.closed_until)


async def _planned(paper: Paper) -> list[Delivery]:
    await paper.morning()
    return await paper.ledger()
