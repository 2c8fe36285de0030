"""Measured processes: starting, messages to and from them, their memory, and ending."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Mapping

ROOT = Path(__file__).parents[2]

PATIENCE = 15.0
"""Seconds for a process to end on its own."""
LAST_LINES = 20
"""Lines of standard error reported for a process that failed."""


class BrokenRunError(Exception):
    """A process ended before it sent its message; the text has its last lines."""


@asynccontextmanager
async def python(
    *arguments: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> AsyncIterator[Process]:
    """Run this Python with other arguments; the process is ended on exit."""
    async with _started(arguments, env, cwd, talks=False, errors=DEVNULL) as process:
        yield process


class Talk:
    """A conversation with a process: words to its standard input, JSON lines from its output."""

    def __init__(self, process: Process, errors: IO[bytes]) -> None:
        self.pid = process.pid
        self._process = process
        self._errors = errors

    async def next_message(self) -> Any:  # noqa: ANN401  # any JSON
        """Return the next message of the process.

        Raises:
            BrokenRunError: It ended instead.
        """
        if self._process.stdout is None:
            raise BrokenRunError("the output of this process is not read")
        line = await self._process.stdout.readline()
        if not line:
            code = await self._process.wait()
            self._errors.seek(0)
            last_lines = self._errors.read().decode(errors="replace").splitlines()[-LAST_LINES:]
            raise BrokenRunError("\n".join([f"a process ended with {code}:", *last_lines]))
        return json.loads(line)

    @property
    def errors_size(self) -> int:
        """Bytes that the process wrote to its standard error so far."""
        return os.fstat(self._errors.fileno()).st_size

    def say(self, word: str = "go") -> None:
        """Send a line."""
        if self._process.stdin is not None:
            self._process.stdin.write(f"{word}\n".encode())


@asynccontextmanager
async def talking(module: str, *arguments: str) -> AsyncIterator[Talk]:
    """Run a module in its own process and yield a conversation; it is ended on exit."""
    with tempfile.TemporaryFile() as errors:
        arguments = ("-m", module, *arguments)
        async with _started(arguments, None, ROOT, talks=True, errors=errors.fileno()) as process:
            yield Talk(process, errors)


async def figures(module: str, *arguments: str) -> Any:  # noqa: ANN401  # the module's figures
    """Run a module in its own process, and return its first message.

    Raises:
        BrokenRunError: It failed.
    """
    async with talking(module, *arguments) as process:
        return await process.next_message()


@asynccontextmanager
async def _started(
    arguments: tuple[str, ...],
    env: Mapping[str, str] | None,
    cwd: Path,
    *,
    talks: bool,
    errors: int,
) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        cwd=cwd,
        stdin=PIPE if talks else None,
        stdout=PIPE if talks else DEVNULL,
        stderr=errors,
    )
    try:
        yield process
    finally:
        if process.stdin is not None:
            # Processes in a conversation end when their input ends.
            process.stdin.close()
            await _ended(process, PATIENCE)
        if process.returncode is None:
            process.terminate()
            if not await _ended(process, PATIENCE):
                process.kill()
                await process.wait()


async def _ended(process: Process, seconds: float) -> bool:
    """Return whether a process ends within some seconds."""
    try:
        await asyncio.wait_for(process.wait(), seconds)
    except TimeoutError:
        return False
    return True


def peak_mib(pid: int | None = None) -> float:
    """Return the peak resident memory of a running process in MiB, as Linux counts it (VmHWM)."""
    status = Path(f"/proc/{pid or 'self'}/status").read_text()
    match = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    if match is None:
        raise RuntimeError(f"the system does not report the peak memory of process {pid or 'self'}")
    return int(match[1]) / 1024


def free_port() -> int:
    """Return a free port of this machine."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


async def next_line() -> str:
    """Return the next line of this process's standard input; empty at its end."""
    line: str = await asyncio.to_thread(sys.stdin.readline)
    return line.strip()


def send_message(thing: object) -> None:
    """Print a value as a line of JSON, for the measuring process."""
    print(json.dumps(thing), flush=True)


def percentile(values: list[float], share: float) -> float:
    """Return the value that a share (0 to 1) of all values does not exceed.

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
