"""What one reader chose: what is followed, how much of each subject, and what is kept out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from storage.words.search_words import beyond_latin, muted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Subject: TypeAlias = "str | int"
"""What a reader can have more or less of: a category by its slug, or a source by its id."""


class Level(StrEnum):
    """How much of a subject a reader wants."""

    OFF = "off"
    """None of it: not in editions, alerts or lists that nobody asked for by its name."""
    LESS = "less"
    """Its stories rank lower; of a house one at most, if there is room."""
    NORMAL = "normal"
    MORE = "more"
    """Its stories rank higher; a category is followed."""


@dataclass(frozen=True, slots=True)
class Taste:
    """What one reader chose. Readers of equal taste and place get the same edition."""

    follows: frozenset[str] = frozenset()
    muted_categories: frozenset[str] = frozenset()
    muted_words: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    """Languages of articles, but see `sought_anywhere`; empty means all."""
    muted_sources: frozenset[int] = frozenset()
    """Ids of sources, as in the other fields that name sources."""
    less: frozenset[str] = frozenset()
    """Categories."""
    more: frozenset[str] = frozenset()
    """Categories, each of them followed."""
    less_sources: frozenset[int] = frozenset()
    more_sources: frozenset[int] = frozenset()
    words: frozenset[str] = frozenset()
    """Words and phrases that are followed, as the reader wrote them."""

    @property
    def follows_anything(self) -> bool:
        """Whether anything is followed, a category or a word."""
        return bool(self.follows or self.words)

    @property
    def sought(self) -> Mapping[str, str]:
        """The words that are followed, folded as articles have them → as the reader wrote them."""
        return _sought(self.words) if self.words else {}

    def follows_one_of(self, categories: Iterable[str], words: Iterable[str]) -> bool:
        """Whether an article of these categories, and with these folded words, is followed."""
        if not self.follows.isdisjoint(categories):
            return True
        return bool(words and self.words) and not _sought(self.words).keys().isdisjoint(words)

    def words_in(self, words: Iterable[str]) -> tuple[str, ...]:
        """Of an article's folded words those that are followed, as the reader wrote them."""
        sought = self.sought
        return tuple(sought[word] for word in words if word in sought)

    @property
    def sought_anywhere(self) -> frozenset[str]:
        """Of the folded words those in other letters than Latin ones, which know no language.

        Who follows 徐家汇 reads it, though of all else only English is wanted.
        """
        return _sought_anywhere(self.words) if self.words else frozenset()

    def reads(self, language: str | None, words: Iterable[str]) -> bool:
        """Whether an article of a language, and with these folded words, can be read."""
        if not self.languages or not language or language in self.languages:
            return True
        return bool(self.words) and not self.sought_anywhere.isdisjoint(words)

    @property
    def keeps_anything_out(self) -> bool:
        """Whether any article is kept out whatever is followed; most tastes keep out none."""
        return bool(
            self.languages or self.muted_categories or self.muted_sources or self.muted_words
        )

    @property
    def weighs(self) -> bool:
        """Whether something is to rank higher or lower than it would by itself."""
        return bool(self.less or self.more or self.less_sources or self.more_sources)

    def level(self, subject: Subject) -> Level:
        """How much of a subject is wanted."""
        if isinstance(subject, int):
            off, less, more = self.muted_sources, self.less_sources, self.more_sources
            found = (subject in off, subject in less, subject in more)
        else:
            found = (subject in self.muted_categories, subject in self.less, subject in self.more)
        levels = (Level.OFF, Level.LESS, Level.MORE)
        return next(
            (level for level, held in zip(levels, found, strict=True) if held), Level.NORMAL
        )


@lru_cache(maxsize=4_096)
def _sought(words: frozenset[str]) -> Mapping[str, str]:
    return {muted(word): word for word in sorted(words)}


@lru_cache(maxsize=4_096)
def _sought_anywhere(words: frozenset[str]) -> frozenset[str]:
    return frozenset(filter(beyond_latin, map(muted, words)))
