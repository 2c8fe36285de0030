"""The workers of a forked `onnews`, forked by the same parent, which saves each a second.

A worker gets the environment, the pipes and the limits of one that Python starts anew. The tests of
`workers` itself, and commands in a new Python process, start theirs anew.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import json
import os
import select
import socket
import struct
import sys
import threading
import time
from contextlib import suppress
from multiprocessing import resource_tracker, spawn, util
from typing import TYPE_CHECKING, Any, NoReturn

from workers.pool import LauncherWithoutSecrets, environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ASKING = 3
"""The descriptor by which a forked `onnews` asks its parent for workers."""
LONGEST = 1 << 17
"""The most bytes of such a request."""
MOST_FILES = 32
NUMBER = struct.Struct("i")
"""The form of a process id and of an exit status."""


class Launcher(LauncherWithoutSecrets):
    """Starts a worker that is the parent's child, and hears of its end by a pipe."""

    def _start(self, numbers: Sequence[int], *, tracker: int | None, pipe: int) -> int:
        """Ask the parent for a process."""
        numbers = [1, 2, *numbers]
        asked = {
            "numbers": numbers,
            "pipe": pipe,
            "tracker": tracker,
            "env": environment(os.environ),
        }
        self._heard, hearing = os.pipe()
        util.Finalize(self, os.close, (self._heard,))
        try:
            with socket.socket(fileno=os.dup(ASKING)) as parent:
                socket.send_fds(parent, [json.dumps(asked).encode()], [hearing, *numbers])
        finally:
            os.close(hearing)
        (pid,) = NUMBER.unpack(os.read(self._heard, NUMBER.size))
        return int(pid)

    def poll(self, flag: int = os.WNOHANG) -> int | None:
        """Return the exit status, or None while it runs; wait for it without `flag`."""
        if self.returncode is None:
            with suppress(OSError):
                seconds = 0 if flag == os.WNOHANG else None
                if select.select([self._heard], [], [], seconds)[0] and (
                    status := os.read(self._heard, NUMBER.size)
                ):
                    (self.returncode,) = NUMBER.unpack(status)
        return self.returncode


def serve_workers(asks: socket.socket, pid: int) -> int:
    """Fork the workers for which a child asks; return the exit status of the child."""
    child = os.pidfd_open(pid)
    heard: dict[int, tuple[int, int]] = {}
    waiting = select.poll()
    for file in (child, asks.fileno()):
        waiting.register(file, select.POLLIN)
    while True:
        for file, _ in waiting.poll():
            if file == child:
                return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            if file != asks.fileno():
                worker, hearing = heard.pop(file)
                _tell(hearing, os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]))
                os.close(hearing)
                waiting.unregister(file)
                os.close(file)
                continue
            asked, files, _, _ = socket.recv_fds(asks, LONGEST, MOST_FILES)
            if not asked:
                waiting.unregister(file)
                continue
            worker = os.fork()
            if worker == 0:
                _work(files[1:], **json.loads(asked))
            for each in files[1:]:
                os.close(each)
            _tell(files[0], worker)
            handle = os.pidfd_open(worker)
            heard[handle] = worker, files[0]
            waiting.register(handle, select.POLLIN)


def _tell(file: int, number: int) -> None:
    """Send a number to a child, which may have ended."""
    with suppress(BrokenPipeError):
        os.write(file, NUMBER.pack(number))


def _work(
    files: list[int], numbers: list[int], pipe: int, tracker: int, env: Mapping[str, str]
) -> NoReturn:
    """Do the work of a worker until its end, with its files under the numbers that it knows."""
    above = max(200, *numbers) + 1
    copies = [fcntl.fcntl(file, fcntl.F_DUPFD, above) for file in files]
    os.closerange(0, above)
    for copy, number in zip(copies, numbers, strict=True):
        os.dup2(copy, number, inheritable=number < ASKING)
    os.closerange(above, above + MOST_FILES)
    begin(env)
    vars(resource_tracker)["_resource_tracker"]._fd = tracker
    leave(vars(spawn)["_main"](pipe, os.dup(pipe)))


def begin(env: Mapping[str, str]) -> None:
    """Give a forked process its environment and streams, whose descriptors 1 and 2 are open."""
    with suppress(OSError):
        os.close(0)
    os.open(os.devnull, os.O_RDONLY)
    # Those that are there know what the server's own lead to.
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - for as long as the process lasts
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(env)
    time.tzset()


def leave(status: Any) -> NoReturn:  # noqa: ANN401 - of a command or of multiprocessing
    """End this process as Python does, but leave its memory to the system.

    Python would free what the parent loaded, object by object: each page would be copied first,
    which takes longer than most commands.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # missing in typeshed
    atexit._run_exitfuncs()
    # What the process itself left is still freed, with its warnings.
    gc.collect()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
