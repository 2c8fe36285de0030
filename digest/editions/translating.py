"""Editions with the headlines of foreign stories in the reader's own language. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from storage.model import STANDFIRSTS, TITLES, in_translation
from templates.language.languages import primary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from storage.model import Article, Edition, EditionSection, EditionStory, Taste, Translation


def is_foreign(article: Article, taste: Taste, language: str) -> bool:
    """Return whether a reader wants an article's headline in the language of the bot."""
    of = article.language
    if TITLES not in taste.translate or not of or article.is_withdrawn:
        return False
    return primary(of) != primary(language) and primary(of) not in taste.also_read


def foreign_in(edition: Edition, taste: Taste, language: str) -> Iterator[Article]:
    """Yield the articles of an edition whose headlines the reader wants translated."""
    if taste.translate:
        for story in edition.stories:
            if is_foreign(story.article, taste, language):
                yield story.article


def in_own_language(
    article: Article, taste: Taste, language: str, found: Mapping[tuple[int, int], Translation]
) -> Article:
    """Return an article as a reader reads it; `found` as for `translated`."""
    translation = found.get((article.id, article.version))
    if translation is None or not is_foreign(article, taste, language):
        return article
    return in_translation(article, translation, standfirsts=STANDFIRSTS in taste.translate)


def translated(
    edition: Edition, taste: Taste, language: str, found: Mapping[tuple[int, int], Translation]
) -> Edition:
    """Return an edition with the translations that there are.

    `found` has those into the language, by an article's id and version.
    """

    def told(story: EditionStory) -> EditionStory:
        article = in_own_language(story.article, taste, language, found)
        return story if article is story.article else replace(story, article=article)

    def section(each: EditionSection) -> EditionSection:
        return each._replace(stories=tuple(map(told, each.stories)))

    return replace(
        edition,
        lead=None if edition.lead is None else told(edition.lead),
        top=tuple(map(section, edition.top)),
        sections=tuple(map(section, edition.sections)),
    )
