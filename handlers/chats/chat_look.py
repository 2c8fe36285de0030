"""What Telegram says of a chat before it is registered, or where its kind is in doubt."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from telegram.constants import ChatType
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from digest.pacing.rate_limiter import Priority
from handlers.chats.membership import may_write
from handlers.core.administrators import ask_administrators
from handlers.core.managing import name_of
from handlers.core.memory import Expiring
from handlers.core.origin import KIND_OF_CHAT
from storage.model import ChatKind

if TYPE_CHECKING:
    from telegram import Bot

    from digest.pacing.rate_limiter import RateLimiter
    from handlers.core.context import Context
    from storage.readers.subscribers import Subscribers

log = logging.getLogger(__name__)

ASKED_FOR = timedelta(hours=1)
"""How long a chat of which Telegram says nothing is left alone."""
AT_A_TIME = 200
"""Chats that one look asks about."""


class ChatLook(NamedTuple):
    """A chat as Telegram sees it now."""

    id: int
    """Not the one that was asked about where a group became a supergroup."""
    kind: ChatKind
    title: str
    """`@name` where it has a public one, or else its title."""
    bot_may_write: bool
    administrators: frozenset[int]
    """Of a channel, those who may post."""


async def look_at(context: Context, chat_id: int) -> ChatLook | None:
    """Ask Telegram about a chat: of which kind it is, and who may do what there.

    Returns:
        None where it is closed to the bot.

    Raises:
        telegram.error.TelegramError: Telegram could not be asked.
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
    """Asks Telegram of which kind those chats are that may be channels stored as groups.

    Until Telegram has said so, their editions carry links alone, as in a channel.

    Args:
        bot: Who asks.
        subscribers: What is stored.
        rate_limiter: Lets a chat be asked about as it lets an answer through.
    """

    def __init__(self, bot: Bot, subscribers: Subscribers, rate_limiter: RateLimiter) -> None:
        self._bot = bot
        self._subscribers = subscribers
        self._rate_limiter = rate_limiter
        self._unanswered: Expiring[int, bool] = Expiring(ASKED_FOR)
        self._rests_until = datetime.min.replace(tzinfo=UTC)

    async def look(self, now: datetime) -> int:
        """Ask about the chats whose editions are due next.

        Returns:
            How many kinds are known since.
        """
        found = 0
        if now < self._rests_until:
            return found
        every = await self._subscribers.unconfirmed()
        asked = [each for each in every if self._unanswered.get(each, now) is None]
        if not asked:
            # What is stored from here on is of the kind that Telegram says.
            self._rests_until = now + ASKED_FOR
        for chat_id in asked[:AT_A_TIME]:
            await self._rate_limiter.acquire(chat_id, Priority.ANSWER)
            try:
                chat = await self._bot.get_chat(chat_id)
            except TelegramError as error:
                self._unanswered.put(chat_id, value=True, now=now)
                log.info("Telegram does not say of which kind chat %d is: %s", chat_id, error)
                continue
            is_channel = chat.type == ChatType.CHANNEL
            await self._subscribers.confirm_kind(chat_id, channel=is_channel)
            found += 1
            if is_channel:
                log.warning("chat %d was stored as a group and is a channel: corrected", chat_id)
        return found
