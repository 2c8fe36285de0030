"""Whether an article suits a reader's taste. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from storage.words.search_words import between, joined_tokens, muted, sought

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.model import Article, Taste


def matches(article: Article, taste: Taste) -> bool:
    """Return whether an article suits a taste: followed, in a language read, not muted."""
    return taste.follows_one_of(article.categories, article.words) and let_in(article, taste)


def let_in(article: Article, taste: Taste) -> bool:
    """Return whether nothing in a taste excludes an article.

    Languages, muted categories, hidden sources and muted words exclude. What the taste follows is
    not checked.
    """
    categories = article.categories
    if not taste.reads(article.language, article.words):
        return False
    if taste.muted_categories and not taste.muted_categories.isdisjoint(categories):
        return False
    if taste.muted_sources and article.source_id in taste.muted_sources:
        return False
    if not taste.muted_words:
        return True
    words = _words(article.title, article.standfirst)
    return not any(word in words for word in _sought(taste.muted_words))


def is_last_resort(article: Article, reports: Iterable[Article], taste: Taste) -> bool:
    """Return whether an edition shows an event only if nothing else is new.

    Its report is a filler, or all its reports are doubtful and the one shown has no followed word.

    Args:
        article: The report that the edition would show.
        reports: All reports of the event.
        taste: The reader's choices.
    """
    if article.filler:
        return True
    if not article.is_doubtful or (taste.words and taste.words_in(article.words)):
        return False
    return all(each.is_doubtful for each in reports)


@lru_cache(maxsize=16_384)
def _words(title: str, standfirst: str) -> str:
    return between(joined_tokens(title), joined_tokens(standfirst))


@lru_cache(maxsize=4_096)
def _sought(words: frozenset[str]) -> tuple[str, ...]:
    """Return the muted words in the form in which `_words` has them."""
    return tuple(sorted(sought(word) for word in map(muted, words) if word))
