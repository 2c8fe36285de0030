"""Names and words found in running text, whatever its case, accents or script.

Folding keeps one character for one character, so that a place in the folded text is the same
place in the original. Words in alphabets are compared whole; Chinese and Japanese are found as
parts of the text, since they are written without spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
P = TypeVar("P", str, tuple[str, ...])

_FIRST_OF_JAMO = 0x1100
"""From here on decomposing would take letters apart (Hangul, kana), so only width is folded."""
_CJK = "\u2e80-\u2fdf\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"&|[^\W_{_CJK}]+")
_CJK_LETTER = re.compile(rf"[{_CJK}]")
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc\u31f0-\u31ff]")
_INSIDE_A_NAME = frozenset(" '-./·\u00a0")
_LONGEST_GAP = 3
_PREFIX = 4
_SHORT, _PAIR = 4, 2
_REMEMBERED = 50_000
"""Words of which it is remembered whether a phrase begins with them."""


class _Folding(dict[int, str]):
    """Characters to their folded form, worked out when first met."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if code in {0x2018, 0x2019, 0x02BC, 0x0060, 0x00B4}:
            folded = "'"
        elif code in {0x2010, 0x2011}:
            folded = "-"
        elif code >= _FIRST_OF_JAMO:
            folded = unicodedata.normalize("NFKC", letter).casefold()[:1] or letter
            if not _CJK_LETTER.match(letter):
                folded = _without_marks(folded)
        else:
            folded = _without_marks(letter)
        self[code] = folded
        return folded


def _without_marks(letter: str) -> str:
    """The letter without its accents, in lower case; always one character."""
    parts = unicodedata.normalize("NFKD", letter).casefold()
    plain = "".join(part for part in parts if not unicodedata.combining(part))
    plain = {"œ": "o", "æ": "a", "ø": "o", "ł": "l", "đ": "d"}.get(plain, plain)
    return plain[:1] or letter


_FOLDING = _Folding()


def fold(text: str) -> str:
    """The text without case and accents. Text in NFC keeps its length."""
    if text.isascii():
        return text.lower().replace("`", "'")
    return text.translate(_FOLDING)


def has_cjk(text: str) -> bool:
    """Whether any letter is Chinese or Japanese."""
    return not text.isascii() and _CJK_LETTER.search(text) is not None


def key(text: str) -> str:
    """What two spellings of one name have in common: no case, accents, spaces, `&` or `and`."""
    folded = fold(unicodedata.normalize("NFC", text))
    words = re.findall(r"[^\W_]+", folded)
    return "".join(word for word in words if word != "and") or "".join(words)


@dataclass(frozen=True, slots=True)
class Hit(Generic[T]):
    """One phrase found in a text."""

    meaning: T
    text: str
    """As it stands in the text."""
    start: int
    end: int
    before: str
    """The folded word right before it, if only a space lies between."""


class Text:
    """A text cut into words once, to be searched for several sets of phrases."""

    __slots__ = ("_spans", "cjk", "folded", "original", "words")

    def __init__(self, text: str) -> None:
        self.original = unicodedata.normalize("NFC", text)
        self.folded = fold(self.original)
        self.words: list[str] = _TOKEN.findall(self.folded)
        if "&" in self.folded:
            self.words = ["and" if word == "&" else word for word in self.words]
        self._spans: list[tuple[int, int]] | None = None
        self.cjk = has_cjk(self.folded)

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where each word begins and ends; most texts hold no phrase and are never asked."""
        if self._spans is None:
            self._spans = [match.span() for match in _TOKEN.finditer(self.folded)]
        return self._spans

    def joined(self, first: int, last: int) -> bool:
        """Whether the words from first to last can be parts of one name."""
        for index in range(first, last):
            gap = self.folded[self.spans[index][1] : self.spans[index + 1][0]]
            if len(gap) > _LONGEST_GAP or not _INSIDE_A_NAME.issuperset(gap):
                return False
        return True

    def before(self, index: int) -> str:
        """The word right before the one at index, if only a space lies between."""
        if index == 0:
            return ""
        gap = self.folded[self.spans[index - 1][1] : self.spans[index][0]]
        return self.words[index - 1] if gap in {" ", "\u00a0", ". "} else ""


class _Begun(dict[str, bool]):
    """Whether any phrase begins with a word; remembered, since texts are made of few words."""

    def __init__(self, judge: Callable[[str], bool]) -> None:
        super().__init__()
        self._judge = judge

    def __missing__(self, word: str) -> bool:
        if len(self) >= _REMEMBERED:
            self.clear()
        begins = self[word] = self._judge(word)
        return begins


class Phrases(Generic[T]):
    """A set of phrases, each with a meaning, compiled for quick finding.

    A phrase of one word may end in `*` to stand for all words that begin so. A short phrase in
    capitals (`AI`, `OTB`) is no everyday word, though it may be spelled like one in some
    language: it is found only with a capital, one of two letters only in capitals.
    """

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        whole: defaultdict[str, dict[tuple[str, ...], list[tuple[T, int]]]] = defaultdict(dict)
        prefixes: defaultdict[str, list[tuple[str, T]]] = defaultdict(list)
        cjk: defaultdict[str, dict[str, list[T]]] = defaultdict(dict)
        for phrase, meaning in phrases:
            text = Text(phrase)
            if text.cjk:
                folded = text.folded.strip()
                cjk[folded[0]].setdefault(folded, []).append(meaning)
            elif phrase.endswith("*"):
                prefixes[text.words[0][:_PREFIX]].append((text.words[0], meaning))
            else:
                words = tuple(text.words)
                if not words:
                    raise ValueError(f"The phrase {phrase!r} has no word in it.")
                whole[words[0]].setdefault(words, []).append((meaning, _capitals(phrase)))
        self._whole = {first: _longest_first(group) for first, group in whole.items()}
        self._prefixes = dict(prefixes)
        self._cjk = {first: _longest_first(group) for first, group in cjk.items()}
        self._begun = _Begun(self._begins)

    def find(self, text: Text) -> Iterator[Hit[T]]:
        """Every phrase in the text, at each place the longest first; overlaps included."""
        begun = self._begun
        for index in [at for at, word in enumerate(text.words) if begun[word]]:
            word = text.words[index]
            for words, meanings in self._whole.get(word, ()):
                last = index + len(words) - 1
                if last == index or (
                    tuple(text.words[index : last + 1]) == words and text.joined(index, last)
                ):
                    for meaning, capitals in meanings:
                        hit = _hit(text, meaning, index, last)
                        if _has_capitals(text, hit, capitals):
                            yield hit
            for prefix, meaning in self._prefixes.get(word[:_PREFIX], ()):
                if word.startswith(prefix):
                    yield _hit(text, meaning, index, index)
        if text.cjk:
            yield from self._find_cjk(text)

    def _begins(self, word: str) -> bool:
        """Whether any phrase begins with this word."""
        return word in self._whole or any(
            word.startswith(prefix) for prefix, _ in self._prefixes.get(word[:_PREFIX], ())
        )

    def _find_cjk(self, text: Text) -> Iterator[Hit[T]]:
        folded = text.folded
        for start, letter in enumerate(folded):
            for phrase, meanings in self._cjk.get(letter, ()):
                end = start + len(phrase)
                if folded.startswith(phrase, start) and _stands_alone(folded, start, end):
                    for meaning in meanings:
                        yield Hit(meaning, text.original[start:end], start, end, "")


def _hit(text: Text, meaning: T, first: int, last: int) -> Hit[T]:
    start, end = text.spans[first][0], text.spans[last][1]
    return Hit(meaning, text.original[start:end], start, end, text.before(first))


def _capitals(phrase: str) -> int:
    """How many letters of the phrase must be capitals where it is found."""
    if len(phrase) > _SHORT or not (phrase.isascii() and phrase.isupper()):
        return 0
    return len(phrase) if len(phrase) <= _PAIR else 1


def _has_capitals(text: Text, hit: Hit[T], capitals: int) -> bool:
    """Whether the capitals are there; a text that is nothing else (a tag) needs none."""
    if capitals == 0 or len(hit.text) == len(text.original.strip()):
        return True
    return not any(letter.islower() for letter in hit.text[:capitals])


def _longest_first(group: dict[P, list[T]]) -> list[tuple[P, list[T]]]:
    return sorted(group.items(), key=lambda item: -len(item[0]))


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a katakana word is whole: `コーチ` is no part of `コーチング`."""
    if _KATAKANA.match(text[start]) and start and _KATAKANA.match(text[start - 1]):
        return False
    return not (end < len(text) and _KATAKANA.match(text[end - 1]) and _KATAKANA.match(text[end]))
