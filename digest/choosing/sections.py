"""The sections of an edition, from the stories that were chosen for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from storage.model import YOUR_WORDS, Edition, EditionSection, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from digest.choosing.ranking import Candidate
    from storage.model import Article, EditionStory, Taste

T = TypeVar("T")
TOP = 3
"""Stories at the top of a weekly edition, before its sections, including the lead."""


def section_of(article: Article, taste: Taste) -> str | None:
    """Return `YOUR_WORDS` for a followed word, else the first followed category, else None."""
    if taste.words and taste.words_in(article.words):
        return YOUR_WORDS
    follows = taste.follows
    for slug in article.categories:
        if slug in follows:
            return slug
    return None


def category_of(entry: Candidate, taste: Taste) -> str:
    """Return the category of an edition's story; raise ValueError if nothing is followed.

    A lead story may have one that is not followed.
    """
    section = section_of(entry.article, taste)
    if section is None and entry.leads:
        return next(iter(entry.article.categories), "")
    if section is None:
        raise ValueError(f"article {entry.article.id} is in no category that is followed")
    return section


def lead_first(sections: dict[str, T], lead_category: str) -> dict[str, T]:
    """Return an edition's sections with the category of its lead first, if it is among them."""
    if lead_category not in sections:
        return sections
    return {lead_category: sections[lead_category], **sections}


def assembled(  # noqa: PLR0917 - the parts of an edition
    chosen: Sequence[Candidate],
    counts: Mapping[str, int],
    more: Mapping[str, Sequence[EditionStory]],
    taste: Taste,
    covers: Span,
    since: datetime | None,
) -> Edition:
    """Build an edition: the lead, then sections ordered by their best story.

    The lead's own category is the first section. A weekly edition has its top stories before the
    sections. A category that has only stories left out comes at the end, without stories.
    """
    placed = [(category_of(entry, taste), entry.story()) for entry in chosen]
    (lead_category, lead), *rest = placed
    top = TOP - 1 if covers is Span.WEEK else 0
    under: dict[str, list[EditionStory]] = {}
    for category, story in rest[top:]:
        under.setdefault(category, []).append(story)
    under = lead_first(under, lead_category)
    for category in sorted(counts):
        under.setdefault(category, [])
    sections = [
        EditionSection(
            category, tuple(stories), counts.get(category, 0), tuple(more.get(category, ()))
        )
        for category, stories in under.items()
    ]
    biggest = tuple(EditionSection(category, (story,)) for category, story in rest[:top])
    return Edition(
        lead,
        tuple(sections),
        top=biggest,
        span=covers,
        since=since,
        lead_category=lead_category,
    )


def not_shown(
    ranked: Iterable[Candidate],
    shown: Collection[int],
    taste: Taste,
    most: int | None = None,
) -> dict[str, list[EditionStory]]:
    """Return the stories of events not in `shown`, by category, at most `most` each, best first."""
    under: dict[str, list[EditionStory]] = {}
    for entry in ranked:
        if entry.article.event not in shown:
            stories = under.setdefault(category_of(entry, taste), [])
            if most is None or len(stories) < most:
                stories.append(entry.story())
    return under
