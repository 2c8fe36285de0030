"""How people hand a chat to the bot: by a key of a reply keyboard, or by a link that adds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.people import acts
from playground.world import chat_changes
from playground.world.chats import MANAGING, ChatType, Status

if TYPE_CHECKING:
    from playground.world.chats import Account, Body, Chat, Record
    from playground.world.world import World


def share(world: World, person: Account, room: Chat, request_id: int) -> Record:
    """Somebody picks a chat for a key of a reply keyboard that has `request_chat`.

    Where the key asks for it, Telegram makes the bot an administrator on the way.

    Raises:
        PermissionError: no key asks for this, or Telegram's list would not show that chat.
    """
    own = world.chats[person.id]
    wish = _wish(own, request_id)
    if wish is None:
        raise PermissionError(f"no key of {person.name} asks for a chat as {request_id}")
    if wish["chat_is_channel"] is not (room.kind is ChatType.CHANNEL):
        raise PermissionError(f"{room.title} is none of the kind that is asked for")
    if "user_administrator_rights" in wish and room.status(person) not in MANAGING:
        raise PermissionError(f"{person.name} does not administer {room.title}")
    if "bot_administrator_rights" in wish:
        chat_changes.set_bot_status(world, room, person, Status.ADMINISTRATOR)
    content = {"chat_shared": {"request_id": request_id, "chat_id": room.id}}
    return acts.say(world, person, own, content)


def _wish(chat: Chat, request_id: int) -> Body | None:
    """What the newest key of this number asks for."""
    for record in reversed(chat.records.values()):
        for row in (record.reply_keyboard or {}).get("keyboard", ()):
            for key in row:
                wish: Body | None = key.get("request_chat")
                if wish is not None and wish["request_id"] == request_id:
                    return wish
    return None


def add_bot(world: World, person: Account, room: Chat, payload: str = "") -> None:
    """Somebody adds the bot by its link `?startgroup`; with a parameter, it is started there.

    Raises:
        PermissionError: it is no group, or they do not administer it.
    """
    if (
        room.kind not in {ChatType.GROUP, ChatType.SUPERGROUP}
        or room.status(person) not in MANAGING
    ):
        raise PermissionError(f"{person.name} does not administer a group {room.title}")
    chat_changes.set_bot_status(world, room, person, Status.MEMBER)
    if payload:
        acts.say(world, person, room, acts.text(f"/start@{world.bot.username} {payload}"))
