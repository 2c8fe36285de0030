"""`./dev bench start`: the time to the first answer, and the bot's memory at rest.

A reader has already sent /start when the process is launched. The smallest bot with
python-telegram-bot is measured too: a process that answers one command and stores nothing.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from bench.harness.processes import peak_mib, python
from bench.harness.report import Metric
from playground.server import Playground

ROUNDS = 5
AT_REST = 5.0
"""Seconds after the first answer, during which the first ticks pass."""

FIGURES = {
    "first_answer_s": Metric("ON News: from launch to the first answer", "s", at_most=2.0),
    "peak_mib": Metric("ON News: peak memory at rest", "MiB", at_most=120.0),
    "ptb_first_answer_s": Metric("a bare python-telegram-bot: to the first answer", "s"),
    "ptb_peak_mib": Metric("a bare python-telegram-bot: peak memory", "MiB"),
}


async def _launch(module: str, *arguments: str, folder: Path) -> tuple[float, float]:
    """Launch a bot against a fresh playground.

    Returns:
        Seconds to the first answer, and the peak memory in MiB once the bot is at rest.
    """
    async with Playground() as town:
        reader = town.person("Anna")
        await reader.send("/start")
        env = {
            "TELEGRAM_BOT_TOKEN": town.token,
            "TELEGRAM_API_URL": town.url,
            "DATABASE_URL": f"sqlite:///{folder}/onnews.db",
        }
        start = time.perf_counter()
        async with python("-m", module, *arguments, env=env) as process:
            await reader.next(timeout=60)
            seconds = time.perf_counter() - start
            await asyncio.sleep(AT_REST)
            return seconds, peak_mib(process.pid)


async def measure() -> dict[str, float]:
    """Return medians over a few launches of each bot in turn, on an existing database."""
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        await _launch("bot", "run", folder=Path(folder))
        for _ in range(ROUNDS):
            ours.append(await _launch("bot", "run", folder=Path(folder)))
            theirs.append(await _launch("bench.peers.hello", folder=Path(folder)))
    return {
        "first_answer_s": statistics.median(seconds for seconds, _ in ours),
        "peak_mib": max(memory for _, memory in ours),
        "ptb_first_answer_s": statistics.median(seconds for seconds, _ in theirs),
        "ptb_peak_mib": max(memory for _, memory in theirs),
    }
