"""The checks of the database and its contents: sources, editions, backups, the bot's identity."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.counted import counted
from bot.doctor.findings import Finding, error, of_database, ok, warning
from bot.doctor.machine import megabytes
from bot.telegram.bot_identity import known_bot
from bot.watching.nightly import FAILED, Backups
from news.health import Condition, summary
from storage.db.checkup import check_up
from storage.db.outage import DatabaseError, DatabaseUnavailableError
from storage.ledger.delivery_stats import Ledger
from storage.migrations.migrate import (
    EARLIER,
    UnknownRevisionError,
    is_too_old,
    steps_from,
)
from storage.model import DeliveryState, State
from storage.tables import schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.composition import Archive
    from bot.configuration.settings import Settings
    from bot.watching.source_health import Look
    from news.health import Health
    from storage.db.checkup import Checkup
    from storage.db.database import Database
    from storage.ledger.delivery_stats import Day

QUICK = 3.0
"""Seconds for which a database is searched for damage, unless all of it is searched."""
OVERDUE = timedelta(minutes=10)
"""How late a delivery may be before there is a warning."""
OLD_BACKUP = timedelta(hours=27)
"""The age of the newest backup that raises a warning: a day, plus time to make the next one."""
MOST_NAMED = 3
"""Number of failing sources that are listed by name; `onnews sources list` shows all."""
FIRST_ROUND = timedelta(hours=1)
"""How long new sources may stay unread, if none was ever read, before there is a warning."""
QUARTER = timedelta(minutes=15)


async def look_at_database(
    database: Database, *, full: bool
) -> tuple[list[Finding], Checkup | None]:
    """Check that the database can be used and is undamaged.

    With `full` all of it is searched for damage. Return findings and the result of the search,
    which is None if the database does not exist or cannot be read.
    """
    if database.path is not None and not database.path.exists():
        none = f"there is no database yet at {database.path}"
        remedy = "`onnews run` creates it; if you have one already, correct DATABASE_URL"
        return [warning("database", none, remedy)], None
    try:
        found = await check_up(database, seconds=None if full else QUICK)
    except DatabaseUnavailableError as failure:
        return [error("database", failure.reason, failure.advice)], None
    except DatabaseError as failure:
        return [of_database(failure, "correct DATABASE_URL")], None
    return [*judge_database(found, database.shown, full=full)], found


def judge_database(found: Checkup, shown: str, *, full: bool) -> Iterator[Finding]:
    """Yield findings about a database: its damage, and the revision of its tables.

    `shown` is the URL without password; `full` whether all of it was to be searched.
    """
    what = f"{shown}: {found.program}, {megabytes(found.size)}"
    if found.faults:
        yield error(
            "database",
            f"{shown} is damaged: {'; '.join(found.faults)}",
            "stop the bot, replace the database with a backup by `onnews restore FILE`, and "
            "check the disk",
        )
    if found.foreign:
        yield error(
            "database",
            f"{shown} contains tables of another program",
            "give DATABASE_URL a database of its own",
        )
    elif found.revision is None:
        yield warning("database", f"{what}, empty", "`onnews run` creates its tables")
    elif not found.fits:
        yield _other_revision(found.revision, what)
    elif not found.faults:
        yield _undamaged(found, what, full=full)


def _undamaged(found: Checkup, what: str, *, full: bool) -> Finding:
    if not found.read_whole:
        searched = f"no damage found within {QUICK:.0f} s; `onnews doctor --full` reads all of it"
    else:
        searched = "no damage found in all of it" if full else "no damage found"
    tables = f"tables {found.revision}"
    if found.revision != schema.HEAD:
        tables += f" of a newer version, which serve this one ({schema.HEAD}) too"
    return ok("database", f"{what}, {tables}, {searched}")


def _other_revision(revision: str, what: str) -> Finding:
    try:
        missing = steps_from(revision)
    except UnknownRevisionError:
        if is_too_old(revision):
            return error(
                "database",
                f"{what}, was written by an earlier version of ON News (tables {revision})",
                EARLIER,
            )
        return error(
            "database",
            f"{what}, was written by a newer version of ON News (tables {revision}, this version "
            f"knows {schema.HEAD})",
            "update the program, or name another database in DATABASE_URL",
        )
    return warning(
        "database",
        f"{what}, tables of an older version ({revision}; {len(missing)} migrations to run)",
        "the next `onnews run` runs them, or `onnews migrate` now; a copy of an SQLite file is "
        "kept",
    )


async def look_at_archive(
    archive: Archive, settings: Settings, me: Mapping[str, Any], now: datetime
) -> list[Finding]:
    """Check the contents of an archive with current tables. Nothing is changed.

    `me` is the bot's user, from getMe; empty if Telegram did not answer.
    """
    database = archive.database
    await database.open(create=False)
    try:
        checks = [
            *judge_sources(await archive.source_monitor.look(now), now),
            await _editions(archive, now),
            await _backups(archive, settings, now),
        ]
        known = await known_bot(archive.key_value)
        if known is not None and me and known.id != me.get("id"):
            checks.append(
                warning(
                    "new token",
                    f"these readers used @{known.username} so far, and the token is now that of "
                    f"@{me.get('username')}: no edition reaches them yet",
                    "ask readers to press Start in a chat with the new bot, and groups and "
                    "channels to add it: each then has its settings, saved stories and editions as "
                    "before. Pictures are uploaded again automatically. Write /setinline to "
                    "@BotFather for the new bot too",
                )
            )
    finally:
        await database.close()
    return checks


def judge_sources(look: Look, now: datetime) -> Iterator[Finding]:
    """Yield findings about the health of the sources."""
    healths = look.healths
    active = [one for one in healths if one.condition not in {Condition.PAUSED, Condition.RETIRED}]
    if not active:
        yield error(
            "sources",
            "no source is active",
            "`onnews sources add URL`, or `onnews sources resume SOURCE`",
        )
        return
    ill = [one for one in healths if one.troubled]
    failing = [one for one in ill if one.condition is not Condition.QUIET]
    summed = ", ".join(f"{number} {name}" for name, number in summary(healths).items())
    if look.cut_off or len([one for one in failing if one in active]) == len(active):
        reasons = Counter(one.reason for one in failing).most_common(1)
        yield error(
            "sources",
            f"none can be read ({summed}); most common reason: {reasons[0][0] or 'no answer'}",
            "if all fail alike the fault is on this side: see that this machine reaches the "
            "web (DNS, a firewall, SOURCES_PROXY); then `onnews fetch` fetches them again",
        )
        return
    unread = _never_read(active, now)
    if unread is not None:
        yield unread
    if ill:
        remedy = "`onnews sources list` says what to do about each"
        yield warning("sources", f"{summed}. {_named(ill)}", remedy)
    elif unread is None:
        yield ok("sources", summed)


def _named(healths: Sequence[Health]) -> str:
    """Return the names of the first three sources as text, and the number of the others."""
    named = "; ".join(
        f"{one.source.name} (no. {one.source.id}): {one.condition}" for one in healths[:MOST_NAMED]
    )
    return named + (f", and {len(healths) - MOST_NAMED} more" if len(healths) > MOST_NAMED else "")


def _never_read(active: Sequence[Health], now: datetime) -> Finding | None:
    """Return a warning about sources that were never read, or None.

    There is none if all sources are new and waited less than an hour.
    """
    asked = [one for one in active if one.source.can_be_asked]
    unread = [one for one in asked if one.condition is Condition.NEW]
    oldest = min((one.source.added for one in unread), default=now)
    if not unread or (len(unread) == len(asked) and now - oldest < FIRST_ROUND):
        return None
    return warning(
        "sources",
        f"{len(unread)} of {counted(len(asked), 'source')} never read: {_named(unread)}",
        "`onnews fetch` fetches them now and reports on each; see that `onnews run` runs, "
        "which fetches a new source within minutes",
    )


async def _editions(archive: Archive, now: datetime) -> Finding:
    until = datetime.fromtimestamp(
        (now.timestamp() // QUARTER.total_seconds() + 1) * QUARTER.total_seconds(), UTC
    )
    day = await Ledger(archive.database).day(until - timedelta(days=1), until)
    readers = (await archive.subscribers.count())[State.ACTIVE]
    waiting = await archive.deliveries.next_time()
    return judge_editions(day, readers, waiting, now)


def judge_editions(day: Day, readers: int, waiting: datetime | None, now: datetime) -> Finding:
    """Return a finding about the deliveries of the last 24 hours.

    `waiting` is when the next planned delivery is due.
    """
    failed = sum(
        number for (_, state), number in day.states.items() if state is DeliveryState.FAILED
    )
    detail = f"{day.sent} sent within 24 hours to {counted(readers, 'reader')}, {failed} failed"
    if day.last is not None:
        detail += f"; the last at {day.last.astimezone(UTC):%H:%M} UTC"
    if waiting is not None and now - waiting > OVERDUE:
        late = (now - waiting).total_seconds() / 60
        return warning(
            "editions",
            f"{detail}; one has been waiting for {late:.0f} min",
            "see that `onnews run` runs, and which errors `onnews deliveries` lists",
        )
    if failed > day.sent:
        return error("editions", detail, "`onnews deliveries` says why they failed")
    return ok("editions", detail)


async def _backups(archive: Archive, settings: Settings, now: datetime) -> Finding:
    failed = await archive.key_value.get(FAILED)
    if failed:
        return error("backups", f"the last one failed: {failed}", "fix it before the next night")
    if settings.backup_dir is None:
        remedy = "set BACKUP_DIR to a folder, best on another disk"
        return warning("backups", "no nightly backup is made", remedy)
    backups = Backups(settings.backup_dir, settings.backup_keep)
    paths = backups.paths()
    if not paths:
        return ok("backups", f"the first one will be written to {backups.folder} tonight")
    if not backups.made_since(now - OLD_BACKUP):
        return warning(
            "backups",
            f"the last one is {paths[-1].name}",
            "see that `onnews run` runs through the night; `onnews backup FILE` makes one now",
        )
    return ok("backups", f"the last one is {paths[-1]}")
