"""`onnews backup` and `onnews restore`: all that is in the database, into a file and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.terminal import archive, carry_out, counted, fail, settings

if TYPE_CHECKING:
    from storage.backup.form import Header

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Write everything in the database to FILE, of one moment; the bot may go on meanwhile.

    Example: onnews backup onnews.backup
    """
    from storage.backup.write import BackupError, back_up  # noqa: PLC0415 — --help need not wait

    if file.is_dir():
        fail(f"{file} is a folder; name a file in it")

    async def work() -> Header:
        async with archive() as opened:
            try:
                return await back_up(opened.database, file, opened.clock())
            except BackupError as error:
                fail(str(error))

    header = carry_out(work())
    size = file.stat().st_size
    large = f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"
    click.echo(f"{file} has {described(header)}: {large}, read again and whole")


@click.command()
@click.argument("file", type=FILE)
def restore(file: Path) -> None:
    """Fill an empty database, SQLite or PostgreSQL, with the backup in FILE.

    Example: onnews restore onnews.backup
    """
    from bot.composition import tombstone_folders  # noqa: PLC0415 — as above
    from storage.backup import read  # noqa: PLC0415 — as above
    from storage.backup.form import DamagedError, NewerError  # noqa: PLC0415 — --help need not wait
    from storage.database import Database, DatabaseError  # noqa: PLC0415 — as above
    from storage.lock import ServingLock  # noqa: PLC0415 — as above
    from storage.tombstones import forgotten_since  # noqa: PLC0415 — as above

    async def work() -> Header:
        database = Database(settings().database_url)
        await database.open()
        lock = ServingLock(database)
        try:
            if not await lock.take():
                fail(f"nothing was restored: a process serves {database.shown}; stop it first")
            folders = [file.parent, *tombstone_folders(settings(), database)]
            return await read.restore(
                database, file, lambda header: forgotten_since(folders, header.made)
            )
        finally:
            await lock.release()
            await database.close()

    if not file.is_file():
        fail(f"there is no file {file}")
    try:
        header = carry_out(work())
    except DamagedError as error:
        fail(f"nothing was restored: {file} is not a whole backup ({error}); take another one")
    except NewerError:
        fail(f"nothing was restored: a newer version of ON News made {file}; update this one first")
    except read.RestoreError as error:
        fail(f"nothing was restored: {error}")
    except DatabaseError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{file} cannot be read ({error.strerror})")
    click.echo(f"restored as of {header.made:%Y-%m-%d %H:%M} UTC: {described(header)}")


def described(header: Header) -> str:
    """What a backup has that people count."""
    counts = header.counts
    named = (
        ("sources", "source", "sources"),
        ("articles", "article", "articles"),
        ("subscribers", "reader", "readers"),
        ("deliveries", "delivery", "deliveries"),
    )
    return ", ".join(counted(counts.get(table, 0), *names) for table, *names in named)
