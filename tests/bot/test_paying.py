"""Paid broadcast in the whole bot, over HTTP."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.app import OnNews
from bot.demo import feeds
from playground.server import Playground
from storage.readers.subscribers import Subscribers
from tests.handlers.conftest import ask, hurried, press, start
from tests.plugins.archive import registered, there
from tests.plugins.databases import migrated
from tests.plugins.towns import settings_in, still
from tests.plugins.workers import Lent

if TYPE_CHECKING:
    from pathlib import Path

PAYING: dict[str, Any] = {"paid_broadcast": True, "messages_per_second": 1000}


@pytest.mark.parametrize("paying", [PAYING, {"paid_broadcast": True}, {}])
async def test_only_editions_are_paid_for_and_only_where_it_is_switched_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, paying: dict[str, Any]
) -> None:
    caplog.set_level(logging.INFO)
    async with Playground() as town:
        settings = settings_in(
            town, f"sqlite:///{tmp_path}/onnews.db", allow_private_sources=True, **paying
        )
        sources = feeds(town.newsstand, town.url)
        limiter = hurried(per_second=settings.messages_per_second)
        onnews = OnNews(settings, first_sources=sources, rate_limiter=limiter, workers=Lent())
        await onnews.start()
        try:
            archive = onnews.archive
            await archive.newsroom.refresh_all(await archive.sources.all())
            anna = town.person("Anna")
            await start(anna)
            for label in ("More sections", "Motor", "Done", "08:00", "Milan"):
                await press(anna, label)
            await anna.next()  # the first edition is an answer
            await ask(anna, "/latest")
            assert not any("allow_paid_broadcast" in each.params for each in town.requests)

            title = "A coachbuilder opens its order book"
            town.newsstand.publish(title, feed="motor", categories=["Motor"])
            await archive.newsroom.refresh_all(await archive.sources.all())
            reader = there(await archive.subscribers.find(anna.chat.id))
            # At a full minute, a tick would plan it first.
            still(onnews)
            await archive.subscribers.change(reader.id, next_at=archive.clock())
            assert await onnews.parts.planner.plan_due(archive.clock()) == 1
            onnews.parts.sender.kick()
            await anna.until(title)
        finally:
            await onnews.stop()
        paid = [each for each in town.requests if "allow_paid_broadcast" in each.params]
        assert town.violations == []
    lines = [entry.message for entry in caplog.records]
    if paying is PAYING:
        (edition,) = paid
        assert edition.method == "sendMessage"
        assert title in edition.params["text"]
        assert edition.params["allow_paid_broadcast"] == "true"
        assert any(line.startswith("paid broadcast is on; no edition is due") for line in lines)
    else:
        assert paid == []
        assert any("sending is free at MESSAGES_PER_SECOND=25" in x for x in lines) is bool(paying)


async def test_the_cost_of_the_next_run_is_in_the_log_at_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with Playground() as town:
        settings = settings_in(town, f"sqlite:///{tmp_path}/onnews.db", **PAYING)
        database = await migrated(settings.database_url)
        subscribers = Subscribers(database)
        now = datetime.now(UTC)
        reader = await registered(subscribers, 1, now, zone="UTC", digest_minute=0)
        await subscribers.change(reader.id, next_at=now + timedelta(hours=1))
        await database.close()
        onnews = OnNews(settings, first_sources=())
        await onnews.start()
        await onnews.stop()
    (line,) = [x.message for x in caplog.records if "the next run, at" in x.message]
    assert "1 messages in 0.0 s for 0.0 Stars at most" in line
