"""One fan-out of ON News, from the plan to the last settlement.

`python -m bench.rigs.fanout URL FOLDER SUBSCRIBERS SETS RATE LAYOUT` prints its figures as one line
of JSON. The parts are those that `bot.app` puts together.
"""

from __future__ import annotations

import asyncio
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from bench.harness.processes import peak_mib, send_message
from bench.rigs.news import day
from bot.composition import Archive, utc_now
from bot.configuration.settings import Settings
from bot.process.memory import keep_what_is_there
from bot.telegram.transport import TelegramOutbox
from digest.making.edition_builder import EditionBuilder
from digest.making.rich_messages import RichMessages
from digest.pacing.rate_limiter import RateLimiter
from digest.planning.plan import Planner
from digest.sending.sender import Sender
from handlers.buttons.keyboards import edition_keyboard
from storage.model import Layout
from templates import Renderer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


TOKEN = "1:bench"  # noqa: S105  # the server checks no token


async def _pictures(addresses: Iterable[str]) -> dict[str, str]:
    """Return a file id, as long as Telegram's, for every picture."""
    return dict.fromkeys(addresses, "AgACAgQAAxkDAAIB" + "x" * 48)


async def run(  # noqa: PLR0917  # the command line's arguments
    url: str, folder: str, subscribers: int, sets: int, rate: float, layout: Layout
) -> dict[str, float]:
    """Make an archive and its readers, and send all of them their edition.

    Raises:
        RuntimeError: Some readers got no edition.
    """
    settings = Settings(
        telegram_bot_token=TOKEN,
        telegram_api_url=url,
        database_url=f"sqlite:///{folder}/onnews.db",
    )
    archive = Archive(settings)
    await archive.open(())
    outbox = TelegramOutbox(f"{url}/bot{TOKEN}")
    try:
        now = utc_now()
        await day.fill(archive, now)
        keys = await day.keep_tastes(archive.database, day.choices(sets))
        due = now.replace(second=0, microsecond=0)
        await day.subscribe(archive.database, keys, subscribers, due=due, now=now, layout=layout)
        return await send(archive, settings, outbox, RateLimiter(rate), now)
    finally:
        await outbox.close()
        await archive.close()


async def send(
    archive: Archive,
    settings: Settings,
    outbox: TelegramOutbox,
    rate_limiter: RateLimiter,
    now: datetime,
) -> dict[str, float]:
    """Plan the editions that are due now, and send them; return the figures.

    Raises:
        RuntimeError: Some readers got no edition.
    """
    renderer = Renderer(archive.taxonomy.categories, username="OnNewsBot")
    rich = RichMessages(pictures=_pictures)
    builder = EditionBuilder(
        archive.deliveries,
        archive.articles,
        renderer,
        edition_size=settings.edition_size,
        categories=archive.taxonomy.categories,
        keyboard=partial(edition_keyboard, renderer),
        rich=rich,
    )
    sender = Sender(
        archive.deliveries,
        archive.subscribers,
        builder,
        outbox,
        rate_limiter,
        plans=archive.plans,
        clock=utc_now,
        rich=rich,
    )
    planner = Planner(archive.plans)
    keep_what_is_there()  # as at the end of a start
    while renderer.compile_next():
        pass
    minute = now.replace(second=0, microsecond=0)
    before = await day.sent_since(archive.database, minute)
    start = time.perf_counter()
    due = await planner.plan_due(now)
    planned, worked = time.perf_counter(), time.process_time()
    await sender.drain()
    end, worked = time.perf_counter(), time.process_time() - worked
    sent = await day.sent_since(archive.database, minute) - before
    if sent != due:
        raise RuntimeError(f"only {sent} of {due} readers got their edition")
    return {
        "rate": due / (end - start),
        "cpu_share": worked / (end - planned),
        "peak_mib": peak_mib(),
    }


if __name__ == "__main__":
    url, folder, subscribers, sets, rate, layout = sys.argv[1:]
    send_message(
        asyncio.run(run(url, folder, int(subscribers), int(sets), float(rate), Layout(layout)))
    )
