"""Whether two articles tell the same news. Pure, and on strong evidence only.

A wrong merge hides news and is worse than a duplicate. So two articles are one story when they
have the same link, or the same words in their text, or titles that differ in nothing that counts
and name the same houses, within a few days.
"""

from __future__ import annotations

import zlib
from array import array
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from news.links import link_key
from news.order import compounded, same_order
from news.wording import DENIALS, LIGHT, QUOTED, TURNS, content_words
from storage import search

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

WINDOW = timedelta(days=3)
"""How far apart in time two tellings of one story may be."""
ROUTINE = timedelta(hours=12)
"""How far, where the same can be told tomorrow of another day."""
SAME_MOMENT = timedelta(minutes=10)
SAME_TEXT = 0.5
"""The share of the shorter text's shingles that the other holds too."""
LENIENT = 10
"""Words of a title for each that may differ: a short title must have all of them."""
_FEWEST, _FEW = 3, 4
"""Words that two titles share at least: where they are the very same, and where they are not."""
_MORE = 2
"""Words that one of two titles may say more, light ones or in a long title."""
_APART = 3
"""Words of one that the other may lack, of those told apart by their spelling too."""
_SHINGLE = 6
"""Words."""
_LEAST_SHINGLES = 12
_SKETCHED = 2_000
SKETCHED_TOKENS = 120
"""Of a text, so many characters and tokens are looked at: a copy is one from its beginning."""
_SKETCH = 64
"""Shingles that are kept of a text."""
_REMEMBERED = 50_000
"""Words whose numbers are kept."""
_LEADING = 4
"""Of these, how many find the texts that may be copies."""
_RAREST = 3
_MOST_CANDIDATES = 60


@dataclass(frozen=True)
class Telling:
    """What of an article decides whether it tells known news.

    What follows from it is worked out once, when it is first asked for.
    """

    link: str
    title: str
    published: datetime
    source_id: int
    houses: frozenset[str] = frozenset()
    """Slugs of the houses it names."""
    sketch: bytes = b""
    """Of its text; see `sketch_of`."""
    story_id: int = 0
    words: tuple[str, ...] | None = None
    """Of its title, where they are known."""

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The words of its title that tell its news, in their order."""
        return content_words(self.title) if self.words is None else self.words

    @cached_property
    def counted(self) -> frozenset[str]:
        """Those of its title's words that stand for something."""
        return frozenset(self.order) - TURNS

    @cached_property
    def address(self) -> str:
        """Equal for the spellings of one link."""
        return link_key(self.link)

    @cached_property
    def heading(self) -> str:
        """Equal for titles that have the same letters."""
        return "".join(filter(str.isalnum, self.title.casefold()))

    @cached_property
    def shingles(self) -> tuple[int, ...]:
        """The smallest of its text, in order."""
        return tuple(array("q", self.sketch))

    @cached_property
    def shingled(self) -> frozenset[int]:
        """The same, for looking one up."""
        return frozenset(self.shingles)

    def under(self, story_id: int) -> Telling:
        """The same telling as one of a story."""
        twin = object.__new__(Telling)
        twin.__dict__.update(self.__dict__, story_id=story_id)
        return twin


class Match(NamedTuple):
    """The story an article belongs to, and by what evidence."""

    story_id: int
    evidence: str
    """`link`, `text` or `title`."""


class Stories:
    """The tellings of the last days, found by what they share."""

    def __init__(self) -> None:
        self._tellings: list[Telling] = []
        self._settled: dict[int, int] = {}
        self._by_link: dict[str, Telling] = {}
        self._by_word: dict[frozenset[str], dict[str, list[Telling]]] = defaultdict(
            lambda: defaultdict(list)
        )
        """By the houses that a telling names first: titles that name others are never alike."""
        self._by_shingle: dict[int, list[Telling]] = defaultdict(list)
        self._by_title: dict[tuple[int, str], list[Telling]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._tellings)

    def add(self, telling: Telling) -> None:
        """Know `telling` from now on."""
        self._tellings.append(telling)
        self._by_link.setdefault(telling.address, telling)
        self._by_title[telling.source_id, telling.heading].append(telling)
        of_houses = self._by_word[telling.houses]
        for word in telling.counted:
            of_houses[word].append(telling)
        for shingle in telling.shingles[:_LEADING]:
            self._by_shingle[shingle].append(telling)

    def settle(self, stand_ins: Mapping[int, int]) -> None:
        """Give stories that were known under a number of the caller's their own numbers."""
        self._settled.update(stand_ins)

    def settled(self, story_id: int) -> int:
        """The number of a story that was known under another."""
        return self._settled.get(story_id, story_id)

    def match(self, telling: Telling) -> Match | None:
        """The story that `telling` tells again; None for news."""
        same = self._by_link.get(telling.address)
        if same is not None:
            return Match(self.settled(same.story_id), "link")
        for evidence, found, told_alike in (
            ("text", self._by_first_shingles(telling), _text_alike),
            ("title", self._by_rarest_words(telling), _title_alike),
        ):
            for other in found:
                if told_alike(telling, other):
                    return Match(self.settled(other.story_id), evidence)
        return None

    def retold(self, telling: Telling, *, dated: bool) -> bool:
        """Whether its own source told this under another address and id.

        So a site that changes all its addresses at once floods nobody. A column that has one
        title every day is not meant: its date differs. Where the source gives no dates
        (`dated`), the title alone decides within the window.
        """
        apart = SAME_MOMENT if dated else WINDOW
        return any(
            abs(other.published - telling.published) <= apart
            for other in self._by_title.get((telling.source_id, telling.heading), ())
        )

    def since(self, moment: datetime) -> Stories:
        """The stories without what was told before `moment`."""
        kept = Stories()
        kept._settled = self._settled
        for one in self._tellings:
            if one.published >= moment:
                kept.add(one)
        return kept

    def _by_rarest_words(self, telling: Telling) -> list[Telling]:
        # Titles that are as good as equal share nearly all words: the rarest few find them.
        of_houses = self._by_word.get(telling.houses, {})
        held = (sharing for word in telling.counted if (sharing := of_houses.get(word)))
        return _once(sorted(held, key=len)[:_RAREST])

    def _by_first_shingles(self, telling: Telling) -> list[Telling]:
        leading = telling.shingles[:_LEADING]
        return _once([self._by_shingle[one] for one in leading if one in self._by_shingle])


def _once(lists: Iterable[list[Telling]]) -> list[Telling]:
    """The last few of each list, none twice."""
    return list({id(one): one for some in lists for one in some[-_MOST_CANDIDATES:]}.values())


def same_news(one: Telling, other: Telling) -> str | None:
    """By what evidence two articles tell the same news; None if by none that is strong."""
    if one.address == other.address and one.link:
        return "link"
    if _text_alike(one, other):
        return "text"
    return "title" if _title_alike(one, other) else None


def _text_alike(one: Telling, other: Telling) -> bool:
    return abs(one.published - other.published) <= WINDOW and _same_text(one, other)


def _title_alike(one: Telling, other: Telling) -> bool:
    if one.houses != other.houses:
        return False
    apart = abs(one.published - other.published)
    # A column has one title every day and other news under it.
    window = SAME_MOMENT if one.source_id == other.source_id else WINDOW
    if apart > window or not _same_title(one, other):
        return False
    return apart <= ROUTINE or not _is_routine(one)


def _is_routine(telling: Telling) -> bool:
    """Whether a title may be told again of another day: `Wall Street opens higher`, or a short one.

    A figure tells one day from another.
    """
    if any(word[0].isdigit() for word in telling.counted):
        return False
    few = len(telling.counted) <= _FEW - bool(telling.houses)
    return few or not telling.counted.isdisjoint(QUOTED)


def _same_text(one: Telling, other: Telling) -> bool:
    """Whether two texts share so many shingles that one was copied from the other.

    Of the smallest shingles of both together, the share that both hold estimates the share of
    all their shingles.
    """
    size = min(len(one.shingles), len(other.shingles))
    if size < _LEAST_SHINGLES:
        return False
    both = one.shingled & other.shingled
    if len(both) < SAME_TEXT * size:
        return False
    smallest = sorted(one.shingled | other.shingled)[:size]
    return sum(shingle in both for shingle in smallest) >= SAME_TEXT * size


def _same_title(one: Telling, other: Telling) -> bool:
    """Whether two titles differ in nothing that counts.

    One of them may say a light word or two more, and one of many words any other: a word more is
    mostly more news, and a word for another is mostly other news.
    """
    both = one.counted & other.counted
    shared = len(both)
    if shared < _FEWEST or max(len(one.counted), len(other.counted)) > shared + _APART:
        # Told apart by their spelling alone, as `bail-out` and `bailout`, they may be more.
        return False
    first, second = compounded(one.order, other.order), compounded(other.order, one.order)
    ours, theirs = frozenset(first) - TURNS, frozenset(second) - TURNS
    apart = ours ^ theirs
    if not apart:
        return first == second or (len(both) >= _FEW and same_order(first, second))
    if not (ours < theirs or theirs < ours) or len(apart) > _MORE or len(ours & theirs) < _FEW:
        return False
    if any(word[0].isdigit() or word in DENIALS for word in apart):
        return False
    if len(apart - LIGHT) > len(ours | theirs) // LENIENT or not ours.isdisjoint(QUOTED):
        # What markets did on Friday is not what they did.
        return False
    return same_order(first, second)


def sketch_of(text: str, tokens: Sequence[str] | None = None) -> bytes:
    """The smallest shingles of a text, eight bytes each: enough to know a copy by.

    Heavy for a long text: made in the worker.

    Args:
        text: The text.
        tokens: Its tokens (`storage.search.tokens`), where they are known.
    """
    words = (search.tokens(text[:_SKETCHED]) if tokens is None else tokens)[:SKETCHED_TOKENS]
    numbers = list(map(_NUMBERS.__getitem__, words))
    # The hash of a word differs from process to process, that of a tuple of numbers does not.
    hashes = map(hash, zip(*(numbers[start:] for start in range(_SHINGLE)), strict=False))
    return array("q", sorted({*hashes})[:_SKETCH]).tobytes()


class _Numbers(dict[str, int]):
    """A number for each word; remembered, since texts are made of few words."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _REMEMBERED:
            self.clear()
        number = self[word] = zlib.crc32(word.encode("utf-8", "replace"))
        return number


_NUMBERS = _Numbers()
