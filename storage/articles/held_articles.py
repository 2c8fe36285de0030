"""Articles of sources that need approval, stored apart from the archive until an editor decides."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, or_, select, update

from storage.model import Filing, NewArticle
from storage.model.desk_model import WaitingState
from storage.tables.desk_schema import waiting_articles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

# An older program, which shows it too, does not know these; a published article gets them anew.
_UNKNOWN_BEFORE = {"story_kind", "kind_certainty", "weight"}
_FIELDS = tuple(each.name for each in fields(NewArticle) if each.name not in _UNKNOWN_BEFORE)


def as_json(article: NewArticle) -> str:
    """Return an article as JSON."""
    values = {name: getattr(article, name) for name in _FIELDS}
    values["published"] = article.published.isoformat()
    return json.dumps(values, ensure_ascii=False)


def from_json(text: str) -> NewArticle:
    """Return the article that `as_json` wrote."""
    values: dict[str, Any] = json.loads(text)
    values["published"] = datetime.fromisoformat(values["published"])
    values["filings"] = tuple(Filing(*each) for each in values["filings"])
    return NewArticle(**values)


def hold(
    connection: Connection, source_id: int, articles: Iterable[NewArticle], now: datetime
) -> int:
    """Let new articles of a source wait, and return how many did not wait before.

    An article that waits already gets its new text. One about which an editor has decided stays as
    it is.
    """
    w, begun = waiting_articles.c, 0
    for article in articles:
        same = or_(w.link == article.link, (w.source_id == source_id) & (w.guid == article.guid))
        found = connection.execute(select(w.id, w.link, w.state).where(same)).all()
        values = {"title": article.title, "article": as_json(article)}
        if not found:
            begun += 1
            connection.execute(
                insert(waiting_articles).values(
                    source_id=source_id,
                    link=article.link,
                    guid=article.guid,
                    found=now,
                    looked=now,
                    state=WaitingState.WAITING.value,
                    **values,
                )
            )
        elif len(found) == 1 and found[0].state == WaitingState.WAITING.value:
            connection.execute(
                update(waiting_articles)
                .where(w.id == found[0].id)
                .values(link=article.link, guid=article.guid, **values)
            )
    return begun
