"""One subscriber's edition: which stories, in which order, and why. Pure.

Equal input gives an equal edition, on every machine and at every time: nothing here asks a clock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from storage.model import Edition, EditionSection, EditionStory
from storage.search import between, muted, tokens

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from storage.model import Article, Taste

OLDEST = timedelta(days=3)
"""Nothing older is news."""
FROM_ONE = 3
"""Stories from one house or one source in one edition."""

# What a story's place is made of, in points.
CARRIED = 20
CARRIED_MOST = 80
FRESH = 60
PICTURE = 5
PINNED = 1000

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A story that an edition could tell."""

    points: int
    article: Article
    category: str
    carried_by: int
    copies: tuple[Article, ...]


def matches(article: Article, taste: Taste) -> bool:
    """Whether an article suits a taste: followed, in a language that is read, and not muted."""
    categories = article.categories
    if taste.follows.isdisjoint(categories):
        return False
    if taste.languages and article.language and article.language not in taste.languages:
        return False
    if taste.muted_categories and not taste.muted_categories.isdisjoint(categories):
        return False
    if not taste.muted_words:
        return True
    words = _words(article.title, article.standfirst)
    return not any(sought in words for sought in _sought(taste.muted_words))


def choose(
    candidates: Iterable[Article],
    siblings: Iterable[Article],
    taste: Taste,
    *,
    now: datetime,
    size: int,
    place_from: int,
    exclude: Collection[int] = (),
    houses: Collection[str] = frozenset(),
) -> Edition:
    """Choose and order the stories of one edition.

    Args:
        candidates: Articles that came after the edition before; others among them are left out.
        siblings: All articles of the candidates' stories, whenever they came.
        taste: What the reader chose.
        now: The edition's own time, which age is counted from.
        size: At most so many stories.
        place_from: What has this id or a smaller one was there for the edition before.
        exclude: Ids of articles whose stories the reader has had already, as alerts.
        houses: Slugs of the categories of which one edition has at most three stories.

    Returns:
        The edition; without a lead and without sections when there is nothing to tell.
    """
    stories: defaultdict[int, dict[int, Article]] = defaultdict(dict)
    for article in (*candidates, *siblings):
        stories[article.story_id][article.id] = article
    ranked = []
    for copies in stories.values():
        story = _rank(tuple(copies.values()), taste, now, place_from, exclude)
        if story is not None:
            ranked.append(story)
    ranked.sort(key=_order)
    chosen, left_out = _within_caps(ranked, size, houses)
    if not chosen:
        return Edition(None, ())
    return _laid_out(chosen, left_out, now)


def _rank(
    copies: tuple[Article, ...],
    taste: Taste,
    now: datetime,
    place_from: int,
    exclude: Collection[int],
) -> _Ranked | None:
    """What a story is worth to this reader; None when it is none for this edition."""
    suiting = [each for each in copies if not each.backlog and matches(each, taste)]
    if not suiting or any(each.id <= place_from for each in suiting):
        return None
    if exclude and any(each.id in exclude for each in copies):
        return None
    oldest = now - OLDEST
    fresh = [each for each in suiting if each.published >= oldest]
    if not fresh:
        return None
    best = min(fresh, key=_best)
    carried_by = len({each.source_id for each in copies})
    points = (
        _carried_points(carried_by)
        + _fresh_points(best, now)
        + best.source_weight
        + (PICTURE if best.image else 0)
        + (PINNED if any(each.pinned for each in fresh) else 0)
    )
    category = next(slug for slug in best.categories if slug in taste.follows)
    return _Ranked(points, best, category, carried_by, copies)


def _best(article: Article) -> tuple[bool, int, bool, datetime, int]:
    """Whose telling readers see: an editor's choice, the weightiest source, one with a picture."""
    return (
        not article.pinned,
        -article.source_weight,
        article.image is None,
        article.published,
        article.id,
    )


def _order(story: _Ranked) -> tuple[int, float, int]:
    return (-story.points, -story.article.published.timestamp(), story.article.id)


def _carried_points(sources: int) -> int:
    return min(CARRIED * (sources - 1), CARRIED_MOST)


def _fresh_points(article: Article, now: datetime) -> int:
    """From `FRESH` for what is new down to nothing for what is three days old."""
    age = min(max(now - article.published, timedelta(0)), OLDEST)
    return FRESH - FRESH * (age // HOUR) // (OLDEST // HOUR)


def _within_caps(
    ranked: Sequence[_Ranked], size: int, houses: Collection[str]
) -> tuple[list[_Ranked], Counter[str]]:
    """The best ones that leave room for others, and how many more each category had."""
    chosen: list[_Ranked] = []
    left_out: Counter[str] = Counter()
    by_source: Counter[int] = Counter()
    by_house: Counter[str] = Counter()
    for story in ranked:
        article = story.article
        of = [slug for slug in article.categories if slug in houses]
        if (
            len(chosen) >= size
            or by_source[article.source_id] >= FROM_ONE
            or any(by_house[house] >= FROM_ONE for house in of)
        ):
            left_out[story.category] += 1
            continue
        by_source[article.source_id] += 1
        by_house.update(of)
        chosen.append(story)
    return chosen, left_out


def _laid_out(chosen: Sequence[_Ranked], left_out: Counter[str], now: datetime) -> Edition:
    """The lead, then the others under their categories, in the order of each one's best story.

    A category of which only what was left out remains stands at the end, without stories.
    """
    lead, *rest = chosen
    under: dict[str, list[_Ranked]] = {}
    for story in rest:
        under.setdefault(story.category, []).append(story)
    for category in sorted(left_out):
        under.setdefault(category, [])
    sections = tuple(
        EditionSection(category, tuple(_told(story, now) for story in stories), left_out[category])
        for category, stories in under.items()
    )
    return Edition(_told(lead, now), sections)


def _told(story: _Ranked, now: datetime) -> EditionStory:
    article = story.article
    others = sorted(
        (each for each in story.copies if each.source_id != article.source_id),
        key=lambda each: (-each.source_weight, each.source, each.id),
    )
    return EditionStory(
        article, tuple(dict.fromkeys(each.source for each in others)), _reasons(story, now)
    )


def _reasons(story: _Ranked, now: datetime) -> tuple[str, ...]:
    """Why the story stands where it stands, for the operator."""
    article = story.article
    reasons = [f"follows {story.category}"]
    if any(each.pinned for each in story.copies):
        reasons.append(f"pinned by an editor (+{PINNED})")
    if story.carried_by > 1:
        reasons.append(f"{story.carried_by} sources (+{_carried_points(story.carried_by)})")
    age = max(now - article.published, timedelta(0)) // HOUR
    reasons.extend(
        (
            f"{age} h old (+{_fresh_points(article, now)})",
            f"weight of {article.source} (+{article.source_weight})",
        )
    )
    if article.image:
        reasons.append(f"has a picture (+{PICTURE})")
    return tuple(reasons)


@lru_cache(maxsize=16_384)
def _words(title: str, standfirst: str) -> str:
    return between(tokens(title), tokens(standfirst))


@lru_cache(maxsize=4_096)
def _sought(words: frozenset[str]) -> tuple[str, ...]:
    """Muted words as they stand in `_words`."""
    return tuple(sorted(f" {word} " for word in map(muted, words) if word))
