"""Alarms about full disks and about failed or old backups."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.alarms.alarm import UnknownError
from bot.alarms.declared import BACKUP, DISK, NEARLY_FULL, backup, disk, places
from bot.alarms.watch import AlarmWatch
from bot.watching.nightly import NAME, Backups
from storage.db.key_value import KeyValue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.alarms.alarm import Alarm, ProblemCheck
    from storage.db.database import Database

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MEGABYTE = 1024 * 1024


async def heard(
    db: Database,
    alarm: Alarm,
    check: ProblemCheck,
    hours: int,
    before: Callable[[datetime], object],
) -> list[tuple[datetime, bool]]:
    """Return each notice: its time, and whether it says that the problem is over."""
    words = []

    async def say(template: str, **values: Any) -> bool:  # noqa: ANN401  # a template's
        assert template == f"alarm_{alarm.name}"
        words.append((values["now"], values["until"] is not None))
        return True

    watch = AlarmWatch({alarm: check}, KeyValue(db), say)
    for minutes in range(0, 60 * hours, 10):
        now = NOON + minutes * MINUTE
        before(now)
        await watch.look(now)
    return words


async def test_a_full_disk_is_reported_once_and_again_after_an_hour_with_room(
    lite: Database, tmp_path: Path
) -> None:
    left = NEARLY_FULL

    def fill(now: datetime) -> None:
        nonlocal left
        hours = (now - NOON) / HOUR
        left = NEARLY_FULL - MEGABYTE if 2 <= hours < 4 or 4.5 <= hours < 5 else NEARLY_FULL

    check = disk(lambda: [(tmp_path, 5)], lambda _: left)
    news = await heard(lite, DISK, check, 9, fill)
    assert news == [(NOON + 2 * HOUR, False), (NOON + 6 * HOUR, True)]


async def test_the_disk_alarm_counts_room_for_a_copy_of_database_and_backup(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (tmp_path / "x.db").write_bytes(b"1234567")
    assert places(None, None) == []
    assert places(tmp_path / "none.db", Backups(folder, 2)) == [(tmp_path, 0), (folder, 0)]
    (folder / NAME.format(NOON)).write_bytes(b"123")
    assert places(tmp_path / "x.db", Backups(folder, 2)) == [(tmp_path, 7), (folder, 3)]
    free = {tmp_path: 900 * MEGABYTE, folder: 300 * MEGABYTE}
    kept = [(tmp_path, 901 * MEGABYTE), (folder, 0)]
    assert await disk(lambda: kept, free.__getitem__)(NOON) == {
        "place": str(tmp_path),
        "free": 900,
        "needed": 901,
    }


async def test_a_disk_that_cannot_be_measured_raises_no_alarm(tmp_path: Path) -> None:
    def gone(_: Path) -> int:
        raise OSError("it was taken out")

    with pytest.raises(UnknownError, match="it was taken out"):
        await disk(lambda: [(tmp_path, 0)], gone)(NOON)


async def test_an_old_backup_is_reported_once_and_so_is_the_next_good_one(
    lite: Database, tmp_path: Path
) -> None:
    made = {NOON - HOUR, NOON + 60 * HOUR}

    def work(now: datetime) -> None:
        for at in made:
            if at <= now:
                (tmp_path / NAME.format(at)).touch()

    news = await heard(lite, BACKUP, backup(Backups(tmp_path, 7), KeyValue(lite)), 70, work)
    late = NOON + 49 * HOUR + 10 * MINUTE
    assert news == [(late, False), (NOON + 60 * HOUR, True)]


async def test_an_old_backup_is_not_reported_while_a_new_one_is_being_made(
    lite: Database, tmp_path: Path
) -> None:
    (tmp_path / NAME.format(NOON - 90 * HOUR)).touch()

    def work(now: datetime) -> None:
        if now == NOON + HOUR:
            (tmp_path / NAME.format(now)).touch()

    assert await heard(lite, BACKUP, backup(Backups(tmp_path, 7), KeyValue(lite)), 9, work) == []
