"""Faults of the ledger and of the clock. Those of Telegram and of a machine: tests/journeys."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError

from digest.pacing.reachability import TelegramLine
from digest.sending.ledger_writer import LedgerWriter
from storage.model import DeliveryState, Settlement
from tests.digest.conftest import MONDAY

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from storage.model import Delivery
    from tests.digest.conftest import Paper, StandingTime


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

    await paper.reader_of("Unwritten")
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
