"""`./dev bench forget`: how deleting readers' data affects other readers.

An archive of 300,000 articles with 100,000 readers is made on SQLite and on PostgreSQL, one after
the other. The whole bot serves it in its own process. Readers ask for /latest, turn pages, follow
and save, first alone, then while one reader after another, each with a year of use, confirms
/forget.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from bench.archive import DATABASES, postgresql, vacuumed
from bench.harness.processes import peak_mib, percentile, talking
from bench.harness.report import Metric
from bench.rigs.crowd import NEXT_PAGE, Crowd, private_chat
from bench.rigs.readers import FIRST_SUBSCRIBER, TAPPING
from handlers.taps.callback_data import Follow, Forget, Save

ARTICLES = 300_000
READERS = 100_000
ASKED = 20.0
"""Requests a second, every second one a tap."""
WARM_UP = 3.0
IDLE = 15.0
"""Seconds of requests before the first reader leaves."""
EVERY = 1.5
"""Seconds between two readers who leave."""
BUTTONS = (
    *(NEXT_PAGE, Follow("motor", on=True).pack(), Save(7, on=True).pack()),
    *(NEXT_PAGE, Follow("motor", on=False).pack(), Save(7, on=False).pack()),
)
GOAL = 200.0

FIGURES = {
    "articles": Metric("articles in the archive"),
    "readers": Metric("readers"),
    **{
        key: figure
        for database in DATABASES
        for key, figure in {
            f"{database}_idle_max_ms": Metric(f"{database}: slowest answer before", "ms"),
            f"{database}_p99_ms": Metric(f"{database}: 99 of 100 answers meanwhile within", "ms"),
            f"{database}_max_ms": Metric(
                f"{database}: slowest answer meanwhile", "ms", at_most=GOAL
            ),
            f"{database}_forgotten_median_ms": Metric(f"{database}: half are forgotten in", "ms"),
            f"{database}_forgotten_max_ms": Metric(
                f"{database}: all are forgotten in", "ms", at_most=GOAL
            ),
            f"{database}_held_least_ms": Metric(
                f"{database}: the shortest transaction, alone", "ms", at_most=GOAL
            ),
            f"{database}_held_median_ms": Metric(f"{database}: half of them, alone", "ms"),
            f"{database}_answers": Metric(f"{database}: answers meanwhile"),
            f"{database}_load_s": Metric(f"{database}: made in", "s"),
            f"{database}_peak_mib": Metric(f"{database}: peak memory of the bot", "MiB"),
        }.items()
    },
}


async def measure(*, quick: bool = False) -> dict[str, Any]:
    """Make each archive, and let readers leave it."""
    scale = 10 if quick else 1
    numbers = {"articles": ARTICLES // scale, "readers": READERS // scale}
    values: dict[str, Any] = {**numbers}
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        async with postgresql(Path(folder) / "postgresql") as url:
            addresses = {"sqlite": f"sqlite:///{folder}/onnews.db", "postgresql": url}
            for database in DATABASES:
                sizes = [str(number) for number in numbers.values()]
                found = await _left(addresses[database], folder, sizes, IDLE / scale)
                values |= {f"{database}_{key}": value for key, value in found.items()}
    return values


async def _left(url: str, folder: str, sizes: list[str], idle: float) -> dict[str, float]:
    """Measure requests while no reader leaves, and while some do."""
    async with (
        Crowd(BUTTONS) as crowd,
        talking("bench.rigs.readers", crowd.url, url, folder, *sizes) as bot,
    ):
        made = await bot.next_message()
        if url.startswith("postgresql"):
            await vacuumed(url)
        bot.say()
        await bot.next_message()
        await crowd.ask_for(ASKED, WARM_UP, taps=True)
        before = await crowd.ask_for(ASKED, idle, taps=True)
        over = asyncio.Event()
        asking = asyncio.create_task(crowd.ask(ASKED, over, taps=True))
        try:
            left = [
                await _leave(crowd, chat)
                for chat in range(FIRST_SUBSCRIBER, FIRST_SUBSCRIBER + TAPPING)
            ]
            await asyncio.sleep(EVERY)
        finally:
            over.set()
            meanwhile = await asking
        peak = peak_mib(bot.pid)
        bot.say()
        last = await bot.next_message()
    return {
        "idle_max_ms": max(before),
        "p99_ms": percentile(meanwhile, 0.99),
        "max_ms": max(meanwhile),
        "forgotten_median_ms": percentile(left, 0.5),
        "forgotten_max_ms": max(left),
        "held_least_ms": last["held_least_ms"],
        "held_median_ms": last["held_median_ms"],
        "answers": len(meanwhile),
        "load_s": made["load_s"],
        "peak_mib": peak,
    }


async def _leave(crowd: Crowd, chat: int) -> float:
    """Confirm /forget after a while; return the milliseconds until it is done."""
    await asyncio.sleep(EVERY)
    return 1000 * await crowd.tap(chat, private_chat(chat), Forget().pack())
