"""Queries about chats and their members, leaving a chat, and creating topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.checks.refusal import bad_request, forbidden
from playground.world import chat_changes
from playground.world.chats import MANAGING, Account, Body, Chat, ChatType, Status, member_shape

if TYPE_CHECKING:
    from playground.methods.call import Call, Method

MOST_TOPIC_NAME = 128
_NO_GIFTS = {
    "unlimited_gifts": False,
    "limited_gifts": False,
    "unique_gifts": False,
    "premium_subscription": False,
    "gifts_from_channels": False,
}


def _joined(call: Call) -> Chat:
    """Return the chat that a call names, if the bot may query it.

    Raises:
        ApiError: The bot may not.
    """
    chat = call.world.find(call.params["chat_id"])
    if chat.kind is ChatType.PRIVATE:
        return chat
    call.world.check_not_moved(chat)
    status = chat.status(call.world.bot)
    if status is Status.KICKED:
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    if status is Status.LEFT:
        raise forbidden(f"bot is not a member of the {chat.kind} chat")
    return chat


def get_chat(call: Call) -> Body:
    """Return Telegram's ChatFullInfo of a chat."""
    chat = _joined(call)
    return chat.shape() | {
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": _NO_GIFTS,
    }


def get_chat_member(call: Call) -> Body:
    """Return the membership of an account in a chat."""
    chat = _joined(call)
    account = call.world.account(call.params["user_id"])
    if account is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    hidden = chat.kind is ChatType.CHANNEL and chat.status(call.world.bot) not in MANAGING
    if hidden:
        raise bad_request("CHAT_ADMIN_REQUIRED")
    return member_shape(chat, account)


def get_chat_administrators(call: Call) -> list[Body]:
    """Return the administrators of a chat; other bots would be left out."""
    chat = _joined(call)
    if chat.kind is ChatType.PRIVATE:
        raise bad_request("there are no administrators in the private chat")
    return [member_shape(chat, account) for account in _managers(call, chat)]


def _managers(call: Call, chat: Chat) -> list[Account]:
    accounts = (call.world.account(i) for i, s in chat.members.items() if s in MANAGING)
    return [account for account in accounts if account is not None]


def get_chat_member_count(call: Call) -> int:
    """Return the number of members of a chat, including the bot."""
    chat = _joined(call)
    members = (call.world.account(account_id) for account_id in chat.members)
    return sum(account is not None and chat.has(account) for account in members)


def leave_chat(call: Call) -> bool:
    """Let the bot leave a chat."""
    chat = _joined(call)
    if chat.kind is ChatType.PRIVATE:
        raise bad_request("chat not found")
    chat_changes.set_bot_status(call.world, chat, call.world.bot, Status.LEFT)
    return True


def create_forum_topic(call: Call) -> Body:
    """Create a topic in a forum that lets the bot manage its topics."""
    world = call.world
    chat = world.writable(call.params["chat_id"])
    name = call.params["name"]
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    if chat.status(world.bot) is not Status.ADMINISTRATOR:
        raise bad_request("not enough rights to create a topic")
    if not 1 <= len(name) <= MOST_TOPIC_NAME:
        raise bad_request("topic name is invalid")
    number = chat_changes.open_topic(world, chat, world.bot, name)
    created: Body = chat.records[number].body["forum_topic_created"]
    return {"message_thread_id": number, **created}


METHODS: dict[str, Method] = {
    "createForumTopic": create_forum_topic,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "leaveChat": leave_chat,
}
