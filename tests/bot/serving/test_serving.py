"""The process from start to stop while Telegram misbehaves. A standby, and what it logs about the
process that it waits for.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Never, cast

import aiohttp
import pytest
from sqlalchemy import text

from bot.app import OnNews
from bot.configuration.settings import Settings
from bot.demo import feeds
from bot.serving.standby import Standby
from bot.telegram.startup import StartError
from bot.telegram.transport import PAUSES
from storage.migrations import migrate
from storage.serving.lease import Lease
from storage.serving.liveness import Holder
from storage.serving.lock import MigrationLock
from tests.handlers.conftest import start
from tests.plugins.databases import migrated
from tests.plugins.towns import settings_in
from workers.pool import WorkerDiedError, Workers

if TYPE_CHECKING:
    from playground.server import Playground
    from storage.db.database import Database

LONG_ENOUGH = 60


@pytest.fixture
def onnews(town: Playground, sqlite_url: str) -> OnNews:
    settings = settings_in(town, sqlite_url)
    return OnNews(settings, first_sources=())


@pytest.mark.parametrize("status", [401, 404])
async def test_a_revoked_token_ends_the_process_with_one_line(
    town: Playground, onnews: OnNews, status: int
) -> None:
    town.faults.add(method="getUpdates", status=status, times=None)
    with pytest.raises(StartError, match="TELEGRAM_BOT_TOKEN"):
        await asyncio.wait_for(onnews.serve(asyncio.Event()), LONG_ENOUGH)


async def test_a_stop_does_not_wait_for_delayed_menu_updates(
    town: Playground, onnews: OnNews
) -> None:
    put_off = town.faults.add(method="setMyCommands", retry_after=3600, times=None)
    stop = asyncio.Event()
    serving = asyncio.create_task(onnews.serve(stop))
    while not put_off.hits:  # noqa: ASYNC110  # the town has no event for it
        await asyncio.sleep(0.01)
    stop.set()
    await asyncio.wait_for(serving, LONG_ENOUGH)


@pytest.mark.parametrize("method", ["getMe", "deleteWebhook", "getUpdates"])
async def test_a_stop_does_not_wait_for_a_silent_telegram(
    town: Playground, onnews: OnNews, method: str
) -> None:
    silence = town.faults.add(method=method, hold=True, times=None)
    stop = asyncio.Event()
    serving = asyncio.create_task(onnews.serve(stop))
    while not silence.hits:  # noqa: ASYNC110  # the town has no event for it
        await asyncio.sleep(0.01)
    stop.set()
    await asyncio.wait_for(serving, LONG_ENOUGH)


async def test_a_failed_first_request_for_updates_is_repeated(
    town: Playground, onnews: OnNews
) -> None:
    failing = town.faults.add(method="deleteWebhook", status=502, times=len(PAUSES) + 1)
    stop = asyncio.Event()
    serving = asyncio.create_task(onnews.serve(stop))
    await asyncio.wait_for(onnews.ready.wait(), LONG_ENOUGH)
    assert failing.hits == len(PAUSES) + 1
    stop.set()
    await asyncio.wait_for(serving, LONG_ENOUGH)


class NoProcesses(Workers):
    """The workers of a machine that cannot start another process."""

    async def run(self, *_: object, **__: object) -> Never:
        raise WorkerDiedError("start", "could not start its processes")


async def test_the_bot_answers_and_sends_without_workers(town: Playground, sqlite_url: str) -> None:
    settings = settings_in(town, sqlite_url, allow_private_sources=True)
    sources = feeds(town.newsstand, town.url)
    onnews = OnNews(settings, first_sources=sources, workers=NoProcesses())
    try:
        sending = await asyncio.wait_for(onnews.start(), LONG_ENOUGH)
        archive = onnews.archive
        await archive.newsroom.refresh_all(await archive.sources.all())
        errors = [source.last_error or "" for source in await archive.sources.all()]
        assert len(errors) == len(sources)
        assert all("could not start its processes" in error for error in errors)
        assert sending is not None
        assert not sending.done()
        anna = town.person("Anna")
        assert "ON News" in (await start(anna)).text
    finally:
        await onnews.stop()


async def test_a_process_without_database_leaves_readers_to_the_new_server(
    town: Playground, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_in(town, sqlite_url)
    onnews = OnNews(settings, first_sources=(), lease_seconds=0.5)
    stop = asyncio.Event()
    serving = asyncio.create_task(onnews.serve(stop))
    await asyncio.wait_for(onnews.ready.wait(), LONG_ENOUGH)
    anna = town.person("Anna")

    async def away(*_: object) -> bool:
        raise ConnectionRefusedError

    async def taken_over() -> list[str]:
        """Return the other process's answer; it repeats the request after a conflict."""
        url = f"{town.url}/bot{town.token}/getUpdates"
        async with aiohttp.ClientSession() as session:
            while True:
                async with session.post(url, json={"timeout": 50}) as response:
                    answer = await response.json()
                if answer["ok"]:
                    return [update["message"]["text"] for update in answer["result"]]

    with monkeypatch.context() as patch:
        patch.setattr(onnews._lease, "_change", away)
        while onnews._lease.is_valid:  # noqa: ASYNC110  # the lease has no event for it
            await asyncio.sleep(0.01)
        other = asyncio.create_task(taken_over())
        while not onnews._lease._is_doubted:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.01)
        await anna.start()
        assert await asyncio.wait_for(other, LONG_ENOUGH) == ["/start"]
    # The other one has confirmed nothing and is gone: the update is this one's, once it is sure.
    await asyncio.wait_for(anna.next(), LONG_ENOUGH)
    stop.set()
    await asyncio.wait_for(serving, LONG_ENOUGH)


async def test_a_password_in_the_address_of_telegram_is_not_logged(
    sqlite_url: str, closed_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    address = f"127.0.0.1:{closed_port}"
    settings = Settings(
        telegram_bot_token="123456:AAbbCC",
        telegram_api_url=f"http://anna:secret@{address}",
        database_url=sqlite_url,
    )
    stop = asyncio.Event()
    serving = asyncio.create_task(OnNews(settings, first_sources=()).serve(stop))
    while "cannot be reached" not in caplog.text:  # noqa: ASYNC110  # logging has no event for it
        await asyncio.sleep(0.01)
    stop.set()
    await asyncio.wait_for(serving, LONG_ENOUGH)
    assert f"http://{address} cannot be reached" in caplog.text
    assert "secret" not in caplog.text


async def test_requests_to_sources_name_the_bot(onnews: OnNews) -> None:
    stop = asyncio.Event()
    serving = asyncio.create_task(onnews.serve(stop))
    await asyncio.wait_for(onnews.ready.wait(), LONG_ENOUGH)
    assert onnews.archive.fetcher.user_agent.endswith(
        f"(+https://t.me/{onnews.application.bot.username})"
    )
    stop.set()
    await asyncio.wait_for(serving, LONG_ENOUGH)


QUICK = 1.0


async def serving(database: Database) -> Lease:
    """Return the lease of a process that holds it and is frozen."""
    lease = Lease(database, seconds=QUICK)
    lease._me = str(replace(Holder.here(), boot="elsewhere"))
    assert await lease.secure()
    assert await lease.begin()
    return lease


async def test_a_frozen_process_that_holds_an_sqlite_file_is_named_once(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    mine, other = await migrated(sqlite_url), await migrated(sqlite_url)
    frozen = await serving(mine)
    stop = asyncio.Event()
    standby = Standby(other, Lease(other, seconds=QUICK), stop)
    assert mine.path is not None
    with closing(sqlite3.connect(mine.path, isolation_level=None)) as amid:
        amid.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(standby.wait_until_alone())
        while "does not move" not in caplog.text:  # noqa: ASYNC110 - logging has no event for it
            await asyncio.sleep(0.001)
        assert not standby.serving
        await asyncio.sleep(0)
    assert await asyncio.wait_for(waiting, LONG_ENOUGH)
    assert standby.serving
    assert caplog.text.count("does not move") == 1
    assert f"process {Holder.here().pid} holds the database" in caplog.text
    await standby.release()
    await frozen.release()
    await mine.close()
    await other.close()


@pytest.mark.parametrize("older", [False, True])
async def test_a_process_that_keeps_the_lock_of_migrations_is_named_once(
    database_url: str, caplog: pytest.LogCaptureFixture, *, older: bool
) -> None:
    mine, other = await migrated(database_url), await migrated(database_url)
    if older:
        back = text("UPDATE alembic_version SET version_num = :it").bindparams(it=migrate.FIRST)
        await mine.write(lambda connection: connection.execute(back))
    frozen = MigrationLock(mine)
    assert await frozen.take()
    standby = Standby(other, Lease(other, seconds=QUICK), asyncio.Event())
    # The first look may be during somebody's short turn.
    looks = [await standby._take() for _ in range(4)]
    assert looks == [False] * 4
    assert caplog.text.count("does not move, resume it, or end it") == 1
    assert f"process {os.getpid()}" in caplog.text
    await frozen.release()
    await mine.close()
    await other.close()


async def test_a_standby_stops_at_once_when_asked(sqlite_url: str) -> None:
    mine, other = await migrated(sqlite_url), await migrated(sqlite_url)
    leader = await serving(mine)
    stop = asyncio.Event()
    standby = Standby(other, Lease(other, seconds=QUICK), stop)
    waiting = asyncio.create_task(standby.wait_until_alone())
    stop.set()
    assert not await asyncio.wait_for(waiting, LONG_ENOUGH)
    assert not standby.serving
    await leader.release()
    await mine.close()
    await other.close()


async def test_a_hanging_database_ends_neither_the_serving_process_nor_a_standby(
    database_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await migrated(database_url)
    lease = Lease(database, seconds=QUICK)
    standby = Standby(database, lease, asyncio.Event())
    tries = 0

    async def away(*_: object, **__: object) -> None:
        nonlocal tries
        tries += 1
        raise ConnectionRefusedError("nobody there")

    with monkeypatch.context() as patch:
        patch.setattr(lease, "_look", away)
        waiting = asyncio.create_task(standby.wait_until_alone())
        while tries < 3:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.001)
    assert await asyncio.wait_for(waiting, LONG_ENOUGH)
    tries = 0
    with monkeypatch.context() as patch:
        patch.setattr(lease, "_change", away)
        while lease.is_valid or tries < 3:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.001)
        assert standby.serving
    await asyncio.wait_for(lease.permit(), LONG_ENOUGH)
    assert caplog.text.count("(nobody there); retrying") == 1
    await standby.release()
    await database.close()


async def test_a_standby_that_learns_that_nobody_sends_takes_a_free_lease_at_once(
    database_url: str,
) -> None:
    mine, other = await migrated(database_url), await migrated(database_url)
    leader = await serving(mine)
    # It would look by itself only after longer than this test may last.
    lease = Lease(other, seconds=20 * LONG_ENOUGH)
    sharing = SimpleNamespace(no_sender=asyncio.Event(), may_send=True)
    standby = Standby(other, lease, asyncio.Event(), sharing=cast("Any", sharing))
    waiting = asyncio.create_task(standby.wait_until_alone())
    while lease.rival is None:  # noqa: ASYNC110 - there is no event for it
        await asyncio.sleep(0.001)
    await leader.release()
    sharing.no_sender.set()
    assert await asyncio.wait_for(waiting, LONG_ENOUGH)
    await standby.release()
    await mine.close()
    await other.close()
