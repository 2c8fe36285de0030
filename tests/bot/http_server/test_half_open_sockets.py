"""Half-open sockets: the bot goes on answering and sending."""

from __future__ import annotations

import asyncio
import resource
import socket
import sqlite3
from contextlib import AsyncExitStack, asynccontextmanager, closing
from typing import TYPE_CHECKING

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bench.rigs.replicas.replicated import next_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.bot.conftest import Terminal

LONG_ENOUGH = 120
DESCRIPTORS = 1_024
SOCKETS = 1_050
HALF = b"POST /telegram HTTP/1.1\r\nHost: news.example\r\n"
LARGEST_LOG = 20_000
TITLE = "A coachbuilder opens its order book"


@asynccontextmanager
async def limited(terminal: Terminal) -> AsyncIterator[str]:
    """Run the bot with at most `DESCRIPTORS`; yield the address of its /healthz."""
    terminal.make()
    await terminal.run("sources", "add", "Motor", terminal.feed, "--unchecked", "-c", "motor")
    listen = f"127.0.0.1:{next_port()}"
    with (terminal.folder / "log").open("wb") as log:
        process = await terminal.start(
            "run",
            output=log.fileno(),
            descriptors=DESCRIPTORS,
            FETCH_EVERY="1",
            METRICS_ADDRESS=listen,
        )
    try:
        async with asyncio.timeout(LONG_ENOUGH):
            # With a user's name before it: the bot serves.
            while f"@{terminal.town.world.bot.username} answers" not in (text := logged(terminal)):
                assert process.returncode is None, text
                await asyncio.sleep(0.05)
        yield f"http://{listen}"
    finally:
        process.kill()
        await process.wait()


def logged(terminal: Terminal) -> str:
    return (terminal.folder / "log").read_text()


async def until_read(terminal: Terminal) -> None:
    """Wait until the source has been checked."""
    async with asyncio.timeout(LONG_ENOUGH):
        with closing(sqlite3.connect(terminal.folder / "onnews.db")) as archive:
            query = "SELECT count(*) FROM articles"
            while not archive.execute(query).fetchone()[0]:  # noqa: ASYNC110  # another process writes
                await asyncio.sleep(0.05)


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """Raise this process's limit, since it holds the other ends of the sockets."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * SOCKETS
    if before[0] < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("many_descriptors")
async def test_a_thousand_half_open_sockets_stop_neither_answers_nor_editions(
    terminal: Terminal,
) -> None:
    anna = terminal.town.person("Anna")
    terminal.town.newsstand.publish(TITLE, feed="motor", categories=["Motor"])
    async with limited(terminal) as url, AsyncExitStack() as half_open:
        loop, port = asyncio.get_running_loop(), int(url.rpartition(":")[2])
        for _ in range(SOCKETS):
            client = half_open.enter_context(socket.socket())
            client.setblocking(False)  # noqa: FBT003  # its name in the library
            await loop.sock_connect(client, ("127.0.0.1", port))
            await loop.sock_sendall(client, HALF)
        await until_read(terminal)
        await anna.start()
        await anna.next(timeout=LONG_ENOUGH)
        for label in ("Motor", "Done", "08:00"):
            await anna.tap(label)
            await anna.next(timeout=LONG_ENOUGH)
        await anna.tap("Milan")
        await anna.until(TITLE, timeout=LONG_ENOUGH)
        await anna.send("/help")
        assert "/latest" in (await anna.until("/latest", timeout=LONG_ENOUGH)).text
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{url}/healthz") as answer:
                assert (answer.status, await answer.text()) == (200, "ok\n")
                opened, _, limit = answer.headers["X-Descriptors"].partition(" of ")
                assert int(opened) < DESCRIPTORS // 2
                assert int(limit) == DESCRIPTORS
            async with session.get(f"{url}/metrics") as answer:
                text = await answer.text()
        gauges = {
            (each.name, *each.labels.values()): each.value
            for family in text_string_to_metric_families(text)
            for each in family.samples
        }
        assert gauges["onnews_descriptors_limit",] == DESCRIPTORS
        assert gauges["onnews_descriptors_open",] < DESCRIPTORS // 2
        assert gauges["onnews_http_connections", "METRICS_ADDRESS"] <= 256
        assert gauges["onnews_http_displaced_total", "METRICS_ADDRESS"] >= SOCKETS - 256
        assert len(logged(terminal)) < LARGEST_LOG
        assert "Traceback" not in logged(terminal)
