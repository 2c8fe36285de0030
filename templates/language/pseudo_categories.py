"""The names of sections that are no categories: of followed words, and of left-out stories."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from storage.model import STILL_WORTH, YOUR_WORDS

if TYPE_CHECKING:
    from storage.model import Edition, EditionSection

CONTEXT = "heading that is no category"
FOLLOWED_HERE = "followed-words"
"""Replaces `YOUR_WORDS` in chats that several people read."""
NAMES = {
    YOUR_WORDS: "Your keywords",
    FOLLOWED_HERE: "Followed keywords",
    STILL_WORTH: "Still worth reading",
}
"""Headings of the stories found by a followed word, and of those that fill an edition up."""
NAMES_AMONG = {YOUR_WORDS: "your keywords", FOLLOWED_HERE: "followed keywords"}
"""The names of followed words among others: "Nine stories: Motor, China and your keywords"."""


def over(category: str, *, private: bool) -> str:
    """Return the category, with `YOUR_WORDS` replaced outside private chats."""
    return FOLLOWED_HERE if category == YOUR_WORDS and not private else category


def read_by_many(edition: Edition) -> Edition:
    """Return the edition for a group, topic or channel."""

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
