"""The words of a headline, made comparable: what two editors write differently and mean alike.

Only what changes nothing is folded: case, accents, small words, plurals, numbers in words,
countries as adjectives, and a few verbs that headlines use for one another.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
WORD = re.compile(r"\d+(?:[.,]\d+)*%?|[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}", re.IGNORECASE)


def _table(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SMALL = _table(
    """a an and are as at be been by for from has have in into is it its of on or s than that the
    their this to was were will with after amid over says say said new news report reports
    il lo la i gli le un una uno di del della dei delle da dal nel con su per e ed che al alla
    der die das den dem des ein eine einer und im zu zum zur mit von vom auf fur bei ist
    l une du de d et en au aux pour par sur dans avec est qui
    el los las unos y por para es que"""
)
DENIALS = _table(
    "no not never without denies denied deny rejects false non nicht kein pas sans sin nunca"
)
# The first word of a row stands for the others.
_ALIKE: dict[str, str] = {
    word: row.split()[0]
    for row in (
        "1 one",
        "2 two",
        "3 three",
        "4 four",
        "5 five",
        "6 six",
        "7 seven",
        "8 eight",
        "9 nine",
        "10 ten",
        "11 eleven",
        "12 twelve",
        "billion bn miliardi milliarden milliards",
        "million mn milioni millionen millions",
        "resign quit resigns resigned",
        "buy acquire acquires acquired purchase bought buying acquiring",
        "unveil unveils unveiled reveal reveals revealed presents presented debut debuts",
        "appoint appoints appointed name names named",
        "open opens opened opening inaugurates inaugurated inaugurate",
        "launch launched launching",
        "sell sold selling",
        "kill killed killing",
        "china chinese",
        "france french",
        "italy italian",
        "germany german",
        "britain british uk",
        "japan japanese",
        "spain spanish",
        "switzerland swiss",
        "america american us usa",
        "india indian",
        "korea korean",
        "russia russian",
        "syria syrian",
        "egypt egyptian",
        "turkey turkish",
        "mexico mexican",
        "israel israeli",
        "greece greek",
        "thailand thai",
        "europe european",
    )
    for word in row.split()
}


def content_words(text: str) -> tuple[str, ...]:
    """The words of a headline that tell its news, in order, folded."""
    bare = _INITIALS.sub(lambda found: found.group().replace(".", ""), text)
    folded = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", bare).casefold()
        if not unicodedata.combining(letter)
    )
    return tuple(_words(unicodedata.normalize("NFC", folded)))


def moved_at_most_once(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two orders of the same words differ by the place of one phrase at most.

    "In Milan, A sues B" is "A sues B in Milan"; "B sues A in Milan" is not.
    """
    first, second = list(one), list(other)
    size = len(first)
    if first == second:
        return True
    return any(
        first[:start] + first[middle:end] + first[start:middle] + first[end:] == second
        for start in range(size)
        for middle in range(start + 1, size)
        for end in range(middle + 1, size + 1)
    )


def _words(folded: str) -> Iterator[str]:
    cjk = CJK.findall(folded)
    if len(cjk) >= 4:
        # Words have no blanks between them: pairs of letters stand for them.
        yield from map("".join, pairwise(cjk))
        folded = CJK.sub(" ", folded)
    for found in WORD.finditer(folded):
        word = re.sub(r"['\u2019]s?$", "", found.group())
        if word not in _SMALL:
            yield _ALIKE.get(word) or _ALIKE.get(_singular(word)) or _singular(word)


def _singular(word: str) -> str:
    """A word without an English plural or third person."""
    if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
