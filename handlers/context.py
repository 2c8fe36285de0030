"""What every handler has at hand: the services of the house, and ways to answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from telegram import LinkPreviewOptions
from telegram.constants import ChatType, ParseMode
from telegram.ext import CallbackContext, ExtBot

from digest.schedule import next_due
from storage.model import ChatKind, State

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Unpack

    from telegram import InlineKeyboardMarkup, ReplyKeyboardMarkup, ReplyKeyboardRemove, Update
    from telegram import Message as TelegramMessage

    from digest.deliver import Sender
    from handlers.places import Places
    from news.taxonomy import Taxonomy
    from storage.articles import Articles
    from storage.model import Subscriber
    from storage.saved import Saved
    from storage.shares import Shares
    from storage.sources import Sources
    from storage.subscribers import Changes, Subscribers
    from templates import Message, Renderer

type_of_chat = {
    ChatType.PRIVATE: ChatKind.PRIVATE,
    ChatType.GROUP: ChatKind.GROUP,
    ChatType.SUPERGROUP: ChatKind.GROUP,
    ChatType.CHANNEL: ChatKind.CHANNEL,
}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a newcomer gets before choosing."""

    language: str
    zone: str
    digest_minute: int


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a handler may ask; built once, by `bot.app`."""

    articles: Articles
    sources: Sources
    subscribers: Subscribers
    saved: Saved
    shares: Shares
    taxonomy: Taxonomy
    renderer: Renderer
    sender: Sender
    places: Places
    defaults: Defaults
    admins: frozenset[int]
    editors: frozenset[int]
    clock: Callable[[], datetime]


class Context(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], Services]):
    """A handler's context: `context.services`, `context.now`, and answers that fit Telegram."""

    @property
    def services(self) -> Services:
        """The services of the house."""
        return self.bot_data

    @property
    def now(self) -> datetime:
        """This moment, by the clock of the process."""
        return self.services.clock()

    async def subscriber(self, update: Update) -> Subscriber:
        """The chat that wrote, as a subscriber; made with the defaults when it is new.

        A reader's language is Telegram's, where ON News speaks it.
        """
        chat = update.effective_chat
        if chat is None:
            raise ValueError("an update without a chat has no subscriber")
        thread_id = topic_of(update)
        known = await self.services.subscribers.find(chat.id, thread_id)
        if known is not None and known.state is not State.GONE:
            return known
        defaults = self.services.defaults
        code = update.effective_user.language_code if update.effective_user else None
        subscriber, _ = await self.services.subscribers.ensure(
            chat.id,
            thread_id=thread_id,
            kind=ChatKind.TOPIC if thread_id else type_of_chat[ChatType(chat.type)],
            language=self.services.renderer.match(code, defaults.language),
            zone=defaults.zone,
            digest_minute=defaults.digest_minute,
            now=self.now,
        )
        return subscriber

    async def change(self, subscriber: Subscriber, /, **fields: Unpack[Changes]) -> Subscriber:
        """Store new settings together with the time of the next edition that follows from them."""
        after = replace(subscriber, **{k: v for k, v in fields.items() if k != "languages"})
        if after.state is State.ACTIVE and after.next_at is not None:
            fields["next_at"] = next_due(after, self.now)
        return await self.services.subscribers.change(subscriber.id, **fields)

    def render(self, template: str, subscriber: Subscriber, /, **values: object) -> Message:
        """Render a message in the subscriber's language."""
        return self.services.renderer.message(
            template, subscriber.language, subscriber=subscriber, **values
        )

    def label(self, key: str, subscriber: Subscriber, /, **values: object) -> str:
        """A short plain text, such as a button's, in the subscriber's language."""
        return self.services.renderer.label(key, subscriber.language, **values)

    async def reply(
        self,
        update: Update,
        message: Message,
        keyboard: InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None = None,
    ) -> TelegramMessage:
        """Answer in the same chat and topic; the keyboard stands under the last part."""
        chat = update.effective_chat
        if chat is None:
            raise ValueError("an update without a chat cannot be answered")
        sent: TelegramMessage | None = None
        for number, text in enumerate(message.parts, start=1):
            sent = await self.bot.send_message(
                chat.id,
                text,
                parse_mode=ParseMode.HTML,
                message_thread_id=topic_of(update) or None,
                link_preview_options=preview_of(message, first=number == 1),
                reply_markup=keyboard if number == len(message.parts) else None,
            )
        return cast("TelegramMessage", sent)

    async def edit(
        self, update: Update, message: Message, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Change the message whose button was tapped; only its first part has room there."""
        query = update.callback_query
        if query is None:
            raise ValueError("only a tapped message can be edited")
        await query.edit_message_text(
            message.parts[0],
            parse_mode=ParseMode.HTML,
            link_preview_options=preview_of(message, first=True),
            reply_markup=keyboard,
        )


def topic_of(update: Update) -> int:
    """The forum topic that an update belongs to; 0 where there is none."""
    message = update.effective_message
    if message is None or not getattr(message, "is_topic_message", False):
        return 0
    return message.message_thread_id or 0


def preview_of(message: Message, *, first: bool) -> LinkPreviewOptions:
    """Telegram's link preview for a message: the picture that its template names, or none."""
    if not first or message.preview is None:
        return LinkPreviewOptions(is_disabled=True)
    return LinkPreviewOptions(
        url=message.preview.url,
        prefer_large_media=message.preview.large,
        show_above_text=message.preview.above,
    )
