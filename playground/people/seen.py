"""A person's view of a chat: messages, buttons, answers, results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.checks import markup
from playground.rich.visible_text import words

if TYPE_CHECKING:
    from playground.world.chats import Body, Chat, Record

_TRANSCRIPT_LINES = 20


class NoAnswerError(AssertionError):
    """The bot did not act in time; the text includes the chat's transcript."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message."""

    text: str
    data: str | None
    url: str | None
    raw: Body


class Message:
    """A person's view of one version of a message.

    Attributes:
        id: Its number in the chat.
        text: The text or the caption, without markup. For a rich message, one line for each of its
            texts, including folded ones.
        entities: Telegram's entities, with offsets in UTF-16 units; for a rich message, the
            entities that would mark a plain text the same way.
        blocks: The blocks of a rich message; otherwise empty.
        body: Telegram's whole Message.
        edited: Whether this is a later version of the message.
    """

    def __init__(self, record: Record, body: Body, *, edited: bool = False) -> None:
        self.record = record
        self.body = body
        self.edited = edited
        self.id: int = body["message_id"]
        self.chat_id: int = record.chat.id
        self.author: str = record.author.name
        self.text: str = body.get("text") or body.get("caption") or ""
        self.entities: list[Body] = body.get("entities") or body.get("caption_entities") or []
        self.blocks: list[Body] = body.get("rich_message", {}).get("blocks", [])
        if self.blocks:
            self.text, self.entities = words(self.blocks)
        self.thread_id: int | None = body.get("message_thread_id")

    def __repr__(self) -> str:
        return f"<Message {self.id} of {self.author}: {self.text!r} {self.labels}>"

    @property
    def buttons(self) -> list[list[Button]]:
        """The rows of the inline keyboard."""
        keyboard = self.body.get("reply_markup") or {}
        return [
            [Button(raw["text"], raw.get("callback_data"), raw.get("url"), raw) for raw in row]
            for row in keyboard.get("inline_keyboard", ())
        ]

    @property
    def labels(self) -> list[str]:
        """The texts of all buttons, in reading order."""
        return [button.text for row in self.buttons for button in row]

    def button(self, label_or_data: str) -> Button:
        """Return the button with this text or data, or else the first that contains it in its text.

        Raises:
            NoAnswerError: There is no such button.
        """
        every = [button for row in self.buttons for button in row]
        for button in every:
            if label_or_data in (button.text, button.data):
                return button
        for button in every:
            if label_or_data in button.text:
                return button
        raise NoAnswerError(f"no button {label_or_data!r} under {self!r}")

    @property
    def links(self) -> list[str]:
        """Every address that the text links to, in reading order."""
        return [
            entity["url"]
            if entity["type"] == "text_link"
            else markup.cut(self.text, entity["offset"], entity["length"])
            for entity in self.entities
            if entity["type"] in {"text_link", "url"}
        ]

    def parts(self, kind: str) -> list[str]:
        """Return the parts of the text with one kind of entity, such as `bold`."""
        return [
            markup.cut(self.text, entity["offset"], entity["length"])
            for entity in self.entities
            if entity["type"] == kind
        ]

    @property
    def preview(self) -> str | None:
        """The address of the link preview, or None."""
        return self.record.preview.url if self.record.preview else None

    @property
    def reply_keyboard(self) -> Body | None:
        """The reply keyboard that came with the message, or None."""
        return self.record.reply_keyboard


class BotMessage(Message):
    """A message of the bot."""


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """The result of a tap: a line or alert, an address, an inline query or a copied text."""

    text: str = ""
    alert: bool = False
    url: str | None = None
    inline_query: str | None = None
    copied: str | None = None


@dataclass(frozen=True, slots=True)
class InlineResult:
    """One result of an inline query."""

    id: str
    title: str
    description: str
    query: str
    raw: Body


def carry_out(button: Button) -> CallbackAnswer:
    """Return the result of a button that Telegram handles without the bot."""
    raw = button.raw
    query = raw.get("switch_inline_query", raw.get("switch_inline_query_current_chat"))
    if "switch_inline_query_chosen_chat" in raw:
        query = raw["switch_inline_query_chosen_chat"].get("query", "")
    copied = raw["copy_text"]["text"] if "copy_text" in raw else None
    return CallbackAnswer(url=button.url, inline_query=query, copied=copied)


def transcript(chat: Chat) -> str:
    """Return the last messages of a chat as text, for error messages."""
    lines = [f"--- {chat.title} ---"]
    for record in list(chat.records.values())[-_TRANSCRIPT_LINES:]:
        message = Message(record, record.body)
        lines.append(f"{message.author}: {message.text or sorted(record.body)}")
        lines.extend(
            "    " + " ".join(f"[{button.text}]" for button in row) for row in message.buttons
        )
    return "\n".join(lines)
