"""`./dev bench corrections`: delivered copies that are edited a second, and answers meanwhile.

The whole bot runs in its own process. It has delivered one story to every reader; an editor
corrects it, and every copy is made again and edited, while readers ask for /latest and tap buttons.
A bare loop edits as many messages of the same server, before and after. Two more runs at a slower
pace compare the edits without errors and while a fifth of them gets a 502.

`python -m bench.corrections FOLDER SUBSCRIBERS SETS PACE URL` is the bot: it sends all subscribers
an edition with one story that all of them get, at PACE messages a second, and reports that. When it
gets a line, it corrects the story's headline, and reports the edits a second once all copies are
edited.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bench.harness.processes import figures, next_line, peak_mib, percentile, send_message, talking
from bench.harness.report import Metric
from bench.latency import LATER, all_due, all_sent
from bench.rigs.crowd import Crowd
from bench.rigs.news import day
from bench.rigs.whole import NO_LIMIT, serving
from bot.composition import utc_now
from storage.model import Filing, Grade, NewArticle, NewSource, Round

if TYPE_CHECKING:
    from datetime import datetime

    from bot.app import OnNews
    from bot.composition import Archive

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
    "peak_mib": Metric("peak memory of ON News", "MiB"),
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
    """Correct a story delivered in so many copies; return the figures and times of answers."""
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        rig = ("bench.corrections", folder, str(copies), str(SETS), str(pace))
        async with _ErringCrowd(errors) as crowd, talking(*rig, crowd.url) as bot:
            await bot.next_message()
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
    return found, times


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
        "copies": busy["changed"],
        "peak_mib": busy["peak_mib"],
    }


LOOK_EVERY = 0.2
EDITOR = 7


async def run(folder: str, readers: int, sets: int, pace: int, url: str) -> None:
    """Deliver, correct, and wait for a line to end."""
    async with serving(url, folder, per_second=pace) as bot:
        now = utc_now()
        await day.fill(bot.archive, now)
        article_id = await _story_of_all(bot.archive, now)
        keys = await day.keep_tastes(bot.archive.database, day.choices(sets))
        await day.subscribe(bot.archive.database, keys, readers, due=now + LATER, now=now)
        now = utc_now()
        due = now.replace(second=0, microsecond=0)
        await all_due(bot, due)
        await bot.parts.planner.plan_due(now)
        bot.parts.sender.kick()
        await all_sent(bot, due, readers)
        send_message("sent")
        await next_line()
        start = time.perf_counter()
        done = await bot.archive.amendments.correct(
            article_id,
            title="Prada buys Versace for 1.25 billion",
            grade=Grade.FACT,
            person_id=EDITOR,
            now=utc_now(),
        )
        bot.parts.corrector.kick()
        changed = await _changed(bot, done.correction or 0)
        seconds = time.perf_counter() - start
        send_message({"rate": changed / seconds, "changed": changed, "peak_mib": peak_mib()})
        await next_line()


async def _story_of_all(archive: Archive, now: datetime) -> int:
    """Store a story that every reader's edition contains, and return its id."""
    source = await archive.sources.add(
        NewSource("The Wire", "https://wire.example/feed", weight=100), now
    )
    sections = sorted({slug for story in day.stories() for slug in story.sections})
    link = "https://wire.example/versace"
    new = NewArticle(
        guid=link,
        link=link,
        title="Prada buys Versace for 1.25 million",
        standfirst="The deal creates an Italian group of two families.",
        body=None,
        image=None,
        author=None,
        language="en",
        published=now - timedelta(minutes=10),
        filings=tuple(Filing(slug, "bench") for slug in sections),
    )
    round_ = Round(source.id, now, now + timedelta(days=1), 86_400, articles=(replace(new),))
    article_id = (await archive.articles.store_all([round_]))[0].new[0]
    # As the lead story it is in the edition of those too whose choices leave no room for it.
    earlier, later = now - timedelta(hours=1), now + timedelta(hours=1)
    await archive.pins.lead(article_id, later, (), person_id=EDITOR, now=earlier)
    return article_id


async def _changed(bot: OnNews, correction_id: int) -> int:
    """Wait until no copy waits any more, and return how many were changed."""
    while True:
        found = await bot.archive.corrections.get(correction_id)
        if found is not None and found.changed and not found.waiting:
            return found.changed
        await asyncio.sleep(LOOK_EVERY)


if __name__ == "__main__":
    folder, readers, sets, pace, url = sys.argv[1:]
    asyncio.run(run(folder, int(readers), int(sets), int(pace), url))
