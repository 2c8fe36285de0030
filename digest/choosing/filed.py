"""Articles by what they are filed under, for whoever asks what of it is new. Pure."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.model import Article


class FiledArticles(list["Article"]):
    """The articles of one category, or with one word, in the order of their ids.

    What is new to a reader is the end of the list. Nothing is added once it has been asked.
    """

    __slots__ = ("_asked",)

    def __init__(self) -> None:
        super().__init__()
        self._asked: tuple[list[int], list[int]] | None = None

    def events(self, place_from: int) -> list[int]:
        """The events of those with a higher id than this one."""
        if self._asked is None:
            self._asked = [each.id for each in self], [each.event for each in self]
        ids, events = self._asked
        return events[bisect_right(ids, place_from) :] if place_from else events
