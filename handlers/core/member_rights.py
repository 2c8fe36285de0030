"""What a member may do in a chat, according to Telegram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import ChatMemberAdministrator

if TYPE_CHECKING:
    from telegram import ChatMember


def may_decide(member: ChatMember) -> bool:
    """Return whether an administrator may change what is sent; in a channel, only who may post."""
    # Telegram reports the right to post in channels only.
    return not isinstance(member, ChatMemberAdministrator) or member.can_post_messages is not False
