"""`onnews demo`: the whole bot against the playground, with a throw-away database and a tour."""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from rich.console import Console

from bot.app import OnNews
from bot.settings import Settings
from bot.startup import StartError
from playground.server import Playground
from playground.tour import Cast, Tour
from storage.model import NewSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.newsstand import Newsstand


async def demonstrate(stop: asyncio.Event, *, once: bool, port: int) -> bool:
    """Play the tour, then keep the chat page open until `stop` is set, unless `once`.

    Returns:
        Whether every step of the tour came out right.

    Raises:
        StartError: The port cannot be had.
    """
    console = Console()
    async with AsyncExitStack() as open_:
        folder = open_.enter_context(tempfile.TemporaryDirectory(prefix="onnews-demo-"))
        try:
            town = await open_.enter_async_context(Playground(port=port))
        except OSError as error:
            raise StartError(
                f"port {port} cannot be had ({os.strerror(error.errno or 0)}); "
                "choose another with --port, or any with --port 0"
            ) from None
        settings = Settings(
            telegram_bot_token=town.token,
            telegram_api_url=town.url,
            database_url=f"sqlite:///{folder}/onnews.db",
            allow_private_sources=True,
        )
        bot = OnNews(settings, first_sources=feeds(town.newsstand, town.url))
        console.print(f"ON News answers at [bold]{town.url}[/]")
        return await _with_bot(bot, town, console, stop, once=once)


async def _with_bot(
    bot: OnNews, town: Playground, console: Console, stop: asyncio.Event, *, once: bool
) -> bool:
    over = asyncio.Event()
    serving = asyncio.create_task(bot.serve(over))
    touring = asyncio.create_task(_tour(bot, town, console))
    stopper = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, touring, stopper}, return_when=asyncio.FIRST_COMPLETED)
        if not touring.done():
            return False
        right = touring.result()
        if not once:
            console.print(f"\nNow you: open [bold]{town.url}[/] in a browser. Ctrl-C ends it.")
            await asyncio.wait({serving, stopper}, return_when=asyncio.FIRST_COMPLETED)
        return right
    finally:
        for task in (touring, stopper):
            task.cancel()
        over.set()
        await serving


async def _tour(bot: OnNews, town: Playground, console: Console) -> bool:
    anna, bruno = town.person("Anna"), town.person("Bruno")
    together = town.direct(anna, bruno)
    town.group("Fashion desk", [anna, bruno])

    async def fetch() -> None:
        await bot.archive.newsroom.refresh_all(await bot.archive.sources.all())

    await bot.ready.wait()
    await fetch()
    return await Tour(town, Cast(anna, bruno, together), console, fetch).play()


def feeds(newsstand: Newsstand, url: str) -> Sequence[NewSource]:
    """The newsstand's feeds, as sources."""
    return [
        NewSource(
            name=feed["name"],
            url=feed["url"],
            site=feed["site"],
            language=feed["language"],
            categories=tuple(feed["categories"]),
        )
        for feed in newsstand.sources(url)
    ]
