"""Whether a story is news of a company or about a house, judged by its title and categories. Pure.

A house that is named only in the standfirst is mentioned in passing, as in a report on prices.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from storage.model import Reason, ReasonKind
from storage.words.search_words import joined_tokens

if TYPE_CHECKING:
    from digest.choosing.category_kinds import CategoryKinds
    from storage.model import Article

WORTH = 10
"""Points for news of a company and for a house as its subject; deducted for a question."""
_BUSINESS = "business"
_EASTERN = re.compile(r"[\u3040-\u9fff]")
_QUESTION_MARKS = ("?", "\uff1f")

_COMPANY = Reason(ReasonKind.COMPANY, 1, WORTH)
_HOUSE = Reason(ReasonKind.HOUSE, 1, WORTH)
_QUESTION = Reason(ReasonKind.QUESTION, 1, -WORTH)


class NewsValue(NamedTuple):
    """What a story's title and categories say of it, for all readers alike."""

    subjects: frozenset[str]
    """Slugs of the houses and groups that the story is about; see `is_about`."""
    points: tuple[Reason, ...]


UNJUDGED = NewsValue(frozenset(), ())


def news_value(article: Article, kinds: CategoryKinds) -> NewsValue:
    """Return the subjects of a story, and its points for its title (no question) and categories."""
    categories = article.categories
    subjects = frozenset(
        [
            slug
            for slug in categories
            if (slug in kinds.houses or slug in kinds.groups) and is_about(article, slug, kinds)
        ]
    )
    found = []
    if _BUSINESS in categories and any(
        slug in kinds.sections and slug != _BUSINESS for slug in categories
    ):
        found.append(_COMPANY)
    if not kinds.houses.isdisjoint(subjects):
        found.append(_HOUSE)
    if any(mark in article.title for mark in _QUESTION_MARKS):
        found.append(_QUESTION)
    return NewsValue(subjects, tuple(found))


def is_about(article: Article, name: str, kinds: CategoryKinds) -> bool:
    """Return whether a house or group is more than mentioned in passing in a story filed under it.

    It is mentioned in passing if the standfirst has its name and the title does not. A group also
    goes by the names of its houses. In titles with Chinese or Japanese characters, which write a
    house's name in many ways, nothing is mentioned in passing.
    """
    if _EASTERN.search(article.title):
        return True
    sought = _spellings(name, kinds.names.get(name, ()))
    if name in kinds.groups:
        for slug in article.categories:
            if (slug, name) in kinds.members:
                sought += _spellings(slug, kinds.names.get(slug, ()))
    title, standfirst = _words(article.title), _words(article.standfirst)
    return any(each in title for each in sought) or not any(each in standfirst for each in sought)


@lru_cache(maxsize=4_096)
def _words(text: str) -> str:
    return f" {joined_tokens(text)} "


@lru_cache(maxsize=4_096)
def _spellings(slug: str, names: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    for name in (slug.replace("-", " "), *names):
        words = joined_tokens(name)
        if words:
            found += [f" {words}"] if name.endswith("*") else [f" {words} ", f" {words}s "]
    return tuple(dict.fromkeys(found))
