"""What editors decide about an article: its texts, categories, event, and whether it is shown.

The values are written into the article itself, so every list, edition and search sees them, and
beside them is kept what the source says, so that its next reading undoes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

from sqlalchemy import delete, select, update

from storage.articles.amended_texts import (
    amend,
    filings_of_article,
    filings_text,
    show_amended,
)
from storage.articles.article_filters import EVENT
from storage.articles.matters import continue_as
from storage.db.dialect import AdvisoryLock, take_turns
from storage.desk import corrections
from storage.desk.amended_rows import (
    DECIDED,
    ChangedMeanwhileError,
    NoSuchArticleError,
    amendment_of,
    read_article,
    seen_as,
    weighed_as,
)
from storage.desk.journal import record, undone_since
from storage.desk.labels import add_label, drop_label
from storage.desk.pins import lead_again
from storage.desk.publications import bar, show_again
from storage.model import TAKEN_BACK, ArticleState, Filing, Grade
from storage.model.desk_model import ActKind
from storage.tables.correction_schema import amendments
from storage.tables.desk_schema import desk_acts
from storage.tables.schema import articles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from typing import TypeAlias

    from sqlalchemy import Connection

    from storage.db.database import Database
    from storage.desk.amended_rows import By
    from storage.desk.journal import Undo, Undoing
    from storage.model import Article, StoryKind
    from storage.model.desk_model import DeskAct

    Change: TypeAlias = Callable[[Connection, Article], Mapping[str, Any]]

EDITORS = "an editor"
"""The reason that is stored with a category chosen by an editor."""


class SameEventError(ValueError):
    """The two articles to join are one article, or reports of one event already."""


@dataclass(frozen=True, slots=True)
class Amended:
    """What an editor's act made of an article, and where that is recorded."""

    article: Article
    """The article as it is now."""
    act: int
    """The number of the act in the journal."""
    correction: int | None = None
    """The id of the correction of delivered copies, or None if none was needed."""


class Amendments:
    """Editors' decisions about articles. Each method is one transaction.

    Each raises NoSuchArticleError, or ChangedMeanwhileError if somebody else changed the article
    first.
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
        figures: Sequence[str] | None = None,
        **by: Unpack[By],
    ) -> Amended:
        """Give an article another headline or standfirst, and plan the editing of its copies.

        None keeps the present headline, standfirst or amounts; an empty standfirst removes it.
        `grade` is `TYPO` or `FACT`, `figures` are the amounts in the new texts.
        """
        given = {"title": title, "standfirst": standfirst}
        values = {name: value for name, value in given.items() if value is not None}

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            amend(connection, was, values)
            show_amended(connection, was, by["now"])
            if figures is not None:
                shown = {"figures": "\n".join(figures) or None}
                connection.execute(
                    update(articles).where(articles.c.id == article_id).values(**shown)
                )
            article = read_article(connection, article_id)
            return {"correction": corrections.add(connection, was, article, grade, now=by["now"])}

        return await self._act(article_id, ActKind.CORRECT, change, by)

    async def refile(self, article_id: int, categories: Sequence[str], **by: Unpack[By]) -> Amended:
        """File an article under other categories, in this order, and keep them to learn from."""

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            known = {
                each.category: each.reason for each in filings_of_article(connection, article_id)
            }
            filings = [Filing(each, known.get(each, EDITORS)) for each in categories]
            amend(connection, was, {"filings": filings_text(filings)})
            show_amended(connection, was, by["now"])
            person, now = by["person_id"], by["now"]
            return {"label": add_label(connection, was, person, now, categories=categories)}

        return await self._act(article_id, ActKind.REFILE, change, by)

    async def weigh(
        self,
        article_id: int,
        *,
        kind: StoryKind | None = None,
        weight: float | None = None,
        **by: Unpack[By],
    ) -> Amended:
        """Give an article another kind or weight, and keep a label of it; None keeps the present.

        `seen` is the `weighed_as` of the article that the editor saw.
        """
        seen, given = by.pop("seen", None), {"story_kind": kind, "weight": weight}
        given = {name: value for name, value in given.items() if value is not None}

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            if seen not in {None, weighed_as(was)}:
                raise ChangedMeanwhileError
            held = [amendments.c[name] for name in given]
            query = select(*held).where(amendments.c.article_id == article_id)
            row = connection.execute(query).first() or [None] * len(held)
            amend(connection, was, given)
            shown = given if kind is None else {**given, "kind_certainty": 1.0}
            _write_story(connection, article_id, shown)
            present = 1.0 if was.weight is None else was.weight
            label = add_label(
                connection,
                was,
                by["person_id"],
                by["now"],
                kind=kind or was.story_kind,
                weight=present if weight is None else weight,
            )
            return {
                # No older program undoes this: it would leave the kind as it is.
                "article": None,
                "after": given,
                "story": {name: getattr(was, name) for name in shown},
                "held": dict(zip(given, row, strict=True)),
                "label": label,
            }

        return await self._act(article_id, ActKind.REFILE, change, by)

    async def hide(self, article_id: int, **by: Unpack[By]) -> Amended:
        """Keep an article from editions, lists and searches from now on; it leads no more."""

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            return bar(connection, was, ArticleState.HIDDEN, None, by["now"])

        return await self._act(article_id, ActKind.HIDE, change, by)

    async def show(self, article_id: int, **by: Unpack[By]) -> Amended:
        """Show an article that was hidden again; it leads no more.

        It raises ChangedMeanwhileError too if the article is not hidden.
        """

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            if was.state is not ArticleState.HIDDEN:
                raise ChangedMeanwhileError
            show_again(connection, was, {}, by["now"])
            return {}

        return await self._act(article_id, ActKind.HIDE, change, by)

    async def withdraw(self, article_id: int, reason: str, **by: Unpack[By]) -> Amended:
        """Withdraw an article, which leads no more, and plan to strike it out in its copies.

        `reason` is one sentence for readers.
        """

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            return bar(connection, was, ArticleState.WITHDRAWN, reason, by["now"])

        return await self._act(article_id, ActKind.WITHDRAW, change, by)

    async def join(self, article_id: int, other_id: int, **by: Unpack[By]) -> Amended:
        """Make an article, with all reports of its event, part of another article's event.

        It raises SameEventError if they are one article, or reports of one event already.
        """

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            target = read_article(connection, other_id).event
            if target == was.event:
                raise SameEventError(article_id, other_id)
            moved = _of_event(connection, was.event)
            _set_events(connection, [(number, target, story) for number, _, story in moved])
            return {"events": moved}

        return await self._act(article_id, ActKind.JOIN, change, by)

    async def part(self, article_id: int, **by: Unpack[By]) -> Amended:
        """Make an article a story and an event of its own."""

        def change(connection: Connection, was: Article) -> Mapping[str, Any]:
            together = _of_event(connection, was.event)
            others = [each for each in together if each[0] != article_id]
            if not others:
                return {"events": []}
            # The others keep their number, unless it is the number of the article that leaves.
            event = was.event if was.event != article_id else min(each[0] for each in others)
            copies = [each[0] for each in others if each[2] == article_id]
            story = min(copies, default=0)
            stay = [(each, event, story if own == article_id else own) for each, _, own in others]
            _set_events(connection, [(article_id, article_id, article_id), *stay])
            if event != was.event:
                continue_as(connection, was.event, event)
            return {"events": together}

        return await self._act(article_id, ActKind.PART, change, by)

    async def reason(self, article_id: int) -> str:
        """Return why an article was withdrawn, or ""."""
        query = select(amendments.c.reason).where(amendments.c.article_id == article_id)
        return await self._db.scalar(query) or ""

    async def _act(self, article_id: int, kind: ActKind, change: Change, by: By) -> Amended:
        def write(connection: Connection) -> Amended:
            # Ingest holds the same lock while it decides what a source's reading changes.
            take_turns(connection, AdvisoryLock.ARCHIVE)
            was, seen = read_article(connection, article_id), by.get("seen")
            if seen is not None and seen_as(was) != seen:
                raise ChangedMeanwhileError
            return act_on(
                connection, was, change, kind=kind, person_id=by["person_id"], now=by["now"]
            )

        return await self._db.write(write)


def act_on(
    connection: Connection,
    was: Article,
    change: Change,
    *,
    kind: ActKind,
    person_id: int | None,
    now: datetime,
) -> Amended:
    """Change an article, and record that in the journal; return the article as it is then.

    The transaction has the lock of the archive. `change` returns what undoing it needs. `person_id`
    is None if unknown.
    """
    undo: dict[str, Any] = {"article": was.id, "amendment": amendment_of(connection, was.id)}
    undo |= {"correction": None, **change(connection, was)}
    after = undo.pop("after", {})
    if "events" in undo:
        undo["events_after"] = [_place(connection, each[0]) for each in undo["events"]]
    article = read_article(connection, was.id)
    act = record(
        connection,
        kind,
        person_id=person_id,
        now=now,
        article_id=was.id,
        before=undo,
        after={**_changes(was, article), **after},
    )
    return Amended(article, act, undo["correction"])


def _write_story(connection: Connection, article_id: int, values: Mapping[str, Any]) -> None:
    """Write the columns of a kind, a certainty or a weight."""
    connection.execute(update(articles).where(articles.c.id == article_id).values(**values))


def _changes(was: Article, article: Article) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name in ("title", "standfirst", "event", "state"):
        value = getattr(article, name)
        if value != getattr(was, name):
            changes[name] = value
    if article.categories != was.categories and article.state is None:
        changes["categories"] = list(article.categories)
    return changes


def _of_event(connection: Connection, event: int) -> list[tuple[int, int | None, int]]:
    """Return id, event and story of each article of an event, ordered by id."""
    a = articles.c
    query = select(a.id, a.event_id, a.story_id).where(
        (a.event_id == event) | ((a.story_id == event) & (event == EVENT))
    )
    return sorted((row.id, row.event_id, row.story_id) for row in connection.execute(query))


def _place(connection: Connection, number: int) -> list[int | None]:
    """Return the id, event and story of an article; without the last two if it is gone."""
    a = articles.c
    row = connection.execute(select(a.event_id, a.story_id).where(a.id == number)).first()
    return [number] if row is None else [number, *row]


def _set_events(connection: Connection, values: Sequence[tuple[int, int | None, int]]) -> None:
    """Write the event and story of articles: id, event and story of each."""
    for number, event, story in values:
        connection.execute(
            update(articles).where(articles.c.id == number).values(event_id=event, story_id=story)
        )


def _restore_events(
    connection: Connection,
    before: Sequence[Sequence[int | None]],
    after: Sequence[Sequence[int | None]],
) -> bool:
    """Give articles their former events; return False if one has another event by now.

    Articles that are not in the archive any more are left out.
    """
    for each in after:
        number = int(each[0] or 0)
        if _place(connection, number) not in ([number], list(each)):
            return False
    _set_events(connection, [(int(each[0] or 0), each[1], int(each[2] or 0)) for each in before])
    return True


def _undo(connection: Connection, act: DeskAct, undoing: Undoing) -> bool:
    """Take an act back: the article is again as it was before it.

    What the source said meanwhile counts wherever the source decides again. Copies that were edited
    are edited back. False means that the article was changed again, or its publication was taken
    back, or it is gone.
    """
    data = act.before
    take_turns(connection, AdvisoryLock.ARCHIVE)
    try:
        was = read_article(connection, act.article_id or 0)
    except NoSuchArticleError:
        return False
    known = amendment_of(connection, was.id)
    taken_back = known is not None and known["reason"] == TAKEN_BACK
    if taken_back or _acted_since(connection, act) or _taken_back_since(connection, act):
        return False
    if "events" in data:
        return _restore_events(connection, data["events"], data["events_after"])
    before = data["amendment"]
    amend(connection, was, {**(before or dict.fromkeys(DECIDED)), **data.get("held", {})})
    if "story" in data:
        _write_story(connection, was.id, data["story"])
    show_amended(connection, was, undoing.now)
    if before is None:
        # The source decides everything again.
        connection.execute(delete(amendments).where(amendments.c.article_id == was.id))
    if data.get("lead") is not None:
        lead_again(connection, was.id, data["lead"])
    if data.get("label") is not None:
        drop_label(connection, int(data["label"]))
    if data.get("correction") is not None:
        article = read_article(connection, was.id)
        corrections.take_back(connection, int(data["correction"]), was, article, undoing.now)
    return True


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


def _taken_back_since(connection: Connection, act: DeskAct) -> bool:
    """Return whether the publication of an act's article was undone after the act.

    The article itself does not say so if it was withdrawn before: it keeps that reason.
    """
    publishing = {ActKind.PUBLISH, ActKind.APPROVE}
    return any(each.kind in publishing for each in undone_since(connection, act))


UNDOES: Mapping[ActKind, Undo] = dict.fromkeys(
    (
        *(ActKind.CORRECT, ActKind.REFILE, ActKind.JOIN, ActKind.PART),
        *(ActKind.HIDE, ActKind.WITHDRAW),
    ),
    _undo,
)
