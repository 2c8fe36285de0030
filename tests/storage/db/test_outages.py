"""Outages of the database, during use and afterwards."""

from __future__ import annotations

import asyncio
import resource
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select, text

from storage.db import postgres
from storage.db.address import parse
from storage.db.database import Database
from storage.db.outage import (
    DatabaseFailure,
    DatabaseUnavailableError,
    Outage,
    OutageScope,
    lasted,
    patiently,
)
from storage.migrations.open_migrated import open_migrated
from storage.tables.schema import meta
from tests.plugins.databases import locked_file, migrated, tell

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from bench.harness.postgresql import DatabaseServer

LONG_ENOUGH = 120
FAILURE = DatabaseFailure("it is away", "Wait.")


async def put(database: Database, key: str, size: int = 1) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(meta).values(key=key, value=key * size))


async def keys(database: Database) -> list[str]:
    async with database.reading() as connection:
        return list((await connection.execute(select(meta.c.key).order_by(meta.c.key))).scalars())


async def until_refused(database: Database) -> DatabaseUnavailableError:
    """Use a database until it fails."""
    while True:
        try:
            await keys(database)
        except DatabaseUnavailableError as error:
            return error


async def well_again(error: DatabaseUnavailableError) -> None:
    await asyncio.wait_for(error.over(), LONG_ENOUGH)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the log lines about the database."""
    return [record.getMessage() for record in caplog.records if record.name == "storage.db.outage"]


async def until_said(caplog: pytest.LogCaptureFixture, lines: int) -> None:
    """Wait for this number of log lines, and assert that there are no more."""
    async with asyncio.timeout(LONG_ENOUGH):
        while len(messages(caplog)) < lines:  # noqa: ASYNC110 - logging has no event for it
            await asyncio.sleep(0.01)
    assert len(messages(caplog)) == lines


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the time until an outage is noticed and until its end is."""
    monkeypatch.setattr(Outage.__init__, "__kwdefaults__", {"every": 0.1, "steady": 0.0})
    monkeypatch.setattr("storage.db.sqlite.engines.BUSY_SECONDS", 0.1)
    monkeypatch.setattr(postgres, "LASTING", 0.2)
    monkeypatch.setattr(postgres, "ANSWER", LONG_ENOUGH)


async def test_a_killed_server_is_used_again_after_its_restart(
    mortal: DatabaseServer, served: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await put(served, "a")
    mortal.kill()
    outcomes = await asyncio.gather(
        *(put(served, f"b{n}") for n in range(20)),
        *(keys(served) for _ in range(20)),
        return_exceptions=True,
    )
    assert {type(outcome) for outcome in outcomes} == {DatabaseUnavailableError}
    error = await until_refused(served)
    assert error.passes
    assert "PostgreSQL" in error.reason
    assert served.failure is not None
    mortal.start()
    await well_again(error)
    await put(served, "c")
    assert await keys(served) == ["a", "c"]
    await until_said(caplog, 2)
    assert "is unavailable: " in messages(caplog)[0]
    assert "is available again" in messages(caplog)[1]


async def test_a_server_restart_between_two_uses_goes_unnoticed(
    mortal: DatabaseServer, served: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await asyncio.gather(*(put(served, str(n)) for n in range(5)))
    mortal.stop()
    mortal.start()
    for _ in range(20):
        await asyncio.sleep(0)  # in which the connections' ends are seen
    assert len(await keys(served)) == 5
    assert messages(caplog) == []


async def test_a_transaction_cut_by_the_server_is_rolled_back(
    mortal: DatabaseServer, served: Database
) -> None:
    async def begin() -> None:
        async with served.writing() as connection:
            await connection.execute(insert(meta).values(key="a", value="a"))
            mortal.kill()
            await connection.execute(insert(meta).values(key="b", value="b"))

    with pytest.raises(DatabaseUnavailableError) as caught:
        await begin()
    mortal.start()
    await well_again(caught.value)
    assert await keys(served) == []


async def test_a_frozen_server_is_noticed_and_waiting_calls_fail(
    mortal: DatabaseServer, served: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(served, "a")
    mortal.freeze()
    monkeypatch.setattr(postgres, "ANSWER", 0.2)
    try:
        outcomes = await asyncio.wait_for(
            asyncio.gather(*(keys(served) for _ in range(30)), return_exceptions=True), LONG_ENOUGH
        )
        assert {type(outcome) for outcome in outcomes} == {DatabaseUnavailableError}
        error = await until_refused(served)
    finally:
        mortal.thaw()
    monkeypatch.setattr(postgres, "ANSWER", LONG_ENOUGH)
    await well_again(error)
    assert await keys(served) == ["a"]


async def test_a_database_with_a_frozen_server_can_be_closed(
    mortal: DatabaseServer, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "LAST_WORDS", 0.1)
    database = await migrated(postgresql_url)
    await asyncio.gather(*(keys(database) for _ in range(5)))
    mortal.freeze()
    try:
        await asyncio.wait_for(database.close(), LONG_ENOUGH)
    finally:
        mortal.thaw()


async def test_a_long_statement_is_not_taken_for_an_outage(
    served: Database, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, plain = asyncio.Event(), postgres.Server._missing

    async def missing(self: postgres.Server) -> DatabaseFailure | None:
        found = await plain(self)
        asked.set()
        return found

    async def wait() -> None:
        async with served.reading() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(7)"))

    monkeypatch.setattr(postgres.Server, "_missing", missing)
    other = await migrated(postgresql_url)
    async with other.writing() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(7)"))
        waiting = asyncio.create_task(wait())
        for _ in range(2):
            asked.clear()
            await asyncio.wait_for(asked.wait(), LONG_ENOUGH)
        assert not waiting.done()
    await asyncio.wait_for(waiting, LONG_ENOUGH)
    assert served.failure is None
    await other.close()


async def test_a_stalled_process_does_not_report_an_outage(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "ANSWER", 0.5)
    server = postgres.Server(parse(postgresql_url), lambda _: None)
    asked, plain = asyncio.Event(), postgres.Server._greet

    async def greet(self: postgres.Server) -> None:
        asked.set()
        # As when Python code blocks the whole process.
        time.sleep(1.0)  # noqa: ASYNC251 - the very thing that is tried
        monkeypatch.setattr(postgres, "ANSWER", LONG_ENOUGH)
        await plain(self)

    monkeypatch.setattr(postgres.Server, "_greet", greet)
    assert await server._missing() is None
    assert asked.is_set()
    await server.close()


async def test_a_read_only_server_is_read_and_later_written(
    mortal: DatabaseServer, served: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def reload(word: str) -> Coroutine[Any, Any, None]:
        off = "SET default_transaction_read_only = off"
        return tell(mortal.url, off, f"ALTER SYSTEM {word}", "SELECT pg_reload_conf()")

    async def refused() -> DatabaseUnavailableError:
        number = 0
        while True:
            try:
                await put(served, f"b{(number := number + 1)}")
            except DatabaseUnavailableError as error:
                return error

    await put(served, "a")
    await reload("SET default_transaction_read_only = on")
    try:
        error = await asyncio.wait_for(refused(), LONG_ENOUGH)
        assert "accepts no writes" in error.reason
        with pytest.raises(DatabaseUnavailableError):
            await put(served, "b")
        assert "a" in await keys(served)
    finally:
        await reload("RESET default_transaction_read_only")
    await well_again(error)
    await put(served, "c")
    assert {"a", "c"} <= {*await keys(served)}
    assert "is unavailable: " in messages(caplog)[0]


async def test_a_file_that_another_program_has_locked_is_read_and_written_later(
    lite: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await put(lite, "a")
    async with locked_file(lite.path):
        outcomes = await asyncio.gather(
            *(put(lite, f"b{n}") for n in range(10)), return_exceptions=True
        )
        assert {type(outcome) for outcome in outcomes} == {DatabaseUnavailableError}
        with pytest.raises(DatabaseUnavailableError, match="another program has locked") as caught:
            await lite.write(lambda connection: connection.execute(select(meta)))
        assert await keys(lite) == ["a"]
    await well_again(caught.value)
    await put(lite, "c")
    assert await keys(lite) == ["a", "c"]
    await until_said(caplog, 2)


async def test_a_locked_file_says_at_the_start_who_else_may_have_it(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    async with locked_file(database.path):
        with pytest.raises(DatabaseUnavailableError) as caught:
            await open_migrated(database)
    assert "another program has locked" in str(caught.value)
    assert "Close whatever else has it open" in str(caught.value)
    assert caught.value.passes
    await open_migrated(database)
    await database.close()


@contextmanager
def full(size: int) -> Iterator[None]:
    """Limit the size of this process's files, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_prevents_only_writing(
    lite: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await put(lite, "a")
    assert lite.path is not None
    # The log is written to the disk as well, and is not to be cut.
    wal = Path(f"{lite.path}-wal").stat().st_size  # noqa: ASYNC240 - a file of the test's own
    with full(wal + 100_000):
        outcomes = [
            await asyncio.gather(put(lite, "b", 500_000), return_exceptions=True) for _ in range(3)
        ]
        error = outcomes[0][0]
        assert isinstance(error, DatabaseUnavailableError)
        assert [type(one) for (one,) in outcomes] == [DatabaseUnavailableError] * 3
        assert await keys(lite) == ["a"]
        assert len(messages(caplog)) == 1
    await well_again(error)
    await put(lite, "c", 500_000)
    assert await keys(lite) == ["a", "c"]


async def test_a_failure_right_after_recovery_is_the_same_outage(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def well(_: DatabaseFailure) -> None:
        return None

    outage = Outage(well, steady=60)
    for _ in range(4):
        await outage.begin(FAILURE).over()
        assert outage.failure is None
    assert len(messages(caplog)) == 1
    await outage.close()
    assert len(messages(caplog)) == 2


async def test_the_end_of_an_outage_wakes_waiters(caplog: pytest.LogCaptureFixture) -> None:
    async def never(failure: DatabaseFailure) -> DatabaseFailure:
        return failure

    outage = Outage(never)
    waiting = asyncio.create_task(outage.begin(FAILURE).over())
    await asyncio.sleep(0)
    await outage.close()
    await asyncio.wait_for(waiting, LONG_ENOUGH)
    assert len(messages(caplog)) == 1


async def test_a_bug_in_the_probe_does_not_end_probing() -> None:
    tries = 0

    async def flawed(_: DatabaseFailure) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise ZeroDivisionError

    outage = Outage(flawed, every=0.01)
    await asyncio.wait_for(outage.begin(FAILURE).over(), LONG_ENOUGH)
    await outage.close()
    assert tries == 3


async def test_a_write_outage_lets_reads_through() -> None:
    never = asyncio.Event()

    async def probe(_: DatabaseFailure) -> None:
        await never.wait()

    outage = Outage(probe)
    outage.begin(DatabaseFailure("full", "Make room.", scope=OutageScope.WRITES))
    outage.refuse(write=False)
    with pytest.raises(DatabaseUnavailableError, match="full"):
        outage.refuse(write=True)
    outage.begin(FAILURE)
    with pytest.raises(DatabaseUnavailableError, match="away"):
        outage.refuse(write=False)
    await outage.close()


async def test_patient_work_is_repeated_after_each_outage() -> None:
    tries = 0

    async def work() -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise DatabaseUnavailableError(FAILURE)
        return tries

    assert await patiently(work) == 3


def test_the_length_of_an_outage_is_readable() -> None:
    assert [lasted(s) for s in (0.2, 12.3, 600, 36_000)] == [
        "a moment",
        "12 s",
        "10 minutes",
        "10 hours",
    ]
