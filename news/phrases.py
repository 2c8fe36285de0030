"""Names and words found in running text, whatever its case, accents or script.

Folding keeps one character for one character, so that a place in the folded text is the same
place in the original. Words in alphabets are compared whole; Chinese and Japanese are found as
parts of the text, since they are written without spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from storage.search import PUNCTUATION, plain_words

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
_ODD = re.compile(r"[^\x00-\x5f\x61-\x7f]+")
_FEW_ODD = 1.1
"""Bytes for each character of a text in which few need more than one."""
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
    if len(text.encode("utf-8", "replace")) < _FEW_ODD * len(text):
        # Letter by letter takes ten times as long, and few letters need it.
        return _ODD.sub(lambda odd: odd[0].translate(_FOLDING), text).lower()
    return text.translate(_FOLDING).lower()


def has_cjk(text: str) -> bool:
    """Whether any letter is Chinese or Japanese."""
    return not text.isascii() and _CJK_LETTER.search(text) is not None


def key(text: str) -> str:
    """What two spellings of one name have in common: no case, accents, spaces, `&` or `and`."""
    folded = fold(unicodedata.normalize("NFC", text))
    words = re.findall(r"[^\W_]+", folded)
    return "".join(word for word in words if word != "and") or "".join(words)


class Hit(Generic[T]):
    """One phrase found in a text. There are many, and few are looked at closely."""

    __slots__ = ("_first", "_of", "end", "meaning", "start")

    def __init__(self, meaning: T, of: Text, start: int, end: int, first: int = 0) -> None:
        self.meaning = meaning
        self.start = start
        self.end = end
        self._of = of
        self._first = first

    @property
    def text(self) -> str:
        """As it stands in the text."""
        return self._of.original[self.start : self.end]

    @property
    def before(self) -> str:
        """The folded word right before it, if only a space lies between."""
        return self._of.before(self._first)


class Text:
    """A text cut into words once, to be searched for several sets of phrases."""

    __slots__ = ("_spans", "cjk", "folded", "original", "words")

    def __init__(self, text: str) -> None:
        self.original = text if text.isascii() else unicodedata.normalize("NFC", text)
        self.folded = fold(self.original)
        self.words = _words(self.folded)
        self._spans: list[tuple[int, int]] | None = None
        self.cjk = has_cjk(self.folded)

    def span(self, index: int) -> tuple[int, int]:
        """Where a word begins and ends; many texts hold no phrase and are never asked."""
        if self._spans is None:
            self._spans = [found.span() for found in _TOKEN.finditer(self.folded)]
        return self._spans[index]

    def joined(self, first: int, last: int) -> bool:
        """Whether the words from first to last can be parts of one name."""
        end = self.span(first)[1]
        for index in range(first + 1, last + 1):
            start, next_end = self.span(index)
            gap = self.folded[end:start]
            if len(gap) > _LONGEST_GAP or not _INSIDE_A_NAME.issuperset(gap):
                return False
            end = next_end
        return True

    def before(self, index: int) -> str:
        """The word right before the one at index, if only a space lies between."""
        if index == 0:
            return ""
        gap = self.folded[self.span(index - 1)[1] : self.span(index)[0]]
        return self.words[index - 1] if gap in {" ", "\u00a0", ". "} else ""


def _words(folded: str) -> list[str]:
    plain = folded if folded.isascii() else PUNCTUATION.sub(" ", folded)
    if plain.isascii():
        return plain_words(plain.replace("&", " and "))
    return ["and" if word == "&" else word for word in _TOKEN.findall(folded)]


_Meanings = list[tuple[T, int]]
"""What a phrase means, and how many capitals it must have for that."""


class _Begun(NamedTuple, Generic[T]):
    """What a word may begin."""

    longer: dict[str, list[tuple[list[str], _Meanings[T]]]]
    """Second word → phrases, the longest first. Many begin with "the", few of them go on alike."""
    alone: _Meanings[T]


class _Beginnings(dict[str, "_Begun[T] | None"]):
    """What words begin; remembered, since texts are made of few words."""

    def __init__(self, begin: Callable[[str], _Begun[T] | None]) -> None:
        super().__init__()
        self._begin = begin

    def __missing__(self, word: str) -> _Begun[T] | None:
        if len(self) >= _REMEMBERED:
            self.clear()
        begun = self[word] = self._begin(word)
        return begun


class Phrases(Generic[T]):
    """A set of phrases, each with a meaning, compiled for quick finding.

    A phrase of one word may end in `*` to stand for all words that begin so. A short phrase in
    capitals (`AI`, `OTB`) is no everyday word, though it may be spelled like one in some
    language: it is found only with a capital, one of two letters only in capitals.
    """

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        whole: defaultdict[str, dict[tuple[str, ...], _Meanings[T]]] = defaultdict(dict)
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
        self._begun = _Beginnings(self._begin)

    def find(self, text: Text) -> list[Hit[T]]:
        """Every phrase in the text, at each place the longest first; overlaps included."""
        hits: list[Hit[T]] = []
        all_words = text.words
        for index, begun in enumerate(map(self._begun.__getitem__, all_words)):
            if begun is None:
                continue
            longer, alone = begun
            if longer and index + 1 < len(all_words):
                for words, meanings in longer.get(all_words[index + 1], ()):
                    last = index + len(words) - 1
                    if all_words[index : last + 1] == words and text.joined(index, last):
                        hits += _hits(text, meanings, index, last)
            if alone:
                hits += _hits(text, alone, index, index)
        if text.cjk:
            hits += self._find_cjk(text)
        return hits

    def _begin(self, word: str) -> _Begun[T] | None:
        """What a word begins as a whole, or as a word that has a phrase as its beginning."""
        longer: defaultdict[str, list[tuple[list[str], _Meanings[T]]]] = defaultdict(list)
        alone: _Meanings[T] = []
        for words, meanings in self._whole.get(word, ()):
            if len(words) > 1:
                longer[words[1]].append((list(words), meanings))
            else:
                alone += meanings
        prefixes = self._prefixes.get(word[:_PREFIX], ())
        alone += [(meaning, 0) for prefix, meaning in prefixes if word.startswith(prefix)]
        return _Begun(dict(longer), alone) if longer or alone else None

    def _find_cjk(self, text: Text) -> Iterator[Hit[T]]:
        folded = text.folded
        for start, letter in enumerate(folded):
            for phrase, meanings in self._cjk.get(letter, ()):
                end = start + len(phrase)
                if folded.startswith(phrase, start) and _stands_alone(folded, start, end):
                    for meaning in meanings:
                        yield Hit(meaning, text, start, end)


def _hits(text: Text, meanings: _Meanings[T], first: int, last: int) -> Iterator[Hit[T]]:
    start, end = text.span(first)
    if last > first:
        end = text.span(last)[1]
    for meaning, capitals in meanings:
        hit = Hit(meaning, text, start, end, first)
        if not capitals or _has_capitals(text, hit, capitals):
            yield hit


def _capitals(phrase: str) -> int:
    """How many letters of the phrase must be capitals where it is found."""
    if len(phrase) > _SHORT or not (phrase.isascii() and phrase.isupper()):
        return 0
    return len(phrase) if len(phrase) <= _PAIR else 1


def _has_capitals(text: Text, hit: Hit[T], capitals: int) -> bool:
    """Whether the capitals are there; a text that is nothing else (a tag) needs none."""
    if len(hit.text) == len(text.original.strip()):
        return True
    return not any(letter.islower() for letter in hit.text[:capitals])


def _longest_first(group: dict[P, list[T]]) -> list[tuple[P, list[T]]]:
    return sorted(group.items(), key=lambda item: -len(item[0]))


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a katakana word is whole: `コーチ` is no part of `コーチング`."""
    if _KATAKANA.match(text[start]) and start and _KATAKANA.match(text[start - 1]):
        return False
    return not (end < len(text) and _KATAKANA.match(text[end - 1]) and _KATAKANA.match(text[end]))
