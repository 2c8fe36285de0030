"""The assembly: the one place where the parts of ON News are built and put together."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import sys
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from telegram.ext import Application, ApplicationBuilder, ContextTypes, ExtBot

import handlers
from bot.composition import Archive, nightly, utc_now
from bot.daily_stats import figures, today
from bot.forecast import look_ahead, next_run
from bot.jobs import Ticks
from bot.offline import Offline
from bot.operator_alerts import OperatorAlerts, Operators
from bot.process_health import Phase, ProcessHealth
from bot.settings import SettingError
from bot.standby import Standby
from bot.startup import UNKNOWN_TO_TELEGRAM, Reach, StartError
from bot.stopping import unless, within
from bot.transport import AiohttpRequest, TelegramOutbox
from digest.alerts import Alerts
from digest.answer_priority import AnswerPriority
from digest.plan import Planner
from digest.rate_limiter import RateLimiter
from digest.rich_messages import RichMessages
from digest.schedule import zone_of
from digest.sender import Sender
from handlers.context import Context
from handlers.keyboards import alert_keyboard, edition_keyboard
from handlers.places import Places
from handlers.readers import Defaults, Readers
from handlers.services import Services
from handlers.unanswered import Unanswered
from handlers.update_queue import Intake, UpdateQueue
from storage.lease import SECONDS, Lease, LeaseLostError
from storage.lock import ServingLock
from storage.outage import DatabaseUnavailableError, patiently
from templates import Renderer
from templates.languages import languages
from workers.pool import NEW_THINGS, WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.gauges import Pulse
    from bot.settings import Settings
    from bot.web import Web
    from storage.model import NewSource

__all__ = ["OnNews", "StartError", "serve"]

log = logging.getLogger(__name__)

SWITCH = 0.001
"""Seconds after which a thread that computes lets another go on. Python's own five, for each of the
threads that store and unpack what a round brought, are what an answer would wait for."""

LAST_ANSWERS = 1.5
"""Seconds that a stop waits for answers under way."""

IN_FLIGHT = 8.0
"""Seconds from a stop that messages on their way to Telegram are waited for; with `LAST_ANSWERS`
and the end of polling it ends within ten."""

TRY_AGAIN = 0.5
"""Seconds between two tries to open a database that is not there at the start."""
SAY_AGAIN = 60.0
"""Seconds between two lines that say so."""


class Answering(Application[Any, Any, Any, Any, Any, Any]):
    """python-telegram-bot's application, which keeps nothing of the chats that wrote."""

    def __init__(self, *, lease: Lease, **parts: Any) -> None:  # noqa: ANN401  # its builder's
        super().__init__(**parts)
        self._lease = lease

    async def process_update(self, update: object) -> None:
        """Answer one update; where another process serves by now, leave it to that one."""
        try:
            await self._lease.permit_answer()
        except LeaseLostError:
            return
        await super().process_update(update)

    def _mark_for_persistence_update(self, **_: object) -> None:
        """Nothing is persisted: there is no need to remember, for ever, whose data it would be."""


class OnNews:
    """The whole bot: started, serving until it is told to stop, and stopped in good order."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = utc_now,
        first_sources: Sequence[NewSource] | None = None,
        rate_limiter: RateLimiter | None = None,
        lease_seconds: float = SECONDS,
    ) -> None:
        settings.require_token()
        if settings.default_language not in (spoken := languages()):
            raise SettingError("DEFAULT_LANGUAGE", f"must be one of {', '.join(spoken)}")
        self.settings = settings
        self.clock = clock
        self.archive = Archive(settings, clock=clock)
        self._first_sources = first_sources
        database = self.archive.database
        self._lease = Lease(database, ServingLock(database), seconds=lease_seconds)
        self._request = AiohttpRequest(
            settings.telegram_bot_token,
            proxies=settings.telegram_proxies,
            permit=self._lease.permit_answer,
        )
        self.rate_limiter = rate_limiter or RateLimiter(settings.messages_per_second)
        self._answer_priority = AnswerPriority()
        self._unanswered = Unanswered(self.archive.waiting_updates, self.archive.notes)
        self._updates = UpdateQueue(
            self.rate_limiter, self._answer_priority, self._unanswered, clock
        )
        self._request.before_polling = self._updates.write_down
        application: Any = (
            ApplicationBuilder()
            .application_class(Answering, {"lease": self._lease})
            .token(settings.telegram_bot_token)
            .base_url(f"{settings.telegram_api_url}/bot")
            .base_file_url(f"{settings.telegram_api_url}/file/bot")
            .request(self._request)
            .get_updates_request(self._request)
            .rate_limiter(self.rate_limiter)
            .context_types(ContextTypes(context=Context))
            .concurrent_updates(self._updates)
            .update_queue(Intake(self._updates, self._unanswered))
            .job_queue(None)
            .build()
        )
        # The services stand in the place of bot_data, which its builder only knows how to make
        # empty; they are put there once Telegram has said who we are.
        self.application: Application[ExtBot[None], Context, Any, Any, Services, Any] = application
        self.ready = asyncio.Event()
        """Set once the bot answers, fetches and delivers."""
        self._stopping = asyncio.Event()
        self._standby = Standby(database, self._lease, self._stopping)
        self._reach = Reach(application, settings.telegram_api_url, self._stopping)
        self._outbox: TelegramOutbox | None = None
        self._sending: asyncio.Task[None] | None = None
        self._until = 0.0
        self.ticks: Ticks | None = None
        self.web: Web | None = None
        self._opened = False
        self.ready_since = 0.0
        """When it began to serve, in seconds of `time.monotonic`."""
        self.health = ProcessHealth(self, self.archive.database, self.archive.deliveries, clock)

    async def start(self) -> asyncio.Task[None] | None:
        """Open the archive, greet Telegram, and begin to answer, to fetch and to deliver.

        While another process serves the same archive, this one waits as a standby, and changes
        nothing in it.

        Returns:
            The sender's task: it ends when the bot is stopped, or when it cannot go on. None where
            the bot was told to stop before it had begun.

        Raises:
            DatabaseError: The database cannot be opened, or locked.
            StartError: Telegram refuses the token.
        """
        sys.setswitchinterval(SWITCH)
        await self._open_web()
        if not await self._open_archive():
            return None
        self._opened = True
        if not await self._standby.alone():
            return None
        await unless(self._stopping, patiently(lambda: self.archive.seed(self._first_sources)))
        self.health.begin()
        # Where a process that is gone by now had the port.
        await self._open_web()
        if not await self._reach.introduce():
            return None
        application, archive = self.application, self.archive
        archive.fetcher.introduce(application.bot.link)
        renderer = Renderer(archive.taxonomy.categories, username=application.bot.username)
        outbox = self._outbox = TelegramOutbox(
            application.bot.base_url,
            proxies=self.settings.telegram_proxies,
            permit=self._lease.permit,
        )
        rich = RichMessages(knows_bot=outbox.knows_bot)
        self.sender = Sender(
            archive.deliveries,
            archive.articles,
            archive.subscribers,
            renderer,
            outbox,
            self.rate_limiter,
            clock=self.clock,
            edition_size=self.settings.edition_size,
            answer_priority=self._answer_priority,
            categories=archive.taxonomy.categories,
            keyboard=lambda edition, language: edition_keyboard(renderer, edition, language),
            alert_keyboard=lambda article, language: alert_keyboard(renderer, article, language),
            rich=rich,
            paid=self.settings.pays,
        )
        self.planner = Planner(archive.deliveries)
        alerts = Alerts(archive.deliveries, archive.articles)

        async def alert(article_ids: list[int]) -> None:
            if await patiently(lambda: alerts.plan(article_ids, self.clock())):
                self.sender.kick()

        archive.newsroom.on_new = alert
        defaults = Defaults(
            self.settings.default_language,
            self.settings.default_timezone,
            self.settings.default_digest_time,
            self.settings.keep_gone_readers_days,
        )
        application.bot_data = Services(
            articles=archive.articles,
            sources=archive.sources,
            subscribers=archive.subscribers,
            readers=Readers(archive.subscribers, defaults, self.clock),
            saved=archive.saved,
            shares=archive.shares,
            taxonomy=archive.taxonomy,
            renderer=renderer,
            sender=self.sender,
            places=Places(archive.workers),
            defaults=defaults,
            admins=self.settings.admin_ids,
            editors=self.settings.editor_ids,
            clock=self.clock,
        )
        handlers.register(application)
        self._updates.serve(application)
        left = await patiently(lambda: self._unanswered.take_up(application.bot, self.clock()))
        for update in left:
            application.update_queue.put_nowait(update)
        await application.start()
        self._sending = asyncio.create_task(self.sender.run(self._stopping), name="sender")
        if not await self._reach.begin_polling():
            return None
        operators = Operators(
            application.bot,
            archive.subscribers,
            renderer,
            self.settings.admin_ids,
            application.bot_data.defaults,
        )
        offline = Offline(archive.notes, archive.sources.ask_again, operators.tell_of_return)
        self.ticks = Ticks(
            planner=self.planner,
            sender=self.sender,
            newsroom=archive.newsroom,
            subscribers=archive.subscribers,
            alarm=OperatorAlerts(archive.watch, archive.notes, operators.tell, offline.hides),
            offline=offline,
            clock=self.clock,
            fetch_every=self.settings.fetch_every,
            nightly=nightly(
                archive,
                self.settings,
                lambda reason: operators.say("backup_failed", reason=reason),
            ),
            serving=lambda: self._lease.is_valid,
        )
        self.ticks.start()
        await unless(self._stopping, handlers.publish(application.bot, renderer))
        # What is there by now stays: were it looked through again each time that the collector goes
        # through everything, answers would have to wait 150 ms for that.
        gc.collect()
        gc.freeze()
        # A round brings a few hundred thousand things that stay: they are gone through less often.
        gc.set_threshold(NEW_THINGS)
        self.ready_since = time.monotonic()
        self.ready.set()
        self.health.kick()
        try:
            await archive.workers.begin()
        except WorkerError as error:
            # Editions and answers need none; each round that does tries again.
            log.error("no document can be read just now: %s", error)  # noqa: TRY400  # said in full
        log.info("@%s answers", application.bot.username)
        if self.settings.paid_broadcast:
            await unless(self._stopping, patiently(self._say_what_it_costs))
        return self._sending

    async def _open_archive(self) -> bool:
        """Open the archive, and wait for a database that is not there yet.

        Returns:
            False where the bot was told to stop first.

        Raises:
            DatabaseError: The database cannot be opened, and waiting would not help.
        """
        said, waits = 0.0, False
        loop = asyncio.get_running_loop()
        while True:
            try:
                opened = await unless(self._stopping, self.archive.database.open(migrate=False))
            except DatabaseUnavailableError as error:
                if not waits or loop.time() - said >= SAY_AGAIN:
                    said, waits = loop.time(), True
                    log.warning("waiting for the database: %s", error)
            else:
                if opened and waits:
                    log.warning("the database is there")
                return opened
            if await within(self._stopping, TRY_AGAIN):
                return False

    async def _say_what_it_costs(self) -> None:
        rate = self.settings.messages_per_second
        if self.settings.pays:
            ahead = await look_ahead(self.archive.database, self.clock(), rate)
            log.info("%s", next_run(ahead, zone_of(self.settings.default_timezone)))
        else:
            log.warning("PAID_BROADCAST is on, but nothing costs at MESSAGES_PER_SECOND=%d", rate)

    async def serve(self, stop: asyncio.Event) -> None:
        """Start, serve until `stop` is set, and stop.

        Raises:
            DatabaseError: The database cannot be opened, or locked.
            StartError: Telegram refuses the token, at the start or later.
            StoppedError: The sender cannot go on.
            LeaseLostError: Another process serves the archive now.
        """
        told = asyncio.create_task(stop.wait(), name="stop")
        told.add_done_callback(lambda _: self._stopping.set())
        sending = None
        try:
            sending = await self.start()
            if sending is not None:
                halted = asyncio.create_task(self._stopping.wait(), name="halted")
                refused = asyncio.create_task(self._request.refused.wait(), name="refused")
                tasks = {sending, halted, refused}
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                halted.cancel()
                refused.cancel()
        finally:
            told.cancel()
            await self.stop()
        if self._standby.is_lost:
            raise LeaseLostError
        if sending is not None and sending.done() and not sending.cancelled():
            # What ended by itself did so for a reason that has to be heard.
            sending.result()
        if self._request.refused.is_set():
            raise StartError(UNKNOWN_TO_TELEGRAM)

    async def stop(self) -> None:
        """Finish what is in flight, settle it, and close everything. May be called at any point."""
        self._stopping.set()
        self._until = asyncio.get_running_loop().time() + IN_FLIGHT
        async with AsyncExitStack() as closing:
            # The last one goes first; whatever one of them raises, the others are closed too.
            closing.push_async_callback(self.archive.close)
            closing.push_async_callback(self._standby.release)
            closing.push_async_callback(self.health.end)
            if self.web is not None:
                closing.push_async_callback(self.web.stop)
            closing.push_async_callback(self._request.shutdown)
            if self._outbox is not None:
                closing.push_async_callback(self._outbox.close)
            closing.push_async_callback(self.application.shutdown)
            closing.push_async_callback(self._end_answers)
            closing.push_async_callback(self._end_sending)
            closing.push_async_callback(self._reach.end_polling)
            if self.ticks is not None:
                closing.push_async_callback(self.ticks.stop)

    async def _open_web(self) -> None:
        """Answer those who watch the process, if that is wanted; a standby too.

        Where another process has the port this one goes on without, and says so.

        Raises:
            StartError: The address cannot be had.
        """
        if self.settings.metrics_address is None or self.web is not None:
            return
        # A start need not wait for what few ask for.
        from bot.gauges import standing  # noqa: PLC0415  # as above
        from bot.web import LONGER, Kept, Web  # noqa: PLC0415

        zone = zone_of(self.settings.default_timezone)
        archive, database = self.archive, self.archive.database
        web = Web(
            Kept(lambda: figures(database, today(self.clock(), zone), zone)),
            Kept(
                lambda: standing(database, archive.subscribers, archive.watch, self.clock()),
                least=LONGER,
            ),
            self._pulse,
            self.health.look,
        )
        host, port = self.settings.metrics_address
        try:
            where = await web.start(host, port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                log.warning(
                    "METRICS_ADDRESS: another process listens at %s:%d; "
                    "this one goes on without /healthz and /metrics",
                    host,
                    port,
                )
                return
            raise StartError(
                f"METRICS_ADDRESS: {host}:{port} cannot be had ({error.strerror}); "
                "choose another address, or leave it empty"
            ) from None
        self.web = web
        log.info("%s/healthz and %s/metrics answer", where, where)

    @property
    def phase(self) -> Phase:
        """How far the process has come."""
        if self._stopping.is_set():
            return Phase.STOPPING
        if not self._opened:
            return Phase.OPENING
        if not self._standby.serving:
            return Phase.STANDBY
        return Phase.SERVING if self.ready.is_set() else Phase.STARTING

    @property
    def polled(self) -> float | None:
        """When Telegram last answered a request for updates, in seconds of `time.monotonic`."""
        return self._request.polled

    @property
    def heard(self) -> float:
        """When Telegram last said something about a delivery, likewise."""
        return self.sender.heard

    @property
    def sending(self) -> bool:
        """Whether the sender is at work."""
        return self._sending is not None and not self._sending.done()

    def _pulse(self) -> Pulse:
        from bot.gauges import Pulse  # noqa: PLC0415  # a start need not wait for it

        unpolled = None if self.polled is None else time.monotonic() - self.polled
        waiting = self._updates.waiting + self.application.update_queue.qsize()
        return Pulse(self.rate_limiter.rate, waiting, unpolled)

    async def _end_sending(self) -> None:
        if self._sending is not None:
            left = self._until - asyncio.get_running_loop().time()
            await asyncio.wait({self._sending}, timeout=max(left, 0.0))
            self._sending.cancel()

    async def _end_answers(self) -> None:
        """Give what is being answered a moment; what has not been is left for the next start."""
        if self.application.running:
            self._updates.close()
            try:
                await asyncio.wait_for(self.application.stop(), LAST_ANSWERS)
            except TimeoutError:
                log.warning("answers that Telegram put off are not waited for")
            await self._updates.abandon()


async def serve(settings: Settings, stop: asyncio.Event, **parts: Any) -> None:  # noqa: ANN401  # those of `OnNews`
    """Serve until `stop` is set. Where another process takes over, wait as its standby.

    Raises:
        DatabaseError, StartError, StoppedError: As `OnNews.serve` raises them.
    """
    while not stop.is_set():
        try:
            await OnNews(settings, **parts).serve(stop)
        except LeaseLostError as error:
            log.warning("%s; this one waits as its standby", error)
        else:
            return
