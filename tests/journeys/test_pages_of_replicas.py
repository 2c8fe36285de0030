"""The pages of editions with three replicas as real processes: each serves every link."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiohttp
from sqlalchemy import make_url

from bench.rigs.replicas.replicated import ReplicaTown, next_port, replicas
from storage.readers.access import Access
from storage.readers.page_links import PageLinks
from storage.readers.privacy.forgetting import Forgetting
from storage.readers.subscribers import Subscribers
from tests.journeys.crowd import Reader, print_stories, subscribe
from tests.journeys.dying_replicas import LONG_ENOUGH, SETTINGS, Watch
from tests.journeys.forked_program import ForkedProgram
from tests.plugins.archive import there
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.harness.postgresql import DatabaseServer
    from bench.rigs.replicas.replicated import ReplicaProcess
    from tests.plugins.fork_server import ForkServer


async def serve_pages(replica: ReplicaProcess) -> str:
    """Start a replica again with pages; return where it serves them."""
    listen = f"127.0.0.1:{next_port()}"
    await replica.end(signal.SIGTERM)
    replica.settings |= {"PAGES_URL": "https://news.example/editions", "PAGES_LISTEN": listen}
    await replica.start()
    return f"http://{listen}/editions"


async def answers(places: Sequence[str], secret: str) -> set[int]:
    """Return the statuses with which replicas answer the page and feeds of a link."""
    async with aiohttp.ClientSession() as session:

        async def status(url: str) -> int:
            async with session.get(url) as response:
                return response.status

        return {
            await status(f"{place}/{secret}{part}")
            for place in places
            for part in ("", "/feed.xml", "/feed.json")
        }


async def test_each_replica_serves_a_link_until_it_ends_on_all_with_the_next_request(
    postgresql_url: str, mortal: DatabaseServer, fork_server: ForkServer
) -> None:
    database = await migrated(postgresql_url)
    now = datetime.now(UTC)
    await print_stories(database, now)
    links, subscribers = PageLinks(database), Subscribers(database)
    name = make_url(postgresql_url).database or ""
    async with (
        asyncio.timeout(LONG_ENOUGH),
        ReplicaTown(patience=LONG_ENOUGH) as town,
        replicas(
            *(town, name, mortal.socket, 3),
            settings=SETTINGS,
            program=ForkedProgram(fork_server=fork_server),
        ) as processes,
    ):
        all_ = [await serve_pages(each) for each in processes]
        await Watch(database).spread_over(3)
        while await answers(all_, "x" * 22) != {404}:  # noqa: ASYNC110 - processes have no event for it
            await asyncio.sleep(0.02)
        await subscribe(database, [Reader(chat) for chat in (1, 2, 3)], now)
        first, second, third = [there(await subscribers.find(chat)).id for chat in (1, 2, 3)]
        old = await links.renew(first, now)
        assert await answers(all_, old) == {200}
        new = await links.renew(first, now)
        assert await answers(all_, old) == {404}
        assert await answers(all_, new) == {200}
        await links.drop(first)
        assert await answers(all_, new) == {404}
        banned, forgotten = await links.renew(second, now), await links.renew(third, now)
        await Access(database).decide(2, allowed=False, now=now)
        assert await answers(all_, banned) == {404}
        # The others serve on without one of them.
        await processes[0].end(signal.SIGKILL)
        assert await answers(all_[1:], forgotten) == {200}
        await Forgetting(database).forget(3)
        assert await answers(all_[1:], forgotten) == {404}
        secrets = (old, new, banned, forgotten)
        logs = [each.log.read_text("utf-8") for each in processes]
        assert not [log for log in logs if any(secret in log for secret in secrets)]
    await database.close()
