"""What the stories of followed words stand under: one's own, or those of a chat of several."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from storage.model import YOUR_WORDS

if TYPE_CHECKING:
    from storage.model import Edition, EditionSection

CONTEXT = "words that are followed"
FOLLOWED_HERE = "followed-words"
"""In the place of `YOUR_WORDS` where several people read what was chosen: nobody's own."""
NAMES = {YOUR_WORDS: "Your words", FOLLOWED_HERE: "Followed words"}
"""What stands over the stories that a followed word brought, as if it were a category."""
NAMES_AMONG = {YOUR_WORDS: "your words", FOLLOWED_HERE: "followed words"}
"""The same amid the names of categories: "nine stories from Motor, China and your words"."""


def over(category: str, *, private: bool) -> str:
    """What stands for a category in a private chat, or in any other."""
    return FOLLOWED_HERE if category == YOUR_WORDS and not private else category


def read_by_many(edition: Edition) -> Edition:
    """The same edition for a group, topic or channel."""

    def renamed(sections: tuple[EditionSection, ...]) -> tuple[EditionSection, ...]:
        return tuple(
            each._replace(category=over(each.category, private=False)) for each in sections
        )

    return replace(
        edition,
        sections=renamed(edition.sections),
        top=renamed(edition.top),
        lead_category=over(edition.lead_category, private=False),
    )
