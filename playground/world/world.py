"""The state of the playground: its people, chats and messages."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playground.checks.refusal import bad_request, forbidden
from playground.world import images
from playground.world.chats import Account, Body, Chat, ChatType, PreviewWish, Record, Status
from playground.world.updates import Updates

DEFAULT_TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"  # noqa: S105 - not a real token
_FIRST_PERSON = 5_000_001
_FIRST_GROUP = 4_000_001
_FIRST_SUPERGROUP = 2_000_000_001
_FIRST_DIRECT = 900_000_000_001

Listener = Callable[[Body], None]


@dataclass(slots=True)
class Question:
    """A callback or inline query that waits for the bot's answer."""

    id: str
    person: Account
    asked: float
    answer: asyncio.Future[Body]
    text: str = ""
    offset: str = ""


@dataclass(slots=True)
class BotFace:
    """The texts and commands that the bot has set in its profile."""

    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Body]] = field(default_factory=dict)
    """Commands by the scope's JSON and the language code."""


@dataclass(slots=True)
class StoredFile:
    """An uploaded file."""

    id: str
    name: str
    content_type: str
    data: bytes
    kind: str = "document"
    """`photo` or `document`."""
    url: str | None = None
    """The web address of a file that was named by it, or None."""
    size: tuple[int, int] | None = None
    """Width and height of a picture, in pixels."""

    @property
    def unique_id(self) -> str:
        """The id that is the same for all bots and for equal bytes."""
        return hashlib.sha256(self.data or self.id.encode()).hexdigest()[:16]

    @property
    def path(self) -> str:
        """Its `file_path`."""
        return f"files/{self.id}/{self.name}"


class World:
    """The server's state, used in one event loop.

    Args:
        username: The bot's user name, without `@`.
        name: The bot's first name.
        clock: Returns seconds since 1970.
        bot_id: The bot's id, with which its token begins.
    """

    def __init__(
        self,
        username: str,
        name: str = "ON News",
        clock: Callable[[], float] = time.time,
        bot_id: int = 110_201_543,
    ) -> None:
        self.clock = clock
        self.bot = Account(bot_id, name, None, username, is_bot=True)
        self.face = BotFace()
        self.people: dict[int, Account] = {}
        self.chats: dict[int, Chat] = {}
        self.updates = Updates(clock)
        self.callbacks: dict[str, Question] = {}
        self.inline_queries: dict[str, Question] = {}
        self.inline_cache: dict[tuple[str, str, int], tuple[float, Body]] = {}
        self.inline_records: dict[str, Record] = {}
        self.files: dict[str, StoredFile] = {}
        """Files by the id that this bot has for each; a picture by the id of each of its sizes."""
        self.refused: deque[str] = deque(maxlen=5)
        """The bot's last refused requests, for the error message of a wait that times out."""
        self.inline_feedback = False
        self.privacy = True
        """Whether the bot gets only messages addressed to it in groups, as is usual."""
        self.inline = True
        """Whether inline mode is on; @BotFather leaves it off for a new bot."""
        self.quotes_rich = True
        """Whether an answer to a rich message includes its blocks.

        Of two projects that saw live ones, one saw the blocks and one did not.
        """
        self._ids = {
            "person": itertools.count(_FIRST_PERSON),
            "group": itertools.count(_FIRST_GROUP),
            "supergroup": itertools.count(_FIRST_SUPERGROUP),
            "direct": itertools.count(_FIRST_DIRECT),
            "query": itertools.count(1_000_000_000_001),
        }
        self._small_chat_ids = itertools.count(1)
        self._uploads = 0
        self._listeners: list[Listener] = []
        self._waiters: list[asyncio.Future[None]] = []

    # People and chats.

    def add_person(self, name: str, language: str | None, username: str | None = None) -> Account:
        """Add a new person, whom the bot does not know."""
        account = Account(next(self._ids["person"]), name, language, username)
        self.people[account.id] = account
        chat = Chat(account.id, ChatType.PRIVATE, name, owner=account)
        chat.members[account.id] = Status.MEMBER
        self.chats[chat.id] = chat
        self.announce({"type": "chats"})
        return account

    def add_chat(self, kind: ChatType, title: str, *, forum: bool = False) -> Chat:
        """Add a new, empty chat of several people."""
        if kind is ChatType.DIRECT:
            chat_id = next(self._ids["direct"])
        elif kind is ChatType.GROUP:
            chat_id = -next(self._ids["group"])
        else:
            chat_id = -1_000_000_000_000 - next(self._ids["supergroup"])
        chat = self.chats[chat_id] = Chat(chat_id, kind, title, is_forum=forum)
        self.announce({"type": "chats"})
        return chat

    def account(self, account_id: int) -> Account | None:
        """Return a person or the bot by id, or None."""
        return self.bot if account_id == self.bot.id else self.people.get(account_id)

    def new_query_id(self) -> str:
        """Return an id for a callback or inline query."""
        return str(next(self._ids["query"]))

    def find(self, chat_id: int | str) -> Chat:
        """Return the chat that the bot names.

        Raises:
            ApiError: The bot knows no such chat.
        """
        chat: Chat | None = None
        if isinstance(chat_id, int):
            chat = self.chats.get(chat_id)
        elif chat_id.startswith("@"):
            wanted = chat_id[1:].casefold()
            chat = next(
                (c for c in self.chats.values() if c.username and c.username.casefold() == wanted),
                None,
            )
        if chat is None or chat.kind is ChatType.DIRECT:
            raise bad_request("chat not found")
        if chat.kind is ChatType.PRIVATE and not (chat.owner and chat.owner.met):
            raise bad_request("chat not found")
        return chat

    def writable(
        self,
        chat_id: int | str,
        thread_id: int | None = None,
        *,
        what: str = "text messages to the chat",
    ) -> Chat:
        """Return the chat that the bot names, if the bot may send `what` there.

        Raises:
            ApiError: The bot may not, with Telegram's reason.
        """
        chat = self.find(chat_id)
        status = chat.status(self.bot)
        if chat.kind is ChatType.PRIVATE:
            if chat.owner is not None and chat.owner.deactivated:
                raise forbidden("user is deactivated")
            if status is Status.KICKED:
                raise forbidden("bot was blocked by the user")
            if status is Status.LEFT:
                raise forbidden("bot can't initiate conversation with a user")
        else:
            self._check_membership(chat, status, what)
        if thread_id is None and chat.general_closed and status is not Status.ADMINISTRATOR:
            raise bad_request("TOPIC_CLOSED")
        if thread_id is not None:
            topic = chat.topics.get(thread_id)
            if topic is None:
                raise bad_request("message thread not found")
            if topic.closed and status is not Status.ADMINISTRATOR:
                raise bad_request("TOPIC_CLOSED")
        return chat

    @staticmethod
    def check_not_moved(chat: Chat) -> None:
        """Refuse a group that has become a supergroup.

        Raises:
            ApiError: The group is a supergroup now; with the new id.
        """
        if chat.migrated_to is not None:
            error = bad_request("group chat was upgraded to a supergroup chat")
            error.parameters = {"migrate_to_chat_id": chat.migrated_to}
            raise error

    def _check_membership(self, chat: Chat, status: Status, what: str) -> None:
        self.check_not_moved(chat)
        if chat.deleted:
            raise forbidden("the group chat was deleted")
        noun = f"{chat.kind} chat"
        if status is Status.KICKED:
            raise forbidden(f"bot was kicked from the {noun}")
        if status is Status.LEFT:
            raise forbidden(f"bot is not a member of the {noun}")
        if chat.kind is ChatType.CHANNEL and not (
            status is Status.ADMINISTRATOR and chat.bot_posts
        ):
            raise bad_request("need administrator rights in the channel chat")
        if status is Status.RESTRICTED or (chat.silenced and status is Status.MEMBER):
            raise bad_request(f"not enough rights to send {what}")

    # Messages.

    def post(
        self,
        chat: Chat,
        author: Account,
        content: Body,
        *,
        preview: PreviewWish | None = None,
        reply_keyboard: Body | None = None,
        thread_id: int | None = None,
    ) -> Record:
        """Add a message to a chat, and return it.

        `content` is what Telegram's Message has besides its id, date, chat and author.
        """
        if chat.kind in (ChatType.PRIVATE, ChatType.GROUP):
            # All of these share the bot's message ids; each larger chat has its own.
            chat.last_id = next(self._small_chat_ids)
        else:
            chat.last_id += 1
        body: Body = {"message_id": chat.last_id, "date": int(self.clock()), "chat": chat.shape()}
        if chat.kind is ChatType.CHANNEL:
            body["sender_chat"] = chat.shape()
        else:
            body["from"] = author.shape()
        if thread_id is not None and chat.is_forum:
            body |= {"message_thread_id": thread_id, "is_topic_message": True}
        record = Record(chat, author, body | content, preview, reply_keyboard)
        chat.records[chat.last_id] = record
        if author is self.bot:
            chat.unread += 1
            chat.log.append(("message", record, record.body))
        self.announce({"type": "message", "chat": chat.id, "record": record})
        return record

    def edit(self, record: Record, content: Body, *, by_bot: bool = True) -> None:
        """Replace fields of a message's content; None removes a field."""
        body = record.body | content | {"edit_date": int(self.clock())}
        record.body = {name: value for name, value in body.items() if value is not None}
        if by_bot:
            record.chat.log.append(("edit", record, record.body))
        self.announce({"type": "edit", "chat": record.chat.id, "record": record})

    def delete(self, record: Record) -> None:
        """Delete a message."""
        record.chat.records.pop(record.id, None)
        if record.inline_id is not None:
            self.inline_records.pop(record.inline_id, None)
        self.announce({"type": "delete", "chat": record.chat.id, "message": record.id})

    def keep_file(
        self,
        name: str,
        content_type: str,
        data: bytes,
        *,
        kind: str = "document",
        size: tuple[int, int] | None = None,
    ) -> StoredFile:
        """Store an uploaded file; a picture has a `size`."""
        self._uploads += 1
        seed = f"{self.bot.id} {self._uploads}".encode() + data
        digest = base64.urlsafe_b64encode(hashlib.sha256(seed).digest()).decode().rstrip("=")
        file_id = ("AgACAgQAAxkD" if kind == "photo" else "BQACAgQAAxkD") + digest
        stored = StoredFile(file_id, name, content_type, data, kind, size=size)
        self.files[file_id] = stored
        if size is not None:
            for letter, *_ in images.kept(size):
                self.files[file_id + letter] = stored
        return stored

    # Events.

    def announce(self, event: Body) -> None:
        """Report an event to the chat page and to all waiting callers."""
        for listener in self._listeners:
            listener(event)
        self.wake()

    def wake(self) -> None:
        """Let all waiting callers check their condition again."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` at each event until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def until(self, ready: Callable[[], Any], timeout_seconds: float) -> None:
        """Wait until `ready()` is true, calling it after each event.

        Raises:
            TimeoutError: It did not become true.
        """
        async with asyncio.timeout(timeout_seconds):
            while not ready():
                waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiters.append(waiter)
                await waiter
