"""What ingest has to know of editors' decisions, and how an article's texts are rewritten.

A source's next reading never undoes a decision: its new texts and categories are noted beside the
editor's, which readers go on seeing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, insert, select, update

from storage.articles import link_decisions, upsert_rules
from storage.articles.link_decisions import LinkDecision
from storage.db.bulk import insert_all
from storage.db.dialect import among
from storage.model import ArticleState, Filing
from storage.tables.columns import to_driver
from storage.tables.correction_schema import amendments, article_versions
from storage.tables.schema import article_categories, article_words, articles, bodies
from storage.words import windows
from storage.words.followed_words import followed_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.model import Article

FILED = ("article_id", "category", "position", "reason", "published")
WORDS = ("article_id", "word", "published")


class Amendment(NamedTuple):
    """An editor's values for one article; None leaves a value to the source."""

    title: str | None = None
    standfirst: str | None = None
    filings: tuple[Filing, ...] | None = None
    state: str | None = None
    """The value of an `ArticleState`."""
    story_kind: str | None = None
    weight: float | None = None

    @property
    def story(self) -> set[str]:
        """The columns of kind and weight in which the editor decided."""
        kind = {"story_kind", "kind_certainty"} if self.story_kind else set[str]()
        return kind if self.weight is None else {*kind, "weight"}


NOT_AMENDED = Amendment()


def amendments_of(connection: Connection, ids: Collection[int]) -> dict[int, Amendment]:
    """Return article id → amendment, for those of these articles that have one."""
    if not ids:
        return {}
    a = amendments.c
    names = (a.article_id, *(a[name] for name in Amendment._fields))
    query = select(*names).where(among(a.article_id, "ids", connection.dialect.name))
    return {
        row.article_id: Amendment(*row[1:])._replace(filings=filings_of(row.filings))
        for row in connection.execute(query, {"ids": [*ids]})
    }


def filings_of(text: str | None) -> tuple[Filing, ...] | None:
    """Return stored filings, or None for null."""
    return None if text is None else tuple(Filing(*pair) for pair in json.loads(text))


def filings_text(filings: Iterable[Filing]) -> str:
    """Return filings as they are stored."""
    return json.dumps([list(each) for each in filings], ensure_ascii=False)


def note_source(
    connection: Connection,
    article_id: int,
    title: str,
    standfirst: str,
    filings: Sequence[Filing] | None,
) -> None:
    """Note what a source now says of an amended article; None keeps the filings known."""
    values = {"source_title": title, "source_standfirst": standfirst}
    if filings is not None:
        values["source_filings"] = filings_text(filings)
    connection.execute(
        update(amendments).where(amendments.c.article_id == article_id).values(**values)
    )


def keep_version(
    connection: Connection, article_id: int, title: str, standfirst: str, *, always: bool = False
) -> None:
    """Keep an article's present texts as a version if other ones will replace them.

    With `always`, a new version begins even if the texts are the same.
    """
    a = articles.c
    query = select(a.title, a.standfirst, a.version).where(a.id == article_id)
    was = connection.execute(query).first()
    if was is None or ((was.title, was.standfirst) == (title, standfirst) and not always):
        return
    connection.execute(
        insert(article_versions).values(
            article_id=article_id,
            version=was.version,
            title=was.title,
            standfirst=was.standfirst,
        )
    )
    connection.execute(update(articles).where(a.id == article_id).values(version=was.version + 1))


def file_under(
    connection: Connection,
    article_id: int,
    filings: Iterable[Filing],
    published: datetime | str,
) -> str:
    """Replace an article's categories, and return their slugs as its own row has them."""
    connection.execute(
        delete(article_categories).where(article_categories.c.article_id == article_id)
    )
    reasons: dict[str, str] = {}
    for category, reason in filings:
        reasons.setdefault(category, reason)
    rows = [
        (article_id, category, position, reason, published)
        for position, (category, reason) in enumerate(reasons.items())
    ]
    insert_all(connection, article_categories, FILED, rows)
    return " ".join(reasons)


def drop_from_lists(connection: Connection, article_id: int) -> None:
    """Remove an article from everything by which lists, editions and searches find articles."""
    for table in (article_categories, article_words):
        connection.execute(delete(table).where(table.c.article_id == article_id))
    windows.remove(connection, article_id)
    connection.execute(
        update(articles).where(articles.c.id == article_id).values(words="", followed_words=None)
    )


def put_into_lists(connection: Connection, article_id: int, filings: Iterable[Filing]) -> None:
    """Enter an article, with its present texts, into what lists and searches look up."""
    a = articles.c
    query = (
        select(a.title, a.standfirst, a.published, bodies.c.body)
        .select_from(articles.outerjoin(bodies, bodies.c.article_id == a.id))
        .where(a.id == article_id)
    )
    row = connection.execute(query).one()
    words = upsert_rules.words_of(row.title, row.standfirst, row.body)
    found = followed_in(connection, words.text)
    published = to_driver(row.published, connection.dialect.name)
    slugs = file_under(connection, article_id, filings, published)
    connection.execute(delete(article_words).where(article_words.c.article_id == article_id))
    insert_all(connection, article_words, WORDS, [(article_id, word, published) for word in found])
    windows.remove(connection, article_id)
    windows.add(connection, [(article_id, *words[:3])])
    connection.execute(
        update(articles)
        .where(a.id == article_id)
        .values(words=words.text, followed_words="\n".join(found) or None, categories=slugs)
    )


def filings_of_article(connection: Connection, article_id: int) -> list[Filing]:
    """Return an article's categories with their reasons, in order."""
    c = article_categories.c
    query = select(c.category, c.reason).where(c.article_id == article_id).order_by(c.position)
    return [Filing(*row) for row in connection.execute(query)]


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
                source_filings=filings_text(filings_of_article(connection, article.id)),
                **values,
            )
        )


def show_amended(connection: Connection, was: Article, now: datetime) -> None:
    """Write what readers shall see into the article and into what finds it."""
    query = select(amendments).where(amendments.c.article_id == was.id)
    row = connection.execute(query).one()
    title = row.source_title if row.title is None else row.title
    standfirst = row.source_standfirst if row.standfirst is None else row.standfirst
    # The version tells messages made before a withdrawal, or its undoing, from later ones.
    turned = was.is_withdrawn != (row.state == ArticleState.WITHDRAWN.value)
    keep_version(connection, was.id, title, standfirst, always=turned)
    connection.execute(
        update(articles)
        .where(articles.c.id == was.id)
        .values(title=title, standfirst=standfirst, state=row.state)
    )
    if row.state != was.state:
        link_decisions.note(connection, LinkDecision(was.link, now, row.state, row.reason))
    if row.state is not None:
        drop_from_lists(connection, was.id)
        return
    filings = filings_of(row.filings or row.source_filings)
    put_into_lists(connection, was.id, filings or ())
