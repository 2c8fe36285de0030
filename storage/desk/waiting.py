"""Articles that wait for approval: editors are notified of them, see them, and decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, delete, func, or_, select, update

from storage.articles.held_articles import as_json, from_json
from storage.articles.pruned_links import link_print
from storage.db.dialect import insert_new, insert_or_update
from storage.desk.amended_rows import ChangedMeanwhileError, number_of
from storage.desk.journal import UNDO_FOR, record
from storage.desk.publications import show_published, take_back, wait_for_archive
from storage.model.desk_model import ActKind, WaitingArticle, WaitingState
from storage.tables.desk_schema import desk_notices, waiting_articles
from storage.tables.schema import pruned, sources

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from storage.db.database import Database
    from storage.desk.journal import Undo, Undoing
    from storage.model.desk_model import DeskAct

KEPT = timedelta(days=2)
"""Time after which an article that no editor looked at is deleted."""
UNFINISHED = timedelta(minutes=1)
"""Time after which a publication that was begun is finished by a tick."""
_ROW = select(waiting_articles, sources.c.name).join(
    sources, sources.c.id == waiting_articles.c.source_id
)
_W = waiting_articles.c
_WAITS = _W.state == WaitingState.WAITING.value


class WaitingArticles:
    """The articles of sources that need approval."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, number: int) -> WaitingArticle | None:
        """Return the article with this number, in whichever state, or None."""
        found = await self._fetch(_ROW.where(_W.id == number))
        return found[0] if found else None

    async def count(self, *, after: int = 0) -> int:
        """Return how many articles wait, of those with a number above `after`."""
        query = select(func.count()).where(_WAITS, _W.id > after)
        return await self._db.scalar(query) or 0

    async def newest(self) -> int:
        """Return the highest number of an article that waits; 0 if none does."""
        query = select(func.max(_W.id)).where(_WAITS)
        return await self._db.scalar(query) or 0

    async def listed(self, *, limit: int, offset: int = 0, after: int = 0) -> list[WaitingArticle]:
        """Return articles that wait, the newest first, with numbers above `after`."""
        query = _ROW.where(_WAITS, _W.id > after).order_by(_W.id.desc())
        return await self._fetch(query.limit(limit).offset(offset))

    async def looked_at(self, numbers: Collection[int], now: datetime) -> None:
        """Record that an editor was shown these articles, so that they are kept longer."""
        if numbers:
            query = update(waiting_articles).where(_W.id.in_(numbers), _WAITS).values(looked=now)
            await self._db.execute(query)

    async def claim(
        self, number: int, *, by: int, now: datetime, seen: int | None = None
    ) -> list[WaitingArticle]:
        """Claim an article for publication. Return none if another editor decided about it.

        Raises:
            ChangedMeanwhileError: Its source has changed it; `seen` is its `waits_as`.
        """
        return await self._claim(
            [number], lambda rows: waits_as(rows[0]), by=by, now=now, seen=seen
        )

    async def _claim(
        self,
        numbers: Collection[int],
        looks: Callable[[list[WaitingArticle]], int],
        *,
        by: int,
        now: datetime,
        seen: int | None,
    ) -> list[WaitingArticle]:
        def write(connection: Connection) -> list[WaitingArticle]:
            rows = _locked(connection, _W.id.in_(numbers) & _WAITS)
            if rows and seen is not None and looks(rows) != seen:
                raise ChangedMeanwhileError
            _decide(connection, rows, WaitingState.PUBLISHING, by=by, now=now)
            return [replace(each, state=WaitingState.PUBLISHING, decided_by=by) for each in rows]

        return await self._db.write(write)

    async def claim_up_to(
        self, newest: int, *, by: int, now: datetime, limit: int, seen: int | None = None
    ) -> list[WaitingArticle]:
        """Claim the articles that wait, the oldest first, up to the one that the editor saw.

        Raises:
            ChangedMeanwhileError: The list is another one; `seen` is its `list_as`.
        """
        titles = await self._titles(newest, limit)
        return await self._claim([*titles], _list_as, by=by, now=now, seen=seen)

    async def list_as(self, newest: int, *, limit: int) -> int:
        """Return a number for how the list that `claim_up_to` claims looks."""
        return number_of([*(await self._titles(newest, limit)).items()])

    async def _titles(self, newest: int, limit: int) -> dict[int, str]:
        query = select(_W.id, _W.title).where(_WAITS, _W.id <= newest).order_by(_W.id).limit(limit)
        rows = await self._db.rows(query)
        return {row.id: row.title for row in rows}

    async def to_finish(self, now: datetime) -> list[WaitingArticle]:
        """Return the articles whose publication broke off."""
        left = (_W.state == WaitingState.PUBLISHING.value) & (_W.decided <= now - UNFINISHED)
        return await self._fetch(_ROW.where(left).order_by(_W.id))

    async def wait_again(self, one: WaitingArticle) -> None:
        """Let a claimed article wait again, and editors be notified of it once more."""

        def write(connection: Connection) -> None:
            n = desk_notices.c
            _again(connection, one.id, WaitingState.PUBLISHING)
            connection.execute(
                update(desk_notices).where(n.newest >= one.id).values(newest=one.id - 1)
            )

        await self._db.write(write)

    async def published(self, one: WaitingArticle, article_id: int | None, now: datetime) -> None:
        """Record that a claimed article is in the archive.

        `article_id` is None if the archive refused it, because its source was removed or had
        published it before under another address.
        """

        def write(connection: Connection) -> None:
            wait_for_archive(connection)
            state = WaitingState.PUBLISHED if article_id is not None else WaitingState.DISCARDED
            changed = connection.execute(
                update(waiting_articles)
                .where(_W.id == one.id, _W.state == WaitingState.PUBLISHING.value)
                .values(state=state.value, article_id=article_id, decided=now)
            )
            if article_id is None or not changed.rowcount:
                return
            show_published(connection, article_id, {}, now)
            if one.decided_by is not None:
                record(
                    connection,
                    ActKind.APPROVE,
                    person_id=one.decided_by,
                    now=now,
                    article_id=article_id,
                    after={"waiting": one.id, "title": one.article.title},
                )

        await self._db.write(write)

    async def discard(self, number: int, *, by: int, now: datetime) -> int | None:
        """Discard an article; return the act's number, or None if another editor was first."""

        def write(connection: Connection) -> int | None:
            rows = _locked(connection, (_W.id == number) & _WAITS)
            if not rows:
                return None
            _decide(connection, rows, WaitingState.DISCARDED, by=by, now=now)
            return record(
                connection,
                ActKind.TURN_DOWN,
                person_id=by,
                now=now,
                after={"waiting": number, "title": rows[0].article.title},
            )

        return await self._db.write(write)

    async def expire(self, now: datetime) -> int:
        """Delete what no editor looked at for two days, and what was decided an hour ago.

        Return how many were deleted undecided. The links of articles that were not published are
        remembered, so that their source does not bring them again.
        """

        def write(connection: Connection) -> int:
            over = or_(
                and_(_WAITS, _W.looked <= now - KEPT),
                and_(
                    _W.state.in_((WaitingState.PUBLISHED.value, WaitingState.DISCARDED.value)),
                    _W.decided <= now - UNDO_FOR,
                ),
            )
            rows = connection.execute(
                select(_W.id, _W.link, _W.state).where(over).with_for_update()
            ).all()
            prints = {
                link_print(row.link) for row in rows if row.state != WaitingState.PUBLISHED.value
            }
            if prints:
                connection.execute(
                    insert_new(pruned, connection.dialect.name),
                    [{"link_print": each} for each in sorted(prints)],
                )
            if rows:
                ids = [row.id for row in rows]
                connection.execute(delete(waiting_articles).where(_W.id.in_(ids)))
            return sum(row.state == WaitingState.WAITING.value for row in rows)

        return await self._db.write(write)

    async def set_approval(self, source_id: int, *, approval: bool, by: int, now: datetime) -> bool:
        """Set whether a source needs approval. Return False if that changes nothing."""

        def write(connection: Connection) -> bool:
            changed = _set_approval(connection, source_id, approval=approval)
            if changed:
                name = connection.execute(
                    select(sources.c.name).where(sources.c.id == source_id)
                ).scalar_one()
                record(
                    connection,
                    ActKind.APPROVAL,
                    person_id=by,
                    now=now,
                    before={"source": source_id, "approval": not approval},
                    after={"source": source_id, "approval": approval, "title": name},
                )
            return changed

        return await self._db.write(write)

    async def _fetch(self, query: Select[Any]) -> list[WaitingArticle]:
        rows = await self._db.rows(query)
        return [_waiting(row) for row in rows]


class Notice(NamedTuple):
    """The last notice to an editor."""

    notified: datetime
    newest: int
    """The number of the newest waiting article at that time."""


class Notices:
    """The last notice to each editor."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def all(self) -> dict[int, Notice]:
        """Return person → the last notice to that person."""
        rows = await self._db.rows(select(desk_notices))
        return {row.person_id: Notice(row.notified, row.newest) for row in rows}

    async def put(self, person_id: int, notice: Notice) -> None:
        """Record a notice in place of the person's last one."""
        put = insert_or_update(desk_notices, self._db.dialect, "notified", "newest")
        await self._db.execute(
            put.values(person_id=person_id, notified=notice.notified, newest=notice.newest)
        )

    async def drop(self, people: Collection[int]) -> None:
        """Delete the records of people who are no editors any more."""
        gone = delete(desk_notices).where(desk_notices.c.person_id.in_(people))
        await self._db.execute(gone)


def waits_as(one: WaitingArticle) -> int:
    """Return a number for how a waiting article looks on its card."""
    return number_of(as_json(one.article))


def _list_as(rows: Collection[WaitingArticle]) -> int:
    return number_of([(each.id, each.article.title) for each in rows])


def _locked(connection: Connection, where: ColumnElement[bool]) -> list[WaitingArticle]:
    """Return articles, the oldest first, and let other editors wait for this transaction."""
    query = _ROW.where(where).order_by(_W.id).with_for_update(of=waiting_articles)
    return [_waiting(row) for row in connection.execute(query)]


def _decide(
    connection: Connection,
    rows: Collection[WaitingArticle],
    state: WaitingState,
    *,
    by: int | None,
    now: datetime,
) -> None:
    if rows:
        connection.execute(
            update(waiting_articles)
            .where(_W.id.in_([row.id for row in rows]))
            .values(state=state.value, decided=now, decided_by=by)
        )


def _again(connection: Connection, number: int, was: WaitingState) -> bool:
    """Let an article wait again; return False if it is not in this state any more."""
    undecided = {"decided": None, "decided_by": None, "article_id": None}
    changed = connection.execute(
        update(waiting_articles)
        .where(_W.id == number, _W.state == was.value)
        .values(state=WaitingState.WAITING.value, **undecided)
    )
    return bool(changed.rowcount)


def _set_approval(connection: Connection, source_id: int, *, approval: bool) -> bool:
    changed = connection.execute(
        update(sources)
        .where(sources.c.id == source_id, sources.c.approval != approval, ~sources.c.removed)
        .values(approval=approval)
    )
    return bool(changed.rowcount)


def _waiting(row: Row[Any]) -> WaitingArticle:
    return WaitingArticle(
        id=row.id,
        source_id=row.source_id,
        source=row.name,
        article=from_json(row.article),
        found=row.found,
        state=WaitingState(row.state),
        decided=row.decided,
        decided_by=row.decided_by,
        article_id=row.article_id,
    )


def _wait_again(connection: Connection, act: DeskAct, undoing: Undoing) -> bool:
    """Let a discarded article wait again; False if another editor has published it since."""
    del undoing
    return _again(connection, act.after["waiting"], WaitingState.DISCARDED)


def _take_back(connection: Connection, act: DeskAct, undoing: Undoing) -> bool:
    """Take an article back and let it wait again; False if it waits already or is deleted."""
    wait_for_archive(connection)
    waits = _again(connection, act.after["waiting"], WaitingState.PUBLISHED)
    if act.article_id is not None:
        take_back(connection, act.article_id, undoing.now)
    return waits


def _undo_approval(connection: Connection, act: DeskAct, undoing: Undoing) -> bool:
    """Set a source back; False if it was set again since, or removed."""
    del undoing
    return _set_approval(connection, act.before["source"], approval=act.before["approval"])


UNDOES: Mapping[ActKind, Undo] = {
    ActKind.APPROVE: _take_back,
    ActKind.TURN_DOWN: _wait_again,
    ActKind.APPROVAL: _undo_approval,
}
