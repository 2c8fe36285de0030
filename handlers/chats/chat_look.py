"""Questions to Telegram about a chat before it is registered, or if its kind is in doubt."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from telegram.constants import ChatType
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from digest.pacing.priorities import Priority
from handlers.chats.membership import may_write
from handlers.core.managing import name_of
from handlers.core.origin import KIND_OF_CHAT
from handlers.core.permissions import ask_administrators
from handlers.core.services.memory import Expiring
from storage.model import ChatKind

if TYPE_CHECKING:
    from telegram import Bot

    from digest.pacing.rate_limiter import RateLimiter
    from handlers.core.context import Context
    from storage.readers.subscribers import Subscribers

log = logging.getLogger(__name__)

ASKED_FOR = timedelta(hours=1)
"""Time until Telegram is asked again about a chat that it said nothing about."""
AT_A_TIME = 200
"""The most chats that one call of `look` asks about."""


class ChatLook(NamedTuple):
    """A chat as Telegram describes it now."""

    id: int
    """The chat's id now; a group that became a supergroup has a new one."""
    kind: ChatKind
    title: str
    """The public `@name` of the chat, or its title if it has none."""
    bot_may_write: bool
    administrators: frozenset[int]
    """Ids of the administrators; for a channel, of those who may post."""


async def look_at(context: Context, chat_id: int) -> ChatLook | None:
    """Ask Telegram what a chat is; return None if it is private or closed to the bot.

    Raise TelegramError if Telegram could not be reached.
    """
    try:
        chat = await context.bot.get_chat(chat_id)
        kind = KIND_OF_CHAT[ChatType(chat.type)]
        if kind is ChatKind.PRIVATE:
            return None
        me = await context.bot.get_chat_member(chat_id, context.bot.id)
        administrators = await ask_administrators(context, chat_id)
    except ChatMigrated as error:
        return await look_at(context, error.new_chat_id)
    except (BadRequest, Forbidden) as error:
        log.info("chat %d is closed to the bot: %s", chat_id, error)
        return None
    writes = may_write(me, channel=kind is ChatKind.CHANNEL)
    return ChatLook(chat_id, kind, name_of(chat), writes, administrators)


class KindCheck:
    """A check of chats stored as groups that may be channels: it asks Telegram for their kind.

    Until then, the editions of such a chat have links in place of buttons, as in a channel.
    """

    def __init__(self, bot: Bot, subscribers: Subscribers, rate_limiter: RateLimiter) -> None:
        self._bot = bot
        self._subscribers = subscribers
        self._rate_limiter = rate_limiter
        self._unanswered: Expiring[int, bool] = Expiring(ASKED_FOR)
        self._rests_until = datetime.min.replace(tzinfo=UTC)

    async def look(self, now: datetime) -> int:
        """Ask about the chats with the next editions due; return how many kinds were confirmed."""
        found = 0
        if now < self._rests_until:
            return found
        every = await self._subscribers.unconfirmed()
        asked = [each for each in every if self._unanswered.get(each, now) is None]
        if not asked:
            # New chats are stored with the kind that Telegram reports, so none is in doubt for a
            # while.
            self._rests_until = now + ASKED_FOR
        for chat_id in asked[:AT_A_TIME]:
            await self._rate_limiter.acquire(chat_id, Priority.ANSWER)
            try:
                chat = await self._bot.get_chat(chat_id)
            except TelegramError as error:
                self._unanswered.put(chat_id, value=True, now=now)
                log.info("Telegram did not report the kind of chat %d: %s", chat_id, error)
                continue
            is_channel = chat.type == ChatType.CHANNEL
            await self._subscribers.confirm_kind(chat_id, channel=is_channel)
            found += 1
            if is_channel:
                log.warning("chat %d is a channel but was stored as a group: corrected", chat_id)
        return found
