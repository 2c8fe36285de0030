"""An update that a replica had begun to answer when it died: its reader is asked to repeat it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from storage.replicas.spread import shard_of
from storage.serving.lease import LeaseLostError
from storage.tables.replica_schema import shared_updates
from tests.bot.serving.running import (
    AGAIN,
    LONG_ENOUGH,
    acquainted,
    bot,
    is_over,
    running,
    until,
    waiting,
)

if TYPE_CHECKING:
    from bot.app import OnNews
    from playground.people.people import Person
    from playground.server import Playground

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
