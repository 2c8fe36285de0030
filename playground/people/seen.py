"""What a person sees: messages, buttons, answers, results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.checks import markup
from playground.rich.visible_text import words

if TYPE_CHECKING:
    from playground.world.chats import Body, Chat, Record

_TRANSCRIPT_LINES = 20


class NoAnswerError(AssertionError):
    """The bot did not do what somebody waited for; the text holds what was said so far."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message."""

    text: str
    data: str | None
    url: str | None
    raw: Body


class Message:
    """A message as it was at one moment, as a person sees it.

    Attributes:
        id: its number in the chat.
        text: the words, or the caption; without markup. Of a rich message, a line for each of its
            texts, folded ones too.
        entities: Telegram's, offsets in UTF-16 units; of a rich message those of a plain text
            that would mark its words alike.
        blocks: those of a rich message, none otherwise.
        body: Telegram's whole Message.
        edited: whether this is a later version of it.
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
        """The button with this text or data, else the first whose text holds it.

        Raises:
            NoAnswerError: there is none.
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
        """The parts of the text that are of one kind of entity, such as `bold`."""
        return [
            markup.cut(self.text, entity["offset"], entity["length"])
            for entity in self.entities
            if entity["type"] == kind
        ]

    @property
    def preview(self) -> str | None:
        """The address whose preview the message shows."""
        return self.record.preview.url if self.record.preview else None

    @property
    def reply_keyboard(self) -> Body | None:
        """The keyboard that came with it in place of the letters."""
        return self.record.reply_keyboard


class BotMessage(Message):
    """A message of the bot."""


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """What a tap brought: a line or alert, or an address, or an inline query to type."""

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
    """What a button does that Telegram itself carries out."""
    raw = button.raw
    query = raw.get("switch_inline_query", raw.get("switch_inline_query_current_chat"))
    if "switch_inline_query_chosen_chat" in raw:
        query = raw["switch_inline_query_chosen_chat"].get("query", "")
    copied = raw["copy_text"]["text"] if "copy_text" in raw else None
    return CallbackAnswer(url=button.url, inline_query=query, copied=copied)


def transcript(chat: Chat) -> str:
    """The last of what was said in a chat, for the eyes of whoever waited in vain."""
    lines = [f"--- {chat.title} ---"]
    for record in list(chat.records.values())[-_TRANSCRIPT_LINES:]:
        message = Message(record, record.body)
        lines.append(f"{message.author}: {message.text or sorted(record.body)}")
        lines.extend(
            "    " + " ".join(f"[{button.text}]" for button in row) for row in message.buttons
        )
    return "\n".join(lines)
