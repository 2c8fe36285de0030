"""The journal of updates: the next start answers those that wait, and knows which were begun."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.exc import SQLAlchemyError
from telegram import Update

from handlers.updates.update_kinds import identity, item_of
from storage.db.outage import DatabaseUnavailableError
from storage.readers.waiting_updates import WaitingUpdate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from telegram import Bot

    from storage.db.key_value import KeyValue
    from storage.readers.begun_updates import BegunUpdates
    from storage.readers.waiting_updates import WaitingUpdates

log = logging.getLogger(__name__)

STALE_TAP = timedelta(minutes=5)
"""Age after which a stored tap is dropped, because the reader no longer waits for it."""
STALE = timedelta(days=1)
"""Age after which a stored update is dropped; Telegram keeps none longer either."""
REMEMBERED = 2_000
"""Number of recent updates that are recognised if they arrive again."""
NOTED = 200
"""Number of recent update ids stored for the next start: twice what Telegram returns at once."""
NOTE = "updates_seen"
FAILURES = (SQLAlchemyError, OSError, DatabaseUnavailableError)


def is_stale(update: Update, age: timedelta) -> bool:
    """Return whether a stored update is too old to be answered."""
    return age > (STALE if update.callback_query is None else STALE_TAP)


class LeftUpdates(NamedTuple):
    """What an earlier process left."""

    waiting: list[Update]
    """Updates to answer now."""
    begun: list[Update]
    """Updates of which the answer was begun when that process was killed."""


class UpdateJournal:
    """The waiting updates and the recently seen ones, in memory and in the database.

    `begun` is the file of the updates that this process answers without the replicas' table.
    """

    def __init__(self, waiting: WaitingUpdates, key_value: KeyValue, begun: BegunUpdates) -> None:
        self._waiting = waiting
        self._key_value = key_value
        self._begun = begun
        self._kept: set[int] = set()
        """Ids of the updates that are stored or about to be."""
        self._to_keep: dict[int, WaitingUpdate] = {}
        self._to_strike: set[int] = set()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._is_failing = False
        # One task writes for all that wait for the lock, because one transaction for each update
        # would delay answers in a rush. The lock also keeps a row from being deleted before it is
        # written.
        self._writing = asyncio.Lock()

    def has(self, update: Update) -> bool:
        """Return whether an update is stored."""
        return update.update_id in self._kept

    def is_new(self, one: str) -> bool:
        """Return whether an update with this identity has not arrived before, and remember it."""
        if one in self._seen:
            return False
        self._seen[one] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True

    def has_seen(self, one: str) -> bool:
        """Return whether an update with this identity has arrived before."""
        return one in self._seen

    def forget(self, update: Update) -> None:
        """Forget that an update has arrived, so that it may arrive once more."""
        self._seen.pop(identity(update), None)

    async def keep(self, updates: Sequence[Update], now: datetime) -> None:
        """Store those updates that are not stored yet. A database failure is logged once."""
        fresh = [update for update in updates if not self.has(update)]
        if not fresh:
            return
        rows = [WaitingUpdate(update.update_id, update.to_json(), now) for update in fresh]
        numbers = {row.update_id for row in rows}
        # Count them as stored now, so that an update answered in the meantime is deleted
        # afterwards.
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

    def begin(self, update: Update, now: datetime) -> None:
        """Note that the answer to an update begins, before it is struck off."""
        if update.inline_query is None and update.chosen_inline_result is None:
            self._begun.begin(WaitingUpdate(update.update_id, update.to_json(), now))

    def end(self, update: Update) -> None:
        """Note that an update was answered or dropped."""
        self._begun.end(update.update_id, identity(update))

    async def strike_off(self, update: Update) -> None:
        """Delete an update from the journal, so that it is not answered again."""
        if not self.has(update):
            return
        self._kept.discard(update.update_id)
        if self._to_keep.pop(update.update_id, None) is None:
            self._to_strike.add(update.update_id)
        try:
            await self._carry_out()
        except FAILURES as error:
            # The next write includes this deletion.
            self._failed(error)

    async def _carry_out(self) -> None:
        async with self._writing:
            keep, strike = self._to_keep, self._to_strike
            if not keep and not strike:
                return
            self._to_keep, self._to_strike = {}, set()
            try:
                await self._waiting.change(list(keep.values()), strike)
            except BaseException:
                # If the database wrote this but its reply was lost, writing it again changes
                # nothing.
                self._to_strike |= strike
                self._to_keep |= {
                    number: row for number, row in keep.items() if number not in self._to_strike
                }
                raise
            self._is_failing = False

    async def close(self, updates: Sequence[Update], now: datetime) -> None:
        """Store the updates left for the next start, and the identities of the last ones."""
        await self.keep(updates, now)
        for update in updates:
            if self.has(update):
                self.end(update)
        self._begun.close()
        last = list(self._seen)[-NOTED:]
        try:
            await self._key_value.put(NOTE, json.dumps(last))
        except FAILURES as error:
            self._failed(error)

    async def take_up(self, bot: Bot, now: datetime) -> LeftUpdates:
        """Return the updates that an earlier process left, and delete those that are too old."""
        for one in json.loads(await self._key_value.get(NOTE) or "[]"):
            self.is_new(one)
        found, stale = [], []
        for row in await self._waiting.all():
            update = Update.de_json(json.loads(row.body), bot)
            age = now - row.fetched
            if is_stale(update, age):
                stale.append(row.update_id)
            else:
                found.append(update)
                self._kept.add(row.update_id)
                # Telegram may send it again if it did not learn that the update arrived.
                self._seen[identity(update)] = None
        await self._waiting.change(strike_off=stale)
        begun: list[Update] = []
        left = self._begun.take_up()
        for one in self._begun.over:
            self.is_new(one)
        for row in left:
            update = Update.de_json(json.loads(row.body), bot)
            if self.has(update) or is_stale(update, now - row.fetched):
                self.end(update)
                continue
            self._seen[identity(update)] = None
            # Whoever changed something for the bot waits for no answer, so nobody is asked.
            (found if item_of(update).needed else begun).append(update)
        if found or stale or begun:
            log.info(
                "%d updates were waiting for an answer, and %d were being answered; %d more were"
                " too old and were dropped",
                len(found),
                len(begun),
                len(stale),
            )
        return LeftUpdates(found, begun)

    def _failed(self, error: Exception) -> None:
        if not self._is_failing:
            log.warning("cannot store waiting updates: %s", error)
        self._is_failing = True
