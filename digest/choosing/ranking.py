"""What gives a story its place in an edition, and how old it may be. Pure."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from storage.model import Coverage, EditionStory, Reason, ReasonKind, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from storage.model import Article, Taste

DAY = timedelta(days=1)
OLDEST = timedelta(days=3)
"""Nothing older is news in an edition of a day, which tells late what a source brought late."""
LONGEST = timedelta(days=8)
"""Nor in any other: a week, and a day for what came late."""
# What a story's place is made of, in points.
PICTURE = 5
PREFERRED = 60
"""For each category, and for the source, that the reader wants more of; as much off for less."""
LAST = 1000
"""Off for a house that the reader wants less of: after everything else."""

HOUR = timedelta(hours=1)


class Weights(NamedTuple):
    """What depends on how much time an edition covers, in points."""

    carried: int
    """For each further source; papers of all kinds are one."""
    carried_most: int
    fresh: int
    """For what is new; down to nothing for what is as old as may be."""


DAILY = Weights(carried=20, carried_most=80, fresh=60)
WEEKLY = Weights(carried=30, carried_most=180, fresh=30)
"""What many tell is a week's news, whichever of its days it is from."""
QUICK, QUICK_MOST = 5, 25
"""For each further source that had it within `QUICKLY` of the first."""
QUICKLY = timedelta(hours=6)
"""What comes later is no sign of haste."""


@lru_cache(maxsize=1024)
def window(since: datetime | None, now: datetime) -> timedelta:
    """How old a story of an edition may be, in whole days.

    It is the time since the edition before, and a day for what came late.

    Args:
        since: When the edition before was due; None for a first one.
        now: When this one is.
    """
    if since is None:
        return OLDEST
    return min(max(-((since - now) // DAY) * DAY + DAY, OLDEST), LONGEST)


def covered_since(since: datetime | None, now: datetime) -> datetime | None:
    """Since when an edition tells what is new; None for a first one.

    Args:
        since: When the edition before was due: it may have been longer ago than a story may be old.
        now: When this one is.
    """
    return None if since is None else max(since, now - LONGEST)


def span(oldest: timedelta) -> Span:
    """How much time an edition of this window covers."""
    if oldest <= OLDEST:
        return Span.DAY
    return Span.DAYS if oldest <= OLDEST + 2 * DAY else Span.WEEK


class Candidate:
    """One story, as a certain copy of it tells it."""

    __slots__ = (
        "_story",
        "article",
        "copies",
        "fresh",
        "now",
        "oldest",
        "order",
        "points",
        "preferred",
        "update",
    )

    def __init__(
        self,
        article: Article,
        copies: Sequence[Article],
        now: datetime,
        oldest: timedelta,
        preferred: tuple[Reason, ...] = (),
        *,
        update: bool = False,
    ) -> None:
        self.article = article
        self.copies = copies
        self.now = now
        self.oldest = oldest
        self.preferred = preferred
        self.update = update
        self.fresh = now - article.published <= oldest
        weights = WEEKLY if span(oldest) is Span.WEEK else DAILY
        self.points = (
            _carried_points(copies, weights)
            + _quick_points(copies)
            + _fresh_points(article, now, oldest, weights)
            + article.source_weight
            + (PICTURE if article.image else 0)
            + sum(each.points for each in preferred)
        )
        self.order = (-self.points, -article.published.timestamp(), article.id)
        self._story: EditionStory | None = None

    def story(self) -> EditionStory:
        """The story for an edition."""
        if self._story is None:
            article = self.article
            others = sorted(
                (each for each in self.copies if each.source_id != article.source_id),
                key=lambda each: (-each.source_weight, each.source, each.id),
            )
            also_in = tuple(dict.fromkeys(each.source for each in others))
            self._story = EditionStory(
                article, also_in, self._reasons(), self._coverage(), self.update
            )
        return self._story

    def _coverage(self) -> Coverage | None:
        sources = _sources(self.copies)
        # Who goes on about it alone, or brings it twice, does not make it a story of days.
        if sources == 1 or span(self.oldest) is Span.DAY:
            return None
        times = [each.published for each in self.copies if self.now - each.published <= self.oldest]
        return Coverage(min(times), max(times), sources)

    def _reasons(self) -> tuple[Reason, ...]:
        """What the story's place is made of."""
        article = self.article
        weights = WEEKLY if span(self.oldest) is Span.WEEK else DAILY
        age = max(self.now - article.published, timedelta(0)) // HOUR
        fresh = _fresh_points(article, self.now, self.oldest, weights)
        reasons = [
            Reason(ReasonKind.AGE, age, fresh),
            Reason(ReasonKind.SOURCE, article.source_weight, article.source_weight),
        ]
        if carried := _carried_points(self.copies, weights):
            reasons.append(Reason(ReasonKind.CARRIED, _sources(self.copies), carried))
        if quick := _quick_points(self.copies):
            reasons.append(Reason(ReasonKind.QUICK, _sources(_quick(self.copies)), quick))
        if article.image:
            reasons.append(Reason(ReasonKind.PICTURE, 1, PICTURE))
        return (*reasons, *self.preferred)


def preferences(article: Article, taste: Taste, houses: Collection[str]) -> tuple[Reason, ...]:
    """What a reader's more and less do to an article's place."""
    categories, source = article.categories, article.source_id
    found: list[Reason] = []
    # Most articles are about nothing of it, which has to be known quickly.
    if not (taste.more.isdisjoint(categories) and taste.less.isdisjoint(categories)):
        for slug in categories:
            if slug in taste.more:
                found.append(_more_of(slug))
            elif slug in taste.less:
                found.append(_less_of(slug, is_house=slug in houses))
    if source in taste.more_sources:
        found.append(_MORE_OF_SOURCE)
    elif source in taste.less_sources:
        found.append(_LESS_OF_SOURCE)
    return tuple(found)


_MORE_OF_SOURCE = Reason(ReasonKind.MORE_OF_SOURCE, 1, PREFERRED)
_LESS_OF_SOURCE = Reason(ReasonKind.LESS_OF_SOURCE, 1, -PREFERRED)


@lru_cache(maxsize=4096)
def _more_of(slug: str) -> Reason:
    return Reason(ReasonKind.MORE, 1, PREFERRED, slug)


@lru_cache(maxsize=4096)
def _less_of(slug: str, *, is_house: bool) -> Reason:
    return Reason(ReasonKind.LESS, 1, -(LAST if is_house else PREFERRED), slug)


def best_for(taste: Taste, language: str) -> Callable[[Article], tuple[Any, ...]]:
    """Whose telling a reader sees, by `best`, once the reader's own choice of sources is met.

    Args:
        taste: What the reader chose.
        language: The reader's own, whose tellings come before others that are as free to read;
            "" for none.
    """
    if not (taste.more_sources or taste.less_sources or language):
        return best

    less, more, own = taste.less_sources, taste.more_sources, {None, language}

    def chosen(article: Article) -> tuple[Any, ...]:
        return (
            article.filler,
            article.source_id in less,
            article.source_id not in more,
            article.paywall,
            bool(language) and article.language not in own,
            *best(article),
        )

    return chosen


def best(article: Article) -> tuple[bool, bool, int, bool, datetime, int]:
    """Whose telling readers see: one with news, a free one, the weightiest, one pictured."""
    return (
        article.filler,
        article.paywall,
        -article.source_weight,
        article.image is None,
        article.published,
        article.id,
    )


def _sources(copies: Sequence[Article]) -> int:
    return len({each.source_id for each in copies})


def _voices(copies: Collection[Article]) -> int:
    """How many speak, papers of all kinds together as one: they write of whatever others do."""
    return len({None if each.general else each.source_id for each in copies})


def _carried_points(copies: Sequence[Article], weights: Weights) -> int:
    return min(weights.carried * (_voices(copies) - 1), weights.carried_most)


def _quick(copies: Sequence[Article]) -> list[Article]:
    """The tellings within hours of the first."""
    until = min(each.published for each in copies) + QUICKLY
    return [each for each in copies if each.published <= until]


def _quick_points(copies: Sequence[Article]) -> int:
    if len(copies) == 1:
        return 0
    return min(QUICK * (_voices(_quick(copies)) - 1), QUICK_MOST)


def _fresh_points(article: Article, now: datetime, oldest: timedelta, weights: Weights) -> int:
    age = min(max(now - article.published, timedelta(0)), oldest)
    return weights.fresh - weights.fresh * (age // HOUR) // (oldest // HOUR)
