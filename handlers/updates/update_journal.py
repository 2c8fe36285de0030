"""The journal of updates that wait: written down, struck off, taken up by the next start."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError
from telegram import Update

from handlers.updates.update_kinds import identity
from storage.db.outage import DatabaseUnavailableError
from storage.readers.waiting_updates import WaitingUpdate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from telegram import Bot

    from storage.db.key_value import KeyValue
    from storage.readers.waiting_updates import WaitingUpdates

log = logging.getLogger(__name__)

STALE_TAP = timedelta(minutes=5)
"""A tap that is older is forgotten: whoever tapped has long looked elsewhere."""
STALE = timedelta(days=1)
"""Telegram itself keeps updates no longer."""
REMEMBERED = 2_000
"""Updates that are known when they come again."""
NOTED = 200
"""Of those, how many over a restart: what Telegram hands out at once, twice."""
NOTE = "updates_seen"
FAILURES = (SQLAlchemyError, OSError, DatabaseUnavailableError)


class UpdateJournal:
    """What is known of updates that wait, in memory and in the archive.

    Args:
        waiting: The table of those that are written down.
        key_value: Keeps which updates came last.
    """

    def __init__(self, waiting: WaitingUpdates, key_value: KeyValue) -> None:
        self._waiting = waiting
        self._key_value = key_value
        self._kept: set[int] = set()
        """Written down, or about to be."""
        self._to_keep: dict[int, WaitingUpdate] = {}
        self._to_strike: set[int] = set()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._is_failing = False
        # One writes for all who wait meanwhile: in a rush of updates a transaction for each would
        # be what their senders wait for. And no row is struck off before it is written.
        self._writing = asyncio.Lock()

    def has(self, update: Update) -> bool:
        """Whether an update is written down."""
        return update.update_id in self._kept

    def is_new(self, one: str) -> bool:
        """Whether an update of this identity has not come before; from now on it has."""
        if one in self._seen:
            return False
        self._seen[one] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True

    async def keep(self, updates: Sequence[Update], now: datetime) -> None:
        """Write updates down, those that are not yet. A database that fails is logged once."""
        fresh = [update for update in updates if not self.has(update)]
        if not fresh:
            return
        rows = [WaitingUpdate(update.update_id, update.to_json(), now) for update in fresh]
        numbers = {row.update_id for row in rows}
        # From here on, so that whoever is answered meanwhile is struck off after that.
        self._kept |= numbers
        self._to_keep |= {row.update_id: row for row in rows}
        is_done = False
        try:
            await self._carry_out()
            is_done = True
        except FAILURES as error:
            self._failed(error)
        finally:
            if not is_done:
                self._kept -= numbers
                for number in numbers:
                    self._to_keep.pop(number, None)

    async def strike_off(self, update: Update) -> None:
        """An update is answered from here on, and never again."""
        if not self.has(update):
            return
        self._kept.discard(update.update_id)
        if self._to_keep.pop(update.update_id, None) is None:
            self._to_strike.add(update.update_id)
        try:
            await self._carry_out()
        except FAILURES as error:
            # The next one takes it along.
            self._failed(error)

    async def _carry_out(self) -> None:
        """Write down and strike off all that is to be, unless somebody else just did."""
        async with self._writing:
            keep, strike = self._to_keep, self._to_strike
            if not keep and not strike:
                return
            self._to_keep, self._to_strike = {}, set()
            try:
                await self._waiting.change(list(keep.values()), strike)
            except BaseException:
                # Where only the answer is missing, writing it again changes nothing.
                self._to_strike |= strike
                self._to_keep |= {
                    number: row for number, row in keep.items() if number not in self._to_strike
                }
                raise
            self._is_failing = False

    async def end(self, updates: Sequence[Update], now: datetime) -> None:
        """Write down what this process leaves to the next, and what came last."""
        await self.keep(updates, now)
        last = list(self._seen)[-NOTED:]
        try:
            await self._key_value.put(NOTE, json.dumps(last))
        except FAILURES as error:
            self._failed(error)

    async def take_up(self, bot: Bot, now: datetime) -> list[Update]:
        """What an earlier process left to be answered; what has become stale is dropped.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database cannot be read.
        """
        for one in json.loads(await self._key_value.get(NOTE) or "[]"):
            self.is_new(one)
        found, stale = [], []
        for row in await self._waiting.all():
            update = Update.de_json(json.loads(row.body), bot)
            age = now - row.fetched
            if age > (STALE if update.callback_query is None else STALE_TAP):
                stale.append(row.update_id)
            else:
                found.append(update)
                self._kept.add(row.update_id)
                # Telegram may not know that it came.
                self._seen[identity(update)] = None
        await self._waiting.change(strike_off=stale)
        if found or stale:
            log.info(
                "%d updates were waiting for an answer, %d of them too old for one",
                len(found),
                len(stale),
            )
        return found

    def _failed(self, error: Exception) -> None:
        if not self._is_failing:
            log.warning("updates that wait for an answer cannot be stored just now: %s", error)
        self._is_failing = True
