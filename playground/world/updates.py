"""The queue of updates: fetched by long polling, or posted to a webhook."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

from playground.checks.refusal import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds of updates that Telegram sends only to a bot that asks for them."""
KEPT_SECONDS = 24 * 3600
FIRST_ID = 700_000_001


@dataclass(slots=True)
class WebhookTarget:
    """The address that updates are posted to, and its last error."""

    url: str
    secret: str | None
    max_connections: int
    task: asyncio.Task[None] | None = None
    error_date: int | None = None
    error: str | None = None


class Updates:
    """Updates in the order in which they happened, until the bot confirms them.

    Args:
        clock: Returns seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._pending: deque[tuple[float, dict[str, Any]]] = deque()
        self._next_id = FIRST_ID
        self._allowed: frozenset[str] | None = None
        self._poll: asyncio.Future[None] | None = None
        self._arrived = asyncio.Event()
        self._twice = 0
        self._closed = False
        self.webhook: WebhookTarget | None = None

    def push(self, kind: str, body: dict[str, Any]) -> None:
        """Add an update, unless it is of a kind that the bot has not asked for."""
        if self._allowed is None:
            if kind in UNASKED:
                return
        elif kind not in self._allowed:
            return
        self._pending.append((self._clock(), {"update_id": self._next_id, kind: body}))
        self._next_id += 1
        self._arrived.set()
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    @property
    def waiting(self) -> int:
        """Number of updates that the bot has not confirmed."""
        return len(self._pending)

    def allow(self, kinds: Collection[str] | None) -> None:
        """Set the kinds of updates that the bot wants; an empty list means the usual ones."""
        if kinds is not None:
            self._allowed = frozenset(kinds) or None

    def forget(self) -> None:
        """Drop all waiting updates."""
        self._pending.clear()

    async def get(self, *, offset: int, limit: int, timeout_seconds: float) -> list[dict[str, Any]]:
        """Return updates from `offset` on; those before it are confirmed and dropped.

        Raises:
            ApiError: 409, because a webhook is set or another call took over.
        """
        if self.webhook is not None:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._interrupt("getUpdates request; make sure that only one bot instance is running")
        self._confirm(offset)
        if not self._pending and timeout_seconds > 0 and not self._closed:
            poll = self._poll = asyncio.get_running_loop().create_future()
            try:
                await asyncio.wait_for(poll, timeout_seconds)
            except TimeoutError:
                return []
            finally:
                if self._poll is poll:
                    self._poll = None
        return [update for _, update in list(self._pending)[:limit]]

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
        horizon = self._clock() - KEPT_SECONDS
        while self._pending:
            when, update = self._pending[0]
            if update["update_id"] >= offset and when >= horizon:
                break
            self._pending.popleft()

    def _interrupt(self, by: str) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(ApiError(409, f"Conflict: terminated by other {by}"))
        self._poll = None

    def deliver_twice(self, times: int = 1) -> None:
        """Post each of the next `times` updates to the webhook twice, as Telegram may."""
        self._twice += times

    async def set_webhook(self, url: str, secret: str | None, max_connections: int) -> None:
        """Post updates to `url` from now on, instead of any other address."""
        await self.remove_webhook()
        self._interrupt("setWebhook request")
        self.webhook = WebhookTarget(url, secret, max_connections)
        self.webhook.task = asyncio.create_task(self._post_all(self.webhook))

    async def remove_webhook(self) -> None:
        """Keep updates for getUpdates again."""
        webhook, self.webhook = self.webhook, None
        if webhook is not None and webhook.task is not None:
            webhook.task.cancel()
            await asyncio.gather(webhook.task, return_exceptions=True)

    async def close(self) -> None:
        """End the long poll and the webhook."""
        self._closed = True
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        await self.remove_webhook()

    async def _post_all(self, webhook: WebhookTarget) -> None:
        pause = 0.05
        async with aiohttp.ClientSession() as session:
            while True:
                while self._pending:
                    update = self._pending[0][1]
                    if not await self._post(session, webhook, update):
                        await asyncio.sleep(pause)
                        pause = min(2 * pause, 5.0)
                        continue
                    pause = 0.05
                    if self._twice:
                        self._twice -= 1
                        await self._post(session, webhook, update)
                    if self._pending and self._pending[0][1] is update:
                        self._pending.popleft()
                self._arrived.clear()
                await self._arrived.wait()

    async def _post(
        self, session: aiohttp.ClientSession, webhook: WebhookTarget, update: dict[str, Any]
    ) -> bool:
        headers = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
        try:
            async with session.post(webhook.url, json=update, headers=headers) as answer:
                await answer.read()
                if answer.ok:
                    return True
                webhook.error = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except aiohttp.ClientError:
            webhook.error = "Connection refused"
        webhook.error_date = int(self._clock())
        return False
