"""The command group `onnews`. Each command imports only what it needs."""

from __future__ import annotations

import asyncio
import errno
import io
import logging
import os
import signal
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from bot.cli.terminal import NoRestartExit, Threads, fail, ignore_interrupts, settings
from bot.configuration.settings import SettingError
from bot.process import logs

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

log = logging.getLogger(__name__)

PARSER = "tdjson"
"""The package with the playground's parser, which a plain installation does not include."""

INTERRUPTED = 130
"""The exit status after Ctrl-C, by the convention of shells."""

LAST_THREADS = 1.0
"""Seconds that the end of the process waits for threads that still run."""


FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
"""Error numbers of a disk that cannot be written."""


ELSEWHERE = {
    "backup": "cli_archive",
    "deliveries": "cli_deliveries",
    "digest": "cli_digest",
    "doctor": "cli_health",
    "explain": "cli_news",
    "fetch": "cli_news",
    "health": "cli_health",
    "import": "cli_import",
    "labels": "cli_labels",
    "migrate": "cli_migrate",
    "readers": "cli_readers",
    "restore": "cli_archive",
    "sources": "cli_sources",
    "texts": "cli_texts",
}
"""The commands that have a module of their own in this package, each with that module."""


class Onnews(click.Group):
    """The command group. A command's module is imported when the command is used.

    Expected failures print one line and exit with status 1, without a traceback.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in order."""
        return sorted([*super().list_commands(ctx), *ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; None if there is none of this name."""
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"bot.cli.{ELSEWHERE[cmd_name]}")
        # `import` is a keyword of Python, so that command's function is `import_`.
        command: click.Command = getattr(module, "import_" if cmd_name == "import" else cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's own signature
        """Run a command."""
        try:
            return super().invoke(ctx)
        except SettingError as error:
            fail(str(error))
        except OSError as error:
            if error.errno not in FULL:
                raise
            _let_go_of_output()
            fail(f"the output could not be written completely ({error.strerror})")


@click.group(cls=Onnews)
@click.version_option(package_name="on-news")
@click.option(
    "--env-file",
    type=click.Path(path_type=Path),
    help="The file of settings; relative paths in it start from its folder.",
)
def main(env_file: Path | None) -> None:  # read by `bot.cli.terminal`
    """ON News: a Telegram bot that sends each reader an edition of the luxury news they chose."""


@main.command()
def run() -> None:
    """Serve Telegram until stopped with Ctrl-C or SIGTERM.

    Example: onnews run
    """
    # Imported here, because it takes half a second that `onnews --help` must not wait for.
    from bot.process.imports import lean_imports  # noqa: PLC0415
    from bot.process.memory import without_collections  # noqa: PLC0415

    with without_collections(), lean_imports():
        from bot.run import serve  # noqa: PLC0415
        from bot.telegram.startup import StartError  # noqa: PLC0415
        from bot.watching.service_manager import ADDRESS, ServiceManager  # noqa: PLC0415
        from digest.sending.send_delivery import StoppedError  # noqa: PLC0415
        from storage.db.outage import DatabaseError  # noqa: PLC0415
        from storage.db.sqlite.damage import LostFileError  # noqa: PLC0415
        from storage.serving.lock import OutdatedProgramError  # noqa: PLC0415

    found = settings()
    manager = ServiceManager(os.environ.get(ADDRESS, ""))
    try:
        asyncio.run(until_signalled(lambda stop: serve(found, stop, service_manager=manager)))
    except (LostFileError, OutdatedProgramError) as error:
        raise NoRestartExit(str(error)) from None
    except (StartError, StoppedError, DatabaseError) as error:
        fail(str(error))


@main.command()
@click.option(
    "--once", is_flag=True, help="End after the tour; status 0 only if every step passed."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8765,
    show_default=True,
    help="Where the chat page is served; 0 for any.",
)
def demo(*, once: bool, port: int) -> None:
    """Try ON News on this machine, without a token.

    It needs no internet, and its database is deleted at the end.

    It runs only from a checkout, which contains the stand-in for Telegram.

    Example: ./dev demo
    """
    from bot.telegram.startup import StartError  # noqa: PLC0415  # keeps --help fast

    try:
        from bot.demo import demonstrate  # noqa: PLC0415  # keeps --help fast
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] == "playground":
            fail("the demo runs from a checkout of ON News, not from a package: ./dev demo")
        if error.name != PARSER:
            raise
        fail(f"the demo needs the package {PARSER}: pip install {PARSER}, or run ./dev demo")

    logs.configure("WARNING", "text", "")
    try:
        ok = asyncio.run(until_signalled(lambda stop: demonstrate(stop, once=once, port=port)))
    except StartError as error:
        fail(str(error))
    sys.exit(0 if ok else 1)


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes commands with Tab in SHELL.

    Example: onnews completion bash >> ~/.bashrc
    """
    from click.shell_completion import get_completion_class  # noqa: PLC0415  # keeps --help fast

    kind = get_completion_class(shell)
    if kind is None:
        fail(f"there is no completion for the shell {shell}")
    click.echo(kind(main, {}, "onnews", "_ONNEWS_COMPLETE").source())


def _let_go_of_output() -> None:
    """Redirect standard output that cannot be written, or the exit would fail to flush it."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def end_for_sure(status: int, seconds: float = LAST_THREADS) -> NoReturn:
    """End the process, even if threads still run after a while.

    Everything is closed by then. But the lookup of a host name cannot be cancelled if no name
    server answers, and Python would wait for it.
    """
    until = time.monotonic() + seconds
    others = [
        thread
        for thread in threading.enumerate()
        if thread is not threading.current_thread() and not thread.daemon
    ]
    for thread in others:
        thread.join(max(until - time.monotonic(), 0))
    if any(thread.is_alive() for thread in others):
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def program() -> NoReturn:
    """Run the command line and end the process. The entry point of `onnews`."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # The caller closed the stream, as some service managers do.
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115  # open to the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A character that the terminal cannot show must not end the command.
            stream.reconfigure(errors="replace")
    try:
        # Not standalone: click would exit after Ctrl-C with the status of a failure.
        status = main(standalone_mode=False) or 0
    except click.ClickException as failure:
        failure.show()
        status = failure.exit_code
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Aborted!", err=True)
        status = INTERRUPTED
    # From here on Ctrl-C could only interrupt the exit itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_for_sure(status)


async def until_signalled(serve: Callable[[asyncio.Event], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine with an event that SIGTERM or Ctrl-C sets; return its result."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(Threads())

    def on_signal() -> None:
        if stop.is_set():
            log.warning("stopping: work in progress ends within ten seconds")
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    try:
        return await serve(stop)
    finally:
        ignore_interrupts(loop)
