"""By which of its tellings an event stands in a list, and who else tells it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.choosing.edition import let_in, matches
from digest.choosing.ranking import DAY, best_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from storage.model import Article, Taste


@dataclass(frozen=True, slots=True)
class ListedStory:
    """One story of a list."""

    article: Article
    """The one of its articles that is shown."""
    also_in: tuple[str, ...] = ()
    """Names of other sources that tell it, the weightiest first."""
    newest: datetime | None = None
    """When the article was published by which it has its place; None for the one shown."""

    @property
    def at(self) -> datetime:
        """The moment by which it has its place."""
        return self.newest or self.article.published


def as_listed(
    found: Sequence[Article],
    reports: Iterable[Article],
    reader: Taste,
    among: Taste | None,
    language: str,
) -> list[ListedStory]:
    """What was found as stories of a list, each with who else tells it. Pure.

    Args:
        found: One article of each event.
        reports: Every article of these events.
        reader: What the reader chose: hidden sources are left out.
        among: What the list is made of; its best telling shows an event then. None where exactly
            what was found is meant.
        language: The reader's own.
    """
    events: defaultdict[int, list[Article]] = defaultdict(list)
    for article in reports:
        events[article.event].append(article)
    stories = []
    for each in found:
        event = seen(each, events[each.event], reader)
        shown = each if among is None else best_report(each, event, among, language)
        stories.append(ListedStory(shown, other_sources(shown, event), each.published))
    return stories


def seen(article: Article, event: Iterable[Article], taste: Taste) -> list[Article]:
    """An event without what hidden sources tell of it, but for the article itself. Pure."""
    off = taste.muted_sources
    return [each for each in event if each.id == article.id or each.source_id not in off]


def best_report(article: Article, event: Iterable[Article], among: Taste, language: str) -> Article:
    """The telling by which an event is shown, by `best_for`; among those of the list. Pure.

    It is of the last day before the one by which the event has its place: what was told longer ago
    may be over.
    """
    suits = matches if among.follows_anything else let_in
    since = article.published - DAY
    suited = [each for each in event if each.published >= since and suits(each, among)]
    return min((article, *suited), key=best_for(among, language))


def other_sources(article: Article, event: Iterable[Article]) -> tuple[str, ...]:
    """The names of the sources that tell of an article's event as well, the weightiest first."""
    others = (each for each in event if each.source_id != article.source_id)
    by_weight = sorted(others, key=lambda each: -each.source_weight)
    return tuple(dict.fromkeys(each.source for each in by_weight))
