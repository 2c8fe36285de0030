"""Which articles suit a reader, and the score and greatest age of a story in an edition. Pure."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from digest.choosing.news_value import UNJUDGED, is_no_news
from digest.choosing.rank_points import (
    DAILY,
    LAST,
    NEWS,
    PICTURE,
    QUICK,
    QUICK_MOST,
    STEP,
    STEP_OF_WEIGHT,
    WEEKLY,
    Weights,
)
from storage.model import Coverage, EditionStory, Reason, ReasonKind, Span, Taste
from storage.words.search_words import between, joined_tokens, muted, sought

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import datetime

    from digest.choosing.news_value import NewsValue
    from storage.model import Article
    from storage.model.desk_model import Pin

DAY = timedelta(days=1)
OLDEST = timedelta(days=3)
"""The greatest age of a story in a daily edition; it allows for sources that deliver late."""
LONGEST = timedelta(days=8)
"""The greatest age of a story in any edition: a week, and a day for sources that deliver late."""
WEIGHT_STEP = 15
"""Differences in weight below which a report's text and picture decide; see `best_for`."""
HOUR = timedelta(hours=1)
LEADS = Reason(ReasonKind.LEAD, 1, 0)
"""The reason of a lead story that editors chose: it comes first."""


QUICKLY = timedelta(hours=6)
"""The time after the first report in which further sources count as quick."""


@lru_cache(maxsize=1024)
def window(since: datetime | None, now: datetime) -> timedelta:
    """Return the greatest age of an edition's stories, in whole days.

    It is the time since the previous edition, and one more day for sources that deliver late; at
    least `OLDEST` and at most `LONGEST`.
    """
    if since is None:
        return OLDEST
    return min(max(-((since - now) // DAY) * DAY + DAY, OLDEST), LONGEST)


def covered_since(since: datetime | None, now: datetime) -> datetime | None:
    """Return the start of the time that an edition covers, or None for a first edition."""
    return None if since is None else max(since, now - LONGEST)


def span(oldest: timedelta) -> Span:
    """Return whether an edition with this window covers a day, some days or a week."""
    if oldest <= OLDEST:
        return Span.DAY
    return Span.DAYS if oldest <= OLDEST + 2 * DAY else Span.WEEK


class Candidate:
    """One event, represented by one of its reports, with its score."""

    __slots__ = (
        "_story",
        "article",
        "copies",
        "fresh",
        "is_news",
        "lead_order",
        "now",
        "oldest",
        "order",
        "points",
        "preferred",
        "update",
        "value",
    )

    def __init__(
        self,
        article: Article,
        copies: Sequence[Article],
        now: datetime,
        oldest: timedelta,
        preferred: tuple[Reason, ...] = (),
        *,
        value: NewsValue = UNJUDGED,
        update: bool = False,
    ) -> None:
        self.article = article
        self.copies = copies
        self.now = now
        self.oldest = oldest
        self.preferred = preferred
        self.value = value
        self.update = update
        self.fresh = now - article.published <= oldest
        weights = WEEKLY if span(oldest) is Span.WEEK else DAILY
        carried = _carried_points(copies, weights)
        suits = sum([each.points for each in preferred]) - (STEP if article.unsure else 0)
        self.points = (
            carried
            + _quick_points(copies)
            + _fresh_points(article, now, oldest, weights)
            + article.source_weight
            + (PICTURE if article.image else 0)
            + suits
            + sum([each.points for each in value.points])
        )
        self.order = (-self.points, -article.published.timestamp(), article.id)
        heavy = STEP_OF_WEIGHT * value.step + suits
        self.lead_order = (not value.may_lead, -heavy, -carried)
        """The order in which stories lead: the heaviest, then the most reported."""
        self.is_news = value.step >= NEWS and not article.is_doubtful
        """Whether its section has a place for it."""
        self._story: EditionStory | None = None

    @property
    def leads(self) -> bool:
        """Whether editors chose it as the lead story."""
        return LEADS in self.preferred

    def story(self) -> EditionStory:
        """Return the edition's story for this candidate."""
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
        # One source that reports it repeatedly does not make it a story that lasts for days.
        if sources == 1 or span(self.oldest) is Span.DAY:
            return None
        times = [each.published for each in self.copies if self.now - each.published <= self.oldest]
        return Coverage(min(times), max(times), sources)

    def _reasons(self) -> tuple[Reason, ...]:
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
        if article.unsure:
            reasons.append(Reason(ReasonKind.UNSURE, 1, -STEP))
        return (*reasons, *self.value.points, *self.preferred)


def preferences(article: Article, taste: Taste, houses: Collection[str]) -> tuple[Reason, ...]:
    """Return the points that a reader's "more" and "less" add to an article or deduct."""
    categories, source = article.categories, article.source_id
    found: list[Reason] = []
    # Most articles have none of these categories, so check that first.
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


_MORE_OF_SOURCE = Reason(ReasonKind.MORE_OF_SOURCE, 1, STEP)
_LESS_OF_SOURCE = Reason(ReasonKind.LESS_OF_SOURCE, 1, -STEP)


@lru_cache(maxsize=4096)
def _more_of(slug: str) -> Reason:
    return Reason(ReasonKind.MORE, 1, STEP, slug)


@lru_cache(maxsize=4096)
def _less_of(slug: str, *, is_house: bool) -> Reason:
    return Reason(ReasonKind.LESS, 1, -(LAST if is_house else STEP), slug)


def best_for(
    taste: Taste, language: str, quality: Callable[[Article], tuple[Any, ...]]
) -> Callable[[Article], tuple[Any, ...]]:
    """Return a sort key that puts the report to show this reader first, also in lists and cards.

    News comes before what is none. Then come sources that the reader prefers, articles that are
    free to read, those in the reader's language, and those of better quality.
    """
    less, more, own = taste.less_sources, taste.more_sources, {None, language}
    if not (less or more or language):
        return lambda article: (is_no_news(article), article.paywall, *quality(article))

    def chosen(article: Article) -> tuple[Any, ...]:
        return (
            is_no_news(article),
            article.source_id in less,
            article.source_id not in more,
            article.paywall,
            bool(language) and article.language not in own,
            *quality(article),
        )

    return chosen


def quality_in(*, private: bool) -> Callable[[Article], tuple[Any, ...]]:
    """Return a sort key that puts the best report first, whoever reads it.

    Weightier sources come first in steps of `WEIGHT_STEP`, then articles with a text that may be
    read in the chat, those with a picture, and weightier sources; among equals the earlier one.
    """

    def quality(article: Article) -> tuple[Any, ...]:
        weight = article.source_weight
        return (
            -(weight // WEIGHT_STEP),
            not (article.has_body and article.full_text.within(private=private)),
            article.picture_in(private=private) is None,
            -weight,
            article.published,
            article.id,
        )

    return quality


best = best_for(Taste(), "", quality_in(private=True))
"""The order of reports for a reader without preferences."""


def _sources(copies: Sequence[Article]) -> int:
    return len({each.source_id for each in copies})


def _voices(copies: Collection[Article]) -> int:
    """Return the number of sources; general papers, which report on everything, count as one."""
    return len({None if each.general else each.source_id for each in copies})


def _carried_points(copies: Sequence[Article], weights: Weights) -> int:
    return min(weights.carried * (_voices(copies) - 1), weights.carried_most)


def _quick(copies: Sequence[Article]) -> list[Article]:
    until = min(each.published for each in copies) + QUICKLY
    return [each for each in copies if each.published <= until]


def _quick_points(copies: Sequence[Article]) -> int:
    if len(copies) == 1:
        return 0
    return min(QUICK * (_voices(_quick(copies)) - 1), QUICK_MOST)


def _fresh_points(article: Article, now: datetime, oldest: timedelta, weights: Weights) -> int:
    age = min(max(now - article.published, timedelta(0)), oldest)
    return weights.fresh - weights.fresh * (age // HOUR) // (oldest // HOUR)


def matches(article: Article, taste: Taste) -> bool:
    """Return whether an article suits a taste: followed, in a language read, not muted."""
    return taste.follows_one_of(article.categories, article.words) and let_in(article, taste)


def let_in(article: Article, taste: Taste) -> bool:
    """Return whether no language, mute or hidden source of a taste excludes an article."""
    categories = article.categories
    if not taste.reads(article.language, article.words):
        return False
    if taste.muted_categories and not taste.muted_categories.isdisjoint(categories):
        return False
    if taste.muted_sources and article.source_id in taste.muted_sources:
        return False
    if not taste.muted_words:
        return True
    words = _words(article.title, article.standfirst)
    return not any(word in words for word in _sought(taste.muted_words))


def is_last_resort(article: Article, reports: Iterable[Article], taste: Taste) -> bool:
    """Return whether an edition shows an event only if nothing else is new.

    Its report is no news, or all its reports are doubtful and the one shown has no followed word.
    """
    if is_no_news(article):
        return True
    if not article.is_doubtful or (taste.words and taste.words_in(article.words)):
        return False
    return all(each.is_doubtful for each in reports)


@lru_cache(maxsize=16_384)
def _words(title: str, standfirst: str) -> str:
    return between(joined_tokens(title), joined_tokens(standfirst))


@lru_cache(maxsize=4_096)
def _sought(words: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(sought(word) for word in map(muted, words) if word))


def leads_for(pin: Pin, taste: Taste, at: datetime) -> bool:
    """Return whether a pinned story leads a reader's edition made at this time."""
    if not pin.created <= at < pin.until:
        return False
    return not pin.categories or not pin.categories.isdisjoint(taste.follows)


def leading(pins: Iterable[Pin], taste: Taste, at: datetime) -> Sequence[int]:
    """Return the ids of the articles that lead for a taste, the one pinned last first."""
    return [pin.article_id for pin in pins if leads_for(pin, taste, at)]
