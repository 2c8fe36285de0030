"""Changes of a chat, its members and its topics, and the bot's updates about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.world.chats import Account, Body, Chat, ChatType, Status, Topic, member_shape

if TYPE_CHECKING:
    from playground.world.world import World


def set_bot_status(world: World, chat: Chat, by: Account, status: Status) -> None:
    """Add, promote, restrict, remove or block the bot in a chat, as an account."""
    was = chat.status(world.bot)
    if was is status:
        return
    chat.members[world.bot.id] = status
    by.met = True
    tell_bot_status(world, chat, by, was)
    if chat.kind in {ChatType.GROUP, ChatType.SUPERGROUP}:
        bot = world.bot.shape()
        if was in {Status.LEFT, Status.KICKED} and chat.has(world.bot):
            _service(world, chat, by, {"new_chat_members": [bot]})
        elif status in {Status.LEFT, Status.KICKED}:
            world.post(chat, by, {"left_chat_member": bot})
    world.announce({"type": "chats"})


def set_status(world: World, chat: Chat, by: Account, account: Account, status: Status) -> None:
    """Let a person join, be promoted or leave; the bot gets an update if it asked for it."""
    was = chat.status(account)
    if was is status:
        return
    chat.members[account.id] = status
    if chat.has(world.bot):
        before = member_shape(chat, account, was)
        world.updates.push("chat_member", _member_updated(world, chat, by, account, before))
        if chat.kind in {ChatType.GROUP, ChatType.SUPERGROUP}:
            if was in {Status.LEFT, Status.KICKED}:
                _service(world, chat, by, {"new_chat_members": [account.shape()]})
            elif status in {Status.LEFT, Status.KICKED}:
                _service(world, chat, by, {"left_chat_member": account.shape()})
    world.announce({"type": "chats"})


def open_topic(world: World, chat: Chat, by: Account, name: str) -> int:
    """Open a topic of a forum, and return its id, that of the message that opened it."""
    content = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
    record = world.post(chat, by, content)
    record.body = record.body | {"message_thread_id": record.id, "is_topic_message": True}
    chat.topics[record.id] = Topic(record.id, name)
    if chat.has(world.bot) and by is not world.bot:
        world.updates.push("message", record.body)
    world.announce({"type": "chats"})
    return record.id


def change_topic(
    world: World, chat: Chat, by: Account, thread_id: int | None, content: Body
) -> None:
    """Post that a topic, or the General one, was closed, reopened or renamed."""
    _service(world, chat, by, content, thread_id=thread_id)
    world.announce({"type": "chats"})


def let_post(world: World, chat: Chat, by: Account, *, posts: bool) -> None:
    """Give the bot, an administrator of a channel, the right to post, or take it away."""
    was = member_shape(chat, world.bot)
    chat.bot_posts = posts
    world.updates.push("my_chat_member", _member_updated(world, chat, by, world.bot, was))


def migrate(world: World, chat: Chat, by: Account, *, joins_first: bool = False) -> Chat:
    """Turn a group into a supergroup: another chat, with another id, that the bot joins."""
    larger = world.add_chat(ChatType.SUPERGROUP, chat.title)
    larger.members = dict(chat.members)
    if joins_first and larger.has(world.bot):
        tell_bot_status(world, larger, by, Status.LEFT)
    _service(world, chat, by, {"migrate_to_chat_id": larger.id})
    _service(world, larger, by, {"migrate_from_chat_id": chat.id})
    if not joins_first and larger.has(world.bot):
        tell_bot_status(world, larger, by, Status.LEFT)
    chat.migrated_to = larger.id
    world.announce({"type": "chats"})
    return larger


def _service(
    world: World, chat: Chat, by: Account, content: Body, *, thread_id: int | None = None
) -> None:
    record = world.post(chat, by, content, thread_id=thread_id)
    if chat.has(world.bot):
        world.updates.push("message", record.body)


def tell_bot_status(world: World, chat: Chat, by: Account, was: Status) -> None:
    """Send the bot an update about its new and old status in a chat."""
    before = member_shape(chat, world.bot, was)
    world.updates.push("my_chat_member", _member_updated(world, chat, by, world.bot, before))


def _member_updated(world: World, chat: Chat, by: Account, account: Account, was: Body) -> Body:
    return {
        "chat": chat.shape(),
        "from": by.shape(),
        "date": int(world.clock()),
        "old_chat_member": was,
        "new_chat_member": member_shape(chat, account),
    }
