"""An offline machine: one log line, no alarm per source, and its length afterwards."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.app import OnNews
from bot.cli.cli_news import summarise
from bot.watching.offline import SETTLE, Offline
from news.fetch.fetcher import UNREACHED
from news.ingest.rounds import Outcome, RoundReport
from playground.server import Playground
from storage.db.key_value import KeyValue
from storage.model import Check, NewSource, SourceState
from storage.sources.sources import Sources
from tests.handlers.conftest import start
from tests.plugins.towns import settings_in
from tests.plugins.workers import Lent

if TYPE_CHECKING:
    from collections.abc import Collection

    import pytest

    from storage.db.database import Database

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def well(number: int, brought: int = 0) -> RoundReport:
    return RoundReport(number, f"S{number}", Outcome.STORED, new=tuple(range(brought)))


def cut(number: int, reason: str = "no such host") -> RoundReport:
    return RoundReport(number, f"S{number}", Outcome.FAILED, reason=reason)


class Machine:
    """The detector of being offline, with operators who may be unreachable."""

    def __init__(self, db: Database) -> None:
        self.reports: list[tuple[datetime, datetime]] = []
        self.asked_again = 0
        self.in_reach = True
        self.offline = Offline(KeyValue(db), self.ask_again, self.tell)

    async def ask_again(self, reasons: Collection[str], now: datetime) -> int:
        del now
        assert reasons == UNREACHED
        self.asked_again += 1
        return 57

    async def tell(self, since: datetime, until: datetime, now: datetime) -> bool:
        del now
        if self.in_reach:
            self.reports.append((since, until))
        return self.in_reach


async def test_being_offline_is_logged_once_and_its_length_reported_once(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.watching.offline")
    here = Machine(db)
    await here.offline.update([well(each, brought=1) for each in range(57)], NOON)
    for minute in range(1, 60):
        await here.offline.update([cut(each) for each in range(57)], NOON + minute * MINUTE)
        assert await here.offline.hides(NOON + minute * MINUTE)
    assert here.reports == []
    # The state survives a restart, and unreachable operators are notified later.
    after = Machine(db)
    after.in_reach = False
    back = NOON + 125 * MINUTE
    await after.offline.update([well(1), cut(2)], back)
    await after.offline.update([well(2)], back + MINUTE)
    again = Machine(db)
    assert await again.offline.hides(back + MINUTE)
    await again.offline.update([well(3)], back + 2 * MINUTE)
    await again.offline.update([well(4)], back + 3 * MINUTE)
    assert again.reports == [(NOON + MINUTE, back)]
    assert (after.asked_again, again.asked_again) == (1, 0)
    assert not await again.offline.hides(back + SETTLE)
    assert [line for line in caplog.messages if "new articles" not in line] == [
        "none of 57 sources can be reached: this machine seems to be offline",
        "sources can be reached again, after 2 h 4 min; fetching the 57 that failed again",
    ]
    assert caplog.messages[0] == "fetched 57 sources, which had 57 new articles"


async def test_failing_sources_among_others_are_not_an_outage(db: Database) -> None:
    here = Machine(db)
    await here.offline.update([well(1), *map(cut, (2, 3, 4))], NOON)
    for minute in range(1, 9):
        await here.offline.update([cut(2), cut(3), cut(4)], NOON + minute * MINUTE)
    assert not await here.offline.hides(NOON + 9 * MINUTE)
    # A server that answers with an error has been reached.
    await here.offline.update([cut(5), cut(6), cut(7, "http 503")], NOON + 10 * MINUTE)
    assert not await here.offline.hides(NOON + 10 * MINUTE)
    # Where few are due at a time, they add up.
    for number in (8, 9, 10):
        await here.offline.update([cut(number, "timeout")], NOON + (11 + number) * MINUTE)
    assert await here.offline.hides(NOON + 30 * MINUTE)


def test_a_round_that_reaches_no_source_points_at_the_network(
    capsys: pytest.CaptureFixture[str],
) -> None:
    advice = "none of them can be reached: check the network of this machine first"
    summarise((cut(1), cut(2, "timeout")))
    assert advice in capsys.readouterr().out
    summarise((cut(1), cut(2, "http 404")))
    assert advice not in capsys.readouterr().out


async def test_unreached_sources_are_due_at_once_after_an_outage(db: Database) -> None:
    sources = Sources(db)
    errors = {"a": "timeout: no answer", "b": "no such host", "c": "http 404: x", "d": None}
    ids = {}
    for name, error in errors.items():
        made = await sources.add(NewSource(name, f"https://{name}.example/"), NOON)
        ids[name] = made.id
        later = NOON + timedelta(hours=6)
        await sources.checked_all([Check(made.id, NOON, later, 3600, 3 if error else 0, error)])
    assert await sources.ask_again(UNREACHED, NOON + MINUTE) == 2
    due = {one.id for one in await sources.due(NOON + MINUTE)}
    assert due == {ids["a"], ids["b"]}


async def test_operators_are_notified_of_the_outage_not_of_each_source(sqlite_url: str) -> None:
    now = NOON
    async with Playground() as town:
        settings = settings_in(
            town,
            sqlite_url,
            allow_private_sources=True,
            admin_ids=((anna := town.person("Anna")).id,),
        )
        feeds = [NewSource(name, f"{town.url}/newsstand/{name}.atom") for name in ("motor", "x")]
        onnews = OnNews(settings, clock=lambda: now, first_sources=feeds, workers=Lent())
        try:
            await onnews.start()
            await start(anna)
            ticks, archive = onnews.ticks, onnews.archive
            assert ticks is not None
            ticks._scheduler.pause()
            while ticks.under_way:
                await asyncio.wait(ticks.under_way)
            live = await archive.sources.all()
            for each in live:
                await archive.sources.set_state(each.id, SourceState.PAUSED, now)
            for name in "abcd":
                nowhere = NewSource(name, f"http://{name}.invalid/feed")
                await archive.sources.add(nowhere, now)
            before = len(anna.chat.messages)
            for _ in range(5):
                now += timedelta(hours=12)
                # A stop waits for the task of each round.
                await asyncio.create_task(ticks.run("sources"))
                await ticks.run("health")
            assert len(anna.chat.messages) == before
            now += timedelta(hours=1)
            for each in live:
                await archive.sources.set_state(each.id, SourceState.ACTIVE, now)
            await asyncio.create_task(ticks.run("sources"))
            message = await anna.next()
            assert "Back online after 49 h\n" in message.text
            await ticks.run("health")
            assert len(anna.chat.messages) == before + 1
        finally:
            await onnews.stop()
    assert town.violations == []
