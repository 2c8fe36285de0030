"""Updates by webhook: Telegram posts them to WEBHOOK_URL.

The webhook is set at each start and kept at a stop, because a newer process may already use it. If
a later start polls instead, python-telegram-bot's polling deletes it.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import hmac
import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web
from telegram.error import BadRequest, InvalidToken, TelegramError

import handlers
from bot.http_server.port import HttpPort
from bot.http_server.trusted_networks import TrustedNetworks
from bot.process.stopping import within
from bot.telegram.startup import PortTakenError, StartError, until_answered
from bot.telegram.telegram_answers import update_of

if TYPE_CHECKING:
    from telegram import WebhookInfo
    from telegram.ext import Application

    from bot.configuration.settings import Settings
    from bot.http_server.limits import HttpLimits
    from handlers.updates.update_queue import UpdateQueue

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the header's name
LARGEST = 1024 * 1024
"""Bytes of an update at most; Telegram's have a few thousand."""
CONNECTIONS = 40
"""Connections that Telegram may open for updates at the same time: its own default."""
ROOM_WITHIN = 0.05
"""Seconds that a post waits for room in the queue before Telegram is asked to retry."""
LOOK_EVERY = 30.0
"""Seconds between two checks of Telegram's information about the webhook."""
LAST_POSTS = 1.0
"""Seconds that a stop waits for posts in progress."""


def secret_of(settings: Settings) -> str:
    """Return the secret in Telegram's posts: WEBHOOK_SECRET, or one derived from the token."""
    if settings.webhook_secret:
        return settings.webhook_secret
    key = settings.telegram_bot_token.encode()
    return hmac.new(key, b"webhook", hashlib.sha256).hexdigest()


def _later(text: str) -> web.Response:
    return web.Response(status=503, text=text, headers={"Retry-After": "1"})


class Webhook:
    """Sets the webhook at Telegram, answers its posts, and passes the updates on.

    The queue stores updates, so that they outlive this process. `refused` is set when Telegram no
    longer knows the token.
    """

    def __init__(
        self,
        settings: Settings,
        application: Application[Any, Any, Any, Any, Any, Any],
        updates: UpdateQueue,
        *,
        refused: asyncio.Event,
        stopping: asyncio.Event,
        limits: HttpLimits | None = None,
    ) -> None:
        self._settings = settings
        self._application = application
        self.path = urlsplit(settings.webhook_url).path or "/"
        self._secret = secret_of(settings).encode()
        self._updates = updates
        self._refused = refused
        self._stopping = stopping
        self._limits = limits
        self.port: HttpPort | None = None
        """The listening port; None before the start, or if `/healthz` shares its port."""
        self._is_open = False
        self._looking: asyncio.Task[None] | None = None
        self._last_failure = 0.0

    async def begin(self) -> bool:
        """Listen, and make Telegram post updates; False if the bot was stopped first.

        It raises StartError if the address cannot be opened, or Telegram refuses the token or the
        URL.
        """
        await self.listen()
        if not await self._set():
            return False
        self._looking = asyncio.create_task(self._look_now_and_then(), name="webhook")
        return True

    async def listen(self) -> None:
        """Listen, unless that was done, without setting the webhook.

        It raises PortTakenError if another process listens there, StartError for another reason.
        """
        if not self._is_open:
            await self._listen()
            self._is_open = True

    async def end(self) -> None:
        """Accept no more updates; Telegram keeps them for the next process."""
        self._is_open = False
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})
        if self.port is not None:
            port, self.port = self.port, None
            await port.close()

    def is_from_telegram(self, request: web.Request) -> bool:
        """Return whether a request contains the secret."""
        shown = request.headers.get(SECRET_HEADER, "").encode(errors="replace")
        return hmac.compare_digest(shown, self._secret)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a post. Telegram counts an update as delivered only after status 200."""
        if not self.is_from_telegram(request):
            return web.Response(status=403, text="the secret token is wrong\n")
        if not self._is_open:
            return _later("starting or stopping\n")
        try:
            update: Any = json.loads(await request.read())
        except (ValueError, RecursionError):
            return web.Response(status=400, text="the body is not JSON\n")
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return web.Response(status=400, text="the body is not an update\n")
        if not await self._take(update):
            return _later("too many updates wait\n")
        return web.Response()

    async def _listen(self) -> None:
        """Listen at WEBHOOK_LISTEN, unless `/healthz` already uses that port."""
        if self._settings.webhook_shares_port:
            return
        app = web.Application(client_max_size=LARGEST)
        app.router.add_post(self.path, self.answer)
        host, port = self._settings.webhook_listen
        self.port = HttpPort(
            "WEBHOOK_LISTEN",
            app,
            limits=self._limits,
            trusted=TrustedNetworks(self._settings.trusted_proxies),
            is_update=self.is_from_telegram,
            last_answers=LAST_POSTS,
        )
        try:
            await self.port.open(host, port)
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "another process listens there" if taken else error.strerror
            self.port = None
            raise (PortTakenError if taken else StartError)(
                f"WEBHOOK_LISTEN: {host}:{port} cannot be opened ({why}); "
                "choose another address, and change it in your proxy too"
            ) from None
        log.info("listening for updates at %s:%d%s", *self.port.address, self.path)

    async def _set(self) -> bool:
        """Set the webhook, repeating while the network fails; False if the bot was stopped."""
        return await until_answered(self._set_once, self._stopping, "the webhook cannot be set")

    async def _set_once(self) -> None:
        try:
            await self._application.bot.set_webhook(
                self._settings.webhook_url,
                secret_token=self._secret.decode(),
                allowed_updates=handlers.ALLOWED_UPDATES,
                max_connections=CONNECTIONS,
            )
        except BadRequest as error:
            raise StartError(
                f"WEBHOOK_URL: Telegram refuses it ({error.message}); "
                "it needs https on port 443, 80, 88 or 8443, and a name in public DNS"
            ) from None

    async def _take(self, body: dict[str, Any]) -> bool:
        """Queue and store an update; return False if the queue is full."""
        try:
            await asyncio.wait_for(self._updates.until_there_is_room(), ROOM_WITHIN)
        except TimeoutError:
            return False
        update = update_of(body, self._application.bot)
        if update is None:
            # Counted as delivered, or Telegram would post it again before all others.
            return True
        # `put` ignores an update that came before: Telegram may post an update twice.
        await self._application.update_queue.put(update)
        return await self._updates.accepts(update)

    async def _look_now_and_then(self) -> None:
        while not await within(self._stopping, LOOK_EVERY):
            await self._look()

    async def _look(self) -> None:
        """Check the webhook at Telegram, and log what an operator should know."""
        try:
            info = await self._application.bot.get_webhook_info()
        except InvalidToken:
            self._refused.set()
            return
        except TelegramError as error:
            log.warning("cannot ask Telegram about the webhook now: %s", error)
            return
        if not info.url:
            log.warning("the webhook was deleted by another program; setting it again")
            try:
                await self._set()
            except StartError as error:
                log.error("%s", error)  # noqa: TRY400  # one line is enough
        elif info.url != self._settings.webhook_url:
            log.error(
                "the webhook now has another URL: another process serves the same bot, "
                "stop one of the two"
            )
        else:
            self._log_failure(info)

    def _log_failure(self, info: WebhookInfo) -> None:
        """Log an error that Telegram met when posting, once."""
        if info.last_error_date is None or not info.pending_update_count:
            return
        when = info.last_error_date.timestamp()
        if when > self._last_failure:
            self._last_failure = when
            log.error(
                "Telegram cannot post to WEBHOOK_URL, %d updates are waiting: %s",
                info.pending_update_count,
                info.last_error_message,
            )
