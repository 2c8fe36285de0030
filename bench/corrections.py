"""`./dev bench corrections`: delivered copies that are edited a second, and answers meanwhile.

The whole bot runs in its own process. It has delivered one story to every reader; an editor
corrects it, and every copy is made again and edited, while readers ask for /latest and tap buttons.
A bare loop edits as many messages of the same server, before and after.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile

from bench.harness.processes import figures, percentile, talking
from bench.harness.report import Metric
from bench.rigs.crowd import Crowd

COPIES = 60_000
SETS = 200
"""Different choices that the readers share."""
BARE = 15_000
ASKED = 40.0
"""Requests a second, every second one a tap."""
WARM_UP = 2.0

FIGURES = {
    "edits_per_s": Metric("copies corrected", "/s"),
    "share": Metric("share of a bare loop of edits", at_least=0.4),
    "latest_p99_ms": Metric("/latest and taps meanwhile: 99 of 100 within", "ms", at_most=100.0),
    "alone_per_s": Metric("copies corrected while nobody asks", "/s"),
    "limit": Metric("a bare aiohttp loop of edits", "/s"),
    "copies": Metric("copies of the story"),
    "issues": Metric("different editions kept to make them again"),
    "issue_characters": Metric("length of one, on average"),
    "peak_mib": Metric("peak memory of ON News", "MiB"),
}


async def _bare(messages: int) -> float:
    async with talking("bench.peers.server") as server:
        url = f"http://127.0.0.1:{await server.next_message()}"
        return float(await figures("bench.peers.loops", "edits", url, str(messages)))


async def _corrected(copies: int, *, asked: float) -> tuple[dict[str, float], list[float]]:
    """Correct a story delivered in so many copies; return the figures and times of answers.

    Args:
        copies: Number of readers.
        asked: Requests a second of other readers meanwhile; 0 for none.
    """
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        async with (
            Crowd() as crowd,
            talking("bench.rigs.corrected", crowd.url, folder, str(copies), str(SETS)) as bot,
        ):
            stored = await bot.next_message()
            times: list[float] = []
            over = asyncio.Event()
            if asked:
                await crowd.ask_for(asked, WARM_UP, taps=True)
            bot.say()
            asking = asyncio.create_task(crowd.ask(asked, over, taps=True)) if asked else None
            found = await bot.next_message()
            over.set()
            if asking is not None:
                times = await asking
            bot.say()
    return {**stored, **found}, times


async def measure(*, quick: bool = False) -> dict[str, float]:
    """Measure the edits of a bare loop and of the bot in turn."""
    scale = 10 if quick else 1
    limits = [await _bare(BARE // scale)]
    alone, _ = await _corrected(COPIES // scale, asked=0.0)
    limits.append(await _bare(BARE // scale))
    busy, times = await _corrected(COPIES // scale, asked=ASKED)
    limits.append(await _bare(BARE // scale))
    limit = statistics.median(limits)
    return {
        "edits_per_s": busy["rate"],
        "share": alone["rate"] / limit,
        "latest_p99_ms": percentile(times, 0.99),
        "alone_per_s": alone["rate"],
        "limit": limit,
        "copies": busy["copies"],
        "issues": busy["issues"],
        "issue_characters": busy["issue_characters"],
        "peak_mib": busy["peak_mib"],
    }
