"""The assembly: the one place where the parts of ON News are built and put together."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError
from telegram.ext import Application, ApplicationBuilder, ContextTypes, ExtBot

import handlers
from bot.alarm import Alarm, Operators
from bot.archive import Archive, utc_now
from bot.figures import figures, today
from bot.jobs import Ticks
from bot.outlook import look_ahead, next_run
from bot.reach import UNKNOWN_TO_TELEGRAM, Reach, StartError
from bot.settings import SettingError
from bot.standby import LockLostError, Standby
from bot.stopping import unless
from bot.transport import AiohttpRequest, TelegramOutbox
from digest.alerts import Alerts
from digest.deliver import Sender
from digest.pace import Pace
from digest.plan import Planner
from digest.schedule import zone_of
from digest.way import Way
from handlers.context import Context, Defaults, Services
from handlers.keyboards import alert_keyboard, edition_keyboard
from handlers.places import Places
from storage.lock import ServingLock
from templates import Renderer
from templates.languages import languages
from workers.pool import NEW_THINGS, WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.settings import Settings
    from bot.web import Web
    from storage.model import NewSource

__all__ = ["LockLostError", "OnNews", "StartError"]

log = logging.getLogger(__name__)

CONCURRENT_UPDATES = 64
"""python-telegram-bot's default is one: then a slow answer holds everybody up."""

SWITCH = 0.001
"""Seconds after which a thread that computes lets another go on. Python's own five, for each of the
threads that store and unpack what a round brought, are what an answer would wait for."""

LAST_ANSWERS = 1.5
"""Seconds that a stop waits for answers under way."""

IN_FLIGHT = 8.0
"""Seconds from a stop that messages on their way to Telegram are waited for; with `LAST_ANSWERS`
and the end of polling it ends within ten."""

PATIENCE = 5.0
"""Seconds that the database has to show that it is well."""


class Answering(Application[Any, Any, Any, Any, Any, Any]):
    """python-telegram-bot's application, in which editions stand back while it answers."""

    def __init__(self, *, way: Way, **parts: Any) -> None:  # noqa: ANN401  # its builder's
        super().__init__(**parts)
        self._way = way

    async def process_update(self, update: object) -> None:
        """Answer one update."""
        with self._way.answering():
            await super().process_update(update)


class OnNews:
    """The whole bot: started, serving until it is told to stop, and stopped in good order."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = utc_now,
        first_sources: Sequence[NewSource] | None = None,
        pace: Pace | None = None,
    ) -> None:
        settings.require_token()
        if settings.default_language not in (spoken := languages()):
            raise SettingError("DEFAULT_LANGUAGE", f"must be one of {', '.join(spoken)}")
        self.settings = settings
        self.clock = clock
        self.archive = Archive(settings, clock=clock)
        self._first_sources = first_sources
        self._request = AiohttpRequest(settings.telegram_bot_token)
        self.pace = pace or Pace(settings.messages_per_second)
        self._way = Way()
        application: Any = (
            ApplicationBuilder()
            .application_class(Answering, {"way": self._way})
            .token(settings.telegram_bot_token)
            .base_url(f"{settings.telegram_api_url}/bot")
            .base_file_url(f"{settings.telegram_api_url}/file/bot")
            .request(self._request)
            .get_updates_request(self._request)
            .rate_limiter(self.pace)
            .context_types(ContextTypes(context=Context))
            .concurrent_updates(CONCURRENT_UPDATES)
            .job_queue(None)
            .build()
        )
        # The services stand in the place of bot_data, which its builder only knows how to make
        # empty; they are put there once Telegram has said who we are.
        self.application: Application[ExtBot[None], Context, Any, Any, Services, Any] = application
        self.ready = asyncio.Event()
        """Set once the bot answers, fetches and delivers."""
        self._stopping = asyncio.Event()
        self._standby = Standby(ServingLock(self.archive.database), self._stopping)
        self._reach = Reach(application, settings.telegram_api_url, self._stopping)
        self._outbox: TelegramOutbox | None = None
        self._sending: asyncio.Task[None] | None = None
        self._until = 0.0
        self.ticks: Ticks | None = None
        self.web: Web | None = None

    async def start(self) -> asyncio.Task[None] | None:
        """Open the archive, greet Telegram, and begin to answer, to fetch and to deliver.

        While another process serves the same archive, this one waits as a standby.

        Returns:
            The sender's task: it ends when the bot is stopped, or when it cannot go on. None where
            the bot was told to stop before it had begun.

        Raises:
            DatabaseError: The database cannot be opened, or locked.
            StartError: Telegram refuses the token.
        """
        sys.setswitchinterval(SWITCH)
        await self.archive.open(self._first_sources)
        if not await self._standby.alone():
            return None
        await self._open_web()
        if not await self._reach.introduce():
            return None
        application, archive = self.application, self.archive
        archive.fetcher.introduce(application.bot.link)
        renderer = Renderer(archive.taxonomy.categories, username=application.bot.username)
        outbox = self._outbox = TelegramOutbox(application.bot.base_url)
        self.sender = Sender(
            archive.deliveries,
            archive.articles,
            archive.subscribers,
            renderer,
            outbox,
            self.pace,
            clock=self.clock,
            edition_size=self.settings.edition_size,
            way=self._way,
            categories=archive.taxonomy.categories,
            keyboard=lambda edition, language: edition_keyboard(renderer, edition, language),
            alert_keyboard=lambda article, language: alert_keyboard(renderer, article, language),
            paid=self.settings.pays,
        )
        self.planner = Planner(archive.deliveries)
        alerts = Alerts(archive.deliveries, archive.articles)

        async def alert(article_ids: list[int]) -> None:
            if await alerts.plan(article_ids, self.clock()):
                self.sender.kick()

        archive.newsroom.on_new = alert
        application.bot_data = Services(
            articles=archive.articles,
            sources=archive.sources,
            subscribers=archive.subscribers,
            saved=archive.saved,
            shares=archive.shares,
            taxonomy=archive.taxonomy,
            renderer=renderer,
            sender=self.sender,
            places=Places(archive.workers),
            defaults=Defaults(
                self.settings.default_language,
                self.settings.default_timezone,
                self.settings.default_digest_time,
            ),
            admins=self.settings.admin_ids,
            editors=self.settings.editor_ids,
            clock=self.clock,
        )
        handlers.register(application)
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
        self.ticks = Ticks(
            planner=self.planner,
            sender=self.sender,
            newsroom=archive.newsroom,
            subscribers=archive.subscribers,
            alarm=Alarm(archive.watch, archive.notes, operators.tell),
            clock=self.clock,
            fetch_every=self.settings.fetch_every,
        )
        self.ticks.start()
        await unless(self._stopping, handlers.publish(application.bot, renderer))
        # What is there by now stays: were it looked through again each time that the collector goes
        # through everything, answers would have to wait 150 ms for that.
        gc.collect()
        gc.freeze()
        # A round brings a few hundred thousand things that stay: they are gone through less often.
        gc.set_threshold(NEW_THINGS)
        self.ready.set()
        try:
            await archive.workers.begin()
        except WorkerError as error:
            # Editions and answers need none; each round that does tries again.
            log.error("no document can be read just now: %s", error)  # noqa: TRY400  # said in full
        log.info("@%s answers", application.bot.username)
        if self.settings.paid_broadcast:
            await self._say_what_it_costs()
        return self._sending

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
            LockLostError: The connection was lost that holds the right to serve the archive.
        """
        told = asyncio.create_task(stop.wait(), name="stop")
        told.add_done_callback(lambda _: self._stopping.set())
        try:
            sending = await self.start()
            if sending is None:
                return
            watching = asyncio.create_task(self._standby.watch(), name="lock")
            refused = asyncio.create_task(self._request.refused.wait(), name="refused")
            tasks = {told, sending, watching, refused}
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            watching.cancel()
            refused.cancel()
        finally:
            told.cancel()
            await self.stop()
        for task in (sending, watching):
            # What ended by itself did so for a reason that has to be heard.
            if task.done() and not task.cancelled():
                task.result()
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
        """Answer those who watch the process, if that is wanted; a standby leaves them alone.

        Raises:
            StartError: The address cannot be had.
        """
        if self.settings.metrics_address is None:
            return
        # A start need not wait for what few ask for.
        from bot.web import Kept, Web  # noqa: PLC0415

        zone = zone_of(self.settings.default_timezone)
        database = self.archive.database
        kept = Kept(lambda: figures(database, today(self.clock(), zone), zone))
        self.web = Web(kept, lambda: self.pace.rate, self._trouble)
        host, port = self.settings.metrics_address
        try:
            where = await self.web.start(host, port)
        except OSError as error:
            raise StartError(
                f"METRICS_ADDRESS: {host}:{port} cannot be had ({error.strerror}); "
                "choose another port, or leave it empty"
            ) from None
        log.info("%s/healthz and %s/metrics answer", where, where)

    async def _trouble(self) -> str | None:
        """What keeps the bot from its work; None while nothing does."""
        if self._stopping.is_set():
            return "stopping"
        if not self.ready.is_set():
            return "starting: Telegram has not let the bot begin yet"
        if self._sending is None or self._sending.done():
            return "nothing is sent any more"
        try:
            await asyncio.wait_for(self.archive.deliveries.next_time(), PATIENCE)
        except (SQLAlchemyError, TimeoutError):
            return "the database does not answer"
        return None

    async def _end_sending(self) -> None:
        if self._sending is not None:
            left = self._until - asyncio.get_running_loop().time()
            await asyncio.wait({self._sending}, timeout=max(left, 0.0))
            self._sending.cancel()

    async def _end_answers(self) -> None:
        if self.application.running:
            try:
                await asyncio.wait_for(self.application.stop(), LAST_ANSWERS)
            except TimeoutError:
                log.warning("answers that Telegram put off are not waited for")
