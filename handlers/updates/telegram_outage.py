"""Whether this process reaches Telegram, asked only after an answer could not be sent."""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context
from typing import TYPE_CHECKING

from telegram.error import BadRequest, NetworkError, TelegramError

from storage.db.backoff import Backoff
from storage.serving.lease import LeaseLostError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

PAUSES = Backoff(first=0.5, longest=5.0)
"""Seconds before Telegram is asked, and between two tries."""


def is_away(error: object) -> bool:
    """Return whether an error means that Telegram could not be reached, or gave no answer."""
    return isinstance(error, NetworkError) and not isinstance(error, BadRequest)


class TelegramOutage:
    """The time in which answers cannot be sent; `ask` asks Telegram for what changes nothing."""

    def __init__(
        self, ask: Callable[[], Awaitable[object]], rest: Callable[[float], Awaitable[None]]
    ) -> None:
        self._ask = ask
        self._rest = rest
        self._asking: asyncio.Task[None] | None = None

    @property
    def is_on(self) -> bool:
        """Whether Telegram is being asked, and has not answered yet."""
        return self._asking is not None and not self._asking.done()

    async def over(self) -> None:
        """Wait until Telegram answers."""
        self.begin()
        if self._asking is not None:
            await asyncio.shield(self._asking)

    def begin(self) -> None:
        """Ask Telegram until it answers."""
        if not self.is_on:
            self._asking = asyncio.create_task(self._ask_patiently(), context=Context())

    def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()

    async def _ask_patiently(self) -> None:
        failures = 0
        while True:
            await self._rest(PAUSES.pause(failures))
            try:
                await self._ask()
            except TelegramError as error:
                if isinstance(error.__cause__, LeaseLostError):
                    # This process starts over, and then sends nothing more.
                    await asyncio.Event().wait()
                if is_away(error):
                    if not failures:
                        log.warning("Telegram cannot be reached, so answers wait: %s", error)
                    failures += 1
                    continue
            if failures:
                log.info("Telegram can be reached again, and answers go on")
            return
