"""What a text is written in, whatever stands between its letters."""

from __future__ import annotations

import re
import unicodedata

CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A letter of Chinese, Japanese or Korean."""


def table(text: str) -> frozenset[str]:
    """The words of a text, for looking one up."""
    return frozenset(text.split())


def letters(text: str) -> str:
    """Equal for texts that have the same letters and digits, whatever stands between them."""
    return "".join(filter(str.isalnum, text.casefold()))


_MARKS_OF_LATIN = re.compile("[\u0300-\u0344\u0346-\u036f]+")
"""Without the Greek one that is a letter in small."""
_MAY_COMBINE = re.compile("[\u0483-\u1fff\u20d0-\u20ff\u2c00-\U0010ffff]")
"""Of scripts and marks that are no punctuation: few texts have any of them."""
_VOICED = "\u3099\u309a"
"""What makes another letter of a Japanese one is no accent."""


def without_accents(text: str) -> str:
    """A text without case and accents, in composed form."""
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
