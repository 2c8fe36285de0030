"""A process killed while many updates wait loses none of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from handlers.updates.lanes import MOST_BEGUN
from playground.server import Playground
from storage.model import NewSource
from storage.readers.waiting_updates import WaitingUpdates
from storage.sources.sources import Sources
from tests.handlers.conftest import MORNING, ask
from tests.journeys.killed import killing
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.plugins.fork_server import Forked, ForkServer

LONG_ENOUGH = 60.0
READERS = MOST_BEGUN + 24
AGAIN = "Try again in a minute."


def heard(town: Playground) -> set[int]:
    """Return the chats that got any message."""
    return {int(request.params["chat_id"]) for request in town.sent("sendMessage")}


async def test_a_kill_loses_no_update_and_asks_to_repeat_those_that_were_started(
    fork_server: ForkServer, sqlite_url: str, tmp_path: Path
) -> None:
    database = await migrated(sqlite_url)
    # With a source that is never asked it takes no others.
    await Sources(database).seed([NewSource("Paper", "https://paper.example/feed")], MORNING)
    for source in await Sources(database).all():
        await Sources(database).remove(source.id)
    waiting = WaitingUpdates(database)

    def life(town: Playground, per_second: int) -> AbstractAsyncContextManager[Forked]:
        settings = {"MESSAGES_PER_SECOND": str(per_second)}
        log = tmp_path / "log"
        return killing.life(
            fork_server, log, town.url, sqlite_url, token=town.token, settings=settings
        )

    async with Playground() as town:
        readers = [town.person(f"Reader {number}") for number in range(READERS)]
        for reader in readers:
            await reader.send("/help")
        async with life(town, per_second=1):
            # What waits is written down before more is asked for.
            while not await waiting.all():  # noqa: ASYNC110 - another process writes
                await asyncio.sleep(0.02)
        async with life(town, per_second=30):
            await town.until(lambda: len(heard(town)) >= READERS, LONG_ENOUGH)
            bystander = town.person("Bystander")
            await ask(bystander, "/help")
            async with asyncio.timeout(LONG_ENOUGH):
                while await waiting.all():  # noqa: ASYNC110 - another process strikes them off
                    await asyncio.sleep(0.02)
        texts = {reader.id: [message.text for message in reader.unread()] for reader in readers}
        asked = sum(text.endswith(AGAIN) for each in texts.values() for text in each)
        assert all(texts.values())
        assert all(len({*each}) == len(each) <= 2 for each in texts.values())
        assert 0 < asked <= MOST_BEGUN
    await database.close()
