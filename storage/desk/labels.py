"""Labels: each choice of categories, kind or weight by an editor, kept to learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, select

from storage.tables.correction_schema import labels

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.model import Article, StoryKind


class Label(NamedTuple):
    """A choice of categories, or of a kind or a weight, without the editor."""

    title: str
    standfirst: str
    link: str
    source: str
    language: str | None
    was: list[str]
    """The slugs of its categories before."""
    now: list[str]
    """The slugs that the editor chose."""
    at: datetime
    kind: str | None
    weight: float | None


def all_labels(connection: Connection) -> list[Label]:
    """Return all labels, the oldest first."""
    rows = connection.execute(select(labels).order_by(labels.c.id))
    return [
        Label(
            title=row.title,
            standfirst=row.standfirst,
            link=row.link,
            source=row.source,
            language=row.language,
            was=row.was.split(),
            now=row.now.split(),
            at=row.at,
            kind=row.kind,
            weight=row.weight,
        )
        for row in rows
    ]


def add_label(
    connection: Connection,
    article: Article,
    editor_id: int | None,
    now: datetime,
    *,
    categories: Sequence[str] | None = None,
    kind: StoryKind | None = None,
    weight: float | None = None,
) -> int:
    """Store the categories, or the kind and weight, that an article has now; return the label's id.

    `article` is as it was, `categories` are slugs in order; `editor_id` is None if unknown.
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
        was="" if categories is None else " ".join(article.categories),
        now=" ".join(categories or ()),
        kind=kind,
        weight=weight,
    )
    number: int = connection.execute(row.returning(labels.c.id)).scalar_one()
    return number


def drop_label(connection: Connection, number: int) -> None:
    """Delete the label of a refiling that was undone."""
    connection.execute(delete(labels).where(labels.c.id == number))
