"""Worker processes: where hostile documents are read, within a bound of time and memory.

A call that overruns either bound costs its worker, which is killed and replaced; the bot's own
process and the other calls are untouched.
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
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future
    from multiprocessing.connection import Connection
    from multiprocessing.synchronize import RLock

T = TypeVar("T")

MEMORY = 768 * 1024 * 1024
"""Bytes of address space a worker may have; a worker at rest has about 250 MiB of it."""
NICENESS = 10
"""By how much the bot, which answers readers, goes before its workers."""
NEW_THINGS = 10_000
"""How many things come to be before the collector looks among the new ones; Python's own is 700."""
TRIES = 3
"""Pools that a call is given, where one breaks under it, mostly through the fault of another."""
LOOK = 5.0
"""Seconds after which one who waits for a result looks whether the pool is still there."""
ROOM = 1 << 20
"""Bytes that a pipe is to hold: Linux gives no more to whoever is not root, and 65,536 unasked."""
_OUT_OF_MEMORY = 77
"""The exit status of a worker that ran out of memory."""
_GIVEN = frozenset(
    {
        *("HOME", "PATH", "TMPDIR", "TZ", "LANG", "LANGUAGE", "VIRTUAL_ENV"),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
        *("PYTHONHASHSEED", "PYTHONHOME", "PYTHONPATH", "PYTHONUTF8"),
    }
)
"""What of the environment a worker is given, beside the locale: no token, no database's password,
whatever else a secret may be called."""

_NO_MEMORY = "Memory allocation failed"

log = logging.getLogger(__name__)


class WorkerError(Exception):
    """A call in a worker came to no result; `call` names the function."""

    def __init__(self, call: str, detail: str) -> None:
        super().__init__(call, detail)
        self.call = call
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.call} {self.detail}"


class WorkerTimeoutError(WorkerError):
    """The call took longer than it was given; its worker was killed."""


class WorkerDiedError(WorkerError):
    """The worker ended under the call: out of memory, or crashed; it is replaced."""


class _Bare(popen_spawn_posix.Popen):
    """Starts a process in an environment that holds none of the bot's secrets."""

    def _launch(self, process_obj: SpawnProcess) -> None:
        """The base's, which can give no environment but the bot's own."""
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
            started = subprocess.Popen(  # noqa: S603 — Python's own command line
                spawn.get_command_line(tracker_fd=tracker, pipe_handle=their_end),
                executable=spawn.get_executable(),
                env=environment(os.environ),
                pass_fds=(*self._fds, tracker, their_end, theirs),  # type: ignore[attr-defined,arg-type]  # typeshed leaves it out
            )
            self.pid = started.pid
            # Waited for by its number, by multiprocessing.
            started.returncode = 0
            self.sentinel = ours
            with open(our_end, "wb", closefd=False) as pipe:
                pipe.write(prepared.getbuffer())
        finally:
            self.finalizer = util.Finalize(self, util.close_fds, (ours, our_end))  # type: ignore[attr-defined]  # as above
            os.close(their_end)
            os.close(theirs)


class _Process(SpawnProcess):
    @staticmethod
    def _Popen(process_obj: SpawnProcess) -> _Bare:  # type: ignore[override]  # noqa: N802  # its base's
        return _Bare(process_obj)


def environment(whole: Mapping[str, str]) -> dict[str, str]:
    """What of an environment a worker is given."""
    return {
        name: value
        for name, value in whole.items()
        if name in _GIVEN or name.startswith(("LC_", "COV_CORE_", "COVERAGE_"))
    }


class _Spawn(SpawnContext):
    """Starts processes afresh: a forked one would inherit the loop, sockets, the database's locks.

    The pool forgets its locks, and with the last reference their names, before it ends its
    processes. One that has just been started would look for a name in vain, and say so.
    """

    Process = _Process

    def __init__(self) -> None:
        super().__init__()
        self.locks: list[RLock] = []

    def RLock(self) -> RLock:  # noqa: N802  # its base's
        """A lock, whose name lasts until `locks` is emptied."""
        lock = super().RLock()
        self.locks.append(lock)
        return lock

    def Pipe(self, duplex: bool = True) -> tuple[Connection, Connection]:  # noqa: FBT001, FBT002, N802  # its base's
        """A pipe with room for a document, or for what was read of it, where the system allows."""
        ends = super().Pipe(duplex)
        if not duplex and hasattr(fcntl, "F_SETPIPE_SZ"):
            # Who writes more than there is room for waits until the other side has read it.
            with suppress(OSError):
                fcntl.fcntl(ends[1].fileno(), fcntl.F_SETPIPE_SZ, ROOM)
        return ends


class Workers:
    """A small pool of processes, started by the first call.

    Args:
        count: How many processes at most.
        memory: Bytes of address space for each.
        calls: After how many calls a process is replaced, so that what leaks is given back.
        warm: A function of a module that each process begins with: what it loads is there when
            the first call comes.
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
        """Start the processes now, so that the first call need not wait for them."""
        await asyncio.to_thread(self._begun)

    async def run(
        self,
        fn: Callable[..., T],
        /,
        *args: object,
        timeout: float,  # noqa: ASYNC109 — counted in the worker, which asyncio cannot stop
        processor: int | None = None,
    ) -> T:
        """The result of `fn(*args)`, computed in a worker.

        Args:
            fn: A function of a module, as are the values it takes and gives: they travel pickled.
            args: Its arguments.
            timeout: Seconds from when a worker takes the call up; waiting for one is not counted.
            processor: Seconds of processor time, whole ones, that the call may take: unlike
                `timeout` the same on a machine that has much else to do. None for any number.

        Raises:
            WorkerTimeoutError: It took longer.
            WorkerDiedError: It ran out of memory or took its process down.
            WorkerError: It raised what cannot travel home, or gave such a thing.
            Exception: Whatever `fn` itself raised.
        """
        name = getattr(fn, "__qualname__", repr(fn))
        for _ in range(TRIES):
            pool = self._pool
            if pool is None or not pool.active:
                # In a thread, since it takes a tenth of a second.
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
                # A process that ends before its pool knows by which call takes all calls with it.
                log.info("the processes under %s are started anew: %s", name, error)
        raise WorkerDiedError(name, "came to no result, since its processes ended")

    async def close(self) -> None:
        """End the processes, also amid a call. A later call starts new ones."""
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
        """The pool, with its processes started."""
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
                is_active = pool.active  # asking starts it
            except (OSError, BrokenProcessPool) as error:
                # Such as a /dev/shm that cannot be written, or no memory for one more process.
                self._discard(pool)
                cause = error.__cause__ or error
                why = getattr(cause, "strerror", None) or cause
                raise WorkerDiedError("start", f"could not start its processes ({why})") from error
            if not is_active:
                self._discard(pool)
                raise WorkerDiedError("start", "could not start its processes")
            # Not before: whoever asked it whether it is active would start it, in the loop.
            self._pool = pool
            return pool

    def _discard(self, pool: pebble.ProcessPool) -> None:
        """End a pool that broke: those of its processes that still live would stay for good."""
        with suppress(OSError, RuntimeError):
            self._end(pool)


async def _result(
    pool: pebble.ProcessPool,
    call: tuple[Callable[..., T], tuple[object, ...], int | None],
    seconds: float,
) -> T:
    """The result of a call.

    Raises:
        BrokenProcessPool: The pool will give none, whether or not it says so.
        Exception: Whatever became of the call.
    """
    try:
        future: Future[T] = pool.schedule(_bounded, call, timeout=seconds)
    except RuntimeError as error:
        raise BrokenProcessPool(str(error)) from error
    result = asyncio.wrap_future(future)
    try:
        while not (await asyncio.wait({result}, timeout=LOOK))[0]:
            if not pool.active:
                raise BrokenProcessPool("it is no longer at work")
        return result.result()
    finally:
        result.cancel()


def _prepare(memory: int, warm: Callable[[], object] | None, niceness: int) -> None:
    """Bound this worker, and warm it. Runs in it, before its first call."""
    # The terminal's Ctrl-C is for the bot, which ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A handler of Python's would wait until a library in C returns, and be waited for.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Each thread of a numeric library reserves address space that the bound would count.
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    os.nice(niceness)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError) as error:
        log.warning("this system cannot limit the memory of a process: %s", error)
    if warm is not None:
        warm()
    # What is loaded by now stays: the collector looks at what documents bring, and less often.
    gc.freeze()
    gc.set_threshold(NEW_THINGS)


def _bounded(fn: Callable[..., T], args: tuple[object, ...], processor: int | None) -> T:
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    until = most if processor is None else math.ceil(time.process_time() + processor)
    resource.setrlimit(resource.RLIMIT_CPU, (until, most))
    name = getattr(fn, "__qualname__", repr(fn))
    try:
        return fn(*args)
    except MemoryError:
        # What is left of the heap cannot be trusted to carry an answer home.
        os._exit(_OUT_OF_MEMORY)
    except Exception as error:
        if _NO_MEMORY in str(error):
            # libxml2 says it in words of its own, in the midst of a document.
            os._exit(_OUT_OF_MEMORY)
        if _travels(error):
            raise
        raise WorkerError(name, f"raised {type(error).__name__}: {str(error)[:200]}") from None


def _travels(error: Exception) -> bool:
    """Whether an exception comes home whole: lxml's hold a log that no process can hand on."""
    try:
        return type(pickle.loads(pickle.dumps(error))) is type(error)  # noqa: S301 — just made
    except Exception:  # noqa: BLE001 — whatever a stranger's exception does when it is made again
        return False
