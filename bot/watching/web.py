"""`/healthz` and `/metrics` for those who watch the process. Off unless METRICS_ADDRESS is set."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from aiohttp import web
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from bot.http_server.descriptors import count_descriptors
from bot.http_server.port import HttpPort
from bot.watching.metrics import exposition

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.http_server.limits import HttpLimits
    from bot.http_server.trusted_networks import TrustedNetworks
    from bot.telegram.webhook import WebhookReceiver
    from bot.watching.gauges import ArchiveFigures, ProcessFigures
    from bot.watching.process_health import HealthReport
    from storage.ledger.delivery_stats import Day

T = TypeVar("T")

log = logging.getLogger(__name__)

KEPT = 5.0
"""Seconds that figures stand for."""
LONGER = 60.0
"""Seconds that those stand for which change slowly."""
SHARE = 20
"""They stand this many times as long as they took: no more than a twentieth of the time goes there,
however big the ledger is."""
PATIENCE = 4.0
"""Seconds that an answer waits for figures; without them it says what there is."""
DESCRIPTORS = "X-Descriptors"
"""The header of `/healthz` with the file descriptors that are open, and that may be."""
LAST_ANSWERS = 1.0
"""Seconds that a stop waits for an answer under way."""


class Kept(Generic[T]):
    """Figures, asked for anew only when they are old.

    Args:
        ask: The database's answer.
        least: Seconds that they stand for at least.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[T]],
        *,
        least: float = KEPT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._least = least
        self._clock = clock
        self._found: T | None = None
        self._until = 0.0
        self._alone = asyncio.Lock()
        self._asking: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """The figures, a few seconds old at most where the database is quick to answer."""
        async with self._alone:
            began = self._clock()
            if self._found is None or began >= self._until:
                self._found = await self._ask()
                now = self._clock()
                self._until = now + max(self._least, SHARE * (now - began))
            return self._found

    async def within(self, seconds: float) -> T | None:
        """The figures, if they can be had in so many seconds; what hangs is not asked twice."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self.get())
        await asyncio.wait({self._asking}, timeout=seconds)
        if not self._asking.done():
            return None
        error = self._asking.exception()
        if error is not None:
            log.debug("figures cannot be read", exc_info=error)
            return None
        return self._asking.result()

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait({self._asking}, timeout=LAST_ANSWERS)


class Web:
    """The two addresses.

    Args:
        figures: Today's figures.
        archive: How the archive is.
        process: What the process knows of itself.
        look: How the process is, in a few seconds whatever hangs.
        receiver: What takes updates at the same address; None where they come another way.
        limits: What connections may take.
        trusted: The operator's proxies.
    """

    def __init__(
        self,
        figures: Kept[Day],
        archive: Kept[ArchiveFigures],
        process: Callable[[], ProcessFigures],
        look: Callable[[], Awaitable[HealthReport]],
        receiver: WebhookReceiver | None = None,
        *,
        limits: HttpLimits | None = None,
        trusted: TrustedNetworks | None = None,
    ) -> None:
        self._figures = figures
        self._archive = archive
        self._process = process
        self._look = look
        app = web.Application()
        app.add_routes([web.get("/healthz", self._health), web.get("/metrics", self._metrics)])
        if receiver is not None:
            app.router.add_post(receiver.path, receiver.answer)
        self.port = HttpPort(
            "METRICS_ADDRESS",
            app,
            limits=limits,
            trusted=trusted,
            is_update=None if receiver is None else receiver.is_from_telegram,
            last_answers=LAST_ANSWERS,
        )

    async def start(self, host: str, port: int) -> str:
        """Listen.

        Returns:
            Where: with port 0, the port is one that was free.

        Raises:
            OSError: Nobody can listen there.
        """
        await self.port.open(host, port)
        return self.port.url

    async def stop(self) -> None:
        """Listen no more."""
        await self.port.close()
        await asyncio.gather(self._figures.close(), self._archive.close())

    async def _health(self, _request: web.Request) -> web.Response:
        report = await self._look()
        return web.Response(
            text=f"{report.line}\n",
            status=200 if report.ill is None else 503,
            headers={DESCRIPTORS: str(count_descriptors())},
        )

    async def _metrics(self, _request: web.Request) -> web.Response:
        # What the database does not say in time is left out: the rest is worth more just then.
        day, archive = await asyncio.gather(
            self._figures.within(PATIENCE), self._archive.within(PATIENCE)
        )
        body = exposition(day, archive, self._process())
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})
