"""Processes of `onnews`, forked from one that has loaded it, which saves a second each.

Each has its own folder, environment and end. They share only imported modules, the taxonomy,
catalogues, compiled templates and the default sources.
`python -m tests.plugins.fork_server FOLDER` is their parent; it forks for each connection to a
socket in that folder. The workers of one run share it, since its start takes seconds. It ends with
the last of them.
"""

from __future__ import annotations

import asyncio
import fcntl
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
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len

from bot import cli, composition
from news import documents
from news.filing import taxonomy
from news.sources import defaults
from storage.serving.lease import SECONDS
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
    *("news.sources.lists", "news.old_archive.importer"),
    *("news.parse", "news.article.page", "bot.telegram.webhook", "bot.serving.sharing"),
    # Loaded by the first database and the first table of the terminal.
    *("aiosqlite", "asyncpg", "sqlalchemy.dialects.postgresql.asyncpg", "rich._emoji_codes"),
    *("encodings.utf_8_sig", "storage.serving.seen_replicas", "storage.replicas.shared_updates"),
)
SOCKET, HOLDERS = "socket", "holders"
"""Names of the sockets that take commands and that keep the parent alive."""
FOLDER = pytest.StashKey[Path]()
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
    """The parent of the forked processes, started unless another worker of the run has done so.

    Args:
        folder: The folder of its sockets, the same for all workers of a run.
    """

    def __init__(self, folder: Path) -> None:
        self._socket = str(folder / SOCKET)
        self._process: subprocess.Popen[bytes] | None = None
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            held = hold(folder)
            if held is None:
                self._process = begin_server(folder)
                held = hold(folder)
        assert held is not None
        self._held = held

    async def start(
        self,
        *words: str,
        cwd: Path,
        env: Mapping[str, str],
        output: int | None = None,
        errors: int | None = None,
        modules: Path | None = None,
        largest: int | None = None,
        descriptors: int | None = None,
        lease: float | None = None,
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
            descriptors: The most descriptors that it may have open.
            lease: Seconds that its lease lasts, if other than usual.
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
                "descriptors": descriptors,
                "lease": lease,
            }
        ).encode()
        socket.send_fds(asking, [asked + b"\n"], [theirs, theirs if errors is None else errors])
        if output is None:
            os.close(theirs)
        reports, writer = await asyncio.open_connection(sock=asking)
        return Forked(int(await reports.readline()), printed, pipe, reports, writer)

    def stop(self) -> None:
        """Let the parent go, which ends with all its processes once no worker holds it."""
        self._held.close()
        if self._process is not None:
            self._process.wait()


def hold(folder: Path) -> socket.socket | None:
    """Return a connection that keeps the parent alive, or None if there is no parent."""
    held = socket.socket(socket.AF_UNIX)
    with suppress(FileNotFoundError, ConnectionError):
        held.connect(str(folder / HOLDERS))
        # Without an answer, it ended at this moment.
        if held.recv(1):
            return held
    held.close()
    return None


def begin_server(folder: Path) -> subprocess.Popen[bytes]:
    """Start the parent, and wait until it is ready."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-m", __name__, str(folder)],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            # The threads of a numeric library would be missing in each child.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process.stdout as printed:
        assert printed.readline() == b"ready\n"
    return process


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - xdist has no types
    """Tell each worker of a run where their common parent has its sockets."""
    node.workerinput["fork_server"] = str(_folder_of(node.config))


def _folder_of(config: pytest.Config) -> Path:
    """Return the folder of the sockets, which goes with the run."""
    folder = config.stash.get(FOLDER, None)
    if folder is None:
        # Not in pytest's own folder, since the path of a socket must be short.
        folder = config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix="onnews-fork-"))
        config.add_cleanup(partial(shutil.rmtree, folder))
    return folder


@pytest.fixture(scope="session")
def fork_server(pytestconfig: pytest.Config) -> Iterator[ForkServer]:
    """The parent of a test's processes of `onnews`."""
    shared = getattr(pytestconfig, "workerinput", {}).get("fork_server")
    server = ForkServer(Path(shared) if shared else _folder_of(pytestconfig))
    yield server
    server.stop()


def load() -> None:
    """Load what each command needs."""
    for module in LOADED:
        import_module(module)
    renderer = Renderer(taxonomy.load().categories)
    while renderer.compile_next():
        pass
    for language in renderer.languages:
        translations(language)
    documents.warm()
    defaults.chosen(())
    # Loads the widths of all characters, as the first table does.
    cell_len("奢")
    # One worker is enough for a test, and starts in half the time of two.
    vars(composition)["Workers"] = partial(Workers, 1)
    vars(pool)["LauncherWithoutSecrets"] = Launcher
    gc.collect()
    # Or the collector of each child would write into, and so copy, all of this.
    gc.freeze()


def serve(folder: Path) -> None:
    """Fork for each request until nobody holds this process any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as commands, socket.socket(socket.AF_UNIX) as holders:
        for listener, name in ((commands, SOCKET), (holders, HOLDERS)):
            (folder / name).unlink(missing_ok=True)
            listener.bind(str(folder / name))
            listener.listen()
        print("ready", flush=True)  # noqa: T201 - who started it reads that
        held: list[socket.socket] = []
        while True:
            ready, _, _ = select.select([commands, holders, *held], [], [])
            if holders in ready:
                held.append(holders.accept()[0])
                with suppress(ConnectionError):
                    held[-1].sendall(b"y")
            if commands in ready:
                connection, _ = commands.accept()
                if os.fork() == 0:
                    for each in (commands, holders, *held):
                        each.close()
                    attend(connection)
                connection.close()
            gone = [each for each in held if each in ready]
            for each in gone:
                held.remove(each)
                each.close()
            if gone and not held:
                break
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
    descriptors: int | None,
    lease: float | None,
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
    if descriptors is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
    if lease is not None:
        SECONDS.update(dict.fromkeys(SECONDS, lease))
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
    load()
    serve(Path(sys.argv[1]))
