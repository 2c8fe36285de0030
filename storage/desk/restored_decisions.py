"""What editors decided after a backup was made, carried out again when it is restored."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.articles.article_rows import ARTICLES_BY_ID, read_articles
from storage.articles.link_decisions import every, note, spellings
from storage.db.dialect import AdvisoryLock, among, take_turns
from storage.desk.amendments import act_on
from storage.desk.publications import bar, show_again, take_back
from storage.model import TAKEN_BACK, ArticleState
from storage.model.desk_model import ActKind
from storage.tables.schema import articles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from storage.articles.link_decisions import LinkDecision
    from storage.model import Article

_KINDS = {ArticleState.HIDDEN: ActKind.HIDE, ArticleState.WITHDRAWN: ActKind.WITHDRAW}


def carry_out(connection: Connection, decisions: Iterable[LinkDecision]) -> int:
    """Carry out decisions later than those in the database, and return how many were.

    A decision about an article that the database lacks holds once it comes.
    """
    take_turns(connection, AdvisoryLock.ARCHIVE)
    known = {each.link: each for each in every(connection)}
    later = [each for each in decisions if each.link not in known or known[each.link].at < each.at]
    for decision in later:
        for article in _meant(connection, decision.link):
            _carry_out(connection, article, decision)
        note(connection, decision)
    return len(later)


def _meant(connection: Connection, link: str) -> list[Article]:
    """Return the article with a link; if there is none, those with other spellings of it."""
    a = articles.c
    query = select(a.link, a.id).where(among(a.link, "links", connection.dialect.name))
    found: dict[str, int] = dict(connection.execute(query, {"links": spellings(link)}).all())
    ids = [found[link]] if link in found else [*found.values()]
    return read_articles(connection, ARTICLES_BY_ID, ids)


def _carry_out(connection: Connection, article: Article, decision: LinkDecision) -> None:
    at = decision.at
    if decision.reason == TAKEN_BACK:
        take_back(connection, article.id, at)
        return
    if article.state is not None and (decision.state is None or article.is_withdrawn):
        show_again(connection, article, {}, at)
        article = read_articles(connection, ARTICLES_BY_ID, [article.id])[0]
    if decision.state is not None:
        state = ArticleState(decision.state)
        change = partial(bar, state=state, reason=decision.reason, now=at)
        act_on(connection, article, change, kind=_KINDS[state], person_id=None, now=at)
