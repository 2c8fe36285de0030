"""Whether two articles tell the same news. Pure, and on strong evidence only.

A wrong merge hides news and is worse than a duplicate. So two articles are one story when they
have the same link, or the same words in their text, or titles that differ in nothing that counts
and name the same houses, within a few days.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from news.links import link_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

WINDOW = timedelta(days=3)
"""How far apart in time two tellings of one story may be."""
SAME_MOMENT = timedelta(minutes=10)
SAME_TEXT = 0.5
"""The share of the shorter text's shingles that the other holds too."""
LENIENT = 10
"""Words of a title for each that may differ: a short title must have all of them."""
_SHINGLE = 6
"""Words."""
_LEAST_SHINGLES = 12
_SKETCH = 64
"""Shingles that are kept of a text."""
_LEADING = 4
"""Of these, how many find the texts that may be copies."""
_RAREST = 3
_MOST_CANDIDATES = 60
_WORD = re.compile(r"\d+(?:[.,]\d+)*%?|[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def _table(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STOP = _table(
    """a an and are as at be been by for from has have in into is it its of on or s than that the
    their this to was were will with after amid over says say said new news report reports
    il lo la i gli le un una uno di del della dei delle da dal nel con su per e ed che al alla
    der die das den dem des ein eine einer und im zu zum zur mit von vom auf fur bei ist
    l une du de d et en au aux pour par sur dans avec est qui
    el los las unos y por para es que"""
)
_DENIALS = _table(
    "no not never without denies denied deny rejects false non nicht kein pas sans sin nunca"
)


@dataclass(frozen=True, slots=True)
class Telling:
    """What of an article decides whether it tells known news."""

    link: str
    title: str
    published: datetime
    source_id: int
    houses: frozenset[str] = frozenset()
    """Slugs of the houses it names."""
    sketch: bytes = b""
    """Of its text; see `sketch_of`."""
    story_id: int = 0


class Match(NamedTuple):
    """The story an article belongs to, and by what evidence."""

    story_id: int
    evidence: str
    """`link`, `text` or `title`."""


class _Print(NamedTuple):
    telling: Telling
    words: frozenset[str]


class Stories:
    """The tellings of the last days, found by what they share."""

    def __init__(self) -> None:
        self._prints: list[_Print] = []
        self._by_link: dict[str, _Print] = {}
        self._by_word: dict[str, list[_Print]] = defaultdict(list)
        self._by_shingle: dict[bytes, list[_Print]] = defaultdict(list)
        self._by_title: dict[tuple[int, str], list[_Print]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._prints)

    def add(self, telling: Telling) -> None:
        """Know `telling` from now on."""
        self._index(_print(telling))

    def match(self, telling: Telling) -> Match | None:
        """The story that `telling` tells again; None for news."""
        print_ = _print(telling)
        same = self._by_link.get(link_key(telling.link))
        if same is not None:
            return Match(same.telling.story_id, "link")
        for other in self._candidates(print_):
            evidence = _evidence(print_, other)
            if evidence:
                return Match(other.telling.story_id, evidence)
        return None

    def retold(self, telling: Telling, *, dated: bool) -> bool:
        """Whether its own source told this under another address and id.

        So a site that changes all its addresses at once floods nobody. A column that has one
        title every day is not meant: its date differs. Where the source gives no dates
        (`dated`), the title alone decides within the window.
        """
        apart = SAME_MOMENT if dated else WINDOW
        return any(
            abs(other.telling.published - telling.published) <= apart
            for other in self._by_title.get((telling.source_id, _title_key(telling.title)), ())
        )

    def since(self, moment: datetime) -> Stories:
        """The stories without what was told before `moment`."""
        kept = Stories()
        for one in self._prints:
            if one.telling.published >= moment:
                kept._index(one)
        return kept

    def _index(self, print_: _Print) -> None:
        self._prints.append(print_)
        telling = print_.telling
        self._by_link.setdefault(link_key(telling.link), print_)
        self._by_title[telling.source_id, _title_key(telling.title)].append(print_)
        for word in print_.words:
            self._by_word[word].append(print_)
        for shingle in _leading(telling.sketch):
            self._by_shingle[shingle].append(print_)

    def _candidates(self, print_: _Print) -> Iterator[_Print]:
        # Titles that are as good as equal share nearly all words: the rarest few find them.
        held = sorted(
            (sharing for word in print_.words if (sharing := self._by_word.get(word))), key=len
        )
        lists = [*held[:_RAREST], *map(self._by_shingle.get, _leading(print_.telling.sketch))]
        seen: set[int] = set()
        for sharing in lists:
            for other in (sharing or [])[-_MOST_CANDIDATES:]:
                if id(other) not in seen:
                    seen.add(id(other))
                    yield other


def same_news(one: Telling, other: Telling) -> str | None:
    """By what evidence two articles tell the same news; None if by none that is strong."""
    if link_key(one.link) == link_key(other.link) and one.link:
        return "link"
    return _evidence(_print(one), _print(other))


def _evidence(one: _Print, other: _Print) -> str | None:
    if abs(one.telling.published - other.telling.published) > WINDOW:
        return None
    if _same_text(one.telling.sketch, other.telling.sketch):
        return "text"
    if one.telling.houses == other.telling.houses and _same_title(one, other):
        return "title"
    return None


def _same_text(one: bytes, other: bytes) -> bool:
    """Whether two texts share so many shingles that one was copied from the other.

    Of the smallest shingles of both together, the share that both hold estimates the share of
    all their shingles.
    """
    first, second = _pieces(one), _pieces(other)
    size = min(len(first), len(second))
    if size < _LEAST_SHINGLES:
        return False
    smallest = sorted(first | second)[:size]
    both = sum(piece in first and piece in second for piece in smallest)
    return both >= SAME_TEXT * size


def _same_title(one: _Print, other: _Print) -> bool:
    both = one.words & other.words
    every = one.words | other.words
    if len(both) < 4:
        return False
    apart = every - both
    if any(word[0].isdigit() or word in _DENIALS for word in apart):
        return False
    return len(apart) <= len(every) // LENIENT


def sketch_of(text: str) -> bytes:
    """The smallest shingles of a text, four bytes each: enough to know a copy by.

    Heavy for a long text: made in the worker.
    """
    words = [found.group() for found in _WORD.finditer(text[:12_000].casefold())]
    if len(_CJK.findall(text[:2000])) > 40:
        words = _CJK.findall(text[:6000])
    # Python's own hash differs from process to process.
    every = {
        zlib.crc32(" ".join(words[at : at + _SHINGLE]).encode("utf-8", "replace"))
        for at in range(len(words) - _SHINGLE + 1)
    }
    return b"".join(one.to_bytes(4, "big") for one in sorted(every)[:_SKETCH])


def _pieces(sketch: bytes) -> set[bytes]:
    return {sketch[at : at + 4] for at in range(0, len(sketch), 4)}


def _leading(sketch: bytes) -> list[bytes]:
    return [sketch[at : at + 4] for at in range(0, min(len(sketch), 4 * _LEADING), 4)]


def _print(telling: Telling) -> _Print:
    return _Print(telling, frozenset(_words(telling.title)))


def _words(text: str) -> Iterator[str]:
    folded = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text).casefold()
        if not unicodedata.combining(letter)
    )
    folded = unicodedata.normalize("NFC", folded)
    cjk = _CJK.findall(folded)
    if len(cjk) >= 4:
        # Words have no blanks between them: pairs of letters stand for them.
        yield from ("".join(pair) for pair in pairwise(cjk))
        folded = _CJK.sub(" ", folded)
    for found in _WORD.finditer(folded):
        word = re.sub(r"['\u2019]s?$", "", found.group())
        if word not in _STOP:
            yield _stem(word)


def _stem(word: str) -> str:
    """A word without an English plural or third person, the one change that says nothing."""
    if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _title_key(title: str) -> str:
    return "".join(letter for letter in title.casefold() if letter.isalnum())
