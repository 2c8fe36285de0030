"""Followed categories with news mostly in languages that a reader leaves out. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING

from storage.model import Unread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from storage.model import Article, Taste

FEWEST = 5
"""Minimum number of stories of a category in an edition's window for a note about languages."""
MOSTLY = 0.7
"""Least share of these stories in languages left out for such a note."""

_by_id = attrgetter("id")


class UnreadLanguages:
    """Counts of stories, also muted ones, in languages that readers leave out."""

    def __init__(self, filed: Mapping[str, Sequence[Article]], oldest: datetime) -> None:
        self._filed = filed
        self._oldest = oldest
        self._counted: dict[tuple[str, int, frozenset[str]], Counter[str]] = {}

    def of(self, taste: Taste, place_from: int) -> Unread | None:
        """Return the followed categories mostly in languages the reader leaves out, or None."""
        if not taste.languages:
            return None
        languages: Counter[str] = Counter()
        found: list[tuple[int, str]] = []
        for category in taste.follows:
            if category in self._filed:
                left_out = self._left_out(category, place_from, taste.languages)
                if left_out:
                    found.append((-left_out.total(), category))
                    languages += left_out
        if not found:
            return None
        return Unread(
            tuple(category for _, category in sorted(found)),
            tuple(sorted(languages, key=lambda each: (-languages[each], each))),
        )

    def _left_out(self, category: str, place_from: int, read: frozenset[str]) -> Counter[str]:
        """Return language → number of a category's stories left out; empty if they are few."""
        key = (category, place_from, read)
        counted = self._counted.get(key)
        if counted is None:
            counted = self._counted[key] = self._count(category, place_from, read)
        return counted

    def _count(self, category: str, place_from: int, read: frozenset[str]) -> Counter[str]:
        filed = self._filed[category]
        languages: dict[int, str | None] = {}
        for article in filed[bisect_right(filed, place_from, key=_by_id) :]:
            if article.published < self._oldest:
                continue
            language = article.language
            if not language or language in read:
                languages[article.event] = None
            else:
                languages.setdefault(article.event, language)
        left_out = Counter(each for each in languages.values() if each is not None)
        counted = len(languages)
        return left_out if counted >= FEWEST and left_out.total() >= MOSTLY * counted else Counter()
