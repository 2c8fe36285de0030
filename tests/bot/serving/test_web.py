"""`/healthz` and `/metrics`."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bot.app import OnNews
from bot.demo import feeds
from bot.serving.web import KEPT, FiguresCache
from bot.watching.daily_stats import figures, today
from playground.server import Playground
from storage.model import DeliveryKind, DeliveryState
from tests.bot.conftest import ROOT
from tests.handlers.conftest import hurried, press, start
from tests.plugins.towns import settings_in, still
from tests.plugins.workers import Lent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.composition import Archive
    from storage.ledger.delivery_stats import Day
    from tests.bot.conftest import Terminal

DASHBOARD = ROOT / "deploy" / "grafana" / "on-news.json"
RULES = ROOT / "deploy" / "prometheus" / "on-news.rules.yml"
ROME = ZoneInfo("Europe/Rome")
LONG_ENOUGH = 60
SETTLED = {DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.SKIPPED}


@asynccontextmanager
async def watched(town: Playground, database_url: str) -> AsyncIterator[OnNews]:
    """Run the bot with a metrics address at noon, so that no day ends during the test."""
    now = datetime.now(ROME)
    noon = now.replace(hour=12, minute=0)
    loop = asyncio.get_running_loop()
    begun = loop.time()

    def clock() -> datetime:
        # Also asked in the threads of the database, which have no loop.
        return (noon + timedelta(seconds=loop.time() - begun)).astimezone(UTC)

    settings = settings_in(
        town, database_url, allow_private_sources=True, metrics_address=("127.0.0.1", 0)
    )
    sources = feeds(town.newsstand, town.url)
    limiter = hurried(per_second=settings.messages_per_second)
    onnews = OnNews(
        settings, clock=clock, first_sources=sources, rate_limiter=limiter, workers=Lent()
    )
    try:
        yield onnews
    finally:
        await onnews.stop()


def address(onnews: OnNews) -> str:
    assert onnews.web is not None
    return onnews.web.port.url


async def ask(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


def read(text: str) -> dict[tuple[str, ...], float]:
    """Return the figures by name and label values."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def labelled(text: str) -> list[tuple[str, dict[str, str]]]:
    """Return the name and the labels of each figure."""
    return [
        (sample.name, sample.labels)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]


OF_REPLICAS = {("onnews_shards_unheld",), ("onnews_senders",), ("onnews_role_missing",)}
"""Figures of the alert rules that only replicas on PostgreSQL have."""


def selected_by_the_rules(database_url: str) -> set[tuple[str, ...]]:
    """Return the figures that the alert rules use: their names, and name, label and value.

    Those of replicas are left out on SQLite.
    """
    rules = re.findall(r"^        expr: (.+)$", RULES.read_text(), re.MULTILINE)
    assert len(rules) == RULES.read_text().count("- alert:") >= 10
    names = {(name,) for rule in rules for name in re.findall(r"\b(?:onnews|process)_\w+", rule)}
    assert names > OF_REPLICAS
    if database_url.startswith("sqlite"):
        names -= OF_REPLICAS
    return names | {
        (name, label, value)
        for rule in rules
        for name, selector in re.findall(r"\b(onnews_\w+){(.+?)}", rule)
        for label, value in re.findall(r'(\w+)="(.+?)"', selector)
    }


async def until_begun(archive: Archive, count: int) -> None:
    """Wait for the first editions, or later ones would include them."""
    async with asyncio.timeout(LONG_ENOUGH):
        while True:
            day = await figures(archive.database, today(archive.clock(), ROME), ROME)
            begun = {state: n for (_, state), n in day.states.items() if n}
            if sum(begun.values()) == count and begun.keys() <= SETTLED:
                return
            await asyncio.sleep(0.02)


async def test_the_terminal_and_the_metrics_say_the_same_of_a_real_run(
    terminal: Terminal, database_url: str
) -> None:
    town = terminal.town
    async with watched(town, database_url) as onnews:
        await onnews.start()
        still(onnews)
        archive = onnews.archive
        await archive.newsroom.refresh_all(await archive.sources.all())
        people = [town.person(name) for name in ("Anna", "Bice", "Carla", "Dora")]
        for person in people:
            await start(person)
            category = "Jewellery" if person.name == "Dora" else "Motor"
            for label in ("More sections", category, "Done", "08:00", "Milan"):
                await press(person, label)
        await until_begun(archive, len(people))
        town.faults.add(
            method="sendMessage",
            chat_id=people[2].chat.id,
            status=403,
            description="Forbidden: bot was blocked by the user",
        )
        title = "A coachbuilder opens its order book"
        town.newsstand.publish(title, feed="motor", categories=["Motor"])
        await archive.newsroom.refresh_all(await archive.sources.all())
        for person in people:
            reader = await archive.subscribers.find(person.chat.id)
            assert reader is not None
            await archive.subscribers.change(reader.id, next_at=archive.clock())
        assert await onnews.parts.planner.plan_due(archive.clock()) == len(people)
        onnews.parts.sender.kick()
        async with asyncio.timeout(LONG_ENOUGH):
            while True:
                day = await figures(archive.database, today(archive.clock(), ROME), ROME)
                if {state for _, state in day.states} == SETTLED and day.sent >= 2:
                    break
                await asyncio.sleep(0.02)
        status, text = await ask(f"{address(onnews)}/metrics")
        assert (status, await ask(f"{address(onnews)}/healthz")) == (200, (200, "ok\n"))
        on = f"{archive.clock().astimezone(ROME):%Y-%m-%d}"
        shown = await terminal.run("deliveries", "--on", on, DATABASE_URL=database_url)

    gauges = read(text)
    shown_by_the_dashboard = set(re.findall(r"\b(?:onnews|process)_\w+", DASHBOARD.read_text()))
    assert len(shown_by_the_dashboard) > 10
    assert shown_by_the_dashboard <= {key[0] for key in gauges}
    exported = {(name, *pair) for name, labels in labelled(text) for pair in labels.items()}
    wanted = selected_by_the_rules(database_url)
    assert wanted <= {*exported, *((key[0],) for key in gauges)}
    assert {
        key[1:]: int(n) for key, n in gauges.items() if key[0] == "onnews_deliveries" and n
    } == {(kind.value, state.value): count for (kind, state), count in day.states.items()}
    lines = [line.split() for line in shown.splitlines() if line.strip()]
    (header,) = [words for words in lines if words[0] == "kind"]
    for words in lines:
        if words[0] in list(DeliveryKind):
            for state, count in zip(header[1:], words[1:], strict=True):
                assert gauges["onnews_deliveries", words[0], state] == int(count)
    assert gauges["onnews_delivery_errors", "blocked", "failed"] == 1
    assert ["blocked", "failed", "1"] in lines
    assert f"{gauges['onnews_deliveries_sent',]:.0f} sent from" in shown
    assert f"at most {gauges['onnews_deliveries_busiest_minute',]:.0f} in a minute" in shown
    half, most = gauges["onnews_delivery_seconds", "0.5"], gauges["onnews_delivery_seconds", "0.99"]
    assert (
        f"half arrived within {half:.1f} s after they were due, 99 of 100 within {most:.1f} s"
        in shown
    )
    slow = [words[5] for words in lines if words[0] == "no."]
    assert slow == [
        f"{gauges['onnews_delivery_slowest_seconds', str(place)]:.1f}"
        for place in range(1, len(slow) + 1)
    ]
    assert gauges["onnews_messages_per_second",] == 25
    assert gauges["onnews_readers", "active"] + gauges["onnews_readers", "gone"] == len(people)
    assert gauges["onnews_sources", "fine", "no"] == 3
    assert gauges["onnews_sources", "failing", "yes"] == 0
    assert gauges["onnews_model_tokens",] == gauges["onnews_model_headlines", "refused"] == 0
    assert gauges["onnews_pictures", "ready"] == gauges["onnews_pictures", "failed"] == 0
    assert gauges["onnews_updates_waiting",] == 0
    assert gauges["onnews_database_up",] == 1
    assert gauges["onnews_database_bytes",] > 50_000
    assert 0 <= gauges["onnews_last_poll_age_seconds",] < LONG_ENOUGH
    for person in people:
        assert person.name not in text
        assert not re.search(rf"\b{person.chat.id}\b", text)


async def test_without_a_metrics_address_no_port_is_opened(sqlite_url: str) -> None:
    async with Playground() as town:
        settings = settings_in(town, sqlite_url)
        onnews = OnNews(settings, first_sources=())
        await onnews.start()
        assert onnews.web is None
        await onnews.stop()


async def test_figures_are_cached_longer_if_the_ledger_is_slow() -> None:
    now, asked, takes = 100.0, 0, 0.1

    async def ask_the_ledger() -> Day:
        nonlocal now, asked
        asked += 1
        now += takes
        return object()  # type: ignore[return-value]  # nothing looks into it

    kept = FiguresCache(ask_the_ledger, clock=lambda: now)
    await asyncio.gather(*(kept.within(LONG_ENOUGH) for _ in range(5)))
    assert asked == 1
    now += KEPT - 0.1
    await kept.within(LONG_ENOUGH)
    assert asked == 1
    now += 0.2
    takes = 2.0
    await kept.within(LONG_ENOUGH)
    assert asked == 2
    now += 39.0
    await kept.within(LONG_ENOUGH)
    assert asked == 2
    now += 2.0
    await kept.within(LONG_ENOUGH)
    assert asked == 3
