"""The work that one process does for all: it sends, corrects, polls, plans and fetches."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import handlers
from bot.process.stopping import unless
from bot.telegram.startup import PortTakenError
from bot.telegram_parts import build_ticks
from storage.db.outage import patiently
from storage.replicas.roles import Role

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.composition import Archive
    from bot.configuration.settings import Settings
    from bot.serving.process_state import ProcessState
    from bot.serving.sharing import Sharing
    from bot.serving.standby import Standby
    from bot.telegram.application import BotApplication
    from bot.telegram.startup import Polling
    from bot.telegram.webhook import Webhook
    from bot.telegram_parts import TelegramParts
    from bot.watching.process_health import ProcessHealth
    from digest.pacing.rate_limiter import RateLimiter
    from handlers.updates.update_queue import UpdateQueue
    from storage.serving.lease import Lease

log = logging.getLogger(__name__)


class Leading:
    """Does the work that one process does for all, now or once no other process does it.

    `webhook` is None if the bot polls, `sharing` on SQLite. `seed` adds the first sources, and
    returns False if the bot was stopped meanwhile.
    """

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        application: BotApplication,
        parts: TelegramParts,
        *,
        standby: Standby,
        polling: Polling,
        webhook: Webhook | None,
        updates: UpdateQueue,
        sharing: Sharing | None,
        state: ProcessState,
        health: ProcessHealth,
        stopping: asyncio.Event,
        seed: Callable[[], Awaitable[bool]],
        rate_limiter: RateLimiter,
        lease: Lease,
    ) -> None:
        self._settings = settings
        self._archive = archive
        self._application = application
        self._parts = parts
        self._standby = standby
        self._polling = polling
        self._webhook = webhook
        self._updates = updates
        self._sharing = sharing
        self._state = state
        self._health = health
        self._stopping = stopping
        self._seed = seed
        self._rate_limiter = rate_limiter
        self._lease = lease
        archive.newsroom.results.on_new = self._alert_to_what_is_new

    async def begin(self) -> bool:
        """Start to do the work, or to wait for the right to it; False if the bot was stopped."""
        if self._state.leads:
            self._state.sender_task = asyncio.create_task(self._send(), name="sender")
            return await self._lead()
        self._state.sender_task = asyncio.create_task(self._send_later(), name="sender")
        if self._webhook is not None:
            try:
                await self._webhook.listen()
            except PortTakenError as error:
                # The other process takes in the updates of all.
                log.warning("%s; this one goes on without listening", error)
        return True

    async def _send_later(self) -> None:
        """Wait until no other process sends; then send what is due until the stop.

        Without the role of sending, only wait for the stop.
        """
        if Role.SEND not in self._settings.roles:
            await self._stopping.wait()
        elif await self._standby.wait_until_alone() and await self._seed() and await self._lead():
            await self._send()

    async def _lead(self) -> bool:
        """Start to poll, plan, fetch and work at night; False if the bot was stopped."""
        self._state.ready_since = time.monotonic()
        self._health.begin()
        is_going_on = (
            await unless(self._stopping, patiently(self._take_up_updates))
            # Articles that an earlier process stored without planning their alerts.
            and await unless(self._stopping, self._alert_to_what_is_new())
            and await (self._webhook or self._polling).begin()
        )
        if not is_going_on:
            return False
        self._begin_ticks()
        application = self._application
        menus = handlers.publish(application.bot, self._parts.renderer, application.bot_data)
        return await unless(self._stopping, menus)

    def _begin_ticks(self) -> None:
        self._state.ticks = build_ticks(
            self._settings,
            self._archive,
            self._application,
            self._parts.planner,
            self._parts.pictures,
            rate_limiter=self._rate_limiter,
            conflict=lambda: self._polling.conflict,
            unanswered=lambda: () if self._sharing is None else self._sharing.unanswered,
            serving=lambda: self._lease.is_valid,
            permit=self._lease.permit,
        )
        # They may be older than what others have stored.
        self._archive.newsroom.results.round_writer.forget()
        self._state.ticks.start()

    async def _send(self) -> None:
        """Send what falls due, and edit what was corrected, until the bot stops."""
        corrector = self._parts.corrector
        correcting = asyncio.create_task(corrector.run(self._stopping), name="corrector")
        try:
            await self._parts.sender.run(self._stopping)
        finally:
            correcting.cancel()
            # Not `wait`: the loss of the lease, which the sender raises too, would be logged.
            await asyncio.gather(correcting, return_exceptions=True)

    async def _take_up_updates(self) -> None:
        """Answer the updates that an earlier process left, or share them with other replicas."""
        left = await self._updates.take_up(self._application.bot)
        if self._sharing is not None and self._sharing.updates.is_on:
            await self._sharing.updates.take_over(left)
            return
        for update in left:
            self._application.update_queue.put_nowait(update)

    async def _alert_to_what_is_new(self, published: Sequence[int] = ()) -> None:
        """Plan the alerts of new articles in the ledger, and wake the sender."""
        clock, alerts = self._archive.clock, self._parts.alerts
        if await patiently(lambda: alerts.plan_new(clock(), published)):
            self._parts.sender.kick()
