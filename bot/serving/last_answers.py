"""The end of answering at a stop."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.telegram.application import BotApplication
    from handlers.updates.update_queue import UpdateQueue

log = logging.getLogger(__name__)

LAST_ANSWERS = 1.5
"""Seconds that a stop waits for answers in progress."""

LAST_ANSWERS_BESIDE = 0.5
"""The same beside other replicas, which then give the answers that nobody has seen."""


async def end_answers(
    application: BotApplication, updates: UpdateQueue, *, until: float, beside: bool
) -> None:
    """Wait briefly for answers in progress; leave the other updates for the next start.

    Args:
        application: The Telegram application.
        updates: The queue of updates.
        until: When the whole stop has to end, in the event loop's seconds.
        beside: Whether other replicas answer too.
    """
    if not application.running:
        return
    updates.close()
    seconds = patience = LAST_ANSWERS
    if beside:
        seconds, patience = LAST_ANSWERS_BESIDE, until - asyncio.get_running_loop().time()
    # Not `wait_for`: it would cancel requests to Telegram, and their readers get no answer.
    ending = asyncio.create_task(application.stop(), name="answers")
    await asyncio.wait({ending}, timeout=seconds)
    if not ending.done():
        log.warning("stopping without waiting longer for answers to be sent")
    await updates.abandon(max(patience, 0.0))
    ending.cancel()
    await asyncio.wait({ending})
