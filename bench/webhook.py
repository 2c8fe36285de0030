"""`./dev bench webhook`: how soon posted updates are accepted, at 10,000 a minute.

The whole bot runs in its own process. Each update is posted at its time, however long earlier ones
take, and its duration counts from then; as Telegram does, over at most forty connections.

`python -m bench.webhook URL FOLDER PER_SECOND` is the bot: it prints its port once it is ready. At
each line `cost` it prints the processor seconds used so far. Any other line ends it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp

from bench.harness.processes import (
    free_port,
    next_line,
    peak_mib,
    percentile,
    send_message,
    talking,
)
from bench.harness.report import Metric
from bench.rigs.crowd import FIRST_READER, READERS, TOKEN, Crowd, private_chat
from bench.rigs.news import day
from bench.rigs.whole import WEBHOOK, serving
from bot.composition import utc_now
from bot.configuration.settings import Settings
from bot.telegram.webhook import CONNECTIONS, SECRET_HEADER, secret_of
from handlers.taps.callback_data import Save

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.harness.processes import Talk

A_MINUTE = 10_000
SECONDS = 60.0
PILING_UP = 10.0
"""Seconds in which all readers send requests, far above Telegram's limits.

Nearly as many requests then wait as may wait.
"""
WARM_UP = 3.0
PACE = 25
GROUPS = 200
MEMBERS = 5_000
FIRST_MEMBER = 2_000_000_000
OK = 200
TAPPED = 5
SAVE = Save(7, on=True).pack()

FIGURES = {
    "p99_ms": Metric("99 of 100 updates accepted within", "ms"),
    "longest_ms": Metric("every update accepted within", "ms", at_most=100.0),
    "accepted": Metric("updates accepted"),
    "refused": Metric("updates refused, to be posted again", at_most=0.0),
    "core": Metric("share of a core that the bot used"),
    "peak_mib": Metric("peak memory of the bot", "MiB"),
}


class Poster(Crowd):
    """Telegram and its people; each update is posted to the webhook."""

    def __init__(self) -> None:
        super().__init__()
        self._posts: asyncio.Queue[tuple[float, dict[str, Any]] | None] = asyncio.Queue()
        self.accepted: list[float] = []
        """Milliseconds from the time of each update until it was accepted."""
        self.statuses: Counter[int] = Counter()
        """HTTP status → number of posts not accepted."""

    def pass_on(self, update: dict[str, Any]) -> None:
        """Post the update as soon as a connection is free."""
        self._posts.put_nowait((time.perf_counter(), update))

    async def post_all(
        self, port: int, what: Iterator[Callable[[], object]], seconds: float
    ) -> None:
        """Make updates at a steady rate, and post each to a port of this machine."""
        headers = {
            SECRET_HEADER: secret_of(Settings(telegram_bot_token=TOKEN)),
            "Content-Type": "application/json",
        }
        url = f"http://127.0.0.1:{port}{urlsplit(WEBHOOK).path}"
        async with aiohttp.ClientSession(headers=headers) as session, asyncio.TaskGroup() as tasks:
            for _ in range(CONNECTIONS):
                tasks.create_task(self._post(session, url))
            loop = asyncio.get_running_loop()
            begun = loop.time()
            for number in range(int(seconds * A_MINUTE / 60)):
                await asyncio.sleep(begun + number * 60 / A_MINUTE - loop.time())
                next(what)()
            for _ in range(CONNECTIONS):
                self._posts.put_nowait(None)

    async def _post(self, session: aiohttp.ClientSession, url: str) -> None:
        while (happened := await self._posts.get()) is not None:
            when, update = happened
            async with session.post(url, data=json.dumps(update).encode()) as answer:
                await answer.read()
            if answer.status == OK:
                self.accepted.append(1000 * (time.perf_counter() - when))
            else:
                self.statuses[answer.status] += 1


def _busy(town: Poster) -> Iterator[Callable[[], object]]:
    """Yield the actions of many groups and readers at once, mostly messages to one another."""
    taps: set[asyncio.Task[float]] = set()

    def tap(reader: int, chat: dict[str, Any]) -> None:
        taps.add(asyncio.create_task(town.tap(reader, chat, SAVE)))

    for number in itertools.count():
        reader, chat = _reader(number % READERS)
        kind = number % 20
        if kind in {0, 10}:
            yield partial(town.say, reader, chat, "/latest")
        elif kind == TAPPED:
            yield partial(tap, reader, chat)
        elif kind in {7, 17}:
            yield partial(town.type_inline, reader, f"watches {reader % 50}")
        else:
            group = {"id": -1_000_000 - number % GROUPS, "type": "supergroup", "title": "Club"}
            member = FIRST_MEMBER + number % MEMBERS
            yield partial(town.say, member, group, "Have you seen the new one?")


def _commands(town: Poster) -> Iterator[Callable[[], object]]:
    """Yield requests for /latest by all readers."""
    for number in itertools.count():
        yield partial(town.say, *_reader(number), "/latest")


def _reader(number: int) -> tuple[int, dict[str, Any]]:
    reader = FIRST_READER + number
    return reader, private_chat(reader)


async def _load(
    town: Poster,
    bot: Talk,
    port: int,
    what: Iterator[Callable[[], object]],
    seconds: float,
) -> dict[str, float]:
    await town.post_all(port, what, min(WARM_UP, seconds))
    town.accepted.clear()
    town.statuses.clear()
    bot.say(COST)
    before, start = await bot.next_message(), time.perf_counter()
    await town.post_all(port, what, seconds)
    took = time.perf_counter() - start
    bot.say(COST)
    return {
        "p99_ms": percentile(town.accepted, 0.99),
        "longest_ms": max(town.accepted),
        "accepted": len(town.accepted),
        "refused": town.statuses.total(),
        "core": (await bot.next_message() - before) / took,
        "peak_mib": peak_mib(bot.pid),
    }


async def measure(*, quick: bool = False) -> dict[str, Any]:
    """Post one load after another."""
    scale = 10 if quick else 1
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        async with (
            Poster() as town,
            talking("bench.webhook", town.url, folder, str(PACE)) as bot,
        ):
            port = await bot.next_message()
            found["a_busy_minute"] = await _load(town, bot, port, _busy(town), SECONDS / scale)
            found["all_ask_at_once"] = await _load(
                town, bot, port, _commands(town), PILING_UP / scale
            )
            bot.say()
    return {key: {load: figures[key] for load, figures in found.items()} for key in FIGURES}


COST = "cost"


async def run(url: str, folder: str, per_second: int) -> None:
    """Fill the tables, and serve the webhook until a line other than `cost` arrives."""
    port = free_port()
    async with serving(url, folder, per_second=per_second, webhook_port=port) as bot:
        await day.fill(bot.archive, utc_now())
        send_message(port)
        while await next_line() == COST:
            send_message(time.process_time())


if __name__ == "__main__":
    url, folder, per_second = sys.argv[1:]
    asyncio.run(run(url, folder, int(per_second)))
