"""The reports of an event that are still news to a reader. Pure."""

from __future__ import annotations

from bisect import bisect_right
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from digest.choosing.ranking import best

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from storage.model import Article

LATER = timedelta(hours=6)
"""The least time after the first report at which a new fact counts as an update."""
_ROUNDED = Decimal("0.05")
"""The largest share of an amount that rounding may change: 2 billion is not 1.6 rounded."""
_SCALES = {"million": Decimal(10**6), "billion": Decimal(10**9), "trillion": Decimal(10**12)}


class News(NamedTuple):
    """The reports of an event from which the one shown to a reader is chosen."""

    articles: Sequence[Article]
    """Reports ordered by id; empty if they add nothing to what the reader knows."""
    update: bool = False
    """Whether the reader knew of the event before."""
    known_before: Article | None = None
    """The report by which the reader knew of it, if the archive has it, or None."""


def news_of(
    copies: Sequence[Article],
    suiting: Sequence[Article],
    *,
    place_from: int,
    exclude: Collection[int],
    houses: Collection[str],
) -> News:
    """Return the reports of an event that are news to a reader.

    If the reader knows nothing of the event, these are all suiting reports. Otherwise they are the
    new reports published at least six hours after the known one that name a house, or an amount
    (not just rounded differently), that no known report has. A copy of a known story never counts.
    """
    known_before = had_before(copies, suiting, place_from=place_from, exclude=exclude)
    if not known_before:
        return News(suiting)
    first = min(known_before, key=best)
    stories = {each.story_id for each in known_before}
    known = {slug for each in known_before for slug in each.categories}
    figures = {figure for each in known_before for figure in each.figures}
    added = [
        each
        for each in suiting
        if each.id > place_from
        and each.id not in exclude
        and each.story_id not in stories
        and each.published >= first.published + LATER
        and (
            any(is_new_amount(figure, figures) for figure in each.figures)
            or any(slug in houses and slug not in known for slug in each.categories)
        )
    ]
    return News(added, update=True, known_before=first)


def had_before(
    copies: Sequence[Article],
    suiting: Sequence[Article],
    *,
    place_from: int,
    exclude: Collection[int],
) -> list[Article]:
    """Return the reports by which a reader already knows an event; see `news_of`."""
    found = [each for each in suiting if each.id <= place_from]
    if exclude:
        # The reader received these in alerts or other editions, even if they don't suit now.
        there = {each.id for each in found}
        found += [each for each in copies if each.id in exclude and each.id not in there]
    return found


def is_new_amount(figure: str, known: Collection[str]) -> bool:
    """Return whether an amount (`1.25 billion`, `9.6%`) is not a known one, even rounded."""
    return figure not in known and not any(_is_rounded(figure, each) for each in known)


@lru_cache(maxsize=4_096)
def _is_rounded(one: str, other: str) -> bool:
    """Return whether one of two amounts is the other rounded to fewer digits."""
    (first, step, unit), (second, other_step, other_unit) = _read(one), _read(other)
    apart = abs(first - second)
    return (
        unit == other_unit
        and 2 * apart <= max(step, other_step)
        and apart <= _ROUNDED * max(first, second)
    )


def _read(figure: str) -> tuple[Decimal, Decimal, str]:
    """Parse an amount into its value, the value of one in its last digit, and its unit."""
    digits, _, scale = figure.rstrip("%").partition(" ")
    number = Decimal(digits)
    factor = _SCALES.get(scale, Decimal(1))
    exponent = number.as_tuple().exponent
    step = Decimal(10) ** (exponent if isinstance(exponent, int) else 0)
    return number * factor, step * factor, "%" if figure.endswith("%") else ""


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
