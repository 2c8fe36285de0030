"""What editors decide about an article: its texts, categories, event, and whether it is shown.

The values are written into the article itself, so every list, edition and search sees them, and
beside them is kept what the source says, so that its next reading undoes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from storage.articles import amended_texts
from storage.articles.amended_texts import amend, filings_of_article, show_amended
from storage.db.dialect import AdvisoryLock, take_turns
from storage.desk import corrections
from storage.desk.amended_rows import ChangedMeanwhileError, amendment_of, read_article, seen_as
from storage.desk.event_places import of_event, place, set_events
from storage.desk.journal import record
from storage.desk.labels import add_label
from storage.desk.pins import end_lead
from storage.desk.publications import show_again
from storage.model import ArticleState, Filing, Grade
from storage.model.desk_model import ActKind
from storage.tables.correction_schema import amendments
from storage.tables.schema import articles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.db.database import Database
    from storage.model import Article

EDITORS = "an editor"
"""The reason that is stored with a category chosen by an editor."""


class SameEventError(ValueError):
    """The two articles to join are one article, or reports of one event already."""


@dataclass(frozen=True, slots=True)
class Amended:
    """The result of an editor's act."""

    article: Article
    """The article as it is now."""
    act: int
    """The number of the act in the journal."""
    correction: int | None = None
    """The id of the correction of delivered copies, or None if none was needed."""


class Amendments:
    """Editors' decisions about articles. Each method is one transaction.

    `seen` is the `seen_as` of the article that the editor saw; None acts anyway. Each raises
    NoSuchArticleError, or ChangedMeanwhileError if somebody else changed the article first.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    async def correct(
        self,
        article_id: int,
        *,
        title: str | None = None,
        standfirst: str | None = None,
        grade: Grade,
        person_id: int,
        now: datetime,
        figures: Sequence[str] | None = None,
        seen: int | None = None,
    ) -> Amended:
        """Give an article another headline or standfirst, and plan the editing of its copies.

        Args:
            title: The headline; None keeps the present one.
            standfirst: The standfirst; None keeps the present one, "" removes it.
            grade: `TYPO` or `FACT`.
            figures: The amounts in the new texts; None keeps the present ones.
        """
        values: dict[str, Any] = {}
        if title is not None:
            values["title"] = title
        if standfirst is not None:
            values["standfirst"] = standfirst

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            amend(connection, was, values)
            show_amended(connection, was, now)
            if figures is not None:
                shown = {"figures": "\n".join(figures) or None}
                connection.execute(
                    update(articles).where(articles.c.id == article_id).values(**shown)
                )
            article = read_article(connection, article_id)
            return {"correction": corrections.add(connection, was, article, grade, now=now)}

        return await self._act(
            article_id, change, seen=seen, kind=ActKind.CORRECT, person_id=person_id, now=now
        )

    async def refile(
        self,
        article_id: int,
        categories: Sequence[str],
        *,
        person_id: int,
        now: datetime,
        seen: int | None = None,
    ) -> Amended:
        """File an article under other categories, in this order, and keep a label of it."""

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            known = {
                each.category: each.reason for each in filings_of_article(connection, article_id)
            }
            filings = [Filing(each, known.get(each, EDITORS)) for each in categories]
            amend(connection, was, {"filings": amended_texts.filings_text(filings)})
            show_amended(connection, was, now)
            return {"label": add_label(connection, was, categories, person_id, now)}

        return await self._act(
            article_id, change, seen=seen, kind=ActKind.REFILE, person_id=person_id, now=now
        )

    async def hide(
        self, article_id: int, *, person_id: int, now: datetime, seen: int | None = None
    ) -> Amended:
        """Keep an article from editions, lists and searches from now on; it leads no more."""

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            return bar(connection, was, ArticleState.HIDDEN, None, now)

        return await self._act(
            article_id, change, seen=seen, kind=ActKind.HIDE, person_id=person_id, now=now
        )

    async def show(
        self, article_id: int, *, person_id: int, now: datetime, seen: int | None = None
    ) -> Amended:
        """Show an article that was hidden again; it leads no more.

        Raises:
            NoSuchArticleError: The article is not in the archive any more.
            ChangedMeanwhileError: Somebody else changed the article first, or it is not hidden.
        """

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            if was.state is not ArticleState.HIDDEN:
                raise ChangedMeanwhileError
            show_again(connection, was, {}, now)
            return {}

        return await self._act(
            article_id, change, seen=seen, kind=ActKind.HIDE, person_id=person_id, now=now
        )

    async def withdraw(
        self,
        article_id: int,
        reason: str,
        *,
        person_id: int,
        now: datetime,
        seen: int | None = None,
    ) -> Amended:
        """Withdraw an article, which leads no more, and plan to strike it out in its copies.

        `reason` is one sentence for readers.
        """

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            return bar(connection, was, ArticleState.WITHDRAWN, reason, now)

        return await self._act(
            article_id, change, seen=seen, kind=ActKind.WITHDRAW, person_id=person_id, now=now
        )

    async def join(
        self,
        article_id: int,
        other_id: int,
        *,
        person_id: int,
        now: datetime,
        seen: int | None = None,
    ) -> Amended:
        """Make an article, with all reports of its event, part of another article's event.

        It raises SameEventError if they are one article, or reports of one event already.
        """

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            target = read_article(connection, other_id).event
            if target == was.event:
                raise SameEventError(article_id, other_id)
            moved = of_event(connection, was.event)
            set_events(connection, [(number, target, story) for number, _, story in moved])
            return {"events": moved}

        return await self._act(
            article_id, change, seen=seen, kind=ActKind.JOIN, person_id=person_id, now=now
        )

    async def part(
        self, article_id: int, *, person_id: int, now: datetime, seen: int | None = None
    ) -> Amended:
        """Make an article a story and an event of its own."""

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            together = of_event(connection, was.event)
            others = [each for each in together if each[0] != article_id]
            if not others:
                return {"events": []}
            # The others keep their number, unless it is the number of the article that leaves.
            event = was.event if was.event != article_id else min(each[0] for each in others)
            copies = [each[0] for each in others if each[2] == article_id]
            story = min(copies, default=0)
            set_events(
                connection,
                [
                    (article_id, article_id, article_id),
                    *(
                        (number, event, story if own == article_id else own)
                        for number, _, own in others
                    ),
                ],
            )
            return {"events": together}

        return await self._act(
            article_id, change, seen=seen, kind=ActKind.PART, person_id=person_id, now=now
        )

    async def reason(self, article_id: int) -> str:
        """Return why an article was withdrawn, or ""."""
        query = select(amendments.c.reason).where(amendments.c.article_id == article_id)
        return await self._db.read(lambda connection: connection.execute(query).scalar()) or ""

    async def _act(
        self,
        article_id: int,
        change: Callable[[Connection, Article], Mapping[str, Any]],
        *,
        seen: int | None,
        kind: ActKind,
        person_id: int,
        now: datetime,
    ) -> Amended:
        def write(connection: Connection) -> Amended:
            # Ingest holds the same lock while it decides what a source's reading changes.
            take_turns(connection, AdvisoryLock.ARCHIVE)
            was = read_article(connection, article_id)
            if seen is not None and seen_as(was) != seen:
                raise ChangedMeanwhileError
            return act_on(connection, was, change, kind=kind, person_id=person_id, now=now)

        return await self._db.write(write)


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


def act_on(
    connection: Connection,
    was: Article,
    change: Callable[[Connection, Article], Mapping[str, Any]],
    *,
    kind: ActKind,
    person_id: int | None,
    now: datetime,
) -> Amended:
    """Change an article, and record the act.

    The transaction has the lock of the archive. `change` returns what undoing it needs. `person_id`
    is None if unknown.
    """
    undo: dict[str, Any] = {"article": was.id, "amendment": amendment_of(connection, was.id)}
    undo |= {"correction": None, **change(connection, was)}
    if "events" in undo:
        undo["events_after"] = [place(connection, each[0]) for each in undo["events"]]
    article = read_article(connection, was.id)
    act = record(
        connection,
        kind,
        person_id=person_id,
        now=now,
        article_id=was.id,
        before=undo,
        after=_changes(was, article),
    )
    return Amended(article, act, undo["correction"])


def _changes(was: Article, article: Article) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name in ("title", "standfirst", "event", "state"):
        value = getattr(article, name)
        if value != getattr(was, name):
            changes[name] = value
    if article.categories != was.categories and article.state is None:
        changes["categories"] = list(article.categories)
    return changes
