"""The end of sending and answering at a stop."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.serving.process_state import ProcessState
    from bot.telegram.application import BotApplication
    from handlers.updates.update_queue import UpdateQueue

log = logging.getLogger(__name__)

IN_FLIGHT = 8.0
"""Seconds that a stop waits for messages being sent; the whole stop takes at most ten."""

IN_FLIGHT_CUT_OFF = 1.0
"""The same after Telegram has been silent for ten seconds."""

LAST_ANSWERS = 1.5
"""Seconds that a stop waits for answers in progress."""

LAST_ANSWERS_BESIDE = 0.5
"""The same beside other replicas, which then give the answers that nobody has seen."""


async def end_sending(state: ProcessState, *, until: float) -> None:
    """Wait until the sender has recorded what it sent, or until a time of the event loop."""
    if (sending := state.sender_task) is not None:
        left = until - asyncio.get_running_loop().time()
        await asyncio.wait({sending}, timeout=max(left, 0.0))
        sending.cancel()


async def end_answers(
    application: BotApplication, updates: UpdateQueue, state: ProcessState, *, until: float
) -> None:
    """Wait briefly for answers in progress; leave the other updates for the next start.

    `until` is when the whole stop has to end, in the event loop's seconds.
    """
    if not application.running:
        return
    updates.close()
    seconds = patience = LAST_ANSWERS
    if state.is_shared:
        seconds, patience = LAST_ANSWERS_BESIDE, until - asyncio.get_running_loop().time()
    # Not `wait_for`: it would cancel requests to Telegram, and their readers get no answer.
    ending = asyncio.create_task(application.stop(), name="answers")
    await asyncio.wait({ending}, timeout=seconds)
    if not ending.done():
        log.warning("stopping without waiting longer for answers to be sent")
    await updates.abandon(max(patience, 0.0))
    ending.cancel()
    await asyncio.wait({ending})
