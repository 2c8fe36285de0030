"""A new playground for each of its tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio
import telegram

from playground.server import Playground
from tests.playground.desk import Desk, Pages

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from playground.people.people import Person

Api = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def town(clock: Clock) -> AsyncIterator[Playground]:
    async with Playground(clock=clock) as playground:
        yield playground


@pytest.fixture
async def ana(town: Playground) -> Person:
    """Somebody who has pressed Start."""
    person = town.person("Ana Rossi", "it")
    await person.start()
    return person


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def api(town: Playground, http: aiohttp.ClientSession) -> Api:
    """Return a function that calls a method with a JSON body and returns the whole answer."""

    async def call(method: str, **params: object) -> dict[str, Any]:
        async with http.post(f"{town.url}/bot{town.token}/{method}", json=params) as answer:
            body: dict[str, Any] = await answer.json()
            assert body["ok"] == (answer.status == 200)
            if not body["ok"]:
                assert body["error_code"] == answer.status
            return body

    return call


@pytest.fixture
async def bot(town: Playground) -> AsyncIterator[telegram.Bot]:
    """The real client library."""
    async with telegram.Bot(
        town.token, base_url=f"{town.url}/bot", base_file_url=f"{town.url}/file/bot"
    ) as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pages(browser: Browser) -> Pages:
    """The pages of the browser."""
    return Pages(browser)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(pages: Pages) -> AsyncIterator[Desk]:
    async with Playground() as town:
        desk = Desk(town, pages)
        running = asyncio.create_task(desk.bot.run())
        yield desk
        await desk.close()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        assert desk.complaints == []
        assert [str(wrong) for wrong in town.violations] == []
        assert {url for url in desk.requested if not url.startswith((town.url, "data:"))} == set()
