"""Replicas with some of the roles: what each does, and what it leaves to others."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.app import OnNews
from bot.doctor.serving import serving_state
from storage.db.database import Database
from storage.migrations import migrate
from storage.replicas.roles import Role
from storage.replicas.spread import SHARDS
from tests.bot.serving.running import running, shards_of, until
from tests.plugins.towns import settings_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from playground.server import Playground


@asynccontextmanager
async def replica(town: Playground, url: str, *roles: Role) -> AsyncIterator[OnNews]:
    """Run a replica with some roles, and stop it in order at the end."""
    settings = settings_in(town, url, roles=roles)
    async with running(OnNews(settings, first_sources=())) as onnews:
        yield onnews


async def test_one_replica_answers_readers_while_another_one_sends(
    town: Playground, postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    reader = town.person("Anna")
    async with replica(town, postgresql_url, Role.ANSWER) as answering:
        await until(lambda: shards_of(answering) == SHARDS)
        assert not answering.leads
        assert "only answers, as ROLES says" in caplog.text
        await reader.send("/help")
        async with replica(town, postgresql_url, Role.SEND) as sending:
            await reader.next()
            assert (sending.leads, shards_of(sending)) == (True, 0)
            assert not answering.leads


async def test_updates_wait_in_the_table_until_a_replica_answers(
    town: Playground, postgresql_url: str
) -> None:
    reader = town.person("Anna")
    async with replica(town, postgresql_url, Role.SEND) as sending:
        assert sending._sharing is not None
        view = await sending._sharing.replica._members.view()
        assert {*view.holders.values()} == {None}
        await reader.send("/help")
        async with replica(town, postgresql_url, Role.ANSWER):
            await reader.next()
        await until(lambda: sending.leads)


async def test_only_the_replica_that_sends_asks_the_sources(
    town: Playground, postgresql_url: str
) -> None:
    async with (
        replica(town, postgresql_url, *Role) as first,
        replica(town, postgresql_url, *Role) as second,
    ):
        await until(lambda: shards_of(second) > 0)
        assert first.ticks is not None
        assert first.ticks._scheduler.get_job("sources") is not None
        assert second.ticks is None


async def test_a_replica_that_never_sends_still_makes_the_tables(
    town: Playground, postgresql_url: str
) -> None:
    database = Database(postgresql_url)
    await database.open()
    async with database.writing() as connection:
        await connection.run_sync(migrate.to_nothing)
    async with replica(town, postgresql_url, Role.ANSWER) as answering:
        await until(lambda: shards_of(answering) == SHARDS)
        assert not answering.leads
    await database.close()


async def test_health_says_from_outside_that_no_replica_sends(
    town: Playground, postgresql_url: str
) -> None:
    async with replica(town, postgresql_url, Role.ANSWER) as answering:
        await until(lambda: shards_of(answering) == SHARDS)
        served = await asyncio.to_thread(serving_state, postgresql_url)
        assert served.check.detail == "no replica sends or asks sources: none has the role send"
        report = await answering.health.look()
        assert report.line == (
            "ok; holds 64 of 64 shards; 1 replica, no replica sends or asks sources: "
            "none has the role send"
        )
    served = await asyncio.to_thread(serving_state, postgresql_url)
    assert served.check.detail == "no process has served this database yet"
