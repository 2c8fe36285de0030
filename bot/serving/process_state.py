"""The state of the process, which its health check and its metrics read."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from bot.watching.process_health import Phase

if TYPE_CHECKING:
    from bot.serving.jobs import Ticks
    from bot.serving.sharing import Sharing
    from bot.serving.standby import Standby
    from bot.telegram.application import BotApplication
    from bot.telegram.transport import TelegramRequest
    from bot.telegram.webhook import Webhook
    from bot.watching.gauges import ProcessFigures
    from bot.watching.web import Web
    from digest.pacing.rate_limiter import RateLimiter
    from digest.sending.sender import Sender
    from handlers.updates.update_queue import UpdateQueue


class ProcessState:
    """The state of the process; nothing here waits.

    `webhook` is None if the bot polls, `sharing` on SQLite.
    """

    def __init__(
        self,
        standby: Standby,
        request: TelegramRequest,
        webhook: Webhook | None,
        sharing: Sharing | None,
        stopping: asyncio.Event,
    ) -> None:
        self._standby = standby
        self._request = request
        self._webhook = webhook
        self._sharing = sharing
        self._stopping = stopping
        self.opened = False
        """Whether the database is open."""
        self.ready = asyncio.Event()
        """Set when the bot answers."""
        self.ready_since = 0.0
        """When the process began to serve, in seconds of `time.monotonic`."""
        self.sender: Sender | None = None
        """Sends editions; None until the bot knows its name."""
        self.sender_task: asyncio.Task[None] | None = None
        """The task that sends, or waits until it may; None until then."""
        self.ticks: Ticks | None = None
        """The scheduled jobs; None before they begin."""

    @property
    def phase(self) -> Phase:
        """The phase of the process, from opening the database to stopping."""
        if self._stopping.is_set():
            return Phase.STOPPING
        if not self.opened:
            return Phase.OPENING
        if not self.leads and self._sharing is None:
            return Phase.STANDBY
        return Phase.SERVING if self.ready.is_set() else Phase.STARTING

    @property
    def leads(self) -> bool:
        """Whether this process sends, polls and fetches; on SQLite every one that serves."""
        return self._standby.serving

    @property
    def is_shared(self) -> bool:
        """Whether other replicas answer too."""
        return self._sharing is not None and self._sharing.replica.is_shared

    @property
    def polled(self) -> float | None:
        """When Telegram last answered a poll, in seconds of `time.monotonic`; None before.

        With a webhook any answer counts, but no post: it may arrive where nothing can be sent.
        """
        return self._request.polled if self._webhook is None else self._request.heard.at

    @property
    def heard(self) -> float | None:
        """When Telegram last answered anything, in seconds of `time.monotonic`; None before."""
        return self._request.heard.at

    @property
    def last_answer(self) -> float:
        """When Telegram last answered about a delivery, in seconds of `time.monotonic`."""
        return 0.0 if self.sender is None else self.sender.last_answer

    @property
    def sending(self) -> bool:
        """Whether the sender is running."""
        return self.sender_task is not None and not self.sender_task.done()

    @property
    def unheard(self) -> bool:
        """Whether other replicas may have taken the chats of this one."""
        return self._sharing is not None and not self._sharing.replica.is_valid

    @property
    def fleet(self) -> str:
        """What this replica holds, and the replicas as a whole; empty if the process is alone."""
        return "" if self._sharing is None else self._sharing.line

    def figures(
        self,
        web: Web | None,
        rate_limiter: RateLimiter,
        updates: UpdateQueue,
        application: BotApplication,
    ) -> ProcessFigures:
        """Return the figures of the process for its metrics."""
        from bot.watching.gauges import ProcessFigures  # noqa: PLC0415  # not needed for the start

        unpolled = None if self.polled is None else time.monotonic() - self.polled
        waiting = updates.waiting + application.update_queue.qsize()
        open_ = [each for each in (web, self._webhook) if each is not None]
        ports = tuple(each.port for each in open_ if each.port is not None)
        replicas = None if self._sharing is None else self._sharing.figures()
        return ProcessFigures(
            *(rate_limiter.rate, waiting, unpolled, ports, replicas),
            dropped_known=updates.dropped.known,
            dropped_unknown=updates.dropped.unknown,
        )
