"""Worker processes end what overruns its bounds, and go on."""

from __future__ import annotations

import os
import time

import pytest

from news.entry import UnreadableError
from news.worker import WorkerDiedError, Workers, WorkerTimeoutError


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


async def test_a_call_gives_its_result(workers: Workers) -> None:
    assert await workers.run(double, 21, timeout=10) == 42


async def test_an_exception_of_the_call_comes_home_whole(workers: Workers) -> None:
    with pytest.raises(UnreadableError) as raised:
        await workers.run(refuse, timeout=10)
    assert (raised.value.reason, raised.value.detail) == ("wall page", "captcha")


async def test_a_call_that_hangs_is_killed_and_the_next_one_runs(workers: Workers) -> None:
    with pytest.raises(WorkerTimeoutError) as raised:
        await workers.run(hang, timeout=0.3)
    assert raised.value.call == "hang"
    assert await workers.run(double, 2, timeout=10) == 4


async def test_a_call_that_eats_memory_is_killed_and_the_next_one_runs(workers: Workers) -> None:
    with pytest.raises(WorkerDiedError, match="ran out of memory"):
        await workers.run(devour, timeout=30)
    assert await workers.run(double, 3, timeout=10) == 6


async def test_a_call_that_crashes_costs_only_its_worker(workers: Workers) -> None:
    with pytest.raises(WorkerDiedError, match="crashed"):
        await workers.run(crash, timeout=10)
    assert await workers.run(double, 4, timeout=10) == 8


async def test_workers_open_again_after_they_were_closed() -> None:
    pool = Workers(1)
    await pool.close()
    assert await pool.run(double, 1, timeout=10) == 2
    await pool.close()


def note_that_it_is_warm() -> None:
    os.environ["ON_NEWS_TEST_WARM"] = "yes"


def warmth() -> str:
    return os.environ.get("ON_NEWS_TEST_WARM", "no")


async def test_workers_that_have_begun_are_warm_before_their_first_call() -> None:
    workers = Workers(1, warm=note_that_it_is_warm)
    await workers.begin()
    assert await workers.run(warmth, timeout=10) == "yes"
    await workers.close()
    assert await workers.run(warmth, timeout=10) == "yes"
    await workers.close()
