"""Keeping an article from readers, as hidden, withdrawn or taken back, and showing it again.

An article that is taken back is withdrawn: no list has it, nobody can open its text, and it is
struck out in the messages that have it. What is published again is shown again, there too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from storage.articles.amended_texts import amend, show_amended
from storage.db.dialect import AdvisoryLock, take_turns
from storage.desk import corrections
from storage.desk.amended_rows import DECIDED, NoSuchArticleError, amendment_of, read_article
from storage.desk.pins import end_lead, unpin
from storage.model import TAKEN_BACK, ArticleState, DeliveryState, Grade
from storage.tables.correction_schema import amendments
from storage.tables.correction_schema import corrections as corrections_table
from storage.tables.ledger_schema import deliveries
from storage.tables.schema import articles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.model import Article


def wait_for_archive(connection: Connection) -> None:
    """Wait for ingest and other editors before any row is locked, so that none waits for us."""
    take_turns(connection, AdvisoryLock.ARCHIVE)


def bar(
    connection: Connection, was: Article, state: ArticleState, reason: str | None, now: datetime
) -> Mapping[str, Any]:
    """Hide or withdraw an article, and return what its act needs to be undone."""
    lead = end_lead(connection, was.id)
    amend(connection, was, {"state": state.value, "reason": reason})
    show_amended(connection, was, now)
    if state is ArticleState.HIDDEN:
        return {"lead": lead}
    article = read_article(connection, was.id)
    correction = corrections.add(connection, was, article, Grade.WITHDRAWN, now=now, reason=reason)
    return {"lead": lead, "correction": correction}


def take_back(connection: Connection, article_id: int, now: datetime) -> None:
    """Withdraw an article whose publication is undone, with its lead and its waiting alerts.

    Call `wait_for_archive` first. Its copies are looked for, also those that are just being sent.
    An article that an editor has withdrawn stays so, with that editor's reason. One that is no
    longer in the archive needs nothing.
    """
    try:
        was = read_article(connection, article_id)
    except NoSuchArticleError:
        return
    if was.is_withdrawn:
        unpin(connection, article_id)
    else:
        bar(connection, was, ArticleState.WITHDRAWN, TAKEN_BACK, now)
    # Deleted, since an alert is planned once: it comes if the article is published again.
    connection.execute(
        delete(deliveries).where(
            deliveries.c.key == f"alert:{article_id}",
            deliveries.c.state == DeliveryState.PLANNED.value,
        )
    )


def show_published(
    connection: Connection, article_id: int, decided: Mapping[str, Any], now: datetime
) -> None:
    """Show an article that an editor publishes, though it may have been taken back before.

    Call `wait_for_archive` first. Copies that were struck out are edited back. `decided` are its
    editor's columns of an amendment. If it is empty the source decides, and what editors withdrew
    or hid stays so.
    """
    was = read_article(connection, article_id)
    # Before articles were withdrawn, those taken back were kept from editions by this.
    connection.execute(update(articles).where(articles.c.id == article_id).values(backlog=False))
    before = amendment_of(connection, article_id)
    barred = was.state is not None and (before or {}).get("reason") != TAKEN_BACK
    if not decided and (before is None or barred):
        return
    show_again(connection, was, decided, now)


def show_again(
    connection: Connection, was: Article, decided: Mapping[str, Any], now: datetime
) -> None:
    """Show an article that was hidden or withdrawn, and edit the copies that were struck out back.

    Call `wait_for_archive` first. `decided` are further columns of its amendment.
    """
    amend(connection, was, {**decided, "state": None, "reason": None})
    show_amended(connection, was, now)
    known = amendment_of(connection, was.id) or {}
    if all(known[name] is None for name in DECIDED):
        connection.execute(delete(amendments).where(amendments.c.article_id == was.id))
    if was.is_withdrawn:
        c = corrections_table.c
        query = (
            select(c.id)
            .where(c.article_id == was.id, c.grade == Grade.WITHDRAWN.value, ~c.undone)
            .order_by(c.id.desc())
        )
        article = read_article(connection, was.id)
        number = connection.execute(query.limit(1)).scalar()
        if number is not None:
            corrections.take_back(connection, number, was, article, now)
