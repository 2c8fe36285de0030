"""`./dev bench plan [--subscribers N] [--due N]`: a million subscribers, a tenth of them due.

The whole bot runs in its own process, on SQLite on disk. Readers ask for /latest over HTTP while it
plans.
"""

from __future__ import annotations

import asyncio
import tempfile
import time

from bench import OptionError
from bench.harness.processes import figures, percentile, talking
from bench.harness.report import Metric
from bench.rigs.crowd import Crowd

SUBSCRIBERS = 1_000_000
ASKED = 40.0
"""Requests a second."""
WARM_UP = 2.0

PATIENCE = 600.0
"""Seconds after which an answer counts as lost."""

FIGURES = {
    "subscribers": Metric("subscribers"),
    "due": Metric("due in the same minute"),
    "prepare_s": Metric("time to make them", "s"),
    "plan_s": Metric("all of these planned within", "s", at_most=10.0),
    "peak_mib": Metric("peak memory of the whole bot", "MiB", at_most=300.0),
    "planning_mib": Metric("more than after the start, which knows each chat in 8 bytes", "MiB"),
    "latest_p99_ms": Metric("/latest meanwhile: 99 of 100 answers within", "ms", at_most=100.0),
    "latest_max_ms": Metric("the slowest of them", "ms"),
    "answers": Metric("answers"),
    "million_plan_s": Metric("planned within, with a million subscribers", "s"),
    "million_peak_mib": Metric("peak memory with a million", "MiB"),
    "time_growth": Metric("time for each one due, by that with a million", at_most=1.5),
    "memory_growth_mib": Metric(
        "memory that this adds to the bot, more than with a million", "MiB", at_most=10.0
    ),
}


async def measure(
    *, quick: bool = False, subscribers: int = SUBSCRIBERS, due: int = 0
) -> dict[str, float]:
    """Plan once; with more than a million subscribers also with a million, for comparison.

    Args:
        quick: Whether to have a tenth of the subscribers.
        subscribers: How many there are.
        due: How many of them are due; 0 for a tenth.

    Raises:
        OptionError: More are due than there are.
    """
    due = due or subscribers // 10
    if due > subscribers:
        raise OptionError(f"of {subscribers} subscribers {due} cannot be due")
    scale = 10 if quick else 1
    found = {}
    if subscribers > SUBSCRIBERS:
        million = await _planned(SUBSCRIBERS // scale, SUBSCRIBERS * due // subscribers // scale)
        found = {f"million_{key}": million[key] for key in ("plan_s", "peak_mib")}
    many = await _planned(subscribers // scale, due // scale)
    if found:
        each = million["plan_s"] / million["due"]
        found["time_growth"] = many["plan_s"] / many["due"] / each
        found["memory_growth_mib"] = many["planning_mib"] - million["planning_mib"]
    return {**many, **found}


async def _planned(subscribers: int, due: int) -> dict[str, float]:
    """Plan the due ones of some subscribers; return the figures."""
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        began = time.perf_counter()
        at = await figures("bench.rigs.plan", "fill", folder, str(subscribers), str(due))
        prepared = time.perf_counter() - began
        async with (
            Crowd(patience=PATIENCE) as crowd,
            talking("bench.rigs.plan", crowd.url, folder, at) as bot,
        ):
            ready = await bot.next_message()
            await crowd.ask_for(ASKED, WARM_UP)
            over = asyncio.Event()
            asking = asyncio.create_task(crowd.ask(ASKED, over))
            bot.say()
            plan = await bot.next_message()
            over.set()
            answers = await asking
            bot.say()
            end = await bot.next_message()
    return {
        "subscribers": subscribers,
        "due": plan["due"],
        "prepare_s": prepared,
        "plan_s": plan["plan_s"],
        "peak_mib": end["peak_mib"],
        "planning_mib": end["peak_mib"] - ready,
        "latest_p99_ms": percentile(answers, 0.99),
        "latest_max_ms": max(answers),
        "answers": len(answers),
    }
