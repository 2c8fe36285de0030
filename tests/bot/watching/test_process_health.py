"""What /healthz and `onnews health` report of each fault."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from sqlalchemy import make_url

from bot.app import OnNews
from bot.configuration.settings import Settings
from bot.doctor.findings import Severity
from bot.doctor.serving import LATE, serving_state, state_by
from bot.http_server.descriptors import LEAST_FREE, count_descriptors
from bot.telegram.startup import StartError
from bot.watching import process_health
from bot.watching.process_health import Phase, ProcessHealth
from storage.db.database import Database
from storage.db.outage import DatabaseFailure, OutageScope
from storage.serving.heartbeat import Beat, Heartbeat, LastBeat
from tests.plugins.archive import registered
from tests.plugins.databases import locked_file
from tests.plugins.towns import settings_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playground.server import Playground
    from tests.bot.conftest import Terminal

LONG_ENOUGH = 60


def bot(town: Playground, url: str, port: int = 0) -> OnNews:
    settings = settings_in(town, url, metrics_address=("127.0.0.1", port))
    return OnNews(settings, first_sources=())


@asynccontextmanager
async def serving(town: Playground, url: str) -> AsyncIterator[OnNews]:
    onnews = bot(town, url)
    try:
        assert await onnews.start() is not None
        yield onnews
    finally:
        await onnews.stop()


def port_of(onnews: OnNews) -> int:
    assert onnews.web is not None
    return onnews.web.port.address[1]


async def ask(onnews: OnNews, path: str = "healthz") -> tuple[int, str]:
    url = f"http://127.0.0.1:{port_of(onnews)}/{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, (await response.text()).removesuffix("\n")


async def until(onnews: OnNews, status: int, words: str) -> None:
    """Ask until this is the answer."""
    async with asyncio.timeout(LONG_ENOUGH):
        while True:
            answer = await ask(onnews)
            if answer[0] == status and words in answer[1]:
                assert "\n" not in answer[1]
                return
            await asyncio.sleep(0.05)


async def test_health_reports_a_locked_database_until_it_is_free(
    town: Playground, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_health, "PATIENCE", 0.2)
    async with serving(town, sqlite_url) as onnews:
        await until(onnews, 200, "ok")
        async with locked_file(onnews.archive.database.path):
            await until(onnews, 503, "the database")
            assert (await ask(onnews, "metrics"))[0] == 200
        await until(onnews, 200, "ok")


async def test_health_reports_used_up_descriptors(town: Playground, sqlite_url: str) -> None:
    async with serving(town, sqlite_url) as onnews:
        await until(onnews, 200, "ok")
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        used_up = count_descriptors().open + LEAST_FREE // 2
        resource.setrlimit(resource.RLIMIT_NOFILE, (used_up, hard))
        try:
            await until(onnews, 503, f" of {used_up})")
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        await until(onnews, 200, "ok")


async def test_health_reports_a_full_disk(
    town: Playground, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(town, sqlite_url) as onnews:
        monkeypatch.setattr(process_health, "LEAST_FREE", 10**18)
        await until(onnews, 503, "is full (")
        await onnews.health.leave_sign()
        async with asyncio.timeout(LONG_ENOUGH):
            served = await asyncio.to_thread(serving_state, sqlite_url)
            while "is full (" not in served.check.detail:
                await asyncio.sleep(0.05)
                served = await asyncio.to_thread(serving_state, sqlite_url)


async def test_health_reports_a_disk_that_takes_a_heartbeat_and_again_refuses_larger_writes(
    town: Playground, sqlite_url: str
) -> None:
    async with serving(town, sqlite_url) as onnews:
        database = onnews.archive.database
        outage = database._connections.outage
        outage._steady = LONG_ENOUGH
        full = DatabaseFailure("the disk is full", "Make room.", scope=OutageScope.WRITES)
        for _ in range(2):
            # The probe finds room for itself at once.
            await outage.begin(full).over()
        assert database.failure is None
        await onnews.health.leave_sign()
        assert await ask(onnews) == (503, "the disk is full")
        served = await asyncio.to_thread(serving_state, sqlite_url)
        assert (served.check.state, served.check.detail) == (Severity.ERROR, "the disk is full")
        outage._steady = 0.0
        outage._relapsed.set()
        await asyncio.gather(outage._watching, return_exceptions=True)  # type: ignore[arg-type]
        await onnews.health.leave_sign()
        assert await ask(onnews) == (200, "ok")


@pytest.mark.parametrize(
    ("ages", "verdict"),
    [
        ([9.9], "ok: process 7 on elsewhere serves, seen 10 s ago"),
        ([14.9, 15.4, 0.1], "ok: process 7 on elsewhere serves, seen 0 s ago"),
        ([15.6, 16.1], "process 7 on elsewhere has written no heartbeat for 16 s"),
    ],
)
def test_the_terminal_waits_for_a_heartbeat_that_is_late(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, ages: list[float], verdict: str
) -> None:
    left = iter(ages)

    async def last(_: Heartbeat) -> LastBeat:
        return LastBeat(Beat("serving", None, "elsewhere", 7), next(left))

    monkeypatch.setattr(Heartbeat, "last", last)
    monkeypatch.setattr("bot.doctor.serving.LOOK", 0.0)
    assert serving_state(sqlite_url).check.detail == verdict
    assert next(left, None) is None


async def test_the_terminal_says_that_a_full_disk_takes_no_heartbeat(
    db: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Heartbeat(db).beat(Beat("serving", None, "elsewhere", 7))
    monkeypatch.setattr(process_health, "LEAST_FREE", 10**18)
    check = (await asyncio.to_thread(serving_state, database_url)).check
    if db.path is None:
        assert check.state is Severity.OK
    else:
        assert (check.state, check.detail[:11]) == (Severity.ERROR, "the disk of")


async def test_posts_of_telegram_do_not_hide_that_it_answers_nothing(
    town: Playground, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = ("127.0.0.1", 0)
    settings = settings_in(
        town,
        sqlite_url,
        metrics_address=same,
        webhook_url="http://127.0.0.1:9/telegram",
        webhook_listen=same,
        webhook_secret="secret",
    )
    onnews = OnNews(settings, first_sources=())
    try:
        assert await onnews.start() is not None
        assert await ask(onnews) == (200, "ok")
        town.faults.add(status=502, times=None)
        monkeypatch.setattr(process_health, "SILENT", 0.0)
        url = f"http://127.0.0.1:{port_of(onnews)}/telegram"
        update, headers = {"update_id": 1}, {"X-Telegram-Bot-Api-Secret-Token": "secret"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, json=update, headers=headers) as answer,
        ):
            assert answer.status == 200
        await until(onnews, 503, "no answer from Telegram for ")
        town.faults.clear()
        monkeypatch.undo()
        assert await ask(onnews) == (200, "ok")
    finally:
        await onnews.stop()


async def test_what_replicas_share_is_said_by_each_healthz_and_makes_none_503(
    town: Playground, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with in_front_of(postgresql_url) as (url, cut):
        replicas = [bot(town, url), bot(town, url)]
        try:
            for each in replicas:
                await each.start()
            async with asyncio.timeout(LONG_ENOUGH):
                while not all(each.is_shared for each in replicas):  # noqa: ASYNC110  # as above
                    await asyncio.sleep(0.01)
            monkeypatch.setattr(process_health, "SILENT", 0.0)
            await until(replicas[0], 200, "no answer from Telegram for ")
            monkeypatch.undo()
            health, state = replicas[0].health, replicas[0]._state
            monkeypatch.setattr(health, "_state", lambda: replace(state(), sending=False))
            await until(replicas[0], 503, "sending has stopped")
            monkeypatch.undo()
            cut.set()
            for each in replicas:
                await until(each, 200, "the database ")
        finally:
            for each in replicas:
                await each.stop()


async def test_health_reports_a_hanging_telegram(
    town: Playground, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(town, sqlite_url) as onnews:
        silence = town.faults.add(method="getUpdates", hold=True, times=None)
        with monkeypatch.context() as patch:
            patch.setattr(process_health, "SILENT", 0.0)
            await until(onnews, 503, "no answer from Telegram for ")
        before = onnews.polled
        silence.release()
        await town.person("Anna").start()
        while onnews.polled == before:  # noqa: ASYNC110  # the transport has no event for it
            await asyncio.sleep(0.01)
        assert await ask(onnews) == (200, "ok")


async def test_health_reports_stuck_deliveries(
    town: Playground, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = town.person("Anna")
    async with serving(town, sqlite_url) as onnews:
        archive = onnews.archive
        now = archive.clock()
        reader = await registered(
            archive.subscribers, person.chat.id, now, zone="UTC", digest_minute=0
        )
        onnews.rate_limiter.flooded(person.chat.id, 3600)
        monkeypatch.setattr(process_health, "STUCK", 0.0)
        await archive.subscribers.change(reader.id, next_at=now, empty_note=True)
        assert await onnews.parts.planner.plan_due(archive.clock()) == 1
        await until(onnews, 503, "deliveries are due, and none was sent for ")


@asynccontextmanager
async def in_front_of(url: str) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Yield an address in front of a PostgreSQL server, and a function that cuts it off."""
    cut = asyncio.Event()
    writers: list[asyncio.StreamWriter] = []
    server_url = make_url(url)
    folder = server_url.query.get("host")

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
        writer.close()

    async def both_ways(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if isinstance(folder, str):
            there = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
        else:
            there = await asyncio.open_connection(server_url.host, server_url.port or 5432)
        writers.extend((writer, there[1]))
        await asyncio.gather(
            pass_on(reader, there[1]), pass_on(there[0], writer), return_exceptions=True
        )

    async def end(server: asyncio.Server) -> None:
        await cut.wait()
        server.close()
        for writer in writers:
            writer.transport.abort()

    server = await asyncio.start_server(both_ways, "127.0.0.1", 0)
    ending = asyncio.create_task(end(server))
    port = server.sockets[0].getsockname()[1]
    there = server_url.set(host="127.0.0.1", port=port, query={})
    try:
        yield there.render_as_string(hide_password=False), cut
    finally:
        cut.set()
        await ending


async def test_an_absent_postgresql_makes_healthz_503_without_a_traceback(
    town: Playground, postgresql_url: str
) -> None:
    async with in_front_of(postgresql_url) as (url, cut):
        onnews = bot(town, url)
        try:
            await onnews.start()
            status, text = await ask(onnews, "metrics")
            assert (status, "onnews_database_up 1.0" in text) == (200, True)
            assert await ask(onnews) == (200, "ok")
            cut.set()
            await until(onnews, 503, "the database")
            onnews.web._figures._until = onnews.web._archive._until = 0.0  # type: ignore[union-attr]
            status, text = await ask(onnews, "metrics")
            assert (status, "onnews_database_up 0.0" in text) == (200, True)
            assert "onnews_messages_per_second" in text
        finally:
            await onnews.stop()


async def test_healthz_reports_a_standby_and_a_taken_port_does_not_stop_it(
    town: Playground, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(town, sqlite_url) as first:
        second, third = bot(town, sqlite_url), bot(town, sqlite_url, port_of(first))
        waiting = [asyncio.create_task(one.start()) for one in (second, third)]
        while not (second._standby._last_line and third._standby._last_line):  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.01)
        assert await ask(second) == (200, "standby")
        assert third.web is None
        taken = [line for line in caplog.messages if "METRICS_ADDRESS" in line]
        assert len(taken) == 1
        assert "another process listens" in taken[0]
        assert "\n" not in taken[0]
        for one, task in zip((second, third), waiting, strict=True):
            one._stopping.set()
            assert await asyncio.wait_for(task, LONG_ENOUGH) is None
            await one.stop()
        assert await ask(first) == (200, "ok")


async def test_a_serving_process_logs_a_taken_port_once(
    town: Playground, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as another:
        another.bind(("127.0.0.1", 0))
        another.listen()
        onnews = bot(town, sqlite_url, another.getsockname()[1])
        await onnews.start()
        try:
            assert onnews.web is None
            (line,) = (each for each in caplog.messages if "METRICS_ADDRESS" in each)
            assert "another process listens" in line
        finally:
            await onnews.stop()


async def test_health_reports_a_bot_that_has_not_started_yet(
    town: Playground, sqlite_url: str
) -> None:
    silence = town.faults.add(method="getMe", hold=True)
    onnews = bot(town, sqlite_url)
    try:
        starting = asyncio.create_task(onnews.start())
        while onnews.web is None:  # noqa: ASYNC110  # the bot has no event for it
            await asyncio.sleep(0.01)
        await until(onnews, 503, "starting: Telegram")
        silence.release()
        await starting
        assert await ask(onnews) == (200, "ok")
        onnews._stopping.set()
        assert await ask(onnews) == (503, "stopping")
    finally:
        await onnews.stop()
    stopped = await asyncio.to_thread(serving_state, sqlite_url)
    assert (stopped.check.state, "was stopped" in stopped.check.detail) == (Severity.WARNING, True)


async def test_an_address_of_another_machine_is_one_line(sqlite_url: str) -> None:
    settings = Settings(
        telegram_bot_token="1:a", database_url=sqlite_url, metrics_address=("192.0.2.1", 9464)
    )
    with pytest.raises(StartError, match=r"METRICS_ADDRESS.*choose another address"):
        await OnNews(settings, first_sources=()).serve(asyncio.Event())


async def test_the_age_of_a_heartbeat_is_right_on_either_database(
    db: Database, database_url: str
) -> None:
    assert await Heartbeat(Database(database_url)).last() is None
    for ill in (None, "the disk is full"):
        await Heartbeat(db).beat(Beat("serving", ill, "here", 7))
        seen = await Heartbeat(Database(database_url)).last()
        assert seen is not None
        assert seen.beat == Beat("serving", ill, "here", 7)
        assert 0 <= seen.age < LATE


async def test_a_heartbeat_writes_the_latest_state_once(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    begun, free = asyncio.Event(), asyncio.Event()

    async def beat(_: Heartbeat, beat: Beat) -> None:
        written.append(beat.state)
        begun.set()
        await free.wait()

    async def next_time() -> None:
        return None

    monkeypatch.setattr(Heartbeat, "beat", beat)
    process: Any = SimpleNamespace(
        phase=Phase.STARTING,
        ready_since=0.0,
        polled=None,
        last_answer=0.0,
        sending=True,
        leads=True,
        is_shared=False,
    )
    database: Any = SimpleNamespace(path=None, relapse=None)
    deliveries: Any = SimpleNamespace(next_time=next_time)
    health = ProcessHealth(lambda: process, database, deliveries, lambda: datetime.now(UTC))
    health.begin()
    await begun.wait()
    process.phase = Phase.SERVING
    leaving = asyncio.create_task(health.leave_sign())
    await asyncio.sleep(0)
    free.set()
    await leaving
    assert written == ["starting", "serving"]
    await health.leave_sign()
    assert written == ["starting", "serving", "serving"]
    await health.end()


async def test_a_stop_does_not_wait_for_the_first_heartbeat(
    town: Playground, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = asyncio.Event()

    async def hang(_: ProcessHealth) -> None:
        stop.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(ProcessHealth, "leave_sign", hang)
    async with asyncio.timeout(LONG_ENOUGH):
        await bot(town, sqlite_url).serve(stop)


def test_each_heartbeat_gives_the_right_finding() -> None:
    def verdict(age: float = 1.0, state: str = "serving", ill: str | None = None) -> str:
        return state_by(LastBeat(Beat(state, ill, "elsewhere", 7), age)).check.detail

    assert verdict() == "ok: process 7 on elsewhere serves, seen 1 s ago"
    assert verdict(LATE + 1) == "process 7 on elsewhere has written no heartbeat for 11 s"
    assert verdict(state="stopping") == "no process serves: process 7 on elsewhere was stopped"
    assert verdict(ill="the disk is full") == "the disk is full"
    gone = state_by(LastBeat(Beat("serving", None, socket.gethostname(), 2**22 + 1), 1.0))
    assert (gone.check.state, "is gone" in gone.check.detail) == (Severity.WARNING, True)
    assert state_by(None).check.state is Severity.WARNING


async def test_the_terminal_knows_whether_a_process_serves(terminal: Terminal) -> None:
    reader = terminal.town.person("Anna")
    await reader.start()
    process = await terminal.start("run")
    try:
        await reader.next(timeout=LONG_ENOUGH)
        assert process.stdout is not None
        while b" answers" not in await process.stdout.readline():
            pass
        report: dict[str, object] = {"state": "starting"}
        # By then its sign of life is written, unless the database takes longer than is waited for.
        async with asyncio.timeout(LONG_ENOUGH):
            while report["state"] == "starting":
                health = await terminal.start("health", "--json")
                report = json.loads((await health.communicate())[0])
        assert (report["ok"], report["state"], report["pid"]) == (True, "serving", process.pid)
        process.kill()
        await process.wait()
        gone = await terminal.run("health", status=1)
        assert (gone.count("\n"), "is gone" in gone) == (1, True)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def test_health_of_a_missing_database_reports_it_and_creates_none(tmp_path: Path) -> None:
    file = tmp_path / "onnews.db"
    check = serving_state(f"sqlite:///{file}").check
    assert (check.state, "There is no database file" in check.detail) == (Severity.WARNING, True)
    assert not file.exists()
