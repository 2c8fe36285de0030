"""The start of a process whose database is not available yet."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bot.app import OnNews
from storage.db.outage import DatabaseError
from tests.plugins.towns import settings_in

if TYPE_CHECKING:
    from pathlib import Path

    from bench.harness.postgresql import DatabaseServer
    from playground.server import Playground

LONG_ENOUGH = 120


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the time until a file counts as locked, and until the next try."""
    monkeypatch.setattr("storage.db.sqlite.engines.BUSY_SECONDS", 0.1)
    monkeypatch.setattr("bot.serving.standby.TRY_AGAIN", 0.05)


def serving(town: Playground, url: str, stop: asyncio.Event) -> tuple[OnNews, asyncio.Task[None]]:
    settings = settings_in(town, url)
    onnews = OnNews(settings, first_sources=())
    return onnews, asyncio.create_task(onnews.serve(stop))


def waits(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line for line in caplog.messages if line.startswith("waiting for the database: ")]


async def until_it_waits(caplog: pytest.LogCaptureFixture) -> None:
    async with asyncio.timeout(LONG_ENOUGH):
        while not waits(caplog):  # noqa: ASYNC110 - logging has no event for it
            await asyncio.sleep(0.01)


async def test_a_locked_file_is_waited_for_with_one_line(
    town: Playground, sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()
    with closing(sqlite3.connect(tmp_path / "onnews.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        onnews, task = serving(town, sqlite_url, stop)
        await until_it_waits(caplog)
    await asyncio.wait_for(onnews.ready.wait(), LONG_ENOUGH)
    (line,) = waits(caplog)
    assert "another program has locked the database file" in line
    assert "the database is available" in caplog.messages
    stop.set()
    await asyncio.wait_for(task, LONG_ENOUGH)


async def test_a_server_that_is_not_there_is_waited_for_with_one_line(
    town: Playground, postgresql_url: str, mortal: DatabaseServer, caplog: pytest.LogCaptureFixture
) -> None:
    mortal.stop()
    stop = asyncio.Event()
    onnews, task = serving(town, postgresql_url, stop)
    await until_it_waits(caplog)
    mortal.start()
    await asyncio.wait_for(onnews.ready.wait(), LONG_ENOUGH)
    (line,) = waits(caplog)
    assert "cannot be reached" in line
    stop.set()
    await asyncio.wait_for(task, LONG_ENOUGH)


async def test_a_stop_ends_the_waiting(
    town: Playground, closed_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()
    _, task = serving(town, f"postgresql://u:s3cret@127.0.0.1:{closed_port}/n", stop)
    await until_it_waits(caplog)
    stop.set()
    await asyncio.wait_for(task, LONG_ENOUGH)
    assert "s3cret" not in caplog.text


async def test_a_fault_that_waiting_cannot_mend_ends_the_process(
    town: Playground, postgresql_url: str
) -> None:
    _, task = serving(town, postgresql_url.replace("/onnews_", "/nowhere_"), asyncio.Event())
    with pytest.raises(DatabaseError, match="createdb nowhere_"):
        await asyncio.wait_for(task, LONG_ENOUGH)
