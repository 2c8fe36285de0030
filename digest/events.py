"""What of an event a reader has had, and what in it is still news. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from digest.ranking import best

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from storage.model import Article

LATER = timedelta(hours=6)
"""How much later than what was told something new is an update rather than the same news."""


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
    names a house or an amount that nothing before it did; never a copy of what was told.

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
            not figures.issuperset(each.figures)
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
