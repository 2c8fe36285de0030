"""Roles in a group: who is a member, an administrator or the owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.world import chat_changes
from playground.world.chats import ChatType, Status

if TYPE_CHECKING:
    from playground.world.chats import Account, Chat
    from playground.world.world import World

ROLES = {
    "owner": Status.CREATOR,
    "administrator": Status.ADMINISTRATOR,
    "member": Status.MEMBER,
    "none": Status.LEFT,
}
"""The roles that a group's owner gives."""


def roles(world: World, chat: Chat) -> dict[int, str]:
    """Return account id → role, for the members of a chat, the bot among them."""
    names = {status: name for name, status in ROLES.items() if status is not Status.LEFT}
    names[Status.RESTRICTED] = "member"
    return {
        id_: names[status]
        for id_, status in chat.members.items()
        if status in names and id_ in {*world.people, world.bot.id}
    }


def give(world: World, chat: Chat, account: Account, role: str) -> None:
    """Give an account a role in a group, as its owner. An owner before becomes administrator.

    Raises:
        ValueError: The chat is no group, the role does not exist, the bot would own the group, or
            the group would have no owner.
    """
    if chat.kind not in {ChatType.GROUP, ChatType.SUPERGROUP}:
        raise ValueError(f"{chat.title} is no group")
    if role not in ROLES:
        raise ValueError(f"There is no role {role!r}")
    status, now = ROLES[role], chat.status(account)
    owner = next(
        (world.people[id_] for id_, held in chat.members.items() if held is Status.CREATOR), account
    )
    if now is Status.CREATOR and status is not Status.CREATOR:
        raise ValueError(f"{chat.title} needs an owner")
    if account is world.bot:
        if status is Status.CREATOR:
            raise ValueError("A bot cannot own a group")
        gone = Status.KICKED if status is Status.LEFT else status
        if status is not Status.LEFT or chat.has(account):
            chat_changes.set_bot_status(world, chat, owner, gone)
        return
    chat_changes.set_status(world, chat, owner, account, status)
    if status is Status.CREATOR and owner is not account:
        chat_changes.set_status(world, chat, account, owner, Status.ADMINISTRATOR)
