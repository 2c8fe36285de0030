"""`./dev bench soak [--seconds N]`: whether memory, descriptors and threads stay flat.

The whole bot runs in its own process as a private one, at Telegram's rate limits. All at once and
until the end, readers ask and tap, editions of 2,000 subscribers fall due, 60 feeds bring news, the
floods of `./dev bench flood` come in turn, thousands of sockets send half a request to the port of
/healthz, and strangers are refused.

`python -m bench.soak URL FOLDER FEEDS COUNT` is the bot: it prints the port of /healthz once it is
ready. FEEDS is the base address of COUNT numbered feeds. At each line `due`, all feeds are read,
the editions of some subscribers fall due, and it prints how many were sent so far. Any other
line ends it.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
import sys
import tempfile
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import aiohttp
import psutil
from aiohttp import web

from bench.flood import (
    ASKED,
    DUE,
    FLOODER,
    FLOODS,
    GROUP,
    GROUPS,
    LATER,
    PER_SECOND,
    SOCKETS,
    Town,
    fall_due,
)
from bench.harness.processes import (
    free_port,
    next_line,
    peak_mib,
    send_message,
    talking,
)
from bench.harness.report import Metric
from bench.rigs.crowd import FIRST_READER, READERS, private_chat
from bench.rigs.news import day
from bench.rigs.news.wording import Wording
from bench.rigs.whole import serving
from bot.composition import utc_now
from storage.model import NewSource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bench.harness.processes import Talk

SECONDS = 600.0
QUARTERS = ("quarter", "half", "three_quarters", "end")
"""The moments at which the process is measured."""
LOOK = 1.0
"""Seconds between two looks at the memory, from whose second half the slope is reckoned."""
FEEDS = 60
SHOWN = 20
"""Items of a feed, the newest ones."""
ROUND = 15.0
"""Seconds between two rounds of all feeds."""
NEWS_EVERY = 10
"""Rounds from one new item of a feed to the next, so that each round brings some feeds' news.

These 35,000 articles a day are more than 60 newspapers publish. The bot keeps those of the last
days in memory, so more of them would show as growth.
"""
FLOOD = 15.0
"""Seconds of each flood, after which the next one comes."""
STRANGERS = 4.0
"""Strangers who write a second."""
FIRST_STRANGER = 4_000_000_000
SAMPLES = 5
"""Looks at a process, of which the median counts."""
MIB = 1024 * 1024

FIGURES = {
    "memory_mib": Metric("resident memory of the bot, alone and with its workers", "MiB"),
    "memory_growth": Metric("memory of the bot at the end / after a quarter", at_most=1.1),
    "memory_slope": Metric("growth in the second half", "MiB/min", at_most=0.5),
    "descriptors": Metric("file descriptors of the bot"),
    "descriptors_more": Metric("descriptors at the end more than after a quarter", at_most=32.0),
    "threads": Metric("threads of the bot"),
    "threads_more": Metric("threads at the end more than after a quarter", at_most=4.0),
    "health_failures": Metric("requests of /healthz without status 200", at_most=0.0),
    "health_asked": Metric("requests of /healthz"),
    "editions": Metric("editions and alerts sent", at_least=1.0),
    "articles": Metric("articles that the feeds showed"),
    "strangers": Metric("strangers who wrote"),
    "half_open": Metric("half-open sockets in all", at_least=float(SOCKETS)),
    "log_kib": Metric("standard error of the bot", "KiB", at_most=64.0),
    "peak_mib": Metric("peak memory of the bot", "MiB"),
}


class Papers:
    """Feeds that have one more item at every tenth request; in each round others have one."""

    def __init__(self) -> None:
        self.articles = 0
        self._requests = [number % NEWS_EVERY for number in range(FEEDS)]
        self._items: dict[int, list[str]] = {number: [] for number in range(FEEDS)}
        self._wording = Wording("en", random.Random(5))  # noqa: S311  # the same in every run

    async def answer(self, request: web.Request) -> web.Response:
        """Answer with the newest items of a feed."""
        number = int(request.match_info["number"])
        items = self._items[number]
        self._requests[number] += 1
        is_new = self._requests[number] % NEWS_EVERY == 0
        for _ in range(is_new if items else SHOWN // 2):
            self.articles += 1
            site = f"https://paper{number}.example"
            items.insert(
                0,
                f"<item><title>{escape(self._wording.headline())}</title>"
                f"<link>{site}/{self.articles}</link><guid>{site}/{self.articles}</guid>"
                f"<pubDate>{format_datetime(datetime.now(UTC))}</pubDate>"
                f"<description>{escape(self._wording.standfirst())}</description></item>",
            )
        del items[SHOWN:]
        return web.Response(
            text='<?xml version="1.0"?><rss version="2.0"><channel>'
            f"<title>Paper {number}</title><link>https://paper{number}.example</link>"
            f"<description>News</description>{''.join(items)}</channel></rss>",
            content_type="application/rss+xml",
        )


@asynccontextmanager
async def _newsstand() -> AsyncIterator[tuple[Papers, str]]:
    """Serve the feeds; yield them with the base address of their numbers."""
    papers = Papers()
    app = web.Application()
    app.router.add_get("/{number}", papers.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield papers, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@dataclass(frozen=True, slots=True)
class ProcessSize:
    """The size of a process: memory in MiB, descriptors and threads."""

    memory: float
    with_workers: float
    descriptors: int
    threads: int


async def _size(pid: int) -> ProcessSize:
    """Return the median of several looks, since connections come and go."""
    process = psutil.Process(pid)
    looks = []
    for _ in range(SAMPLES):
        memory, together = process.memory_info().rss / MIB, 0.0
        for child in process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                together += child.memory_info().rss / MIB
        looks.append((memory, memory + together, process.num_fds(), process.num_threads()))
        await asyncio.sleep(1.0)
    middle = [sorted(each)[SAMPLES // 2] for each in zip(*looks, strict=True)]
    return ProcessSize(middle[0], middle[1], int(middle[2]), int(middle[3]))


@dataclass
class Soak:
    """The activities that run at once until `over` is set."""

    town: Town
    bot: Talk
    over: asyncio.Event = field(default_factory=asyncio.Event)
    editions: int = 0
    strangers: int = 0
    half_open: int = 0
    health: list[bool] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    """Minutes since the start, and the bot's resident memory in MiB."""

    async def pause(self, seconds: float) -> bool:
        """Wait some seconds or until the end; return whether it goes on."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), seconds)
        return not self.over.is_set()

    async def floods(self) -> None:
        """Run one flood after the other, except half-open sockets, which run all the time."""
        for name, flood in itertools.cycle(FLOODS.items()):
            if name == "half_open":
                continue
            begun = time.monotonic()
            await flood(self.town)
            if not await self.pause(max(0.0, FLOOD - (time.monotonic() - begun))):
                return

    async def sockets(self) -> None:
        """Keep half-open sockets open until the end."""
        async with talking("bench.rigs.half_open", str(self.town.port), str(SOCKETS)) as sockets:
            await sockets.next_message()
            await self.over.wait()
            sockets.say("end")
            self.half_open = await sockets.next_message()

    async def refusals(self) -> None:
        """Let strangers write, each of them once."""
        while await self.pause(1 / STRANGERS):
            stranger = FIRST_STRANGER + self.strangers
            self.town.say(stranger, private_chat(stranger), "/start")
            self.strangers += 1

    async def rounds(self) -> None:
        """Let feeds be read and editions fall due, round after round."""
        while True:
            begun = time.monotonic()
            self.bot.say(DUE)
            self.editions = await self.bot.next_message()
            if not await self.pause(max(0.0, ROUND - (time.monotonic() - begun))):
                return

    async def looks(self) -> None:
        """Note the bot's memory every second."""
        process, begun = psutil.Process(self.bot.pid), time.monotonic()
        while await self.pause(LOOK):
            minutes = (time.monotonic() - begun) / 60
            self.memory.append((minutes, process.memory_info().rss / MIB))

    def slope(self) -> float:
        """Return the growth of the bot's memory in the second half, in MiB a minute.

        It is the slope of the line with the least squares through all looks of that half.
        """
        half = self.memory[len(self.memory) // 2 :]
        line = statistics.linear_regression(*zip(*half, strict=True))
        return line.slope

    async def probes(self) -> None:
        """Request /healthz every second, each time by a new connection."""
        url = f"http://127.0.0.1:{self.town.port}/healthz"
        timeout = aiohttp.ClientTimeout(total=10.0)
        while await self.pause(1.0):
            connector = aiohttp.TCPConnector(force_close=True)
            async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
                try:
                    async with session.get(url) as answer:
                        self.health.append(answer.status == 200)
                except (TimeoutError, aiohttp.ClientError):
                    self.health.append(False)


async def measure(*, quick: bool = False, seconds: float | None = None) -> dict[str, Any]:
    """Run everything for ten minutes, or for `seconds`."""
    lasts = seconds or (SECONDS / 10 if quick else SECONDS)
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        async with (
            _newsstand() as (papers, feeds),
            Town(FLOOD) as town,
            talking("bench.soak", town.url, folder, feeds, str(FEEDS)) as bot,
        ):
            town.port = await bot.next_message()
            sizes = {"start": await _size(bot.pid)}
            soak = Soak(town, bot)
            begun = time.monotonic()
            asking = asyncio.create_task(town.ask_apart(ASKED, soak.over, taps=True))
            async with asyncio.TaskGroup() as tasks:
                for doing in (
                    *(soak.floods, soak.sockets, soak.refusals, soak.rounds),
                    *(soak.probes, soak.looks),
                ):
                    tasks.create_task(doing())
                for number, name in enumerate(QUARTERS, 1):
                    until = number / len(QUARTERS) * lasts
                    await asyncio.sleep(max(0.0, until - (time.monotonic() - begun)))
                    sizes[name] = await _size(bot.pid)
                soak.over.set()
            await asking
            peak, log_kib = peak_mib(bot.pid), bot.errors_size / 1024
            bot.say()
    warm, end = sizes[QUARTERS[0]], sizes[QUARTERS[-1]]
    return {
        "memory_mib": {name: each.memory for name, each in sizes.items()}
        | {f"{name}_with_workers": each.with_workers for name, each in sizes.items()},
        "memory_growth": end.memory / warm.memory,
        "memory_slope": soak.slope(),
        "descriptors": {name: each.descriptors for name, each in sizes.items()},
        "descriptors_more": end.descriptors - warm.descriptors,
        "threads": {name: each.threads for name, each in sizes.items()},
        "threads_more": end.threads - warm.threads,
        "health_failures": soak.health.count(False),
        "health_asked": len(soak.health),
        "editions": soak.editions,
        "articles": papers.articles,
        "strangers": soak.strangers,
        "half_open": soak.half_open,
        "log_kib": log_kib,
        "peak_mib": peak,
    }


SUBSCRIBERS = 2_000
FIRST_SUBSCRIBER = 10_000
AT_A_TIME = 100
"""Number of subscribers with an edition falling due together."""
FLOODERS = 2_000


def allowed() -> tuple[int, ...]:
    """Return the ids of all chats but those of strangers."""
    people = (
        range(FIRST_SUBSCRIBER, FIRST_SUBSCRIBER + SUBSCRIBERS),
        range(FIRST_READER, FIRST_READER + READERS),
        range(FLOODER, FLOODER + FLOODERS),
        range(GROUP - GROUPS, GROUP + 1),
    )
    return tuple(each for some in people for each in some)


async def run(url: str, folder: str, feeds: str, count: int) -> None:
    """Fill the tables, then read and deliver at each line."""
    port = free_port()
    async with serving(
        url, folder, per_second=PER_SECOND, metrics_port=port, allowed=allowed()
    ) as bot:
        begun = utc_now()
        archive = bot.archive
        await day.fill(archive, begun)
        keys = await day.keep_tastes(archive.database, day.choices(SUBSCRIBERS))
        await day.subscribe(
            archive.database,
            keys,
            SUBSCRIBERS,
            due=begun + LATER,
            now=begun,
            first_chat=FIRST_SUBSCRIBER,
        )
        services = bot.application.bot_data
        await services.known_chats.load(services.subscribers, utc_now())
        for number in range(count):
            await archive.sources.add(NewSource(f"Paper {number}", f"{feeds}/{number}"), begun)
        send_message(port)
        first = 0
        while await next_line() == DUE:
            ours = [each for each in await archive.sources.all() if each.url.startswith(feeds)]
            await archive.newsroom.refresh_all(ours)
            await fall_due(bot, FIRST_SUBSCRIBER + first, AT_A_TIME)
            first = (first + AT_A_TIME) % SUBSCRIBERS
            send_message(
                await day.sent_since(archive.database, begun.replace(second=0, microsecond=0))
            )


if __name__ == "__main__":
    url, folder, feeds, count = sys.argv[1:]
    asyncio.run(run(url, folder, feeds, int(count)))
