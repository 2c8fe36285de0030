"""The context of every handler: the sender, texts in the reader's language, and ways to answer."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

from telegram import (
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import CallbackContext, ExtBot

from handlers.core.origin import ChatOrTopic, chat_of, in_private
from handlers.core.rich_methods import edit_rich, send_rich, unchanged
from handlers.core.services.services import Services
from handlers.taps.callback_codec import about_keyboard
from handlers.typed.places import CITIES, city_of
from storage.model import ChatKind
from storage.readers.kept_choices import keeping_before

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from datetime import datetime

    from telegram import InlineKeyboardButton, MaybeInaccessibleMessage, Message, Update

    from handlers.core.services.readers import Readers
    from storage.model import Subscriber
    from templates import RenderedMessage

Rows: TypeAlias = "Sequence[Sequence[InlineKeyboardButton]]"
"""The buttons under a message, row by row; empty rows are left out."""
Keyboard: TypeAlias = "Rows | InlineKeyboardMarkup | None"
Reply: TypeAlias = "tuple[RenderedMessage, Keyboard]"
"""A message to send, and the buttons under it."""

HERE = {
    ChatKind.GROUP: "this_group",
    ChatKind.TOPIC: "this_topic",
    ChatKind.CHANNEL: "this_channel",
}
"""Kinds of chats with several people, and the key of the label that names each."""


class Managing(NamedTuple):
    """The channel or group that an update in a private chat is about."""

    subscriber_id: int
    title: str
    chat_id: int
    """Id of the manager's private chat."""
    language: str


class Context(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], Services]):
    """A handler's context: the services, the time, and replies within Telegram's limits."""

    managed: Managing | None = None
    """The channel or group that its manager changes from a private chat; None otherwise."""

    forum: bool = False
    """Whether this update comes from a group with topics."""

    @property
    def services(self) -> Services:
        """The services that handlers use."""
        return self.bot_data

    @property
    def now(self) -> datetime:
        """The present time, from the clock of the process."""
        return self.services.clock()

    @property
    def readers(self) -> Readers:
        """The service that changes subscribers' settings."""
        return self.services.readers

    async def subscriber(self, update: Update) -> Subscriber:
        """Return the chat that the update is about as a subscriber, creating it with the defaults.

        This is the managed channel or group if there is one, or else the chat that wrote. A new
        subscriber gets the language of its Telegram app, if ON News has it.
        """
        chat = update.effective_chat
        self.forum = chat is not None and bool(chat.is_forum)
        if self.managed is not None:
            managed = await self.services.subscribers.get(self.managed.subscriber_id)
            if managed is not None:
                return managed
        return await self._kept(update, chat_of(update))

    @asynccontextmanager
    async def undoable(self) -> AsyncIterator[None]:
        """Note what chats had before what changes within, so that `undo` takes it back."""
        now = self.now
        with keeping_before() as kept:
            yield
        for subscriber_id, before in kept.items():
            await self.services.last_changes.note(subscriber_id, before, now)

    async def own(self, update: Update) -> Subscriber:
        """Return the person who wrote or tapped as a subscriber, also in a group."""
        user = update.effective_user
        if user is None or in_private(update):
            return await self._kept(update, chat_of(update))
        known = await self.services.subscribers.find(user.id)
        if known is not None:
            return known
        return await self._kept(update, ChatOrTopic(user.id, 0, ChatKind.PRIVATE))

    async def _kept(self, update: Update, chat: ChatOrTopic) -> Subscriber:
        """Return a chat as a subscriber; a chat without access to the bot is not stored."""
        language, code = self.language(update), language_code(update)
        if self.lets_in(chat.id):
            return await self.readers.find_or_add(chat, language, code)
        known = await self.services.subscribers.find(chat.id, chat.thread_id)
        return self.readers.passing(chat, language, code) if known is None else known

    def lets_in(self, chat_id: int) -> bool:
        """Return whether a chat or person may use the bot, a new supergroup also by its old id."""
        admissions = self.services.admissions
        before = self.services.memory.moved.get(chat_id, self.now)
        return admissions.permits(chat_id) or (before is not None and admissions.permits(before))

    def language(self, update: Update) -> str:
        """Return the language of the sender's Telegram app, or the default if ON News lacks it."""
        return self.services.renderer.match(language_code(update), self.services.defaults.language)

    def render(self, template: str, subscriber: Subscriber, /, **values: object) -> RenderedMessage:
        """Render a message in `language_for` a subscriber, after the name of a managed chat."""
        renderer, language = self.services.renderer, self.language_for(subscriber)
        managed = self._managing(subscriber)
        message = renderer.message(
            template, language, subscriber=subscriber, managed=managed is not None, **values
        )
        if managed is None:
            return message
        head = renderer.fragment("managed", language, title=managed.title)
        return replace(
            message,
            parts=(f"{head}\n\n{message.parts[0]}", *message.parts[1:]),
            pieces=(),
            rich=None,
        )

    def language_for(self, subscriber: Subscriber) -> str:
        """Return the language for messages about a subscriber: its own, or that of its manager."""
        managed = self._managing(subscriber)
        return subscriber.language if managed is None else managed.language

    def place(self, subscriber: Subscriber) -> int:
        """Return the id of the chat in which a subscriber's settings are shown."""
        managed = self._managing(subscriber)
        return subscriber.chat_id if managed is None else managed.chat_id

    def _managing(self, subscriber: Subscriber) -> Managing | None:
        managed = self.managed
        return managed if managed and managed.subscriber_id == subscriber.id else None

    def seen_by_many(self, subscriber: Subscriber) -> bool:
        """Return whether a message goes to a group or topic, where any member may tap buttons."""
        return subscriber.kind in {ChatKind.GROUP, ChatKind.TOPIC} and self.managed is None

    def _marked(self, keyboard: Keyboard) -> InlineKeyboardMarkup | None:
        """Return a keyboard with the managed subscriber's id in it, or None without buttons."""
        filled = [row for row in rows_of(keyboard) if row]
        if not filled:
            return None
        markup = InlineKeyboardMarkup(filled)
        if self.managed is None:
            return markup
        return about_keyboard(self.managed.subscriber_id, markup)

    def label(self, key: str, subscriber: Subscriber, /, **values: object) -> str:
        """Return a short plain text, such as a button's, in `language_for` the subscriber."""
        return self.services.renderer.label(key, self.language_for(subscriber), **values)

    def label_for(self, key: str, subscriber: Subscriber, /, **values: object) -> str:
        """Return the `label` of a key for a reader, or of the key with `_here` for other chats."""
        here = HERE.get(subscriber.kind)
        if here is None:
            return self.label(key, subscriber, **values)
        return self.label(f"{key}_here", subscriber, here=self.label(here, subscriber), **values)

    def hour(self, minute: int, subscriber: Subscriber) -> str:
        """Format minutes after midnight in `language_for` the subscriber: `08:05`, `8 h 05`."""
        return self.services.renderer.filters(self.language_for(subscriber)).dates.hour(minute)

    def category(self, slug: str, subscriber: Subscriber) -> str:
        """Return a category's name in `language_for` the subscriber."""
        return self.services.renderer.category(slug, self.language_for(subscriber))

    def city(self, subscriber: Subscriber) -> str:
        """Return the city that a subscriber named, or the name of the time zone's city."""
        if subscriber.city:
            return subscriber.city
        for city in CITIES:
            if city.zone == subscriber.zone:
                return self.label(f"city_{city.key}", subscriber)
        return city_of(subscriber.zone, self.language_for(subscriber))

    def by_name(self, slugs: Iterable[str], subscriber: Subscriber) -> tuple[str, ...]:
        """Return the categories sorted by their names in `language_for` the subscriber."""
        return self.services.renderer.filters(self.language_for(subscriber)).by_name(slugs)

    def link(self, payload: str) -> str:
        """Return a deep link into the bot with this payload."""
        return f"https://t.me/{self.bot.username}?start={payload}"

    async def reply(
        self,
        update: Update,
        message: RenderedMessage,
        keyboard: Keyboard | ReplyKeyboardMarkup | ReplyKeyboardRemove = None,
        *,
        to: int | None = None,
    ) -> Message:
        """Answer in the same chat and topic; return the last part, which has the buttons."""
        chat = chat_of(update)
        if not isinstance(keyboard, ReplyKeyboardMarkup | ReplyKeyboardRemove):
            keyboard = self._marked(keyboard)
        if message.rich is not None:
            sent = await send_rich(
                self.bot,
                self.services.rich,
                message.rich,
                chat_id=chat.id,
                thread_id=chat.thread_id,
                keyboard=keyboard,
                to=to,
                now=self.now,
            )
            if sent is not None:
                return sent
        for number, text in enumerate(message.parts, start=1):
            sent = await self.bot.send_message(
                chat.id,
                text,
                parse_mode=ParseMode.HTML,
                message_thread_id=chat.thread_id or None,
                link_preview_options=link_preview(message, first=number == 1),
                reply_markup=keyboard if number == len(message.parts) else None,
                reply_parameters=ReplyParameters(to, allow_sending_without_reply=True)
                if to is not None and number == 1
                else None,
            )
        return cast("Message", sent)

    async def send_to(
        self, chat_id: int, message: RenderedMessage, keyboard: Keyboard = None
    ) -> None:
        """Send the first part of a message to another chat; raise Forbidden if the bot may not."""
        await self.bot.send_message(
            chat_id,
            message.parts[0],
            parse_mode=ParseMode.HTML,
            link_preview_options=link_preview(message, first=True),
            reply_markup=self._marked(keyboard),
        )

    async def edit(
        self, update: Update, message: RenderedMessage, keyboard: Keyboard = None
    ) -> None:
        """Replace the tapped message by a message's first part; do nothing if it looks the same."""
        tapped = _tapped(update)
        await self.edit_message(tapped.chat.id, tapped.message_id, message, keyboard)

    async def edit_message(
        self,
        chat_id: int,
        message_id: int,
        message: RenderedMessage,
        keyboard: Keyboard = None,
    ) -> None:
        """Replace an earlier message that was not tapped; raise BadRequest if it is gone."""
        marked = self._marked(keyboard)
        try:
            if not await self._edited_in_blocks(chat_id, message_id, message, marked):
                await self.bot.edit_message_text(
                    message.parts[0],
                    chat_id,
                    message_id,
                    parse_mode=ParseMode.HTML,
                    link_preview_options=link_preview(message, first=True),
                    reply_markup=marked,
                )
        except BadRequest as error:
            if not unchanged(error):
                raise
        self.note_keyboard(chat_id, message_id, marked)

    async def _edited_in_blocks(
        self,
        chat_id: int,
        message_id: int,
        message: RenderedMessage,
        keyboard: InlineKeyboardMarkup | None,
    ) -> bool:
        """Replace a message with a rich one; return False if a plain one is needed."""
        if message.rich is None:
            return False
        sent = await edit_rich(
            self.bot,
            self.services.rich,
            message.rich,
            chat_id=chat_id,
            message_id=message_id,
            keyboard=keyboard,
            now=self.now,
        )
        return sent is not None

    async def edit_keyboard(self, update: Update, keyboard: Keyboard) -> None:
        """Replace only the keyboard of the tapped message."""
        tapped, marked = _tapped(update), self._marked(keyboard)
        chat_id, message_id = tapped.chat.id, tapped.message_id
        try:
            await self.bot.edit_message_reply_markup(chat_id, message_id, reply_markup=marked)
        except BadRequest as error:
            if not unchanged(error):
                raise
        self.note_keyboard(chat_id, message_id, marked)

    def keyboard(self, update: Update) -> InlineKeyboardMarkup | None:
        """Return the present keyboard of the tapped message, or None.

        If two buttons are tapped in quick succession, the second tap still arrives with the
        keyboard from before the first; the newer one is remembered here.
        """
        message = update.effective_message
        if message is None:
            return None
        at = (message.chat.id, message.message_id)
        return self.services.memory.keyboards.get(at, self.now) or message.reply_markup

    def note_keyboard(
        self, chat_id: int, message_id: int, keyboard: InlineKeyboardMarkup | None
    ) -> None:
        """Remember the keyboard that a message was given; None if it has none."""
        shown = keyboard or InlineKeyboardMarkup(())
        self.services.memory.keyboards.put((chat_id, message_id), shown, self.now)


def rows_of(keyboard: Keyboard) -> Rows:
    """Return the rows of a keyboard; none for None."""
    return (
        keyboard.inline_keyboard if isinstance(keyboard, InlineKeyboardMarkup) else keyboard or ()
    )


def language_code(update: Update) -> str | None:
    """Return the language code that Telegram reports for the sender, or None."""
    return update.effective_user.language_code if update.effective_user else None


def link_preview(message: RenderedMessage, *, first: bool) -> LinkPreviewOptions:
    """Return the link preview of a message's part: the picture that its template names, or none."""
    if not first or message.preview is None:
        return LinkPreviewOptions(is_disabled=True)
    return LinkPreviewOptions(
        url=message.preview.url,
        prefer_large_media=True,
        show_above_text=True,
    )


def _tapped(update: Update) -> MaybeInaccessibleMessage:
    """Return the tapped message; raise ValueError if it was sent through inline mode."""
    if update.callback_query is None or update.callback_query.message is None:
        raise ValueError("only a tapped message can be edited")
    return update.callback_query.message
