"""Functions that the commands share: settings, the open archive, output, and errors in one line."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from bot.configuration.setting_names import misspellings, refuse, remarks
from bot.configuration.settings import Settings, load, place
from bot.process import logs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from bot.composition import Archive
    from storage.model import Source

T = TypeVar("T")

log = logging.getLogger(__name__)

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
"""The option `--json` of commands that list something."""
LISTED = "`onnews sources list` shows them all"
NO_RESTART = 78
"""Exit status of `onnews run` if a restart would not help (EX_CONFIG of sysexits.h).

The database file was deleted or replaced, so a restart would begin with an empty one; or the tables
no longer serve this version. The systemd unit does not restart on it.
"""
THREADS = 256
"""Threads of the event loop at most.

There are more than simultaneous lookups of host names, so that a name server that does not answer
blocks nothing else.
"""


class Threads(ThreadPoolExecutor):
    """The event loop's thread pool, which does not wait for running threads at its end."""

    def __init__(self) -> None:
        super().__init__(THREADS, thread_name_prefix="asyncio")

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  # the base class's signature
        """Cancel the work that has not begun; do not wait for the rest."""
        super().shutdown(wait=False, cancel_futures=True)


def ignore_interrupts(loop: asyncio.AbstractEventLoop) -> None:
    """Ignore Ctrl-C from now on, because the work is done or being cleaned up."""
    loop.remove_signal_handler(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def carry_out(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a new event loop, and return its result; Ctrl-C raises click.Abort."""

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


class NoRestartExit(click.ClickException):
    """Ends the program with a status on which systemd does not start it again."""

    exit_code = NO_RESTART


def fail(line: str) -> NoReturn:
    """End the command with status 1 and a line that says what to do."""
    raise click.ClickException(line)


def named_env_file() -> Path | None:
    """Return the file that `--env-file` names, or None."""
    context = click.get_current_context(silent=True)
    named: Path | None = context.find_root().params.get("env_file") if context else None
    return named


def settings() -> Settings:
    """Read the settings and configure logging; SettingError prevents the start."""
    env_file, folder = place(named_env_file(), Path.cwd())
    found = load(os.environ, env_file, folder)
    logs.configure(found.log_level, found.log_format, found.telegram_bot_token)
    names = misspellings(os.environ, env_file)
    for line in remarks(env_file, (one for one in names if not one.ends_start)):
        _warn_once(line)
    refuse(names, env_file)
    return found


@cache
def _warn_once(line: str) -> None:
    log.warning("%s", line)


@asynccontextmanager
async def archive(
    *, create: bool = False, thrown_away: bool = False, changes: bool = False
) -> AsyncIterator[Archive]:
    """Open the archive of the settings for the duration of a context.

    Tables of an older version are migrated only with `create` or `changes`. `thrown_away` uses a
    temporary database if there is none. If it cannot be used, the command ends with one line.
    """
    # Imported here, because it takes half a second that `onnews --help` must not wait for.
    from bot.composition import Archive  # noqa: PLC0415
    from storage.db.outage import DatabaseError, first_of  # noqa: PLC0415

    found = settings()
    try:
        opened = Archive(found)
    except DatabaseError as error:
        fail(str(error))
    # The command itself reports what is wrong with the database.
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
            # Several sources that meet the same full disk fail together.
            first = first_of(error)
            if not isinstance(first, DatabaseError):
                raise
            fail(str(first))
        finally:
            await opened.close()
            outage.setLevel(logging.NOTSET)


async def source_named(opened: Archive, text: str) -> Source:
    """Return the one source with this number, name or URL."""
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
    """Check that a file to write is neither the database nor the settings."""
    from storage.db import address, private_files  # noqa: PLC0415  # keeps --help fast
    from storage.db.outage import DatabaseError  # noqa: PLC0415  # keeps --help fast

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
    """Check that a source can be fetched, which one imported from a file cannot."""
    if not source.can_be_asked:
        fail(f"{source.name} was imported from a file and cannot be fetched")
