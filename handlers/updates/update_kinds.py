"""The chat, the person and the request of an update, read before any handler.

In a group the bot may receive everything that members write to one another; most of it is not meant
for the bot.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from telegram.constants import ChatType

from digest.pacing.priorities import Standing
from handlers.taps.callback_codec import StaleTap, base36
from handlers.taps.callback_data import (
    AllReports,
    AskForget,
    ExportAll,
    Forget,
    KeepAll,
    More,
    OpenCard,
    OpenMatter,
    OpenPrivacy,
    PickLetter,
    PickPage,
    Read,
    ShowCategory,
    Turn,
)
from handlers.typed.message_words import command_in, is_passed_on, names, words_in
from storage.replicas.spread import shard_of

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable

    from telegram import Bot, CallbackQuery, Message, Update

    from handlers.taps.callback_codec import Tap

FOR_ALL = frozenset({"latest", "search", "help"})
"""Commands with the same answer for every member of a group."""
CARDS = (OpenCard, Read, More, AllReports, OpenMatter, ShowCategory)
"""Taps that show something to everybody in a chat, unless they turn a page."""
PAGES = (Turn, More, AllReports, OpenMatter, PickPage, PickLetter)
"""Taps that change the content of a message, so that only the last one matters."""
RIGHTS = (OpenPrivacy, ExportAll, AskForget, Forget, KeepAll)
"""Taps that people who may not use the bot may make too, to see or delete what is stored."""


@dataclass(slots=True, eq=False)
class Item:
    """The facts about an update that decide its turn.

    Attributes:
        chat: Id of the chat that gets the answer; None for inline queries.
        wish: Key of the request; a waiting update with an equal key is replaced. None equals
            nothing.
        silent: Whether the chat's limits do not matter yet, because nothing is sent at first.
        needed: Whether it must not be dropped, such as a change of the bot's own membership.
        number: Telegram's number of the update.
        holds_up: Whether it holds up the next one of the person in the chat once it is begun.
        is_overdue: Whether it waited long enough behind those that wait for Telegram's limits.
    """

    chat: int | None
    person: int | None
    wish: Hashable = None
    silent: bool = False
    needed: bool = False
    standing: Standing = Standing.KNOWN
    number: int = 0
    holds_up: bool = True
    is_overdue: bool = False

    @property
    def lane(self) -> Hashable:
        """The key of its lane: that of the chat, or for inline queries of the person."""
        return ("inline", self.person) if self.chat is None else self.chat

    @property
    def shard(self) -> int:
        """The shard of the chat that the update is about, or of the person without one."""
        return shard_of(self.chat if self.chat is not None else self.person or 0)


def item_of(update: Update) -> Item:
    """Return the facts about an update that decide its turn."""
    chat, user = update.effective_chat, update.effective_user
    person = user.id if user is not None else None
    if update.inline_query is not None:
        return Item(None, person, wish="inline")
    if update.callback_query is not None:
        if chat is None or chat.type == ChatType.CHANNEL:
            return _tapped_elsewhere(update.callback_query)
        return _tapped(update.callback_query, chat.id)
    if chat is None:
        return Item(0, person, needed=True)
    message = update.message or update.edited_message
    if message is None or _is_change(message):
        return Item(chat.id, person, silent=True, needed=True)
    wish = _written(message, person)
    # An edit is seldom answered, so it must not take the place of a waiting message.
    return Item(chat.id, person, ("edited", wish) if update.edited_message is message else wish)


def concerns_us(update: Update, bot: Bot, commands: Collection[str]) -> bool:
    """Return whether any handler would accept an update."""
    # A message that was not understood may be edited.
    message = update.message or update.edited_message
    if message is None:
        return bool(
            update.callback_query
            or update.inline_query
            or update.chosen_inline_result
            or update.my_chat_member
        )
    if message.chat.type == ChatType.PRIVATE or _is_change(message):
        return True
    if words_in(message).startswith("/") and not is_passed_on(message):
        name, whose = command_in(message)
        return name in commands and whose in {"", bot.username.casefold()}
    return addressed(message, bot)


def addressed(message: Message, bot: Bot) -> bool:
    """Return whether a message is meant for the bot.

    In a group it is if it names the bot or replies to it. A channel's post that Telegram copies to
    the channel's discussion group is not, though the bot itself may have posted it.
    """
    if message.via_bot is not None or message.is_automatic_forward:
        return False
    if message.chat.type == ChatType.PRIVATE:
        return True
    replied = message.reply_to_message
    if (
        replied is not None
        and replied.from_user is not None
        and replied.from_user.id == bot.id
        # In a forum, every message replies to the first message of its topic.
        and not replied.forum_topic_created
    ):
        return True
    return names(words_in(message), bot.username)


def private_payload(query: CallbackQuery) -> str | None:
    """Return the payload of a link that shows in private what a tap would, or None if nothing."""
    tap = _shown_by(query.data or "")
    if isinstance(tap, OpenCard | Read | More | AllReports | OpenMatter):
        return f"a{base36(tap.article)}"
    return f"c-{tap.category}" if isinstance(tap, ShowCategory) else None


def asks_for_rights(query: CallbackQuery) -> bool:
    """Return whether a tap is for everybody, since it is about what is stored of the person."""
    return any(kind.matches(query.data or "") for kind in RIGHTS)


def identity(update: Update) -> str:
    """Return a hash that identifies an update, even if Telegram numbers anew, but no person."""
    parts: list[object] = [update.update_id]
    if update.callback_query is not None:
        parts.append(update.callback_query.id)
    if update.inline_query is not None:
        parts.append(update.inline_query.id)
    if update.chosen_inline_result is not None:
        parts.append(update.chosen_inline_result.inline_message_id)
    if update.my_chat_member is not None:
        parts.append(update.my_chat_member.date.timestamp())
    if (message := update.effective_message) is not None:
        parts += [message.chat.id, message.message_id, message.date.timestamp()]
    return blake2b(":".join(map(str, parts)).encode(), digest_size=12).hexdigest()


def _is_change(message: Message) -> bool:
    return any(
        each is not None
        for each in (
            message.migrate_to_chat_id,
            message.migrate_from_chat_id,
            message.forum_topic_created,
            message.forum_topic_edited,
            message.forum_topic_reopened,
            message.left_chat_member,
        )
    )


def _written(message: Message, person: int | None) -> Hashable:
    text = " ".join(words_in(message).casefold().split())
    if not text:
        return None
    topic = message.message_thread_id if message.is_topic_message else None
    command, _, words = text.partition(" ")
    name = command.partition("@")[0]
    group = message.chat.type != ChatType.PRIVATE
    writer = None if group and name[1:] in FOR_ALL else person
    return ("written", topic, writer, name, words, is_passed_on(message))


def _tapped_elsewhere(query: CallbackQuery) -> Item:
    message, person = query.message, query.from_user.id
    at = query.inline_message_id if message is None else (message.chat.id, message.message_id)
    return Item(person, person, ("tap", at, person, query.data), silent=True)


def _tapped(query: CallbackQuery, chat_id: int) -> Item:
    number = query.message.message_id if query.message is not None else None
    person, data = query.from_user.id, query.data or ""
    if _shown_by(data) is not None:
        return Item(chat_id, person, ("tap", number, None, data))
    for kind in PAGES:
        if kind.matches(data):
            return Item(chat_id, person, ("page", number, person, kind))
    # The choice is stored at once; only the message that shows it waits for the chat's limits.
    return Item(chat_id, person, ("tap", number, person, data), silent=True)


def _shown_by(data: str) -> Tap | None:
    """Return the tap if everybody in the chat sees what it sends, or None."""
    try:
        for kind in CARDS:
            if kind.matches(data):
                tap = kind.unpack(data)
                return (
                    None
                    if isinstance(tap, Read | More | AllReports | OpenMatter) and tap.turn
                    else tap
                )
    except StaleTap:
        pass
    return None
