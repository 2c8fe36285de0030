"""Whether two texts are copies of one. Pure.

Texts of one mould (a job at each boutique, the results of every house) share nearly all of their
words and tell other news each. Their titles tell them apart: a copy has in its text what the
title of the other names, and the same figures.
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
"""The share of two texts' shingles that both hold."""
_SAME_OWN_TEXT = 0.75
"""The same for two texts of one source, which may begin each of its letters with the same words."""
_SHINGLE = 6
"""Words."""
_LEAST_SHINGLES = 12
_SKETCHED = 2_000
SKETCHED_TOKENS = 120
"""Of a text, so many characters and tokens are looked at: a copy is one from its beginning."""
_SKETCH = 64
"""Shingles that are kept of a text."""
_COMPARED = 120
"""Sketches that are held ready for being compared."""
_TELLING = 4
"""Letters that a word of a title has at least that tells something."""
_DATELINE = 8
"""Tokens at the beginning of a text whose figures may be of the day and hour."""
_NAMED = re.compile(r" [A-Z](?<=[^.!?:] .)[^\W\d_]+")
"""A word with a capital inside a sentence. Begun with a blank, it is found ten times as fast."""
_NAMED_WITHIN = (40, 500)
"""Where names are looked for: behind a dateline, and early."""
_MOST_NAMES = 16
"""A text of more is German, or all in capitals."""
_EARLY = 80
"""Of the tokens, so many are looked for in the other text, which may begin with a line more."""


class Sketch:
    """What is kept of a text, and of the title above it."""

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
        """The words of the title by their numbers."""
        return {_number[word]: word for word in search_words.tokens(self._title)}

    @cached_property
    def _facts(self) -> frozenset[int]:
        """What a text tells early on that its like do not: figures, names, the title's words."""
        early = self._words[:_EARLY]
        figures = {number for number in early[_DATELINE:] if number & 1}
        named = self._held.intersection(self._names)
        return frozenset(figures | named | self._titled.keys() & {*early})

    @cached_property
    def _is_of_title(self) -> bool:
        """Whether the text has a word of the title: one that asks to subscribe has none."""
        return any(
            number in self._held and (len(word) >= _TELLING or not word.isascii())
            for number, word in self._titled.items()
        )

    def is_copy(self, other: Sketch, *, own: bool) -> bool:
        """Whether both share so many shingles that one was copied from the other.

        Of the smallest shingles of both together, the share that both hold estimates the share of
        all their shingles.

        Args:
            other: The other text's.
            own: Whether both are of one source, which copies itself to the letter if at all.
        """
        # Many may come from one mould: they are told apart before their shingles are compared.
        apart = any if own else all
        if apart(one.lacks(two) for one, two in ((self, other), (other, self))):
            return False
        if not (self._is_of_title or other._is_of_title or self._titled == other._titled):
            return False
        return self._is_alike(other, _SAME_OWN_TEXT if own else _SAME_TEXT)

    def is_sibling(self, other: Sketch) -> bool:
        """Whether both come from one mould, and each has a fact that the other has not."""
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
        """Whether this text has not some fact of the other."""
        return not other._facts <= self._held


sketch = lru_cache(maxsize=_COMPARED)(Sketch)
"""A sketch for comparing it. It takes twenty times what is kept: only the last ones are at hand."""


def leading(kept: bytes, most: int) -> Sequence[int]:
    """The smallest few of a text's shingles."""
    return array("q", kept[: min(_end(kept), 8 * most)])


def _end(kept: bytes) -> int:
    """Where the shingles end and the words' numbers begin.

    The last byte tells how many shingles there are, the one before how many names.
    """
    return 8 * kept[-1] if kept else 0


def sketch_of(text: str, tokens: Sequence[str] | None = None) -> bytes:
    """The smallest shingles of a text, its first words and early names: what a copy is known by.

    Heavy for a long text: made in the worker.

    Args:
        text: The text.
        tokens: Its tokens (`storage.words.search_words.tokens`), where they are known.
    """
    words = (search_words.tokens(text[:_SKETCHED]) if tokens is None else tokens)[:SKETCHED_TOKENS]
    numbers = list(map(_number.__getitem__, words))
    # The hash of a word differs from process to process, that of a tuple of numbers does not.
    windows = zip(*[numbers[start:] for start in range(_SHINGLE)], strict=False)
    shingles = sorted(map(hash, windows))
    smallest = shingles[:_SKETCH]
    if len({*smallest}) < len(smallest):
        # A text that says some things twice: few do.
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
    """A number for a word, odd for figures."""
    return zlib.crc32(word.encode("utf-8", "replace")) & ~1 | word[:1].isdigit()
