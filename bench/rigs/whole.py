"""The whole bot in this process, with the readers of `bench.rigs.crowd` as subscribers."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from bench.rigs.crowd import FIRST_READER, READERS, TOKEN
from bench.rigs.news import day
from bot.app import OnNews
from bot.composition import utc_now
from bot.configuration.settings import Settings
from storage.model import Taste

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NO_LIMIT = 1_000_000
OLD = timedelta(days=30)
"""The age of these readers' subscriptions."""
SELDOM = 86_400
WEBHOOK = "https://news.example/telegram"


@asynccontextmanager
async def serving(
    url: str,
    folder: str,
    *,
    per_second: int = NO_LIMIT,
    webhook_port: int | None = None,
    metrics_port: int | None = None,
    database: str = "",
    admins: tuple[int, ...] = (),
    allowed: tuple[int, ...] = (),
) -> AsyncIterator[OnNews]:
    """Run the bot, yield it once it is ready, and stop it in order on exit.

    Args:
        url: The address of the Bot API server.
        folder: The folder for the database.
        per_second: Messages a second that the rate limiter allows.
        webhook_port: The port that updates are posted to; None for long polling.
        metrics_port: The port of /healthz and /metrics; None for none.
        database: The address of a database; "" for an SQLite file in the folder.
        admins: The ids of the operators.
        allowed: The ids of other chats that are admitted; empty for everyone.
    """
    settings = Settings(
        telegram_bot_token=TOKEN,
        telegram_api_url=url,
        database_url=database or f"sqlite:///{folder}/onnews.db",
        allow_private_sources=True,
        fetch_every=SELDOM,
        messages_per_second=per_second,
        webhook_url="" if webhook_port is None else WEBHOOK,
        webhook_listen=("127.0.0.1", webhook_port or 0),
        metrics_address=None if metrics_port is None else ("127.0.0.1", metrics_port),
        admin_ids=admins,
        allowed_ids=allowed,
    )
    bot = OnNews(settings, first_sources=())
    stop = asyncio.Event()
    serving_ = asyncio.create_task(bot.serve(stop))
    ready = asyncio.create_task(bot.ready.wait())
    try:
        await asyncio.wait({serving_, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            await serving_
            raise RuntimeError("the bot ended before it was ready")
        (nothing,) = await day.keep_tastes(bot.archive.database, [Taste()])
        await day.subscribe(
            bot.archive.database,
            [nothing],
            READERS,
            due=None,
            now=utc_now() - OLD,
            first_chat=FIRST_READER,
        )
        services = bot.application.bot_data
        await services.known_chats.load(services.subscribers, utc_now())
        yield bot
    finally:
        ready.cancel()
        stop.set()
        await serving_
