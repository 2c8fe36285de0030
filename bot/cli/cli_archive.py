"""The commands `onnews backup` and `onnews restore`."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

import click

from bot.cli.terminal import archive, carry_out, fail, settings, spare_own_files
from bot.counted import counted
from storage.migrations.open_migrated import open_migrated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from storage.articles.link_decisions import LinkDecision
    from storage.backup.form import Header

FILE = click.Path(path_type=Path, allow_dash=True)
NICE = 10
"""The nice level of a backup, so that a bot on the same machine gets the CPU first."""
STREAM = Path("-")
"""The name for standard output or input, to move a backup out of or into a container."""


@click.command()
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Write a backup of the whole database to FILE.

    The backup is consistent, and the bot may run meanwhile. An earlier backup in FILE is replaced;
    any other file stays as it is. `-` is standard output.

    Example: onnews backup onnews.backup
    """
    if file == STREAM:
        if sys.stdout.isatty():
            fail("a backup is not text: write it to a file, `onnews backup - > FILE`")
        _pour(sys.stdout.buffer)
        return
    if file.is_dir():
        fail(f"{file} is a folder; name a file in it")
    spare_own_files(file)
    if file.exists() and not file.is_file():
        # A pipe or a device must not be replaced with a file.
        try:
            with file.open("wb") as stream:
                _pour(stream)
        except OSError as error:
            fail(f"{file} cannot be written ({error.strerror})")
        return
    _spare_others(file)
    click.echo(f"{file} has {_backed_up(file)}")


def _spare_others(file: Path) -> None:
    """Refuse to write over a file, unless it is a backup, even a damaged one, or empty."""
    from storage.backup.form import BackupReader, DamagedError, NewerError  # noqa: PLC0415 — keeps --help fast

    try:
        with file.open("rb") as content:
            if content.peek(1):
                BackupReader(content)
    except FileNotFoundError:
        return
    except NewerError:
        fail(f"{file} is a backup of a newer version of ON News; name another file")
    except DamagedError:
        fail(f"{file} is not a backup of ON News and stays as it is; name another file")
    except OSError as error:
        fail(f"{file} cannot be read ({error.strerror})")


def _pour(stream: IO[bytes]) -> None:
    """Write a backup to a temporary file, then copy it to a stream."""
    with TemporaryDirectory(prefix="onnews-") as folder:
        made = Path(folder, "onnews.backup")
        counts = _backed_up(made)
        with made.open("rb") as content:
            shutil.copyfileobj(content, stream)
        stream.flush()
    click.echo(f"the backup has {counts}", err=True)


def _backed_up(file: Path) -> str:
    from storage.backup.write import BackupError, back_up  # noqa: PLC0415 — keeps --help fast

    async def work() -> Header:
        async with archive() as opened:
            if opened.tombstones is not None:
                # If it cannot be written, the next /forget reports it.
                with suppress(OSError):
                    opened.tombstones.keep()
            try:
                header = await back_up(opened.database, file, opened.clock(), nice=NICE)
            except BackupError as error:
                fail(str(error))
            if opened.decision_list is not None:
                await opened.decision_list.keep_up()
            return header

    header = carry_out(work())
    size = file.stat().st_size
    large = f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"
    return f"{described(header)}: {large}, verified"


@contextmanager
def _given(file: Path) -> Iterator[Path]:
    """Yield a backup file that can be read repeatedly: of standard input, a copy."""
    if file != STREAM:
        yield file
        return
    with TemporaryDirectory(prefix="onnews-") as folder:
        copy = Path(folder, "onnews.backup")
        with copy.open("xb") as content:
            shutil.copyfileobj(sys.stdin.buffer, content)
        yield copy


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--without-tombstones",
    is_flag=True,
    help="Restore without the list of those who asked to be forgotten since the backup.",
)
@click.option(
    "--without-withdrawals",
    is_flag=True,
    help="Restore without the list of what editors withdrew, hid or showed again since the backup, "
    "or with what can be read of it.",
)
def restore(file: Path, *, without_tombstones: bool, without_withdrawals: bool) -> None:
    """Fill an empty database with the backup in FILE.

    Backup and database may be SQLite or PostgreSQL, in any combination. `-` is standard input.
    Readers who asked to be forgotten after the backup was made are not restored, and stories that
    editors withdrew or hid since stay so: forgotten-chats.txt and withdrawn-stories.txt list them,
    beside FILE, in BACKUP_DIR, or beside the SQLite file.

    Example: onnews restore onnews.backup
    """
    with _given(file) as given:
        beside = [] if file == STREAM else [file.parent]
        shown = "standard input" if file == STREAM else str(file)
        _restore(
            given,
            shown,
            beside,
            without_tombstones=without_tombstones,
            without_withdrawals=without_withdrawals,
        )


def _forgotten(folders: list[Path], header: Header, *, needed: bool) -> Callable[[int], bool]:
    """Return a function that reports whether a chat asked to be forgotten since a backup.

    If `needed`, the list must exist if the backup has readers.
    """
    from storage.readers.privacy.tombstones import NAME, files, forgotten_since  # noqa: PLC0415 — keeps --help fast

    readers = header.counts.get("subscribers", 0)
    if needed and readers and not any(files(folders)):
        places = " or ".join(map(str, dict.fromkeys(folders))) or "BACKUP_DIR, which is not set"
        fail(
            f"nothing was restored: there is no {NAME} in {places}, so readers who asked to be "
            f"forgotten since the backup of {header.made:%Y-%m-%d %H:%M} UTC would come back; put "
            "the file of the archive that was backed up there, or add --without-tombstones"
        )
    return forgotten_since(folders, header.made)


def _decided(
    folders: list[Path], header: Header, *, needed: bool
) -> Callable[[list[LinkDecision]], Iterable[LinkDecision]]:
    """Return a function that returns the decisions of the lists, given those of the backup.

    If `needed`, a whole list, no older than the backup, must exist if the backup has articles.
    """
    from storage.backup import decision_list  # noqa: PLC0415 — keeps --help fast

    since = f"since the backup of {header.made:%Y-%m-%d %H:%M} UTC"
    again = f"stories that editors withdrew or hid {since}"

    def lost(why: str) -> None:
        if needed:
            fail(
                f"nothing was restored: {why}, so {again} would be shown again; put the whole file "
                "of the archive that was backed up there, or add --without-withdrawals"
            )
        click.echo(f"{why}, so {again} may be shown again", err=True)

    paths = [folder / decision_list.NAME for folder in dict.fromkeys(folders)]
    lists = {path: decision_list.read(path) for path in paths if path.exists()}
    last: dict[str, LinkDecision] = {}
    for path, listed in lists.items():
        if listed.damaged:
            lines = counted(listed.damaged, "line", "lines")
            lost(f"{path} is damaged, {lines} of it cannot be read")
        last |= {each.link: each for each in decision_list.lacks(last, listed.decisions.values())}
    if not lists and header.counts.get("articles"):
        places = " or ".join(str(path.parent) for path in paths) or "BACKUP_DIR, which is not set"
        lost(f"there is no {decision_list.NAME} in {places}")

    def given(known: list[LinkDecision]) -> Iterable[LinkDecision]:
        if lists and decision_list.lacks(last, known):
            names = " and ".join(map(str, lists))
            lost(f"{names} was cut or is older than the backup, which says more")
        return last.values()

    return given


def _restore(
    file: Path,
    shown: str,
    beside: list[Path],
    *,
    without_tombstones: bool,
    without_withdrawals: bool,
) -> None:
    from bot.composition import tombstone_folders  # noqa: PLC0415 — keeps --help fast
    from storage.backup import read  # noqa: PLC0415 — keeps --help fast
    from storage.backup.form import DamagedError, NewerError  # noqa: PLC0415 — keeps --help fast
    from storage.db.database import Database  # noqa: PLC0415 — keeps --help fast
    from storage.db.outage import DatabaseError  # noqa: PLC0415 — keeps --help fast
    from storage.serving.lease import Lease  # noqa: PLC0415 — keeps --help fast

    async def work() -> Header:
        database = Database(settings().database_url)
        await open_migrated(database)
        lease = Lease(database)
        try:
            if not await lease.secure_alone():
                fail(f"nothing was restored: a process serves {database.shown}; stop it first")
            folders = [*beside, *tombstone_folders(settings(), database)]
            return await read.restore(
                database,
                file,
                lambda header: _forgotten(folders, header, needed=not without_tombstones),
                lambda header: _decided(folders, header, needed=not without_withdrawals),
            )
        finally:
            await lease.lock.release()
            await database.close()

    if file.is_dir():
        fail(f"{shown} is a folder; name a backup in it")
    if not file.is_file():
        fail(f"there is no file {shown}")
    try:
        header = carry_out(work())
    except DamagedError as error:
        fail(f"nothing was restored: {shown} is not a complete backup ({error}); use another one")
    except NewerError:
        fail(f"nothing was restored: a newer version of ON News made {shown}; update ON News first")
    except read.RestoreError as error:
        fail(f"nothing was restored: {error}")
    except DatabaseError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or shown} cannot be read ({error.strerror})")
    click.echo(f"restored as of {header.made:%Y-%m-%d %H:%M} UTC: {described(header)}")


def described(header: Header) -> str:
    """Return the numbers of sources, articles, readers and deliveries in a backup, as text."""
    counts = header.counts
    named = (
        ("sources", "source", "sources"),
        ("articles", "article", "articles"),
        ("subscribers", "reader", "readers"),
        ("deliveries", "delivery", "deliveries"),
    )
    return ", ".join(counted(counts.get(table, 0), *names) for table, *names in named)
