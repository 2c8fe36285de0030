"""What every handler has at hand: who wrote, words in their language, and ways to answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar, cast

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import CallbackContext, ExtBot

from handlers.core.origin import ChatOrTopic, chat_of, in_private
from handlers.core.rich_methods import edit_rich, send_rich, unchanged
from handlers.core.services import Services
from handlers.taps.callback_codec import about_keyboard
from handlers.typed.places import CITIES, city_of
from storage.model import ChatKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from telegram import (
        CallbackQuery,
        Message,
        ReplyKeyboardMarkup,
        ReplyKeyboardRemove,
        Update,
    )

    from handlers.core.readers import Readers
    from storage.model import Subscriber
    from templates import RenderedMessage

K = TypeVar("K")

Reply: TypeAlias = "tuple[RenderedMessage, InlineKeyboardMarkup | None]"
"""What a reader is sent: a message, and the buttons under it."""

HERE = {
    ChatKind.GROUP: "this_group",
    ChatKind.TOPIC: "this_topic",
    ChatKind.CHANNEL: "this_channel",
}
"""Chats of several people, and the key of the label by which each is spoken of."""


class Managing(NamedTuple):
    """What an update in a private chat is about, in the place of its reader."""

    subscriber_id: int
    title: str
    chat_id: int
    """The private chat of the manager."""
    language: str
    """The manager's."""


class Context(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], Services]):
    """A handler's context: `context.services`, `context.now`, and answers that fit Telegram."""

    managed: Managing | None = None
    """The channel or group that this update is about, where its manager wrote in private."""

    forum: bool = False
    """Whether this update comes from a group with topics."""

    @property
    def services(self) -> Services:
        """The services of the house."""
        return self.bot_data

    @property
    def now(self) -> datetime:
        """This moment, by the clock of the process."""
        return self.services.clock()

    @property
    def readers(self) -> Readers:
        """Where settings are changed."""
        return self.services.readers

    async def subscriber(self, update: Update) -> Subscriber:
        """The chat that wrote, as a subscriber; made with the defaults when it is new.

        A reader's language is Telegram's, where ON News speaks it. Where a channel or a group is
        managed from a private chat, it is that.
        """
        chat = update.effective_chat
        self.forum = chat is not None and bool(chat.is_forum)
        if self.managed is not None:
            managed = await self.services.subscribers.get(self.managed.subscriber_id)
            if managed is not None:
                return managed
        return await self._kept(update, chat_of(update))

    async def own(self, update: Update) -> Subscriber:
        """Whoever wrote or tapped, as a subscriber: in a group, not the group."""
        user = update.effective_user
        if user is None or in_private(update):
            return await self._kept(update, chat_of(update))
        known = await self.services.subscribers.find(user.id)
        if known is not None:
            return known
        return await self._kept(update, ChatOrTopic(user.id, 0, ChatKind.PRIVATE))

    async def _kept(self, update: Update, chat: ChatOrTopic) -> Subscriber:
        """A chat as a subscriber; nothing is stored of one that is not let in."""
        language, code = self.language(update), language_code(update)
        if self.lets_in(chat.id):
            return await self.readers.find_or_add(chat, language, code)
        known = await self.services.subscribers.find(chat.id, chat.thread_id)
        return self.readers.passing(chat, language, code) if known is None else known

    def lets_in(self, chat_id: int) -> bool:
        """Whether a person or a group may use the bot, also a group that has just another id."""
        admissions = self.services.admissions
        before = self.services.memory.moved.get(chat_id, self.now)
        return admissions.permits(chat_id) or (before is not None and admissions.permits(before))

    def language(self, update: Update) -> str:
        """The language of whoever wrote, by what Telegram says of them."""
        return self.services.renderer.match(language_code(update), self.services.defaults.language)

    def render(self, template: str, subscriber: Subscriber, /, **values: object) -> RenderedMessage:
        """Render a message in `language_for` a subscriber; of what is managed, with its name."""
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
        """The language of what is said about a subscriber: its own, or that of who manages it."""
        managed = self._managing(subscriber)
        return subscriber.language if managed is None else managed.language

    def place(self, subscriber: Subscriber) -> int:
        """The id of the chat in which a subscriber's settings are shown."""
        managed = self._managing(subscriber)
        return subscriber.chat_id if managed is None else managed.chat_id

    def _managing(self, subscriber: Subscriber) -> Managing | None:
        """What is managed, if it is this subscriber."""
        managed = self.managed
        return managed if managed and managed.subscriber_id == subscriber.id else None

    def seen_by_many(self, subscriber: Subscriber) -> bool:
        """Whether a message goes to a group or topic, where each member may tap its buttons."""
        return subscriber.kind in {ChatKind.GROUP, ChatKind.TOPIC} and self.managed is None

    def _marked(self, keyboard: K) -> K:
        """The same keyboard, whose buttons say what is managed with them."""
        if self.managed is None or not isinstance(keyboard, InlineKeyboardMarkup):
            return keyboard
        return cast("K", about_keyboard(self.managed.subscriber_id, keyboard))

    def label(self, key: str, subscriber: Subscriber, /, **values: object) -> str:
        """A short plain text, such as a button's, in `language_for` the subscriber."""
        return self.services.renderer.label(key, self.language_for(subscriber), **values)

    def label_for(self, key: str, subscriber: Subscriber, /, **values: object) -> str:
        """As `label`, to a reader; of a group, topic or channel the one with `_here` behind."""
        here = HERE.get(subscriber.kind)
        if here is None:
            return self.label(key, subscriber, **values)
        return self.label(f"{key}_here", subscriber, here=self.label(here, subscriber), **values)

    def category(self, slug: str, subscriber: Subscriber) -> str:
        """A category's name in `language_for` the subscriber."""
        return self.services.renderer.category(slug, self.language_for(subscriber))

    def city(self, subscriber: Subscriber) -> str:
        """The city that a subscriber named; else the zone's, by the name that is shown."""
        if subscriber.city:
            return subscriber.city
        for city in CITIES:
            if city.zone == subscriber.zone:
                return self.label(f"city_{city.key}", subscriber)
        return city_of(subscriber.zone, self.language_for(subscriber))

    def by_name(self, slugs: Iterable[str], subscriber: Subscriber) -> tuple[str, ...]:
        """The same categories, in the order of their names in `language_for` the subscriber."""
        return self.services.renderer.by_name(slugs, self.language_for(subscriber))

    def link(self, payload: str) -> str:
        """A deep link into the bot."""
        return f"https://t.me/{self.bot.username}?start={payload}"

    async def reply(
        self,
        update: Update,
        message: RenderedMessage,
        keyboard: InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None = None,
        *,
        to: int | None = None,
    ) -> Message:
        """Answer in the same chat and topic; the keyboard stands under the last part.

        Args:
            update: What is answered.
            message: The answer.
            keyboard: What stands under it.
            to: The id of the message that the answer hangs on, if it should.
        """
        chat, keyboard = chat_of(update), self._marked(keyboard)
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
        self, chat_id: int, message: RenderedMessage, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Write to another chat than the one that asked: the first part, which is all of a list.

        Raises:
            telegram.error.Forbidden: That chat may not be written to.
        """
        await self.bot.send_message(
            chat_id,
            message.parts[0],
            parse_mode=ParseMode.HTML,
            link_preview_options=link_preview(message, first=True),
            reply_markup=keyboard,
        )

    async def edit(
        self, update: Update, message: RenderedMessage, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Change the message whose button was tapped; only its first part has room there.

        After a double tap there is nothing to change, which is no failure.
        """
        query = update.callback_query
        if query is None:
            raise ValueError("only a tapped message can be edited")
        keyboard = self._marked(keyboard)
        try:
            if not await self._edited_in_blocks(query, message, keyboard):
                await query.edit_message_text(
                    message.parts[0],
                    parse_mode=ParseMode.HTML,
                    link_preview_options=link_preview(message, first=True),
                    reply_markup=keyboard,
                )
        except BadRequest as error:
            if not unchanged(error):
                raise
        self._note_tapped(query, keyboard)

    async def edit_message(
        self,
        chat_id: int,
        message_id: int,
        message: RenderedMessage,
        keyboard: InlineKeyboardMarkup | None = None,
    ) -> None:
        """Change an earlier message of the bot's own, which nobody tapped.

        Raises:
            telegram.error.BadRequest: It is no longer there.
        """
        keyboard = self._marked(keyboard)
        try:
            await self.bot.edit_message_text(
                message.parts[0],
                chat_id,
                message_id,
                parse_mode=ParseMode.HTML,
                link_preview_options=link_preview(message, first=True),
                reply_markup=keyboard,
            )
        except BadRequest as error:
            if not unchanged(error):
                raise
        self.note_keyboard(chat_id, message_id, keyboard)

    async def _edited_in_blocks(
        self, query: CallbackQuery, message: RenderedMessage, keyboard: InlineKeyboardMarkup | None
    ) -> bool:
        """Change a tapped message into a rich one; False where it has to be a plain one."""
        tapped = query.message
        if message.rich is None or tapped is None:
            return False
        sent = await edit_rich(
            self.bot,
            self.services.rich,
            message.rich,
            chat_id=tapped.chat.id,
            message_id=tapped.message_id,
            keyboard=keyboard,
            now=self.now,
        )
        return sent is not None

    async def edit_keyboard(self, update: Update, keyboard: InlineKeyboardMarkup) -> None:
        """Change only what stands under the message whose button was tapped."""
        query = update.callback_query
        if query is None:
            raise ValueError("only a tapped message can be edited")
        keyboard = self._marked(keyboard)
        try:
            await query.edit_message_reply_markup(keyboard)
        except BadRequest as error:
            if not unchanged(error):
                raise
        self._note_tapped(query, keyboard)

    def keyboard(self, update: Update) -> InlineKeyboardMarkup | None:
        """What stands under the tapped message by now.

        Of two buttons tapped in haste, the second tap still carries the keyboard that the first
        has changed.
        """
        message = update.effective_message
        if message is None:
            return None
        at = (message.chat.id, message.message_id)
        return self.services.memory.keyboards.get(at, self.now) or message.reply_markup

    def _note_tapped(self, query: CallbackQuery, keyboard: InlineKeyboardMarkup | None) -> None:
        if query.message is not None:
            self.note_keyboard(query.message.chat.id, query.message.message_id, keyboard)

    def note_keyboard(
        self, chat_id: int, message_id: int, keyboard: InlineKeyboardMarkup | None
    ) -> None:
        """Note what was put under a message; None for nothing."""
        shown = keyboard or InlineKeyboardMarkup(())
        self.services.memory.keyboards.put((chat_id, message_id), shown, self.now)


def language_code(update: Update) -> str | None:
    """What Telegram says of the language of whoever wrote; None where it says nothing."""
    return update.effective_user.language_code if update.effective_user else None


def link_preview(message: RenderedMessage, *, first: bool) -> LinkPreviewOptions:
    """Telegram's link preview for a message: the picture that its template names, or none."""
    if not first or message.preview is None:
        return LinkPreviewOptions(is_disabled=True)
    return LinkPreviewOptions(
        url=message.preview.url,
        prefer_large_media=message.preview.large,
        show_above_text=message.preview.above,
    )
