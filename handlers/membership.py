"""What happens to chats: the bot is let in, shut out, silenced, or a group moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import ChatMemberRestricted
from telegram.constants import ChatMemberStatus

from storage.model import State

if TYPE_CHECKING:
    from telegram import ChatMember, Update

    from handlers.context import Context


async def membership(update: Update, context: Context) -> None:
    """Stop writing to a chat that shut the bot out; go on in one that lets it in again.

    Nothing is said on being added: in a group the bot speaks when it is spoken to.
    """
    change = update.my_chat_member
    if change is None:
        raise ValueError("a change of the bot's membership was expected")
    subscribers = context.services.subscribers
    if not may_write(change.new_chat_member):
        await subscribers.gone(change.chat.id)
        return
    known = await subscribers.find(change.chat.id)
    if known is not None and known.state is State.GONE:
        await context.subscriber(update)


def may_write(member: ChatMember) -> bool:
    """Whether the bot may write in a chat where it is this member."""
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and bool(member.can_send_messages)
    return member.status not in {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}


async def moved(update: Update, context: Context) -> None:
    """A group became a supergroup: its subscriber keeps everything under the new id."""
    message = update.message
    if message is None:
        raise ValueError("a message about a move was expected")
    old, new = message.chat.id, message.migrate_to_chat_id
    if message.migrate_from_chat_id is not None:
        old, new = message.migrate_from_chat_id, message.chat.id
    if new is not None:
        await context.services.subscribers.move_chat(old, new)
        await context.services.admissions.moved(context, old, new)
