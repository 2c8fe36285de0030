"""What editors decide about an article: its texts, categories, event, and whether it is shown.

The values are written into the article itself, so every list, edition and search sees them, and
beside them is kept what the source says, so that its next reading undoes nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from storage.articles import amended_texts
from storage.articles.article_filters import EVENT
from storage.articles.article_rows import ARTICLES_BY_ID, read_articles
from storage.db.dialect import AdvisoryLock, take_turns
from storage.desk import corrections
from storage.desk.journal import record
from storage.desk.labels import add_label, drop_label
from storage.model import ArticleState, Filing, Grade
from storage.model.desk_model import ActKind
from storage.tables.schema import amendments, article_categories, articles, desk_acts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.db.database import Database
    from storage.desk.journal import Undo
    from storage.model import Article
    from storage.model.desk_model import DeskAct

EDITORS = "an editor"
"""The reason that is stored with a category chosen by an editor."""


class ChangedMeanwhileError(Exception):
    """The article is not as the editor saw it: somebody else changed it first."""


class NoSuchArticleError(LookupError):
    """The article is not in the archive any more."""


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


def seen_as(article: Article) -> int:
    """Return a number for how an article looks, which changes with each editor's decision."""
    looks = (article.title, article.standfirst, article.categories, article.event, article.state)
    digest = hashlib.blake2b(repr(looks).encode("utf-8", "replace"), digest_size=4).digest()
    return int.from_bytes(digest, "big")


class Amendments:
    """Editors' decisions about articles. Each method is one transaction."""

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
            article_id: The article.
            title: The headline; None keeps the present one.
            standfirst: The standfirst; None keeps the present one, "" removes it.
            grade: `TYPO` or `FACT`.
            person_id: The editor's Telegram id.
            now: The current time.
            figures: The amounts in the new texts; None keeps the present ones.
            seen: The `seen_as` of the article that the editor saw; None to change it anyway.

        Raises:
            NoSuchArticleError: The article is not in the archive any more.
            ChangedMeanwhileError: Somebody else changed the article first.
        """
        values: dict[str, Any] = {}
        if title is not None:
            values["title"] = title
        if standfirst is not None:
            values["standfirst"] = standfirst

        def change(connection: Connection, was: Article) -> int | None:
            _amend(connection, was, values)
            _show(connection, was)
            if figures is not None:
                shown = {"figures": "\n".join(figures) or None}
                connection.execute(
                    update(articles).where(articles.c.id == article_id).values(**shown)
                )
            return corrections.add(connection, was, _read(connection, article_id), grade, now=now)

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
        """File an article under other categories, in this order, and keep a label of it.

        Raises:
            NoSuchArticleError: The article is not in the archive any more.
            ChangedMeanwhileError: Somebody else changed the article first.
        """

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            known = {each.category: each.reason for each in _filings(connection, article_id)}
            filings = [Filing(each, known.get(each, EDITORS)) for each in categories]
            _amend(connection, was, {"filings": amended_texts.filings_text(filings)})
            _show(connection, was)
            return {"label": add_label(connection, was, categories, person_id, now)}

        return await self._act(
            article_id, change, seen=seen, kind=ActKind.REFILE, person_id=person_id, now=now
        )

    async def hide(
        self, article_id: int, *, person_id: int, now: datetime, seen: int | None = None
    ) -> Amended:
        """Keep an article from editions, lists and searches from now on.

        Raises:
            NoSuchArticleError: The article is not in the archive any more.
            ChangedMeanwhileError: Somebody else changed the article first.
        """

        def change(connection: Connection, was: Article) -> None:
            _amend(connection, was, {"state": ArticleState.HIDDEN.value, "reason": None})
            _show(connection, was)

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
        """Withdraw an article, and plan to strike it out in its copies.

        Args:
            article_id: The article.
            reason: Why, in one sentence for readers.
            person_id: The editor's Telegram id.
            now: The current time.
            seen: The `seen_as` of the article that the editor saw; None to withdraw it anyway.

        Raises:
            NoSuchArticleError: The article is not in the archive any more.
            ChangedMeanwhileError: Somebody else changed the article first.
        """

        def change(connection: Connection, was: Article) -> int | None:
            _amend(connection, was, {"state": ArticleState.WITHDRAWN.value, "reason": reason})
            _show(connection, was)
            return corrections.add(
                connection,
                was,
                _read(connection, article_id),
                Grade.WITHDRAWN,
                now=now,
                reason=reason,
            )

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

        Raises:
            NoSuchArticleError: One of the two is not in the archive.
            ChangedMeanwhileError: Somebody else changed the article first.
            SameEventError: The two are one article, or reports of one event already.
        """

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            target = _read(connection, other_id).event
            if target == was.event:
                raise SameEventError(article_id, other_id)
            moved = _of_event(connection, was.event)
            _set_events(connection, [(number, target, story) for number, _, story in moved])
            return {"events": moved}

        return await self._act(
            article_id, change, seen=seen, kind=ActKind.JOIN, person_id=person_id, now=now
        )

    async def part(
        self, article_id: int, *, person_id: int, now: datetime, seen: int | None = None
    ) -> Amended:
        """Make an article a story and an event of its own.

        Raises:
            NoSuchArticleError: The article is not in the archive any more.
            ChangedMeanwhileError: Somebody else changed the article first.
        """

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            together = _of_event(connection, was.event)
            others = [each for each in together if each[0] != article_id]
            if not others:
                return {"events": []}
            # The others keep their number, unless it is the number of the article that leaves.
            event = was.event if was.event != article_id else min(each[0] for each in others)
            copies = [each[0] for each in others if each[2] == article_id]
            story = min(copies, default=0)
            _set_events(
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
        change: Callable[[Connection, Article], Mapping[str, Any] | int | None],
        *,
        seen: int | None,
        kind: ActKind,
        person_id: int,
        now: datetime,
    ) -> Amended:
        def write(connection: Connection) -> Amended:
            # Ingest holds the same lock while it decides what a source's reading changes.
            take_turns(connection, AdvisoryLock.ARCHIVE)
            was = _read(connection, article_id)
            if seen is not None and seen_as(was) != seen:
                raise ChangedMeanwhileError
            undo: dict[str, Any] = {
                "article": article_id,
                "amendment": _amendment(connection, article_id),
            }
            done = change(connection, was)
            correction = done if isinstance(done, int) else None
            if isinstance(done, dict):
                undo |= done
            if "events" in undo:
                undo["events_after"] = [_place(connection, each[0]) for each in undo["events"]]
            article = _read(connection, article_id)
            undo["correction"] = correction
            act = record(
                connection,
                kind,
                person_id=person_id,
                now=now,
                article_id=article_id,
                before=undo,
                after=_changes(was, article),
            )
            return Amended(article, act, correction)

        return await self._db.write(write)


def _undo(connection: Connection, act: DeskAct, now: datetime) -> bool:
    """Take an act back: the article is again as it was before it.

    What the source said meanwhile counts wherever the source decides again. Copies that were edited
    are edited back.

    Args:
        connection: A connection in a transaction.
        act: The act in the journal.
        now: The current time.

    Returns:
        False if the article was changed again after the act, or is not in the archive any more.
    """
    data = act.before
    take_turns(connection, AdvisoryLock.ARCHIVE)
    try:
        was = _read(connection, int(data["article"]))
    except NoSuchArticleError:
        return False
    if _acted_since(connection, act):
        return False
    if "events" in data:
        return _restore_events(connection, data["events"], data["events_after"])
    before = data["amendment"]
    _amend(connection, was, before or dict.fromkeys(_DECIDED))
    _show(connection, was)
    if before is None:
        # The source decides everything again.
        connection.execute(delete(amendments).where(amendments.c.article_id == was.id))
    if data.get("label") is not None:
        drop_label(connection, int(data["label"]))
    if data.get("correction") is not None:
        article = _read(connection, was.id)
        corrections.take_back(connection, int(data["correction"]), was, article, now)
    return True


def _show(connection: Connection, was: Article) -> None:
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


UNDOES: Mapping[ActKind, Undo] = dict.fromkeys(
    (
        *(ActKind.CORRECT, ActKind.REFILE, ActKind.JOIN, ActKind.PART),
        *(ActKind.HIDE, ActKind.WITHDRAW),
    ),
    _undo,
)

_DECIDED = ("title", "standfirst", "filings", "state", "reason")
"""The columns of an amendment in which an editor decided."""


def _amend(connection: Connection, article: Article, values: Mapping[str, Any]) -> None:
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
                source_filings=amended_texts.filings_text(_filings(connection, article.id)),
                **values,
            )
        )


def _amendment(connection: Connection, article_id: int) -> dict[str, Any] | None:
    """Return what editors decided so far about an article, or None."""
    columns = [amendments.c[name] for name in _DECIDED]
    row = connection.execute(select(*columns).where(amendments.c.article_id == article_id)).first()
    return None if row is None else dict(row._mapping)  # noqa: SLF001 - its documented attribute


def _filings(connection: Connection, article_id: int) -> list[Filing]:
    """Return an article's categories with their reasons, in order."""
    c = article_categories.c
    query = select(c.category, c.reason).where(c.article_id == article_id).order_by(c.position)
    return [Filing(*row) for row in connection.execute(query)]


def _changes(was: Article, article: Article) -> dict[str, Any]:
    """Return what an act changed, for the journal."""
    changes: dict[str, Any] = {}
    for name in ("title", "standfirst", "event", "state"):
        value = getattr(article, name)
        if value != getattr(was, name):
            changes[name] = value
    if article.categories != was.categories and article.state is None:
        changes["categories"] = list(article.categories)
    return changes


def _read(connection: Connection, article_id: int) -> Article:
    found = read_articles(connection, ARTICLES_BY_ID, [article_id])
    if not found:
        raise NoSuchArticleError(article_id)
    return found[0]


def _of_event(connection: Connection, event: int) -> list[tuple[int, int | None, int]]:
    """Return id, event and story of each article of an event, ordered by id."""
    a = articles.c
    query = select(a.id, a.event_id, a.story_id).where(
        (a.event_id == event) | ((a.story_id == event) & (event == EVENT))
    )
    return sorted((row.id, row.event_id, row.story_id) for row in connection.execute(query))


def _acted_since(connection: Connection, act: DeskAct) -> bool:
    """Return whether an editor changed the article of an act again, without undoing that."""
    a = desk_acts.c
    later = select(a.id).where(
        a.article_id == act.article_id,
        a.id > act.number,
        a.undone.is_(None),
        a.kind.in_([kind.value for kind in UNDOES]),
    )
    return connection.execute(later.limit(1)).first() is not None


def _place(connection: Connection, number: int) -> list[int | None]:
    """Return the id, event and story of an article; without the last two if it is gone."""
    a = articles.c
    row = connection.execute(select(a.event_id, a.story_id).where(a.id == number)).first()
    return [number] if row is None else [number, *row]


def _restore_events(
    connection: Connection,
    before: Sequence[Sequence[int | None]],
    after: Sequence[Sequence[int | None]],
) -> bool:
    """Give articles their former events; return False if one has another event by now."""
    if any(_place(connection, int(each[0] or 0)) != list(each) for each in after):
        return False
    _set_events(connection, [(int(each[0] or 0), each[1], int(each[2] or 0)) for each in before])
    return True


def _set_events(connection: Connection, values: Sequence[tuple[int, int | None, int]]) -> None:
    for number, event, story in values:
        connection.execute(
            update(articles).where(articles.c.id == number).values(event_id=event, story_id=story)
        )
