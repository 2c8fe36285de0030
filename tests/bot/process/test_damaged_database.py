"""A damaged SQLite file ends the process with advice."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url

from bot.app import OnNews
from storage.db.database import Database
from storage.db.sqlite.damage import STILL, SURE, Damage, DamagedFileError, damage_of
from tests.plugins.archive import Archive
from tests.plugins.towns import settings_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.server import Playground

LONG_ENOUGH = 60


class Time:
    """A clock that moves as soon as somebody waits."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None

    async def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)
        self.meanwhile()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(Damage.__init__, "__kwdefaults__", {"pause": time})
    return time


def path_of(url: str) -> Path:
    return Path(make_url(url).database or "")


def damage(path: Path, table: str) -> None:
    """Overwrite the first page of a table, which is somewhere inside the file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


@pytest.mark.parametrize("table", ["articles", "sources"])
async def test_a_damaged_file_ends_the_process_and_the_log_says_what_to_do(
    town: Playground,
    sqlite_url: str,
    time: Time,
    table: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    database = Database(sqlite_url)
    await database.open()
    await (await Archive.on(database)).publish(*"abcdefghi")
    await database.close()
    damage(path_of(sqlite_url), table)
    settings = settings_in(town, sqlite_url)
    onnews = OnNews(settings, first_sources=())
    with pytest.raises(DamagedFileError) as caught:
        await asyncio.wait_for(onnews.serve(asyncio.Event()), LONG_ENOUGH)
    assert f"The database file {path_of(sqlite_url)} is damaged (" in str(caught.value)
    assert "`onnews restore FILE`" in str(caught.value)
    assert time.waits == [SURE]
    assert not [each for each in caplog.records if each.exc_info]


async def test_a_file_that_is_sound_after_a_minute_does_not_end_the_process(
    sqlite_url: str, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    path = path_of(sqlite_url)
    database = Database(sqlite_url)
    await database.open()
    await database.close()
    found = Damage(path, lambda: damage_of(path, LONG_ENOUGH))
    waiting = asyncio.ensure_future(found.found())
    with caplog.at_level(logging.WARNING):
        found.seen("malformed")
        assert found._deciding is not None
        await asyncio.wait_for(found._deciding, LONG_ENOUGH)
    assert time.waits == [SURE, STILL]
    assert "is intact, although SQLite called it damaged (malformed)" in caplog.text
    assert not waiting.done()
    # What no check finds and goes on failing is damage all the same.
    time.meanwhile = lambda: found.seen("malformed once more")
    found.seen("malformed")
    error = await asyncio.wait_for(waiting, LONG_ENOUGH)
    assert "is damaged (malformed)" in str(error)
    await found.close()
