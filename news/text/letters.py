"""Letters of a text without case, accents or punctuation."""

from __future__ import annotations

import re
import unicodedata

CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Matches one Chinese, Japanese or Korean letter."""


def table(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def letters(text: str) -> str:
    """Return only the letters and digits of a text, case-folded, for comparison."""
    return "".join(filter(str.isalnum, text.casefold()))


_MARKS_OF_LATIN = re.compile("[\u0300-\u0344\u0346-\u036f]+")
"""Matches combining accents, without the Greek iota subscript, which folds to a letter."""
_MAY_COMBINE = re.compile("[\u0483-\u1fff\u20d0-\u20ff\u2c00-\U0010ffff]")
"""Matches characters of scripts with combining marks; few texts have any."""
_VOICED = "\u3099\u309a"
"""Marks that make another letter of a Japanese one, and are kept."""


def without_accents(text: str) -> str:
    """Return a text without case and accents, in composed form."""
    if text.isascii():
        return text.lower()
    bare = _MARKS_OF_LATIN.sub("", unicodedata.normalize("NFKD", text))
    if bare.isascii():
        return bare.lower()
    bare = bare.casefold()
    if _MAY_COMBINE.search(bare):
        bare = "".join(
            letter for letter in bare if letter in _VOICED or not unicodedata.combining(letter)
        )
    return unicodedata.normalize("NFC", bare)
