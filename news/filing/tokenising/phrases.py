"""Search for names and words in running text, in any case, with or without accents.

Words in alphabets are compared as a whole. Chinese and Japanese ones are found within the text, as
they are written without spaces.
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING, Generic, TypeVar

from ahocorasick_rs import AhoCorasick

from news.filing.tokenising.folding import has_cjk
from news.filing.tokenising.tokens import Hit, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc\u31f0-\u31ff]")
_NUMBER = re.compile(r"[\u5341\u767e\u5343\u51e0\u5e7e]$|(?<!\d)(?!(?:19|20)(?!00)\d\d$)\d{1,4}$")
"""Matches the end of a number to which ten thousands are added: 十, 580; not a year."""
_LONGEST = 5
"""Digits before ten thousands that are looked at."""
_TEN_THOUSANDS = "\u4e07\u842c"
_OPEN, _SEVERAL, _CJK_WORD, _ENDING = 1, 2, 4, 8
"""Checks of a match: beginning of a word, several words, a katakana word, the end of one."""
_SHORT = 4


class Phrases(Generic[T]):
    """A set of phrases, each with a meaning, compiled for fast search.

    A phrase of one word may end in `*`, to match words that begin with it, or begin with `*`, to
    match longer words that end with it, such as German compounds. Japanese compounds in katakana
    are matched likewise. A short phrase in capitals (`AI`, `ITS`) matches only in capitals, as it
    may be spelled like an everyday word.

    Raises:
        ValueError: A phrase contains no word.
    """

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        found: dict[str, int] = {}
        self._meanings: list[list[tuple[T, int]]] = []
        """For each phrase, its meanings and how many capitals each needs."""
        self._looks: list[int] = []
        """For each phrase, the checks that a match needs, as flags; for most, none."""
        for phrase, meaning in phrases:
            words = _words_of(phrase)
            if not words:
                raise ValueError(f"The phrase {phrase!r} has no word in it.")
            blank, rest = "" if phrase[0] == "*" else " ", "" if phrase[-1] == "*" else " "
            pattern = f"{blank}{words}{rest}"
            capitals = _capitals(phrase)
            number = found.setdefault(pattern, len(found))
            if number < len(self._looks):
                self._meanings[number].append((meaning, capitals))
            else:
                self._meanings.append([(meaning, capitals)])
                self._looks.append(_looks(phrase, words))
        self._automaton = AhoCorasick(list(found))

    def find(self, text: Text) -> list[Hit[T]]:
        """Return every phrase in the text by position, the longest first; overlaps are included."""
        matches = self._automaton.find_matches_as_indexes(text.words, overlapping=True)
        if not matches:
            return []
        # Matches are in the order of their ends.
        matches.reverse()
        matches.sort(key=_BEGINNING)
        hits: list[Hit[T]] = []
        read = 0
        for number, blank, end in matches:
            look = self._looks[number]
            place = _place(text, blank, end, look) if look else (blank + 1, end - 1)
            if place is None:
                continue
            start, last = place
            if look & _CJK_WORD:
                # Words without spaces are read from the left: a match that begins within one and
                # ends after it does not count (`宁波` in `李宁波司登`).
                if start < read < last:
                    continue
                read = max(read, last)
            for meaning, capitals in self._meanings[number]:
                hit = Hit(meaning, text, start, last)
                if not capitals or _has_capitals(text, hit, capitals):
                    hits.append(hit)
        return hits


def _place(text: Text, blank: int, end: int, look: int) -> tuple[int, int] | None:
    start, last = blank + 1, end - 1
    if look & _OPEN:
        last = text.words.index(" ", end)
    if look & _ENDING:
        start = text.words.rindex(" ", 0, blank + 1) + 1
        if start == blank:
            return None
    return (start, last) if _is_meant(text, start, last, look) else None


def _looks(phrase: str, words: str) -> int:
    looks = _OPEN if phrase[-1] == "*" else 0
    if phrase[0] == "*":
        looks |= _ENDING
    if " " in words:
        looks |= _SEVERAL
    return looks | _CJK_WORD if has_cjk(phrase) and not looks & _OPEN else looks


def _is_meant(text: Text, start: int, last: int, look: int) -> bool:
    if look & _SEVERAL and not text.joined(start, last):
        return False
    return not look & _CJK_WORD or _is_whole(text.folded, *text.place(start, last))


def _words_of(phrase: str) -> str:
    if phrase.isascii():
        if phrase.isalpha():
            return phrase.lower()
        parted = phrase.translate(_PARTED).lower()
        if parted.replace(" ", "").isalnum():
            return " ".join(parted.split())
    return Text(phrase).words.strip()


_PARTED = str.maketrans("-'", "  ")
_BEGINNING = itemgetter(1)


def _capitals(phrase: str) -> int:
    """Return how many last letters of a phrase must be capitals: both of `AI`, one of `Serie A`."""
    if not phrase.isascii():
        return 0
    if len(phrase) <= _SHORT:
        return len(phrase) if phrase.isupper() else 0
    return int(phrase[-2] == " " and phrase[-1].isupper())


def _has_capitals(text: Text, hit: Hit[T], capitals: int) -> bool:
    if len(hit.text) == len(text.original.strip()):
        return True
    last = hit.text[-capitals:]
    return last.isascii() and not any(letter.islower() for letter in last)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Return whether a match is no part of another word.

    `コーチ` does not match in `コーチング`, nor `万豪` in `千万豪宅`, where `万` ends a number.
    """
    if text[start] in _TEN_THOUSANDS and _NUMBER.search(text, max(0, start - _LONGEST), start):
        return False
    if start and _KATAKANA.match(text, start) and _KATAKANA.match(text, start - 1):
        return False
    return not (_KATAKANA.match(text, end - 1) and _KATAKANA.match(text, end))
