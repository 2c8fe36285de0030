"""A morning's editions while the process is killed repeatedly.

A kill keeps what was written to files. What a power cut would lose depends on `PRAGMA synchronous`,
which the tests of the database check.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from digest.sending.sender import MOST
from storage.model import DeliveryState, Form, Layout
from tests.journeys.crowd import LONG, Reader, gather
from tests.journeys.killed.killing import LONG_ENOUGH, Ledger, Town, running
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from pathlib import Path

    from tests.plugins.fork_server import ForkServer


SEED = 20261127
READERS = 2_000
LONG_EVERY = 4
"""Every fourth reader's edition takes two messages."""
PAGE_EVERY = 3
"""Every third of the others gets a front page."""
MESSAGES = READERS + READERS // LONG_EVERY
KILLS_WHILE_SENDING = 6


def reader_of(chat: int) -> Reader:
    """Return the reader of a chat."""
    if chat % LONG_EVERY == 0:
        return Reader(chat, follows=LONG)
    layout = Layout.FRONT_PAGE if chat % PAGE_EVERY == 0 else Layout.SUMMARIES
    return Reader(chat, layout=layout)


Moment = Callable[[], bool]


def moments(town: Town) -> list[Moment | None]:
    """Yield when to kill: at the start, during planning (None), and during sending."""
    dice = town.dice
    cuts = sorted(dice.sample(range(1, 9 * MESSAGES // 10), KILLS_WHILE_SENDING))
    sending: list[Moment | None] = [partial(town.sends_beyond, cut) for cut in cuts]
    for other in (town.somebody_has_two, partial(town.asked_at_least, dice.randint(1, 8))):
        sending.insert(dice.randrange(len(sending)), other)
    return [partial(town.asked_at_least, dice.randint(1, 3)), None, *sending]


async def test_a_kill_misses_nobody_and_repeats_only_deliveries_in_flight(
    fork_server: ForkServer,
    database_url: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    dice = random.Random(SEED)  # noqa: S311 - dice, no secret
    readers = [reader_of(chat) for chat in range(1, READERS + 1)]
    log = tmp_path / "stderr.txt"
    database = await migrated(database_url)
    ledger = Ledger(database)
    in_flight: list[int] = []
    known: set[tuple[int, datetime | None]] = set()
    in_doubt: Counter[tuple[int, str]] = Counter()
    resumed = 0
    try:
        async with Town(dice) as town:
            await gather(database, readers, datetime.now(UTC))
            for moment in moments(town):
                async with running(fork_server, town, database_url, log) as process:
                    if moment is None:
                        while not await ledger.planned():  # noqa: ASYNC110 - another process plans
                            await asyncio.sleep(0.001)
                        process.kill()
                    else:
                        town.fatal = moment
                    status = await asyncio.wait_for(process.wait(), LONG_ENOUGH)
                    assert status == -signal.SIGKILL, log.read_text()
                await town.deserted()
                await ledger.at_rest()
                open_ = [row for row in await ledger.rows() if row.state is DeliveryState.SENDING]
                # What a forerunner left is still there if this one died at its start.
                left = [row for row in open_ if (row.chat_id, row.claimed) not in known]
                known.update((row.chat_id, row.claimed) for row in left)
                in_flight.append(len(left))
                resumed += sum(row.part > 0 for row in left)
                for row in left:
                    for message in town.arrived_now[row.chat_id]:
                        if town.parts[row.chat_id].index(message) >= row.part:
                            in_doubt[row.chat_id, message] += 1

            async with running(fork_server, town, database_url, log) as process:
                async with asyncio.timeout(LONG_ENOUGH):
                    await town.until(lambda: len(town.arrived) == MESSAGES)
                    # All may have arrived before the last kill, and some have to come once more.
                    while await ledger.unsent():  # noqa: ASYNC110 - another process sends
                        await asyncio.sleep(0.02)
                process.terminate()
                assert await asyncio.wait_for(process.wait(), LONG_ENOUGH) == 0, log.read_text()
        rows = await ledger.rows()
    finally:
        await database.close()

    twice = Counter({key: count - 1 for key, count in town.arrived.items() if count > 1})
    missed = READERS - len(town.parts)
    record_property(
        "figures",
        f"{database.dialect}: {len(in_flight)} kills in the fan-out to "
        f"{READERS:,} readers; {missed} missed; {sum(in_flight)} editions were in flight at "
        f"the kills {in_flight}, {in_doubt.total()} messages of these had arrived; "
        f"{twice.total()} came twice; {resumed} went on at their second message",
    )
    assert missed == 0
    for reader in readers:
        assert len(town.parts[reader.chat_id]) == 1 + (reader.follows == LONG)
    # Exactly those that arrived before the ledger recorded them.
    assert twice == in_doubt
    assert twice.total() <= sum(in_flight)
    assert max(in_flight) <= MOST
    assert resumed > 0
    assert len(rows) == READERS
    assert {row.state for row in rows} == {DeliveryState.SENT}
    assert {row.error for row in rows} == {None}
    # A front page that came twice came in the same form, or there would be two different messages.
    pages = {reader.chat_id for reader in readers if reader.layout is Layout.FRONT_PAGE}
    assert {row.chat_id for row in rows if row.form == Form.RICH} == pages
    for row in rows:
        assert row.part == len(town.parts[row.chat_id]) == len(json.loads(row.message_ids or "[]"))
    # The ledger itself has counted them.
    assert sum(row.attempts for row in rows) == sum(in_flight)
    # A worker that is born while its parent is killed has a traceback; the bot itself has none.
    assert " ERROR " not in log.read_text()
