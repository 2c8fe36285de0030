"""Telegram's rate limits on a manual clock."""

from __future__ import annotations

import asyncio

from digest.pacing.rate_limiter import RateLimiter


class StillTime:
    """A manual clock in seconds for a `RateLimiter`."""

    def __init__(self) -> None:
        self.now = 0.0
        self._changed = asyncio.Event()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait until the test has moved the clock this far."""
        until = self.now + seconds
        while self.now < until:
            await self._changed.wait()

    def pass_(self, seconds: float) -> None:
        """Move the clock forward."""
        self.now += seconds
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def rate_limiter(self, per_second: float = 1_000_000) -> RateLimiter:
        """Return the rate limiter, by default without the limit over all chats."""
        return RateLimiter(per_second, clock=self, sleep=self.sleep)
