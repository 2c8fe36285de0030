"""Names and words found in running text, whatever its case, accents or script.

Words in alphabets are compared whole; Chinese and Japanese are found as parts of the text, since
they are written without spaces.
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING, Generic, TypeVar

from ahocorasick_rs import AhoCorasick

from news.filing.folding import has_cjk
from news.filing.tokens import Hit, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc\u31f0-\u31ff]")
_OPEN, _SEVERAL, _CJK_WORD, _ENDING = 1, 2, 4, 8
"""What must be looked at beside the words of a phrase: where the word ends that it only begins,
whether its words belong together, whether a katakana word is whole, and where one begins that it
only ends."""
_SHORT = 4


class Phrases(Generic[T]):
    """A set of phrases, each with a meaning, compiled for quick finding.

    A phrase of one word may end in `*` to stand for all words that begin so, or begin with it for
    all longer words that end so: German makes new ones every day. Japanese joins words in
    katakana: an open one may stand behind others too. A short phrase in capitals (`AI`,
    `ITS`) is no everyday word, though it may be spelled like one: it is found only in capitals.

    Raises:
        ValueError: A phrase has no word in it.
    """

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        found: dict[str, int] = {}
        self._meanings: list[list[tuple[T, int]]] = []
        """Of each phrase, with how many capitals each meaning takes."""
        self._looks: list[int] = []
        """What to look at beside each phrase's words: of most, nothing."""
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
        """Every phrase in the text, at each place the longest first; overlaps included."""
        matches = self._automaton.find_matches_as_indexes(text.words, overlapping=True)
        if not matches:
            return []
        # They come in the order of their ends.
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
                # Words without spaces between them are read from the left: what begins within
                # one of them and ends behind it is none (`宁波` in `李宁波司登`).
                if start < read < last:
                    continue
                read = max(read, last)
            for meaning, capitals in self._meanings[number]:
                hit = Hit(meaning, text, start, last)
                if not capitals or _has_capitals(text, hit, capitals):
                    hits.append(hit)
        return hits


def _place(text: Text, blank: int, end: int, look: int) -> tuple[int, int] | None:
    """Where a phrase begins and ends in the words of a text; none if it is not meant there."""
    start, last = blank + 1, end - 1
    if look & _OPEN:
        last = text.words.index(" ", end)
    if look & _ENDING:
        start = text.words.rindex(" ", 0, blank + 1) + 1
        if start == blank:
            return None
    return (start, last) if _is_meant(text, start, last, look) else None


def _looks(phrase: str, words: str) -> int:
    """What must be looked at beside the words of a phrase."""
    looks = _OPEN if phrase[-1] == "*" else 0
    if phrase[0] == "*":
        looks |= _ENDING
    if " " in words:
        looks |= _SEVERAL
    return looks | _CJK_WORD if has_cjk(phrase) and not looks & _OPEN else looks


def _is_meant(text: Text, start: int, last: int, look: int) -> bool:
    """Whether words that are a phrase's are one in the text as it was written."""
    if look & _SEVERAL and not text.joined(start, last):
        return False
    return not look & _CJK_WORD or _is_whole(text.folded, *text.place(start, last))


def _words_of(phrase: str) -> str:
    """The words of a phrase, as a text has them; in most, only blanks and hyphens part them."""
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
    """How many of a phrase's last letters must be capitals where it is found.

    All of a short one, and the letter at the end of `Serie A`.
    """
    if not phrase.isascii():
        return 0
    if len(phrase) <= _SHORT:
        return len(phrase) if phrase.isupper() else 0
    return int(phrase[-2] == " " and phrase[-1].isupper())


def _has_capitals(text: Text, hit: Hit[T], capitals: int) -> bool:
    """Whether the capitals are there; a text that is nothing else (a tag) needs none."""
    letters = hit.words[-capitals:].upper()
    if letters.isalnum() and letters not in text.original and len(hit.words) < len(text.words) - 2:
        # They are nowhere, and it has other words.
        return False
    if len(hit.text) == len(text.original.strip()):
        return True
    last = hit.text[-capitals:]
    return last.isascii() and not any(letter.islower() for letter in last)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a katakana word is whole: `コーチ` is no part of `コーチング`."""
    if start and _KATAKANA.match(text, start) and _KATAKANA.match(text, start - 1):
        return False
    return not (_KATAKANA.match(text, end - 1) and _KATAKANA.match(text, end))
