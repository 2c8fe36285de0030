"""`./dev bench corrections`: delivered copies that are edited a second, and answers meanwhile.

The whole bot runs in its own process. It has delivered one story to every reader; an editor
corrects it, and every copy is made again and edited, while readers ask for /latest and tap buttons.
A bare loop edits as many messages of the same server, before and after.

Then an editor sends links: the time from each to the card that readers would see, and to the
answer about a page that never comes. These are printed and have no goal.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time

from bench.harness.processes import figures, percentile, talking
from bench.harness.report import Metric
from bench.rigs.crowd import TOKEN, Crowd
from playground.newsstand.feeds import story_link
from playground.server import Playground

COPIES = 60_000
SETS = 200
"""Different choices that the readers share."""
BARE = 15_000
ASKED = 40.0
"""Requests a second, every second one a tap."""
WARM_UP = 2.0
LINKS = 20
PAUSE = 4.0
"""Seconds between two links, so that the limit of messages to one chat delays none."""
PATIENCE = 60.0
"""Seconds for an answer to an editor."""

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
    "card_ms": Metric("from an editor's link to its card, the median", "ms"),
    "first_card_ms": Metric("the first card, for which a worker process starts", "ms"),
    "silent_page_s": Metric("from the link of a page that never answers to a word about it", "s"),
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


async def _cards(links: int) -> dict[str, float]:
    """Return the times from links that an editor sends to their cards."""
    silent = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        async with silent, Playground(token=TOKEN) as town:
            eva = town.person("Eva")

            async def answered(link: str) -> float:
                """Send a link, and return the seconds until its card or the answer about it."""
                await asyncio.sleep(PAUSE)
                start = time.perf_counter()
                await eva.send(link)
                while not (await eva.next(timeout=PATIENCE)).edited:
                    pass
                return time.perf_counter() - start

            async with talking("bench.rigs.linked", town.url, folder, str(eva.id)) as bot:
                await bot.next_message()
                await eva.start()
                await eva.next(timeout=PATIENCE)
                stories = town.newsstand.stories[:links]
                times = [await answered(story_link(town.url, story)) for story in stories]
                port = silent.sockets[0].getsockname()[1]
                waited = await answered(f"http://127.0.0.1:{port}/story")
                bot.say()
    return {
        "card_ms": 1000 * statistics.median(times[1:]),
        "first_card_ms": 1000 * times[0],
        "silent_page_s": waited,
    }


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
        **await _cards(max(LINKS // scale, 3)),
    }
