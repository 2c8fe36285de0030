"""`/healthz` and `/metrics` for those who watch the process. Off unless METRICS_ADDRESS is set."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy.exc import DBAPIError

from bot.metrics import exposition
from storage.outage import DatabaseUnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storage.ledger import Day

log = logging.getLogger(__name__)

KEPT = 5.0
"""Seconds that figures stand for."""
SHARE = 20
"""They stand this many times as long as they took: no more than a twentieth of the time goes there,
however big the ledger is."""
LAST_ANSWERS = 1.0
"""Seconds that a stop waits for an answer under way."""


class Kept:
    """Today's figures, asked for anew only when they are old.

    Args:
        ask: The ledger's answer.
        clock: Seconds that only grow.
    """

    def __init__(
        self, ask: Callable[[], Awaitable[Day]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._day: Day | None = None
        self._until = 0.0
        self._alone = asyncio.Lock()

    async def get(self) -> Day:
        """The figures, a few seconds old at most where the ledger is quick to answer."""
        async with self._alone:
            began = self._clock()
            if self._day is None or began >= self._until:
                self._day = await self._ask()
                now = self._clock()
                self._until = now + max(KEPT, SHARE * (now - began))
            return self._day


class Web:
    """The two addresses.

    Args:
        figures: Today's figures.
        rate: Messages a second that may leave just now.
        trouble: What is wrong, in a line; None while all is well.
    """

    def __init__(
        self,
        figures: Kept,
        rate: Callable[[], float],
        trouble: Callable[[], Awaitable[str | None]],
    ) -> None:
        self._figures = figures
        self._rate = rate
        self._trouble = trouble
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> str:
        """Listen.

        Returns:
            Where: with port 0, the port is one that was free.

        Raises:
            OSError: Nobody can listen there.
        """
        app = web.Application()
        app.add_routes([web.get("/healthz", self._health), web.get("/metrics", self._metrics)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=LAST_ANSWERS)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        try:
            await site.start()
        except OSError:
            await self.stop()
            raise
        bound_to, at = self._runner.addresses[0][:2]
        return f"http://[{bound_to}]:{at}" if ":" in bound_to else f"http://{bound_to}:{at}"

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def _health(self, _request: web.Request) -> web.Response:
        trouble = await self._trouble()
        status = 200 if trouble is None else 503
        return web.Response(text=f"{trouble or 'ok'}\n", status=status)

    async def _metrics(self, _request: web.Request) -> web.Response:
        try:
            day = await self._figures.get()
        except DatabaseUnavailableError:
            return web.Response(text="the ledger cannot be read\n", status=503)
        except DBAPIError:
            log.exception("the ledger cannot be read")
            return web.Response(text="the ledger cannot be read\n", status=503)
        body = exposition(day, rate=self._rate())
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})
