"""People who talk to the bot, for tests and the tour: `await ana.send("/latest")`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.methods import keyboards
from playground.people import acts, sharing
from playground.people.rooms import Room
from playground.people.seen import (
    BotMessage,
    Button,
    CallbackAnswer,
    InlineResult,
    Message,
    NoAnswerError,
    carry_out,
    transcript,
)
from playground.world import chat_changes
from playground.world.chats import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.world.chats import Account, Body, Chat
    from playground.world.world import World

PATIENCE_SECONDS = 60.0

__all__ = [
    "BotMessage",
    "Button",
    "CallbackAnswer",
    "InlineResult",
    "Message",
    "NoAnswerError",
    "Person",
    "Room",
]


class Person:
    """A person on Telegram. Where `chat` is left out, it is the chat with the bot."""

    def __init__(self, world: World, account: Account) -> None:
        self._world = world
        self.account = account
        self.chat = Room(world, world.chats[account.id])
        self._read: dict[int, int] = {}

    @property
    def id(self) -> int:
        """The user id, which is also the id of the private chat."""
        return self.account.id

    @property
    def name(self) -> str:
        """The person's name."""
        return self.account.name

    # Actions.

    async def send(
        self,
        text: str,
        chat: Room | None = None,
        *,
        topic: int | None = None,
        reply_to: Message | None = None,
        as_chat: bool = False,
    ) -> Message:
        """Write a text; an administrator may do so anonymously, as the group itself."""
        record = acts.say(
            self._world,
            self.account,
            self._where(chat),
            acts.text(text),
            thread_id=topic,
            reply_to=reply_to.record if reply_to else None,
            as_chat=as_chat,
        )
        return Message(record, record.body)

    async def send_photo(
        self, data: bytes, caption: str = "", chat: Room | None = None, *, album: str = ""
    ) -> Message:
        """Send a picture, with or without a caption; those of one `album` are shown together."""
        content = acts.photo(self._world, data, caption, album)
        record = acts.say(self._world, self.account, self._where(chat), content)
        return Message(record, record.body)

    async def send_rich(
        self, blocks: list[Body], chat: Room | None = None, *, topic: int | None = None
    ) -> Message:
        """Write a rich message, as people with Premium can."""
        content = acts.rich(self._world, blocks)
        where = self._where(chat)
        record = acts.say(self._world, self.account, where, content, thread_id=topic)
        return Message(record, record.body)

    async def edit(self, message: Message, text: str) -> Message:
        """Change the text of this person's own message."""
        acts.rewrite(self._world, message.record, text)
        return Message(message.record, message.record.body)

    async def start(self, payload: str = "") -> Message:
        """Press Start, or open the bot by a link with a start parameter."""
        record = acts.start(self._world, self.account, payload)
        return Message(record, record.body)

    async def open(self, url: str) -> Message:
        """Follow a link to the bot, `https://t.me/<bot>?start=…`.

        Raises:
            ValueError: It is no link to this bot.
        """
        head = f"https://t.me/{self._world.bot.username}"
        rest = url.removeprefix(head)
        if rest == url or (rest and not rest.startswith("?start=")):
            raise ValueError(f"{url} does not lead to {head}")
        return await self.start(rest.removeprefix("?start="))

    async def share_location(
        self, latitude: float, longitude: float, chat: Room | None = None
    ) -> Message:
        """Send a point on the map."""
        where = self._where(chat)
        content = {"location": {"latitude": latitude, "longitude": longitude}}
        record = acts.say(self._world, self.account, where, content)
        return Message(record, record.body)

    async def share_chat(self, room: Room, request_id: int) -> Message:
        """Choose a chat for a reply-keyboard button with `request_chat`.

        If the button asks for it, Telegram makes the bot an administrator of the chat.

        Raises:
            PermissionError: No button asks for this, or Telegram would not list that chat.
        """
        record = sharing.share(self._world, self.account, room.raw, request_id)
        return Message(record, record.body)

    async def forward(
        self, message: Message, chat: Room | None = None, *, topic: int | None = None
    ) -> Message:
        """Forward a message, to the bot unless `chat` is given."""
        record = acts.forward(self._world, self.account, message.record, self._where(chat), topic)
        return Message(record, record.body)

    async def tap(
        self,
        label_or_data: str,
        message: Message | None = None,
        *,
        chat: Room | None = None,
        timeout: float = PATIENCE_SECONDS,  # noqa: ASYNC109 - it comes with a transcript
    ) -> CallbackAnswer:
        """Tap a button with this text or data, by default of the newest message that has one.

        Data that no button of `message` has is sent as it is: a forged tap.

        Raises:
            NoAnswerError: There is no such button, or the bot did not answer in time.
        """
        message = message or self._newest_with(label_or_data, self._where(chat))
        try:
            button = message.button(label_or_data)
        except NoAnswerError:
            button = Button(label_or_data, label_or_data, None, {})
        if button.data is None:
            return carry_out(button)
        question = acts.tap(self._world, self.account, message.record, button.data)
        await self._wait(question.answer.done, timeout, message.record.chat, f"tap {button.text!r}")
        return CallbackAnswer(**question.answer.result())

    async def inline(
        self,
        query: str,
        chat: Room | None = None,
        *,
        offset: str = "",
        timeout: float = PATIENCE_SECONDS,  # noqa: ASYNC109 - it comes with a transcript
    ) -> list[InlineResult]:
        """Type the bot's name and `query` in a chat, and return the results.

        Raises:
            NoAnswerError: The bot did not answer in time.
        """
        answer = await self._ask(query, self._where(chat), offset, timeout)
        return [
            InlineResult(raw["id"], raw.get("title", ""), raw.get("description", ""), query, raw)
            for raw in answer["results"]
        ]

    async def inline_button(self, query: str, chat: Room | None = None) -> tuple[str, str]:
        """Return the text and start parameter of the button above an inline query's results.

        Raises:
            NoAnswerError: The bot did not answer in time.
        """
        button = (await self._ask(query, self._where(chat), "", PATIENCE_SECONDS))["button"] or {}
        return button.get("text", ""), button.get("start_parameter", "")

    async def choose(
        self, result: InlineResult, chat: Room | None = None, *, topic: int | None = None
    ) -> Message:
        """Send one of the results of an inline query."""
        record = acts.choose(
            self._world, self.account, self._where(chat), result.query, result.raw, thread_id=topic
        )
        return Message(record, record.body)

    def block(self) -> None:
        """Block the bot."""
        chat = self.chat.raw
        chat_changes.set_bot_status(self._world, chat, self.account, Status.KICKED)

    def unblock(self) -> None:
        """Unblock the bot."""
        chat_changes.set_bot_status(self._world, self.chat.raw, self.account, Status.MEMBER)

    def deactivate(self) -> None:
        """Delete the account."""
        self.account.deactivated = True

    # Reading.

    async def next(
        self,
        chat: Room | None = None,
        *,
        timeout: float = PATIENCE_SECONDS,  # noqa: ASYNC109 - it comes with a transcript
    ) -> BotMessage:
        """Return the bot's next unread message or edit in a chat, waiting for it.

        Raises:
            NoAnswerError: None came in time.
        """
        where = self._where(chat)
        await self._wait(lambda: self._count_unread(where) > 0, timeout, where, "a message")
        return self._take(where)

    async def until(
        self,
        fragment: str,
        chat: Room | None = None,
        *,
        timeout: float = PATIENCE_SECONDS,  # noqa: ASYNC109 - it comes with a transcript
    ) -> BotMessage:
        """Return the bot's next message or edit that contains `fragment`, reading those before.

        Raises:
            NoAnswerError: None came in time.
        """
        where = self._where(chat)
        found: list[BotMessage] = []

        def ready() -> bool:
            while not found and self._count_unread(where):
                message = self._take(where)
                if fragment in message.text:
                    found.append(message)
            return bool(found)

        await self._wait(ready, timeout, where, f"a message with {fragment!r}")
        return found[0]

    def unread(self, chat: Room | None = None) -> list[BotMessage]:
        """Return all unread messages and edits of the bot, and mark them as read."""
        where = self._where(chat)
        return [self._take(where) for _ in range(self._count_unread(where))]

    def transcript(self, chat: Room | None = None) -> str:
        """Return the last messages of a chat as text."""
        return transcript(self._where(chat))

    async def _ask(self, query: str, where: Chat, offset: str, timeout: float) -> Any:  # noqa: ANN401, ASYNC109 - Telegram's JSON
        question = acts.ask_inline(self._world, self.account, where, query, offset)
        await self._wait(question.answer.done, timeout, where, f"inline query {query!r}")
        return question.answer.result()

    def _where(self, chat: Room | None) -> Chat:
        return self.chat.raw if chat is None else chat.raw

    def _count_unread(self, chat: Chat) -> int:
        return len(chat.log) - self._read.get(chat.id, 0)

    def _take(self, chat: Chat) -> BotMessage:
        place = self._read.get(chat.id, 0)
        self._read[chat.id] = place + 1
        what, record, body = chat.log[place]
        return BotMessage(record, body, edited=what == "edit")

    def _newest_with(self, label_or_data: str, chat: Chat) -> Message:
        for record in reversed(chat.records.values()):
            for raw in keyboards.buttons(record.body.get("reply_markup")):
                if label_or_data == raw.get("callback_data") or label_or_data in raw["text"]:
                    return Message(record, record.body)
        raise NoAnswerError(f"{self.name} sees no button {label_or_data!r}\n{transcript(chat)}")

    async def _wait(self, ready: Callable[[], Any], seconds: float, chat: Chat, what: str) -> None:
        try:
            await self._world.until(ready, seconds)
        except TimeoutError:
            refused = "".join(f"\nrefused: {reason}" for reason in self._world.refused)
            raise NoAnswerError(
                f"{self.name} got nothing within {seconds:g} s: {what}\n{transcript(chat)}{refused}"
            ) from None
