"""Two replicas: what is changed or done at one holds at the other at once."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.app import OnNews
from digest.pacing.priorities import Priority
from digest.pacing.rate_limiter import GROUP_ANSWERS
from digest.planning.alerts import UP_TO
from storage.desk.corrections import add
from storage.model import Grade
from storage.replicas.spread import SHARDS
from tests.bot.serving.conftest import SILENT
from tests.bot.serving.running import LONG_ENOUGH, running, shards_of, until
from tests.handlers.conftest import ask
from tests.plugins.archive import Archive, registered
from tests.plugins.towns import settings_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playground.server import Playground

pytestmark = pytest.mark.usefixtures("usual_heartbeats")


@asynccontextmanager
async def two_replicas(town: Playground, url: str) -> AsyncIterator[tuple[OnNews, OnNews]]:
    """Run a replica that sends and one that does not, each with half of the chats."""
    settings = settings_in(town, url)
    async with (
        running(OnNews(settings, first_sources=(), lease_seconds=SILENT)) as first,
        running(OnNews(settings, first_sources=(), lease_seconds=SILENT)) as second,
    ):
        await until(lambda: shards_of(first) == shards_of(second) == SHARDS // 2)
        assert (first.leads, second.leads) == (True, False)
        yield first, second


async def reader_of(onnews: OnNews, chat_id: int) -> int:
    """Add a reader who is not due for days; return the id of the subscriber."""
    subscribers, now = onnews.archive.subscribers, onnews.clock()
    reader = await registered(subscribers, chat_id, now, zone="Etc/UTC", digest_minute=0)
    await subscribers.change(reader.id, next_at=now + timedelta(days=2))
    return reader.id


async def test_an_alert_that_another_replica_plans_wakes_the_one_that_sends(
    town: Playground, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.sending.sender.LONGEST_REST", 3600.0)
    anna = town.person("Anna")
    async with two_replicas(town, postgresql_url) as (first, second):
        await ask(anna, "/help")
        reader = await reader_of(first, anna.id)
        await first.archive.subscribers.follow(reader, "bentley", alerts=True)
        await first.archive.key_value.put(UP_TO, "0")
        house = await Archive.on(second.archive.database)
        story = house.article("Bentley adds a wing to Mulliner", categories=("bentley",))
        stored = await house.store(replace(story, published=second.clock()))
        await second.archive.newsroom.results.has_new([*stored.new])
        assert "Bentley adds a wing" in (await anna.next()).text


async def test_a_correction_that_another_replica_stores_wakes_the_one_that_sends(
    town: Playground, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.correcting.corrector.LOOK", 3600.0)
    async with two_replicas(town, postgresql_url) as (_, second):
        house = await Archive.on(second.archive.database)
        stored = await house.store(house.article("Bentley adds a wing to Mulliner"))
        was = await second.archive.articles.get(stored.new[0])
        assert was is not None
        now_is = replace(was, title="Bentley adds a hall to Mulliner")
        await second.archive.database.write(
            lambda connection: add(connection, was, now_is, Grade.TYPO, now=second.clock())
        )
        # It has no copies, so it is closed as soon as it is seen.
        async with asyncio.timeout(LONG_ENOUGH):
            while await second.archive.corrections.open():  # noqa: ASYNC110 - as `until`
                await asyncio.sleep(0.01)


async def test_a_flood_that_could_not_be_noted_does_not_hide_later_ones_from_the_other(
    town: Playground, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_replicas(town, postgresql_url) as (first, second):
        assert first._sharing is not None
        failed = asyncio.Event()

        async def fail(_: object) -> None:
            failed.set()
            raise ZeroDivisionError

        with monkeypatch.context() as patch:
            patch.setattr(first._sharing._floods, "note", fail)
            first.rate_limiter.flooded(7, 3600.0)
            await asyncio.wait_for(failed.wait(), LONG_ENOUGH)
        first.rate_limiter.flooded(8, 3600.0)
        await until(lambda: second.rate_limiter.wait_for(8) > 0)


async def test_messages_of_one_replica_count_against_a_groups_limit_at_the_other(
    town: Playground, postgresql_url: str
) -> None:
    async with two_replicas(town, postgresql_url) as (first, second):
        for group, here, there in ((-1, first, second), (-2, second, first)):
            for priority in (Priority.ANSWER, Priority.ANSWER, Priority.EDITION):
                await here.rate_limiter.acquire(group, priority)
            left = partial(there.rate_limiter.room, group)
            await until(lambda: left() == GROUP_ANSWERS - 3)  # noqa: B023 - awaited
            assert here.rate_limiter.room(group) == GROUP_ANSWERS - 3
