"""`./dev bench newcomer`: the time from Start to a newcomer's first edition, in three taps.

The bot runs as a process of its own on an archive with one day's news.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.harness.processes import python
from bench.harness.report import Metric
from bench.rigs.news import day
from bot.composition import Archive
from bot.configuration.settings import Settings
from playground.server import Playground

if TYPE_CHECKING:
    from playground.people.people import Person

NEWCOMERS = 20
TAPS = ("Choose for me", "Keep 08:00", "Keep London")

FIGURES = {
    "edition_s": Metric("from Start to the first edition, median", "s", at_most=5.0),
    "slowest_edition_s": Metric("the same, the slowest", "s", at_most=5.0),
    "taps": Metric("taps on the way", at_most=3.0),
    "stories": Metric("stories in the first edition", at_least=5.0),
}


async def _first_edition(newcomer: Person) -> tuple[float, int]:
    """Lead a newcomer to the first edition.

    Returns:
        Seconds from Start to the edition, and the number of its stories.
    """
    start = time.perf_counter()
    await newcomer.start()
    for label in TAPS:
        await newcomer.tap(label, await newcomer.next())
    await newcomer.until("All set")
    edition = await newcomer.next()
    seconds = time.perf_counter() - start
    return seconds, sum(label.isdigit() for label in edition.labels)


async def measure() -> dict[str, float]:
    """Lead newcomers one after another to their first edition."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/onnews.db"
        archive = Archive(Settings(database_url=address))
        await archive.open(())
        await day.fill(archive, datetime.now(UTC))
        await archive.close()
        async with Playground() as town:
            env = {
                "TELEGRAM_BOT_TOKEN": town.token,
                "TELEGRAM_API_URL": town.url,
                "DATABASE_URL": address,
            }
            async with python("-m", "bot", "run", env=env):
                # The start of the process is another bench's.
                bystander = town.person("A bystander")
                await bystander.send("/help")
                await bystander.next()
                found = [
                    await _first_edition(town.person(f"Newcomer {number}", "en"))
                    for number in range(NEWCOMERS)
                ]
    return {
        "edition_s": statistics.median(seconds for seconds, _ in found),
        "slowest_edition_s": max(seconds for seconds, _ in found),
        "taps": len(TAPS),
        "stories": min(stories for _, stories in found),
    }
