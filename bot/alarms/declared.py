"""The alarms: a row for each, and the check that looks for its problem.

Each has a template `alarm_<name>.html.j2`.
"""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from telegram.error import TelegramError

from bot.alarms.alarm import Alarm, UnknownError
from bot.watching.nightly import FAILED
from news.health import FAILURES
from storage.model import SourceState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from telegram import WebhookInfo

    from bot.alarms.alarm import Facts, ProblemCheck
    from bot.samples import Sample
    from bot.watching.nightly import Backups
    from storage.db.key_value import KeyValue
    from storage.ledger.delivery_stats import Ledger
    from storage.model import Source

TOO_OLD = timedelta(hours=50)
"""Age of a backup: two nights without one, plus the hours in which a missed one is made up for."""
GRACE = timedelta(hours=2)
"""How long after a start an old backup raises no alarm; the next backup is made within an hour."""
NEARLY_FULL = 100 * 1024 * 1024
"""Free bytes below which a disk counts as nearly full: some weeks of news."""
MEGABYTE = 1024 * 1024
LATE = timedelta(minutes=30)
"""How late the oldest message may be beyond the time that all waiting messages take to send.

Many readers due at the same hour raise no alarm.
"""
LAST_CONFLICT = timedelta(minutes=2)
"""The age up to which Telegram's last 409 counts; the bot polls at least twice a minute."""
FEWEST = 4
"""Fewest active sources for which their alarm is raised; fewer say too little."""
LONGEST = timedelta(hours=6)
"""How long a source may go without a successful fetch.

Four times the source's own interval, if that is longer.
"""
LAST_WEBHOOK_ERROR = timedelta(minutes=10)
"""The age up to which Telegram's last error counts; Telegram tries again within minutes."""
MANY = 1_000
"""Waiting updates that raise the alarm about the webhook even without an error."""


def _backup_samples(sample: Sample) -> list[Facts]:
    reason, newest = sample.of("reason"), (sample.now - timedelta(days=3)).isoformat()
    return [
        {"reason": reason, "newest": newest},
        {"reason": reason, "newest": ""},
        {"reason": "", "newest": newest},
    ]


BACKUP = Alarm(
    "backup",
    "the nightly backup is missing (%(reason)s); the newest one: %(newest)s",
    over_after=timedelta(),
    samples=_backup_samples,
)
CUT_OFF = Alarm(
    "cut_off",
    "Telegram does not answer %(names)s; other replicas do the work",
    samples=lambda _: [{"names": "news-1:4711"}, {"names": "news-1:4711, news-2:12"}],
)
DISK = Alarm(
    "disk",
    "the disk of %(place)s is nearly full: %(free)d MB left",
    over_after=timedelta(hours=1),
    samples=lambda _: [
        {"place": "/data", "free": 87, "needed": 0},
        {"place": "/data/backups", "free": 640, "needed": 910},
    ],
)
LATE_EDITIONS = Alarm(
    "late_editions",
    "%(waiting)d messages are late, the first by %(minutes)d min",
    over_after=timedelta(minutes=15),
    samples=lambda _: [{"waiting": 1, "minutes": 31}, {"waiting": 12_400, "minutes": 95}],
)
# A server that restarts raises no alarm.
MAILBOX = Alarm(
    "mailbox",
    "the mailbox of MAIL_IN cannot be read: %(reason)s",
    after=timedelta(minutes=20),
    samples=lambda _: [{"reason": "the password was refused"}],
)
# Moving the bot to another machine makes two of it run for some seconds.
SECOND_POLLER = Alarm(
    "second_poller",
    "another program receives this bot's updates (by a webhook: %(webhook)s)",
    after=timedelta(minutes=2),
    samples=lambda _: [{"webhook": True}, {"webhook": False}],
)
UNREAD_SOURCES = Alarm(
    "unread_sources",
    "%(unread)d of %(all)d sources cannot be read",
    after=timedelta(minutes=30),
    over_after=timedelta(hours=1),
    samples=lambda _: [{"unread": 29, "all": 57}],
)
# A restart of the bot, or of the web server in front of it, raises no alarm.
WEBHOOK_ERRORS = Alarm(
    "webhook_errors",
    "Telegram cannot deliver to WEBHOOK_URL (%(reason)s), %(waiting)d updates are waiting",
    after=timedelta(minutes=5),
    over_after=timedelta(minutes=15),
    samples=lambda sample: [
        {"reason": sample.of("reason"), "waiting": 1},
        {"reason": "", "waiting": 1_870},
    ],
)
ALARMS = (
    *(BACKUP, CUT_OFF, DISK, LATE_EDITIONS, MAILBOX, SECOND_POLLER, UNREAD_SOURCES),
    WEBHOOK_ERRORS,
)


def backup(backups: Backups, key_value: KeyValue) -> ProblemCheck:
    """Return the check for a nightly backup that fails or is too old."""
    first: list[datetime] = []

    async def look(now: datetime) -> Facts | None:
        first.append(min([*first[-1:], now]))
        del first[:-1]
        try:
            newest = await asyncio.to_thread(backups.newest)
        except OSError as error:
            raise UnknownError(str(error)) from None
        failed = await key_value.get(FAILED)
        old = newest is not None and now - newest > TOO_OLD and now - first[0] >= GRACE
        if not failed and not old:
            return None
        return {"reason": failed or "", "newest": newest.isoformat() if newest else ""}

    return look


def cut_off(replicas: Callable[[], Sequence[str]]) -> ProblemCheck:
    """Return the check for replicas that get no answer from Telegram, given their names."""

    async def look(_: datetime) -> Facts | None:
        names = replicas()
        return {"names": ", ".join(names)} if names else None

    return look


Place = tuple["Path", int]
"""A folder, and the bytes that another copy of its files would take."""


def free_bytes(folder: Path) -> int:
    """Return the free bytes on the disk of a folder, or of its nearest existing parent."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    found = os.statvfs(there)
    return found.f_bavail * found.f_frsize


def places(database: Path | None, backups: Backups | None) -> list[Place]:
    """Return the folders of the SQLite file and of the backups, each with the room it must have."""
    found = []
    if database is not None:
        found.append((database.parent, database.stat().st_size if database.exists() else 0))
    if backups is not None:
        made = backups.paths()
        found.append((backups.folder, made[-1].stat().st_size if made else 0))
    return found


def disk(
    kept: Callable[[], Sequence[Place]], free: Callable[[Path], int] = free_bytes
) -> ProblemCheck:
    """Return the check for a disk that is nearly full."""

    def fullest() -> Facts | None:
        found = [(free(folder), needed, folder) for folder, needed in kept()]
        short = [one for one in found if one[0] < max(NEARLY_FULL, one[1])]
        if not short:
            return None
        left, needed, folder = min(short)
        return {
            "place": str(folder),
            "free": left // MEGABYTE,
            "needed": needed // MEGABYTE if needed > NEARLY_FULL else 0,
        }

    async def look(_: datetime) -> Facts | None:
        try:
            return await asyncio.to_thread(fullest)
        except OSError as error:
            raise UnknownError(str(error)) from None

    return look


def late_editions(ledger: Ledger, per_second: float) -> ProblemCheck:
    """Return the check for messages sent more slowly than Telegram's limits explain."""

    async def look(now: datetime) -> Facts | None:
        now = ledger.by_server(now)
        found = await ledger.backlog(now - LATE)
        if found is None:
            return None
        takes = timedelta(seconds=(found.waiting + found.sent) / per_second)
        if now - found.oldest <= LATE + takes:
            return None
        late = int((now - found.oldest).total_seconds() // 60)
        return {"waiting": found.waiting, "minutes": late}

    return look


def mailbox(problem: Callable[[], str | None]) -> ProblemCheck:
    """Return the check for a mailbox that cannot be read.

    `problem` returns why, "" if it can, or None if it was not tried yet.
    """

    async def look(_: datetime) -> Facts | None:
        reason = problem()
        if reason is None:
            raise UnknownError("the mailbox was not opened yet")
        return {"reason": reason} if reason else None

    return look


def second_poller(conflict: Callable[[], tuple[datetime, bool] | None]) -> ProblemCheck:
    """Return the check for another program that receives this bot's updates.

    `conflict` returns when Telegram last answered 409, and whether because of a webhook.
    """

    async def look(now: datetime) -> Facts | None:
        last = conflict()
        if last is None or now - last[0] > LAST_CONFLICT:
            return None
        return {"webhook": last[1]}

    return look


def unread_sources(
    sources: Callable[[], Awaitable[Sequence[Source]]],
    hides: Callable[[datetime], Awaitable[bool]],
) -> ProblemCheck:
    """Return the check for half or more of the sources failing for a long time.

    `hides` returns whether this machine is offline at a moment, which has its own message.
    """

    def is_unread(source: Source, now: datetime) -> bool:
        since = source.last_ok or source.added
        longest = max(LONGEST, timedelta(seconds=4 * source.interval))
        return source.failures >= FAILURES or now - since > longest

    async def look(now: datetime) -> Facts | None:
        if await hides(now):
            raise UnknownError("the machine is offline")
        asked = [one for one in await sources() if one.state is SourceState.ACTIVE]
        unread = sum(is_unread(one, now) for one in asked)
        if len(asked) < FEWEST or 2 * unread < len(asked):
            return None
        return {"unread": unread, "all": len(asked)}

    return look


def webhook_errors(ask: Callable[[], Awaitable[WebhookInfo]]) -> ProblemCheck:
    """Return the check for Telegram failing to deliver to WEBHOOK_URL, or too many waiting."""

    async def look(now: datetime) -> Facts | None:
        try:
            info = await ask()
        except TelegramError as error:
            raise UnknownError(str(error)) from None
        waiting, failed = info.pending_update_count, info.last_error_date
        is_recent = failed is not None and now - failed.astimezone(UTC) <= LAST_WEBHOOK_ERROR
        if waiting and is_recent:
            return {"reason": info.last_error_message or "", "waiting": waiting}
        return {"reason": "", "waiting": waiting} if waiting >= MANY else None

    return look
