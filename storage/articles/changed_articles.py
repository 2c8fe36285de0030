"""The statements that write what a source has changed in stored articles."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from storage.articles import amended_texts, upsert_rules
from storage.articles.amended_texts import NOT_AMENDED, WORDS
from storage.db.bulk import insert_all
from storage.model import NewArticle
from storage.tables.columns import to_driver
from storage.tables.schema import article_words, articles, bodies
from storage.words import windows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from storage.articles.amended_texts import Amendment
    from storage.articles.upsert_rules import Change
    from storage.model import Filing, Round
    from storage.words.followed_words import WordIndex

GIVEN = tuple(
    each.name
    for each in fields(NewArticle)
    if each.name in articles.columns and each.name != "published"
)
"""The fields of a new article that are stored as they are, each in the column of its name."""
_FACTS = tuple(name for name in GIVEN if articles.c[name].nullable)
"""Those that may be missing: a later round fills them in, and what it omits stays."""
_TOUCHED = ("guid", "link", *_FACTS)
_TOUCH = (
    update(articles)
    .where(articles.c.id == bindparam("number"))
    .values(
        guid=bindparam("new_guid"),
        link=bindparam("new_link"),
        **{
            name: func.coalesce(each, bindparam(f"new_{name}", type_=each.type))
            for name, each in articles.columns.items()
            if name in _FACTS
        },
    )
)


def write_new_texts(
    connection: Connection, round_: Round, changes: Sequence[Change], followed: WordIndex
) -> None:
    """Write the new texts of known articles. Their times, and so their order, stay.

    What an editor decided about an article stays too.
    """
    amended = amended_texts.amendments_of(connection, [change.was.id for change in changes])
    for change in changes:
        _write_new_text(
            connection, round_, change, followed, amended.get(change.was.id, NOT_AMENDED)
        )


def _write_new_text(
    connection: Connection,
    round_: Round,
    change: Change,
    followed: WordIndex,
    held: Amendment,
) -> None:
    article = change.now.article
    number = change.was.id
    body = article.body
    if not body:
        kept = select(bodies.c.body).where(bodies.c.article_id == number)
        body = connection.execute(kept).scalar()
    title, standfirst = article.title, article.standfirst or change.was.standfirst
    filings = None if change.filled else article.filings
    if held is not NOT_AMENDED:
        amended_texts.note_source(connection, number, title, standfirst, filings)
        title = title if held.title is None else held.title
        standfirst = standfirst if held.standfirst is None else held.standfirst
        filings = filings if held.filings is None else held.filings
    if held is not NOT_AMENDED or (title, standfirst) != (change.was.title, change.was.standfirst):
        amended_texts.keep_version(connection, number, title, standfirst)
    words = upsert_rules.words_of(title, standfirst, body)
    found = followed.find(words.text) if held.state is None else ()
    published = to_driver(change.was.published, connection.dialect.name)
    connection.execute(
        update(articles)
        .where(articles.c.id == number)
        .values(
            guid=article.guid,
            link=article.link,
            title=title,
            standfirst=standfirst,
            **_filled_in(article, over=not change.filled),
            updated=round_.now,
            **_columns_of_text(round_, article, filings, held),
            words=words.text if held.state is None else "",
            followed_words="\n".join(found) or None,
            body_print=words.body_print,
        )
    )
    if article.body:
        connection.execute(delete(bodies).where(bodies.c.article_id == number))
        values = {"body": article.body, "kinds": article.body_kinds or None}
        connection.execute(insert(bodies).values(article_id=number, **values))
    if held.state is not None:
        return
    if filings is not None:
        amended_texts.file_under(connection, number, filings, published)
    connection.execute(delete(article_words).where(article_words.c.article_id == number))
    note_words(connection, [(number, published, found)])
    windows.remove(connection, number)
    windows.add(connection, [(number, *words[:3])])


def _columns_of_text(
    round_: Round, article: NewArticle, filings: Sequence[Filing] | None, held: Amendment
) -> dict[str, str | None]:
    """Return the columns that follow from an article's new text; filings are None if they stay."""
    if filings is None:
        return {}
    values: dict[str, str | None] = {
        "categories": " ".join(dict.fromkeys(filing.category for filing in filings))
    }
    figures = round_.figures.get(article.link)
    if figures is not None and held.title is None and held.standfirst is None:
        values["figures"] = "\n".join(figures) or None
    return values


def _filled_in(article: NewArticle, *, over: bool) -> dict[str, ColumnElement[Any]]:
    """Return the columns of `_FACTS` with an article's values.

    Without `over` they only fill in missing ones.
    """
    found: dict[str, ColumnElement[Any]] = {}
    for name in _FACTS:
        both = (getattr(article, name), articles.c[name])
        found[name] = func.coalesce(*(both if over else reversed(both)))
    return found


def touch(connection: Connection, changes: Sequence[Change]) -> None:
    """Write new links and ids of known articles, and what was missing, such as a picture."""
    if changes:
        connection.execute(
            _TOUCH,
            [
                {
                    "number": change.was.id,
                    **{f"new_{name}": getattr(change.now.article, name) for name in _TOUCHED},
                }
                for change in changes
            ],
        )


def note_words(
    connection: Connection, found: Iterable[tuple[int, datetime | str, Sequence[str]]]
) -> None:
    """Insert the followed words that articles contain: article id, time of publication, words."""
    rows = [(number, word, published) for number, published, words in found for word in words]
    insert_all(connection, article_words, WORDS, rows)
