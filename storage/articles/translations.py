"""Titles and standfirsts in other languages, and the editions that wait for some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.articles.pictures import AT_ONCE, due_editions
from storage.db.dialect import insert_new
from storage.model import Translation
from storage.tables.reader_schema import subscribers, tastes
from storage.tables.schema import articles, sources, translations

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.articles.pictures import DueEdition
    from storage.db.database import Database

_WANTS = '%"translate":%'
"""Matches the spec of a taste that wants translations; see `readers.preferences.to_spec`."""


class Translations:
    """Translations by article, version and language."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def look(self, language: str, ids: Collection[int]) -> dict[tuple[int, int], Translation]:
        """Return what is stored of articles in a language, by article id and version."""
        wanted, t = sorted(ids), translations.c

        def read(connection: Connection) -> dict[tuple[int, int], Translation]:
            found: dict[tuple[int, int], Translation] = {}
            for start in range(0, len(wanted), AT_ONCE):
                query = select(t.article_id, t.version, t.title, t.standfirst, t.refused).where(
                    t.language == language, t.article_id.in_(wanted[start : start + AT_ONCE])
                )
                for article_id, version, *values in connection.execute(query):
                    found[article_id, version] = Translation(*values)
            return found

        return await self._db.read(read) if wanted else {}

    async def of_article(self, article_id: int) -> list[tuple[str, int, Translation]]:
        """Return an article's translations: language, version and texts, the newest first."""
        t = translations.c
        query = (
            select(t.language, t.version, t.title, t.standfirst, t.refused)
            .where(t.article_id == article_id)
            .order_by(t.version.desc(), t.language)
        )
        rows = await self._db.rows(query)
        return [(language, version, Translation(*values)) for language, version, *values in rows]

    async def keep(self, language: str, made: Mapping[tuple[int, int], Translation]) -> None:
        """Store translations of articles that are still there; what is stored already stays."""

        def write(connection: Connection) -> None:
            ids = {article_id for article_id, _ in made}
            there = set(connection.scalars(select(articles.c.id).where(articles.c.id.in_(ids))))
            rows = [
                {
                    "article_id": article_id,
                    "version": version,
                    "language": language,
                    "title": each.title,
                    "standfirst": each.standfirst,
                    "refused": each.refused,
                }
                for (article_id, version), each in made.items()
                if article_id in there
            ]
            if rows:
                connection.execute(insert_new(translations, connection.dialect.name), rows)

        await self._db.write(write)

    async def withheld(self) -> frozenset[int]:
        """Return the ids of the sources whose texts no model may be sent."""
        query = select(sources.c.id).where(~sources.c.translate)
        return frozenset(row.id for row in await self._db.rows(query))

    async def due(self, until: datetime, *, limit: int) -> list[DueEdition]:
        """Return the editions due by then of readers who want translations."""
        wanting = select(tastes.c.key).where(tastes.c.spec.like(_WANTS))
        return await due_editions(
            self._db, until, subscribers.c.taste_key.in_(wanting), limit=limit
        )
