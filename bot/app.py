"""The composition root: it builds the parts of ON News, connects them, and serves."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import handlers
from bot.composition import Archive, utc_now
from bot.configuration.settings import SettingError
from bot.leading import Leading
from bot.process.memory import keep_what_is_there, share_arenas
from bot.process.stopping import unless
from bot.serving.last_answers import IN_FLIGHT, IN_FLIGHT_CUT_OFF, end_answers, end_sending
from bot.serving.open_database import open_database
from bot.serving.open_web import open_web
from bot.serving.optional_parts import build_sharing, build_webhook
from bot.serving.process_state import ProcessState
from bot.serving.standby import Standby
from bot.serving.telegram_silence import CutOffError
from bot.telegram.application import build_application
from bot.telegram.bot_identity import BotIdentity, note_bot
from bot.telegram.last_heard import LastHeard
from bot.telegram.startup import UNKNOWN_TO_TELEGRAM, Polling, StartError
from bot.telegram.transport import TelegramRequest
from bot.telegram_parts import TelegramParts
from bot.watching.forecast import log_next_run
from bot.watching.process_health import ProcessHealth
from digest.pacing.priorities import AnswerPriority
from digest.pacing.rate_limiter import RateLimiter
from handlers.chats.admission import apply_settings
from handlers.entry.commands import COMMANDS
from handlers.updates.intake import Intake
from handlers.updates.update_journal import UpdateJournal
from handlers.updates.update_queue import UpdateQueue
from storage.db.outage import patiently
from storage.serving.lease import Lease, LeaseLostError
from storage.serving.lock import MigrationLock, OutdatedProgramError
from templates.language.languages import languages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.configuration.settings import Settings
    from bot.http_server.limits import HttpLimits
    from bot.serving.jobs import Ticks
    from bot.telegram.transport import TelegramOutbox
    from bot.watching.gauges import ProcessFigures
    from bot.watching.web import Web
    from storage.model import NewSource
    from workers.pool import Workers

log = logging.getLogger(__name__)

SWITCH = 0.001
"""Seconds after which Python may switch to another thread.

With Python's default of 0.005, an answer would wait that long for each thread that stores or
unpacks the articles of a round.
"""


class OnNews:
    """The whole bot: it starts, serves until it is stopped, and shuts down in order."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = utc_now,
        first_sources: Sequence[NewSource] | None = None,
        rate_limiter: RateLimiter | None = None,
        workers: Workers | None = None,
        lease_seconds: float | None = None,
        http_limits: HttpLimits | None = None,
        was_cut_off: bool = False,
    ) -> None:
        settings.require_token()
        if settings.default_language not in (spoken := languages()):
            raise SettingError("DEFAULT_LANGUAGE", f"must be one of {', '.join(spoken)}")
        self.settings = settings
        self.clock = clock
        self.archive = Archive(settings, clock=clock, workers=workers)
        self._first_sources = first_sources
        database = self.archive.database
        self._lease = Lease(database, MigrationLock(database), seconds=lease_seconds)
        self.rate_limiter = rate_limiter or RateLimiter(settings.messages_per_second)
        self._answer_priority = AnswerPriority()
        self._journal = UpdateJournal(
            self.archive.waiting_updates, self.archive.key_value, self.archive.begun_updates
        )
        self._stopping = asyncio.Event()
        self.is_new = True
        """Whether the process has just started, and does not start over as a standby."""
        self._was_cut_off = was_cut_off
        heard = LastHeard()
        self._sharing = build_sharing(
            settings,
            self.archive,
            self._lease,
            journal=self._journal,
            rate_limiter=self.rate_limiter,
            stopping=self._stopping,
            heard=heard,
            clock=clock,
            seconds=lease_seconds,
        )
        permits = self._sharing or self._lease
        shared = None if self._sharing is None else self._sharing.updates
        self._updates = UpdateQueue(
            self.rate_limiter, self._answer_priority, self._journal, clock, COMMANDS, shared=shared
        )
        self._intake = Intake(self._updates.until_there_is_room, self._journal, shared)
        self._request = TelegramRequest(
            settings.telegram_bot_token,
            proxies=settings.telegram_proxies,
            permit=permits.permit_answer,
            heard=heard,
        )
        self._request.updates = self._updates
        self.application = build_application(
            settings,
            self._request,
            rate_limiter=self.rate_limiter,
            updates=self._updates,
            intake=self._intake,
            permit=permits.permit_answer,
        )
        self._standby = Standby(
            database,
            self._lease,
            self._stopping,
            beside=self._sharing is not None,
            roles=settings.roles,
            may_take=(lambda: True) if self._sharing is None else self._sharing.may_send,
        )
        if self._sharing is not None:
            self._sharing.on_no_sender = self._standby.look_now
        self._polling = Polling(
            self.application, settings.telegram_api_url, self._stopping, self._lease.doubt, clock
        )
        self._webhook = build_webhook(
            settings,
            self.application,
            self._updates,
            refused=self._request.refused,
            stopping=self._stopping,
            limits=http_limits,
        )
        self._http_limits = http_limits
        self.state = ProcessState(
            self._standby, self._request, self._webhook, self._sharing, self._stopping
        )
        self.health = ProcessHealth(self.state, database, self.archive.deliveries, clock)
        self.ready = self.state.ready
        self.web: Web | None = None
        self._outbox: TelegramOutbox | None = None
        self._decided: dict[int, bool] = {}
        self._until = 0.0

    async def start(self) -> asyncio.Task[None] | None:
        """Open the archive, connect to Telegram, and start to answer, fetch and deliver.

        While another process serves the same SQLite file, this one waits as its standby and changes
        nothing in it. On PostgreSQL it answers readers together with the others, and sends, fetches
        and polls once no other process does.

        The task returned sends, or waits until it may. It ends when the bot is stopped or the
        sender fails. None means that the bot was stopped before it began to serve. It raises
        DatabaseError or StartError as `serve` does.
        """
        sys.setswitchinterval(SWITCH)
        share_arenas()
        await self._open_web()
        is_serving = (
            await self._open_archive()
            and await self._standby.wait_until_alone(or_current=self._sharing is not None)
            and await self._reach_telegram()
            and await self._give_first_sources()
            and await self._introduce()
            and await self._begin_answering()
            and await self._leading.begin()
        )
        if not is_serving:
            return None
        keep_what_is_there()
        await self._log_ready()
        await self._compile_templates()
        await unless(self._stopping, log_next_run(self.settings, self.archive.database, self.clock))
        return self.state.sender_task

    @property
    def leads(self) -> bool:
        """Whether this process sends, polls and fetches; on SQLite every one that serves."""
        return self.state.leads

    @property
    def ticks(self) -> Ticks | None:
        """The scheduled jobs; None before they begin."""
        return self.state.ticks

    async def _open_archive(self) -> bool:
        self.state.opened = await open_database(self.archive.database, self._stopping)
        return self.state.opened

    async def _reach_telegram(self) -> bool:
        """On PostgreSQL take the lease only once Telegram answers: it may answer others only.

        Returns:
            False if the bot was stopped meanwhile.
        """
        if self._sharing is None:
            return True
        if self._was_cut_off and not await unless(self._stopping, self._sharing.stay_outside()):
            return False
        return await self._polling.introduce() and await self._standby.wait_until_alone(
            or_current=True
        )

    async def _give_first_sources(self) -> bool:
        if not self.leads:
            return True
        seeding = patiently(lambda: self.archive.seed(self._first_sources))
        return await unless(self._stopping, seeding)

    async def _introduce(self) -> bool:
        """Ask Telegram for the bot's own identity, and build the parts that need it.

        Return False if the bot was stopped meanwhile.
        """
        if self.leads:
            self.health.begin()
        await self._open_web(again=True)  # the port may have been taken before
        if not await self._polling.introduce():
            return False
        bot, archive = self.application.bot, self.archive
        archive.fetcher.introduce(bot.link)
        if not await unless(self._stopping, patiently(self._look_at_notes)):
            return False
        parts = TelegramParts(
            self.settings,
            archive,
            bot,
            rate_limiter=self.rate_limiter,
            answer_priority=self._answer_priority,
            permit=(self._sharing or self._lease).permit,
            heard=self._request.heard,
            decided=self._decided,
        )
        self.planner, self.pictures, self.alerts = parts.planner, parts.pictures, parts.alerts
        self.sender = self.state.sender = parts.sender
        self.corrector = parts.corrector
        self._renderer, self._outbox = parts.renderer, parts.outbox
        self.application.bot_data = parts.services
        self._leading = Leading(
            self.settings,
            archive,
            self.application,
            parts,
            standby=self._standby,
            polling=self._polling,
            webhook=self._webhook,
            updates=self._updates,
            sharing=self._sharing,
            state=self.state,
            health=self.health,
            stopping=self._stopping,
            seed=self._give_first_sources,
            rate_limiter=self.rate_limiter,
            lease=self._lease,
        )
        return await unless(self._stopping, patiently(self._apply_settings))

    async def _look_at_notes(self) -> None:
        """Store the bot's identity in the archive, and load whom operators let in or shut out."""
        bot = self.application.bot
        await note_bot(self.archive.key_value, BotIdentity(bot.id, bot.username))
        self._decided = await self.archive.access.decided()

    async def _apply_settings(self) -> None:
        services = self.application.bot_data
        if self._sharing is not None:
            await self._sharing.agree(services.people, is_new=self.is_new)
        await services.known_chats.load(services.subscribers, self.clock())
        await apply_settings(services, self.archive.key_value)

    async def _begin_answering(self) -> bool:
        application = self.application
        handlers.register(application)
        self._updates.serve(application)
        await application.start()
        if self._sharing is None:
            return True
        # Only now, so that the others give it chats when it can answer them.
        if not await unless(self._stopping, patiently(self._sharing.join)):
            return False
        self._sharing.begin(application, self._intake, self._updates)
        return True

    async def _log_ready(self) -> None:
        self.state.ready_since = time.monotonic()
        self.ready.set()
        if self.leads:
            await unless(self._stopping, self.health.leave_sign())
        log.info("@%s answers", self.application.bot.username)

    async def _compile_templates(self) -> None:
        """Compile the templates one by one in a thread, so that readers are answered meanwhile."""
        while not self._stopping.is_set() and await asyncio.to_thread(self._renderer.compile_next):
            pass

    async def serve(self, stop: asyncio.Event) -> None:
        """Start, serve until `stop` is set, and stop.

        Raises:
            DatabaseError: The database cannot be opened or locked; its file is damaged, deleted or
                replaced.
            OutdatedProgramError: The tables no longer serve this program.
            StartError: Telegram refuses the token, at the start or later.
            StoppedError: The sender cannot go on.
            CutOffError: Telegram does not answer this process, and others do its work.
        """
        stopper = asyncio.create_task(stop.wait(), name="stop")
        stopper.add_done_callback(lambda _: self._stopping.set())
        unusable = asyncio.create_task(self.archive.database.unusable(), name="unusable")
        starting = asyncio.create_task(self.start(), name="start")
        sending = None
        try:
            await asyncio.wait({starting, unusable}, return_when=asyncio.FIRST_COMPLETED)
            sending = starting.result() if starting.done() else None
            if sending is not None:
                halted = asyncio.create_task(self._stopping.wait(), name="halted")
                refused = asyncio.create_task(self._request.refused.wait(), name="refused")
                tasks = {sending, halted, refused, unusable}
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                halted.cancel()
                refused.cancel()
        finally:
            stopper.cancel()
            starting.cancel()
            await asyncio.wait({starting})
            await self.stop()
            unusable.cancel()
        if unusable.done():
            raise unusable.result()
        if self._sharing is not None and (newer := self._sharing.replica.serves_from):
            raise OutdatedProgramError(self.archive.database.shown, newer)
        if self._lease.lost or (self._sharing is not None and self._sharing.replica.lost):
            raise LeaseLostError
        if self._is_cut_off:
            raise CutOffError
        if sending is not None and sending.done() and not sending.cancelled():
            # The sender ended by itself: raise its exception.
            sending.result()
        if self._request.refused.is_set():
            raise StartError(UNKNOWN_TO_TELEGRAM)

    async def stop(self) -> None:
        """Finish and record what is being sent, then close everything.

        May be called at any time.
        """
        self._stopping.set()
        in_flight = IN_FLIGHT_CUT_OFF if self._is_cut_off else IN_FLIGHT
        self._until = asyncio.get_running_loop().time() + in_flight
        async with AsyncExitStack() as closing:
            # The last one pushed closes first. An exception of one does not stop the others.
            closing.push_async_callback(self.archive.close)
            closing.push_async_callback(self._standby.release)
            closing.push_async_callback(self.health.end)
            if self.web is not None:
                closing.push_async_callback(self.web.stop)
            closing.push_async_callback(self._request.shutdown)
            if self._outbox is not None:
                closing.push_async_callback(self._outbox.close)
            if self._sharing is not None:
                # As soon as nothing is answered any more: others wait for these chats.
                closing.push_async_callback(self._sharing.end)
            closing.push_async_callback(self.application.shutdown)
            closing.push_async_callback(
                end_answers, self.application, self._updates, self.state, until=self._until
            )
            if self.state.is_shared:
                # Another one may send while this one ends its answers.
                closing.push_async_callback(self._standby.release)
            closing.push_async_callback(end_sending, self.state, until=self._until)
            closing.push_async_callback((self._webhook or self._polling).end)
            if self.ticks is not None:
                closing.push_async_callback(self.ticks.stop)
            if self._sharing is not None:
                closing.push_async_callback(self._sharing.give_all)

    @property
    def _is_cut_off(self) -> bool:
        return self._sharing is not None and self._sharing.replica.is_cut_off

    async def _open_web(self, *, again: bool = False) -> None:
        """Open `/healthz` and `/metrics`, unless they are open or no address is set."""
        if self.web is None:
            self.web = await open_web(
                self.settings,
                self.archive,
                self._figures,
                self.health.look,
                None if self._webhook is None else self._webhook.receiver,
                shared=None if self._sharing is None else self._sharing.waiting,
                limits=self._http_limits,
                again=again,
            )

    def _figures(self) -> ProcessFigures:
        return self.state.figures(self.web, self.rate_limiter, self._updates, self.application)
