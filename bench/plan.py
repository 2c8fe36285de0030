"""`./dev bench plan [--subscribers N] [--due N]`: a million subscribers, a tenth of them due.

The whole bot runs in its own process, on SQLite on disk. Readers ask for /latest over HTTP while it
plans.
"""

from __future__ import annotations

import asyncio
import tempfile

from bench import OptionError
from bench.harness.processes import percentile, talking
from bench.harness.report import Metric
from bench.rigs.crowd import Crowd

SUBSCRIBERS = 1_000_000
ASKED = 40.0
"""Requests a second."""
WARM_UP = 2.0

FIGURES = {
    "subscribers": Metric("subscribers"),
    "due": Metric("due in the same minute"),
    "plan_s": Metric("all of these planned within", "s", at_most=10.0),
    "peak_mib": Metric("peak memory of the whole bot", "MiB", at_most=300.0),
    "latest_p99_ms": Metric("/latest meanwhile: 99 of 100 answers within", "ms", at_most=100.0),
    "answers": Metric("answers"),
}


async def measure(
    *, quick: bool = False, subscribers: int = SUBSCRIBERS, due: int = 0
) -> dict[str, float]:
    """Plan once.

    Args:
        quick: Whether to have a tenth of the subscribers.
        subscribers: How many there are.
        due: How many of them are due; 0 for a tenth.

    Raises:
        OptionError: More are due than there are.
    """
    if quick:
        subscribers, due = subscribers // 10, due // 10
    due = due or subscribers // 10
    if due > subscribers:
        raise OptionError(f"of {subscribers} subscribers {due} cannot be due")
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        async with (
            Crowd() as crowd,
            talking("bench.rigs.plan", crowd.url, folder, str(subscribers), str(due)) as bot,
        ):
            await bot.next_message()
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
        "plan_s": plan["plan_s"],
        "peak_mib": end["peak_mib"],
        "latest_p99_ms": percentile(answers, 0.99),
        "answers": len(answers),
    }
