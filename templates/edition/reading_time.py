"""How long an edition takes to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.model import Edition, EditionStory

LEAD, STORY = 300, 160
"""Most characters of a standfirst in a plain edition: of the lead and top stories, of others."""
A_MINUTE = 1_000
"""Characters that a reader takes in within a minute, about two hundred words."""
DENSE = 3
"""Characters of an alphabet that take as long to read as one Chinese or Japanese character."""
_DENSE_LANGUAGES = frozenset({"zh", "ja"})


def reading_minutes(edition: Edition, *, lead: int = LEAD, story: int = STORY) -> int:
    """Return the minutes in which the stories shown can be read, rounded up; 0 without stories.

    `lead` and `story` are the characters of a standfirst shown at most. Stories left out do not
    count, although some unfold.
    """
    stories = edition.stories
    big = bool(edition.lead) + sum(len(section.stories) for section in edition.top)
    length = sum(_length(each, lead) for each in stories[:big])
    length += sum(_length(each, story) for each in stories[big:])
    return -(-length // A_MINUTE)


def _length(story: EditionStory, most: int) -> int:
    article = story.article
    shown = len(article.title) + min(len(article.standfirst), most)
    return shown * DENSE if article.language in _DENSE_LANGUAGES else shown
