"""What the commands of `onnews` share: settings, the open archive, and how to end with one line."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from bot import logs
from bot.settings import Settings, load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from bot.archive import Archive
    from storage.model import Source

T = TypeVar("T")

LISTED = "`onnews sources list` shows them all"
ENV_FILE = Path(".env")
WIDEST = 1000
"""Columns of a table that is read by a program."""
THREADS = 256
"""Threads of the loop at most: more than hosts whose names may be looked up at once, so that a
name server that does not answer holds up nothing else."""


class Threads(ThreadPoolExecutor):
    """The loop's threads. What is still at work at the end is not waited for."""

    def __init__(self) -> None:
        super().__init__(THREADS, thread_name_prefix="asyncio")

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  # its base's
        """Take no more work, and let go of what has not begun."""
        super().shutdown(wait=False, cancel_futures=True)


def carry_out(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work in a loop of its own."""

    async def with_threads() -> T:
        asyncio.get_running_loop().set_default_executor(Threads())
        return await work

    return asyncio.run(with_threads())


def fail(line: str) -> NoReturn:
    """End the program with status 1 and one line that says what to do.

    Raises:
        click.ClickException: Always.
    """
    raise click.ClickException(line)


def settings() -> Settings:
    """The settings of this process, with logging set up as they say.

    Raises:
        SettingError: One of them is wrong.
    """
    found = load(os.environ, ENV_FILE)
    logs.configure(found.log_level, found.log_format, found.telegram_bot_token)
    return found


@asynccontextmanager
async def archive() -> AsyncIterator[Archive]:
    """The open archive of the settings.

    Raises:
        click.ClickException: The database cannot be opened, or what is done with it cannot be done
            just now: its disk is full, or cannot be written.
    """
    # Half a second that `onnews --help` need not wait for.
    from bot.archive import Archive  # noqa: PLC0415
    from storage.outage import DatabaseError, first_of  # noqa: PLC0415

    try:
        opened = Archive(settings())
    except DatabaseError as error:
        fail(str(error))
    # The command's own line says what is wrong with the database.
    outage = logging.getLogger("storage.outage")
    outage.setLevel(logging.CRITICAL)
    try:
        await opened.open()
        yield opened
    except DatabaseError as error:
        fail(str(error))
    except ExceptionGroup as error:
        # Several rounds that meet the same full disk fail together.
        first = first_of(error)
        if not isinstance(first, DatabaseError):
            raise
        fail(str(first))
    finally:
        await opened.close()
        outage.setLevel(logging.NOTSET)


async def source_named(opened: Archive, text: str) -> Source:
    """The source with this number, name or address.

    Raises:
        click.ClickException: There is none.
    """
    source = await opened.sources.find(text)
    if source is None:
        fail(f"there is no source {text!r}; {LISTED}")
    return source


def counted(count: int, one: str, many: str = "") -> str:
    """So many of a thing, in words that fit one as well as many."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def columns(*names: str) -> Table:
    """An empty table, in which a narrow terminal breaks long words and cuts none."""
    table = Table(box=None)
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def fits(out: Console, table: Table) -> bool:
    """Whether no cell of a table needs to be broken there."""
    endless = out.options.update(max_width=WIDEST)
    return Measurement.get(out, endless, table).maximum <= out.width


def console() -> Console:
    """Where tables are printed: as wide as the terminal, and never cut when read by a program."""
    # Rich takes 80 columns for what is no terminal, and would cut addresses there.
    return Console() if sys.stdout.isatty() else Console(width=WIDEST)
