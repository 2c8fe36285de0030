"""The composition root: it builds the parts of ON News, connects them, and serves."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import handlers
from bot.composition import Archive, build_planner, utc_now
from bot.configuration.settings import SettingError
from bot.process.memory import keep_what_is_there, share_arenas
from bot.process.stopping import unless
from bot.serving.open_database import open_database
from bot.serving.open_web import open_web
from bot.serving.standby import Standby
from bot.telegram.application import build_application
from bot.telegram.bot_identity import BotIdentity, note_bot
from bot.telegram.startup import UNKNOWN_TO_TELEGRAM, Polling, PortTakenError, StartError
from bot.telegram.transport import TelegramOutbox, TelegramRequest
from bot.telegram_parts import (
    build_corrector,
    build_pictures,
    build_sender,
    build_services,
    build_ticks,
)
from bot.watching.forecast import log_next_run
from bot.watching.process_health import Phase, ProcessHealth
from bot.watching.service_manager import ServiceManager
from digest.making.rich_messages import RichMessages
from digest.pacing.answer_priority import AnswerPriority
from digest.pacing.rate_limiter import RateLimiter
from digest.planning.alerts import AlertPlanner
from handlers.chats.admission import apply_settings
from handlers.core.manager_notices import ManagerNotices
from handlers.entry.commands import COMMANDS
from handlers.updates.intake import Intake
from handlers.updates.update_journal import UpdateJournal
from handlers.updates.update_queue import UpdateQueue
from storage.db.outage import patiently
from storage.replicas.roles import Role
from storage.serving.lease import Lease, LeaseLostError
from storage.serving.lock import MigrationLock, OutdatedProgramError
from templates import Renderer
from templates.language.languages import languages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.configuration.settings import Settings
    from bot.http_server.limits import HttpLimits
    from bot.serving.jobs import Ticks
    from bot.serving.sharing import Sharing
    from bot.telegram.webhook import Webhook, WebhookReceiver
    from bot.watching.gauges import ProcessFigures
    from bot.watching.web import Web
    from storage.model import NewSource
    from workers.pool import Workers

__all__ = ["OnNews", "StartError", "serve"]

log = logging.getLogger(__name__)

SWITCH = 0.001
"""Seconds after which Python may switch to another thread.

With Python's default of 0.005, an answer would wait that long for each thread that stores or
unpacks the articles of a round.
"""

BESIDE = "another process sends editions; this one answers readers beside it"
"""The log line of a replica that waits for the right to send."""

SENDS_NOT = "this process leaves sending to others: its ROLES are %s"
"""The log line of a replica without the role of sending."""

LAST_ANSWERS = 1.5
"""Seconds that a stop waits for answers in progress."""

LAST_ANSWERS_BESIDE = 0.5
"""The same beside other replicas, which then give the answers that nobody has seen."""

IN_FLIGHT = 8.0
"""Seconds that a stop waits for messages being sent; the whole stop takes at most ten."""


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
        self._request = TelegramRequest(
            settings.telegram_bot_token,
            proxies=settings.telegram_proxies,
            permit=self._permit_answer,
        )
        self.rate_limiter = rate_limiter or RateLimiter(settings.messages_per_second)
        self._answer_priority = AnswerPriority()
        self._journal = UpdateJournal(self.archive.waiting_updates, self.archive.key_value)
        self.ready = asyncio.Event()  # set when the bot answers
        self._stopping = asyncio.Event()
        self.is_new = True
        """Whether the process has just started, and does not start over as a standby."""
        self._sharing = self._build_sharing(lease_seconds)
        shared = None if self._sharing is None else self._sharing.updates
        self._updates = UpdateQueue(
            self.rate_limiter, self._answer_priority, self._journal, clock, COMMANDS, shared=shared
        )
        self._intake = Intake(self._updates, self._journal, shared)
        self._request.updates = self._updates
        self.application = build_application(
            settings,
            self._request,
            rate_limiter=self.rate_limiter,
            updates=self._updates,
            intake=self._intake,
            permit=self._permit_answer,
        )
        takes = Role.SEND in settings.roles
        self._standby = Standby(database, self._lease, self._stopping, takes=takes)
        if self._sharing is not None:
            self._standby.waiting = BESIDE if takes else SENDS_NOT % ", ".join(settings.roles)
            self._sharing.on_no_sender = self._standby.look_now
        self._polling = Polling(
            self.application, settings.telegram_api_url, self._stopping, self._lease.doubt, clock
        )
        self._http_limits = http_limits
        self._receiver: WebhookReceiver | None = None
        self._webhook: Webhook | None = None
        if settings.webhook_url:
            self._webhook = self._build_webhook()
        self._outbox: TelegramOutbox | None = None
        self._sending: asyncio.Task[None] | None = None
        self._until = 0.0
        self.ticks: Ticks | None = None
        self.web: Web | None = None
        self._opened = False
        self._decided: dict[int, bool] = {}
        self.ready_since = 0.0  # start of serving, in seconds of `time.monotonic`
        self.health = ProcessHealth(self, self.archive.database, self.archive.deliveries, clock)

    async def start(self) -> asyncio.Task[None] | None:
        """Open the archive, connect to Telegram, and start to answer, fetch and deliver.

        While another process serves the same SQLite file, this one waits as its standby and changes
        nothing in it. On PostgreSQL it answers readers together with the others, and sends, fetches
        and polls once no other process does.

        Returns:
            The task that sends, or waits until it may. It ends when the bot is stopped or the
                sender fails. None if the bot was stopped before it began to serve.

        Raises:
            DatabaseError: The database cannot be opened or locked.
            StartError: Telegram refuses the token.
        """
        sys.setswitchinterval(SWITCH)
        share_arenas()
        await self._open_web()
        is_serving = (
            await self._open_archive()
            and await self._standby.wait_until_alone(or_current=self._sharing is not None)
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
        return self._sending

    @property
    def leads(self) -> bool:
        """Whether this process sends, polls and fetches; on SQLite every one that serves."""
        return self._standby.serving

    @property
    def _is_shared(self) -> bool:
        """Whether other replicas answer too."""
        return self._sharing is not None and self._sharing.replica.is_shared

    def _build_sharing(self, seconds: float | None) -> Sharing | None:
        """Return what this process shares with others; None on SQLite."""
        if self.archive.database.dialect == "sqlite":
            return None
        # Imported here, because one process on SQLite shares nothing.
        from bot.serving.sharing import Sharing  # noqa: PLC0415

        return Sharing(
            self.settings,
            self.archive,
            self._lease,
            self._journal,
            self.rate_limiter,
            stopping=self._stopping,
            clock=self.clock,
            seconds=seconds,
        )

    def _build_webhook(self) -> Webhook:
        # Imported here, because a bot that polls needs no HTTP server.
        from bot.telegram.webhook import Webhook, WebhookReceiver, secret_of  # noqa: PLC0415

        self._receiver = WebhookReceiver(self.settings.webhook_url, secret_of(self.settings))
        return Webhook(
            self.settings,
            self.application,
            self._receiver,
            self._updates,
            refused=self._request.refused,
            stopping=self._stopping,
            limits=self._http_limits,
        )

    async def _permit_answer(self) -> None:
        """Wait until answers to readers may be sent.

        Raises:
            LeaseLostError: Another process has taken the work of this one.
        """
        await (self._lease if self._sharing is None else self._sharing).permit_answer()

    async def _permit_sending(self) -> None:
        """Wait until a delivery may be sent: an edition, or one that a reader has asked for.

        A process that has lost the lease may send nothing, though it may still hold its chats: the
        next one sends what this one has claimed.

        Raises:
            LeaseLostError: Another process has taken the work of this one.
        """
        if self._sharing is None or self._lease.was_taken:
            await self._lease.permit()
        else:
            await self._sharing.permit_answer()

    async def _begin_sending(self) -> bool:
        """Start to send and all that goes with it, now or once no other process does.

        Returns:
            False if the bot was stopped meanwhile.
        """
        if self.leads:
            self._sending = asyncio.create_task(self._deliver(), name="sender")
            return await self._begin_leading()
        self._sending = asyncio.create_task(self._send_later(), name="sender")
        if self._sharing is not None:
            self._sharing.sources.begin(self.settings.fetch_every)
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
            and await self._begin_leading()
        ):
            await self._deliver()

    async def _begin_leading(self) -> bool:
        """Start what one process does for all: polling, planning, fetching, the night's work.

        Returns:
            False if the bot was stopped meanwhile.
        """
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
        self._begin_ticks()
        application = self.application
        menus = handlers.publish(application.bot, self._renderer, application.bot_data)
        return await unless(self._stopping, menus)

    async def _take_up_updates(self) -> None:
        """Answer the updates that an earlier process left, or share them with other replicas."""
        left = await self._journal.take_up(self.application.bot, self.clock())
        if self._sharing is not None and self._sharing.updates.is_on:
            await self._sharing.updates.take_over(left)
            return
        for update in left:
            self.application.update_queue.put_nowait(update)

    async def _open_archive(self) -> bool:
        self._opened = await open_database(self.archive.database, self._stopping)
        return self._opened

    async def _give_first_sources(self) -> bool:
        if not self.leads:
            return True
        seeding = patiently(lambda: self.archive.seed(self._first_sources))
        return await unless(self._stopping, seeding)

    async def _introduce(self) -> bool:
        """Ask Telegram for the bot's own identity, and build the parts that need it.

        Returns:
            False if the bot was stopped meanwhile.
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
        self._renderer = Renderer(archive.taxonomy.categories, username=bot.username)
        self._outbox = TelegramOutbox(
            bot.base_url, proxies=self.settings.telegram_proxies, permit=self._permit_sending
        )
        self.planner = build_planner(self.settings, archive)
        self.pictures = build_pictures(self.settings, archive, bot)
        rich = RichMessages(self.pictures.ready, self.pictures.forget, self._outbox.knows_bot)
        notices = ManagerNotices(bot, archive.managers, archive.subscribers, self._renderer)
        self.sender = build_sender(
            self.settings,
            archive,
            self._renderer,
            outbox=self._outbox,
            rate_limiter=self.rate_limiter,
            answer_priority=self._answer_priority,
            rich=rich,
            notices=notices,
        )
        self.corrector = build_corrector(
            archive,
            self._renderer,
            outbox=self._outbox,
            rate_limiter=self.rate_limiter,
            answer_priority=self._answer_priority,
            rich=rich,
        )
        self.application.bot_data = build_services(
            self.settings,
            archive,
            self._renderer,
            self.sender,
            rich,
            corrector=self.corrector,
            notices=notices,
            decided=self._decided,
        )
        self.alerts = AlertPlanner(
            archive.deliveries, archive.articles, archive.key_value, archive.taxonomy.categories
        )
        archive.newsroom.results.on_new = self._alert_to_what_is_new
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

    async def _alert_to_what_is_new(self, published: Sequence[int] = ()) -> None:
        """Plan the alerts of new articles in the ledger, and wake the sender."""
        if await patiently(lambda: self.alerts.plan_new(self.clock(), published)):
            self.sender.kick()

    async def _begin_answering(self) -> bool:
        """Start to answer updates."""
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

    async def _deliver(self) -> None:
        """Send what falls due, and edit what was corrected."""
        correcting = asyncio.create_task(self.corrector.run(self._stopping), name="corrector")
        try:
            await self.sender.run(self._stopping)
        finally:
            correcting.cancel()
            # Not `wait`: the loss of the lease, which the sender raises too, would be logged.
            await asyncio.gather(correcting, return_exceptions=True)

    def _begin_ticks(self) -> None:
        """Start the scheduled jobs: planning, fetching, checks of sources, backups."""
        self.ticks = build_ticks(
            self.settings,
            self.archive,
            self.application,
            self.planner,
            self.pictures,
            rate_limiter=self.rate_limiter,
            conflict=lambda: self._polling.conflict,
            serving=lambda: self._lease.is_valid,
        )
        self.ticks.start()
        if self._sharing is not None:
            self._sharing.sources.lead(self.ticks.sources)

    async def _log_ready(self) -> None:
        self.ready_since = time.monotonic()
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
            LeaseLostError: Another process serves the archive now.
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
        self._until = asyncio.get_running_loop().time() + IN_FLIGHT
        async with AsyncExitStack() as closing:
            # The last one pushed closes first. An exception of one does not stop the others.
            closing.push_async_callback(self.archive.close)
            closing.push_async_callback(self._standby.release)
            if self._sharing is not None:
                closing.push_async_callback(self._sharing.end)
            closing.push_async_callback(self.health.end)
            if self.web is not None:
                closing.push_async_callback(self.web.stop)
            closing.push_async_callback(self._request.shutdown)
            if self._outbox is not None:
                closing.push_async_callback(self._outbox.close)
            closing.push_async_callback(self.application.shutdown)
            closing.push_async_callback(self._end_answers)
            if self._is_shared:
                # Another one may send while this one ends its answers.
                closing.push_async_callback(self._standby.release)
            closing.push_async_callback(self._end_sending)
            closing.push_async_callback((self._webhook or self._polling).end)
            if self._sharing is not None:
                closing.push_async_callback(self._sharing.sources.stop)
            if self.ticks is not None:
                closing.push_async_callback(self.ticks.stop)
            if self._sharing is not None:
                closing.push_async_callback(self._sharing.give_all)

    async def _open_web(self, *, again: bool = False) -> None:
        """Open `/healthz` and `/metrics`, unless they are open or no address is set."""
        if self.web is None:
            parts = (self.settings, self.archive, self._process_figures, self.health.look)
            self.web = await open_web(
                *parts,
                self._receiver,
                shared=None if self._sharing is None else self._sharing.waiting,
                limits=self._http_limits,
                again=again,
            )

    @property
    def phase(self) -> Phase:
        """The phase of the process, from opening the database to stopping."""
        if self._stopping.is_set():
            return Phase.STOPPING
        if not self._opened:
            return Phase.OPENING
        if not self.leads and self._sharing is None:
            return Phase.STANDBY
        return Phase.SERVING if self.ready.is_set() else Phase.STARTING

    @property
    def polled(self) -> float | None:
        """When Telegram last answered a poll or sent an update, in seconds of `time.monotonic`.

        None before the first time.
        """
        return self._request.polled if self._webhook is None else self._webhook.last_answer

    @property
    def last_answer(self) -> float:
        """When Telegram last answered about a delivery, in seconds of `time.monotonic`."""
        return self.sender.last_answer

    @property
    def sending(self) -> bool:
        """Whether the sender is running."""
        return self._sending is not None and not self._sending.done()

    @property
    def unheard(self) -> bool:
        """Whether other replicas may have taken the chats of this one."""
        return self._sharing is not None and not self._sharing.replica.is_valid

    @property
    def fleet(self) -> str:
        """What this replica holds, and the replicas as a whole; empty if the process is alone."""
        return "" if self._sharing is None else self._sharing.line

    def _process_figures(self) -> ProcessFigures:
        from bot.watching.gauges import ProcessFigures  # noqa: PLC0415  # not needed for the start

        unpolled = None if self.polled is None else time.monotonic() - self.polled
        waiting = self._updates.waiting + self.application.update_queue.qsize()
        open_ = [each for each in (self.web, self._webhook) if each is not None]
        ports = tuple(each.port for each in open_ if each.port is not None)
        replicas = None if self._sharing is None else self._sharing.figures()
        return ProcessFigures(self.rate_limiter.rate, waiting, unpolled, ports, replicas)

    async def _end_sending(self) -> None:
        if self._sending is not None:
            left = self._until - asyncio.get_running_loop().time()
            await asyncio.wait({self._sending}, timeout=max(left, 0.0))
            self._sending.cancel()

    async def _end_answers(self) -> None:
        """Wait briefly for answers in progress; leave the other updates for the next start."""
        if not self.application.running:
            return
        self._updates.close()
        seconds = patience = LAST_ANSWERS
        if self._is_shared:
            seconds, patience = LAST_ANSWERS_BESIDE, self._until - asyncio.get_running_loop().time()
        # Not `wait_for`: it would cancel requests to Telegram, and their readers get no answer.
        ending = asyncio.create_task(self.application.stop(), name="answers")
        await asyncio.wait({ending}, timeout=seconds)
        if not ending.done():
            log.warning("stopping without waiting longer for answers to be sent")
        await self._updates.abandon(max(patience, 0.0))
        ending.cancel()
        await asyncio.wait({ending})


async def serve(
    settings: Settings,
    stop: asyncio.Event,
    *,
    service_manager: ServiceManager | None = None,
    **parts: Any,  # noqa: ANN401  # those of `OnNews`
) -> None:
    """Serve until `stop` is set. If another process takes over, continue as its standby.

    Raises:
        DatabaseError, StartError, StoppedError: As in `OnNews.serve`.
    """
    manager = service_manager or ServiceManager()
    async with manager.informed(stop):
        is_new = True
        while not stop.is_set():
            manager.process = onnews = OnNews(settings, **parts)
            onnews.is_new, is_new = is_new, False
            try:
                await onnews.serve(stop)
            except LeaseLostError as error:
                log.warning("%s; this one waits as its standby", error)
            else:
                return
