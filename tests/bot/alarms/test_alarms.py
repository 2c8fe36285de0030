"""Alarms are raised once while a problem lasts, and cleared once it is over. Alarms about full
disks and about failed or old backups.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alarms.alarm import Alarm, AlarmNews, AlarmState, UnknownError
from bot.alarms.declared import BACKUP, DISK, NEARLY_FULL, backup, disk, places
from bot.alarms.watch import AlarmWatch
from bot.app import OnNews
from bot.watching.nightly import NAME, Backups
from playground.server import Playground
from storage.db.key_value import KeyValue
from storage.db.outage import DatabaseFailure, DatabaseUnavailableError
from tests.handlers.conftest import start
from tests.plugins.towns import settings_in, started

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from bot.alarms.alarm import Facts, ProblemCheck
    from storage.db.database import Database

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Leak:
    """A problem that a test starts and ends, with operators who may be unreachable."""

    def __init__(self, db: Database) -> None:
        self.litres: int | None = None
        self.seen = True
        self.in_reach = True
        self.heard: list[tuple[str, Any, Any, Any]] = []
        self.now = NOON
        self._db = db
        self.restart()

    def restart(self) -> None:
        alarm = Alarm("leak", "%(litres)d litres", 5 * MINUTE, 10 * MINUTE)
        self._watch = AlarmWatch({alarm: self.look}, KeyValue(self._db), self.say)

    async def look(self, _: datetime) -> Facts | None:
        if not self.seen:
            raise UnknownError("it is dark")
        return None if self.litres is None else {"litres": self.litres}

    async def say(self, template: str, **values: Any) -> bool:  # noqa: ANN401  # a template's
        if self.in_reach:
            until = values["until"]
            self.heard.append((template, values["litres"], values["since"], until))
        return self.in_reach

    async def watch(self, minutes: int) -> None:
        for _ in range(minutes):
            await self._watch.look(self.now)
            self.now += MINUTE


async def test_an_alarm_is_raised_once_across_restarts_and_then_cleared(db: Database) -> None:
    leak = Leak(db)
    await leak.watch(3)
    leak.litres = 7
    began = leak.now
    await leak.watch(5)
    assert leak.heard == []
    leak.restart()
    await leak.watch(1)
    assert leak.heard == [("alarm_leak", 7, began, None)]
    leak.restart()
    leak.litres = 9
    await leak.watch(90)
    leak.litres = None
    ended = leak.now
    await leak.watch(10)
    assert len(leak.heard) == 1
    leak.restart()
    await leak.watch(90)
    assert leak.heard[1:] == [("alarm_leak", 7, began, ended)]


async def test_an_intermittent_fault_is_one_alarm_and_a_short_one_none(db: Database) -> None:
    leak = Leak(db)
    for litres in (1, None) * 20:
        leak.litres = litres
        await leak.watch(5)
    assert leak.heard == []
    leak.litres = 1
    await leak.watch(6)
    for litres in (None, 1) * 20:
        leak.litres = litres
        await leak.watch(9)
    assert len(leak.heard) == 1


async def test_a_failed_check_neither_raises_nor_clears_an_alarm(db: Database) -> None:
    leak = Leak(db)
    leak.seen = False
    await leak.watch(30)
    leak.seen, leak.litres = True, 1
    await leak.watch(6)
    leak.seen = False
    await leak.watch(60)
    assert len(leak.heard) == 1


async def test_unreachable_operators_are_notified_later_and_it_is_logged_once(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.alarms")
    leak = Leak(db)
    leak.litres, leak.in_reach = 3, False
    await leak.watch(30)
    leak.in_reach = True
    await leak.watch(2)
    leak.litres, leak.in_reach = None, False
    await leak.watch(30)
    leak.in_reach = True
    await leak.watch(5)
    assert [(since, until) for _, _, since, until in leak.heard] == [
        (NOON, None),
        (NOON, NOON + 32 * MINUTE),
    ]
    assert caplog.messages == ["3 litres", "over after 32 min: 3 litres"]


async def test_an_alarm_that_cannot_be_stored_holds_up_no_other(db: Database) -> None:
    class FullDisk(KeyValue):
        async def put(self, *_: object) -> None:
            raise DatabaseUnavailableError(DatabaseFailure("the disk is full", "Make room on it."))

    async def look(_: datetime) -> Facts | None:
        return {}

    heard: list[str] = []

    async def say(template: str, **_: Any) -> bool:  # noqa: ANN401  # a template's
        heard.append(template)
        return True

    alarms = Alarm("late", "", 9 * MINUTE), Alarm("disk", ""), Alarm("old", "")
    watch = AlarmWatch(dict.fromkeys(alarms, look), FullDisk(db), say)
    for minute in range(5):
        with pytest.raises(DatabaseUnavailableError):
            await watch.look(NOON + minute * MINUTE)
    assert heard == ["alarm_disk", "alarm_old"]


@given(st.lists(st.booleans(), max_size=200))
def test_an_alarm_is_raised_and_cleared_in_turn_whatever_happens(course: list[bool]) -> None:
    alarm = Alarm("x", "", 3 * MINUTE, 4 * MINUTE)
    state, words, now = AlarmState(), [], NOON
    for trouble in course:
        state, word = state.next({"n": 1} if trouble else None, now, alarm)
        assert AlarmState.from_text(state.as_text()) == state
        now += MINUTE
        if word is not None:
            words.append(word)
    assert words[::2] == [AlarmNews.BEGUN] * len(words[::2])
    assert words[1::2] == [AlarmNews.OVER] * len(words[1::2])


class Bot:
    """The whole bot with one operator, a clock that the test sets, and no ticks of its own."""

    def __init__(self, town: Playground, url: str) -> None:
        self.town = town
        self.url = url
        self.now = NOON
        self.operator = town.person("Anna")

    def serving(self, **more: Any) -> AbstractAsyncContextManager[OnNews]:  # noqa: ANN401  # settings
        settings = settings_in(self.town, self.url, admin_ids=(self.operator.id,), **more)
        onnews = OnNews(settings, clock=lambda: self.now, first_sources=())
        return started(onnews, ticks=False)

    async def look(self, onnews: OnNews, minutes: int = 1) -> None:
        assert onnews.ticks is not None
        for _ in range(minutes):
            await onnews.ticks.run("alarms")
            self.now += MINUTE


async def test_operators_are_notified_once_of_a_second_poller_and_of_its_end(
    sqlite_url: str,
) -> None:
    async with Playground() as town, aiohttp.ClientSession() as other:
        bot = Bot(town, sqlite_url)

        async def taken_over(onnews: OnNews) -> None:
            """Poll as another program until Telegram has answered the bot with a conflict.

            Each poll lasts until the bot polls, and the next one ends the bot's.
            """
            onnews._polling.conflict = None
            while onnews._polling.conflict is None:
                async with other.get(f"{town.url}/bot{town.token}/getUpdates?timeout=1"):
                    pass

        async with bot.serving() as onnews:
            await start(bot.operator)
            # The bot's pauses after conflicts grow, so two have to do.
            for _ in range(2):
                await taken_over(onnews)
                await bot.look(onnews, minutes=2)
            message = await bot.operator.next()
            assert "Another program is taking this bot’s messages" in message.text
            assert "@BotFather with /revoke" in message.text
            count = len(bot.operator.chat.messages)
        async with bot.serving() as onnews:
            await bot.look(onnews, minutes=9)
            assert len(bot.operator.chat.messages) == count
            await bot.look(onnews, minutes=30)
            assert "reach it again" in (await bot.operator.next()).text
            assert len(bot.operator.chat.messages) == count + 1
        assert town.violations == []


async def test_operators_are_notified_of_a_failed_backup_and_of_the_next_good_one(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    async with Playground() as town:
        bot = Bot(town, sqlite_url)
        async with bot.serving(backup_dir=folder / "nightly") as onnews:
            assert onnews.ticks is not None
            await start(bot.operator)
            await bot.look(onnews)
            count = len(bot.operator.chat.messages)
            (folder / "nightly").write_text("in the way")
            for _ in range(3):
                await onnews.ticks.run("night")
                await bot.look(onnews, minutes=60)
            message = (await bot.operator.next()).text
            assert "Last night’s backup failed" in message
            assert "backups/nightly cannot be written (File exists)" in message
            (folder / "nightly").unlink()
            await onnews.ticks.run("night")
            await bot.look(onnews, minutes=5)
            assert "The nightly backup works again" in (await bot.operator.next()).text
            assert len(bot.operator.chat.messages) == count + 2
        assert town.violations == []
    assert "Traceback" not in caplog.text


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
