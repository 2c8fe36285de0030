"""What editors last decided about a link: withdrawn, hidden or shown again.

It outlives the article, so that none that was withdrawn comes back with a feed or an import after
the archive let it go or a backup without it was restored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import product
from operator import attrgetter
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from storage.db.dialect import among
from storage.tables.correction_schema import link_decisions

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Select

_READ = select(*link_decisions.c)
_WEB = re.compile(r"https?://(www\.)?(?P<page>[^?#]*)(?P<query>.*)", re.DOTALL)
_LEAST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class LinkDecision:
    """The last decision about one link."""

    link: str
    at: datetime
    state: str | None
    """The value of an `ArticleState`; None if the article is shown again."""
    reason: str | None


def note(connection: Connection, decision: LinkDecision) -> None:
    """Note a decision in place of the one before, and date it later than that."""
    d = link_decisions.c
    row = connection.execute(_READ.where(d.link == decision.link)).first()
    values = {"state": decision.state, "reason": decision.reason}
    if row is None:
        connection.execute(
            insert(link_decisions).values(link=decision.link, at=decision.at, **values)
        )
    elif (row.state, row.reason) != (decision.state, decision.reason):
        # Another machine's clock may be ahead.
        values["at"] = max(decision.at, row.at + _LEAST)
        connection.execute(update(link_decisions).where(d.link == decision.link).values(**values))


def every(connection: Connection) -> list[LinkDecision]:
    """Return all decisions, the oldest first."""
    ordered = _READ.order_by(link_decisions.c.at, link_decisions.c.link)
    return [LinkDecision(*row) for row in connection.execute(ordered)]


# Built once, since every round with something new asks.
@cache
def _about(dialect: str) -> Select[str, datetime, str | None, str | None]:
    return _READ.where(among(link_decisions.c.link, "links", dialect))


def last_about(connection: Connection, links: Collection[str]) -> dict[str, LinkDecision]:
    """Return link → the last decision about it in any spelling; links without one are left out."""
    meant = {link: spellings(link) for link in links}
    asked = {"links": [each for forms in meant.values() for each in forms]}
    query = _about(connection.dialect.name)
    found = {row.link: LinkDecision(*row) for row in connection.execute(query, asked)}
    last = {}
    for link, forms in meant.items() if found else ():
        decided = [found[each] for each in forms if each in found]
        if decided:
            last[link] = max(decided, key=attrgetter("at"))
    return last


def spellings(link: str) -> list[str]:
    """Return a link with either scheme, with and without `www.` and a trailing slash."""
    if (parts := _WEB.fullmatch(link)) is None:
        return [link]
    page = parts["page"].rstrip("/")
    forms = product(("https", "http"), ("", "www."), ("", "/"))
    others = (f"{scheme}://{www}{page}{end}{parts['query']}" for scheme, www, end in forms)
    return [*dict.fromkeys((link, *others))]
