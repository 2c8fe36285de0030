"""Opens a database whose tables are of this program's revision, or are brought to it first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.db.outage import DatabaseError

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


async def open_unchanged(database: Database, *, create: bool = False) -> None:
    """Open a database whose tables are of this program's revision already.

    Args:
        database: Not open yet; an open one stays as it is.
        create: As for `open_migrated`.

    Raises:
        DatabaseUnavailableError: It cannot be used just now.
        DatabaseError: As `Database.open` says; or its tables are of another revision.
    """
    await database.open(create=create, bring_up=_refuse)


async def _refuse(database: Database) -> None:
    # Loading Alembic takes longer than a whole start of the bot should.
    from storage.migrations.migrate import steps_for  # noqa: PLC0415 - see the line above
    from storage.tables import schema  # noqa: PLC0415 - likewise

    # What another program or a newer version of this one wrote is named as that.
    await steps_for(database)
    raise DatabaseError(
        f"The tables of the database {database.shown} are of an older version (revision "
        f"{await database.revision()}; this one needs {schema.HEAD}). Nothing was changed. "
        "`onnews migrate` updates them, and so does the next start."
    )


async def _bring_up(database: Database) -> None:
    # Loading Alembic takes longer than a whole start of the bot should.
    from storage.migrations.migrate import bring_up_alone  # noqa: PLC0415 - see the line above

    await bring_up_alone(database)
