"""Texts as sequences of words, and phrases found in them.

A text is searched by its tokens, as made by `storage.words.search_words`, so that search finds what
filing does. A token's offset in the original text is computed only when needed.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING, Generic, TypeVar

from news.filing.tokenising.folding import CJK, fold, has_cjk
from storage.words import search_words

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

T = TypeVar("T")

_INSIDE_A_NAME = frozenset(" '\u2019-\u2010\u2011./·・\uff1d\u00a0")
_LONGEST_GAP = 3


class Text:
    """A text with its words, to be searched for several sets of phrases.

    `tokens` are its `search_words.joined_tokens`, if known.
    """

    __slots__ = ("_folded", "_lower", "_places", "original", "words")

    def __init__(self, text: str, tokens: str | None = None) -> None:
        self.original = text if text.isascii() else unicodedata.normalize("NFC", text)
        self._folded: str | None = None
        self._lower: str | None = None
        self._places: list[tuple[int, int]] | None = None
        if tokens is None or "&" in text:
            tokens = search_words.joined_tokens(text.replace("&", " and "))
        self.words = f" {tokens} "
        """The tokens, with a space before, between and after them."""

    @property
    def folded(self) -> str:
        """The text without case and accents, character for character."""
        if self._folded is None:
            self._folded = fold(self.original)
        return self._folded

    @property
    def places(self) -> list[tuple[int, int]]:
        """Start and end of each word in the original; computed on first use."""
        if self._places is None:
            places = search_words.places(self.original, "&")
            alike = len(places) == self.words.count(" ") - 1
            self._places = places if alike else list(self._places_one_by_one())
        return self._places

    def _places_one_by_one(self) -> Iterator[tuple[int, int]]:
        """Yield start and end of each word, equal ones for a word that the original lacks."""
        end = 0
        for word in self.words.split():
            begins = word if has_cjk(word) else rf"(?<![^\W_{CJK}]){word}"
            sign = re.compile("&|" + begins if word == "and" else begins)
            found = sign.search(self.folded, end)
            if found is not None:
                end = found.end()
            yield found.span() if found is not None else (end, end)

    def place(self, since: int, last: int) -> tuple[int, int]:
        """Return start and end, in the original, of `words[since:last]`."""
        if found := self._to_the_letter(since, last):
            return found
        places = self._places_of(since, last)
        return places[0][0], places[-1][1]

    def joined(self, since: int, last: int) -> bool:
        """Return whether the words in `words[since:last]` can be parts of one name."""
        words = self.words[since:last]
        times = self.words.count(f" {words} ")
        if self._lowered.count(words) == times or (
            self._parted.replace("&", " and ").replace("  ", " ").count(words) == times
        ):
            return True  # Every occurrence has the words adjacent.
        for (_, end), (start, _) in pairwise(self._places_of(since, last)):
            gap = self.original[end:start]
            if len(gap) > _LONGEST_GAP or not _INSIDE_A_NAME.issuperset(gap):
                return False
        return True

    def _places_of(self, since: int, last: int) -> list[tuple[int, int]]:
        first = self.words.count(" ", 0, since) - 1
        return self.places[first : first + self.words.count(" ", since, last) + 1]

    def _to_the_letter(self, since: int, last: int) -> tuple[int, int] | None:
        """Return the place of `words[since:last]` if the text writes them all the same, or None."""
        words = self.words[since:last]
        as_words = f" {words} "
        times = self.words.count(as_words)
        text = self._lowered
        if text.count(words) != times:
            text = self._parted
            if text.count(words) != times:
                return None
        start = text.find(words)
        for _ in range(self.words.count(as_words, 0, since)):
            start = text.find(words, start + len(words))
        end = start + len(words)
        for beside in (text[start - 1 : start], text[end : end + 1]):
            if beside.isalnum() and not has_cjk(beside):
                return None
        return (start, end) if start >= 0 else None

    @property
    def _parted(self) -> str:
        """The folded text with a space for each character that joins parts of a name."""
        parted = self.folded.replace("-", " ").replace("'", " ").replace("/", " ")
        # A folded ellipsis is a period too, but it separates sentences.
        return parted if "…" in self.original else parted.replace(".", " ")

    @property
    def _lowered(self) -> str:
        if self._lower is None:
            lower = self.original.lower()
            self._lower = lower if len(lower) == len(self.original) else self.folded
        return self._lower


class Hit(Generic[T]):
    """One phrase found in a text. Its position is computed on first use, as few are needed."""

    __slots__ = ("_of", "_place", "last", "meaning", "since")
    _place: tuple[int, int]

    def __init__(self, meaning: T, of: Text, since: int, last: int) -> None:
        self.meaning = meaning
        self.since = since
        """Start offset in the text's `words`."""
        self.last = last
        """End offset in the text's `words`."""
        self._of = of

    @property
    def words(self) -> str:
        """The words of the phrase, folded."""
        return self._of.words[self.since : self.last]

    @property
    def place(self) -> tuple[int, int]:
        """Start and end of the phrase in the original text."""
        try:
            return self._place
        except AttributeError:
            self._place = self._of.place(self.since, self.last)
            return self._place

    @property
    def text(self) -> str:
        """The phrase as written in the original text."""
        return self._of.original[slice(*self.place)]

    def follows(self, these: Container[str]) -> str:
        """Return the folded word before, if it is in `these`, else ""; only `. ` may be between."""
        words = self._of.words
        before = words[words.rfind(" ", 0, self.since - 1) + 1 : self.since - 1]
        if not before or before not in these:
            return ""
        start = self.place[0]
        near = fold(self._of.original[max(start - len(before) - 2, 0) : start])
        return before if near.endswith((f"{before} ", f"{before}. ")) else ""
