"""The daily limit of alerts, counted by the reader's own days; other news waits for the edition."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.digest.conftest import Paper


async def alerted_to(paper: Paper, *titles: str) -> int:
    """Return the number of alerts that a newly started planner plans for new articles."""
    planner = paper.alerts
    ids = [await paper.article(title, source=f"The {title} Gazette") for title in titles]
    return await planner.plan(ids, paper.time.now)


async def with_alerts(paper: Paper, chat_id: int, most: int, **changes: object) -> None:
    """Create a reader with alerts for Motor and an edition at 20:00."""
    changes = {"minute": 20 * 60, "alerts_a_day": most, **changes}
    reader = await paper.reader(chat_id, "motor", **changes)  # type: ignore[arg-type] # by name
    await paper.subscribers.follow(reader.id, "motor", alerts=True)


async def test_alerts_above_the_daily_limit_wait_for_the_edition(paper: Paper) -> None:
    await with_alerts(paper, 1, 2)
    await with_alerts(paper, 2, 20)
    await with_alerts(paper, 3, 0)
    assert await alerted_to(paper, "One") == 2
    await paper.sender.drain()
    # What was sent counts, and what only waits to be sent.
    assert await alerted_to(paper, "Two", "Three") == 3
    await paper.sender.drain()
    assert await alerted_to(paper, "Four") == 1
    assert [text.split()[-1] for text in paper.outbox.to(1)] == ["One", "Two"]
    assert paper.outbox.to(3) == []
    paper.time.pass_(hours=12)
    await paper.morning()
    *_, edition = paper.outbox.to(1)
    assert all(title in edition for title in ("Three", "Four"))
    assert not any(title in edition for title in ("One", "Two"))
    *_, edition = paper.outbox.to(3)
    assert all(title in edition for title in ("One", "Two", "Three", "Four"))


@pytest.mark.parametrize(
    ("zone", "hours"),
    # It is 06:00 UTC: 08:00 in Rome, 14:00 in Shanghai, 23:00 of the day before in Los Angeles.
    [("Europe/Rome", 16), ("Asia/Shanghai", 10), ("America/Los_Angeles", 1)],
)
async def test_the_alert_count_restarts_at_the_readers_midnight(
    paper: Paper, zone: str, hours: int
) -> None:
    await with_alerts(paper, 1, 1, zone=zone, next_at=paper.time.now + timedelta(days=3))
    assert await alerted_to(paper, "First of the day") == 1
    await paper.sender.drain()
    paper.time.pass_(hours=hours, minutes=-1)
    assert await alerted_to(paper, "Before midnight") == 0
    paper.time.pass_(minutes=1)
    assert await alerted_to(paper, "After midnight") == 1


async def test_an_alert_that_waits_for_the_end_of_quiet_hours_counts_for_that_day(
    paper: Paper,
) -> None:
    quiet = {"quiet_from": 22 * 60, "quiet_to": 7 * 60, "zone": "Europe/Rome"}
    await with_alerts(paper, 1, 1, next_at=paper.time.now + timedelta(days=3), **quiet)
    paper.time.pass_(hours=15)  # 23:00
    assert await alerted_to(paper, "At night") == 1
    assert await alerted_to(paper, "At night too") == 0
    paper.time.pass_(hours=10)  # 09:00
    await paper.sender.drain()
    assert len(paper.outbox.to(1)) == 1
    assert await alerted_to(paper, "The day after") == 0
