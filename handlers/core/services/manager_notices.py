"""Notices to the managers of channels and groups about changes that they cannot see there."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram.error import TelegramError

from handlers.core.member_rights import may_decide
from storage.model import ChatKind, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from telegram import Bot

    from storage.model import Subscriber
    from storage.readers.managers import Managers
    from storage.readers.subscribers import Subscribers
    from templates import Renderer

log = logging.getLogger(__name__)


class ManagerNotices:
    """Sends managers of channels and groups notices about changes that they cannot see there."""

    def __init__(
        self, bot: Bot, managers: Managers, subscribers: Subscribers, renderer: Renderer
    ) -> None:
        self._bot = bot
        self._managers = managers
        self._subscribers = subscribers
        self._renderer = renderer

    async def gone(self, subscriber_ids: Iterable[int]) -> None:
        """Notify a manager of each chat that the bot can no longer post there."""
        for subscriber_id in subscriber_ids:
            subscriber = await self._subscribers.get(subscriber_id)
            if subscriber is not None and subscriber.kind is not ChatKind.PRIVATE:
                await self._notify(subscriber, returned=False)

    async def returned(self, subscriber: Subscriber) -> None:
        """Notify a manager that editions are posted again."""
        await self._notify(subscriber, returned=True)

    async def administrators(self, chat_id: int) -> frozenset[int] | None:
        """Return the ids of a chat's administrators, or None if Telegram gives no list."""
        try:
            members = await self._bot.get_chat_administrators(chat_id)
        except TelegramError as error:
            log.info("cannot list the administrators of chat %d: %s", chat_id, error)
            return None
        return frozenset(member.user.id for member in members if may_decide(member))

    async def _notify(self, subscriber: Subscriber, *, returned: bool) -> None:
        """Notify the first manager who still administers the chat and can be reached."""
        there = await self.administrators(subscriber.chat_id)
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
                log.info("could not notify a manager of subscriber %d: %s", subscriber.id, error)
            else:
                return
