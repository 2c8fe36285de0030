"""What of an event a reader has had, and what in it is still news. Pure."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from digest.choosing.ranking import best

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from storage.model import Article

LATER = timedelta(hours=6)
"""How much later than what was told something new is an update rather than the same news."""
_ROUNDED = Decimal("0.05")
"""So much of an amount at most is rounded off: who says 2 billion for 1.6 says something else."""
_SCALES = {"million": Decimal(10**6), "billion": Decimal(10**9), "trillion": Decimal(10**12)}


class News(NamedTuple):
    """The tellings of an event from which a reader is shown one."""

    articles: Sequence[Article]
    """In the order of their ids; none where there is nothing to add to what was told."""
    update: bool = False
    """Whether the reader was told of the event before."""
    known_before: Article | None = None
    """Then by which article, as far as the archive knows."""


def news_of(
    copies: Sequence[Article],
    suiting: Sequence[Article],
    *,
    place_from: int,
    exclude: Collection[int],
    houses: Collection[str],
) -> News:
    """What of an event is news to a reader.

    All that suits, where nothing was told. After that, what comes six hours later or more and
    names a house or an amount that nothing before it did, not even rounded; never a copy of what
    was told.

    Args:
        copies: All articles of the event, in the order of their ids.
        suiting: Those that suit the reader.
        place_from: What has this id or a smaller one was there for an earlier edition.
        exclude: Ids of articles that the reader had otherwise.
        houses: Slugs of the categories that are houses.
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
    """The tellings of an event by which a reader knows it already; see `news_of`."""
    found = [each for each in suiting if each.id <= place_from]
    if exclude:
        # As an alert, or chosen in another way, it was had, whatever suits by now.
        there = {each.id for each in found}
        found += [each for each in copies if each.id in exclude and each.id not in there]
    return found


def is_new_amount(figure: str, known: Collection[str]) -> bool:
    """Whether an amount is none of those that are known, rounded differently.

    Args:
        figure: As it stands in `Article.figures`: `1.25 billion`, `9.6%`, `250000`.
        known: Others.
    """
    return figure not in known and not any(_is_rounded(figure, each) for each in known)


@lru_cache(maxsize=4_096)
def _is_rounded(one: str, other: str) -> bool:
    """Whether one of two amounts is the other with fewer digits."""
    (first, step, unit), (second, other_step, other_unit) = _read(one), _read(other)
    apart = abs(first - second)
    return (
        unit == other_unit
        and 2 * apart <= max(step, other_step)
        and apart <= _ROUNDED * max(first, second)
    )


def _read(figure: str) -> tuple[Decimal, Decimal, str]:
    """An amount, what its last digit stands for, and its unit."""
    digits, _, scale = figure.rstrip("%").partition(" ")
    number = Decimal(digits)
    factor = _SCALES.get(scale, Decimal(1))
    exponent = number.as_tuple().exponent
    step = Decimal(10) ** (exponent if isinstance(exponent, int) else 0)
    return number * factor, step * factor, "%" if figure.endswith("%") else ""
