"""The end of the corrector while it uses the database."""

from __future__ import annotations

import asyncio
import gc
from datetime import UTC, datetime
from typing import Any, cast

from digest.correcting.corrector import Corrector
from digest.pacing.rate_limiter import RateLimiter


class CutCorrections:
    """Corrections whose connection breaks as soon as their reader is cancelled."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def open(self) -> list[int]:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectionResetError from None
        return []


async def test_what_fails_while_the_corrector_stops_is_not_logged() -> None:
    corrections, nothing = CutCorrections(), cast("Any", None)
    corrector = Corrector(
        cast("Any", corrections), nothing, nothing, RateLimiter(30), clock=lambda: datetime.now(UTC)
    )
    logged: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context))
    stop = asyncio.Event()
    running = asyncio.create_task(corrector.run(stop))
    await corrections.begun.wait()
    stop.set()
    await running
    gc.collect()
    assert logged == []
