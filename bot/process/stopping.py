"""Waiting that a stop ends: whatever takes its time at the start is broken off by it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine


async def within(event: asyncio.Event, seconds: float) -> bool:
    """Whether an event comes within some seconds."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def unless(event: asyncio.Event, doing: Coroutine[Any, Any, object]) -> bool:
    """Do something, but for no longer than until an event, which breaks it off.

    Returns:
        Whether it was done.
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
