"""An update that a replica had begun to answer when it died: its reader is asked to repeat it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, insert, select

from bot.app import OnNews
from bot.configuration.settings import Settings
from storage.replicas.spread import shard_of
from storage.serving.lease import LeaseLostError
from storage.tables.replica_schema import shared_updates
from tests.bot.serving.running import LONG_ENOUGH, running, until
from tests.handlers.conftest import hurried

if TYPE_CHECKING:
    from playground.people.people import Person
    from playground.server import Playground

AGAIN = "Try again in a minute"
TRIES = 7
"""More requests than one try to ask makes, so that the outage lasts longer."""


def written(reader: Person) -> dict[str, Any]:
    """Return what Telegram sends when a reader writes."""
    chat = {"id": reader.id, "type": "private"}
    return {"message_id": 900, "date": 1, "chat": chat, "from": by(reader), "text": "/help"}


def by(reader: Person) -> dict[str, Any]:
    return {"id": reader.id, "is_bot": False, "first_name": reader.name}


async def leave(onnews: OnNews, reader: Person, *, begun: bool = True, **body: Any) -> None:  # noqa: ANN401
    """Add an update as a dead replica leaves it, and have it claimed.

    Args:
        onnews: The bot that claims it.
        reader: Whoever wrote or tapped.
        begun: Whether the dead replica had begun to answer.
        body: Telegram's update.
    """
    row = {
        "update_id": 1_000_000,
        "shard": shard_of(reader.id),
        "body": json.dumps({"update_id": 1_000_000, **body}),
        "fetched": onnews.clock(),
        "begun": begun,
    }
    async with onnews.archive.database.writing() as connection:
        await connection.execute(insert(shared_updates).values(row))
    assert onnews._sharing is not None
    onnews._sharing.updates.is_on = True


class Refusal:
    """A process that has lost its place, and may send nothing."""

    def __init__(self) -> None:
        self.met = asyncio.Event()

    async def __call__(self) -> None:
        """Refuse.

        Raises:
            LeaseLostError: Always.
        """
        self.met.set()
        raise LeaseLostError


async def acquainted(town: Playground) -> tuple[Person, str]:
    """Return a reader who has written to the bot, and the answer to /help."""
    reader = town.person("Ana")
    await reader.send("/help")
    return reader, (await reader.next()).text


async def waiting(onnews: OnNews) -> int:
    """Return the number of updates without an answer."""
    open_ = select(func.count()).where(shared_updates.c.ended.is_(None))
    return await onnews.archive.database.read(lambda c: c.execute(open_).scalar_one())


async def is_over(onnews: OnNews) -> None:
    """Wait until no update waits for an answer."""
    async with asyncio.timeout(LONG_ENOUGH):
        while await waiting(onnews):  # noqa: ASYNC110 - nothing there could wake us
            await asyncio.sleep(0.01)


def bot(town: Playground, url: str) -> OnNews:
    settings = Settings(telegram_bot_token=town.token, telegram_api_url=town.url, database_url=url)
    onnews = OnNews(settings, first_sources=(), rate_limiter=hurried())
    onnews._request._pauses = (0.0, 0.0)
    return onnews


@pytest.mark.parametrize("fault", [{"reset": True}, {"status": 502}], ids=["cut", "bad gateway"])
async def test_a_reader_is_asked_once_after_telegram_was_away(
    town: Playground, postgresql_url: str, fault: dict[str, Any]
) -> None:
    async with running(bot(town, postgresql_url)) as onnews:
        reader, _ = await acquainted(town)
        away = town.faults.add(method="sendMessage", times=None, **fault)
        await leave(onnews, reader, message=written(reader))
        await until(lambda: away.hits >= TRIES)
        assert await waiting(onnews) == 1
        town.faults.clear()
        assert AGAIN in (await reader.next()).text
        await is_over(onnews)
        assert reader.unread() == []


async def test_a_reader_whose_button_was_released_before_is_asked_in_the_chat(
    town: Playground, postgresql_url: str
) -> None:
    async with running(bot(town, postgresql_url)) as onnews:
        reader, _ = await acquainted(town)
        tap = {"id": "77", "from": by(reader), "chat_instance": "1", "data": "x"}
        await leave(onnews, reader, callback_query={**tap, "message": written(reader)})
        assert AGAIN in (await reader.next()).text
        await is_over(onnews)


async def test_an_update_is_not_lost_with_the_place_of_the_process_that_was_to_answer_it(
    town: Playground, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Refusal()
    async with running(bot(town, postgresql_url)) as onnews:
        reader, help_text = await acquainted(town)
        with monkeypatch.context() as patch:
            patch.setattr(onnews.application, "_permit", refusal)
            await leave(onnews, reader, begun=False, message=written(reader))
            await asyncio.wait_for(refusal.met.wait(), LONG_ENOUGH)
        # Nothing was sent, so it is answered.
        assert (await reader.next()).text == help_text
        await is_over(onnews)


async def test_a_reader_whose_answer_lost_its_place_is_asked_by_the_next_process(
    town: Playground, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Refusal()
    async with running(bot(town, postgresql_url)) as onnews:
        reader, _ = await acquainted(town)
        monkeypatch.setattr(onnews._request, "_permit", refusal)
        await leave(onnews, reader, begun=False, message=written(reader))
        await asyncio.wait_for(refusal.met.wait(), LONG_ENOUGH)
    async with running(bot(town, postgresql_url)) as onnews:
        assert onnews._sharing is not None
        onnews._sharing.updates.is_on = True
        assert AGAIN in (await reader.next()).text
        await is_over(onnews)


async def test_a_reader_who_has_blocked_the_bot_meanwhile_is_not_asked_again_and_again(
    town: Playground, postgresql_url: str
) -> None:
    async with running(bot(town, postgresql_url)) as onnews:
        reader, _ = await acquainted(town)
        reader.block()
        await leave(onnews, reader, message=written(reader))
        await is_over(onnews)
