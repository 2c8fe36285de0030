"""What a member of a chat may do there, as Telegram says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import ChatMemberAdministrator

if TYPE_CHECKING:
    from telegram import ChatMember


def may_decide(member: ChatMember) -> bool:
    """Whether an administrator has a say in what the bot sends: in a channel, who may post."""
    # Telegram names the right to post in channels alone.
    return not isinstance(member, ChatMemberAdministrator) or member.can_post_messages is not False
