"""A morning and an evening edition share the limits of a reader's day."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from telegram.error import RetryAfter

from digest.timing.reader_day import ALONE, ReaderDay, reader_day
from digest.timing.schedule import due_on
from storage.model import DeliveryKind, DeliveryState
from tests.digest.conftest import MONDAY

if TYPE_CHECKING:
    from tests.digest.conftest import Paper

SENT, SKIPPED, PLANNED = DeliveryState.SENT, DeliveryState.SKIPPED, DeliveryState.PLANNED
SIX = 18 * 60
EVENING = MONDAY + timedelta(hours=10)
"""18:00 in Rome."""


def stories(text: str) -> list[str]:
    return text.splitlines()[1:]


async def test_morning_and_evening_editions_never_share_a_story(paper: Paper) -> None:
    of_morning = await paper.article("Of the morning")
    await paper.reader(7, evening_minute=SIX)
    await paper.reader(8)
    await paper.morning()
    paper.time.now = EVENING
    await paper.article("The same elsewhere", source="Another", story=of_morning)
    await paper.article("Of the evening")
    await paper.morning()
    paper.time.now = MONDAY + timedelta(days=1)
    await paper.article("Of Tuesday")
    await paper.morning()
    assert [stories(text) for text in paper.outbox.to(7)] == [
        ["Of the morning"],
        ["Of the evening"],
        ["Of Tuesday"],
    ]
    # The other copy of a shown story is not news.
    assert [stories(text) for text in paper.outbox.to(8)] == [
        ["Of the morning"],
        ["Of Tuesday", "Of the evening"],
    ]
    assert [row.kind for row in await paper.ledger()] == [DeliveryKind.EDITION] * 5


async def test_the_morning_leaves_a_third_of_the_days_twelve_stories(paper: Paper) -> None:
    await paper.reader(7, "motor", evening_minute=SIX)
    await paper.reader(8, "motor")
    await paper.stories("Early", 20, source="Paper {number}")
    await paper.morning()
    paper.time.now = EVENING
    await paper.stories("Late", 20, source="Paper {number}")
    await paper.morning()
    assert [len(stories(text)) for text in paper.outbox.to(7)] == [8, 4]
    assert [len(stories(text)) for text in paper.outbox.to(8)] == [12]
    # A quiet morning leaves more to the evening.
    paper.time.now = MONDAY + timedelta(days=1)
    await paper.morning()
    paper.time.now = EVENING + timedelta(days=1)
    await paper.stories("Tuesday's", 20, source="Paper {number}")
    await paper.morning()
    assert [len(stories(text)) for text in paper.outbox.to(7)] == [8, 4, 12]


async def test_a_day_has_three_stories_of_a_source_or_house_at_most(paper: Paper) -> None:
    await paper.reader(7, "motor", evening_minute=SIX)
    for number in range(2):
        await paper.article(f"Gazette {number}")
        await paper.article(f"Bentley {number}", "motor", "bentley", source=f"Paper {number}")
    await paper.morning()
    paper.time.now = EVENING
    for number in range(2, 5):
        await paper.article(f"Gazette {number}")
        await paper.article(f"Bentley {number}", "motor", "bentley", source=f"Paper {number}")
    await paper.morning()
    [morning, evening] = [stories(text) for text in paper.outbox.to(7)]
    assert len(morning) == 4
    assert sorted(each.split()[0] for each in evening) == ["Bentley", "Gazette"]


async def test_requested_editions_do_not_count_towards_the_days_limits(paper: Paper) -> None:
    reader = await paper.reader(7, "motor", evening_minute=SIX)
    await paper.stories("Early", 20, source="Paper {number}")
    await paper.morning()
    paper.time.pass_(hours=2)
    await paper.stories("Noon", 20, source="Paper {number}")
    assert await paper.sender.deliver_now(reader, paper.time.now) is SENT
    paper.time.now = EVENING
    await paper.stories("Late", 20, source="Paper {number}")
    await paper.morning()
    assert [len(stories(text)) for text in paper.outbox.to(7)] == [8, 12, 4]


async def test_a_delayed_requested_edition_has_full_length(paper: Paper) -> None:
    reader = await paper.reader(7, "motor", evening_minute=SIX)
    await paper.stories("Early", 20, source="Paper {number}")
    await paper.morning()
    paper.time.pass_(hours=2)
    await paper.stories("Noon", 20, source="Paper {number}")
    paper.outbox.fail(RetryAfter(30), chat_id=7)
    assert await paper.sender.deliver_now(reader, paper.time.now) is PLANNED
    await paper.drain(minutes=5)
    assert [len(stories(text)) for text in paper.outbox.to(7)] == [8, 12]


async def test_a_day_without_news_says_so_once_in_the_evening(paper: Paper) -> None:
    await paper.reader(7, evening_minute=SIX, empty_note=True)
    await paper.morning()
    assert paper.outbox.sent == []
    paper.time.now = EVENING
    await paper.morning()
    assert paper.outbox.to(7) == ["edition: nothing"]
    paper.time.now = MONDAY + timedelta(days=1)
    await paper.article("Of the morning")
    await paper.morning()
    paper.time.now = EVENING + timedelta(days=1)
    await paper.morning()
    assert [stories(text) for text in paper.outbox.to(7)[1:]] == [["Of the morning"]]
    assert await paper.states() == [SKIPPED, SENT, SENT, SKIPPED]


async def test_an_undelivered_morning_edition_joins_the_evening(paper: Paper) -> None:
    await paper.article("Of the morning")
    await paper.reader(7, evening_minute=SIX)
    await paper.planner.plan_due(paper.time.now)
    paper.time.now = EVENING
    await paper.article("Of the evening")
    await paper.morning()
    assert [sorted(stories(text)) for text in paper.outbox.to(7)] == [
        ["Of the evening", "Of the morning"]
    ]


async def test_news_delayed_overnight_by_an_outage_joins_the_morning(paper: Paper) -> None:
    """The edition was planned before the outage, and is sent neither at night nor separately."""
    await paper.reader_of("Of Monday")
    await paper.planner.plan_due(paper.time.now)
    night = MONDAY + timedelta(hours=21)
    paper.time.now = night
    await paper.morning()
    assert paper.outbox.sent == []
    assert await paper.states() == [PLANNED]
    assert await paper.deliveries.next_time() == MONDAY + timedelta(days=1, minutes=5)
    paper.time.now = MONDAY + timedelta(days=1)
    await paper.article("Of Tuesday")
    await paper.morning()
    assert [sorted(stories(text)) for text in paper.outbox.to(7)] == [["Of Monday", "Of Tuesday"]]
    await paper.morning(minutes=10)
    assert len(paper.outbox.sent) == 1


def test_the_first_of_two_editions_leaves_room_and_the_second_counts_its_stories() -> None:
    shown = [
        (MONDAY - timedelta(hours=14), (1, 2)),
        (MONDAY, (3, 4, 5)),
        (MONDAY + timedelta(hours=1), (6,)),
    ]
    assert reader_day(EVENING, "Europe/Rome", None, shown) == ALONE
    assert reader_day(MONDAY, "Europe/Rome", SIX, shown) == ReaderDay(silent=True, first=True)
    evening = reader_day(EVENING, "Europe/Rome", SIX, shown)
    assert evening == ReaderDay((3, 4, 5, 6), silent=True)
    assert reader_day(EVENING, "Europe/Rome", SIX, shown[:1]) == ReaderDay()
    # In Auckland it is six in the evening, and what came fourteen hours ago of that day.
    assert reader_day(MONDAY, "Pacific/Auckland", SIX, shown).shown == (1, 2)
    assert [ReaderDay(first=True).share(size) for size in (12, 5, 1, 0)] == [8, 4, 1, 0]
    assert [evening.share(size) for size in (12, 3)] == [8, 0]


async def test_two_editions_a_day_keep_their_hours_across_clock_changes(paper: Paper) -> None:
    changes = {
        "Europe/Rome": (date(2026, 3, 29), date(2026, 10, 25)),
        "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
        "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
        "Asia/Tokyo": (date(2026, 7, 1),),
    }
    expected: dict[int, list[datetime]] = {}
    days = sorted((day, zone) for zone, each in changes.items() for day in each)
    for chat_id, (change, zone) in enumerate(days, start=1):
        place = ZoneInfo(zone)
        walls = [
            datetime.combine(change + timedelta(days=day), time(hour, minute), tzinfo=place)
            for day in (-1, 0, 1)
            for hour, minute in ((2, 15), (18, 0))
        ]
        expected[chat_id] = [wall.astimezone(UTC) for wall in walls]
        paper.time.now = expected[chat_id][0] - timedelta(hours=1)
        reader = await paper.reader(chat_id, zone=zone, minute=135, evening_minute=SIX)
        for _ in walls:
            due = (await paper.subscribers.get(reader.id)) or reader
            assert due.next_at is not None
            paper.time.now = due.next_at + timedelta(seconds=20)
            await paper.planner.plan_due(paper.time.now)
        await paper.subscribers.change(reader.id, next_at=None)
    came: dict[int, list[datetime]] = defaultdict(list)
    for row in await paper.ledger():
        came[row.chat_id].append(row.due)
    # New York, 8 March: after 01:59 comes 03:00, and the edition of 02:15 with it. Lord Howe's
    # clock goes on by half an hour at two, so 02:15 comes at 02:30.
    jumps = {("America/New_York", 3), ("Europe/Rome", 3), ("Australia/Lord_Howe", 10)}
    for chat_id, (change, zone) in enumerate(days, start=1):
        wanted = list(expected[chat_id])
        if (zone, change.month) in jumps:
            wanted[2] = due_on(change, 135, zone) or wanted[2]
            assert wanted[2].astimezone(ZoneInfo(zone)).time() in {time(3), time(2, 30)}
        assert came[chat_id] == wanted, zone
