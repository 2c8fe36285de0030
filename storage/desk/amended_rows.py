"""The rows of articles that editors changed: read, written, and shown in lists."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from storage.articles import amended_texts
from storage.articles.article_rows import ARTICLES_BY_ID, read_articles
from storage.model import ArticleState, Filing
from storage.tables.correction_schema import amendments
from storage.tables.schema import article_categories, articles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from storage.model import Article
    from storage.model.desk_model import Pin

DECIDED = ("title", "standfirst", "filings", "state", "reason")
"""The columns of an amendment in which an editor decided."""


class NoSuchArticleError(LookupError):
    """The article is not in the archive any more."""


class ChangedMeanwhileError(Exception):
    """The article is not as the editor saw it: somebody else changed it first."""


def seen_as(article: Article, lead: Pin | None = None) -> int:
    """Return a number for how an article looks, which changes with each editor's decision.

    Args:
        article: The article.
        lead: The pin that makes it a lead story, for decisions about that; None if it is none.
    """
    looks: tuple[object, ...] = (
        *(article.title, article.standfirst),
        *(article.categories, article.event, article.state),
    )
    if lead is not None:
        looks += (lead.until.timestamp(), sorted(lead.categories))
    digest = hashlib.blake2b(repr(looks).encode("utf-8", "replace"), digest_size=4).digest()
    return int.from_bytes(digest, "big")


def read_article(connection: Connection, article_id: int) -> Article:
    """Return an article as it is now.

    Raises:
        NoSuchArticleError: The article is not in the archive any more.
    """
    found = read_articles(connection, ARTICLES_BY_ID, [article_id])
    if not found:
        raise NoSuchArticleError(article_id)
    return found[0]


def filings_of_article(connection: Connection, article_id: int) -> list[Filing]:
    """Return an article's categories with their reasons, in order."""
    c = article_categories.c
    query = select(c.category, c.reason).where(c.article_id == article_id).order_by(c.position)
    return [Filing(*row) for row in connection.execute(query)]


def amendment_of(connection: Connection, article_id: int) -> dict[str, Any] | None:
    """Return what editors decided so far about an article, or None."""
    columns = [amendments.c[name] for name in DECIDED]
    row = connection.execute(select(*columns).where(amendments.c.article_id == article_id)).first()
    return None if row is None else dict(row._mapping)  # noqa: SLF001 - its documented attribute


def amend(connection: Connection, article: Article, values: Mapping[str, Any]) -> None:
    """Write an editor's values, beside the source's values if they are the first."""
    there = connection.execute(
        update(amendments).where(amendments.c.article_id == article.id).values(**values)
    )
    if not there.rowcount:
        connection.execute(
            insert(amendments).values(
                article_id=article.id,
                source_title=article.title,
                source_standfirst=article.standfirst,
                source_filings=amended_texts.filings_text(
                    filings_of_article(connection, article.id)
                ),
                **values,
            )
        )


def show_amended(connection: Connection, was: Article) -> None:
    """Write what readers shall see into the article and into what finds it."""
    query = select(amendments).where(amendments.c.article_id == was.id)
    row = connection.execute(query).one()
    title = row.source_title if row.title is None else row.title
    standfirst = row.source_standfirst if row.standfirst is None else row.standfirst
    # The version tells messages made before a withdrawal, or its undoing, from later ones.
    turned = was.is_withdrawn != (row.state == ArticleState.WITHDRAWN.value)
    amended_texts.keep_version(connection, was.id, title, standfirst, always=turned)
    connection.execute(
        update(articles)
        .where(articles.c.id == was.id)
        .values(title=title, standfirst=standfirst, state=row.state)
    )
    if row.state is not None:
        amended_texts.drop_from_lists(connection, was.id)
        return
    filings = amended_texts.filings_of(row.filings or row.source_filings)
    amended_texts.put_into_lists(connection, was.id, filings or ())
