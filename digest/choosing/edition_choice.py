"""What a ledger row's edition is chosen from, and by what it is known again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from digest.choosing.ranking import covered_since
from digest.timing.reader_day import ALONE
from digest.timing.schedule import zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from digest.choosing.recent_articles import RecentArticles
    from digest.timing.reader_day import ReaderDay
    from storage.model import Delivery, Edition, Taste


def already_had(row: Delivery, *had: Mapping[int, frozenset[int]]) -> frozenset[int]:
    """Articles whose stories the reader has had, whatever the row's place and taste say.

    Args:
        row: The edition's row; it names what was shown just before a first edition.
        had: Subscriber's id → the articles of their alerts, or of earlier editions.
    """
    named = frozenset[int]() if row.article_id is None else frozenset((row.article_id,))
    return named.union(*(each.get(row.subscriber_id, frozenset()) for each in had))


def said_since(row: Delivery) -> datetime | None:
    """Since when an edition says that it tells what is new; None unless it was asked for."""
    return covered_since(row.since, row.due) if row.asked else None


class Choice:
    """What a row's edition is chosen from, and by what it is known again."""

    __slots__ = (
        *("chosen_by", "day", "edition", "empty_note", "had", "looks", "many", "recent", "row"),
        "taste",
    )

    def __init__(
        self,
        row: Delivery,
        taste: Taste,
        had: frozenset[int],
        day: ReaderDay,
        recent: RecentArticles,
        *,
        many: bool,
    ) -> None:
        self.row = row
        self.taste = taste
        self.had = had
        self.day = day
        self.empty_note = row.empty_note and not day.silent
        """Whether a line says so where there is nothing to tell."""
        self.recent = recent
        self.many = many
        self.edition: Edition | None = None
        """Once it is chosen."""
        self.chosen_by = (
            row.taste_key,
            row.place_from,
            row.place_to,
            row.since,
            row.due,
            row.language,
            had,
            None if day is ALONE else day,  # what most have, without its hash
            recent.read_at,
        )
        # An edition looks alike wherever the wall shows the same date and time, where its pictures
        # may be shown alike, and where it was not asked for.
        wall = row.due.astimezone(zone_of(row.zone)).replace(tzinfo=None)
        place = (row.public, row.chat_id > 0, row.asked)
        self.looks = (*self.chosen_by, row.layout, wall, row.kind, self.empty_note, place)


class FrontPage(NamedTuple):
    """What a front page is made of in any form. It is kept: nothing large is in it."""

    row: Delivery
    """One of those who get it."""
    edition: Edition
    looks: tuple[Any, ...]
    sources: int
    """How many had something new."""
