"""Sharing a chat with the bot: by a reply-keyboard button, or by a link that adds the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.people import acts
from playground.world import chat_changes
from playground.world.chats import MANAGING, ChatType, Status

if TYPE_CHECKING:
    from playground.world.chats import Account, Body, Chat, Record
    from playground.world.world import World


def share(world: World, person: Account, room: Chat, request_id: int) -> Record:
    """Choose a chat for a reply-keyboard button with `request_chat`, as a person.

    If the button asks for it, Telegram makes the bot an administrator of the chat.

    Raises:
        PermissionError: No button asks for this, or Telegram would not list that chat.
    """
    own = world.chats[person.id]
    wish = _wish(own, request_id)
    if wish is None:
        raise PermissionError(f"no button of {person.name} requests a chat as {request_id}")
    if wish["chat_is_channel"] is not (room.kind is ChatType.CHANNEL):
        raise PermissionError(f"{room.title} is not of the requested kind")
    if "user_administrator_rights" in wish and room.status(person) not in MANAGING:
        raise PermissionError(f"{person.name} does not administer {room.title}")
    if "bot_administrator_rights" in wish:
        chat_changes.set_bot_status(world, room, person, Status.ADMINISTRATOR)
    content = {"chat_shared": {"request_id": request_id, "chat_id": room.id}}
    return acts.say(world, person, own, content)


def _wish(chat: Chat, request_id: int) -> Body | None:
    """Return the `request_chat` of the newest button with this number, or None."""
    for record in reversed(chat.records.values()):
        for row in (record.reply_keyboard or {}).get("keyboard", ()):
            for key in row:
                wish: Body | None = key.get("request_chat")
                if wish is not None and wish["request_id"] == request_id:
                    return wish
    return None


def add_bot(world: World, person: Account, room: Chat, payload: str = "") -> None:
    """Add the bot by its link `?startgroup`; a payload also starts it in the group.

    Raises:
        PermissionError: The chat is no group, or the person does not administer it.
    """
    if (
        room.kind not in {ChatType.GROUP, ChatType.SUPERGROUP}
        or room.status(person) not in MANAGING
    ):
        raise PermissionError(f"{person.name} does not administer a group {room.title}")
    chat_changes.set_bot_status(world, room, person, Status.MEMBER)
    if payload:
        acts.say(world, person, room, acts.text(f"/start@{world.bot.username} {payload}"))
