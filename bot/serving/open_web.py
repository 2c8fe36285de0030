"""The start of `/healthz` and `/metrics` at METRICS_ADDRESS."""

from __future__ import annotations

import errno
import logging
from typing import TYPE_CHECKING

from bot.http_server.trusted_networks import TrustedNetworks
from bot.telegram.startup import StartError
from bot.watching.daily_stats import figures, today
from bot.watching.gauges import archive_figures
from bot.watching.web import LONGER, FiguresCache, Web
from digest.timing.schedule import zone_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.composition import Archive
    from bot.configuration.settings import Settings
    from bot.http_server.limits import HttpLimits
    from bot.telegram.webhook import Webhook
    from bot.watching.gauges import ProcessFigures
    from bot.watching.process_health import HealthReport

log = logging.getLogger(__name__)


async def open_web(
    settings: Settings,
    archive: Archive,
    process: Callable[[], ProcessFigures],
    look: Callable[[], Awaitable[HealthReport]],
    webhook: Webhook | None = None,
    *,
    shared: Callable[[], Awaitable[int]] | None = None,
    limits: HttpLimits | None = None,
    again: bool = False,
) -> Web | None:
    """Open `/healthz` and `/metrics` at METRICS_ADDRESS, in a standby too.

    Return None if METRICS_ADDRESS is not set or another process has the port; the latter is logged,
    unless it is tried `again`. StartError means that the address cannot be opened for another
    reason.

    Args:
        look: Returns the health of the process within a few seconds, even if something hangs.
        webhook: Receives updates on the same port, if WEBHOOK_LISTEN names the same address.
        shared: Counts the updates that no replica has claimed yet; None on SQLite.
    """
    if settings.metrics_address is None:
        return None
    zone, clock, database = zone_of(settings.timezone), archive.clock, archive.database
    web = Web(
        FiguresCache(lambda: figures(database, today(clock(), zone), zone)),
        FiguresCache(
            lambda: archive_figures(
                database,
                archive.subscribers,
                archive.source_monitor,
                archive.pictures,
                clock(),
            ),
            least=LONGER,
        ),
        process,
        look,
        webhook if settings.webhook_shares_port else None,
        shared=None if shared is None else FiguresCache(shared),
        limits=limits,
        trusted=TrustedNetworks(settings.trusted_proxies),
    )
    host, port = settings.metrics_address
    try:
        where = await web.start(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and not settings.webhook_shares_port:
            log.log(
                logging.DEBUG if again else logging.WARNING,
                "METRICS_ADDRESS: another process listens at %s:%d; "
                "this one goes on without /healthz and /metrics",
                host,
                port,
            )
            return None
        raise StartError(
            f"METRICS_ADDRESS: {host}:{port} cannot be opened ({error.strerror}); "
            "choose another address, or leave it empty"
        ) from None
    log.info("%s/healthz and %s/metrics answer", where, where)
    return web
