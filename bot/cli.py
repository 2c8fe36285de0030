"""`onnews`: what an operator types. Each command loads only what it needs."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot import cli_digest, cli_news, cli_sources, logs
from bot.settings import SettingError
from bot.terminal import fail, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

log = logging.getLogger(__name__)


class Onnews(click.Group):
    """The command group, whose expected failures are one line and status 1, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's own signature
        """Run a command."""
        try:
            return super().invoke(ctx)
        except SettingError as error:
            fail(str(error))


@click.group(cls=Onnews)
@click.version_option(package_name="on-news")
def main() -> None:
    """ON News: a Telegram bot that brings each reader an edition of the luxury news they chose."""


@main.command()
def run() -> None:
    """Serve Telegram until stopped with Ctrl-C or SIGTERM."""
    # Half a second that `onnews --help` need not wait for.
    from bot.app import LockLostError, OnNews, StartError  # noqa: PLC0415
    from digest.deliver import StoppedError  # noqa: PLC0415
    from storage.database import DatabaseError  # noqa: PLC0415

    found = settings()

    async def serve(stop: asyncio.Event) -> None:
        while True:
            try:
                return await OnNews(found).serve(stop)
            except LockLostError as error:
                log.warning("%s; beginning anew", error)

    try:
        asyncio.run(until_told(serve))
    except (StartError, StoppedError, DatabaseError) as error:
        fail(str(error))


@main.command()
@click.option(
    "--once", is_flag=True, help="End after the tour; status 0 only if all came out right."
)
@click.option(
    "--port", default=8765, show_default=True, help="Where the chat page is served; 0 for any."
)
def demo(*, once: bool, port: int) -> None:
    """Try ON News on this machine: no token, no internet, a throw-away database."""
    from bot.demo import demonstrate  # noqa: PLC0415  # only the demo needs the playground

    logs.configure("WARNING", "text", "")
    ok = asyncio.run(until_told(lambda stop: demonstrate(stop, once=once, port=port)))
    sys.exit(0 if ok else 1)


main.add_command(cli_sources.sources)
main.add_command(cli_news.fetch)
main.add_command(cli_news.explain)
main.add_command(cli_digest.digest)
main.add_command(cli_digest.deliveries)


async def until_told(serve: Callable[[asyncio.Event], Coroutine[Any, Any, T]]) -> T:
    """Run with an event that SIGTERM or Ctrl-C sets."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return await serve(stop)
