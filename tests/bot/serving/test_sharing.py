"""Two replicas in one process: what one learns holds on the other, and chats change hands."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy import update

from bot.app import OnNews
from bot.doctor.serving import serving_state
from bot.watching.process_health import Phase
from digest.pacing.priorities import Priority
from storage.model.desk_model import ALL_RIGHTS, NO_RIGHTS
from storage.replicas.spread import SHARDS, shard_of
from storage.serving.lease import LeaseLostError
from storage.tables.schema import serving_lease
from tests.bot.serving.running import running, shards_of, until
from tests.handlers.conftest import ask
from tests.plugins.towns import settings_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from playground.people.people import Person
    from playground.server import Playground


@asynccontextmanager
async def replica(
    town: Playground,
    url: str,
    admin: int,
    *,
    is_new: bool = True,
    editors: tuple[int, ...] = (),
    allowed: tuple[int, ...] = (),
) -> AsyncIterator[OnNews]:
    """Run a replica, and stop it in order at the end."""
    settings = settings_in(town, url, admin_ids=(admin,), editor_ids=editors, allowed_ids=allowed)
    onnews = OnNews(settings, first_sources=(), is_new=is_new)
    async with running(onnews):
        yield onnews


def holds(onnews: OnNews, person: Person) -> bool:
    sharing = onnews._sharing
    return sharing is not None and shard_of(person.id) in sharing.updates.shards


async def test_what_one_replica_learns_holds_on_the_other(
    town: Playground, postgresql_url: str
) -> None:
    operator = town.person("Olga")
    people = [town.person(f"Reader {number}") for number in range(12)]
    async with (
        replica(town, postgresql_url, operator.id) as first,
        replica(town, postgresql_url, operator.id) as second,
    ):
        await until(lambda: shards_of(first) == shards_of(second) == SHARDS // 2)
        assert (first.leads, second.leads) == (True, False)
        mine = first if holds(first, operator) else second
        other = second if mine is first else first
        reader = next(each for each in people if holds(other, each))
        await ask(reader, "/help")

        await operator.send(f"/ban {reader.id}")
        await operator.next()
        admissions = other.application.bot_data.admissions
        await until(lambda: admissions.is_banned(reader.id))
        assert "private" in (await ask(reader, "/help")).text

        first.rate_limiter.flooded(reader.id, 3600.0)
        limiter = second.rate_limiter
        await until(lambda: limiter.wait_for(reader.id, Priority.ANSWER) > 3000)


async def test_all_replicas_use_the_people_named_by_the_one_that_started_last(
    town: Playground, postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    olga, bruno, edith, reader = (town.person(name) for name in ("Olga", "Bruno", "Edith", "Rita"))
    async with replica(town, postgresql_url, olga.id) as first:
        services = first.application.bot_data
        assert services.people.admins == {olga.id}
        named = (edith.id,)
        async with replica(town, postgresql_url, bruno.id, editors=named, allowed=named):
            await until(lambda: services.people.admins == {bruno.id})
            assert services.desk.rights.always == {bruno.id, edith.id}
            assert not services.admissions.permits(reader.id)
            assert not services.admissions.permits(olga.id)
            assert "ADMIN_IDS, EDITOR_IDS, ALLOWED_IDS as in the process that started last" in (
                caplog.text
            )
        # One that was frozen and starts over brings no old ids back.
        async with replica(town, postgresql_url, olga.id, is_new=False) as woken:
            assert woken.application.bot_data.people.to_json() == services.people.to_json()
            assert services.people.admins == {bruno.id}


async def test_a_right_that_one_replica_takes_away_is_gone_on_the_other(
    town: Playground, postgresql_url: str
) -> None:
    operator, editor = town.person("Olga"), town.person("Edith")
    async with (
        replica(town, postgresql_url, operator.id) as first,
        replica(town, postgresql_url, operator.id) as second,
    ):
        rights = [each.application.bot_data.desk.rights for each in (first, second)]
        editors = first.archive.editors
        await editors.give(editor.id, ALL_RIGHTS, by=operator.id, now=first.clock())
        assert [(await each.of(editor.id)).publish for each in rights] == [True, True]
        await editors.give(editor.id, NO_RIGHTS, by=operator.id, now=first.clock())
        assert [(await each.of(editor.id)).publish for each in rights] == [False, False]


async def test_a_replica_that_stops_gives_its_chats_and_open_questions_to_the_other(
    town: Playground, postgresql_url: str
) -> None:
    people = [town.person(f"Reader {number}") for number in range(12)]
    async with replica(town, postgresql_url, 1) as first:
        async with replica(town, postgresql_url, 1) as second:
            await until(lambda: shards_of(first) == shards_of(second) == SHARDS // 2)
            reader = next(each for each in people if holds(second, each))
            await ask(reader, "/start")
            questions = second.application.bot_data.memory.journeys
            await until(lambda: len(questions) > 0)
            noted = len(questions)
        await until(lambda: shards_of(first) == SHARDS)
        assert len(first.application.bot_data.memory.journeys) == noted
        await ask(reader, "/help")


async def test_a_process_that_lost_the_lease_sends_nothing_though_it_still_holds_chats(
    town: Playground, postgresql_url: str
) -> None:
    sent = False
    with suppress(LeaseLostError):
        async with replica(town, postgresql_url, 1) as onnews:
            await until(lambda: shards_of(onnews) == SHARDS)
            async with onnews.archive.database.writing() as connection:
                await connection.execute(
                    update(serving_lease).values(fence=serving_lease.c.fence + 1, holder="another")
                )
            await until(lambda: not onnews.leads)
            assert onnews._sharing is not None
            await onnews._sharing.permit()
            sent = True
    assert not sent


async def test_health_names_the_replicas_and_who_sends(
    town: Playground, postgresql_url: str
) -> None:
    async with (
        replica(town, postgresql_url, 1) as first,
        replica(town, postgresql_url, 1) as second,
    ):
        await until(lambda: shards_of(first) == shards_of(second) == SHARDS // 2)
        await first.health.leave_sign()
        line = (await asyncio.to_thread(serving_state, postgresql_url)).check.detail
        assert "; 2 replicas, " in line
        assert f":{os.getpid()} sends" in line
        report = await second.health.look()
        assert report.line.startswith("ok; holds 32 of 64 shards; 2 replicas, ")
        assert report.phase is Phase.SERVING
