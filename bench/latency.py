"""`./dev bench latency`: how a fan-out affects readers who send requests.

The whole bot runs in its own process. Readers ask for /latest and tap buttons over HTTP, first
alone, then while every subscriber is sent their own edition, as fast as one core can send.
"""

from __future__ import annotations

import asyncio
import tempfile

from bench.harness.processes import percentile, talking
from bench.harness.report import Metric
from bench.rigs.crowd import Crowd

SUBSCRIBERS = 20_000
ASKED = 40.0
"""Requests a second, every second one a tap."""
WARM_UP = 2.0
IDLE = 15.0
"""Seconds of requests before the fan-out."""

FIGURES = {
    "idle_p99_ms": Metric("nothing else to do: 99 of 100 answers within", "ms"),
    "fanout_p99_ms": Metric("amid a fan-out: 99 of 100 answers within", "ms", at_most=100.0),
    "idle_p50_ms": Metric("nothing else to do: the median", "ms"),
    "fanout_p50_ms": Metric("amid a fan-out: the median", "ms"),
    "fanout_rate": Metric("editions sent meanwhile", "/s"),
    "answers": Metric("answers amid the fan-out"),
}


async def measure(*, quick: bool = False) -> dict[str, float]:
    """Measure answers without and with a fan-out."""
    scale = 10 if quick else 1
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        async with (
            Crowd() as crowd,
            talking("bench.rigs.rush", crowd.url, folder, str(SUBSCRIBERS // scale)) as bot,
        ):
            await bot.next_message()
            await crowd.ask_for(ASKED, WARM_UP, taps=True)
            idle = await crowd.ask_for(ASKED, IDLE / scale, taps=True)
            over = asyncio.Event()
            bot.say()
            asking = asyncio.create_task(crowd.ask(ASKED, over, taps=True))
            fanout = await bot.next_message()
            over.set()
            busy = await asking
            bot.say()
    return {
        "idle_p99_ms": percentile(idle, 0.99),
        "fanout_p99_ms": percentile(busy, 0.99),
        "idle_p50_ms": percentile(idle, 0.5),
        "fanout_p50_ms": percentile(busy, 0.5),
        "fanout_rate": fanout["rate"],
        "answers": len(busy),
    }
