"""What every handler has at hand: the services of the house, and ways to answer."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from telegram import LinkPreviewOptions, ReplyParameters
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest
from telegram.ext import CallbackContext, ExtBot

from digest.current_answer import current_answer
from digest.schedule import last_due, next_due
from handlers.interrupted import Interrupted
from handlers.memory import Awaited, Memory, Place
from storage.model import ChatKind, State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime
    from typing import Unpack

    from telegram import InlineKeyboardMarkup, ReplyKeyboardMarkup, ReplyKeyboardRemove, Update
    from telegram import Message as TelegramMessage

    from digest.past_editions import PastEditions
    from digest.sender import Sender
    from handlers.places import Places
    from news.filing.taxonomy import Taxonomy
    from storage.articles import Articles
    from storage.model import Subscriber
    from storage.saved import Saved
    from storage.shares import Shares
    from storage.sources import Sources
    from storage.subscribers import Changes, Subscribers
    from templates import Message, Renderer

log = logging.getLogger(__name__)

TYPE_OF_CHAT = {
    ChatType.PRIVATE: ChatKind.PRIVATE,
    ChatType.GROUP: ChatKind.GROUP,
    ChatType.SUPERGROUP: ChatKind.GROUP,
    ChatType.CHANNEL: ChatKind.CHANNEL,
}


class WeekCounts:
    """How many articles each category had in a week, asked for once a minute at most."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._until: datetime | None = None

    async def get(self, articles: Articles, now: datetime) -> dict[str, int]:
        """Category slug → number of articles first seen in the seven days before `now`."""
        if self._until is None or self._until <= now:
            self._counts = await articles.week_counts(now - timedelta(days=7))
            self._until = now + timedelta(minutes=1)
        return self._counts


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a newcomer gets before choosing, and for how long it is kept once they stop."""

    language: str
    zone: str
    digest_minute: int
    kept_days: int = 730
    """0 is for ever."""


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
    past_editions: PastEditions
    places: Places
    defaults: Defaults
    admins: frozenset[int]
    editors: frozenset[int]
    clock: Callable[[], datetime]
    week_counts: WeekCounts = field(default_factory=WeekCounts)
    interrupted: Interrupted = field(default_factory=Interrupted)
    memory: Memory = field(default_factory=Memory)


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
        return await self._ensure(
            chat.id,
            thread_id,
            ChatKind.TOPIC if thread_id else TYPE_OF_CHAT[ChatType(chat.type)],
            self.language(update),
        )

    async def own(self, update: Update) -> Subscriber:
        """Whoever wrote or tapped, as a subscriber: in a group, not the group."""
        chat, user = update.effective_chat, update.effective_user
        if user is None or (chat is not None and chat.type == ChatType.PRIVATE):
            return await self.subscriber(update)
        known = await self.services.subscribers.find(user.id)
        return known or await self._ensure(user.id, 0, ChatKind.PRIVATE, self.language(update))

    async def _ensure(
        self, chat_id: int, thread_id: int, kind: ChatKind, language: str
    ) -> Subscriber:
        defaults = self.services.defaults
        subscriber, _ = await self.services.subscribers.ensure(
            chat_id,
            thread_id=thread_id,
            kind=kind,
            language=language,
            zone=defaults.zone,
            digest_minute=defaults.digest_minute,
            now=self.now,
        )
        return await self.scheduled(subscriber)

    def language(self, update: Update) -> str:
        """The language of whoever wrote, by what Telegram says of them."""
        code = update.effective_user.language_code if update.effective_user else None
        return self.services.renderer.match(code, self.services.defaults.language)

    async def change(self, subscriber: Subscriber, /, **fields: Unpack[Changes]) -> Subscriber:
        """Store new settings together with the time of the next edition that follows from them."""
        own = {name: value for name, value in fields.items() if name != "languages"}
        after = replace(subscriber, **cast("dict[str, Any]", own))
        if after.state is State.ACTIVE and after.next_at is not None:
            last = None
            if after.zone != subscriber.zone:
                # A traveller's new zone may still have the date of the edition that has come.
                had = last_due(subscriber, self.now)
                last = had if had > subscriber.created else None
            fields["next_at"] = next_due(after, self.now, last=last)
        return await self.services.subscribers.change(subscriber.id, **fields)

    async def scheduled(self, subscriber: Subscriber) -> Subscriber:
        """Give a next edition to a subscriber who follows something and has none to come."""
        if (
            subscriber.state is not State.ACTIVE
            or subscriber.next_at is not None
            or not subscriber.taste.follows
        ):
            return subscriber
        return await self.services.subscribers.change(
            subscriber.id, next_at=next_due(subscriber, self.now)
        )

    async def follow(self, subscriber: Subscriber, category: str, *, on: bool = True) -> Subscriber:
        """Follow a category or leave it. Whoever follows the first one gets tomorrow's edition."""
        subscribers = self.services.subscribers
        if not on:
            return await subscribers.unfollow(subscriber.id, category)
        return await self.scheduled(await subscribers.follow(subscriber.id, category))

    async def may_choose(self, update: Update) -> bool:
        """Whether whoever wrote or tapped may change what this chat gets.

        In a private chat that is its reader, in a group its administrators.
        """
        chat, user, message = update.effective_chat, update.effective_user, update.message
        if chat is None:
            return False
        if chat.type == ChatType.PRIVATE:
            return True
        if message is not None and message.sender_chat is not None:
            # An administrator who writes as the group itself.
            return message.sender_chat.id == chat.id
        if user is None:
            return False
        administrators = self.services.memory.administrators
        known = administrators.get(chat.id, self.now)
        if known is None:
            # getChatMember fails for bots that are no administrators where members are hidden.
            try:
                members = await self.bot.get_chat_administrators(chat.id)
            except BadRequest as error:
                log.info("a group does not say who administers it: %s", error)
                return False
            known = frozenset(member.user.id for member in members)
            administrators.put(chat.id, known, self.now)
        return user.id in known

    @asynccontextmanager
    async def in_turn(self, update: Update) -> AsyncIterator[None]:
        """Taps and answers of one chat, one after another, in the order in which they came.

        Two buttons tapped in haste would else be free to overtake each other, and the message
        would show the older state. Whoever waits here takes no place of another chat's.
        """
        chat = update.effective_chat
        if chat is None:
            yield
            return
        turn, answer = self.services.memory.turn(chat.id), current_answer.get()
        if answer is not None and turn.locked():
            answer.wait_begins()
            try:
                await turn.acquire()
            finally:
                answer.wait_ends()
        else:
            await turn.acquire()
        try:
            yield
        finally:
            turn.release()

    def await_text(self, update: Update, what: Awaited | None) -> None:
        """Remember which question this person's next text in this chat answers; None: no more."""
        place = place_of(update)
        if place is None:
            return
        if what is None:
            self.services.memory.awaited.drop(place)
        else:
            self.services.memory.awaited.put(place, what, self.now)

    def awaited(self, update: Update) -> Awaited | None:
        """The question that this person's text answers, if one is open."""
        place = place_of(update)
        return None if place is None else self.services.memory.awaited.get(place, self.now)

    def render(self, template: str, subscriber: Subscriber, /, **values: object) -> Message:
        """Render a message in the subscriber's language."""
        return self.services.renderer.message(
            template, subscriber.language, subscriber=subscriber, **values
        )

    def label(self, key: str, subscriber: Subscriber, /, **values: object) -> str:
        """A short plain text, such as a button's, in the subscriber's language."""
        return self.services.renderer.label(key, subscriber.language, **values)

    def category(self, slug: str, subscriber: Subscriber) -> str:
        """A category's name in the subscriber's language."""
        return self.services.renderer.category(slug, subscriber.language)

    def link(self, payload: str) -> str:
        """A deep link into the bot."""
        return f"https://t.me/{self.bot.username}?start={payload}"

    async def reply(
        self,
        update: Update,
        message: Message,
        keyboard: InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None = None,
        *,
        to: int | None = None,
    ) -> TelegramMessage:
        """Answer in the same chat and topic; the keyboard stands under the last part.

        Args:
            update: What is answered.
            message: The answer.
            keyboard: What stands under it.
            to: The id of the message that the answer hangs on, if it should.
        """
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
                reply_parameters=ReplyParameters(to, allow_sending_without_reply=True)
                if to is not None and number == 1
                else None,
            )
        return cast("TelegramMessage", sent)

    async def edit(
        self, update: Update, message: Message, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Change the message whose button was tapped; only its first part has room there.

        After a double tap there is nothing to change, which is no failure.
        """
        query = update.callback_query
        if query is None:
            raise ValueError("only a tapped message can be edited")
        try:
            await query.edit_message_text(
                message.parts[0],
                parse_mode=ParseMode.HTML,
                link_preview_options=preview_of(message, first=True),
                reply_markup=keyboard,
            )
        except BadRequest as error:
            if not unchanged(error):
                raise

    async def edit_keyboard(self, update: Update, keyboard: InlineKeyboardMarkup) -> None:
        """Change only what stands under the message whose button was tapped."""
        query = update.callback_query
        if query is None:
            raise ValueError("only a tapped message can be edited")
        try:
            await query.edit_message_reply_markup(keyboard)
        except BadRequest as error:
            if not unchanged(error):
                raise


def unchanged(error: BadRequest) -> bool:
    """Whether Telegram only says that the message looks like this already."""
    return "message is not modified" in error.message.casefold()


def topic_of(update: Update) -> int:
    """The forum topic that an update belongs to; 0 where there is none."""
    message = update.effective_message
    if message is None or not getattr(message, "is_topic_message", False):
        return 0
    return message.message_thread_id or 0


def place_of(update: Update) -> Place | None:
    """Who wrote or tapped, and where; None for updates that nobody wrote in a chat."""
    chat, user = update.effective_chat, update.effective_user
    return None if chat is None or user is None else Place(user.id, chat.id, topic_of(update))


def preview_of(message: Message, *, first: bool) -> LinkPreviewOptions:
    """Telegram's link preview for a message: the picture that its template names, or none."""
    if not first or message.preview is None:
        return LinkPreviewOptions(is_disabled=True)
    return LinkPreviewOptions(
        url=message.preview.url,
        prefer_large_media=message.preview.large,
        show_above_text=message.preview.above,
    )
