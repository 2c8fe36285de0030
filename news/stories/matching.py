"""Whether two articles tell the same news. Pure, and on strong evidence only.

A wrong merge hides news and is worse than a duplicate. So two articles are one story when they
have the same link, or the same words in their text, or titles that differ in nothing that counts
and name the same houses, within a few days.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import InitVar, dataclass, field
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from news.stories.headline_tokens import (
    DENIALS,
    LIGHT,
    QUOTED,
    TURNS,
    content_words,
    folded_word,
    label,
    owners,
)
from news.stories.near_duplicates import Sketch, leading, sketch
from news.stories.routine import is_column, is_routine
from news.stories.word_order import same_order
from news.text.letters import CJK, letters
from news.text.links import link_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

WINDOW = timedelta(days=3)
"""How far apart in time two fingerprints of one story may be."""
ROUTINE = timedelta(hours=12)
"""How far, where the same can be told tomorrow of another day."""
SAME_MOMENT = timedelta(minutes=10)
LENIENT = 10
"""Words of a title for each that may differ: a short title must have all of them."""
_FEWEST, _FEW = 3, 4
"""Words that two titles share at least: where they are the very same, and where they are not."""
_MORE = 2
"""Words that one of two titles may say more, light ones or in a long title."""
_LEADING = 4
"""Of a text's shingles, how many find the texts that may be copies."""
_RAREST = 3
_MOST = 1_000
"""Fingerprints that are listed under a word: it is as common as any then."""
_MOST_CANDIDATES = 60
_MOST_COPIES = 24
"""Texts of one mould come in hundreds: a copy follows its original before many of them do."""

_Key = TypeVar("_Key")
_Places = tuple[int, ...]


@dataclass(slots=True)
class Fingerprint:
    """What of an article decides whether it tells known news, and what follows from it.

    Args:
        words: Of its title, where they are known.
    """

    link: str
    title: str
    published: datetime
    source_id: int
    houses: frozenset[str] = frozenset()
    """Slugs of the houses it names."""
    sketch: bytes = b""
    """Of its text; see `news.stories.near_duplicates.sketch_of`."""
    story_id: int = 0
    words: InitVar[tuple[str, ...] | None] = None
    order: tuple[str, ...] = field(init=False)
    """The words of its title that tell its news, in their order."""
    counted: frozenset[str] = field(init=False)
    """Those of its title's words that stand for something."""
    address: str = field(init=False)
    """Equal for the spellings of one link."""
    heading: str = field(init=False)
    """Equal for titles that have the same letters."""

    def __post_init__(self, words: tuple[str, ...] | None) -> None:
        self.order = content_words(self.title) if words is None else words
        self.counted = frozenset(self.order) - TURNS
        self.address = link_key(self.link)
        self.heading = letters(self.title)


class Match(NamedTuple):
    """The story an article belongs to, and by what evidence."""

    story_id: int
    evidence: str
    """`link`, `text` or `title`."""


class Stories:
    """The fingerprints of the last days, found by what they share."""

    def __init__(self) -> None:
        self._fingerprints: list[Fingerprint] = []
        self._settled: dict[int, int] = {}
        # Their places in the list above. Most of these tuples have one: the garbage collector,
        # which would look through a hundred thousand lists, passes over those of numbers.
        self._by_link: dict[str, int] = {}
        self._by_word: defaultdict[frozenset[str], dict[str, _Places]] = defaultdict(dict)
        """By the houses that a fingerprint names first: titles that name others are never alike."""
        self._by_words: dict[frozenset[str], _Places] = {}
        """By all the words of its title, whatever houses it names."""
        self._by_shingle: dict[int, _Places] = {}
        self._by_title: dict[tuple[int, str], _Places] = {}

    def __len__(self) -> int:
        return len(self._fingerprints)

    def add(self, fingerprint: Fingerprint) -> None:
        """Know `fingerprint` from now on."""
        place = len(self._fingerprints)
        self._fingerprints.append(fingerprint)
        self._by_link.setdefault(fingerprint.address, place)
        _note(self._by_title, ((fingerprint.source_id, fingerprint.heading),), place)
        _note(self._by_words, (fingerprint.counted,), place)
        _note(self._by_word[fingerprint.houses], fingerprint.counted, place)
        if fingerprint.sketch:
            _note(self._by_shingle, leading(fingerprint.sketch, _LEADING), place)

    def settle(self, stand_ins: Mapping[int, int]) -> None:
        """Give stories that were known under a number of the caller's their own numbers."""
        self._settled.update(stand_ins)

    def settled(self, story_id: int) -> int:
        """The number of a story that was known under another."""
        return self._settled.get(story_id, story_id)

    def match(self, fingerprint: Fingerprint) -> Match | None:
        """The story that `fingerprint` tells again; None for news."""
        same = self._by_link.get(fingerprint.address)
        if same is not None:
            return Match(self.settled(self._fingerprints[same].story_id), "link")
        for evidence, found, alike in (
            ("text", self._by_first_shingles(fingerprint), _text_alike),
            ("title", self._by_rarest_words(fingerprint), _title_alike),
        ):
            for other in found:
                if alike(fingerprint, other):
                    if evidence == "title" and self._is_of_another_day(fingerprint, other):
                        continue
                    return Match(self.settled(other.story_id), evidence)
        return None

    def _is_of_another_day(self, fingerprint: Fingerprint, other: Fingerprint) -> bool:
        """Whether a source tells their title every day, and this is not the same day."""
        return abs(fingerprint.published - other.published) > ROUTINE and any(
            abs(again.published - one.published) > ROUTINE
            for one in (fingerprint, other)
            for again in self._titled(one)
        )

    def is_repeat(self, fingerprint: Fingerprint, *, dated: bool) -> bool:
        """Whether its own source told this under another address and id.

        So a site that changes all its addresses at once floods nobody. A column that has one
        title every day is not meant: its date differs. Where the source gives no dates
        (`dated`), the title alone decides within the window.
        """
        apart = SAME_MOMENT if dated else WINDOW
        return any(
            abs(other.published - fingerprint.published) <= apart
            for other in self._titled(fingerprint)
        )

    def _titled(self, fingerprint: Fingerprint) -> list[Fingerprint]:
        """What the fingerprint's source has told under its title."""
        places = self._by_title.get((fingerprint.source_id, fingerprint.heading), ())
        return [self._fingerprints[place] for place in places]

    def _by_rarest_words(self, fingerprint: Fingerprint) -> list[Fingerprint]:
        # Titles that are as good as equal share nearly all words: the rarest few find them.
        of_houses = self._by_word.get(fingerprint.houses, {})
        held = [of_houses[word] for word in fingerprint.counted if word in of_houses]
        found = sorted(held, key=len)[:_RAREST]
        worded = self._by_words.get(fingerprint.counted, ())
        return self._once([*found, worded], last=_MOST_CANDIDATES)

    def _by_first_shingles(self, fingerprint: Fingerprint) -> list[Fingerprint]:
        if not fingerprint.sketch:
            return []
        smallest = leading(fingerprint.sketch, _LEADING)
        held = [self._by_shingle[one] for one in smallest if one in self._by_shingle]
        return self._once(held, last=_MOST_COPIES)

    def _once(self, lists: Sequence[_Places], last: int) -> list[Fingerprint]:
        """The fingerprints at the last few places of each list, none twice."""
        if not any(lists):
            return []
        places = dict.fromkeys(chain.from_iterable([some[-last:] for some in lists]))
        return [self._fingerprints[place] for place in places]


def _note(index: dict[_Key, _Places], keys: Iterable[_Key], place: int) -> None:
    """Add a place to those of some keys, of which the last are kept."""
    # Keys that are new have this one in common.
    own, last = (place,), slice(1 - _MOST, None)
    for key in keys:
        index[key] = index.get(key, ())[last] + own


def same_news(one: Fingerprint, other: Fingerprint) -> str | None:
    """By what evidence two articles tell the same news; None if by none that is strong."""
    if one.address == other.address and one.link:
        return "link"
    if _text_alike(one, other):
        return "text"
    return "title" if _title_alike(one, other) else None


def _text_alike(one: Fingerprint, other: Fingerprint) -> bool:
    if not (one.sketch and other.sketch) or _are_of_others(one, other):
        return False
    if abs(one.published - other.published) > WINDOW:
        return False
    own = one.source_id == other.source_id
    if own and 2 * len(one.counted & other.counted) < min(len(one.counted), len(other.counted)):
        # A shop says the same of each of its things; a source keeps most of a title it changes.
        return False
    return _sketched(one).is_copy(_sketched(other), own=own)


def _sketched(fingerprint: Fingerprint) -> Sketch:
    return sketch(fingerprint.sketch, fingerprint.title)


def _are_of_others(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether both name houses, and none that the other names."""
    return bool(one.houses and other.houses) and one.houses.isdisjoint(other.houses)


def _names_the_same(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether titles of the same words name the same houses, though filing found more in one.

    A name that is written without its capital or accent was missed there, or a tag told of more.
    """
    if one.counted != other.counted:
        return False
    if one.houses & other.houses:
        return one.houses <= other.houses or other.houses <= one.houses
    named = one.houses or other.houses
    return not (one.houses and other.houses) and all(
        any(folded_word(part) in one.counted for part in slug.split("-")) for slug in named
    )


def _title_alike(one: Fingerprint, other: Fingerprint) -> bool:
    barer, fuller = one.counted, other.counted
    if len(fuller) < len(barer):
        barer, fuller = fuller, barer
    # Most candidates end here.
    if len(barer) < _FEWEST or not barer <= fuller:
        return False
    if one.houses != other.houses and not _names_the_same(one, other):
        return False
    apart = abs(one.published - other.published)
    # A column has one title every day and other news under it.
    window = SAME_MOMENT if one.source_id == other.source_id else WINDOW
    if apart > window or not _same_title(one, other) or is_column(one.title):
        return False
    if one.sketch and other.sketch and _sketched(one).is_sibling(_sketched(other)):
        return False
    return apart <= ROUTINE or not is_routine(one.counted, housed=bool(one.houses))


def _same_title(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two titles differ in nothing that counts: a word for another is mostly other news."""
    first, second = one.order, other.order
    ours, theirs = one.counted, other.counted
    if ours == theirs:
        few = _FEW - bool(one.houses)
        return first == second or (len(ours) >= few and same_order(first, second))
    fuller, barer = (one, other) if theirs < ours else (other, one)
    if not _says_little_more(ours, theirs, fuller, barer):
        return False
    return same_order(first, second)


def _says_little_more(
    ours: frozenset[str], theirs: frozenset[str], fuller: Fingerprint, barer: Fingerprint
) -> bool:
    """Whether one title says a light word or two more, or one of many words any other.

    A word more is mostly more news.
    """
    apart = ours ^ theirs
    if len(apart) > _MORE:
        return False
    if any(word[0].isdigit() or word in DENIALS or CJK.match(word) for word in apart):
        return False
    more = apart - LIGHT
    if len(ours & theirs) < _FEW - bool(fuller.houses and not more):
        return False
    if more:
        # `Israel's Netanyahu` is who he is without his country.
        more = more - owners(fuller.title)
        if "say" not in barer.order:
            # Where both tell who says it, another does.
            more = more - label(fuller.title)
    # What markets did on Friday is not what they did.
    return len(more) <= len(ours | theirs) // LENIENT and ours.isdisjoint(QUOTED)
