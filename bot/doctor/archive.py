"""The database, and what it says of sources, editions, backups and the bot that it was made for."""

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
    FIRST,
    UnknownRevisionError,
    steps_from,
    was_never_released,
)
from storage.model import DeliveryState, State
from storage.tables import schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.composition import Archive
    from bot.configuration.settings import Settings
    from bot.watching.source_health import Look
    from news.health import Health
    from storage.db.checkup import Checkup
    from storage.db.database import Database
    from storage.ledger.delivery_stats import Day

QUICK = 3.0
"""Seconds for which a database is searched for damage, unless all of it is to be read."""
OVERDUE = timedelta(minutes=10)
"""How late a delivery may be before somebody should look."""
OLD_BACKUP = timedelta(hours=27)
"""A night's backup is there until the next one is, which may take its time."""
MOST_NAMED = 3
"""Sources in trouble that are named; `onnews sources list` has them all."""
FIRST_ROUND = timedelta(hours=1)
"""How long new sources of which none was read yet may wait for a first `onnews run`."""
QUARTER = timedelta(minutes=15)


async def look_at_database(
    database: Database, *, full: bool
) -> tuple[list[Finding], Checkup | None]:
    """Whether the database can be used, and is whole.

    Returns:
        The findings, and how it was found; None where there is none yet, or it cannot be read.
    """
    if database.path is not None and not database.path.exists():
        none = f"there is none yet at {database.path}"
        return [
            warning(
                "database",
                none,
                "`onnews run` makes it; if you have one already, correct DATABASE_URL",
            )
        ], None
    try:
        found = await check_up(database, seconds=None if full else QUICK)
    except DatabaseUnavailableError as failure:
        return [error("database", failure.reason, failure.advice)], None
    except DatabaseError as failure:
        return [of_database(failure, "correct DATABASE_URL")], None
    return judge_database(found, database.shown, full=full), found


def judge_database(found: Checkup, shown: str, *, full: bool) -> list[Finding]:
    """What the look at a database means."""
    what = f"{shown}: {found.program}, {megabytes(found.size)}"
    checks = []
    if found.faults:
        checks.append(
            error(
                "database",
                f"{shown} is damaged: {'; '.join(found.faults)}",
                "stop the bot, put a backup in its place with `onnews restore FILE`, and check the "
                "disk",
            )
        )
    if found.foreign:
        checks.append(
            error(
                "database",
                f"{shown} holds tables of another program",
                "give DATABASE_URL a database of its own",
            )
        )
    elif found.revision is None:
        checks.append(warning("database", f"{what}, empty", "`onnews run` makes its tables"))
    elif found.revision != schema.HEAD:
        checks.append(_other_revision(found.revision, what))
    if checks:
        return checks
    if not found.read_whole:
        searched = f"no damage found within {QUICK:.0f} s; `onnews doctor --full` reads all of it"
    else:
        searched = "no damage in all of it" if full else "no damage found"
    return [ok("database", f"{what}, tables {found.revision}, {searched}")]


def _other_revision(revision: str, what: str) -> Finding:
    try:
        missing = steps_from(revision)
    except UnknownRevisionError:
        if was_never_released(revision):
            return error(
                "database",
                f"{what}, was written by a version of ON News that was never released (tables "
                f"{revision}; the first is {FIRST})",
                "name a new database in DATABASE_URL",
            )
        return error(
            "database",
            f"{what}, was written by a newer version of ON News (tables {revision}, this version "
            f"knows {schema.HEAD})",
            "update the program, or name another database in DATABASE_URL",
        )
    return warning(
        "database",
        f"{what}, tables of an older version ({revision}; {len(missing)} updates wait)",
        "the next `onnews run` makes them, or `onnews migrate` now; an SQLite file is kept as it "
        "was",
    )


async def look_at_archive(
    archive: Archive, settings: Settings, me: Mapping[str, Any], now: datetime
) -> list[Finding]:
    """What an archive with this program's tables says: it is opened, and nothing is changed in it.

    Raises:
        DatabaseError: It cannot be opened.
    """
    database = archive.database
    await database.open(create=False)
    try:
        checks = judge_sources(await archive.source_monitor.look(now), now)
        checks.append(await _editions(archive, now))
        checks += await _backups(archive, settings, now)
        known = await known_bot(archive.key_value)
        if known is not None and me and known.id != me.get("id"):
            checks.append(
                warning(
                    "new token",
                    f"so far these readers had @{known.username}, and the token is now that of "
                    f"@{me.get('username')}: no edition reaches them yet",
                    "ask readers to press Start at the new bot, and groups and channels to add it: "
                    "each then has its settings, saved stories and editions as before. Pictures "
                    "are uploaded again by themselves. /setinline for the new bot too",
                )
            )
    finally:
        await database.close()
    return checks


def judge_sources(look: Look, now: datetime) -> list[Finding]:
    """How the sources are."""
    healths = look.healths
    active = [one for one in healths if one.condition not in {Condition.PAUSED, Condition.RETIRED}]
    if not active:
        return [
            error(
                "sources",
                "no source is asked for news",
                "`onnews sources add URL`, or `onnews sources resume SOURCE`",
            )
        ]
    ill = [one for one in healths if one.troubled]
    failing = [one for one in ill if one.condition is not Condition.QUIET]
    summed = ", ".join(f"{number} {name}" for name, number in summary(healths).items())
    if look.cut_off or len([one for one in failing if one in active]) == len(active):
        reasons = Counter(one.reason for one in failing).most_common(1)
        return [
            error(
                "sources",
                f"none brings news ({summed}); mostly: {reasons[0][0] or 'no answer'}",
                "if all fail alike the fault is on this side: see that this machine reaches the "
                "web (DNS, a firewall, SOURCES_PROXY); then `onnews fetch` asks them again",
            )
        ]
    unread = _never_read(active, now)
    if not ill and unread is None:
        return [ok("sources", summed)]
    found = [] if unread is None else [unread]
    if ill:
        found.append(
            warning(
                "sources",
                f"{summed}. {_named(ill)}",
                "`onnews sources list` says what to do about each",
            )
        )
    return found


def _named(healths: Sequence[Health]) -> str:
    """The first of some sources, and how many more there are."""
    named = "; ".join(
        f"{one.source.name} (no. {one.source.id}): {one.condition}" for one in healths[:MOST_NAMED]
    )
    return named + (f", and {len(healths) - MOST_NAMED} more" if len(healths) > MOST_NAMED else "")


def _never_read(active: Sequence[Health], now: datetime) -> Finding | None:
    """Return a warning where sources were never read, unless the first round is yet to come."""
    asked = [one for one in active if one.source.can_be_asked]
    unread = [one for one in asked if one.condition is Condition.NEW]
    oldest = min((one.source.added for one in unread), default=now)
    if not unread or (len(unread) == len(asked) and now - oldest < FIRST_ROUND):
        return None
    return warning(
        "sources",
        f"{len(unread)} of {counted(len(asked), 'source')} never read: {_named(unread)}",
        "`onnews fetch` reads them now and says what each answers; see that `onnews run` runs, "
        "which reads a new source within minutes",
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
    """How the last editions and alerts went.

    Args:
        day: What was due in the last 24 hours.
        readers: How many are written to.
        waiting: When the next one that is planned may be sent.
        now: This moment.
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
            f"{detail}; one has waited for {late:.0f} min",
            "see that `onnews run` runs, and what `onnews deliveries` says of errors",
        )
    if failed > day.sent:
        return error("editions", detail, "`onnews deliveries` says why they failed")
    return ok("editions", detail)


async def _backups(archive: Archive, settings: Settings, now: datetime) -> list[Finding]:
    failed = await archive.key_value.get(FAILED)
    if failed:
        return [error("backups", f"the last one failed: {failed}", "mend it before the next night")]
    if settings.backup_dir is None:
        return [
            warning(
                "backups",
                "none is made every night",
                "name a folder in BACKUP_DIR, best on another disk",
            )
        ]
    backups = Backups(settings.backup_dir, settings.backup_keep)
    paths = backups.paths()
    if not paths:
        return [ok("backups", f"the first is written to {backups.folder} in the night")]
    if not backups.made_since(now - OLD_BACKUP):
        return [
            warning(
                "backups",
                f"the last one is {paths[-1].name}",
                "see that `onnews run` runs through the night; `onnews backup FILE` makes one now",
            )
        ]
    return [ok("backups", f"the last one is {paths[-1]}")]
