"""Updates by webhook: Telegram posts them to an address of ours, where WEBHOOK_URL names one.

The webhook is set at each start, and left at a stop: a newer process may serve it already. It is
python-telegram-bot's polling that takes it away, where a later start polls.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import hmac
import json
import logging
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web
from telegram.error import BadRequest, InvalidToken, TelegramError

import handlers
from bot.http_server.port import HttpPort
from bot.http_server.trusted_networks import TrustedNetworks
from bot.process.stopping import within
from bot.telegram.startup import StartError, until_answered
from bot.telegram.telegram_answers import update_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram import WebhookInfo
    from telegram.ext import Application

    from bot.configuration.settings import Settings
    from bot.http_server.limits import HttpLimits
    from handlers.updates.update_queue import UpdateQueue

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the header's name
LARGEST = 1024 * 1024
"""Bytes of an update; Telegram's are a few thousand."""
CONNECTIONS = 40
"""Posts that Telegram may have under way at once: its own default."""
ROOM_WITHIN = 0.05
"""Seconds that a post waits while too many updates wait; then Telegram is asked to come again."""
LOOK_EVERY = 30.0
"""Seconds between two looks at how Telegram fares with the webhook."""
LAST_POSTS = 1.0
"""Seconds that a stop waits for posts under way."""


def secret_of(settings: Settings) -> str:
    """What Telegram shows with each update: WEBHOOK_SECRET, or one made from the token."""
    if settings.webhook_secret:
        return settings.webhook_secret
    key = settings.telegram_bot_token.encode()
    return hmac.new(key, b"webhook", hashlib.sha256).hexdigest()


class WebhookReceiver:
    """What is answered at the address of the webhook.

    Args:
        url: The address that Telegram posts to; its path counts.
        secret: What Telegram shows with each update.
    """

    def __init__(self, url: str, secret: str) -> None:
        self.path = urlsplit(url).path or "/"
        self._secret = secret.encode()
        self._take: Callable[[dict[str, Any]], Awaitable[bool]] | None = None

    def open(self, take: Callable[[dict[str, Any]], Awaitable[bool]]) -> None:
        """Hand updates on from now on; `take` says whether there was room for one."""
        self._take = take

    def close(self) -> None:
        """Take no more: Telegram keeps them for whoever serves next."""
        self._take = None

    def is_from_telegram(self, request: web.Request) -> bool:
        """Return whether a request shows the secret."""
        shown = request.headers.get(SECRET_HEADER, "").encode(errors="replace")
        return hmac.compare_digest(shown, self._secret)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a post. Telegram counts an update as delivered by status 200 alone."""
        if not self.is_from_telegram(request):
            return web.Response(status=403, text="the secret token is wrong\n")
        take = self._take
        if take is None:
            return _later("starting or stopping\n")
        try:
            update: Any = json.loads(await request.read())
        except (ValueError, RecursionError):
            return web.Response(status=400, text="the body is no JSON\n")
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return web.Response(status=400, text="the body is no update\n")
        if not await take(update):
            return _later("too many updates wait\n")
        return web.Response()


def _later(text: str) -> web.Response:
    return web.Response(status=503, text=text, headers={"Retry-After": "1"})


class Webhook:
    """Tells Telegram where to post, and passes on what it posts.

    Args:
        settings: Those that say where.
        application: What answers.
        receiver: What is answered at the address.
        updates: Say whether there is room for more, and write down what waits, so that it
            outlives this process.
        refused: Set once Telegram no longer knows the token.
        stopping: Set once the bot is to stop, which ends all waiting here.
        limits: What connections may take.
    """

    def __init__(
        self,
        settings: Settings,
        application: Application[Any, Any, Any, Any, Any, Any],
        receiver: WebhookReceiver,
        updates: UpdateQueue,
        *,
        refused: asyncio.Event,
        stopping: asyncio.Event,
        limits: HttpLimits | None = None,
    ) -> None:
        self._settings = settings
        self._application = application
        self._receiver = receiver
        self._updates = updates
        self._refused = refused
        self._stopping = stopping
        self._limits = limits
        self.port: HttpPort | None = None
        """Where it listens; None while it does not, or /healthz shares its port."""
        self._looking: asyncio.Task[None] | None = None
        self._last_failure = 0.0
        self.heard: float | None = None
        """When Telegram last said something, in seconds of `time.monotonic`."""

    async def begin(self) -> bool:
        """Listen, and have Telegram post updates from now on.

        Returns:
            False where the bot was told to stop first.

        Raises:
            StartError: Nobody can listen there, or Telegram refuses the token or the address.
        """
        await self._listen()
        self._receiver.open(self._take)
        if not await self._set():
            return False
        self._looking = asyncio.create_task(self._look_now_and_then(), name="webhook")
        return True

    async def end(self) -> None:
        """Take no more updates; the webhook stays."""
        self._receiver.close()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})
        if self.port is not None:
            port, self.port = self.port, None
            await port.close()

    async def _listen(self) -> None:
        """Listen where WEBHOOK_LISTEN says, unless /healthz is served there already."""
        if self._settings.webhook_shares_port:
            return
        app = web.Application(client_max_size=LARGEST)
        app.router.add_post(self._receiver.path, self._receiver.answer)
        host, port = self._settings.webhook_listen
        self.port = HttpPort(
            "WEBHOOK_LISTEN",
            app,
            limits=self._limits,
            trusted=TrustedNetworks(self._settings.trusted_proxies),
            is_update=self._receiver.is_from_telegram,
            last_answers=LAST_POSTS,
        )
        try:
            await self.port.open(host, port)
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "another process listens there" if taken else error.strerror
            raise StartError(
                f"WEBHOOK_LISTEN: {host}:{port} cannot be opened ({why}); "
                "choose another address, and tell your proxy"
            ) from None
        log.info("updates are taken at %s:%d%s", *self.port.address, self._receiver.path)

    async def _set(self) -> bool:
        """Tell Telegram the address, for as long as it takes while the network is gone."""
        return await until_answered(self._set_once, self._stopping, "the webhook cannot be set")

    async def _set_once(self) -> None:
        try:
            await self._application.bot.set_webhook(
                self._settings.webhook_url,
                secret_token=secret_of(self._settings),
                allowed_updates=handlers.ALLOWED_UPDATES,
                max_connections=CONNECTIONS,
            )
        except BadRequest as error:
            raise StartError(
                f"WEBHOOK_URL: Telegram refuses it ({error.message}); "
                "it needs https on port 443, 80, 88 or 8443, and a name that Telegram can find"
            ) from None
        self.heard = time.monotonic()

    async def _take(self, body: dict[str, Any]) -> bool:
        """Take an update in, and write down what waits; whether there was room."""
        self.heard = time.monotonic()
        try:
            await asyncio.wait_for(self._updates.until_there_is_room(), ROOM_WITHIN)
        except TimeoutError:
            return False
        update = update_of(body, self._application.bot)
        if update is None:
            # Telegram would post it again and again, before all others.
            return True
        # Its `put` leaves out what has come before: Telegram may post an update twice.
        await self._application.update_queue.put(update)
        await self._updates.write_down()
        return True

    async def _look_now_and_then(self) -> None:
        while not await within(self._stopping, LOOK_EVERY):
            await self._look()

    async def _look(self) -> None:
        """See how Telegram fares with the webhook, and say what an operator should know."""
        try:
            info = await self._application.bot.get_webhook_info()
        except InvalidToken:
            self._refused.set()
            return
        except TelegramError as error:
            log.warning("Telegram could not be asked about the webhook just now: %s", error)
            return
        self.heard = time.monotonic()
        if not info.url:
            log.warning("somebody took the webhook away; it is set again")
            try:
                await self._set()
            except StartError as error:
                log.error("%s", error)  # noqa: TRY400  # one line says it all
        elif info.url != self._settings.webhook_url:
            log.error(
                "the webhook leads to another address now: another process serves the same bot, "
                "stop one of the two"
            )
        else:
            self._say_failure(info)

    def _say_failure(self, info: WebhookInfo) -> None:
        """Say once what Telegram met at our address."""
        if info.last_error_date is None or not info.pending_update_count:
            return
        when = info.last_error_date.timestamp()
        if when > self._last_failure:
            self._last_failure = when
            log.error(
                "Telegram cannot post to WEBHOOK_URL, %d updates wait: %s",
                info.pending_update_count,
                info.last_error_message,
            )
