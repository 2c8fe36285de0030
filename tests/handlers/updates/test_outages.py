"""What a reader gets during and after a database outage."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from handlers.core.services.outage_retries import KEPT_OF_A_CHAT
from storage.db.outage import Outage
from tests.handlers.conftest import ask, press, start
from tests.plugins.databases import locked_file

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau

MOMENT = "One moment, please. I’ll answer shortly."


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the time until an outage is noticed and announced."""
    monkeypatch.setattr(Outage.__init__, "__kwdefaults__", {"every": 0.1, "steady": 60})
    monkeypatch.setattr("storage.db.sqlite.engines.BUSY_SECONDS", 0.1)
    monkeypatch.setattr("handlers.core.services.outage_retries.GRACE", 0.0)


async def test_a_newcomer_is_asked_to_wait_once_and_then_welcomed(
    bureau: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    ana = bureau.town.person("Ana")
    async with locked_file(bureau.onnews.archive.database.path):
        assert (await start(ana)).text == MOMENT
        await ana.send("/settings")
        while len(bureau.onnews.application.bot_data.outage_retries._waiting) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    texts = {(await ana.next()).text.partition("\n")[0] for _ in range(2)}
    assert "Welcome to ON News." in texts
    assert MOMENT not in texts
    assert await bureau.unread(ana) == []
    assert [r.name for r in caplog.records if r.levelname == "ERROR"] == ["storage.db.outage"]


async def test_known_people_read_on_in_an_outage_and_only_writes_wait(bureau: Bureau) -> None:
    ben = await bureau.reader("Ben")
    answer = await ask(ben, "/latest 1")
    card = await press(ben, "1", answer)
    async with locked_file(bureau.onnews.archive.database.path):
        answered = await ben.tap("Save", card)
        assert answered.text == MOMENT
        assert "Shanghai" in (await ask(ben, "/latest 1")).text
    await bureau.heard()
    subscriber = await bureau.subscriber(ben)
    while not await bureau.onnews.archive.saved.list(subscriber.id, limit=1):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_the_outage_notice_is_in_the_writers_language(bureau: Bureau) -> None:
    ugo = bureau.town.person("Ugo", "it")
    async with locked_file(bureau.onnews.archive.database.path):
        assert (await start(ugo)).text == "Un momento: ti rispondo tra poco."


async def test_a_short_outage_is_not_mentioned(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.core.services.outage_retries.GRACE", 120.0)
    ana = bureau.town.person("Ana")
    async with locked_file(bureau.onnews.archive.database.path):
        await ana.start()
        while bureau.onnews.archive.database.failure is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert (await ana.next()).text.startswith("Welcome")


async def test_after_an_outage_a_chats_newest_messages_are_answered(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    interrupted = bureau.onnews.application.bot_data.outage_retries
    async with locked_file(bureau.onnews.archive.database.path):
        for number in range(1, KEPT_OF_A_CHAT + 3):
            await ana.send(f"/latest {number}")
            while interrupted._tries.total() < number:  # noqa: ASYNC110 - PTB has no event for it
                await asyncio.sleep(0.01)
        assert len(interrupted._waiting) == KEPT_OF_A_CHAT
        assert (await ana.next()).text == MOMENT
    for _ in range(KEPT_OF_A_CHAT):
        assert "The latest" in (await ana.next()).text
    assert await bureau.unread(ana) == []
