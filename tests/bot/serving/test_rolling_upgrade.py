"""A newer version beside an older one, on one PostgreSQL: who changes the tables, and who goes."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot.app import OnNews
from bot.serving.standby import Standby
from storage.db.database import Database
from storage.migrations import migrate
from storage.replicas.members import Introduction, Members
from storage.serving.lease import Lease
from storage.serving.liveness import Holder
from storage.serving.lock import MigrationLock, OutdatedProgramError
from storage.tables import schema
from storage.tables.table_version import note_oldest_program
from tests.handlers.conftest import ask
from tests.plugins.databases import migrated
from tests.plugins.towns import settings_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playground.server import Playground

LONG_ENOUGH = 60.0
NEWER = "9001"
SCRIPT = '''"""A column more."""

import sqlalchemy as sa
from alembic import op

revision = "{newer}"
down_revision = "{head}"
oldest_program = "{oldest}"


def upgrade():
    op.add_column("tips", sa.Column("novelty", sa.Text))
'''


class Programs:
    """Switches this process between the program as it is and one with one more migration."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.head = schema.HEAD
        self._here = migrate.FOLDER
        self._folder = folder
        self._patch = patch

    def become_newer(self, *, oldest: str) -> None:
        """Have one more migration, which serves programs from the revision `oldest` on."""
        shutil.copytree(self._here, self._folder)
        script = SCRIPT.format(newer=NEWER, head=self.head, oldest=oldest)
        (self._folder / "versions" / "r9001_novelty.py").write_text(script)
        self._patch.setattr(migrate, "FOLDER", self._folder)
        self._patch.setattr(schema, "HEAD", NEWER)

    def become_older(self) -> None:
        """Be the program as it is again."""
        self._patch.setattr(migrate, "FOLDER", self._here)
        self._patch.setattr(schema, "HEAD", self.head)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    return Programs(tmp_path / "migrations", monkeypatch)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    await database.open()
    yield database
    await database.close()


async def sending(database: Database) -> Lease:
    """Return the lease of a process of another machine that sends."""
    lease = Lease(database, seconds=3600.0)
    lease._me = str(replace(Holder.here(), boot="elsewhere"))
    assert await lease.secure()
    assert await lease.begin()
    return lease


async def answering(database: Database) -> int:
    """Add the row of a replica of another machine that answers; return its id."""
    elsewhere = str(replace(Holder.here(), boot="elsewhere"))
    introduction = Introduction("web2:7", elsewhere, "0.1.0", "", "answer", 3600.0)
    return await Members(database).join(introduction)


def standby(database: Database) -> Standby:
    return Standby(database, Lease(database), asyncio.Event())


async def logged(caplog: pytest.LogCaptureFixture, line: str) -> None:
    async with asyncio.timeout(LONG_ENOUGH):
        while line not in caplog.text:  # noqa: ASYNC110 - logging has no event for it
            await asyncio.sleep(0.001)


async def test_a_newer_version_changes_the_tables_while_older_ones_serve(
    postgresql_url: str, programs: Programs
) -> None:
    async with opened(postgresql_url) as old, opened(postgresql_url) as new:
        lease, _ = await sending(old), await answering(old)
        programs.become_newer(oldest=programs.head)
        newer = standby(new)
        assert await asyncio.wait_for(newer.wait_until_alone(or_current=True), LONG_ENOUGH)
        assert not newer.serving
        assert await new.revision() == NEWER
        await lease.renew()
        programs.become_older()
        assert (await old.version()).fits
        assert await migrate.steps_for(old) == ()
        await newer.release()
        await lease.release()


async def test_an_older_version_serves_on_newer_tables_that_allow_it(
    town: Playground, postgresql_url: str, programs: Programs
) -> None:
    programs.become_newer(oldest=programs.head)
    database = await migrated(postgresql_url)
    await database.close()
    programs.become_older()
    settings = settings_in(town, postgresql_url)
    onnews, stop = OnNews(settings, first_sources=()), asyncio.Event()
    serving = asyncio.create_task(onnews.serve(stop))
    await asyncio.wait_for(onnews.ready.wait(), LONG_ENOUGH)
    reader = town.person("Anna")
    await ask(reader, "/help")
    stop.set()
    await asyncio.wait_for(serving, LONG_ENOUGH)


async def test_a_newer_version_waits_until_no_replica_runs_that_its_tables_would_not_serve(
    postgresql_url: str, programs: Programs, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(postgresql_url) as old, opened(postgresql_url) as new:
        number = await answering(old)
        programs.become_newer(oldest=NEWER)
        newer = standby(new)
        waiting = asyncio.create_task(newer.wait_until_alone(or_current=True))
        await logged(caplog, "the replica web2:7 works with the tables of an older version")
        assert await new.revision() == programs.head
        await Members(old).leave(number)
        assert await asyncio.wait_for(waiting, LONG_ENOUGH)
        assert newer.serving
        assert await new.revision() == NEWER
        await newer.release()


async def test_of_two_newer_processes_one_changes_the_tables_and_the_other_blames_no_replica(
    postgresql_url: str, programs: Programs, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(postgresql_url) as old, opened(postgresql_url) as new:
        await answering(old)
        programs.become_newer(oldest=programs.head)
        lock = MigrationLock(old)
        assert await lock.take()
        newer = standby(new)
        waiting = asyncio.create_task(newer.wait_until_alone())
        await logged(caplog, "is changing the tables or taking over")
        assert await migrate.bring_up(old)
        await lock.release()
        assert await asyncio.wait_for(waiting, LONG_ENOUGH)
        assert "stop it" not in caplog.text
        await newer.release()


async def test_a_migration_lets_others_go_first_while_they_use_its_table(
    postgresql_url: str,
    programs: Programs,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(migrate, "LOCK_WAIT", 1)
    async with opened(postgresql_url) as old, opened(postgresql_url) as new:
        programs.become_newer(oldest=programs.head)
        newer = standby(new)
        async with old.writing() as backup:
            await backup.execute(text("LOCK TABLE tips IN ACCESS SHARE MODE"))
            waiting = asyncio.create_task(newer.wait_until_alone())
            await logged(caplog, "the tables have to be changed, and others use them now; retrying")
            assert await new.revision() == programs.head
        assert await asyncio.wait_for(waiting, LONG_ENOUGH)
        assert await new.revision() == NEWER
        await newer.release()


async def test_a_replica_that_the_tables_no_longer_serve_ends(
    town: Playground, postgresql_url: str
) -> None:
    settings = settings_in(town, postgresql_url)
    onnews = OnNews(settings, first_sources=())
    serving = asyncio.create_task(onnews.serve(asyncio.Event()))
    await asyncio.wait_for(onnews.ready.wait(), LONG_ENOUGH)
    async with opened(postgresql_url) as new, new.writing() as connection:
        await connection.run_sync(lambda sync: note_oldest_program(sync, NEWER))
    with pytest.raises(OutdatedProgramError, match=r"serve revision 9001 and newer; this one is"):
        await asyncio.wait_for(serving, LONG_ENOUGH)
