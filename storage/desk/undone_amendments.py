"""Undoing what editors decided about an article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from storage.articles.amended_texts import amend, show_amended
from storage.db.dialect import AdvisoryLock, take_turns
from storage.desk import corrections
from storage.desk.amended_rows import DECIDED, NoSuchArticleError, amendment_of, read_article
from storage.desk.event_places import restore_events
from storage.desk.labels import drop_label
from storage.desk.pins import lead_again
from storage.model import TAKEN_BACK
from storage.model.desk_model import ActKind
from storage.tables.correction_schema import amendments
from storage.tables.desk_schema import desk_acts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from storage.desk.journal import Undo, Undoing
    from storage.model.desk_model import DeskAct


def _undo(connection: Connection, act: DeskAct, undoing: Undoing) -> bool:
    """Take an act back: the article is again as it was before it.

    What the source said meanwhile counts wherever the source decides again. Copies that were edited
    are edited back. False means that the article was changed again, or its publication was taken
    back, or it is gone.
    """
    data = act.before
    take_turns(connection, AdvisoryLock.ARCHIVE)
    try:
        was = read_article(connection, int(data["article"]))
    except NoSuchArticleError:
        return False
    known = amendment_of(connection, was.id)
    if _acted_since(connection, act) or (known is not None and known["reason"] == TAKEN_BACK):
        return False
    if "events" in data:
        return restore_events(connection, data["events"], data["events_after"])
    before = data["amendment"]
    amend(connection, was, before or dict.fromkeys(DECIDED))
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


UNDOES: Mapping[ActKind, Undo] = dict.fromkeys(
    (
        *(ActKind.CORRECT, ActKind.REFILE, ActKind.JOIN, ActKind.PART),
        *(ActKind.HIDE, ActKind.WITHDRAW),
    ),
    _undo,
)
