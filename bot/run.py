"""Serving until stopped, as a standby whenever another process takes over."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from bot.app import OnNews
from bot.serving.telegram_silence import CutOffError
from bot.watching.process_health import Phase
from bot.watching.service_manager import ServiceManager
from storage.serving.lease import LeaseLostError

if TYPE_CHECKING:
    import asyncio

    from bot.configuration.settings import Settings

log = logging.getLogger(__name__)


async def serve(
    settings: Settings,
    stop: asyncio.Event,
    *,
    service_manager: ServiceManager | None = None,
    **parts: Any,  # noqa: ANN401  # those of `OnNews`
) -> None:
    """Serve until `stop` is set. If another process takes over, continue as its standby.

    It raises the errors of `OnNews.serve`.
    """
    manager = service_manager or ServiceManager()
    onnews: OnNews | None = None
    was_cut_off = False
    async with manager.informed(stop, lambda: Phase.OPENING if onnews is None else onnews.phase):
        while not stop.is_set():
            onnews = OnNews(settings, is_new=onnews is None, was_cut_off=was_cut_off, **parts)
            try:
                await onnews.serve(stop)
            except LeaseLostError as error:
                was_cut_off = False
                log.warning("%s; this one waits as its standby", error)
            except CutOffError as error:
                was_cut_off = True
                log.warning("%s until it has answered for a minute", error)
            else:
                return
