"""The database file is deleted or replaced under the bot; readers are still served."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
from sqlalchemy import make_url

from bot.app import OnNews, serve
from bot.configuration.settings import Settings
from bot.serving import lost_database
from storage.db.outage import Outage

if TYPE_CHECKING:
    from playground.people.people import Person
    from playground.server import Playground

LONG_ENOUGH = 60


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the time until a loss is noticed, and lengthen that until a reader is notified."""
    monkeypatch.setattr(Outage.__init__, "__kwdefaults__", {"every": 0.1, "steady": 0.0})
    monkeypatch.setattr("handlers.core.outage_retries.GRACE", LONG_ENOUGH)
    monkeypatch.setattr(lost_database, "TELLING", LONG_ENOUGH)


def path_of(url: str) -> Path:
    return Path(make_url(url).database or "")


def settings_of(town: Playground, url: str, operator: Person) -> Settings:
    return Settings(
        telegram_bot_token=town.token,
        telegram_api_url=town.url,
        database_url=url,
        admin_ids=(operator.id,),
        metrics_address=("127.0.0.1", 0),
    )


async def heading(person: Person) -> str:
    """Return the first line of the next message."""
    message = await asyncio.wait_for(person.next(), LONG_ENOUGH)
    return message.text.partition("\n")[0]


async def until(onnews: OnNews, status: int, words: str) -> None:
    """Ask /healthz until it answers this."""
    assert onnews.web is not None
    url = f"{onnews.web.port.url}/healthz"
    async with asyncio.timeout(LONG_ENOUGH), aiohttp.ClientSession() as session:
        while True:
            async with session.get(url) as response:
                if response.status == status and words in await response.text():
                    return
            await asyncio.sleep(0.05)


async def test_a_file_that_is_deleted_is_put_back_under_the_bot(
    town: Playground, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga, ana = town.person("Olga"), town.person("Ana")
    path = path_of(sqlite_url)
    onnews = OnNews(settings_of(town, sqlite_url, olga), first_sources=())
    try:
        assert await onnews.start() is not None
        await olga.start()
        await olga.next()
        await ana.start()
        await ana.next()
        await ana.send("/settings")
        known = await heading(ana)
        for file in path.parent.glob("onnews.db*"):
            file.unlink()
        await ana.send("/settings")
        assert await heading(ana) == known
        assert await heading(olga) == "The database file was deleted"
        await until(onnews, 200, "ok")
        # Where it cannot be put back, that is said for as long as it is so.
        with monkeypatch.context() as unmounted:
            unmounted.setattr("storage.db.lost_file.OpenFile._is_same_disk", lambda _: False)
            path.unlink()
            await until(onnews, 503, f"the disk of the database file {path} is no longer mounted")
            assert await heading(olga) == "The disk of the database is gone"
        await until(onnews, 200, "ok")
        await ana.send("/settings")
        assert await heading(ana) == known
    finally:
        await onnews.stop()


async def test_a_replaced_file_is_served_and_the_first_one_saved(
    town: Playground, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    olga, ana = town.person("Olga"), town.person("Ana")
    path = path_of(sqlite_url)
    empty = path.with_name("another.db")
    shutil.copy(path, empty)
    stop = asyncio.Event()
    settings = settings_of(town, sqlite_url, olga)
    task = asyncio.create_task(serve(settings, stop, first_sources=(), lease_seconds=1.0))
    try:
        await olga.start()
        welcome = await heading(olga)
        await ana.start()
        assert await heading(ana) == welcome
        empty.replace(path)
        assert await heading(olga) == "The database file was replaced"
        (saved,) = path.parent.glob("*.saved-*")
        # The other database has no readers.
        await ana.start()
        assert await heading(ana) == welcome
        assert "another file is in the place of the archive" in caplog.text
        assert saved.exists()
    finally:
        stop.set()
        await asyncio.wait_for(task, LONG_ENOUGH)
