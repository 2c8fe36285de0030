"""A process that is alone and killed at any moment leaves no step without an answer."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from playground.server import Playground
from storage.model import NewSource
from storage.sources.sources import Sources
from tests.handlers.conftest import MORNING
from tests.journeys.killed import killing
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from playground.people.people import Person
    from playground.people.seen import Message
    from tests.plugins.fork_server import Forked, ForkServer

import pytest

AGAIN = "Try again in a minute"
LONG_ENOUGH = 60.0
READERS = 16
KILLS = 8
PAGE = "Days"
"""A button of the settings that shows another page of them."""
SEED = 20261202


@pytest.fixture
async def lives(
    fork_server: ForkServer, database_url: str, tmp_path: Path
) -> AsyncIterator[Callable[[Playground], AbstractAsyncContextManager[Forked]]]:
    """Run the bot in its own process on one database, without any source."""
    database = await migrated(database_url)
    # With a source that is never asked it takes no others.
    await Sources(database).seed([NewSource("Paper", "https://paper.example/feed")], MORNING)
    for source in await Sources(database).all():
        await Sources(database).remove(source.id)
    await database.close()
    # So that relative paths begin here.
    (tmp_path / ".env").touch()

    def life(town: Playground) -> AbstractAsyncContextManager[Forked]:
        log = tmp_path / "log"
        return killing.life(fork_server, log, town.url, database_url, token=town.token, settings={})

    yield life
    assert "Traceback" not in (tmp_path / "log").read_text()


async def with_menu(reader: Person) -> Message:
    """Return the message with buttons that a reader gets for /settings."""
    await reader.send("/settings")
    return await reader.next(timeout=LONG_ENOUGH)


async def taps(reader: Person, menu: Message) -> None:
    """Tap a button that opens a page, and wait for an answer: the page, or a line to repeat it."""
    answered = await reader.tap(PAGE, menu, timeout=LONG_ENOUGH)
    if AGAIN not in answered.text:
        await reader.next(timeout=LONG_ENOUGH)


async def writes(reader: Person) -> None:
    """Send a command, and wait for its answer."""
    await reader.send("/help")
    await reader.next(timeout=LONG_ENOUGH)


async def test_readers_whose_answers_were_cut_off_by_a_kill_are_asked_to_repeat_once(
    lives: Callable[[Playground], AbstractAsyncContextManager[Forked]],
) -> None:
    async with Playground() as town:
        writer, tapper, bystander = (town.person(name) for name in ("Ana", "Ben", "Cleo"))
        async with lives(town) as process:
            menu = await with_menu(tapper)
            held = [
                town.faults.add(method="sendMessage", chat_id=writer.id, hold=True),
                town.faults.add(method="editMessageText", chat_id=tapper.id, hold=True),
            ]
            await writer.send("/help")
            tapping = asyncio.create_task(tapper.tap(PAGE, menu, timeout=LONG_ENOUGH))
            await town.until(lambda: all(each.hits for each in held))
            process.kill()
            await process.wait()
        for _ in range(2):
            async with lives(town) as process:
                await writes(bystander)
                process.kill()
                await process.wait()
        assert [AGAIN in each.text for each in writer.unread()] == [True]
        answered = await tapping
        asked = [answered.text, *(each.text for each in tapper.unread())]
        assert sum(AGAIN in each for each in asked) == 1


async def test_no_step_is_lost_by_kills_at_arbitrary_moments(
    lives: Callable[[Playground], AbstractAsyncContextManager[Forked]],
) -> None:
    dice = random.Random(SEED)  # noqa: S311 - when to kill, no secret
    async with Playground() as town:
        readers = [town.person(f"Reader {number}") for number in range(READERS)]
        bystander = town.person("Bystander")
        for _ in range(KILLS):
            steps: list[asyncio.Task[None]] = []
            async with lives(town) as process:
                await writes(bystander)
                for reader in readers:
                    reader.unread()
                menus = await asyncio.gather(*map(with_menu, readers))
                requests = len(town.requests) + dice.randint(1, 2 * READERS)
                for number, (reader, menu) in enumerate(zip(readers, menus, strict=True)):
                    step = taps(reader, menu) if number % 2 else writes(reader)
                    steps.append(asyncio.create_task(step))
                await town.until(lambda least=requests: len(town.requests) >= least)  # type: ignore[misc]  # bound now
                process.kill()
                await process.wait()
            async with lives(town):
                await asyncio.gather(*steps)
                await writes(bystander)
