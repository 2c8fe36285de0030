"""What a story is worth to all readers alike: its weight, its kind, and its subjects. Pure.

A house that is named only in the standfirst is mentioned in passing, as in a report on prices.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from digest.choosing.rank_points import (
    BELIEVED,
    LARGE,
    LARGEST,
    MOST_STEPS,
    NEWS,
    SOFT,
    STEP_OF_WEIGHT,
    STEPS_OF_ONE,
    WORTH,
)
from storage.model import Reason, ReasonKind, StoryKind
from storage.words.search_words import joined_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.choosing.category_kinds import CategoryKinds
    from storage.model import Article

_BUSINESS, _VIDEOS = "business", "videos"
_SOFT = frozenset({StoryKind.LIST, StoryKind.NOTICE, StoryKind.FEATURE})
_LEAD_NOTHING = frozenset({StoryKind.LIST, StoryKind.NOTICE, StoryKind.PEOPLE})
_EASTERN = re.compile(r"[\u3040-\u9fff]")
_QUESTION_MARKS = ("?", "\uff1f")

_COMPANY = Reason(ReasonKind.COMPANY, 1, WORTH)
_HOUSE = Reason(ReasonKind.HOUSE, 1, WORTH)
_QUESTION = Reason(ReasonKind.QUESTION, 1, -WORTH)


class NewsValue(NamedTuple):
    """What a story is worth, for all readers alike."""

    subjects: frozenset[str]
    """Slugs of the houses and groups that the story is about; see `is_about`."""
    points: tuple[Reason, ...]
    """The points for its event's weight, its title (no question) and its categories."""
    step: int
    """The steps that its event weighs."""
    may_lead: bool
    """Whether it may lead an edition with other news: no video, list, notice or people story."""
    no_news: bool


UNJUDGED = NewsValue(frozenset(), (), STEPS_OF_ONE, may_lead=True, no_news=False)


def step_of(weight: float | None) -> int:
    """Return how many steps a story weighs; without a weight, those of ordinary news."""
    return STEPS_OF_ONE if weight is None else min(int(weight * STEPS_OF_ONE), MOST_STEPS)


def is_no_news(article: Article) -> bool:
    """Return whether an article is a filler, or a list, notice or feature below weight 1."""
    if article.filler:
        return True
    soft = article.story_kind in _SOFT and _is_believed(article)
    return soft and step_of(article.weight) < STEPS_OF_ONE


def _is_believed(article: Article) -> bool:
    certainty = article.kind_certainty
    return certainty is None or certainty >= BELIEVED


def _steps(article: Article) -> int:
    step = step_of(article.weight)
    return max(step - SOFT, 0) if article.story_kind in _SOFT else step


def _heaviest(article: Article, reports: Sequence[Article]) -> tuple[int, Reason]:
    """Return the steps of an event's heaviest report, the one shown if several weigh the same."""
    step, heaviest = _steps(article), article
    for each in reports:
        if (other := _steps(each)) > step:
            step, heaviest = other, each
    return step, _weighs(step, heaviest.story_kind if _is_believed(heaviest) else None)


@lru_cache(maxsize=256)
def _weighs(step: int, kind: StoryKind | None) -> Reason:
    figure = sum(step >= each for each in (NEWS, LARGE, LARGEST))
    return Reason(ReasonKind.WEIGHT, figure, STEP_OF_WEIGHT * step, kind or "")


def news_value(
    article: Article, kinds: CategoryKinds, reports: Sequence[Article] = ()
) -> NewsValue:
    """Return what a story is worth, of whose event there are some reports."""
    categories = article.categories
    step, weight = _heaviest(article, reports)
    subjects = frozenset(
        [
            slug
            for slug in categories
            if (slug in kinds.houses or slug in kinds.groups) and is_about(article, slug, kinds)
        ]
    )
    found = [weight]
    if _BUSINESS in categories and any(
        slug in kinds.sections and slug != _BUSINESS for slug in categories
    ):
        found.append(_COMPANY)
    if not kinds.houses.isdisjoint(subjects):
        found.append(_HOUSE)
    if any(mark in article.title for mark in _QUESTION_MARKS):
        found.append(_QUESTION)
    return NewsValue(
        subjects,
        tuple(found),
        step,
        may_lead=article.story_kind not in _LEAD_NOTHING and _VIDEOS not in categories,
        no_news=is_no_news(article),
    )


def is_about(article: Article, name: str, kinds: CategoryKinds) -> bool:
    """Return whether a house or group is more than mentioned in passing in a story filed under it.

    It is mentioned in passing if the standfirst has its name and the title does not. A group also
    goes by the names of its houses. In titles with Chinese or Japanese characters, which write a
    house's name in many ways, nothing is mentioned in passing.
    """
    if _EASTERN.search(article.title):
        return True
    sought = _spellings(name, kinds.names.get(name, ()))
    if name in kinds.groups:
        for slug in article.categories:
            if (slug, name) in kinds.members:
                sought += _spellings(slug, kinds.names.get(slug, ()))
    title, standfirst = _words(article.title), _words(article.standfirst)
    return any(each in title for each in sought) or not any(each in standfirst for each in sought)


@lru_cache(maxsize=4_096)
def _words(text: str) -> str:
    return f" {joined_tokens(text)} "


@lru_cache(maxsize=4_096)
def _spellings(slug: str, names: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    for name in (slug.replace("-", " "), *names):
        words = joined_tokens(name)
        if words:
            found += [f" {words}"] if name.endswith("*") else [f" {words} ", f" {words}s "]
    return tuple(dict.fromkeys(found))
