"""Articles, and what editors decided about them, as they are read before they are changed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from sqlalchemy import select

from storage.articles.article_rows import ARTICLES_BY_ID, read_articles
from storage.tables.correction_schema import amendments

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.model import Article
    from storage.model.desk_model import Pin

DECIDED = ("title", "standfirst", "filings", "state", "reason")
"""The columns of an amendment in which an editor decided."""


class By(TypedDict):
    """Whose act about an article it is, when, and how the article looked to that editor."""

    person_id: int
    now: datetime
    seen: NotRequired[int | None]
    """The `seen_as` of the article that the editor saw; None acts anyway."""


class NoSuchArticleError(LookupError):
    """The article is not in the archive any more."""


class ChangedMeanwhileError(Exception):
    """The article is not as the editor saw it: somebody else changed it first."""


def seen_as(article: Article, lead: Pin | None = None) -> int:
    """Return a number for how an article looks, which changes with each editor's decision.

    `lead` is the pin that makes it a lead story, for decisions about that.
    """
    looks: tuple[object, ...] = (
        *(article.title, article.standfirst),
        *(article.categories, article.event, article.state),
    )
    if lead is not None:
        looks += (lead.until.timestamp(), sorted(lead.categories))
    return number_of(looks)


def weighed_as(article: Article) -> int:
    """Return the number of `seen_as`, which changes with the kind and the weight too."""
    return number_of((seen_as(article), article.story_kind, article.weight))


def number_of(looks: object) -> int:
    """Return a number for how something looks, which fits into a button's data."""
    digest = hashlib.blake2b(repr(looks).encode("utf-8", "replace"), digest_size=4).digest()
    return int.from_bytes(digest, "big")


def read_article(connection: Connection, article_id: int) -> Article:
    """Return an article as it is now, or raise NoSuchArticleError."""
    found = read_articles(connection, ARTICLES_BY_ID, [article_id])
    if not found:
        raise NoSuchArticleError(article_id)
    return found[0]


def amendment_of(connection: Connection, article_id: int) -> dict[str, Any] | None:
    """Return what editors decided so far about an article, or None."""
    columns = [amendments.c[name] for name in DECIDED]
    row = connection.execute(select(*columns).where(amendments.c.article_id == article_id)).first()
    return None if row is None else dict(row._mapping)  # noqa: SLF001 - its documented attribute
