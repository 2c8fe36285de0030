"""The worker pool ends calls that exceed their limits, and goes on."""

from __future__ import annotations

import asyncio
import errno
import multiprocessing
import os
import subprocess
import sys
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree  # type: ignore[import-untyped]  # lxml has no types
from pebble.pool.base_pool import PoolStatus

from news.entry import UnreadableError
from workers.pool import ROOM, WorkerDiedError, WorkerError, Workers, WorkerTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable


LONG_ENOUGH = 120
"""Seconds for a call, including the start of a process on a busy machine."""


def double(number: int) -> int:
    return number * 2


def hang() -> None:
    while True:
        time.sleep(1)


def devour() -> int:
    held = []
    while True:
        held.append(bytearray(10_000_000))


def crash() -> None:
    os.abort()


def refuse() -> None:
    raise UnreadableError("wall page", "captcha")


class BoundToItsPlaceError(Exception):
    """An exception that can be raised but not unpickled, as some of lxml's."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")


def fail_as_lxml_does() -> None:
    etree.fromstring(b"<a>" * 400)


def fail_near_the_bound() -> None:
    raise etree.XMLSyntaxError("Memory allocation failed : building node", 2, 1, 1)


def fail_in_its_own_way() -> None:
    raise BoundToItsPlaceError("out", "of place")


def environment_of_process() -> str:
    """Return the environment at this process's start, and what it can read now."""
    return Path("/proc/self/environ").read_text() + repr(dict(os.environ))


async def test_a_call_gives_its_result(workers: Workers) -> None:
    assert await workers.run(double, 21, timeout=LONG_ENOUGH) == 42


async def test_an_exception_in_a_worker_is_raised_to_the_caller(workers: Workers) -> None:
    with pytest.raises(UnreadableError) as raised:
        await workers.run(refuse, timeout=LONG_ENOUGH)
    assert (raised.value.reason, raised.value.detail) == ("wall page", "captcha")


@pytest.mark.parametrize("fails", [fail_as_lxml_does, fail_in_its_own_way])
async def test_an_unpicklable_exception_is_raised_as_text(
    workers: Workers, fails: Callable[[], None]
) -> None:
    with pytest.raises(
        WorkerError, match=r"fail_.* raised (?:XMLSyntaxError|BoundToItsPlaceError): "
    ):
        await workers.run(fails, timeout=LONG_ENOUGH)
    assert await workers.run(double, 2, timeout=LONG_ENOUGH) == 4


async def test_a_librarys_memory_error_counts_as_the_workers(workers: Workers) -> None:
    with pytest.raises(WorkerDiedError, match="ran out of memory"):
        await workers.run(fail_near_the_bound, timeout=LONG_ENOUGH)
    assert await workers.run(double, 2, timeout=LONG_ENOUGH) == 4


async def test_a_workers_environment_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TELEGRAM_BOT_TOKEN", "DATABASE_URL", "WEBHOOK_SECRET", "PGPASSWORD", "ANY_KEY"):
        monkeypatch.setenv(name, "hush-hush")
    pool = Workers(1)
    try:
        first = await pool.run(environment_of_process, timeout=LONG_ENOUGH)
        with pytest.raises(WorkerDiedError):
            await pool.run(crash, timeout=LONG_ENOUGH)
        second = await pool.run(environment_of_process, timeout=LONG_ENOUGH)
    finally:
        await pool.close()
    assert "hush-hush" not in first + second
    assert "PATH=" in first


async def test_a_call_that_hangs_is_killed_and_the_next_one_runs(workers: Workers) -> None:
    with pytest.raises(WorkerTimeoutError) as raised:
        await workers.run(hang, timeout=0.3)
    assert raised.value.call == "hang"
    assert await workers.run(double, 2, timeout=LONG_ENOUGH) == 4


async def test_pipes_that_cannot_be_enlarged_still_work(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    def refused(_: int, command: int, room: int) -> int:
        asked.append((command, room))
        raise PermissionError(errno.EPERM, "too many pages for one user")

    monkeypatch.setattr("fcntl.F_SETPIPE_SZ", 1031, raising=False)
    monkeypatch.setattr("fcntl.fcntl", refused)
    pool = Workers(1)
    try:
        assert await pool.run(double, 21, timeout=LONG_ENOUGH) == 42
    finally:
        await pool.close()
    assert set(asked) == {(1031, ROOM)}


def count_without_end() -> None:
    while True:
        pass


async def test_a_call_is_ended_after_its_processor_time(workers: Workers) -> None:
    """Processor time does not depend on the machine's load; the next call starts at zero."""
    with pytest.raises(WorkerTimeoutError, match="count_without_end took longer than 1 s"):
        await workers.run(count_without_end, timeout=LONG_ENOUGH, processor=1)
    assert await workers.run(double, 2, timeout=LONG_ENOUGH, processor=1) == 4
    assert await workers.run(double, 2, timeout=LONG_ENOUGH) == 4


async def test_a_call_that_eats_memory_is_killed_and_the_next_one_runs(workers: Workers) -> None:
    with pytest.raises(WorkerDiedError, match="ran out of memory"):
        await workers.run(devour, timeout=LONG_ENOUGH)
    assert await workers.run(double, 3, timeout=LONG_ENOUGH) == 6


async def test_a_call_that_crashes_costs_only_its_worker(workers: Workers) -> None:
    with pytest.raises(WorkerDiedError, match="crashed"):
        await workers.run(crash, timeout=LONG_ENOUGH)
    assert await workers.run(double, 4, timeout=LONG_ENOUGH) == 8


def broken(*_: object, **__: object) -> Future[int]:
    future: Future[int] = Future()
    future.set_exception(BrokenProcessPool("All workers expired"))
    return future


def lost(*_: object, **__: object) -> Future[int]:
    return Future()


def stopped(*_: object, **__: object) -> Future[int]:
    raise RuntimeError("Unexpected error within the Pool")


@pytest.mark.parametrize("end", [broken, lost, stopped])
async def test_a_broken_pool_repeats_the_call(
    monkeypatch: pytest.MonkeyPatch, end: Callable[..., Future[int]]
) -> None:
    """A pool also breaks when another call's process ends before the pool knows of this call."""
    monkeypatch.setattr("workers.pool.LOOK", 0.01)
    others = set(multiprocessing.active_children())
    pool = Workers(1)
    await pool.begin()
    first = pool._pool
    assert first is not None

    def breaks(*args: object, **fields: object) -> Future[int]:
        first._context.status = PoolStatus.ERROR
        return end(*args, **fields)

    monkeypatch.setattr(first, "schedule", breaks)
    begun = set(multiprocessing.active_children()) - others
    assert await pool.run(double, 2, timeout=LONG_ENOUGH) == 4
    assert pool._pool is not first
    assert begun.isdisjoint(multiprocessing.active_children())
    await pool.close()


async def test_a_call_that_breaks_every_pool_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pebble.ProcessPool.schedule", broken)
    pool = Workers(1)
    with pytest.raises(WorkerDiedError, match="its worker processes ended"):
        await pool.run(double, 2, timeout=LONG_ENOUGH)
    await pool.close()


async def test_a_machine_out_of_processes_is_reported_and_retried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def second_refused(*args: Any, **options: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401 - Popen's
        if begun:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        begun.append(popen(*args, **options))
        return begun[0]

    pool = Workers(2)
    with monkeypatch.context() as patched:
        patched.setattr("workers.pool.subprocess.Popen", second_refused)
        with pytest.raises(WorkerDiedError, match=r"could not start its processes \(Resource temp"):
            await pool.run(double, 2, timeout=LONG_ENOUGH)
    with pytest.raises(ProcessLookupError):
        os.kill(begun[0].pid, 0)
    assert await pool.run(double, 2, timeout=LONG_ENOUGH) == 4
    await pool.close()


async def test_a_machine_without_shared_memory_is_reported_and_retried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    pool = Workers(1)
    with monkeypatch.context() as patched:
        patched.setattr("multiprocessing.synchronize.SemLock.__init__", refused)
        with pytest.raises(WorkerError, match=r"could not start its processes \(Permission denied"):
            await pool.run(double, 2, timeout=LONG_ENOUGH)
    assert await pool.run(double, 2, timeout=LONG_ENOUGH) == 4
    await pool.close()


async def test_workers_open_again_after_they_were_closed() -> None:
    pool = Workers(1)
    await pool.close()
    assert await pool.run(double, 1, timeout=LONG_ENOUGH) == 2
    await pool.close()


def note_that_it_is_warm() -> None:
    os.environ["ON_NEWS_TEST_WARM"] = "yes"


def warmth() -> str:
    return os.environ.get("ON_NEWS_TEST_WARM", "no")


async def test_workers_that_have_begun_are_warm_before_their_first_call() -> None:
    workers = Workers(1, warm=note_that_it_is_warm)
    await workers.begin()
    assert await workers.run(warmth, timeout=LONG_ENOUGH) == "yes"
    await workers.close()
    assert await workers.run(warmth, timeout=LONG_ENOUGH) == "yes"
    await workers.close()


CLOSED_AT_ONCE = """
import asyncio, signal
from workers.pool import Workers

if __name__ == "__mp_main__":
    # A busy machine: the order to end comes before the process has unpacked what it is to do.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    signal.sigwait({signal.SIGTERM})

async def begin_and_close():
    workers = Workers(2)
    await workers.begin()
    await workers.close()

if __name__ == "__main__":
    asyncio.run(begin_and_close())
"""


async def test_a_worker_stopped_before_its_start_ends_quietly(tmp_path: Path) -> None:
    script = tmp_path / "closed_at_once.py"
    script.write_text(CLOSED_AT_ONCE)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        script,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), LONG_ENOUGH)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, output.decode()) == (0, "")
