"""All checks of `onnews doctor`, run at the same time, each with a time limit."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.composition import Archive, mailbox_of, model_of, utc_now
from bot.configuration.settings import SettingError, place, read
from bot.doctor.archive import look_at_archive, look_at_database
from bot.doctor.bot_api import look_at_telegram
from bot.doctor.findings import Finding, Severity, error, of_database, ok
from bot.doctor.machine import (
    judge_exposure,
    look_at_folder,
    look_at_packages,
    look_at_permissions,
    look_at_port,
    look_at_settings,
    look_at_zones,
)
from bot.doctor.mail import look_at_mailbox
from bot.doctor.model import look_at_model
from bot.doctor.serving import serving_state
from news import documents
from news.entry import Reading
from storage.db.outage import DatabaseError
from workers.pool import WorkerError, Workers

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from datetime import datetime
    from pathlib import Path

    from bot.configuration.settings import Settings
    from storage.db.checkup import Checkup

PATIENCE = 30.0
"""Seconds that a check may take."""
READING = 20.0
"""Seconds that a worker may take to start and to parse a document of a few lines."""
DOCUMENT = b"""<rss version="2.0"><channel><title>News</title><item><title>Gucci</title>
<link>https://news.example/1</link></item></channel></rss>"""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings as far as they can be read, with their errors.

    Each wrong setting has its default. `env_file` is the `.env` that was read, or None.
    """

    settings: Settings
    wrong: tuple[SettingError, ...]
    environ: Mapping[str, str]
    env_file: Path | None

    @classmethod
    def read(cls, environ: Mapping[str, str], named: Path | None, here: Path) -> Configuration:
        """Read the settings and collect their errors."""
        wrong: list[SettingError] = []
        env_file, folder = None, here
        try:
            env_file, folder = place(named, here)
            settings, more = read(environ, env_file, folder)
        except SettingError as failure:
            wrong = [failure]
            settings, more = read(environ, None, folder)
        return cls(settings, (*wrong, *more), environ, env_file)


async def examine(configuration: Configuration, *, full: bool = False) -> list[Finding]:
    """Run all checks. Nothing is changed and no updates are fetched."""
    settings, env_file = configuration.settings, configuration.env_file
    checks = look_at_settings(settings, configuration.wrong, configuration.environ, env_file)
    try:
        archive = Archive(settings)
    except DatabaseError as failure:
        checks.append(of_database(failure, "correct DATABASE_URL"))
        archive = None
    path = None if archive is None else archive.database.path
    # Before the database is opened, which makes its files private.
    checks += look_at_permissions(env_file, path)
    checks += [look_at_zones(settings.timezone), look_at_packages()]
    looking: list[Coroutine[Any, Any, list[Finding]]] = [
        _ports(settings),
        _workers(utc_now()),
    ]
    if (model := model_of(settings)) is not None:
        looking.append(look_at_model(model))
    if (mailbox := mailbox_of(settings)) is not None:
        looking.append(look_at_mailbox(mailbox))
    if archive is None:
        looking.append(_telegram(settings))
    else:
        looking.append(_telegram_and_archive(archive, settings, full=full))
    for found in await asyncio.gather(*looking):
        checks += found
    return checks


async def _within(
    name: str, look: Coroutine[Any, Any, list[Finding]], seconds: float | None = PATIENCE
) -> list[Finding]:
    """Return the findings of a check, or an error if it takes too long."""
    try:
        async with asyncio.timeout(seconds):
            return await look
    except TimeoutError:
        return [error(name, f"no answer within {seconds:.0f} s", "see what keeps it busy")]


async def _telegram(settings: Settings) -> list[Finding]:
    return list((await look_at_telegram(settings, utc_now)).checks)


async def _telegram_and_archive(
    archive: Archive, settings: Settings, *, full: bool
) -> list[Finding]:
    """Check Telegram and the database at the same time, then the archive's contents."""
    telegram = asyncio.create_task(look_at_telegram(settings, utc_now))
    found: list[Checkup | None] = []

    async def database() -> list[Finding]:
        checks, checkup = await look_at_database(archive.database, full=full)
        found.append(checkup)
        return checks

    checks = await _within("database", database(), None if full else PATIENCE)
    seen = await telegram
    checkup = found[0] if found else None
    checks += _disks(archive, settings, 0 if checkup is None else checkup.size)
    usable = checkup is not None and checkup.fits and not checkup.faults
    if usable and all(check.state is not Severity.ERROR for check in checks):
        checks.append((await asyncio.to_thread(serving_state, settings.database_url)).check)
        checks += await _within("database", _archive(archive, settings, seen.me, utc_now()))
    return [*seen.checks, *checks]


async def _archive(
    archive: Archive, settings: Settings, me: Mapping[str, Any], now: datetime
) -> list[Finding]:
    try:
        return await look_at_archive(archive, settings, me, now)
    except DatabaseError as failure:
        return [of_database(failure, "see that it can be written")]


def _disks(archive: Archive, settings: Settings, size: int) -> list[Finding]:
    path = archive.database.path
    folders = {"DATABASE_URL": path and path.parent, "BACKUP_DIR": settings.backup_dir}
    looked = (
        look_at_folder(folder, setting, size) for setting, folder in folders.items() if folder
    )
    return list(dict.fromkeys(looked))


async def _ports(settings: Settings) -> list[Finding]:
    """Check the ports that the settings name; port 0, any free one, needs no check."""
    ports = {"METRICS_ADDRESS": settings.metrics_address}
    if settings.webhook_url and not settings.webhook_shares_port:
        ports["WEBHOOK_LISTEN"] = settings.webhook_listen
    if settings.pages_url and not settings.pages_share_port:
        ports["PAGES_LISTEN"] = settings.pages_listen
    found = [
        await look_at_port(setting, address)
        for setting, address in ports.items()
        if address is not None and address[1]
    ]
    return [*found, *judge_exposure(settings.metrics_address)]


async def _workers(now: datetime) -> list[Finding]:
    workers = Workers(1)
    try:
        read = await workers.run(
            documents.read, DOCUMENT, Reading("https://news.example/"), now, timeout=READING
        )
    except WorkerError as failure:
        return [
            error(
                "workers",
                f"a worker cannot read documents: {failure}",
                "see that there are 300 MB of memory free, that packages are complete "
                "(pip check), and that /dev/shm can be written",
            )
        ]
    finally:
        await workers.close()
    return [ok("workers", f"one started and read a document ({len(read.entries)} story)")]
