"""Where an update comes from, and what was typed: read from it before anything is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from telegram.constants import ChatType

from handlers.typed.message_words import after_command, words_in
from storage.model import ChatKind

if TYPE_CHECKING:
    from telegram import Update

KIND_OF_CHAT = {
    ChatType.PRIVATE: ChatKind.PRIVATE,
    ChatType.GROUP: ChatKind.GROUP,
    ChatType.SUPERGROUP: ChatKind.GROUP,
    ChatType.CHANNEL: ChatKind.CHANNEL,
}


class ChatOrTopic(NamedTuple):
    """A chat, or a forum's topic, that is or may become a subscriber."""

    id: int
    thread_id: int
    """0 where there is no topic."""
    kind: ChatKind


class Asker(NamedTuple):
    """Who wrote or tapped, and where; the topic is 0 where there is none."""

    user_id: int
    chat_id: int
    thread_id: int


def chat_of(update: Update) -> ChatOrTopic:
    """The chat or topic that an update came from.

    Raises:
        ValueError: It came from none, as an inline query does.
    """
    chat = update.effective_chat
    if chat is None:
        raise ValueError("this update comes from no chat")
    thread_id = topic_of(update)
    kind = ChatKind.TOPIC if thread_id else KIND_OF_CHAT[ChatType(chat.type)]
    return ChatOrTopic(chat.id, thread_id, kind)


def topic_of(update: Update) -> int:
    """The forum topic that an update belongs to; 0 where there is none."""
    message = update.effective_message
    if message is None or not getattr(message, "is_topic_message", False):
        return 0
    return message.message_thread_id or 0


def asker_of(update: Update) -> Asker | None:
    """Who wrote or tapped, and where; None for updates that nobody wrote in a chat.

    An administrator who writes as the group itself has the group's id.
    """
    chat, user = update.effective_chat, update.effective_user
    if chat is None or user is None:
        return None
    return Asker(chat.id if is_from_a_chat(update) else user.id, chat.id, topic_of(update))


def is_from_a_chat(update: Update) -> bool:
    """Whether a message is a chat's own, as an anonymous administrator's is their group's.

    Its `from` is then a bot of Telegram's. Whoever taps a button is always a person.
    """
    return update.message is not None and update.message.sender_chat is not None


def in_private(update: Update) -> bool:
    """Whether this is between one reader and the bot."""
    return update.effective_chat is not None and update.effective_chat.type == ChatType.PRIVATE


def words_of(update: Update) -> str:
    """What follows the command, by `after_command`; nothing where there is none."""
    text = words_in(update.effective_message) if update.effective_message else ""
    return after_command(text) if text.startswith("/") else ""
