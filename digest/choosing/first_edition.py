"""A reader's first edition, topped up if their categories have little news. Pure."""

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
"""Default categories for a reader who chooses none: sections that have news every day."""
FEWEST = 5
"""Stories below which a first edition is topped up."""
POOL = 400
"""Newest articles from which a first edition is topped up."""


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
    """Add news of the starter categories, then the latest news, to a short first edition.

    Articles from a source's first fetch count too: no reader was sent them before.

    Args:
        edition: The edition chosen from what the reader follows.
        taste: The reader's choices; its mutes and languages apply to the added stories too.
        articles: Articles of the last days, ordered by id.
        size: Maximum number of stories of the edition.
        now: The edition's own time.
        oldest: The greatest age of a story.
        kinds: The categories that are houses or groups.
        exclude: Ids of articles that the reader has received.
        language: The reader's language; reports in it represent an event first.
    """
    missing = min(FEWEST, size) - len(edition.stories)
    if missing <= 0:
        return edition
    pool = [replace(each, backlog=False) for each in articles[-POOL:]]
    candidates = CandidatePool(pool, now=now, oldest=oldest, kinds=kinds)
    shown = [story.article for story in edition.stories]
    added: list[tuple[str, EditionStory]] = []
    # Following a house lifts the limit on its stories, so don't follow houses for the reader.
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
    """Return an edition with stories added after its own."""
    lead, lead_category, rest = edition.lead, edition.lead_category, list(added)
    if lead is None:
        (lead_category, lead), *rest = rest
    # Sections that only count stories left out come at the end.
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
