"""What rich messages take beside their text: pictures, and a server that knows them."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

log = logging.getLogger(__name__)


async def _no_pictures(_addresses: Iterable[str], /) -> Mapping[str, str]:
    return {}


async def _forget_nothing(_addresses: Iterable[str], /) -> None:
    """There are no pictures that could be forgotten."""


async def _knows_bot() -> bool:
    return True


@dataclass(slots=True)
class RichMessages:
    """Shared by all who send rich messages."""

    pictures: Callable[[Iterable[str]], Awaitable[Mapping[str, str]]] = _no_pictures
    """Addresses of pictures → the ids of Telegram's files, of those that are there by now."""
    forget_pictures: Callable[[Iterable[str]], Awaitable[None]] = _forget_nothing
    """Told of pictures whose ids Telegram refused: they have to be made anew."""
    knows_bot: Callable[[], Awaitable[bool]] = _knows_bot
    """Asks Telegram whether it knows the bot; raises `TelegramError` where it cannot be asked."""
    are_known: bool = True
    """Whether Telegram's server knows rich messages, as far as was heard. One of one's own may be
    older than these; until the next start nothing else is asked of it."""
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def method_is_unknown(self) -> bool:
        """Find out what a 404 is about.

        Returns:
            Whether only the method is unknown: from here on no rich message is sent. False where
            the bot itself is.

        Raises:
            telegram.error.TelegramError: Telegram could not be asked.
        """
        async with self._asking:
            if self.are_known:
                if not await self.knows_bot():
                    return False
                self.are_known = False
                log.warning(
                    "this Bot API server does not know sendRichMessage: front pages go out as "
                    "plain editions until the next start; update the server at TELEGRAM_API_URL"
                )
        return True
