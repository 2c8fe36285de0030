"""Names and words found in running text, whatever its case, accents or script.

A text is searched as its tokens, those of `storage.search`: what is filed under a name is found
under it as well. Where a token stands in the original is worked out when somebody asks. Words in
alphabets are compared whole; Chinese and Japanese are found as parts of the text, since they are
written without spaces.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Generic, TypeVar

from ahocorasick_rs import AhoCorasick

from storage import search

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")

_FIRST_OF_JAMO = 0x1100
"""From here on decomposing would take letters apart (Hangul, kana), so only width is folded."""
_CJK = "\u2e80-\u2fdf\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_CJK_LETTER = re.compile(rf"[{_CJK}]")
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc\u31f0-\u31ff]")
_ODD = re.compile(r"[^\x00-\x5f\x61-\x7f]+")
_FEW_ODD = 1.1
"""Bytes for each character of a text in which few need more than one."""
_INSIDE_A_NAME = frozenset(" '\u2019-\u2010\u2011./·・\uff1d\u00a0")
_LONGEST_GAP = 3
_OPEN, _SEVERAL, _CJK_WORD, _POSSESSIVE, _ENDING = 1, 2, 4, 8, 16
"""What must be looked at beside the words of a phrase: where the word ends that it only begins,
whether its words belong together, whether a katakana word is whole, and whether it begins with
what is left of a possessive (`S-Class`, in `Anna's class`)."""
_LEFT_OF_ONE = re.compile(r"\w['\u2019]$")
_SHORT, _PAIR = 4, 2
NEAR = 80
"""Characters around a name that may say what it is."""


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
            if not (_CJK_LETTER.match(letter) or "\uac00" <= letter <= "\ud7a3"):
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
        return _ODD.sub(_folded_run, text).lower()
    return text.translate(_FOLDING).lower()


def _folded_run(odd: re.Match[str]) -> str:
    return odd[0].translate(_FOLDING) if len(odd[0]) > 1 else _FOLDING[ord(odd[0])]


def has_cjk(text: str) -> bool:
    """Whether any letter is Chinese or Japanese."""
    return not text.isascii() and _CJK_LETTER.search(text) is not None


def key(text: str) -> str:
    """What two spellings of one name have in common: no case, accents, spaces, `&` or `and`."""
    if text.isascii() and text.isalnum():
        return text.lower()
    folded = fold(unicodedata.normalize("NFC", text))
    words = re.findall(r"[^\W_]+", folded)
    return "".join(word for word in words if word != "and") or "".join(words)


class Text:
    """A text as its words, to be searched for several sets of phrases.

    Args:
        text: As it was written.
        tokens: Its tokens (`storage.search.tokens`) with a space between, where they are known.
    """

    __slots__ = ("_folded", "_lower", "_places", "original", "words")

    def __init__(self, text: str, tokens: str | None = None) -> None:
        self.original = text if text.isascii() else unicodedata.normalize("NFC", text)
        self._folded: str | None = None
        self._lower: str | None = None
        self._places: list[tuple[int, int]] | None = None
        if tokens is None or "&" in text:
            tokens = " ".join(search.tokens(text.replace("&", " and ")))
        self.words = f" {tokens} "
        """The words, with a space before, between and behind them."""

    @property
    def folded(self) -> str:
        """The text without case and accents, character for character."""
        if self._folded is None:
            self._folded = fold(self.original)
        return self._folded

    @property
    def places(self) -> list[tuple[int, int]]:
        """Where in the original each word begins and ends; few texts are ever asked."""
        if self._places is None:
            places = search.places(self.original, "&")
            alike = len(places) == self.words.count(" ") - 1
            self._places = places if alike else list(self._places_one_by_one())
        return self._places

    def _places_one_by_one(self) -> Iterator[tuple[int, int]]:
        """The same where a sign stands for several words, or an accent for none.

        A word that is not to be seen as it is has no extent.
        """
        end = 0
        for word in self.words.split():
            begins = word if has_cjk(word) else rf"(?<![^\W_]){word}"
            sign = re.compile("&|" + begins if word == "and" else begins)
            found = sign.search(self.folded, end)
            if found is not None:
                end = found.end()
            yield found.span() if found is not None else (end, end)

    def place(self, since: int, last: int) -> tuple[int, int]:
        """Where in the original those of its words begin and end that stand at `since`."""
        found = self._to_the_letter(since, last)
        if found is not None:
            return found
        places = self._places_of(since, last)
        return places[0][0], places[-1][1]

    def joined(self, since: int, last: int) -> bool:
        """Whether the words that stand at `since` can be parts of one name."""
        words = self.words[since:last]
        if self._lowered.count(words) == self.words.count(f" {words} "):
            # They stand so everywhere, each behind the other.
            return True
        for (_, end), (start, _) in pairwise(self._places_of(since, last)):
            gap = self.original[end:start]
            if len(gap) > _LONGEST_GAP or not _INSIDE_A_NAME.issuperset(gap):
                return False
        return True

    def _places_of(self, since: int, last: int) -> list[tuple[int, int]]:
        """Where in the original each of the words that stand at `since` begins and ends."""
        first = self.words.count(" ", 0, since) - 1
        return self.places[first : first + self.words.count(" ", since, last) + 1]

    def _to_the_letter(self, since: int, last: int) -> tuple[int, int] | None:
        """Where the words at `since` stand, if everywhere in the text they are written so.

        Few names have accents, and few words are parts of others in one text: mostly there is no
        need to fold the text, and hardly ever to look where each of its words stands.
        """
        words = self.words[since:last]
        as_words = f" {words} "
        times = self.words.count(as_words)
        text = self._lowered
        if text.count(words) != times:
            text = self.folded
            if text.count(words) != times:
                return None
        start = text.find(words)
        for _ in range(self.words.count(as_words, 0, since)):
            start = text.find(words, start + len(words))
        end = start + len(words)
        within = text[end - 1 : end + 1].isalnum() and end < len(text)
        return None if within or (start > 0 and text[start - 1].isalnum()) else (start, end)

    @property
    def _lowered(self) -> str:
        if self._lower is None:
            lower = self.original.lower()
            self._lower = lower if len(lower) == len(self.original) else self.folded
        return self._lower


class Hit(Generic[T]):
    """One phrase found in a text. There are many, and few are looked at closely.

    What is asked of these is asked several times: so each answer is kept, once it was asked for.
    """

    __slots__ = (
        "_ahead",
        "_before",
        "_behind",
        "_of",
        "_place",
        "_text",
        "last",
        "meaning",
        "since",
    )
    _ahead: str
    _before: str
    _behind: str
    _place: tuple[int, int]
    _text: str

    def __init__(self, meaning: T, of: Text, since: int, last: int) -> None:
        self.meaning = meaning
        self.since = since
        """Where it begins in the text's `words`."""
        self.last = last
        """Where it ends there."""
        self._of = of

    @property
    def words(self) -> str:
        """Its words, folded."""
        return self._of.words[self.since : self.last]

    @property
    def place(self) -> tuple[int, int]:
        """Where it begins and ends in the original."""
        try:
            return self._place
        except AttributeError:
            self._place = self._of.place(self.since, self.last)
            return self._place

    @property
    def start(self) -> int:
        """Where it begins in the original."""
        return self.place[0]

    @property
    def end(self) -> int:
        """Where it ends in the original."""
        return self.place[1]

    @property
    def text(self) -> str:
        """As it stands in the original."""
        try:
            return self._text
        except AttributeError:
            start, end = self.place
            self._text = self._of.original[start:end]
            return self._text

    @property
    def before(self) -> str:
        """The folded word right before it, if only a space lies between."""
        try:
            return self._before
        except AttributeError:
            self._before = self._word_before()
            return self._before

    def _word_before(self) -> str:
        words = self._of.words
        before = words[words.rfind(" ", 0, self.since - 1) + 1 : self.since - 1]
        if not before:
            return ""
        start = self.start
        near = fold(self._of.original[max(start - len(before) - 2, 0) : start])
        return before if near.endswith((f"{before} ", f"{before}. ")) else ""

    @property
    def ahead(self) -> str:
        """What stands right before it, folded."""
        try:
            return self._ahead
        except AttributeError:
            start = self.start
            self._ahead = fold(self._of.original[max(start - NEAR, 0) : start])
            return self._ahead

    @property
    def behind(self) -> str:
        """What stands right after it, folded."""
        try:
            return self._behind
        except AttributeError:
            end = self.end
            self._behind = fold(self._of.original[end : end + NEAR])
            return self._behind


class Phrases(Generic[T]):
    """A set of phrases, each with a meaning, compiled for quick finding.

    A phrase of one word may end in `*` to stand for all words that begin so, or begin with it for
    all longer words that end so: German makes new ones every day. Japanese joins words in
    katakana: an open one may stand behind others too. A short phrase in capitals (`AI`,
    `OTB`) is no everyday word, though it may be spelled like one in some language: it is found
    only with a capital, one of two letters only in capitals.

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
            capitals = _capitals(phrase) if len(phrase) <= _SHORT else 0
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
        for number, blank, end in matches:
            start, last = blank + 1, end - 1
            look = self._looks[number]
            if look:
                if look & _OPEN:
                    last = text.words.index(" ", end)
                if look & _ENDING:
                    start = text.words.rindex(" ", 0, blank + 1) + 1
                    if start == blank:
                        continue
                if not _is_meant(text, start, last, look):
                    continue
            for meaning, capitals in self._meanings[number]:
                hit = Hit(meaning, text, start, last)
                if not capitals or _has_capitals(text, hit, capitals):
                    hits.append(hit)
        return hits


def _looks(phrase: str, words: str) -> int:
    """What must be looked at beside the words of a phrase."""
    looks = _OPEN if phrase[-1] == "*" else 0
    if phrase[0] == "*":
        looks |= _ENDING
    if " " in words:
        looks |= _SEVERAL
        if words[:2] == "s ":
            looks |= _POSSESSIVE
    return looks | _CJK_WORD if has_cjk(phrase) and not looks & _OPEN else looks


def _is_meant(text: Text, start: int, last: int, look: int) -> bool:
    """Whether words that are a phrase's are one in the text as it was written."""
    if look & _SEVERAL and not text.joined(start, last):
        return False
    if look & _POSSESSIVE and _LEFT_OF_ONE.search(text.original, 0, text.place(start, last)[0]):
        return False
    return not look & _CJK_WORD or _stands_alone(text.folded, *text.place(start, last))


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
    """How many letters of a short phrase must be capitals where it is found."""
    if not (phrase.isascii() and phrase.isupper()):
        return 0
    return len(phrase) if len(phrase) <= _PAIR else 1


def _has_capitals(text: Text, hit: Hit[T], capitals: int) -> bool:
    """Whether the capitals are there; a text that is nothing else (a tag) needs none."""
    if len(hit.text) == len(text.original.strip()):
        return True
    return not any(letter.islower() for letter in hit.text[:capitals])


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a katakana word is whole: `コーチ` is no part of `コーチング`."""
    if _KATAKANA.match(text[start]) and start and _KATAKANA.match(text[start - 1]):
        return False
    return not (end < len(text) and _KATAKANA.match(text[end - 1]) and _KATAKANA.match(text[end]))
