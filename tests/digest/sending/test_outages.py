"""A fan-out whose database goes away in the middle."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from telegram.error import Forbidden

from storage.db.outage import DatabaseUnavailableError, Outage
from storage.model import DeliveryState, State
from tests.digest.conftest import Paper
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bench.harness.postgresql import DatabaseServer

READERS = 48
IN_FLIGHT = 12
LONG_ENOUGH = 120


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the time until a database counts as available, or as locked."""
    monkeypatch.setattr(Outage.__init__, "__kwdefaults__", {"every": 0.1, "steady": 0.0})
    monkeypatch.setattr("storage.db.sqlite.engines.BUSY_SECONDS", 0.1)


async def opened(url: str) -> AsyncIterator[Paper]:
    database = await migrated(url)
    paper = Paper(database)
    await paper.article("Against all odds")
    await paper.crowd(*range(1, READERS + 1))
    yield paper
    await database.close()


@pytest.fixture
async def served(postgresql_url: str) -> AsyncIterator[Paper]:
    async for paper in opened(postgresql_url):
        yield paper


@pytest.fixture
async def kept(sqlite_url: str) -> AsyncIterator[Paper]:
    async for paper in opened(sqlite_url):
        yield paper


async def fan_out(paper: Paper, *cuts: Callable[[], None]) -> Counter[int]:
    """Deliver to everybody; each cut happens after a part of the messages.

    Returns:
        How many times each reader got the edition.
    """
    await paper.planner.plan_due(paper.time.now)
    sender = paper.new_sender(in_flight=IN_FLIGHT)
    stop = asyncio.Event()
    running = asyncio.create_task(sender.run(stop))
    for number, cut in enumerate(cuts, start=1):
        await asyncio.wait_for(
            paper.outbox.at_least(number * READERS // (len(cuts) + 1)), LONG_ENOUGH
        )
        cut()
        assert not running.done()
    async with asyncio.timeout(LONG_ENOUGH):
        while not await is_over(paper):  # noqa: ASYNC110 - the ledger is asked each time
            await asyncio.sleep(0.01)
    stop.set()
    await asyncio.wait_for(running, LONG_ENOUGH)
    return Counter(message.chat_id for message in paper.outbox.sent)


async def is_over(paper: Paper) -> bool:
    """Return whether every row is settled; False too while the database is away."""
    try:
        return set(await paper.states()) == {DeliveryState.SENT}
    except DatabaseUnavailableError:
        return False


async def test_a_killed_database_server_loses_no_edition(
    served: Paper, mortal: DatabaseServer, caplog: pytest.LogCaptureFixture
) -> None:
    def kill() -> None:
        mortal.kill()
        asyncio.get_running_loop().call_later(0.3, mortal.start)

    got = await fan_out(served, kill)
    assert set(got) == set(range(1, READERS + 1))
    # This process remembers what it sent before the server recorded it.
    assert set(got.values()) == {1}
    assert not [record for record in caplog.records if record.exc_info]


async def test_repeatedly_cut_connections_lose_no_edition(
    served: Paper, mortal: DatabaseServer
) -> None:
    def restart() -> None:
        mortal.stop()
        mortal.start()

    got = await fan_out(served, *[restart] * 3)
    assert set(got) == set(range(1, READERS + 1))
    assert set(got.values()) == {1}


async def test_a_file_locked_during_sending_loses_no_edition(
    kept: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    path = kept.db.path
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:

        def lock() -> None:
            # Our own writer may have it for a moment.
            other.execute("PRAGMA busy_timeout = 60000")
            other.execute("BEGIN IMMEDIATE")
            asyncio.get_running_loop().call_later(0.5, other.execute, "ROLLBACK")

        got = await fan_out(kept, lock)
    assert set(got) == set(range(1, READERS + 1))
    assert set(got.values()) == {1}
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_gone_reader_is_recorded_after_an_outage(
    served: Paper, mortal: DatabaseServer
) -> None:
    served.outbox.slow = asyncio.Event()
    served.outbox.fail(Forbidden("Forbidden: bot was blocked by the user"), chat_id=7)
    await served.planner.plan_due(served.time.now)
    sender = served.new_sender(in_flight=IN_FLIGHT)
    stop = asyncio.Event()
    running = asyncio.create_task(sender.run(stop))
    await asyncio.wait_for(served.outbox.at_least(IN_FLIGHT), LONG_ENOUGH)
    mortal.kill()
    served.outbox.slow.set()
    await asyncio.sleep(0)
    mortal.start()
    async with asyncio.timeout(LONG_ENOUGH):
        while True:
            try:
                states = Counter(await served.states())
            except DatabaseUnavailableError as error:
                await error.over()
                continue
            if states == {DeliveryState.SENT: READERS - 1, DeliveryState.FAILED: 1}:
                break
            await asyncio.sleep(0.01)
    stop.set()
    await asyncio.wait_for(running, LONG_ENOUGH)
    gone = await served.of_chat(7)
    assert gone.state is State.GONE


async def test_a_stop_in_the_middle_of_an_outage_does_not_wait_for_its_end(
    served: Paper, mortal: DatabaseServer
) -> None:
    await served.planner.plan_due(served.time.now)
    sender = served.new_sender(in_flight=IN_FLIGHT, last_words=0.0)
    stop = asyncio.Event()
    running = asyncio.create_task(sender.run(stop))
    await asyncio.wait_for(served.outbox.at_least(IN_FLIGHT), LONG_ENOUGH)
    mortal.kill()
    while served.db.failure is None:  # noqa: ASYNC110 - the sender meets it by itself
        await asyncio.sleep(0.01)
    stop.set()
    await asyncio.wait_for(running, LONG_ENOUGH)


async def test_digest_does_not_wait_for_an_absent_database(
    served: Paper, mortal: DatabaseServer
) -> None:
    reader = await served.of_chat(1)
    mortal.kill()
    with pytest.raises(DatabaseUnavailableError):
        await served.sender.deliver_now(reader, served.time.now)
