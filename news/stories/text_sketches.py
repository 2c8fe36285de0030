"""MinHash sketches of texts, by which `duplicates` finds texts that are nearly the same. Pure.

Texts from one template (a job at each boutique, the results of every house) share nearly all words
but are different news. Titles distinguish them: a copy's text contains what the other's title
names, and has the same figures.
"""

from __future__ import annotations

import re
import zlib
from array import array
from functools import cached_property, lru_cache
from struct import pack
from typing import TYPE_CHECKING

from news.text.by_word import ByWord
from storage.words import search_words

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAME_TEXT = 0.5
"""Least share of common shingles at which two texts are copies."""
_SAME_OWN_TEXT = 0.75
"""Least such share for texts of one source, which may begin all with the same words."""
_SHINGLE = 6
"""Words in a shingle."""
_LEAST_SHINGLES = 12
_SKETCHED = 2_000
SKETCHED_TOKENS = 120
"""Tokens, from the beginning of a text, that are sketched; `_SKETCHED` is the limit in characters.
"""
_SKETCH = 64
"""Shingles in a sketch, those with the smallest hashes."""
_COMPARED = 120
"""Most unpacked sketches in the cache."""
_TELLING = 4
"""Fewest letters of a title word that identifies its text."""
_DATELINE = 8
"""Tokens at the beginning of a text in which figures are ignored, as they may be of a date."""
_NAMED = re.compile(r" [A-Z](?<=[^.!?:] .)[^\W\d_]+")
"""Matches a capitalised word within a sentence; the leading space makes it ten times as fast."""
_NAMED_WITHIN = (40, 500)
"""Start and end, in characters, of the part that is searched for names, after a dateline."""
_MOST_NAMES = 16
"""Most names; a text with more is German or in capitals, and none of its names count."""
_EARLY = 80
"""Tokens, from the beginning of a text, with facts that the other text must have."""


class Sketch:
    """The sketch of a text, unpacked, with its title."""

    def __init__(self, kept: bytes, title: str) -> None:
        self._title = title
        end, names = _end(kept), len(kept) - 2 - 4 * (kept[-2] if kept else 0)
        self._shingles = array("q", kept[:end])
        self._words = array("I", kept[end:names])
        self._names = array("I", kept[names:-2])

    @cached_property
    def _shingled(self) -> frozenset[int]:
        return frozenset(self._shingles)

    @cached_property
    def _held(self) -> frozenset[int]:
        return frozenset(self._words)

    @cached_property
    def _titled(self) -> dict[int, str]:
        return {_number[word]: word for word in search_words.tokens(self._title)}

    @cached_property
    def _facts(self) -> frozenset[int]:
        """Numbers of early words that distinguish a text: figures, names, words of the title."""
        early = self._words[:_EARLY]
        figures = {number for number in early[_DATELINE:] if number & 1}
        named = self._held.intersection(self._names)
        return frozenset(figures | named | self._titled.keys() & {*early})

    @cached_property
    def _is_of_title(self) -> bool:
        """Whether the text has a word of the title; an appeal to subscribe has none."""
        return any(
            number in self._held and (len(word) >= _TELLING or not word.isascii())
            for number, word in self._titled.items()
        )

    def is_copy(self, other: Sketch, *, own: bool) -> bool:
        """Return whether the texts share enough shingles for one to be a copy of the other.

        The share of common hashes among the smallest ones of both texts estimates it. A source
        (`own`) copies its own texts only exactly.
        """
        # Check facts before comparing shingles: many texts may use one template.
        apart = any if own else all
        if apart(one.lacks(two) for one, two in ((self, other), (other, self))):
            return False
        if not (self._is_of_title or other._is_of_title or self._titled == other._titled):
            return False
        return self._is_alike(other, _SAME_OWN_TEXT if own else _SAME_TEXT)

    def is_sibling(self, other: Sketch) -> bool:
        """Return whether both texts use one template, and each has a fact that the other lacks."""
        return self.lacks(other) and other.lacks(self) and self._is_alike(other, _SAME_TEXT)

    def _is_alike(self, other: Sketch, least: float) -> bool:
        size = min(len(self._shingles), len(other._shingles))
        if size < _LEAST_SHINGLES:
            return False
        both = self._shingled & other._shingled
        if len(both) < least * size:
            return False
        smallest = sorted(self._shingled | other._shingled)[:size]
        return sum(shingle in both for shingle in smallest) >= least * size

    def lacks(self, other: Sketch) -> bool:
        """Return whether this text lacks a fact of the other one."""
        return not other._facts <= self._held


sketch = lru_cache(maxsize=_COMPARED)(Sketch)
"""Unpack a sketch for comparison. Cached, as unpacked ones take twenty times the memory."""


def leading(kept: bytes, most: int) -> Sequence[int]:
    """Return the smallest `most` hashes in a packed sketch."""
    return array("q", kept[: min(_end(kept), 8 * most)])


def _end(kept: bytes) -> int:
    """Return where hashes end and words begin; the last two bytes count names and hashes."""
    return 8 * kept[-1] if kept else 0


def sketch_of(text: str, tokens: Sequence[str] | None = None) -> bytes:
    """Return a text's packed sketch: smallest hashes, first words, early names. For workers."""
    words = (search_words.tokens(text[:_SKETCHED]) if tokens is None else tokens)[:SKETCHED_TOKENS]
    numbers = list(map(_number.__getitem__, words))
    # Python's hash of a text differs between processes; that of a tuple of numbers does not.
    windows = zip(*[numbers[start:] for start in range(_SHINGLE)], strict=False)
    shingles = sorted(map(hash, windows))
    smallest = shingles[:_SKETCH]
    if len({*smallest}) < len(smallest):
        # A text may repeat itself, though few do.
        smallest = sorted({*shingles})[:_SKETCH]
    named = dict.fromkeys(_NAMED.findall(text, *_NAMED_WITHIN))
    names = search_words.tokens("".join(named)) if len(named) <= _MOST_NAMES else []
    if len(names) > _MOST_NAMES:
        names = []
    numbers += map(_number.__getitem__, names)
    counts = bytes((len(names), len(smallest)))
    return pack(f"{len(smallest)}q", *smallest) + array("I", numbers).tobytes() + counts


@ByWord
def _number(word: str) -> int:
    """Return a hash of a word, odd for figures and even for other words."""
    return zlib.crc32(word.encode("utf-8", "replace")) & ~1 | word[:1].isdigit()
