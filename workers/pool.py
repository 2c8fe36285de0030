"""The pool of worker processes that parse untrusted documents within limits of time and memory.

A call that exceeds a limit costs its worker, which is killed and replaced. The bot's own process
and the other calls are not affected.
"""

from __future__ import annotations

import asyncio
import fcntl
import gc
import io
import logging
import math
import os
import pickle
import resource
import signal
import subprocess
import threading
import time
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import popen_spawn_posix, reduction, resource_tracker, spawn, util
from multiprocessing.context import SpawnContext, SpawnProcess, set_spawning_popen
from typing import TYPE_CHECKING, TypeVar

import pebble

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future
    from multiprocessing.connection import Connection
    from multiprocessing.synchronize import RLock

T = TypeVar("T")

MEMORY = 768 * 1024 * 1024
"""Bytes of address space that a worker may use; an idle worker uses about 250 MiB."""
NICENESS = 10
"""Added to the nice level of a worker, so that the bot's answers to readers get the CPU first."""
NEW_THINGS = 10_000
"""Newly allocated objects that start a collection of the youngest generation; Python's is 700."""
TRIES = 3
"""Attempts for one call, each in a new pool: one usually breaks because of another call."""
LOOK = 5.0
"""Seconds between two checks that the pool is still running, while a call waits for its result."""
ROOM = 1 << 20
"""Bytes of buffer requested for a pipe, the most without root; Linux's default is 65,536."""
_OUT_OF_MEMORY = 77
"""The exit status of a worker that ran out of memory."""
_GIVEN = frozenset(
    {
        *("HOME", "PATH", "TMPDIR", "TZ", "LANG", "LANGUAGE", "VIRTUAL_ENV"),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
        *("PYTHONHASHSEED", "PYTHONHOME", "PYTHONPATH", "PYTHONUTF8"),
    }
)
"""Variables that a worker receives besides the locale's; no token or password reaches it."""

_NO_MEMORY = "Memory allocation failed"

log = logging.getLogger(__name__)


class WorkerError(Exception):
    """A call in a worker failed to return a result; `call` is the function's name."""

    def __init__(self, call: str, detail: str) -> None:
        super().__init__(call, detail)
        self.call = call
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.call} {self.detail}"


class WorkerTimeoutError(WorkerError):
    """The call exceeded its time limit; its worker was killed."""


class WorkerDiedError(WorkerError):
    """The worker ended during the call, out of memory or by a crash, or could not be started."""


class LauncherWithoutSecrets(popen_spawn_posix.Popen):
    """A process launcher that keeps the bot's secrets out of the child's environment.

    It uses private parts of multiprocessing, since no public one starts a process with another
    environment. `set_executable` would need a program of our own that starts Python once more, and
    changing `os.environ` meanwhile would also change what the bot's other threads read. The tests
    in `tests/workers` show whether a newer Python still works this way.
    """

    def _launch(self, process_obj: SpawnProcess) -> None:
        """Start the child with `environment`'s variables; multiprocessing's passes the parent's."""
        tracker = resource_tracker.getfd()
        prepared = io.BytesIO()
        set_spawning_popen(self)
        try:
            reduction.dump(spawn.get_preparation_data(process_obj.name), prepared)
            reduction.dump(process_obj, prepared)
        finally:
            set_spawning_popen(None)
        ours, theirs = os.pipe()
        their_end, our_end = os.pipe()
        try:
            numbers = (*self._fds, tracker, their_end, theirs)  # type: ignore[attr-defined]  # missing in typeshed
            self.pid = self._start(numbers, tracker=tracker, pipe=their_end)
            self.sentinel = ours
            with open(our_end, "wb", closefd=False) as pipe:
                pipe.write(prepared.getbuffer())
        finally:
            self.finalizer = util.Finalize(self, util.close_fds, (ours, our_end))  # type: ignore[attr-defined]  # as above
            os.close(their_end)
            os.close(theirs)

    def _start(self, numbers: Sequence[int], *, tracker: int | None, pipe: int) -> int:
        """Start the process, which inherits the file descriptors `numbers`, and return its id."""
        started = subprocess.Popen(  # noqa: S603 — Python's own command line
            spawn.get_command_line(tracker_fd=tracker, pipe_handle=pipe),
            executable=spawn.get_executable(),
            env=environment(os.environ),
            pass_fds=numbers,
        )
        # multiprocessing waits for the process id itself; Popen need not.
        started.returncode = 0
        return started.pid


class _Process(SpawnProcess):
    @staticmethod
    def _Popen(process_obj: SpawnProcess) -> LauncherWithoutSecrets:  # type: ignore[override]  # noqa: N802  # named by the base class
        return LauncherWithoutSecrets(process_obj)


def environment(whole: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of an environment that a worker may receive."""
    return {
        name: value
        for name, value in whole.items()
        if name in _GIVEN or name.startswith(("LC_", "COV_CORE_", "COVERAGE_"))
    }


class _Spawn(SpawnContext):
    """A multiprocessing context that spawns processes.

    A forked process would inherit the event loop, the sockets and the database's locks. Without the
    references in `locks`, a process that is just starting would fail to find its lock: the pool
    drops its locks before it ends its processes.
    """

    Process = _Process

    def __init__(self) -> None:
        super().__init__()
        self.locks: list[RLock] = []

    def RLock(self) -> RLock:  # noqa: N802  # named by the base class
        """Return a lock with a name that lasts until `locks` is emptied."""
        lock = super().RLock()
        self.locks.append(lock)
        return lock

    def Pipe(self, duplex: bool = True) -> tuple[Connection, Connection]:  # noqa: FBT001, FBT002, N802  # named by the base class
        """Return a pipe with a buffer of `ROOM` bytes, where the system allows."""
        ends = super().Pipe(duplex)
        if not duplex and hasattr(fcntl, "F_SETPIPE_SZ"):
            # A writer blocks while the buffer is full, until the other side has read.
            with suppress(OSError):
                fcntl.fcntl(ends[1].fileno(), fcntl.F_SETPIPE_SZ, ROOM)
        return ends


class Workers:
    """A small pool of worker processes, each of `memory` bytes, started by the first call.

    After `calls` one is replaced, to free leaked memory. Each runs `warm`, a module-level function,
    at its start.
    """

    def __init__(
        self,
        count: int = 2,
        *,
        memory: int = MEMORY,
        calls: int = 500,
        warm: Callable[[], object] | None = None,
    ) -> None:
        self._count = count
        self._warm = warm
        self._memory = memory
        self._calls = calls
        self._pool: pebble.ProcessPool | None = None
        self._spawn = _Spawn()
        self._changing = threading.Lock()

    async def begin(self) -> None:
        """Start the processes now, so that the first call does not wait; or WorkerDiedError."""
        await asyncio.to_thread(self._begun)

    async def run(
        self,
        fn: Callable[..., T],
        /,
        *args: object,
        timeout: float,  # noqa: ASYNC109 — counted in the worker, which asyncio cannot stop
        processor: int | None = None,
    ) -> T:
        """Return the result of `fn(*args)`, computed in a worker.

        Args:
            fn: A module-level function. The function, its arguments and its result are pickled.
            args: The arguments of `fn`.
            timeout: Seconds of wall time from when a worker starts the call. Waiting for a free
                worker does not count.
            processor: Whole seconds of CPU time. Unlike `timeout` it does not depend on how busy
                the machine is. None for no limit.

        Raises:
            WorkerTimeoutError: The call exceeded `timeout` or `processor`.
            WorkerDiedError: The worker ran out of memory or crashed, or no worker could be started.
            WorkerError: `fn` raised an exception, or returned a value, that cannot be pickled.
            Exception: Any other exception that `fn` raised.
        """
        name = getattr(fn, "__qualname__", repr(fn))
        for _ in range(TRIES):
            pool = self._pool
            if pool is None or not pool.active:
                # In a thread: starting the processes takes 0.1 s.
                pool = await asyncio.to_thread(self._begun)
            try:
                return await _result(pool, (fn, args, processor), timeout)
            except FutureTimeoutError:
                raise WorkerTimeoutError(name, f"took longer than {timeout:g} s") from None
            except pebble.ProcessExpired as end:
                if end.exitcode == -signal.SIGXCPU:
                    raise WorkerTimeoutError(name, f"took longer than {processor} s") from None
                why = "ran out of memory" if end.exitcode == _OUT_OF_MEMORY else "crashed"
                raise WorkerDiedError(name, f"{why} (exit {end.exitcode})") from None
            except BrokenProcessPool as error:
                # A process that dies before the pool knows its call fails all calls of the pool.
                log.info("restarting the worker processes, which ended during %s: %s", name, error)
        raise WorkerDiedError(name, "returned no result, because its worker processes ended")

    async def close(self) -> None:
        """End the processes, even during a call. A later call starts new ones."""
        await asyncio.to_thread(self._ended)

    def _ended(self) -> None:
        with self._changing:
            if self._pool is not None:
                self._end(self._pool)

    def _end(self, pool: pebble.ProcessPool) -> None:
        self._pool = None
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()
        self._spawn.locks.clear()

    def _begun(self) -> pebble.ProcessPool:
        with self._changing:
            if self._pool is not None and self._pool.active:
                return self._pool
            if self._pool is not None:
                self._discard(self._pool)
            pool = pebble.ProcessPool(
                max_workers=self._count,
                max_tasks=self._calls,
                initializer=_prepare,
                initargs=(self._memory, self._warm, NICENESS),
                context=self._spawn,
            )
            try:
                is_active = pool.active  # reading it starts the pool
            except (OSError, BrokenProcessPool) as error:
                # For example /dev/shm is not writable, or memory is short for another process.
                self._discard(pool)
                cause = error.__cause__ or error
                why = getattr(cause, "strerror", None) or cause
                raise WorkerDiedError("start", f"could not start its processes ({why})") from error
            if not is_active:
                self._discard(pool)
                raise WorkerDiedError("start", "could not start its processes")
            # Set last: `run` reads `active`, which would start the pool in the event loop.
            self._pool = pool
            return pool

    def _discard(self, pool: pebble.ProcessPool) -> None:
        """End a broken pool, or its remaining processes would run forever. Errors are ignored."""
        with suppress(OSError, RuntimeError):
            self._end(pool)


async def _result(
    pool: pebble.ProcessPool,
    call: tuple[Callable[..., T], tuple[object, ...], int | None],
    seconds: float,
) -> T:
    """Return the result of a call (function, arguments, CPU seconds) run within `seconds`."""
    try:
        future: Future[T] = pool.schedule(_bounded, call, timeout=seconds)
    except RuntimeError as error:
        raise BrokenProcessPool(str(error)) from error
    result = asyncio.wrap_future(future)
    try:
        while not (await asyncio.wait({result}, timeout=LOOK))[0]:
            if not pool.active:
                raise BrokenProcessPool("the pool no longer runs")
        return result.result()
    finally:
        result.cancel()


def _prepare(memory: int, warm: Callable[[], object] | None, niceness: int) -> None:
    """Limit this worker's memory and priority, then run `warm`, at its start."""
    # Ctrl-C in a terminal reaches the workers too; the bot ends them itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A Python signal handler would run only after a C library returns, and delay the end.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Each thread of a numeric library reserves address space, which counts towards the limit.
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    os.nice(niceness)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError) as error:
        log.warning("this system cannot limit the memory of a process: %s", error)
    if warm is not None:
        warm()
    # Loaded modules stay, so the collector skips them, and it runs less often for documents.
    gc.freeze()
    gc.set_threshold(NEW_THINGS)


def _bounded(fn: Callable[..., T], args: tuple[object, ...], processor: int | None) -> T:
    """Return a call's result, in the worker; exit with `_OUT_OF_MEMORY` where memory ran out."""
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    until = most if processor is None else math.ceil(time.process_time() + processor)
    resource.setrlimit(resource.RLIMIT_CPU, (until, most))
    name = getattr(fn, "__qualname__", repr(fn))
    try:
        return fn(*args)
    except MemoryError:
        # The heap may be too full to pickle an answer.
        os._exit(_OUT_OF_MEMORY)
    except Exception as error:
        if _NO_MEMORY in str(error):
            # libxml2 reports exhausted memory as a parse error with this text.
            os._exit(_OUT_OF_MEMORY)
        if _travels(error):
            raise
        raise WorkerError(name, f"raised {type(error).__name__}: {str(error)[:200]}") from None


def _travels(error: Exception) -> bool:
    """Return whether an exception survives pickling; lxml's exceptions hold a log that does not."""
    try:
        return type(pickle.loads(pickle.dumps(error))) is type(error)  # noqa: S301 — just made
    except Exception:  # noqa: BLE001 — unpickling runs the exception's own code
        return False
