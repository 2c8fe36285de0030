"""Updates with ids too large for a database are dropped and block nobody."""

from __future__ import annotations

import copy
import logging
from typing import TYPE_CHECKING, Any

from tests.handlers.conftest import ask, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from playground.people.people import Person, Room
    from tests.handlers.conftest import Clock

LARGE = (2**70, -(2**70), 2**63, 1e30)


def updates(person: Person, group: Room, bot: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return an update of each kind, with every kind of id in it."""
    user = {"id": person.id, "is_bot": False, "first_name": "Ana"}
    private = {"id": person.id, "type": "private", "first_name": "Ana"}
    room = {"id": group.id, "type": "supergroup", "title": "Drivers"}
    command = {"type": "bot_command", "offset": 0, "length": 7}
    message = {"message_id": 7, "date": 1_790_000_000, "from": user, "chat": private}
    written = message | {"text": "/latest", "entities": [command]}
    member = {"status": "member", "user": bot}
    return {
        "message": written
        | {
            "message_thread_id": 3,
            "reply_to_message": message | {"text": "before"},
            "forward_origin": {"type": "user", "date": 1, "sender_user": user},
        },
        "callback_query": {
            "id": "12345678901234567890123",
            "from": user,
            "chat_instance": "1",
            "message": written,
            "data": "o:1",
        },
        "my_chat_member": {
            "chat": room,
            "from": user,
            "date": 1_790_000_000,
            "old_chat_member": {"status": "left", "user": bot},
            "new_chat_member": member,
        },
        "inline_query": {"id": "1", "from": user, "query": "gucci", "offset": ""},
    }


def services(person: Person, group: Room) -> Iterator[dict[str, Any]]:
    """Return service messages that refer to another chat or person."""
    user = {"id": person.id, "is_bot": False, "first_name": "Ana"}
    room = {"id": group.id, "type": "supergroup", "title": "Drivers"}
    message = {"message_id": 8, "date": 1_790_000_000, "from": user, "chat": room}
    yield message | {"migrate_to_chat_id": group.id}
    yield message | {"migrate_from_chat_id": group.id}
    yield message | {"left_chat_member": user}
    private = {"id": person.id, "type": "private", "first_name": "Ana"}
    yield message | {"chat": private, "chat_shared": {"request_id": 1, "chat_id": group.id}}


def enlarged(body: Any) -> Iterator[Any]:  # noqa: ANN401 - Telegram's JSON
    """Yield the update once for each of its numbers, with that one too large."""
    if isinstance(body, dict):
        for key, value in body.items():
            for other in enlarged(value):
                yield copy.deepcopy(body) | {key: other}
    elif isinstance(body, list):
        for number, value in enumerate(body):
            for other in enlarged(value):
                yield [*body[:number], other, *body[number + 1 :]]
    elif isinstance(body, int) and not isinstance(body, bool):
        yield from LARGE


async def test_an_update_with_a_number_that_is_too_large_is_dropped(
    database_url: str, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(database_url, clock) as bureau:
        await bureau.desk.print_("Shanghai opens a mall", "china")
        ana = await bureau.reader()
        group = bureau.town.group("Drivers", [ana], supergroup=True, settled=True)
        queue = bureau.town.world.updates
        sent = 0
        with caplog.at_level(logging.INFO):
            for kind, body in updates(ana, group, bureau.town.world.bot.shape()).items():
                for wrong in enlarged(body):
                    queue.push(kind, wrong)
                    sent += 1
            for body in services(ana, group):
                for wrong in enlarged(body):
                    queue.push("message", wrong)
                    sent += 1
            await bureau.heard()
        assert sent > 100
        logged = [each for each in caplog.records if "more than 64 bits" in each.getMessage()]
        assert len(logged) == sent
        assert not [each for each in caplog.records if each.exc_info]
        assert queue.waiting == 0
        await ask(ana, "/latest 1", until="Shanghai opens a mall")
