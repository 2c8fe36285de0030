"""Channels, groups and topics that are managed from a private chat: by whom, and what they hear.

Their settings are the same pages as a reader's. A button there names the subscriber that it is
about in its callback data (`callback_codec.about`); an open question remembers it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from telegram.error import TelegramError

from handlers.administrators import administers
from handlers.origin import in_private, is_from_a_chat
from storage.model import ChatKind, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from telegram import Bot, Chat, ChatFullInfo, Update

    from handlers.context import Context
    from storage.managers import Managers
    from storage.model import Subscriber
    from storage.subscribers import Subscribers
    from templates import Renderer

log = logging.getLogger(__name__)

_INSIDE = " \u203a "
"""Between a group's title and a topic's name."""


class Managing(NamedTuple):
    """What an update in a private chat is about, in the place of its reader."""

    subscriber_id: int
    title: str
    chat_id: int
    """The private chat of the manager."""
    language: str
    """The manager's."""


async def manage(update: Update, context: Context, subscriber_id: int) -> bool:
    """Have the rest of an update be about what its writer manages; False where they may not.

    By Telegram's list of administrators, a minute old at most.
    """
    if not in_private(update):
        return False
    own = await context.own(update)
    title = await context.services.managers.title(subscriber_id, own.id)
    subscriber = None if title is None else await context.services.subscribers.get(subscriber_id)
    if title is None or subscriber is None or subscriber.state is State.GONE:
        return False
    admissions = context.services.admissions
    if admissions.is_banned(subscriber.chat_id) or (
        subscriber.kind is not ChatKind.CHANNEL and not admissions.permits(subscriber.chat_id)
    ):
        return False
    if not await administers(context, subscriber.chat_id, own.chat_id):
        return False
    context.managed = Managing(subscriber_id, title, own.chat_id, own.language)
    return True


async def note_manager(update: Update, context: Context, subscriber: Subscriber) -> None:
    """Note that an administrator of a group set it up, who may go on in private.

    An anonymous one is not known: the group itself has written.
    """
    chat = update.effective_chat
    if in_private(update) or is_from_a_chat(update) or chat is None:
        return
    own = await context.own(update)
    title = name_of(chat)
    if subscriber.thread_id:
        title = in_topic(title, _topic_name(update) or str(subscriber.thread_id))
    await context.services.managers.add(subscriber.id, own.id, title, context.now)


def in_topic(title: str, name: str) -> str:
    """How a topic of a group is called in the list of what somebody manages."""
    return f"{title}{_INSIDE}{name}"


def name_in(title: str) -> str:
    """A topic's own name, of what `in_topic` made of it."""
    return title.rpartition(_INSIDE)[2]


def _topic_name(update: Update) -> str:
    """A topic's name, where its first message is at hand: everything there replies to it."""
    message = update.effective_message
    replied = getattr(message, "reply_to_message", None)
    created = getattr(replied, "forum_topic_created", None)
    return created.name if created is not None else ""


async def title_of(bot: Bot, chat_id: int) -> str:
    """How a chat is called: `@name` where it has a public one, or else its title.

    Raises:
        telegram.error.TelegramError: The bot cannot look into it.
    """
    return name_of(await bot.get_chat(chat_id))


def name_of(chat: Chat | ChatFullInfo) -> str:
    """The same, of a chat that is at hand."""
    return f"@{chat.username}" if chat.username else chat.title or str(chat.id)


class ManagerNotices:
    """Tells the managers of channels and groups what they cannot see there.

    Args:
        bot: Who writes.
        managers: Who manages what.
        subscribers: For the chats themselves.
        renderer: In their own languages.
    """

    def __init__(
        self, bot: Bot, managers: Managers, subscribers: Subscribers, renderer: Renderer
    ) -> None:
        self._bot = bot
        self._managers = managers
        self._subscribers = subscribers
        self._renderer = renderer

    async def gone(self, subscriber_ids: Iterable[int]) -> None:
        """Nothing can be posted there any more. Each is told of once, to who set it up."""
        for subscriber_id in subscriber_ids:
            subscriber = await self._subscribers.get(subscriber_id)
            if subscriber is not None and subscriber.kind is not ChatKind.PRIVATE:
                await self._tell(subscriber, returned=False)

    async def returned(self, subscriber: Subscriber) -> None:
        """Editions are posted again."""
        await self._tell(subscriber, returned=True)

    async def _administrators(self, chat_id: int) -> frozenset[int] | None:
        """Who administers a chat; None where the bot is out of it and cannot know."""
        try:
            members = await self._bot.get_chat_administrators(chat_id)
        except TelegramError as error:
            log.info("chat %d does not say who administers it: %s", chat_id, error)
            return None
        return frozenset(member.user.id for member in members)

    async def _tell(self, subscriber: Subscriber, *, returned: bool) -> None:
        """Write to who set it up; where they left it or cannot be reached, to the next one."""
        there = await self._administrators(subscriber.chat_id)
        for manager, title in await self._managers.of(subscriber.id):
            if manager.state in {State.GONE, State.BARRED}:
                continue
            if there is not None and manager.chat_id not in there:
                continue
            message = self._renderer.message(
                "managed_state",
                manager.language,
                subscriber=subscriber,
                title=title,
                returned=returned,
            )
            try:
                await self._bot.send_message(manager.chat_id, message.parts[0], parse_mode="HTML")
            except TelegramError as error:
                log.info("the manager of subscriber %d was not told: %s", subscriber.id, error)
            else:
                return
