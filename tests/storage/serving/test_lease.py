"""The lease, with a clock that the test moves. How long replicas have been silent, with a clock
that the test moves.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from storage.db.database import Database
from storage.db.outage import DatabaseError
from storage.db.silent_sessions import END_SILENT
from storage.ledger.deliveries import Deliveries
from storage.migrations.open_migrated import open_migrated
from storage.replicas.members import Introduction, Members
from storage.serving.lease import Lease, LeaseLostError, check
from storage.serving.liveness import Holder, Silence
from storage.serving.lock import MigrationLock
from tests.digest.conftest import MONDAY
from tests.plugins.databases import migrated
from tests.storage.db.silent_client import silent_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

SECONDS = 10.0
LONG_ENOUGH = 60


class Time:
    """A clock in seconds that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Process:
    """A process with a lease on the archive."""

    def __init__(self, database: Database, time: Time) -> None:
        self.db = database
        self.lease = Lease(database, seconds=SECONDS, passed=time)
        # Two in one real process, each of which takes the other for a remote one.
        self.lease._me = str(replace(Holder.here(), boot="elsewhere"))

    async def takes_over(self) -> bool:
        return await self.lease.secure() and await self.lease.begin()

    async def end(self) -> None:
        await self.lease.release()


@asynccontextmanager
async def two_processes(url: str, time: Time) -> AsyncIterator[tuple[Process, Process]]:
    """Open an archive as two processes."""
    pair = Process(Database(url), time), Process(Database(url), time)
    for process in pair:
        await open_migrated(process.db)
    yield pair
    for process in pair:
        await process.end()
        await process.db.close()


@contextmanager
def away(process: Process, what: str) -> Iterator[None]:
    """Have the database away in this step of a lease."""

    async def refused(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process.lease, what, refused)
        yield


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def first(db: Database, time: Time) -> AsyncIterator[Process]:
    process = Process(db, time)
    yield process
    await process.end()


@pytest.fixture
async def second(database_url: str, db: Database, time: Time) -> AsyncIterator[Process]:
    """Open the same archive as another process."""
    del db
    database = await migrated(database_url)
    process = Process(database, time)
    yield process
    await process.end()
    await database.close()


async def test_a_standby_takes_over_when_the_lease_is_released(
    first: Process, second: Process
) -> None:
    assert await first.takes_over()
    assert first.lease.is_valid
    assert not await second.takes_over()
    await first.end()
    assert not first.lease.is_valid
    assert await second.takes_over()
    assert second.db.fence == 2


async def test_a_standby_checks_when_the_lease_may_have_expired(
    first: Process, second: Process, time: Time
) -> None:
    assert second.lease.look_in == SECONDS / 10
    assert await first.takes_over()
    assert not await second.takes_over()
    assert second.lease.look_in == SECONDS / 10
    time.now += SECONDS - 0.5
    assert second.lease.look_in == pytest.approx(0.5)
    time.now += 0.6
    assert second.lease.look_in == pytest.approx(SECONDS / 100)
    assert await second.takes_over()


async def test_the_holder_stops_before_anybody_may_take_over(
    first: Process, second: Process, time: Time
) -> None:
    assert await first.takes_over()
    assert not await second.takes_over()
    time.now += SECONDS - first.lease.every
    assert not first.lease.is_valid
    assert not await second.takes_over()
    time.now += first.lease.every
    assert await second.takes_over()
    with pytest.raises(LeaseLostError):
        await first.lease.renew()
    assert first.lease.lost
    assert second.lease.is_valid


async def test_the_time_in_which_a_standby_cannot_read_the_lease_does_not_count(
    first: Process, second: Process, time: Time
) -> None:
    assert await first.takes_over()
    assert not await second.takes_over()
    time.now += SECONDS / 2
    assert not await second.takes_over()
    with away(second, "_look"):
        for _ in range(3):
            time.now += SECONDS
            with pytest.raises(ConnectionRefusedError):
                await second.takes_over()
    time.now += SECONDS
    assert not await second.takes_over()
    time.now += SECONDS / 2 - 0.1
    assert not await second.takes_over()
    time.now += 0.1
    assert await second.takes_over()


async def test_a_renewed_lease_is_never_taken_over(
    first: Process, second: Process, time: Time
) -> None:
    assert await first.takes_over()
    for _ in range(8):
        assert not await second.takes_over()
        time.now += SECONDS / 2
        await first.lease.renew()
        assert first.lease.is_valid


async def test_the_lease_of_an_ended_local_process_is_taken_at_once(
    first: Process, second: Process
) -> None:
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    first.lease._me = str(replace(Holder.here(), pid=gone.pid))
    assert await first.takes_over()
    assert await second.takes_over()


async def test_the_ledger_refuses_a_process_that_lost_the_lease(
    first: Process, second: Process, time: Time
) -> None:
    assert await first.takes_over()
    assert await Deliveries(first.db).commit(claim=[1], now=MONDAY) == frozenset()
    assert not await second.takes_over()
    time.now += SECONDS
    assert await second.takes_over()
    for refused in (
        Deliveries(first.db).commit(claim=[1], now=MONDAY),
        Deliveries(first.db).recover(),
    ):
        with pytest.raises(LeaseLostError):
            await refused
    assert await Deliveries(second.db).recover() == 0


async def test_waiting_senders_resume_on_renewal_and_stop_on_loss(
    first: Process, second: Process, time: Time
) -> None:
    assert await first.takes_over()
    await first.lease.permit()
    time.now += SECONDS
    sending = asyncio.create_task(first.lease.permit())
    answering = asyncio.create_task(first.lease.permit_answer())
    await asyncio.sleep(0)
    assert not sending.done()
    assert not answering.done()
    await first.lease.renew()
    await asyncio.wait_for(asyncio.gather(sending, answering), LONG_ENOUGH)

    assert not await second.takes_over()
    time.now += SECONDS
    sending = asyncio.create_task(first.lease.permit())
    answering = asyncio.create_task(first.lease.permit_answer())
    assert await second.takes_over()
    with pytest.raises(LeaseLostError):
        await first.lease.renew()
    for waiting in (sending, answering):
        with pytest.raises(LeaseLostError):
            await asyncio.wait_for(waiting, LONG_ENOUGH)


async def test_answers_go_on_while_the_database_is_away_and_editions_wait(
    first: Process, time: Time
) -> None:
    assert await first.takes_over()
    with away(first, "_change"):
        for _ in range(30):
            time.now += first.lease.every
            with pytest.raises(ConnectionRefusedError):
                await first.lease.renew()
        assert first.lease.may_answer
        assert not first.lease.is_valid
    await first.lease.renew()
    assert first.lease.is_valid


async def test_a_process_that_learns_of_another_stops_answering_until_it_is_sure(
    first: Process, time: Time
) -> None:
    assert await first.takes_over()
    assert not first.lease.doubt()
    assert first.lease.may_answer
    with away(first, "_change"):
        time.now += SECONDS
        for doubtful in (False, True):
            with pytest.raises(ConnectionRefusedError):
                await first.lease.renew()
            assert first.lease.may_answer is not doubtful
            assert first.lease.doubt()
    await first.lease.renew()
    assert first.lease.may_answer


async def test_an_open_transaction_blocks_a_takeover_on_sqlite(sqlite_url: str, time: Time) -> None:
    async with two_processes(sqlite_url, time) as (frozen, standby):
        standby.lease.every = 0.0  # it waits for no lock
        assert await frozen.takes_over()
        assert not await standby.takes_over()
        time.now += SECONDS
        assert frozen.db.path is not None
        with closing(sqlite3.connect(frozen.db.path, isolation_level=None)) as amid:
            amid.execute("BEGIN IMMEDIATE")
            assert await standby.lease.secure()
            with pytest.raises(OperationalError, match="locked"):
                await standby.lease.begin()
            assert standby.lease.is_stuck
            assert standby.lease.rival is not None
        assert await standby.takes_over()
        with pytest.raises(LeaseLostError):
            await frozen.lease.renew()


async def test_no_process_takes_the_lease_while_another_migrates(
    first: Process, second: Process, time: Time
) -> None:
    assert await first.takes_over()
    await first.end()
    assert await first.lease.lock.take()
    for _ in range(3):
        assert not await second.takes_over()
        assert second.lease.is_locked_out
        time.now += SECONDS
    await first.lease.lock.release()
    assert await second.takes_over()
    # Only taking the right needs the lock.
    assert await first.lease.lock.take()
    await second.lease.renew()
    await first.lease.lock.release()


async def test_a_failure_while_taking_the_lease_leaves_nobody_locked_out(
    first: Process, second: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, looks = first.lease._look, 0

    async def fails_at_the_second_look(*, alone: bool) -> object:
        nonlocal looks
        looks += 1
        if looks == 2:
            raise ConnectionRefusedError
        return await look(alone=alone)

    with monkeypatch.context() as patch:
        patch.setattr(first.lease, "_look", fails_at_the_second_look)
        with pytest.raises(ConnectionRefusedError):
            await first.lease.secure()
    assert await second.takes_over()


async def test_a_command_that_needs_the_archive_alone_sees_who_serves(
    first: Process, second: Process, time: Time
) -> None:
    assert await first.takes_over()
    assert not await second.lease.secure()
    await first.lease.renew()
    # It was seen to renew: there is nothing to wait for.
    assert not await second.lease.secure_alone()
    time.now += SECONDS
    assert not await second.lease.secure_alone()  # frozen, not gone
    await first.end()
    assert await second.lease.secure_alone()
    await second.lease.lock.release()


async def test_a_command_does_not_take_the_archive_from_a_replica_that_only_answers(
    postgresql_url: str, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.serving.lease.LOOK", 0.0)
    database = await migrated(postgresql_url)
    members = Members(database)
    replica = await members.join(Introduction("one", "1 host - 1 x", "1", "", "answer", SECONDS))

    async def passes(*, beats: bool) -> None:
        while True:
            if beats:
                await members.look(replica, sends=False)
            time.now += SECONDS / 8
            await asyncio.sleep(0.001)

    for beats in (True, False):
        passing = asyncio.create_task(passes(beats=beats))
        command = Process(database, time)
        assert await command.lease.secure_alone() is not beats
        passing.cancel()
        await asyncio.wait({passing})
        await command.end()
    await members.close()
    await database.close()


async def test_a_takeover_waits_for_a_claim_in_progress(postgresql_url: str, time: Time) -> None:
    async with two_processes(postgresql_url, time) as (frozen, standby):
        assert await frozen.takes_over()
        assert not await standby.takes_over()
        time.now += SECONDS
        async with frozen.db.writing() as connection:
            await connection.run_sync(check, frozen.db.fence)
            await frozen.lease.renew()  # a heartbeat passes
            assert not await standby.takes_over()
            time.now += SECONDS
            taking = asyncio.create_task(standby.takes_over())
            waits = text(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            async with frozen.db.reading() as looking:
                while not await looking.scalar(waits):  # noqa: ASYNC110 - nothing there could wake us
                    await asyncio.sleep(0.005)
            assert not taking.done()
        assert await asyncio.wait_for(taking, LONG_ENOUGH)


@pytest.mark.parametrize("described", [False, True])
async def test_a_lease_is_taken_from_a_process_that_froze_while_it_wrote_a_request(
    postgresql_url: str, time: Time, *, described: bool
) -> None:
    async with two_processes(postgresql_url, time) as (frozen, standby):
        standby.lease._longest_silence = 0.0  # the test cannot move the server's clock
        assert await frozen.takes_over()
        held = "SELECT fence FROM serving_lease WHERE id = 1 FOR KEY SHARE"
        async with silent_client(postgresql_url, held, described=described) as answers:
            assert not await standby.takes_over()
            time.now += SECONDS
            assert await asyncio.wait_for(standby.takes_over(), LONG_ENOUGH)
            assert b"terminating connection" in await answers.read()


async def test_postgresql_ends_an_idle_transaction(postgresql_url: str) -> None:
    database = await migrated(postgresql_url)
    async with database.reading() as connection:
        found = await connection.scalar(text("SHOW idle_in_transaction_session_timeout"))
    await database.close()
    assert found == "4s"


@pytest.mark.parametrize("written", ["", "nobody", "1 a b c d", "1 2 3"])
def test_a_malformed_process_identity_is_recognised(written: str) -> None:
    assert Holder.read(written) is None


def test_a_process_is_identified_and_a_remote_one_never_counts_as_gone() -> None:
    here = Holder.here()
    assert Holder.read(str(here)) == here
    assert not here.is_gone()
    assert replace(here, born=here.born + 1).is_gone() == bool(here.boot)
    assert not replace(here, boot="elsewhere", pid=1 << 30).is_gone()
    assert not replace(here, born=0).is_gone()
    assert replace(here, host="other").name == f"{here.pid} on other"


async def test_only_one_process_holds_the_lock_until_it_releases_it(
    first: Process, second: Process
) -> None:
    mine, theirs = MigrationLock(first.db), MigrationLock(second.db)
    assert await mine.take()
    assert await mine.take()
    assert not await theirs.take()
    assert (await theirs.holder() or "").split()[0] == str(os.getpid())
    await mine.release()
    assert await theirs.take()
    await theirs.release()


async def test_a_lock_is_kept_while_sessions_of_frozen_processes_are_ended(
    postgresql_url: str, time: Time
) -> None:
    async with two_processes(postgresql_url, time) as (one, two):
        mine, theirs = MigrationLock(one.db), MigrationLock(two.db)
        assert await mine.take()
        await two.db.write(lambda connection: connection.execute(END_SILENT, {"seconds": 0.0}))
        assert not await theirs.take()
        await mine.release()
        assert await theirs.take()
        await theirs.release()


async def test_a_lock_file_that_cannot_be_locked_says_what_to_do(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    assert database.path is not None
    database.path.with_name("onnews.db.lock").mkdir()
    with pytest.raises(DatabaseError, match=r"onnews\.db\.lock cannot be locked .*its folder"):
        await MigrationLock(database).take()


@dataclass(frozen=True)
class Remote:
    """A replica of another machine."""

    id: int = 1
    holder: str = str(replace(Holder.here(), boot="elsewhere"))
    beat: int = 1
    seconds: float = 4.0


class Looks:
    """Looks at a replica, at times that the test sets."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.silence = Silence(lambda: self.now)

    def is_gone(self, after: float, beat: int = 1) -> bool:
        self.now += after
        self.silence.looked()
        return self.silence.is_gone(Remote(beat=beat))

    def fail(self, after: float) -> None:
        self.now += after
        self.silence.failed()


def test_a_replica_is_gone_after_its_seconds_without_a_heartbeat() -> None:
    looks = Looks()
    assert [looks.is_gone(each) for each in (9.0, 2.0, 1.9, 0.1)] == [False, False, False, True]
    assert not looks.is_gone(1.0, beat=2)
    assert [looks.is_gone(each, beat=2) for each in (3.9, 0.1)] == [False, True]


def test_a_look_that_fails_takes_only_its_own_time_from_the_silence() -> None:
    looks = Looks()
    assert not looks.is_gone(0.0)
    assert not looks.is_gone(3.0)
    looks.fail(0.8)
    assert not looks.is_gone(0.3)
    assert [looks.is_gone(each) for each in (0.9, 0.1)] == [False, True]


def test_while_the_database_is_away_no_replica_falls_silent() -> None:
    looks = Looks()
    assert not looks.is_gone(0.0)
    for _ in range(20):
        looks.fail(1.0)
    assert not looks.is_gone(1.0)
    assert not looks.is_gone(0.3, beat=2)
