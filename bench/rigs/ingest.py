"""The bot with many new sources: a first round, and rounds with nothing new.

`python -m bench.rigs.ingest URL FOLDER ADDRESSES ARTICLES ROUNDS` reads the addresses from a JSON
list. It reports when it is ready, runs the first round and then ROUNDS others, each when it gets a
line, and reports how long they took; for the others, the median.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Self

from bench.harness.processes import next_line, peak_mib, send_message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from news.ingest.rounds import Outcome, RoundReport

TICK = 0.005
WORKERS = 2
AWHILE = 1.0
"""Seconds for which each worker is kept busy, so that every worker is started."""
SAMPLE = "Questa mattina a Milano la casa ha mostrato la nuova collezione di primavera"


class StallMeter:
    """The longest stall of the event loop, by a tick that should come every `TICK` seconds."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._tick.cancel()

    def _wait(self) -> None:
        # A timer call costs half as much as a sleeping task; the cost counts as the bot's work.
        self._due = self._loop.time() + TICK
        self._tick = self._loop.call_at(self._due, self._came)

    def _came(self) -> None:
        self.longest = max(self.longest, self._loop.time() - self._due)
        self._wait()


async def run(url: str, folder: str, addresses: Sequence[str], articles: int, rounds: int) -> None:
    """Run a first round, and some with nothing new.

    Raises:
        RuntimeError: A source failed, or an article is missing.
    """
    # A worker process loads this module too, and should use as much memory as under the bot.
    from bench.rigs.whole import serving  # noqa: PLC0415  # see the line above
    from bot.composition import utc_now  # noqa: PLC0415  # as above
    from news.ingest.rounds import Outcome  # noqa: PLC0415  # as above
    from storage.model import NewSource  # noqa: PLC0415  # as above

    async with serving(url, folder) as bot:
        sources, newsroom = bot.archive.sources, bot.archive.newsroom
        for number, address in enumerate(addresses):
            await sources.add(NewSource(f"Paper {number}", address), utc_now())
        # Start the workers first: lemon24/reader has its imports before its first round, too.
        await asyncio.gather(
            *(bot.archive.workers.run(begun, AWHILE, timeout=60.0) for _ in range(WORKERS))
        )
        send_message("ready")
        await next_line()
        async with StallMeter() as stalls:
            start, before = time.perf_counter(), time.process_time()
            reports = await newsroom.refresh_due(utc_now())
            seconds, processor = time.perf_counter() - start, time.process_time() - before
            _check(reports, len(addresses), Outcome.STORED, articles)
            send_message(
                {
                    "seconds": seconds,
                    "processor_s": processor,
                    "max_stall_ms": 1000 * stalls.longest,
                }
            )
            await next_line()
        took: list[float] = []
        async with StallMeter() as stalls:
            for _ in range(rounds):
                start = time.perf_counter()
                reports = await newsroom.refresh_all(await sources.all())
                took.append(time.perf_counter() - start)
                _check(reports, len(addresses), Outcome.NOT_MODIFIED, 0)
            send_message({"seconds": median(took), "max_stall_ms": 1000 * stalls.longest})
            await next_line()
        send_message({"peak_mib": peak_mib()})


def begun(seconds: float) -> None:
    """Load all that reading documents needs, then stay busy for some seconds. In a worker.

    A worker loads this once in its life, so it is no part of a round.
    """
    from news.documents import warm  # noqa: PLC0415  # as above
    from news.text.language import detect  # noqa: PLC0415  # as above

    warm()
    detect(SAMPLE)
    time.sleep(seconds)


def _check(reports: Sequence[RoundReport], sources: int, outcome: Outcome, articles: int) -> None:
    others = [
        f"{one.source}: {one.outcome} {one.reason} {one.detail}"
        for one in reports
        if one.outcome is not outcome
    ]
    new = sum(len(one.new) for one in reports)
    if others or len(reports) != sources or new != articles:
        raise RuntimeError(f"{len(reports)} rounds, {new} articles; {'; '.join(others[:5])}")


if __name__ == "__main__":
    url, folder, addresses, *numbers = sys.argv[1:]
    articles, rounds = map(int, numbers)
    asyncio.run(run(url, folder, json.loads(Path(addresses).read_text()), articles, rounds))
