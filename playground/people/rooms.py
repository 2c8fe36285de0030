"""Groups and channels, and the actions of their administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from playground.people.seen import Message
from playground.world import chat_changes
from playground.world.chats import Status

if TYPE_CHECKING:
    from playground.world.chats import Account, Body, Chat
    from playground.world.world import World


class HasAccount(Protocol):
    """An object with an account on Telegram."""

    @property
    def account(self) -> Account:
        """The account."""


class Room:
    """A chat of several people, with the actions that affect the bot."""

    def __init__(self, world: World, chat: Chat) -> None:
        self._world = world
        self.raw = chat

    @property
    def id(self) -> int:
        """The chat's id; for a migrated group that of the supergroup."""
        return self.raw.id

    @property
    def title(self) -> str:
        """The chat's title."""
        return self.raw.title

    @property
    def messages(self) -> list[Message]:
        """All messages in their latest version."""
        return [Message(record, record.body) for record in self.raw.records.values()]

    def add_bot(self, by: HasAccount, *, admin: bool = False) -> None:
        """Add the bot, or make it an administrator."""
        self._set(by, Status.ADMINISTRATOR if admin else Status.MEMBER)

    def remove_bot(self, by: HasAccount) -> None:
        """Remove the bot."""
        self._set(by, Status.KICKED)

    def restrict_bot(self, by: HasAccount) -> None:
        """Let the bot stay, but write nothing."""
        self._set(by, Status.RESTRICTED)

    def join(self, person: HasAccount, *, admin: bool = False) -> None:
        """Add a person, or make them an administrator."""
        status = Status.ADMINISTRATOR if admin else Status.MEMBER
        chat_changes.set_status(self._world, self.raw, person.account, person.account, status)

    def leave(self, person: HasAccount) -> None:
        """Let a person leave."""
        chat_changes.set_status(self._world, self.raw, person.account, person.account, Status.LEFT)

    def topic(self, name: str, by: HasAccount) -> int:
        """Open a topic of a forum, and return its thread id."""
        return chat_changes.open_topic(self._world, self.raw, by.account, name)

    def rename_topic(self, topic: int, name: str, by: HasAccount) -> None:
        """Rename a topic."""
        self.raw.topics[topic].name = name
        self._change_topic(topic, by, {"forum_topic_edited": {"name": name}})

    def close_topic(self, topic: int | None, by: HasAccount) -> None:
        """Close a topic, or the General one if None, to all but administrators."""
        self._let_write(topic, by, closed=True)

    def reopen_topic(self, topic: int | None, by: HasAccount) -> None:
        """Open a topic again."""
        self._let_write(topic, by, closed=False)

    def delete_topic(self, topic: int) -> None:
        """Delete a topic with its messages; bots get no update about it."""
        del self.raw.topics[topic]

    def let_bot_post(self, by: HasAccount, *, posts: bool) -> None:
        """Give the bot the right to post in a channel, or take it away."""
        chat_changes.let_post(self._world, self.raw, by.account, posts=posts)

    def let_post(self, person: HasAccount, *, posts: bool) -> None:
        """Give a channel's administrator the right to post, or take it away, without an update."""
        account = person.account
        (self.raw.without_posts.discard if posts else self.raw.without_posts.add)(account.id)

    def migrate(self, by: HasAccount, *, joins_first: bool = False) -> int:
        """Turn the group into a supergroup, and return the new id, which `id` has from now on.

        Telegram reports that the bot joined the supergroup, before the other updates if
        `joins_first`, otherwise after them.
        """
        self.raw = chat_changes.migrate(self._world, self.raw, by.account, joins_first=joins_first)
        return self.raw.id

    def delete(self) -> None:
        """Delete the group for everyone."""
        self.raw.deleted = True

    def _let_write(self, topic: int | None, by: HasAccount, *, closed: bool) -> None:
        if topic is None:
            self.raw.general_closed = closed
        else:
            self.raw.topics[topic].closed = closed
        what = "closed" if closed else "reopened"
        self._change_topic(topic, by, {f"forum_topic_{what}": {}})

    def _change_topic(self, topic: int | None, by: HasAccount, content: Body) -> None:
        chat_changes.change_topic(self._world, self.raw, by.account, topic, content)

    def _set(self, by: HasAccount, status: Status) -> None:
        chat_changes.set_bot_status(self._world, self.raw, by.account, status)
