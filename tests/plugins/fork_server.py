"""Processes of `onnews`, forked from one that has loaded it, which saves a second each.

Each has its own folder, environment and end. They share only imported modules, the taxonomy,
catalogues and compiled templates.
`python -m tests.plugins.fork_server PATH` is their parent; it forks for each connection to its
socket.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import pkgutil
import resource
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from bot import cli, composition
from news import documents
from news.filing import taxonomy
from templates.language.languages import translations
from templates.renderer import Renderer
from tests.plugins.forked_workers import ASKING, Launcher, begin, leave, serve_workers
from workers import pool
from workers.pool import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[2]
LOADED = (
    *("bot.cli.cli", "bot.run", "bot.composition", "bot.doctor.examine"),
    *(module.name for module in pkgutil.walk_packages(cli.__path__, "bot.cli.")),
    *("storage.backup.read", "storage.migrations.migrate", "storage.db.postgres"),
    *("news.sources.lists", "news.old_archive.archive_file", "news.parse", "news.article.page"),
    # Loaded by the first database and the first table of the terminal.
    *("aiosqlite", "sqlalchemy.dialects.postgresql.asyncpg", "rich._emoji_codes"),
    *("encodings.utf_8_sig", "storage.serving.seen_replicas", "storage.replicas.shared_updates"),
)
LONGEST = 1 << 20
"""The most bytes of a command with its environment."""


class Forked:
    """One process, with the part of `asyncio.subprocess.Process` that tests use."""

    def __init__(
        self,
        pid: int,
        stdout: asyncio.StreamReader | None,
        pipe: asyncio.ReadTransport | None,
        reports: asyncio.StreamReader,
        asking: asyncio.StreamWriter,
    ) -> None:
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._pipe = pipe
        self._end = asyncio.create_task(self._ended(reports, asking))

    async def wait(self) -> int:
        """Return its status after reading its output; the number of a signal is negative."""
        status = await asyncio.shield(self._end)
        if self._pipe is not None:
            self._pipe.close()
        return status

    async def communicate(self) -> tuple[bytes, None]:
        """Return its whole output, errors included, once it has ended."""
        printed = b"" if self.stdout is None else await self.stdout.read()
        await self.wait()
        return printed, None

    def send_signal(self, number: int) -> None:
        """Send a signal, if the process has not ended."""
        if self.returncode is None:
            # Its end may not be reported yet.
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    async def _ended(self, reports: asyncio.StreamReader, asking: asyncio.StreamWriter) -> int:
        try:
            self.returncode = int(await reports.readline())
        finally:
            asking.close()
        return self.returncode


class ForkServer:
    """The parent of the forked processes."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="onnews-fork-"))
        self._socket = str(self._folder / "socket")
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
            [sys.executable, "-m", __name__, self._socket],
            cwd=self._folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                # The threads of a numeric library would be missing in each child.
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    async def start(
        self,
        *words: str,
        cwd: Path,
        env: Mapping[str, str],
        output: int | None = None,
        errors: int | None = None,
        modules: Path | None = None,
        largest: int | None = None,
    ) -> Forked:
        """Start a command.

        Args:
            words: The arguments of `onnews`.
            cwd: Its folder.
            env: Its whole environment.
            output: The file that gets its output; without it, `stdout` of the process.
            errors: The file that gets its standard error separately.
            modules: The folder whose modules it imports before any of that name elsewhere.
            largest: The most bytes that a file may have, as on a full disk.
        """
        loop = asyncio.get_running_loop()
        theirs, printed, pipe = output, None, None
        if theirs is None:
            ours, theirs = os.pipe()
            printed = asyncio.StreamReader()
            protocol = asyncio.StreamReaderProtocol(printed)
            pipe, _ = await loop.connect_read_pipe(lambda: protocol, os.fdopen(ours, "rb"))
        asking = socket.socket(socket.AF_UNIX)
        asking.settimeout(0)
        await loop.sock_connect(asking, self._socket)
        asked = json.dumps(
            {
                "words": words,
                "cwd": str(cwd),
                "env": dict(env),
                "modules": None if modules is None else str(modules),
                "largest": largest,
            }
        ).encode()
        socket.send_fds(asking, [asked + b"\n"], [theirs, theirs if errors is None else errors])
        if output is None:
            os.close(theirs)
        reports, writer = await asyncio.open_connection(sock=asking)
        return Forked(int(await reports.readline()), printed, pipe, reports, writer)

    def stop(self) -> None:
        """Stop the parent and all processes that are left."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()
        shutil.rmtree(self._folder)


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServer]:
    """The parent of a test's processes of `onnews`."""
    server = ForkServer()
    yield server
    server.stop()


def serve(path: str) -> None:
    """Fork for each request until no client is left."""
    for module in LOADED:
        import_module(module)
    renderer = Renderer(taxonomy.load().categories)
    while renderer.compile_next():
        pass
    for language in renderer.languages:
        translations(language)
    documents.warm()
    # Loads the widths of all characters, as the first table does.
    cell_len("奢")
    # One worker is enough for a test, and starts in half the time of two.
    vars(composition)["Workers"] = partial(Workers, 1)
    vars(pool)["LauncherWithoutSecrets"] = Launcher
    gc.collect()
    # Or the collector of each child would write into, and so copy, all of this.
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)  # noqa: T201 - who started it reads that
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                break
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                attend(connection)
            connection.close()
    os.killpg(0, signal.SIGKILL)


def attend(connection: socket.socket) -> None:
    """Fork the requested process, and report its id, then its status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    written, files, _, _ = socket.recv_fds(connection, LONGEST, 2)
    while not written.endswith(b"\n"):
        written += connection.recv(LONGEST)
    asks, asking = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        become((*files, asking.fileno()), **json.loads(written))
    asking.close()
    os.closerange(0, 3)
    for file in files:
        os.close(file)
    connection.sendall(b"%d\n" % pid)
    connection.sendall(b"%d\n" % serve_workers(asks, pid))
    os._exit(0)


def become(
    files: tuple[int, ...],
    *,
    words: list[str],
    cwd: str,
    env: dict[str, str],
    modules: str | None,
    largest: int | None,
) -> None:
    """Run `onnews` until the end of this process, with its output, errors and ASKING."""
    for number, file in enumerate(files, 1):
        os.dup2(file, number, inheritable=number < ASKING)
    os.closerange(ASKING + 1, 64)
    begin(env)
    os.chdir(cwd)
    if modules is not None:
        sys.path.insert(0, modules)
    if largest is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    sys.argv = ["bot", *words]
    status = 0
    try:
        runpy.run_module("bot", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if not isinstance(end.code, int | None):
            raise
        status = end.code or 0
    leave(status)


if __name__ == "__main__":
    serve(sys.argv[1])
