"""Drafts of articles, from the link or post that an editor sent to the published article."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from sqlalchemy import func, insert, or_, select, update

from storage.articles.amended_texts import filings_of_article, filings_text
from storage.desk.amended_rows import read_article
from storage.desk.journal import record
from storage.desk.pins import pin
from storage.desk.publications import show_published, take_back, wait_for_archive
from storage.model import Filing
from storage.model.desk_model import EDITABLE, ActKind, ArticleDraft, DraftState, DraftText
from storage.tables.desk_schema import drafts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection, Row

    from storage.db.database import Database
    from storage.desk.journal import Undo, Undoing
    from storage.model.desk_model import DeskAct

OF_PUBLISHERS = frozenset({"alert", "lead_hours", "lead_for_all", "publish_at"})
"""What of a draft only those who may publish set."""
UNFINISHED = timedelta(minutes=1)
"""Time after which a publication that was begun is finished by a tick."""
_TEXT = tuple(each.name for each in fields(DraftText))
_TIMES = {"published", "publish_at", "event_at"}


class DraftChanges(TypedDict, total=False):
    """What `Drafts.change` accepts."""

    state: DraftState
    title: str
    standfirst: str
    image: str | None
    language: str | None
    filings: tuple[Filing, ...]
    joins: bool
    alert: bool
    lead_hours: int
    lead_for_all: bool
    publish_at: datetime | None


class Drafts:
    """The drafts."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, text: DraftText, *, by: int, now: datetime) -> ArticleDraft:
        """Store a new draft, or return the open one with the same link."""

        def write(connection: Connection) -> ArticleDraft:
            if text.link:
                same = (drafts.c.link == text.link, drafts.c.state.in_(EDITABLE))
                row = connection.execute(select(drafts).where(*same).with_for_update()).first()
                if row is not None:
                    return _draft(row)
            added = insert(drafts).values(
                person_id=by,
                changed_by=by,
                state=DraftState.OPEN.value,
                version=1,
                created=now,
                changed=now,
                **_columns({name: getattr(text, name) for name in _TEXT}),
            )
            number = connection.execute(added.returning(drafts.c.id)).scalar_one()
            record(connection, ActKind.DRAFT, person_id=by, now=now, draft_id=number)
            return _get(connection, number)

        return await self._db.write(write)

    async def get(self, draft_id: int) -> ArticleDraft | None:
        """Return the draft with this id, or None."""
        query = select(drafts).where(drafts.c.id == draft_id)
        row = await self._db.first(query)
        return None if row is None else _draft(row)

    async def titles(self, draft_ids: Collection[int]) -> dict[int, str]:
        """Return id → headline of those drafts that still exist."""
        query = select(drafts.c.id, drafts.c.title).where(drafts.c.id.in_(draft_ids))
        rows = await self._db.rows(query)
        return {row.id: row.title for row in rows}

    async def listed(
        self, states: Collection[DraftState], *, limit: int, offset: int = 0, since: datetime | None
    ) -> list[ArticleDraft]:
        """Return the drafts in these states, the one changed last first.

        Drafts changed last before `since` are left out.
        """
        query = (
            select(drafts)
            .where(*_listed(states, since))
            .order_by(drafts.c.changed.desc(), drafts.c.id.desc())
            .limit(limit)
            .offset(offset)
        )
        rows = await self._db.rows(query)
        return [_draft(row) for row in rows]

    async def count(self, states: Collection[DraftState], *, since: datetime | None = None) -> int:
        """Return the number of drafts in these states, changed at `since` or later."""
        query = select(func.count()).select_from(drafts).where(*_listed(states, since))
        return await self._db.scalar(query) or 0

    async def change(
        self,
        draft_id: int,
        version: int,
        kind: ActKind,
        *,
        by: int | None,
        now: datetime,
        **changes: Unpack[DraftChanges],
    ) -> tuple[ArticleDraft | None, bool]:
        """Change a draft that is still in the version that its editor saw.

        `by` is None if the bot does it. Return the draft as it is now (None if there is none), and
        whether this changed it.
        """

        def write(connection: Connection) -> tuple[ArticleDraft | None, bool]:
            row = _locked(connection, draft_id)
            if row is None:
                return None, False
            if row.version != version or row.state not in EDITABLE:
                return _draft(row), False
            _change(connection, row, _columns(changes), kind, by=by, now=now)
            return _get(connection, draft_id), True

        return await self._db.write(write)

    async def to_finish(self, now: datetime) -> list[ArticleDraft]:
        """Return the drafts whose time has come, and those whose publication broke off."""
        d = drafts.c
        due = (d.state == DraftState.SCHEDULED.value) & (d.publish_at <= now)
        left = (d.state == DraftState.PUBLISHING.value) & (d.changed <= now - UNFINISHED)
        query = select(drafts).where(or_(due, left)).order_by(d.id)
        rows = await self._db.rows(query)
        return [_draft(row) for row in rows]

    async def let_wait(self, draft: ArticleDraft, now: datetime) -> None:
        """Let a draft wait for somebody who may publish it, unless it has changed since."""

        def write(connection: Connection) -> None:
            row = _locked(connection, draft.id)
            if row is None or row.version != draft.version:
                return
            columns = _columns({"state": DraftState.WAITING, "publish_at": None})
            if draft.state is DraftState.SCHEDULED:
                _change(connection, row, columns, ActKind.EDIT, by=None, now=now)
            else:
                _set(connection, row, columns, by=None, now=now)

        await self._db.write(write)

    async def begin_publishing(
        self, draft: ArticleDraft, link: str, *, by: int | None, now: datetime
    ) -> ArticleDraft | None:
        """Claim a draft for publication, with the link of its article.

        None means that it changed since, so that another editor or tick has it.
        """

        def write(connection: Connection) -> ArticleDraft | None:
            row = _locked(connection, draft.id)
            if row is None or row.version != draft.version:
                return None
            if row.state not in {*EDITABLE, DraftState.PUBLISHING}:
                return None
            columns = {"state": DraftState.PUBLISHING.value, "link": link}
            whom = row.changed_by if by is None else by
            _set(connection, row, columns, by=whom, now=now)
            return _get(connection, draft.id)

        return await self._db.write(write)

    async def finish_publishing(self, draft: ArticleDraft, article_id: int, now: datetime) -> int:
        """Record that a draft became an article; return the number of the act in the journal.

        The article becomes a lead story if wanted.
        """

        def write(connection: Connection) -> int:
            wait_for_archive(connection)
            row, by = _locked(connection, draft.id), draft.changed_by
            if row is None:
                raise LookupError(draft.id)
            columns = {"state": DraftState.PUBLISHED.value, "article_id": article_id}
            _set(connection, row, columns, by=by, now=now)
            # So the source's next reading changes nothing.
            decided = {
                "title": draft.text.title,
                "standfirst": draft.text.standfirst,
                "filings": filings_text(draft.text.filings),
            }
            show_published(connection, article_id, decided, now)
            if draft.lead_hours:
                until = now + timedelta(hours=draft.lead_hours)
                categories = {each.category for each in draft.text.filings}
                whose = () if draft.lead_for_all else categories
                pin(connection, article_id, until, whose, by=by, now=now)
            return record(
                connection,
                ActKind.PUBLISH,
                person_id=by,
                now=now,
                article_id=article_id,
                draft_id=draft.id,
            )

        return await self._db.write(write)


def _listed(states: Collection[DraftState], since: datetime | None) -> list[Any]:
    found: list[Any] = [drafts.c.state.in_([each.value for each in states])]
    return found if since is None else [*found, drafts.c.changed >= since]


def _get(connection: Connection, draft_id: int) -> ArticleDraft:
    return _draft(connection.execute(select(drafts).where(drafts.c.id == draft_id)).one())


def _locked(connection: Connection, draft_id: int | None) -> Row[Any] | None:
    """Return a draft's row, or None, and let others wait for this transaction."""
    query = select(drafts).where(drafts.c.id == draft_id).with_for_update()
    return connection.execute(query).first()


def _change(
    connection: Connection,
    row: Row[Any],
    columns: Mapping[str, Any],
    kind: ActKind,
    *,
    by: int | None,
    now: datetime,
) -> None:
    """Change a draft, and record what it was and is, unless that is the same."""
    before = {name: _plain(row._mapping[name]) for name in columns}  # noqa: SLF001 - public
    after = {name: _plain(value) for name, value in columns.items()}
    if before != after:
        _set(connection, row, columns, by=by, now=now)
        record(
            connection,
            kind,
            person_id=by,
            now=now,
            draft_id=row.id,
            before=before,
            after=after,
        )


def _set(
    connection: Connection,
    row: Row[Any],
    columns: Mapping[str, Any],
    *,
    by: int | None,
    now: datetime,
) -> None:
    connection.execute(
        update(drafts)
        .where(drafts.c.id == row.id)
        .values(version=row.version + 1, changed=now, changed_by=by, **columns)
    )


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    columns = dict(values)
    if "filings" in columns:
        columns["filings"] = json.dumps(columns["filings"], ensure_ascii=False)
    if "state" in columns:
        columns["state"] = columns["state"].value
    return columns


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _draft(row: Row[Any]) -> ArticleDraft:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy documents it as public
    text = {name: values[name] for name in _TEXT}
    text["filings"] = tuple(Filing(*each) for each in json.loads(row.filings))
    own = {each.name: values[each.name] for each in fields(ArticleDraft) if each.name != "text"}
    return ArticleDraft(**{**own, "text": DraftText(**text), "state": DraftState(row.state)})


def takes_publishing(act: DeskAct, state: DraftState) -> bool:
    """Return whether undoing a change of a draft, now in this state, takes the right to publish."""
    scheduled = DraftState.SCHEDULED in {state, act.before.get("state")}
    return scheduled or not OF_PUBLISHERS.isdisjoint(act.before)


def _undo_change(connection: Connection, act: DeskAct, undoing: Undoing) -> bool:
    """Give a draft the values that it had; False if they were changed again since.

    A time that has passed is not set again, or it would be published at once. Of a discarded draft
    only the discarding is undone, so that it comes back as it was.
    """
    row = _locked(connection, act.draft_id)
    if row is None or row.state not in {*EDITABLE, DraftState.DISCARDED}:
        return False
    if row.state == DraftState.DISCARDED and act.kind is not ActKind.DISCARD:
        return False
    if takes_publishing(act, DraftState(row.state)) and not undoing.publishes:
        return False
    values = row._mapping  # noqa: SLF001 - public
    if any(_plain(values[name]) != value for name, value in act.after.items()):
        return False
    columns = {name: _moment(name, value) for name, value in act.before.items()}
    at = columns.get("publish_at", row.publish_at)
    if columns.get("state") == DraftState.SCHEDULED and at is not None and at <= undoing.now:
        columns |= _columns({"state": DraftState.OPEN, "publish_at": None})
    _set(connection, row, columns, by=undoing.by, now=undoing.now)
    return True


def _moment(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    return datetime.fromisoformat(value) if name in _TIMES and value is not None else value


def _undo_publish(connection: Connection, act: DeskAct, undoing: Undoing) -> bool:
    """Take an article back and reopen its draft; False if the draft is not published any more.

    The draft gets the texts and categories that the article had last, so that a correction is not
    lost when the draft is published again.
    """
    wait_for_archive(connection)
    row = _locked(connection, act.draft_id)
    if row is None or row.state != DraftState.PUBLISHED or act.article_id is None:
        return False
    last = read_article(connection, act.article_id)
    columns: DraftChanges = {
        "state": DraftState.OPEN,
        "title": last.title,
        "standfirst": last.standfirst,
    }
    if last.state is None:
        columns["filings"] = tuple(filings_of_article(connection, act.article_id))
    take_back(connection, act.article_id, undoing.now)
    # The draft keeps its article, of which it shows how many copies were struck out.
    _set(connection, row, _columns(columns), by=undoing.by, now=undoing.now)
    return True


UNDOES: Mapping[ActKind, Undo] = {
    **dict.fromkeys((ActKind.EDIT, ActKind.ASK, ActKind.SCHEDULE, ActKind.DISCARD), _undo_change),
    ActKind.PUBLISH: _undo_publish,
}
