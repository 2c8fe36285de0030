"""Opens a database whose tables are brought to this program's revision first, if need be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.db.database import Database


async def open_migrated(database: Database, *, create: bool = True) -> None:
    """Open a database, and bring its tables to this program's revision.

    Args:
        database: Not open yet; an open one stays as it is.
        create: Whether a new archive is made where there is none.

    Raises:
        DatabaseUnavailableError: It cannot be used just now.
        DatabaseError: As `Database.open` says; or it was written by a newer version of this
            program, or is of an older one while another process works with it.
    """
    await database.open(create=create, bring_up=_bring_up)


async def _bring_up(database: Database) -> None:
    # Loading Alembic takes longer than a whole start of the bot should.
    from storage.migrations.migrate import bring_up_alone  # noqa: PLC0415 - see the line above

    await bring_up_alone(database)
