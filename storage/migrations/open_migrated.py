"""Opening a database with its tables at this program's revision, migrating them if needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.db.outage import DatabaseError

if TYPE_CHECKING:
    from storage.db.database import Database


async def open_migrated(database: Database, *, create: bool = True) -> None:
    """Open a closed database, and migrate its tables; an open one is left as it is.

    Raises:
        DatabaseError: As `Database.open` raises it; or a newer version of this program wrote the
            database; or it is older and another process uses it.
    """
    await database.open(create=create, bring_up=_bring_up)


async def open_unchanged(database: Database, *, create: bool = False) -> None:
    """Open a closed database if its tables are at this program's revision already.

    Raises:
        DatabaseError: As `Database.open` raises it; or its tables are at another revision.
    """
    await database.open(create=create, bring_up=_refuse)


async def _refuse(database: Database) -> None:
    # Loading Alembic takes longer than a whole start of the bot should.
    from storage.migrations.migrate import steps_for  # noqa: PLC0415 - see the line above
    from storage.tables import schema  # noqa: PLC0415 - likewise

    # This raises if another program or a newer version wrote the database.
    await steps_for(database)
    raise DatabaseError(
        f"The tables of the database {database.shown} are of an older version (revision "
        f"{await database.revision()}; this one needs {schema.HEAD}). Nothing was changed. "
        "`onnews migrate` updates them, and so does the next start."
    )


async def _bring_up(database: Database) -> None:
    # Loading Alembic takes longer than a whole start of the bot should.
    from storage.migrations.migrate import bring_up_by_command  # noqa: PLC0415 - as above

    await bring_up_by_command(database)
