"""The bot in its own process, killed at a chosen moment, and what is left in its database."""

from __future__ import annotations

import asyncio
import os
from collections import Counter, defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from storage.model import DeliveryState
from storage.tables.ledger_schema import deliveries
from storage.tables.reader_schema import subscribers
from tests.journeys.crowd import TOKEN, Asked, Line, Telegram
from tests.plugins.databases import CLEANER

if TYPE_CHECKING:
    import random
    from collections.abc import AsyncIterator, Callable, Mapping
    from datetime import datetime

    from storage.db.database import Database
    from tests.plugins.fork_server import Forked, ForkServer

ROOT = Path(__file__).parents[3]
PER_SECOND = 1_000
SLOWEST_ANSWER = 0.03
LONG_ENOUGH = 300.0


class Town(Telegram):
    """A fake of Telegram that records who got what and ends a run of the bot at its moment."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.dice = dice
        self.arrived: Counter[tuple[int, str]] = Counter()
        self.parts: defaultdict[int, list[str]] = defaultdict(list)
        """The different messages that a chat got, in their order."""
        self.begin()

    def begin(self) -> None:
        """Start a new run."""
        self.requests = 0
        self.arrived_now: defaultdict[int, list[str]] = defaultdict(list)
        self.fatal: Callable[[], bool] = lambda: False
        self.kill: Callable[[], None] = lambda: None

    def asked(self, line: Line, method: str, body: bytes) -> None:
        self.requests += 1
        super().asked(line, method, body)
        if self.fatal():
            # Once: a second kill would ask for the status that the event loop waits for.
            self.fatal = lambda: False
            self.kill()

    def message(self, line: Line, asked: Asked) -> None:
        chat = asked.chat_id
        self.arrived[chat, asked.text] += 1
        self.arrived_now[chat].append(asked.text)
        if asked.text not in self.parts[chat]:
            self.parts[chat].append(asked.text)
        takes = self.dice.uniform(0, SLOWEST_ANSWER)
        asyncio.get_running_loop().call_later(takes, line.write, self.receipt())

    def asked_at_least(self, number: int) -> bool:
        """Return whether this run has made this number of requests."""
        return self.requests >= number

    def sends_beyond(self, number: int) -> bool:
        """Return whether this many different messages arrived, the last one in this run."""
        return len(self.arrived) >= number and bool(self.arrived_now)

    def somebody_has_two(self) -> bool:
        """Return whether the second message of an edition arrived in this run."""
        return any(len(texts) > 1 for texts in self.arrived_now.values())


@dataclass(frozen=True, slots=True)
class Row:
    """An edition in the ledger."""

    chat_id: int
    state: DeliveryState
    part: int
    attempts: int
    claimed: datetime | None
    message_ids: str | None
    error: str | None
    form: str | None


class Ledger:
    """The bot's database, read from outside."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def planned(self) -> int:
        async with self._database.reading() as connection:
            found = await connection.execute(select(func.count()).select_from(deliveries))
            return int(found.scalar_one())

    async def unsent(self) -> int:
        """Return the number of deliveries not recorded as sent."""
        d = deliveries.c
        count = select(func.count()).where(d.state != DeliveryState.SENT)
        async with self._database.reading() as connection:
            return int((await connection.execute(count)).scalar_one())

    async def rows(self) -> list[Row]:
        d = deliveries.c
        query = select(
            subscribers.c.chat_id,
            d.state,
            d.part,
            d.attempts,
            d.claimed,
            d.message_ids,
            d.error,
            d.form,
        )
        async with self._database.reading() as connection:
            found = await connection.execute(query.join_from(deliveries, subscribers))
            return [Row(chat, DeliveryState(state), *rest) for chat, state, *rest in found]

    async def at_rest(self) -> None:
        """Wait until the server has ended the sessions of a dead process."""
        if self._database.dialect == "sqlite":
            return
        others = text(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend' AND application_name <> :cleaner"
        ).bindparams(cleaner=CLEANER)
        async with self._database.reading() as connection:
            while (await connection.execute(others)).scalar():  # noqa: ASYNC110 - nothing there could wake us
                await asyncio.sleep(0.005)


@asynccontextmanager
async def running(
    fork_server: ForkServer, town: Town, database_url: str, log: Path
) -> AsyncIterator[Forked]:
    """Run the bot in its own process."""
    town.begin()
    settings = {
        "MESSAGES_PER_SECOND": str(PER_SECOND),
        "PAID_BROADCAST": "true",
        "EDITION_SIZE": "30",
    }
    async with life(
        fork_server, log, town.url, database_url, token=TOKEN, settings=settings
    ) as process:
        town.kill = process.kill
        yield process


@asynccontextmanager
async def life(
    fork_server: ForkServer,
    log: Path,
    telegram: str,
    database_url: str,
    *,
    token: str,
    settings: Mapping[str, str],
) -> AsyncIterator[Forked]:
    """Run the bot in a process that appends its log to a file and is killed at the end."""
    with log.open("ab") as errors:
        process = await fork_server.start(
            "run",
            cwd=log.parent,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "TELEGRAM_BOT_TOKEN": token,
                "TELEGRAM_API_URL": telegram,
                "DATABASE_URL": database_url,
                "LOG_LEVEL": "WARNING",
                **settings,
            },
            output=errors.fileno(),
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
