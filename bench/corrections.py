"""`./dev bench corrections`: delivered copies that are edited a second, and answers meanwhile.

The whole bot runs in its own process. It has delivered one story to every reader; an editor
corrects it, and every copy is made again and edited, while readers ask for /latest and tap buttons.
A bare loop edits as many messages of the same server, before and after. Two more runs at a slower
pace compare the edits without errors and while a fifth of them gets a 502.

Then an editor sends links: the time from each to the card that readers would see, and to the
answer about a page that never comes. These are printed and have no goal.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time

from bench.harness.processes import figures, percentile, talking
from bench.harness.report import Metric
from bench.rigs.crowd import TOKEN, Crowd
from bench.rigs.whole import NO_LIMIT
from playground.newsstand.feeds import story_link
from playground.server import Playground

COPIES = 60_000
SETS = 200
"""Different choices that the readers share."""
BARE = 15_000
SLOW_COPIES, SLOW_PACE = 1_000, 50
"""Copies, and edits a second, of the two runs that are compared with and without errors."""
ERRORS = 0.2
ASKED = 40.0
"""Requests a second, every second one a tap."""
BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
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
    "erring_share": Metric(
        "pace while a fifth of the edits fails, of that without errors", at_least=0.5
    ),
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


class _ErringCrowd(Crowd):
    """A Telegram that answers a share of all edits with a 502, each time the same ones."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self._share = share
        self._dice = random.Random(7)  # noqa: S311 - no secret depends on it

    def asked(self, method: str) -> bytes | None:
        """Return the error, or None."""
        fails = method == "editMessageText" and self._dice.random() < self._share
        return BAD_GATEWAY if fails else None


async def _corrected(
    copies: int, *, asked: float = 0.0, errors: float = 0.0, pace: int = NO_LIMIT
) -> tuple[dict[str, float], list[float]]:
    """Correct a story delivered in so many copies; return the figures and times of answers.

    Args:
        copies: Number of readers.
        asked: Requests a second of other readers meanwhile; 0 for none.
        errors: The share of edits that fails.
        pace: Messages a second that the bot may send.
    """
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        rig = ("bench.rigs.corrected", folder, str(copies), str(SETS), str(pace))
        async with _ErringCrowd(errors) as crowd, talking(*rig, crowd.url) as bot:
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
    alone, _ = await _corrected(COPIES // scale)
    limits.append(await _bare(BARE // scale))
    busy, times = await _corrected(COPIES // scale, asked=ASKED)
    limits.append(await _bare(BARE // scale))
    steady, _ = await _corrected(SLOW_COPIES, pace=SLOW_PACE)
    erring, _ = await _corrected(SLOW_COPIES, pace=SLOW_PACE, errors=ERRORS)
    limit = statistics.median(limits)
    return {
        "edits_per_s": busy["rate"],
        "share": alone["rate"] / limit,
        "latest_p99_ms": percentile(times, 0.99),
        "alone_per_s": alone["rate"],
        "limit": limit,
        "erring_share": erring["rate"] / steady["rate"],
        "copies": busy["copies"],
        "issues": busy["issues"],
        "issue_characters": busy["issue_characters"],
        "peak_mib": busy["peak_mib"],
        **await _cards(max(LINKS // scale, 3)),
    }
