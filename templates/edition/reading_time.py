"""How long an edition takes to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.model import Edition, EditionStory

LEAD, STORY = 300, 160
"""Maximum number of characters of a standfirst that count, for the lead and for other stories."""
A_MINUTE = 1_000
"""Characters that a reader takes in within a minute, about two hundred words."""
DENSE = 3
"""Characters of an alphabet that take as long to read as one Chinese or Japanese character."""
_DENSE_LANGUAGES = frozenset({"zh", "ja"})


def reading_minutes(edition: Edition, *, standfirsts: bool = True) -> int:
    """Return the minutes in which an edition can be read, rounded up; 0 without stories.

    Args:
        edition: The stories.
        standfirsts: Whether they are shown with their standfirsts.
    """
    length = sum(_length(story, STORY, standfirsts=standfirsts) for story in edition.stories)
    if edition.lead is not None and standfirsts:
        length += max(0, min(len(edition.lead.article.standfirst), LEAD) - STORY)
    return -(-length // A_MINUTE)


def _length(story: EditionStory, most: int, *, standfirsts: bool) -> int:
    article = story.article
    shown = len(article.title) + (min(len(article.standfirst), most) if standfirsts else 0)
    return shown * DENSE if article.language in _DENSE_LANGUAGES else shown
