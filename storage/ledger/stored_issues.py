"""The stories of sent messages, stored once for all deliveries that carried the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.db.dialect import insert_or_update
from storage.tables.correction_schema import sent_issues

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from storage.model import SentIssue

MOST = 8_192
"""Prints remembered at most, about half a megabyte."""


class StoredIssues:
    """The issues that this process has stored today, so that each is written once a day."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._prints: set[int] = set()

    def new(self, issues: Iterable[SentIssue], now: datetime) -> list[SentIssue]:
        """Return those that are not known to be stored today, each once, ordered by print."""
        if self._day != now.date() or len(self._prints) > MOST:
            self._day = now.date()
            self._prints.clear()
        found = {each.print: each for each in issues if each.print not in self._prints}
        return [found[number] for number in sorted(found)]

    def add(self, issues: Iterable[SentIssue]) -> None:
        """Note that these are stored."""
        self._prints.update(each.print for each in issues)


def store_issues(connection: Connection, issues: Sequence[SentIssue], now: datetime) -> None:
    """Store issues; of those that are there already, renew the time when they were last sent."""
    connection.execute(
        insert_or_update(sent_issues, connection.dialect.name, "sent"),
        [{"print": each.print, "stories": each.stories, "sent": now} for each in issues],
    )
