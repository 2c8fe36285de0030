"""Where an update comes from and what was typed, read from the update alone."""

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
    """Id of the topic; 0 if there is none."""
    kind: ChatKind


class Asker(NamedTuple):
    """The person who wrote or tapped, the chat, and the topic (0 if there is none)."""

    user_id: int
    chat_id: int
    thread_id: int


def chat_of(update: Update) -> ChatOrTopic:
    """Return the chat or topic of an update; raise ValueError if it has none (an inline query)."""
    chat = update.effective_chat
    if chat is None:
        raise ValueError("the update has no chat")
    thread_id = topic_of(update)
    kind = ChatKind.TOPIC if thread_id else KIND_OF_CHAT[ChatType(chat.type)]
    return ChatOrTopic(chat.id, thread_id, kind)


def topic_of(update: Update) -> int:
    """Return the id of the forum topic that an update belongs to; 0 if there is none."""
    message = update.effective_message
    if message is None or not getattr(message, "is_topic_message", False):
        return 0
    return message.message_thread_id or 0


def asker_of(update: Update) -> Asker | None:
    """Return who wrote or tapped, and where; None if the update has no person or no chat.

    Who writes in the name of a chat gets that chat's id: an anonymous administrator the group's, a
    member who writes as a channel the channel's.
    """
    chat, user = update.effective_chat, update.effective_user
    if chat is None or user is None:
        return None
    sender = update.message.sender_chat if update.message is not None else None
    return Asker(user.id if sender is None else sender.id, chat.id, topic_of(update))


def is_from_a_chat(update: Update) -> bool:
    """Return whether a message is in a chat's name; its user is then one of Telegram's bots."""
    return update.message is not None and update.message.sender_chat is not None


def in_private(update: Update) -> bool:
    """Return whether the update comes from a private chat with one reader."""
    return update.effective_chat is not None and update.effective_chat.type == ChatType.PRIVATE


def words_of(update: Update) -> str:
    """Return the words after the command, or an empty string if the message has no command."""
    text = words_in(update.effective_message) if update.effective_message else ""
    return after_command(text) if text.startswith("/") else ""
