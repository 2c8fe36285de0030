"""The pictures for rich messages, and whether Telegram's server supports them."""

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
    """Do nothing, since there are no pictures to forget."""


async def _knows_bot() -> bool:
    return True


@dataclass(slots=True)
class RichMessages:
    """Pictures and server support for rich messages, shared by all senders of them."""

    pictures: Callable[[Iterable[str]], Awaitable[Mapping[str, str]]] = _no_pictures
    """Returns picture address → Telegram's file id, for the pictures that Telegram has already."""
    forget_pictures: Callable[[Iterable[str]], Awaitable[None]] = _forget_nothing
    """Called with the pictures that Telegram refused by file id, so that they are made again."""
    knows_bot: Callable[[], Awaitable[bool]] = _knows_bot
    """Asks Telegram whether it knows the bot; raises `TelegramError` if it cannot be asked."""
    are_known: bool = True
    """Whether Telegram's server is taken to know rich messages, until an old one answers 404."""
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def method_is_unknown(self) -> bool:
        """Return whether a 404 means no such method, not no such bot; or raise TelegramError.

        If so, no rich messages are sent from now on.
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
