"""`onnews readers list` on both databases."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated
from storage.model import ChatKind, State
from storage.readers.managers import Managers
from storage.readers.subscribers import Subscribers

if TYPE_CHECKING:
    from tests.bot.conftest import Terminal

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
CHATS = (
    (55, 0, ChatKind.PRIVATE),
    (66, 0, ChatKind.PRIVATE),
    (-1001, 0, ChatKind.CHANNEL),
    (-1002, 7, ChatKind.TOPIC),
)


@pytest.fixture
async def url(database_url: str) -> str:
    """Return the address of a database with two people, a channel and a topic."""
    database = Database(database_url)
    await open_migrated(database)
    subscribers = Subscribers(database)
    made = [
        (
            await subscribers.ensure(
                chat_id,
                thread_id=thread_id,
                kind=kind,
                language="en",
                zone="Europe/Rome",
                digest_minute=480,
                now=NOW,
            )
        )[0]
        for chat_id, thread_id, kind in CHATS
    ]
    await subscribers.change(made[1].id, state=State.STOPPED)
    managers = Managers(database)
    for person in made[:2]:
        await managers.add(made[2].id, person.id, "[Luxury] Milan", NOW)
    await managers.add(made[3].id, made[0].id, "Drivers › Motor", NOW)
    await database.close()
    return database_url


async def test_readers_list_shows_every_reader_without_personal_names(
    terminal: Terminal, url: str
) -> None:
    printed = await terminal.run("readers", "list", DATABASE_URL=url)
    lines = [each.split() for each in printed.splitlines()]
    assert ["1", "55", "private", "active"] in lines
    assert ["2", "66", "private", "stopped"] in lines
    assert ["3", "-1001", "channel", "active", "[Luxury]", "Milan"] in lines
    assert ["4", "-1002/7", "topic", "active", "Drivers", "›", "Motor"] in lines
    assert lines[-1] == ["4", "readers:", "3", "active,", "1", "stopped"]
    assert await terminal.run("readers", DATABASE_URL=url) == printed


async def test_readers_list_prints_the_same_as_json(terminal: Terminal, url: str) -> None:
    printed = json.loads(await terminal.run("readers", "list", "--json", DATABASE_URL=url))
    assert [each["chat_id"] for each in printed["readers"]] == [55, 66, -1001, -1002]
    assert printed["readers"][2] == {
        "id": 3,
        "chat_id": -1001,
        "topic": None,
        "kind": "channel",
        "state": "active",
        "last_edition": None,
        "title": "[Luxury] Milan",
    }
    assert (printed["readers"][3]["topic"], printed["readers"][0]["title"]) == (7, None)


async def test_readers_list_of_a_new_database_is_empty(terminal: Terminal) -> None:
    await terminal.run("migrate")
    assert "0 readers: none yet" in await terminal.run("readers", "list")
