"""Labels: each refiling of an article by an editor, kept to learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert

from storage.tables.schema import labels

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.model import Article


def add_label(
    connection: Connection,
    article: Article,
    categories: Sequence[str],
    editor_id: int | None,
    now: datetime,
) -> int:
    """Store that an editor filed an article under other categories; return the label's id.

    Args:
        connection: A connection in a transaction.
        article: The article as it was.
        categories: The slugs that the editor chose, in order.
        editor_id: The editor's number at Telegram; None if unknown.
        now: The current time.
    """
    row = insert(labels).values(
        article_id=article.id,
        editor_id=editor_id,
        at=now,
        link=article.link,
        source=article.source,
        language=article.language,
        title=article.title,
        standfirst=article.standfirst,
        was=" ".join(article.categories),
        now=" ".join(categories),
    )
    number: int = connection.execute(row.returning(labels.c.id)).scalar_one()
    return number


def drop_label(connection: Connection, number: int) -> None:
    """Delete the label of a refiling that was undone."""
    connection.execute(delete(labels).where(labels.c.id == number))
