"""A thin edition, filled up with the best that the reader's last editions left out. Pure.

What an edition left out follows from its taste, its places and the articles it showed, which are in
the ledger. So readers whose last editions agree get the same stories.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from digest.choosing.news_value import is_no_news
from digest.choosing.ranking import is_last_resort, matches, span, window
from digest.editions.first_edition import FEWEST, FIRST, was_filled, with_stories
from storage.model import STILL_WORTH, EditionSection, SentEdition

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import timedelta

    from digest.choosing.edition import CandidatePool
    from digest.editions.recent_articles import RecentArticles
    from storage.model import Article, Delivery, Edition, EditionStory, Taste

EDITIONS = 3
"""Number of a reader's last editions whose left-out stories may fill the next one up."""


class Earlier(NamedTuple):
    """One of a reader's last editions, with the taste at that time."""

    edition: SentEdition
    taste: Taste


def room_in(edition: Edition, row: Delivery, size: int) -> int:
    """Return how many stories of earlier editions a row's edition has room for.

    An edition with fewer than `FEWEST` new stories is filled up. One without any is filled only if
    the reader asked for it.
    """
    new = len(edition.stories)
    if not row.place_from or not (new or row.asked):
        return 0
    return max(0, min(FEWEST, size) - new)


def left_out_of(
    earlier: Iterable[Earlier], taste: Taste, recent: RecentArticles, known: Iterable[Article]
) -> set[int]:
    """Return the events that earlier editions left out, but no backlog of a new source."""
    found: set[int] = set()
    for edition, taste_then in earlier:
        since = edition.due - _window(edition, taste_then, recent)
        for each in recent.followed(taste, edition.place_from, edition.place_to):
            suited = taste_then is taste or matches(each, taste_then)
            if suited and each.published >= since and not is_last_resort(each, (each,), taste):
                found.add(each.event)
    return found.difference(each.event for each in known)


def _window(edition: SentEdition, taste: Taste, recent: RecentArticles) -> timedelta:
    if not edition.place_from and was_filled(recent.among(edition.articles), taste, edition.due):
        return FIRST
    return window(edition.since, edition.due)


def filled_up(  # noqa: PLR0917 - the input of the choice
    edition: Edition,
    row: Delivery,
    taste: Taste,
    earlier: Sequence[Earlier],
    recent: RecentArticles,
    room: int,
    pool: Callable[[int, int], CandidatePool],
    *,
    had: Collection[int],
    shown_earlier: Iterable[Article],
) -> Edition:
    """Return an edition with the best stories that earlier ones left out at its end.

    `pool` returns the articles between two places; `had` were received in another way, as alerts.
    """
    new = [story.article for story in edition.stories]
    shown = {number for each, _ in earlier for number in each.articles}
    left_out = left_out_of(earlier, taste, recent, (*new, *recent.among(shown.union(had))))
    if not left_out:
        return edition
    place_from = min(each.place_from for each, _ in earlier)
    still = pool(place_from, row.place_from).edition(
        taste,
        size=room,
        place_from=place_from,
        shown_earlier=(*shown_earlier, *new),
        language=row.language,
        among=left_out,
    )
    return _with_still(edition, still, row)


def _with_still(edition: Edition, still: Edition, row: Delivery) -> Edition:
    """Return a row's edition with the stories of `still` at its end.

    They are under `STILL_WORTH`, or under their categories if the edition has no others.
    """
    placed = [
        (category, as_still(story))
        for category, story in still.placed()
        if not is_no_news(story.article)
    ]
    if not placed:
        return edition
    if edition.lead is None:
        covers = span(window(row.since, row.due))
        edition = replace(edition, span=covers, since=row.since)
        return replace(with_stories(edition, placed), still=len(placed))
    added = EditionSection(STILL_WORTH, tuple(story for _, story in placed))
    filled = [each for each in edition.sections if each.stories]
    counted = [each for each in edition.sections if not each.stories]
    return replace(edition, sections=(*filled, added, *counted), still=len(placed))


def count_still(shown: Sequence[Article], row: Delivery) -> int:
    """Return how many stories at the end of an edition earlier ones had left out.

    All others, without editors' lead stories, arrived after the edition before it.
    """
    return sum(1 for _ in takewhile(lambda each: each.id <= row.place_from, reversed(shown)))


def as_still(story: EditionStory) -> EditionStory:
    """Return a story as it looks among those that earlier editions left out."""
    # Which days a story ran over is said of the news of a week alone.
    return replace(story, coverage=None, update=False)
