"""The HTTP server of `/healthz` and `/metrics`. Off unless METRICS_ADDRESS is set."""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from aiohttp import web
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from bot.http_server.descriptors import count_descriptors
from bot.http_server.port import HttpPort
from bot.http_server.trusted_networks import TrustedNetworks
from bot.telegram.startup import StartError
from bot.watching.daily_stats import figures, today
from bot.watching.metrics import archive_figures, exposition
from digest.timing.schedule import zone_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.composition import Archive
    from bot.configuration.settings import Settings
    from bot.http_server.limits import HttpLimits
    from bot.serving.pages import PageServer
    from bot.telegram.webhook import Webhook
    from bot.watching.metrics import ProcessFigures
    from bot.watching.process_health import HealthReport

T = TypeVar("T")

log = logging.getLogger(__name__)

KEPT = 5.0
"""Seconds for which figures are cached."""
LONGER = 60.0
"""Seconds for which slowly changing figures are cached."""
SHARE = 20
"""Figures are also cached for this many times the duration of their query.

So queries take at most a twentieth of the time, however large the ledger is.
"""
PATIENCE = 4.0
"""Seconds that an answer waits for figures; after that it leaves them out."""
DESCRIPTORS = "X-Descriptors"
"""The header of `/healthz` with the open file descriptors and their limit."""
LAST_ANSWERS = 1.0
"""Seconds that a stop waits for answers in progress."""


class FiguresCache(Generic[T]):
    """A cache of figures from the database, for `least` seconds at least."""

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
        self._asking: asyncio.Task[T] | None = None

    async def within(self, seconds: float) -> T | None:
        """Return the figures if they arrive within some seconds, else None.

        They are from the cache if recent enough. A query that hangs is shared by later calls. A
        query that fails returns None and is logged.
        """
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._get())
        await asyncio.wait({self._asking}, timeout=seconds)
        if not self._asking.done():
            return None
        error = self._asking.exception()
        if error is not None:
            log.debug("cannot read the figures", exc_info=error)
            return None
        return self._asking.result()

    async def close(self) -> None:
        """Cancel a query in progress."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait({self._asking}, timeout=LAST_ANSWERS)

    async def _get(self) -> T:
        began = self._clock()
        if self._found is None or began >= self._until:
            self._found = await self._ask()
            now = self._clock()
            self._until = now + max(self._least, SHARE * (now - began))
        return self._found


class Web:
    """The HTTP server of `/healthz` and `/metrics`, in a standby too.

    Args:
        look: Returns the health of the process within a few seconds, even if something hangs.
        webhook: Receives updates on the same port, if WEBHOOK_LISTEN names the same address.
        pages: Serves editions on the same port, if PAGES_LISTEN names the same address.
        shared: Counts the updates that no replica has claimed yet; None on SQLite.
    """

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        process: Callable[[], ProcessFigures],
        look: Callable[[], Awaitable[HealthReport]],
        webhook: Webhook | None = None,
        *,
        pages: PageServer | None = None,
        shared: Callable[[], Awaitable[int]] | None = None,
        limits: HttpLimits | None = None,
    ) -> None:
        zone, clock, database = zone_of(settings.timezone), archive.clock, archive.database
        self._figures = FiguresCache(lambda: figures(database, today(clock(), zone), zone))
        self._archive = FiguresCache(
            lambda: archive_figures(
                database, archive.subscribers, archive.source_monitor, archive.pictures, clock()
            ),
            least=LONGER,
        )
        self._shared = None if shared is None else FiguresCache(shared)
        self._process = process
        self._look = look
        app = web.Application()
        app.add_routes([web.get("/healthz", self._health), web.get("/metrics", self._metrics)])
        webhook = webhook if settings.webhook_shares_port else None
        self._shares_port = webhook is not None
        if webhook is not None:
            app.router.add_post(webhook.path, webhook.answer)
        if pages is not None and settings.pages_share_port:
            pages.add_to(app)
        self.port = HttpPort(
            "METRICS_ADDRESS",
            app,
            limits=limits,
            trusted=TrustedNetworks(settings.trusted_proxies),
            is_update=None if webhook is None else webhook.is_from_telegram,
            last_answers=LAST_ANSWERS,
        )

    async def open(self, host: str, port: int, *, again: bool = False) -> bool:
        """Listen for connections; port 0 stands for any free one.

        Return False if another process has the port, which is logged, unless it is tried `again`.
        StartError means that the address cannot be opened for another reason.
        """
        try:
            await self.port.open(host, port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and not self._shares_port:
                log.log(
                    logging.DEBUG if again else logging.WARNING,
                    "METRICS_ADDRESS: another process listens at %s:%d; "
                    "this one goes on without /healthz and /metrics",
                    host,
                    port,
                )
                return False
            raise StartError(
                f"METRICS_ADDRESS: {host}:{port} cannot be opened ({error.strerror}); "
                "choose another address, or leave it empty"
            ) from None
        log.info("%s/healthz and %s/metrics answer", self.port.url, self.port.url)
        return True

    async def stop(self) -> None:
        """Close the port and cancel queries."""
        await self.port.close()
        caches = [each for each in (self._figures, self._archive, self._shared) if each is not None]
        await asyncio.gather(*(each.close() for each in caches))

    async def _health(self, _request: web.Request) -> web.Response:
        report = await self._look()
        return web.Response(
            text=f"{report.line}\n",
            status=200 if report.is_fit else 503,
            headers={DESCRIPTORS: str(count_descriptors())},
        )

    async def _metrics(self, _request: web.Request) -> web.Response:
        # Late figures are left out: the others matter most while the database is slow.
        day, archive, shared = await asyncio.gather(
            self._figures.within(PATIENCE),
            self._archive.within(PATIENCE),
            asyncio.sleep(0) if self._shared is None else self._shared.within(PATIENCE),
        )
        body = exposition(day, archive, self._process(), shared)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})
