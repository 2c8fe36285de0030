"""The report that represents an event in a list, and the event's other sources."""

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
    """The article that is shown."""
    also_in: tuple[str, ...] = ()
    """Names of other sources that report it, the one with the most weight first."""
    newest: datetime | None = None
    """Publication time of the article that sets the story's place; None if it is the one shown."""

    @property
    def at(self) -> datetime:
        """The time that sets the story's place in the list."""
        return self.newest or self.article.published


def as_listed(
    found: Sequence[Article],
    reports: Iterable[Article],
    reader: Taste,
    among: Taste | None,
    language: str,
) -> list[ListedStory]:
    """Return the stories of a list, each with the other sources that report it. Pure.

    Args:
        found: One article of each event.
        reports: Every article of these events.
        reader: The reader's choices; sources that the reader hides are left out.
        among: The choices that define the list; the best report that fits them represents an event.
            None shows exactly the articles found.
        language: The reader's language.
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
    """Return an event's reports without those of hidden sources, but with the article. Pure."""
    off = taste.muted_sources
    return [each for each in event if each.id == article.id or each.source_id not in off]


def best_report(article: Article, event: Iterable[Article], among: Taste, language: str) -> Article:
    """Return the report that represents an event in a list, ranked by `best_for`. Pure.

    Only reports that fit the list and are at most a day older than the given article are
    considered, because an older report may be out of date.

    Args:
        article: The report that sets the event's place in the list.
        event: Every report of the event.
        among: The choices that define the list.
        language: The reader's language.
    """
    suits = matches if among.follows_anything else let_in
    since = article.published - DAY
    suited = [each for each in event if each.published >= since and suits(each, among)]
    return min((article, *suited), key=best_for(among, language))


def other_sources(article: Article, event: Iterable[Article]) -> tuple[str, ...]:
    """Return the names of the other sources that report an event, by falling weight."""
    others = (each for each in event if each.source_id != article.source_id)
    by_weight = sorted(others, key=lambda each: -each.source_weight)
    return tuple(dict.fromkeys(each.source for each in by_weight))
