"""A reader's first edition, topped up where what they follow has little news. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from digest.choosing.edition import CandidatePool
from storage.model import Edition, EditionSection

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime, timedelta

    from digest.choosing.kinds import Kinds
    from storage.model import Article, EditionStory, Taste

STARTERS = ("style", "motor", "business")
"""What somebody follows who leaves the choice to us: sections that have news every day."""
FEWEST = 5
"""Stories without which a first edition is a poor one."""
POOL = 400
"""The newest articles, from which it is topped up."""


def topped_up(
    edition: Edition,
    taste: Taste,
    articles: Sequence[Article],
    *,
    size: int,
    now: datetime,
    oldest: timedelta,
    kinds: Kinds,
    exclude: Collection[int],
    language: str,
) -> Edition:
    """A first edition with some of the starters' news, then of the latest, if it has little.

    Articles count that came with a source's first round, too: nobody was told of them before.

    Args:
        edition: What the reader follows has brought.
        taste: What the reader chose; what it mutes, and languages that it leaves out, stay out.
        articles: Those of the last days, in the order of their ids.
        size: At most so many stories.
        now: The edition's own time.
        oldest: How old a story may be.
        kinds: Which categories are houses, and which are followed by name.
        exclude: Ids of articles whose stories the reader has had.
        language: The reader's own: of an event, its tellings come first.
    """
    missing = min(FEWEST, size) - len(edition.stories)
    if missing <= 0:
        return edition
    pool = [replace(each, backlog=False) for each in articles[-POOL:]]
    candidates = CandidatePool(pool, now=now, oldest=oldest, kinds=kinds)
    shown = [story.article for story in edition.stories]
    added: list[tuple[str, EditionStory]] = []
    # A house that nobody chose has no more room than others.
    foreign = kinds.houses - taste.follows
    for follows in (STARTERS, {slug for each in pool for slug in each.categories} - foreign):
        had = [*shown, *(story.article for _, story in added)]
        events = {each.event for each in had}
        more = candidates.edition(
            replace(taste, follows=frozenset(follows), words=frozenset()),
            size=missing - len(added),
            place_from=0,
            exclude={*exclude, *(each.id for each in (*pool, *had) if each.event in events)},
            shown_earlier=had,
            language=language,
        )
        added += more.placed()
    return _with(edition, added) if added else edition


def _with(edition: Edition, added: Sequence[tuple[str, EditionStory]]) -> Edition:
    """An edition with more stories, behind those that it had."""
    lead, lead_category, rest = edition.lead, edition.lead_category, list(added)
    if lead is None:
        (lead_category, lead), *rest = rest
    # What only counts stories that were left out stands at the end.
    filled = {each.category: each for each in edition.sections if each.stories}
    counted = {each.category: each for each in edition.sections if not each.stories}
    for category, story in rest:
        section = filled.get(category) or counted.pop(category, EditionSection(category, ()))
        filled[category] = section._replace(stories=(*section.stories, story))
    return replace(
        edition,
        lead=lead,
        lead_category=lead_category,
        sections=(*filled.values(), *counted.values()),
        added=len(added),
    )
