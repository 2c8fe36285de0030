"""The objects of the playground's world: people, chats and messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Body = dict[str, Any]
"""One of Telegram's objects, as JSON. It is never changed after it was returned."""


class ChatType(StrEnum):
    """The type of a chat."""

    PRIVATE = "private"
    """A person with the bot."""
    DIRECT = "direct"
    """Two people. The bot is not in it, but results chosen inline arrive there."""
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Status(StrEnum):
    """The status of an account in a chat."""

    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    RESTRICTED = "restricted"
    LEFT = "left"
    KICKED = "kicked"


PRESENT = frozenset({Status.CREATOR, Status.ADMINISTRATOR, Status.MEMBER, Status.RESTRICTED})
MANAGING = frozenset({Status.CREATOR, Status.ADMINISTRATOR})


@dataclass(eq=False, slots=True)
class Account:
    """A person, or the bot."""

    id: int
    name: str
    language: str | None
    username: str | None = None
    is_bot: bool = False
    deactivated: bool = False
    met: bool = False
    """Whether the bot has seen this person anywhere."""

    def shape(self) -> Body:
        """Return Telegram's User."""
        first, _, last = self.name.partition(" ")
        body: Body = {"id": self.id, "is_bot": self.is_bot, "first_name": first}
        if self.is_bot:
            body["first_name"] = self.name
        elif last:
            body["last_name"] = last
        if self.username:
            body["username"] = self.username
        if self.language and not self.is_bot:
            body["language_code"] = self.language
        return body


@dataclass(slots=True)
class Topic:
    """A topic of a forum."""

    id: int
    name: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class PreviewWish:
    """The link that a message previews, and how."""

    url: str
    large: bool
    above: bool


@dataclass(eq=False, slots=True)
class Record:
    """One message of a chat."""

    chat: Chat
    author: Account
    body: Body
    preview: PreviewWish | None = None
    reply_keyboard: Body | None = None
    """The ReplyKeyboardMarkup, ReplyKeyboardRemove or ForceReply that came with it."""
    inline_id: str | None = None
    """The id by which the bot may edit a message that was chosen inline with buttons."""

    @property
    def id(self) -> int:
        """The message id, unique in its chat."""
        number: int = self.body["message_id"]
        return number


@dataclass(eq=False, slots=True)
class Chat:
    """A chat of any type. `members` has the status of each account, including the bot."""

    id: int
    kind: ChatType
    title: str
    username: str | None = None
    owner: Account | None = None
    """The person of a private chat."""
    members: dict[int, Status] = field(default_factory=dict)
    records: dict[int, Record] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    is_forum: bool = False
    last_id: int = 0
    general_closed: bool = False
    """Whether only administrators may write in a forum's General topic."""
    silenced: bool = False
    """Whether plain members may write nothing."""
    migrated_to: int | None = None
    deleted: bool = False
    backstage: bool = False
    """Whether the page hides it, as a chat that only the bot uses."""
    log: list[tuple[str, Record, Body]] = field(default_factory=list)
    """The bot's messages and edits in order: `message` or `edit`, and the message at that time."""
    unread: int = 0
    bot_posts: bool = True
    """Whether the bot, as an administrator of a channel, has the right to post."""
    without_posts: set[int] = field(default_factory=set)
    """Ids of the people who administer a channel without the right to post."""

    def shape(self) -> Body:
        """Return Telegram's Chat."""
        if self.kind is ChatType.PRIVATE and self.owner is not None:
            user = self.owner.shape()
            names = ("id", "first_name", "last_name", "username")
            return {name: user[name] for name in names if name in user} | {"type": "private"}
        body: Body = {"id": self.id, "title": self.title, "type": str(self.kind)}
        if self.username:
            body["username"] = self.username
        if self.is_forum:
            body["is_forum"] = True
        return body

    def status(self, account: Account) -> Status:
        """Return an account's status in this chat."""
        return self.members.get(account.id, Status.LEFT)

    def has(self, account: Account) -> bool:
        """Return whether an account is in this chat."""
        return self.status(account) in PRESENT


_MANAGER_RIGHTS = {
    "can_be_edited": False,
    "is_anonymous": False,
    "can_manage_chat": True,
    "can_delete_messages": True,
    "can_manage_video_chats": False,
    "can_restrict_members": False,
    "can_promote_members": False,
    "can_change_info": False,
    "can_invite_users": True,
    "can_post_stories": False,
    "can_edit_stories": False,
    "can_delete_stories": False,
    "can_send_welcome_messages": False,
}

_RESTRICTIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)


def member_shape(chat: Chat, account: Account, status: Status | None = None) -> Body:
    """Return Telegram's ChatMember of an account, with its status or another one."""
    status = status or chat.status(account)
    body: Body = {"status": str(status), "user": account.shape()}
    if status is Status.CREATOR:
        body["is_anonymous"] = False
    elif status is Status.ADMINISTRATOR:
        body |= _MANAGER_RIGHTS
        if chat.kind is ChatType.CHANNEL:
            posts = chat.bot_posts if account.is_bot else account.id not in chat.without_posts
            body |= {"can_post_messages": posts, "can_edit_messages": posts}
        else:
            body |= {"can_pin_messages": True, "can_manage_topics": chat.is_forum}
    elif status is Status.RESTRICTED:
        body |= dict.fromkeys(_RESTRICTIONS, False) | {"is_member": True, "until_date": 0}
    elif status is Status.KICKED:
        body["until_date"] = 0
    return body
