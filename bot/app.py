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
from bot.process.memory import give_memory_back, keep_what_is_there
from bot.process.stopping import unless
from bot.serving.standby import Standby
from bot.serving.telegram_silence import CutOffError
from bot.telegram.application import build_application
from bot.telegram.bot_identity import BotIdentity, note_bot
from bot.telegram.startup import UNKNOWN_TO_TELEGRAM, Polling, PortTakenError, StartError
from bot.telegram.telegram_answers import LastHeard
from bot.telegram.transport import TelegramRequest
from bot.telegram_parts import TelegramParts
from bot.watching.forecast import log_next_run
from bot.watching.process_health import Phase, ProcessHealth, ProcessState
from digest.pacing.priorities import AnswerPriority
from digest.pacing.rate_limiter import RateLimiter
from handlers.chats.admission import apply_settings
from handlers.entry.commands import COMMANDS
from handlers.updates.update_journal import UpdateJournal
from handlers.updates.update_queue import Intake, UpdateQueue
from storage.db.outage import patiently
from storage.replicas.roles import Role
from storage.serving.lease import Lease, LeaseLostError
from storage.serving.lock import OutdatedProgramError
from templates.language.languages import languages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.configuration.settings import Settings
    from bot.http_server.limits import HttpLimits
    from bot.serving.jobs import Ticks
    from bot.serving.pages import PageServer
    from bot.serving.sharing import Sharing
    from bot.serving.web import Web
    from bot.telegram.webhook import Webhook
    from bot.watching.metrics import ProcessFigures
    from storage.model import NewSource
    from workers.pool import Workers

log = logging.getLogger(__name__)

SWITCH = 0.001
"""Seconds after which Python may switch to another thread.

With Python's default of 0.005, an answer would wait that long for each thread that stores or
unpacks the articles of a round.
"""
IN_FLIGHT = 8.0
"""Seconds that a stop waits for messages being sent; the whole stop takes at most ten."""
IN_FLIGHT_CUT_OFF = 1.0
"""The same after Telegram has been silent for ten seconds."""
LAST_ANSWERS = 1.5
"""Seconds that a stop waits for answers in progress."""
LAST_ANSWERS_BESIDE = 0.5
"""The same beside other replicas, which then give the answers that nobody has seen."""


class OnNews:
    """The whole bot: it starts, serves until it is stopped, and shuts down in order.

    `is_new` says that the process has just started, and does not start over as a standby.
    """

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
        is_new: bool = True,
        was_cut_off: bool = False,
    ) -> None:
        settings.require_token()
        if settings.default_language not in (spoken := languages()):
            raise SettingError("DEFAULT_LANGUAGE", f"must be one of {', '.join(spoken)}")
        self.settings = settings
        self.clock = clock
        self._is_new = is_new
        self._was_cut_off = was_cut_off
        self._stopping = asyncio.Event()
        self.ready = asyncio.Event()
        """Set when the bot answers."""
        self.ready_since = 0.0
        """When the process began to serve, in seconds of `time.monotonic`."""
        self.archive = Archive(
            settings, clock=clock, workers=workers, on_new=self._alert_to_what_is_new
        )
        self._first_sources = first_sources
        database = self.archive.database
        self._lease = Lease(database, seconds=lease_seconds)
        self.rate_limiter = rate_limiter or RateLimiter(settings.messages_per_second)
        self._answer_priority = AnswerPriority()
        self._heard = LastHeard()
        journal = UpdateJournal(
            self.archive.waiting_updates, self.archive.key_value, self.archive.begun_updates
        )
        self._sharing: Sharing | None = None
        """What this process shares with other replicas; None on SQLite."""
        if database.dialect == "postgresql":
            from bot.serving.sharing import Sharing  # noqa: PLC0415  # not needed on SQLite

            self._sharing = Sharing(
                settings,
                self.archive,
                self._lease,
                journal,
                self.rate_limiter,
                stopping=self._stopping,
                heard=self._heard,
            )
        self._permits = self._sharing or self._lease
        shared = None if self._sharing is None else self._sharing.updates
        self._updates = UpdateQueue(
            self.rate_limiter, self._answer_priority, journal, clock, COMMANDS, shared=shared
        )
        self._intake = Intake(self._updates.until_there_is_room, journal, shared)
        self._request = TelegramRequest(
            proxies=settings.telegram_proxies,
            permit=self._permits.permit_answer,
            heard=self._heard,
            updates=self._updates,
        )
        self.application = build_application(
            settings,
            self._request,
            rate_limiter=self.rate_limiter,
            updates=self._updates,
            intake=self._intake,
            permit=self._permits.permit_answer,
        )
        self._standby = Standby(
            database, self._lease, self._stopping, roles=settings.roles, sharing=self._sharing
        )
        self._polling = Polling(
            self.application, settings.telegram_api_url, self._stopping, self._lease.doubt, clock
        )
        self._webhook: Webhook | None = None
        """Receives updates by HTTP; None for a bot that polls."""
        if settings.webhook_url:
            from bot.telegram.webhook import Webhook  # noqa: PLC0415  # most bots poll

            self._webhook = Webhook(
                settings,
                self.application,
                self._updates,
                refused=self._request.refused,
                stopping=self._stopping,
                limits=http_limits,
            )
        self._http_limits = http_limits
        self.pages = self._pages()
        """Serves editions by HTTP; None without PAGES_URL."""
        self.health = ProcessHealth(self._state, database, self.archive.deliveries, clock)
        self.web: Web | None = None
        self.ticks: Ticks | None = None
        """The scheduled jobs; None before they begin."""
        self.sender_task: asyncio.Task[None] | None = None
        """The task that sends, or waits until it may; None until then."""
        self._parts: TelegramParts | None = None
        self._has_opened = False
        self._until = 0.0

    def _pages(self) -> PageServer | None:
        if not self.settings.pages_url or Role.ANSWER not in self.settings.roles:
            return None
        from bot.serving.pages import PageServer  # noqa: PLC0415  # most bots have none

        return PageServer(
            self.settings,
            lambda: None if self._parts is None else self._parts.services,
            limits=self._http_limits,
        )

    @property
    def parts(self) -> TelegramParts:
        """The parts that need the bot's identity; ValueError until Telegram has told it."""
        if self._parts is None:
            raise ValueError("Telegram has not told who the bot is")
        return self._parts

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
        give_memory_back()
        await self._open_web()
        is_serving = (
            await self._open_archive()
            and await self._standby.wait_until_alone(or_current=self._sharing is not None)
            and await self._reach_telegram()
            and await self._give_first_sources()
            and await self._introduce()
            and await self._begin_answering()
            and await self._begin_sending()
        )
        if not is_serving:
            return None
        keep_what_is_there()
        await self._log_ready()
        await self._compile_templates()
        await unless(self._stopping, log_next_run(self.settings, self.archive.database, self.clock))
        return self.sender_task

    async def _open_archive(self) -> bool:
        self._has_opened = await self._standby.open_database()
        return self._has_opened

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
        self.archive.fetcher.introduce(self.application.bot.link)
        return await unless(self._stopping, patiently(self._note_bot)) and await unless(
            self._stopping, patiently(self._apply_settings)
        )

    async def _note_bot(self) -> None:
        """Store the bot's identity in the archive, and build the parts that need it."""
        bot, archive = self.application.bot, self.archive
        await note_bot(archive.key_value, BotIdentity(bot.id, bot.username))
        self._parts = TelegramParts(
            self.settings,
            archive,
            bot,
            rate_limiter=self.rate_limiter,
            answer_priority=self._answer_priority,
            permit=self._permits.permit,
            heard=self._heard,
            decided=await archive.access.decided(),
        )
        self.application.bot_data = self._parts.services

    async def _apply_settings(self) -> None:
        services = self.parts.services
        if self._sharing is not None:
            await self._sharing.agree(services.people, is_new=self._is_new)
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

    async def _begin_sending(self) -> bool:
        """Start to send, poll, plan and fetch, or to wait for the right to it.

        Return False if the bot was stopped meanwhile.
        """
        if self.leads:
            self.sender_task = asyncio.create_task(self._send(), name="sender")
            return await self._lead()
        self.sender_task = asyncio.create_task(self._send_later(), name="sender")
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
        if Role.SEND not in self.settings.roles:
            await self._stopping.wait()
        elif (
            await self._standby.wait_until_alone()
            and await self._give_first_sources()
            and await self._lead()
        ):
            await self._send()

    async def _lead(self) -> bool:
        """Start to poll, plan, fetch and work at night; False if the bot was stopped."""
        self.ready_since = time.monotonic()
        self.health.begin()
        is_going_on = (
            await unless(self._stopping, patiently(self._take_up_updates))
            # Articles that an earlier process stored without planning their alerts.
            and await unless(self._stopping, self._alert_to_what_is_new())
            and await (self._webhook or self._polling).begin()
        )
        if not is_going_on:
            return False
        self.ticks = self.parts.ticks(
            self._lease,
            conflict=lambda: self._polling.conflict,
            unanswered=lambda: () if self._sharing is None else self._sharing.unanswered,
        )
        # They may be older than what others have stored.
        self.archive.newsroom.results.round_writer.forget()
        self.ticks.start()
        menus = handlers.publish(
            self.application.bot, self.parts.renderer, self.application.bot_data
        )
        return await unless(self._stopping, menus)

    async def _send(self) -> None:
        """Send what falls due, and edit what was corrected, until the bot stops."""
        correcting = asyncio.create_task(self.parts.corrector.run(self._stopping), name="corrector")
        try:
            await self.parts.sender.run(self._stopping)
        finally:
            correcting.cancel()
            # Not `wait`: the loss of the lease, which the sender raises too, would be logged.
            await asyncio.gather(correcting, return_exceptions=True)

    async def _take_up_updates(self) -> None:
        """Answer the updates that an earlier process left, or share them with other replicas."""
        left = await self._updates.take_up(self.application.bot)
        if self._sharing is not None and self._sharing.updates.is_on:
            await self._sharing.updates.take_over(left)
            return
        for update in left:
            self.application.update_queue.put_nowait(update)

    async def _alert_to_what_is_new(self, published: Sequence[int] = ()) -> None:
        """Plan the alerts of new articles in the ledger, and wake the sender."""
        parts = self._parts
        if parts is None:
            return  # as soon as it leads
        if await patiently(lambda: parts.alerts.plan_new(self.clock(), published)):
            parts.sender.kick()

    async def _log_ready(self) -> None:
        self.ready_since = time.monotonic()
        self.ready.set()
        if self.leads:
            await unless(self._stopping, self.health.leave_sign())
        log.info("@%s answers", self.application.bot.username)

    async def _compile_templates(self) -> None:
        """Compile the templates one by one in a thread, so that readers are answered meanwhile."""
        compile_next = self.parts.renderer.compile_next
        while not self._stopping.is_set() and await asyncio.to_thread(compile_next):
            pass

    async def serve(self, stop: asyncio.Event) -> None:
        """Start, serve until `stop` is set, and stop.

        Raises:
            DatabaseError: The database cannot be opened or locked; its file is damaged, deleted or
                replaced.
            OutdatedProgramError: The tables no longer serve this program.
            StartError: Telegram refuses the token, at the start or later.
            StoppedError: The sender cannot go on.
            LeaseLostError: Another process serves now.
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
            if self.pages is not None:
                closing.push_async_callback(self.pages.stop)
            closing.push_async_callback(self._request.shutdown)
            if self._parts is not None:
                closing.push_async_callback(self._parts.outbox.close)
            if self._sharing is not None:
                # As soon as nothing is answered any more: others wait for these chats.
                closing.push_async_callback(self._sharing.end)
            closing.push_async_callback(self.application.shutdown)
            closing.push_async_callback(self._end_answers)
            if self.is_shared:
                # Another one may send while this one ends its answers.
                closing.push_async_callback(self._standby.release)
            closing.push_async_callback(self._end_sending)
            closing.push_async_callback((self._webhook or self._polling).end)
            if self.ticks is not None:
                closing.push_async_callback(self.ticks.stop)
            if self._sharing is not None:
                closing.push_async_callback(self._sharing.give_all)

    @property
    def _seconds_left(self) -> float:
        """Seconds until the whole stop has to end."""
        return max(self._until - asyncio.get_running_loop().time(), 0.0)

    async def _end_sending(self) -> None:
        """Wait until the sender has recorded what it sent."""
        if self.sender_task is not None:
            await asyncio.wait({self.sender_task}, timeout=self._seconds_left)
            self.sender_task.cancel()

    async def _end_answers(self) -> None:
        """Wait briefly for answers in progress; leave the other updates for the next start."""
        if not self.application.running:
            return
        self._updates.close()
        seconds = patience = LAST_ANSWERS
        if self.is_shared:
            seconds, patience = LAST_ANSWERS_BESIDE, self._seconds_left
        # Not `wait_for`: it would cancel requests to Telegram, and their readers get no answer.
        ending = asyncio.create_task(self.application.stop(), name="answers")
        await asyncio.wait({ending}, timeout=seconds)
        if not ending.done():
            log.warning("stopping without waiting longer for answers to be sent")
        await self._updates.abandon(patience)
        ending.cancel()
        await asyncio.wait({ending})

    @property
    def _is_cut_off(self) -> bool:
        return self._sharing is not None and self._sharing.replica.is_cut_off

    async def _open_web(self, *, again: bool = False) -> None:
        """Open the ports of `/healthz` and of pages, unless they are open or not set."""
        if self.web is None and self.settings.metrics_address is not None:
            # Imported here, because most installations start without METRICS_ADDRESS.
            from bot.serving.web import Web  # noqa: PLC0415

            web = Web(
                self.settings,
                self.archive,
                self._figures,
                self.health.look,
                self._webhook,
                pages=self.pages,
                shared=None if self._sharing is None else self._sharing.waiting,
                limits=self._http_limits,
            )
            if await web.open(*self.settings.metrics_address, again=again):
                self.web = web
        if self.pages is not None:
            await self.pages.open(again=again)

    @property
    def phase(self) -> Phase:
        """The phase of the process, from opening the database to stopping."""
        if self._stopping.is_set():
            return Phase.STOPPING
        if not self._has_opened:
            return Phase.OPENING
        if not self.leads and self._sharing is None:
            return Phase.STANDBY
        return Phase.SERVING if self.ready.is_set() else Phase.STARTING

    @property
    def leads(self) -> bool:
        """Whether this process sends, polls and fetches; on SQLite every one that serves."""
        return self._standby.serving

    @property
    def is_shared(self) -> bool:
        """Whether other replicas answer too."""
        return self._sharing is not None and self._sharing.replica.is_shared

    @property
    def polled(self) -> float | None:
        """When Telegram last answered a poll, in seconds of `time.monotonic`; None before.

        With a webhook any answer counts, but no post: it may arrive where nothing can be sent.
        """
        return self._request.polled if self._webhook is None else self._heard.at

    def _state(self) -> ProcessState:
        sharing, sender = self._sharing, self.sender_task
        return ProcessState(
            phase=self.phase,
            ready_since=self.ready_since,
            polled=self.polled,
            last_answer=0.0 if self._parts is None else self._parts.sender.last_answer,
            sending=sender is not None and not sender.done(),
            leads=self.leads,
            is_shared=self.is_shared,
            unheard=sharing is not None and not sharing.replica.is_valid,
            fleet="" if sharing is None else sharing.line,
        )

    def _figures(self) -> ProcessFigures:
        from bot.watching.metrics import ProcessFigures  # noqa: PLC0415  # not needed for the start

        unpolled = None if self.polled is None else time.monotonic() - self.polled
        open_ = [each for each in (self.web, self._webhook, self.pages) if each is not None]
        return ProcessFigures(
            self.rate_limiter.rate,
            self._updates.waiting + self.application.update_queue.qsize(),
            unpolled,
            tuple(each.port for each in open_ if each.port is not None),
            None if self._sharing is None else self._sharing.figures(),
            dropped_known=self._updates.dropped.known,
            letters_left=self.archive.newsroom.newsletters.left if self.settings.mail_in else None,
            dropped_unknown=self._updates.dropped.unknown,
        )
