"""The checks of this machine: settings, file permissions, time zones, packages, disks, ports."""

from __future__ import annotations

import asyncio
import errno
import os
import platform
import re
import socket
import stat
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import aiohttp

from bot.alarms.declared import NEARLY_FULL, free_bytes
from bot.configuration.setting_names import (
    CORRECT,
    decisive_lines,
    left_out,
    misspellings,
    others_can_read,
)
from bot.configuration.settings import SettingError
from bot.doctor.findings import Finding, error, ok, warning
from bot.http_server.server_name import NAME
from bot.http_server.trusted_networks import read_address
from handlers.typed.places import CITIES
from storage.db import private_files
from templates.language.languages import languages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from bot.configuration.settings import Settings

TOLD = ("python-telegram-bot", "sqlalchemy", "aiohttp", "tzdata")
"""Packages with versions that belong in a bug report."""
ANSWER = 2.0
"""Seconds that the program on a taken port has to answer."""
_PACKAGE = re.compile(r"[A-Za-z0-9._-]{1,100}")


def look_at_settings(
    settings: Settings,
    wrong: Iterable[SettingError],
    environ: Mapping[str, str],
    env_file: Path | None,
) -> list[Finding]:
    """Check the settings' values and names."""
    found = [error("settings", f"{each.name}: {each.advice}", _where(env_file)) for each in wrong]
    if settings.default_language not in (spoken := languages()):
        what = f"DEFAULT_LANGUAGE: {settings.default_language} is not a language of the bot"
        found.append(error("settings", what, f"write one of {', '.join(spoken)}"))
    with suppress(SettingError):  # the error is in `wrong`
        found += _misspelt(environ, env_file)
    if not found:
        whence = f"from {env_file}" if env_file else "from the environment; there is no .env"
        found.append(ok("settings", whence))
    return [*found, _access(settings)]


def _misspelt(environ: Mapping[str, str], env_file: Path | None) -> Iterator[Finding]:
    ends = ", and the bot does not start with it"
    names = misspellings(environ, env_file)
    if env_file is not None:
        if broken := left_out(env_file):
            yield error("settings", broken, CORRECT)
        for number, meant in decisive_lines(env_file).items():
            what = f"line {number} cannot be read{ends}"
            yield error("settings", what, f"write {meant}=value, or remove the line")
    for one in names:
        if one.meant:
            what = f"{one.name} is not a setting{ends if one.ends_start else ', and is ignored'}"
            yield error("settings", what, f"write {one.meant}")
        else:
            what = f"{one.name} is not a setting of ON News"
            yield warning("settings", what, ".env.example lists them all; remove the line")


def _access(settings: Settings) -> Finding:
    number = len(settings.allowed_ids)
    if number:
        return ok("access", f"private: {number} people and groups in ALLOWED_IDS, and operators")
    return ok("access", "open to everybody who finds the bot; ALLOWED_IDS makes it private")


def _where(env_file: Path | None) -> str:
    place = f"in {env_file}" if env_file is not None else "in the environment"
    return f"correct it {place}; .env.example shows how each is written"


def look_at_permissions(env_file: Path | None, database: Path | None) -> list[Finding]:
    """Check whether other users of this machine can read or replace `.env` or the database."""
    found = [
        error("permissions", f"others on this machine can {what}", remedy)
        for what, remedy in _open_to_others(env_file, database)
    ]
    return found or [ok("permissions", "only their owner can read settings and database")]


def _open_to_others(env_file: Path | None, database: Path | None) -> Iterator[tuple[str, str]]:
    """Yield what others can do, and the command that prevents it."""
    if env_file is not None and env_file.is_file() and others_can_read(env_file):
        yield f"read {env_file}, and the token in it", f"chmod 600 {env_file}"
    if database is None:
        return
    files = [database, *private_files.logs_of(database)]
    read = [each for each in files if each.is_file() and _mode(each) & 0o077]
    if read:
        names = " ".join(str(each) for each in read)
        yield f"read {names}: chats and reading lists are in it", f"chmod 600 {names}"
    folder = database.parent
    # In a sticky folder such as /tmp, users cannot replace files of others.
    if folder.is_dir() and _mode(folder) & 0o022 and not folder.stat().st_mode & stat.S_ISVTX:
        yield f"put files into {folder}", f"chmod 700 {folder}"


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def look_at_zones(default: str) -> Finding:
    """Check that this machine knows the time zones of all cities."""
    missing = []
    for zone in dict.fromkeys([default, *(city.zone for city in CITIES)]):
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            missing.append(zone)
    if missing:
        return error(
            "time zones",
            f"this machine does not know {', '.join(missing)}: editions there follow UTC",
            "pip install --force-reinstall tzdata, or install your system's package tzdata",
        )
    return ok("time zones", f"known, {_zone_version()}")


def _zone_version() -> str:
    try:
        return f"tzdata {version('tzdata')}"
    except PackageNotFoundError:
        return "those of the system"


def look_at_packages() -> Finding:
    """Check that the required packages are installed; return versions for a bug report."""
    needed = [
        match[0]
        for each in requires("on-news") or ()
        if "extra ==" not in each and (match := _PACKAGE.match(each))
    ]
    missing = []
    for name in needed:
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return error(
            "packages", f"not installed: {', '.join(missing)}", f"pip install {' '.join(missing)}"
        )
    versions = ", ".join(f"{name} {version(name)}" for name in TOLD)
    return ok(
        "packages", f"on-news {version('on-news')}, Python {platform.python_version()}, {versions}"
    )


def look_at_folder(folder: Path, setting: str, needed: int) -> Finding:
    """Check that a folder can be written, and that its disk has room for a database's copy.

    If the folder does not exist, its nearest existing parent is checked. `needed` is in bytes.
    """
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not there.is_dir() or not _writable(there):
        why, remedy = "is not a folder", f"change {setting}"
        if there.is_dir():
            why = "cannot be written by this user"
            remedy = f"let the user who runs ON News write to it (chown), or {remedy}"
        return error("disk", f"{there} {why}, but {setting} points to it", remedy)
    free = free_bytes(there)
    if free < NEARLY_FULL:
        return error(
            "disk",
            f"the disk of {there} is nearly full: {megabytes(free)} left",
            "make room on it; KEEP_ARTICLES_DAYS and BACKUP_KEEP limit how much is kept",
        )
    if free < needed:
        return warning(
            "disk",
            f"the disk of {there} has {megabytes(free)} left, less than a copy of the database",
            "make room before the next update, which keeps a copy of it",
        )
    return ok("disk", f"{there}: {megabytes(free)} left")


def _writable(folder: Path) -> bool:
    return os.access(
        folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids
    )


def megabytes(size: int) -> str:
    """Return a size in bytes as text in MB or GB."""
    if size >= 10 * 1024**3:
        return f"{size / 1024**3:.0f} GB"
    return f"{size / 1024**2:.1f} MB" if size < 10 * 1024**2 else f"{size / 1024**2:.0f} MB"


async def look_at_port(setting: str, address: tuple[str, int]) -> Finding:
    """Check that a port is free, or used by ON News."""
    host, port = address
    failure = await asyncio.to_thread(_bind, host, port)
    if failure is None:
        return ok("ports", f"{setting}: {host}:{port} is free")
    if failure.errno == errno.EADDRINUSE:
        if await _is_ours(host, port):
            return ok("ports", f"{setting}: ON News answers at {host}:{port}")
        return error(
            "ports",
            f"{setting}: another program listens at {host}:{port}",
            f"stop it (ss -ltnp names it), or choose another port in {setting}",
        )
    remedy = f"choose another address in {setting}"
    if failure.errno == errno.EACCES:
        remedy = f"choose a port above 1023 in {setting}"
    return error("ports", f"{setting}: {host}:{port} cannot be opened ({failure.strerror})", remedy)


def judge_exposure(metrics_address: tuple[str, int] | None) -> Iterator[Finding]:
    """Yield a warning if other machines can reach `/healthz` and `/metrics`."""
    if metrics_address is None:
        return
    host, port = metrics_address
    address = read_address(host)
    if host == "localhost" or (address is not None and address.is_loopback):
        return
    yield warning(
        "ports",
        f"METRICS_ADDRESS: anyone who can reach {host}:{port} can read /healthz and /metrics, "
        "with the numbers of readers and editions: they need no password",
        f"open port {port} in the firewall only to your monitoring (in a container publish it "
        f"only to that network), or write METRICS_ADDRESS={port} for this machine only",
    )


def _bind(host: str, port: int) -> OSError | None:
    try:
        found: Sequence[tuple[object, ...]] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, proto, _, where = found[0]
        with socket.socket(family, kind, proto) as tried:  # type: ignore[arg-type]
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(where)  # type: ignore[arg-type]
            tried.listen(1)
    except OSError as failure:
        return failure
    return None


async def _is_ours(host: str, port: int) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # mapped, not bound
    url = f"http://[{host}]:{port}/healthz" if ":" in host else f"http://{host}:{port}/healthz"
    timeout = aiohttp.ClientTimeout(total=ANSWER)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
            return response.headers.get("Server") == NAME
    except (TimeoutError, aiohttp.ClientError, OSError):
        return False
