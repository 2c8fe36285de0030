"""Waiting and working that ends early when an event, such as the stop, is set."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine


async def within(event: asyncio.Event, seconds: float) -> bool:
    """Return whether an event is set within some seconds."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def unless(event: asyncio.Event, doing: Coroutine[Any, Any, object]) -> bool:
    """Run a coroutine until it ends or an event is set, which cancels it.

    Return whether the coroutine ended by itself. Its exceptions are raised.
    """
    task = asyncio.create_task(doing)
    breaking_off = asyncio.create_task(event.wait())
    try:
        await asyncio.wait({task, breaking_off}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
            return True
        return False
    finally:
        breaking_off.cancel()
        if task.cancel():
            await asyncio.wait({task})
