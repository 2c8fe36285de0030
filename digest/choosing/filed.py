"""Articles filed under one category or word, searchable by id. Pure."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.model import Article


class FiledArticles(list["Article"]):
    """The articles of one category or with one word, ordered by id.

    The articles that are new to a reader are the end of the list. Nothing may be added after the
    first call of `events`.
    """

    __slots__ = ("_asked",)

    def __init__(self) -> None:
        super().__init__()
        self._asked: tuple[list[int], list[int]] | None = None

    def events(self, place_from: int) -> list[int]:
        """Return the events of the articles with an id above `place_from`."""
        if self._asked is None:
            self._asked = [each.id for each in self], [each.event for each in self]
        ids, events = self._asked
        return events[bisect_right(ids, place_from) :] if place_from else events
