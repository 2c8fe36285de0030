"""What the commands of `onnews` share: settings, the open archive, and how to end with one line."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from bot.configuration.setting_names import misspellings, refuse, remarks
from bot.configuration.settings import Settings, load, place
from bot.process import logs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from bot.composition import Archive
    from storage.model import Source

T = TypeVar("T")

log = logging.getLogger(__name__)

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Say it for a program.")
"""The option of every command that lists."""
LISTED = "`onnews sources list` shows them all"
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


def ignore_interrupts(loop: asyncio.AbstractEventLoop) -> None:
    """Let Ctrl-C break off nothing any more: the work is over, or is being put away."""
    loop.remove_signal_handler(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def carry_out(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work in a loop of its own. Ctrl-C breaks it off in good order, once.

    Raises:
        click.Abort: It was broken off.
    """

    async def with_threads() -> T:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(Threads())
        task = asyncio.ensure_future(work)
        interrupted = False

        def interrupt() -> None:
            nonlocal interrupted
            interrupted = True
            ignore_interrupts(loop)
            task.cancel()

        if threading.current_thread() is threading.main_thread():
            loop.add_signal_handler(signal.SIGINT, interrupt)
        try:
            return await task
        except asyncio.CancelledError:
            if interrupted:
                raise click.Abort from None
            raise

    return asyncio.run(with_threads())


def fail(line: str) -> NoReturn:
    """End the program with status 1 and one line that says what to do.

    Raises:
        click.ClickException: Always.
    """
    raise click.ClickException(line)


def named_env_file() -> Path | None:
    """The file that `--env-file` names, if it does."""
    context = click.get_current_context(silent=True)
    named: Path | None = context.find_root().params.get("env_file") if context else None
    return named


def settings() -> Settings:
    """The settings of this process, with logging set up as they say.

    Raises:
        SettingError: One of them is wrong, or misspelt so that it would be missed.
    """
    env_file, folder = place(named_env_file(), Path.cwd())
    found = load(os.environ, env_file, folder)
    logs.configure(found.log_level, found.log_format, found.telegram_bot_token)
    names = misspellings(os.environ, env_file)
    for line in remarks(env_file, (one for one in names if not one.ends_start)):
        _warn_once(line)
    refuse(names)
    return found


@cache
def _warn_once(line: str) -> None:
    log.warning("%s", line)


@asynccontextmanager
async def archive(
    *, create: bool = False, thrown_away: bool = False, changes: bool = False
) -> AsyncIterator[Archive]:
    """The open archive of the settings; who only reads leaves tables of an older version alone.

    Args:
        create: Whether a new one is made where there is none.
        thrown_away: Whether it then lasts only as long as the command.
        changes: Whether something in it is changed.

    Raises:
        click.ClickException: The database cannot be opened, or what is done with it cannot be done
            just now: its disk is full, or cannot be written.
    """
    # Half a second that `onnews --help` need not wait for.
    from bot.composition import Archive  # noqa: PLC0415
    from storage.db.outage import DatabaseError, first_of  # noqa: PLC0415

    found = settings()
    try:
        opened = Archive(found)
    except DatabaseError as error:
        fail(str(error))
    # The command's own line says what is wrong with the database.
    outage = logging.getLogger("storage.db.outage")
    outage.setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        path = opened.database.path
        if thrown_away and path is not None and not path.exists():
            folder = stack.enter_context(TemporaryDirectory(prefix="onnews-"))
            opened = Archive(replace(found, database_url=f"sqlite:///{folder}/onnews.db"))
            create = True
        try:
            await opened.open(create=create, migrate=create or changes)
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
        click.ClickException: There is none, or several have the name.
    """
    found = await opened.sources.meant(text)
    if not found:
        fail(f"there is no source {text!r}; {LISTED}")
    if len(found) > 1:
        numbers = " or ".join(str(each.id) for each in found)
        fail(
            f"{len(found)} sources are called {found[0].name!r}; name one by its number: {numbers}"
        )
    return found[0]


def spare_own_files(file: Path) -> None:
    """Let nothing be written over the database or the settings.

    Raises:
        click.ClickException: The file is one of them.
    """
    from storage.db import address, private_files  # noqa: PLC0415  # --help need not wait for it
    from storage.db.outage import DatabaseError  # noqa: PLC0415  # as above

    if not file.exists():
        return
    env_file, folder = place(named_env_file(), Path.cwd())
    try:
        database = address.parse(load(os.environ, env_file, folder).database_url).path
    except DatabaseError as error:
        fail(str(error))
    own = [] if database is None else private_files.files_of(database)
    for each in own if env_file is None else (*own, env_file):
        if each.exists() and each.samefile(file):
            fail(f"{file} is a file that ON News itself needs; name another file")


def check_can_be_asked(source: Source) -> None:
    """End with a line where a source is a file that was imported.

    Raises:
        click.ClickException: It is one.
    """
    if not source.can_be_asked:
        fail(f"{source.name} was imported from a file: there is nothing to ask")


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
