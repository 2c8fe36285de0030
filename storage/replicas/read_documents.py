"""Documents of sources that one replica has read and another one stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.types import BigInteger

from storage.db.dialect import NumberArray
from storage.replicas.changes import ChangeTopic, note_change

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from storage.db.database import Database


class WaitingDocument(NamedTuple):
    """A document that waits to be stored."""

    id: int
    source_id: int
    document: str
    """JSON, as `news.ingest.read_document` writes it."""


# A source with a document is not due. If it was asked twice all the same, the first one counts.
_ADD = text(
    "INSERT INTO read_documents (source_id, replica_id, document)"
    " VALUES (:source_id, :me, :document)"
    " ON CONFLICT (source_id) DO NOTHING"
)
_OLDEST = text("SELECT id, source_id, document FROM read_documents ORDER BY id LIMIT :most")
_DROP = text("DELETE FROM read_documents WHERE id = ANY(:ids)").bindparams(
    bindparam("ids", type_=NumberArray(BigInteger()))
)


class ReadDocuments:
    """The table of those documents, on PostgreSQL.

    Args:
        database: The archive's database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, me: int, documents: Mapping[int, str]) -> None:
        """Add documents, and let the replica that stores know of them.

        Args:
            me: The id of this replica.
            documents: Id of a source → its document.

        Raises:
            DatabaseUnavailableError: The database cannot be written now.
            IntegrityError: Others have removed this replica.
        """
        # Always in the same order, so that two replicas cannot deadlock.
        values = [
            {"me": me, "source_id": source_id, "document": documents[source_id]}
            for source_id in sorted(documents)
        ]

        def write(connection: Connection) -> None:
            connection.execute(_ADD, values)
            note_change(connection, ChangeTopic.DOCUMENTS)

        await self._database.write(write)

    async def oldest(self, most: int) -> list[WaitingDocument]:
        """Return the documents that were added first.

        Args:
            most: Documents at most.

        Raises:
            DatabaseUnavailableError: The database cannot be read now.
        """
        async with self._database.reading() as connection:
            found = await connection.execute(_OLDEST, {"most": most})
            return [WaitingDocument(*row) for row in found]

    async def drop(self, ids: Collection[int]) -> None:
        """Delete documents that cannot be stored.

        Raises:
            DatabaseUnavailableError: The database cannot be written now.
        """
        async with self._database.writing() as connection:
            await connection.execute(_DROP, {"ids": list(ids)})
