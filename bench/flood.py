"""`./dev bench flood [--only WORD]`: how a flood affects readers who have no part in it.

The whole bot runs in its own process, at Telegram's rate limits. Uninvolved readers and an operator
ask for /latest and tap buttons over HTTP while one chat, one person or many flood the bot, and
while editions fall due. Strangers flood a bot that is open to everyone, and a private one.
Thousands of sockets send half a request to the port of /healthz.

`python -m bench.flood URL FOLDER ROUNDS [ALLOWED …]` is the bot: it prints the port of /healthz
once it is ready. At each line `due`, the editions of some more subscribers fall due, and it
reports when that is done. Any other line ends it.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import sys
import tempfile
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from bench import OptionError
from bench.harness.processes import (
    free_port,
    next_line,
    peak_mib,
    percentile,
    send_message,
    talking,
)
from bench.harness.report import Metric
from bench.rigs.crowd import FIRST_READER, READERS, Crowd, private_chat
from bench.rigs.news import day
from bench.rigs.whole import serving
from bot.composition import utc_now
from handlers.taps.callback_data import OpenCard
from storage.tables.reader_schema import subscribers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from bot.app import OnNews

SECONDS = 30.0
"""Duration of each flood in seconds; editions fall due in the middle of it."""
ASKED = 8.0
"""Requests a second of uninvolved readers, every second one a tap."""
WARM_UP = 2.0
FLOODER = 2_000_000_000
GROUP = -1_000_000
MEMBERS = 150
GROUPS = 20
WRITTEN_EVERY = 2.0
"""Seconds between two commands in each of the flooding groups."""
STRANGER = 3_000_000_000
STRANGERS = 2_000
NEWCOMER = STRANGER + STRANGERS
"""The first id of the strangers who only press Start."""
STRANGE_GROUPS = 300
OPERATOR_ASKS = 1.0
"""Seconds between two requests of the operator."""
ANSWERED_WITHIN = 240.0
SOCKETS = 5_000
"""Number of half-open sockets."""
STORY = OpenCard(7).pack()
_CHAT = re.compile(rb"(?:^|&)chat_id=(\d+)")

FIGURES = {
    "other_p99_ms": Metric("99 of 100 answers to the uninvolved within", "ms", at_most=300.0),
    "tap_p99_ms": Metric("99 of 100 taps, the flood's own too, within", "ms", at_most=150.0),
    "operator_s": Metric("the slowest answer to the operator", "s", at_most=1.0),
    "strangers_s": Metric("the last of 2,000 strangers is answered after", "s"),
    "edition_late_s": Metric("the last edition after it fell due", "s", at_most=10.0),
    "peak_mib": Metric("peak memory of the bot", "MiB"),
}


class Town(Crowd):
    """The readers and the floods, with the times at which editions arrive."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds
        self.port = 0
        """The bot's port for /healthz."""
        self.taps: list[float] = []
        """Milliseconds that each tap of the flood took."""
        self._editions: dict[int, asyncio.Future[float]] = {}
        self._strangers: set[int] = set()
        self.answered = asyncio.Event()
        """Set once each stranger has had an answer."""

    def carried_out(self, method: str, body: bytes) -> None:
        """Note an answer, and the first message to a subscriber who awaits an edition."""
        super().carried_out(method, body)
        found = _CHAT.search(body) if method == "sendMessage" else None
        if found and NEWCOMER <= int(found[1]) < NEWCOMER + STRANGERS:
            self._strangers.add(int(found[1]))
            if len(self._strangers) == STRANGERS:
                self.answered.set()
        came = self._editions.get(int(found[1])) if found else None
        if came is not None and not came.done():
            came.set_result(time.perf_counter())

    async def editions(self, first: int) -> float:
        """Wait for the editions of `EDITIONS` subscribers; return when the last one arrived."""
        loop = asyncio.get_running_loop()
        self._editions = {chat: loop.create_future() for chat in range(first, first + EDITIONS)}
        return max(await asyncio.gather(*self._editions.values()))

    async def operator(self, over: asyncio.Event) -> float:
        """Send requests as the operator until `over` is set; return the longest wait in seconds."""
        chat, slowest = private_chat(OPERATOR), 0.0
        while not over.is_set():
            slowest = max(slowest, await self.command(OPERATOR, chat, "/latest"))
            await asyncio.sleep(OPERATOR_ASKS)
        return slowest

    async def flood_tap(self, person: int, chat: dict[str, Any], data: str, message: int) -> None:
        """Tap a button as part of a flood, and note the milliseconds."""
        self.taps.append(1000 * await self.tap(person, chat, data, message))


def _group(number: int = 0) -> dict[str, Any]:
    return {"id": GROUP - number, "type": "supergroup", "title": "Club"}


def _members() -> Iterator[int]:
    return itertools.cycle(range(FLOODER, FLOODER + MEMBERS))


async def _nothing(town: Town) -> None:
    del town


async def _one_person(town: Town) -> None:
    for _ in range(200):
        town.say(FLOODER, private_chat(FLOODER), "/latest")


async def _one_group(town: Town) -> None:
    commands = itertools.cycle(("/latest", "/help", "/search watches", "/latest motor"))
    for member, command in itertools.islice(zip(_members(), commands, strict=False), MEMBERS):
        town.say(member, _group(), command)


async def _one_story(town: Town) -> None:
    async with asyncio.TaskGroup() as taps:
        for member in itertools.islice(_members(), 120):
            taps.create_task(town.flood_tap(member, _group(), STORY, 1))
            await asyncio.sleep(town.seconds / 120)


async def _inline_of_one(town: Town) -> None:
    for number in range(2_000):
        town.type_inline(FLOODER, f"watches {number % 50}")


async def _inline_of_many(town: Town) -> None:
    for number in range(2_000):
        town.type_inline(FLOODER + number, f"watches {number % 50}")


async def _life_of_groups(town: Town) -> None:
    members = _members()
    for round_ in range(int(town.seconds / WRITTEN_EVERY)):
        for number in range(GROUPS):
            command = ("/latest", "/search mall", "/latest 3")[(round_ + number) % 3]
            town.say(next(members), _group(number), command)
            for _ in range(4):
                town.say(next(members), _group(number), "Have you seen the new one?")
            await asyncio.sleep(WRITTEN_EVERY / GROUPS)


async def _strangers(town: Town) -> None:
    for number in range(NEWCOMER, NEWCOMER + STRANGERS):
        town.say(number, private_chat(number), "/start")


async def _taps_of_strangers(town: Town) -> None:
    strangers = range(STRANGER, STRANGER + STRANGERS)
    await asyncio.gather(*(town.tap(number, private_chat(number), STORY) for number in strangers))


async def _strange_groups(town: Town) -> None:
    for command in ("/latest", "/help", "/search watches"):
        for number in range(STRANGE_GROUPS):
            town.say(STRANGER + number, _group(100 + number), command)


async def _members_of_one(town: Town) -> None:
    for number in range(STRANGERS):
        town.say(STRANGER + number, _group(), f"/latest {number % 9 + 1}")


async def _edits(town: Town) -> None:
    for number in range(STRANGER, STRANGER + STRANGERS):
        town.edit(number, private_chat(number), "/latest")


async def _half_open(town: Town) -> None:
    async with talking("bench.rigs.half_open", str(town.port), str(SOCKETS)) as sockets:
        await sockets.next_message()
        await asyncio.sleep(town.seconds)
        sockets.say("end")
        await sockets.next_message()


FLOODS: dict[str, Callable[[Town], Awaitable[None]]] = {
    "nothing": _nothing,
    "one_person": _one_person,
    "one_group": _one_group,
    "one_story": _one_story,
    "inline_of_one": _inline_of_one,
    "inline_of_many": _inline_of_many,
    "life_of_groups": _life_of_groups,
    "half_open": _half_open,
    "edits": _edits,
    "strange_groups": _strange_groups,
    "members_of_one": _members_of_one,
    "strangers": _strangers,
}
PRIVATE: dict[str, Callable[[Town], Awaitable[None]]] = {
    "private_taps": _taps_of_strangers,
    "private_groups": _strange_groups,
    "private_members": _members_of_one,
    "private_strangers": _strangers,
}
"""Floods of a private bot that admits its readers and one group."""


async def measure(*, quick: bool = False, only: str = "") -> dict[str, Any]:
    """Run each flood against the bot, one after another, or those with a word in their name."""
    figures: dict[str, dict[str, float]] = {name: {} for name in FIGURES}
    readers = range(FIRST_READER, FIRST_READER + READERS)
    for floods, allowed in (FLOODS, ()), (PRIVATE, (GROUP, *readers)):
        chosen = {name: flood for name, flood in floods.items() if only in name}
        if chosen:
            await _let_come(chosen, allowed, figures, quick=quick)
    if not figures["tap_p99_ms"]:
        raise OptionError(f"no flood has {only} in its name")
    return {name: values for name, values in figures.items() if values}


async def _let_come(
    floods: Mapping[str, Callable[[Town], Awaitable[None]]],
    allowed: Sequence[int],
    figures: dict[str, dict[str, float]],
    *,
    quick: bool,
) -> None:
    """Run floods one after another against a bot that admits `allowed`; empty for everyone."""
    seconds = SECONDS / 10 if quick else SECONDS
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        arguments = (str(len(floods)), *map(str, allowed))
        async with (
            Town(seconds) as town,
            talking("bench.flood", town.url, folder, *arguments) as bot,
        ):
            town.port = await bot.next_message()
            await town.ask_for(ASKED, WARM_UP, taps=True)
            for number, (name, flood) in enumerate(floods.items()):
                town.taps = []
                over = asyncio.Event()
                asking = asyncio.create_task(town.ask_apart(ASKED, over, taps=True))
                begun = time.perf_counter()
                flooding = asyncio.create_task(_awaited(flood(town)))
                operator = asyncio.create_task(town.operator(over))
                await asyncio.sleep(seconds / 2)
                coming = asyncio.create_task(town.editions(FIRST_SUBSCRIBER + number * EDITIONS))
                due = time.perf_counter()
                bot.say(DUE)
                await bot.next_message()
                late = figures["edition_late_s"][name] = await coming - due
                await asyncio.sleep(max(0.0, seconds / 2 - late))
                await flooding
                if flood is _strangers:
                    await asyncio.wait_for(town.answered.wait(), ANSWERED_WITHIN)
                    figures["strangers_s"][name] = time.perf_counter() - begun
                over.set()
                asked, tapped = await asking
                figures["operator_s"][name] = await operator
                figures["other_p99_ms"][name] = percentile(asked, 0.99)
                figures["tap_p99_ms"][name] = percentile(tapped + town.taps, 0.99)
            figures["peak_mib"]["private" if allowed else "open"] = peak_mib(bot.pid)
            bot.say()


async def _awaited(flood: Awaitable[None]) -> None:
    await flood


EDITIONS = 20
"""Number of subscribers with an edition falling due together."""
FIRST_SUBSCRIBER = 1_000
"""The chat of the first subscriber."""
PER_SECOND = 25
OPERATOR = 999_999_999
DUE = "due"
LATER = timedelta(hours=1)


async def fall_due(bot: OnNews, first: int, count: int) -> None:
    """Let the editions of `count` subscribers fall due, starting with the chat `first`."""
    now = utc_now()
    async with bot.archive.database.writing() as connection:
        await connection.execute(
            update(subscribers)
            .where(subscribers.c.chat_id.between(first, first + count - 1))
            .values(next_at=now.replace(second=0, microsecond=0))
        )
    await bot.parts.planner.plan_due(now)
    bot.parts.sender.kick()


async def run(url: str, folder: str, rounds: int, allowed: tuple[int, ...]) -> None:
    """Fill the tables, and deliver at each line."""
    port = free_port()
    async with serving(
        url,
        folder,
        per_second=PER_SECOND,
        metrics_port=port,
        admins=(OPERATOR,),
        allowed=allowed,
    ) as bot:
        now = utc_now()
        await day.fill(bot.archive, now)
        count = rounds * EDITIONS
        keys = await day.keep_tastes(bot.archive.database, day.choices(count))
        await day.subscribe(
            bot.archive.database,
            keys,
            count,
            due=now + LATER,
            now=now,
            first_chat=FIRST_SUBSCRIBER,
        )
        send_message(port)
        first = FIRST_SUBSCRIBER
        while await next_line() == DUE:
            await fall_due(bot, first, EDITIONS)
            first += EDITIONS
            send_message("due")


if __name__ == "__main__":
    url, folder, rounds, *allowed = sys.argv[1:]
    asyncio.run(run(url, folder, int(rounds), tuple(map(int, allowed))))
