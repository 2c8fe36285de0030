"""Duplicates: articles that are the same story. Pure, and on strong evidence only.

A wrong match hides news and is worse than a duplicate. Two articles within three days are one story
if they have the same link, or nearly the same text, or nearly equal titles that name the same
houses.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import InitVar, dataclass, field
from datetime import timedelta
from itertools import chain, pairwise
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
from news.stories.routine import is_column, is_routine
from news.stories.text_sketches import Sketch, leading, sketch
from news.text.letters import CJK, letters, table
from news.text.links import link_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

WINDOW = timedelta(days=3)
"""Longest time between two articles of one story."""
ROUTINE = timedelta(hours=12)
"""Longest time between two articles of one story, if other news repeats their titles."""
SAME_MOMENT = timedelta(minutes=10)
"""Longest time between articles of one source that are taken for repeats of each other."""
LENIENT = 10
"""Words of a title per word that may differ, so a short title must match in all words."""
_FEWEST, _FEW = 3, 4
"""Fewest words that two titles share: if the words are equal, and if they are not."""
_MORE = 2
"""Most additional words that one of two matching titles may have."""
_LEADING = 4
"""Hashes of a sketch that are looked up to find candidates for copies."""
_RAREST = 3
_MOST = 1_000
"""Most fingerprints indexed under one word, since commoner words find too many."""
_MOST_CANDIDATES = 60
_MOST_COPIES = 24
"""Most candidates for copies per hash, the latest: hundreds of texts may use one template."""

_Key = TypeVar("_Key")
_Places = tuple[int, ...]
_MOVES = frozenset(("rise", "fall"))
_DECIDED = frozenset(
    map(
        folded_word,
        table(
            """buy sell resign retire cut close appeal trade abdicate join recall invest pay
    create ban allow build raise expel extend"""
        ),
    )
)
"""Actions for which a plan is the same news: `A to buy B` is `A buys B`."""


@dataclass(slots=True)
class Fingerprint:
    """The facts about an article that near-duplicate matching compares."""

    link: str
    title: str
    published: datetime
    source_id: int
    houses: frozenset[str] = frozenset()
    """Slugs of the houses that the article names."""
    sketch: bytes = b""
    """Packed sketch of the text; see `news.stories.text_sketches.sketch_of`."""
    story_id: int = 0
    words: InitVar[tuple[str, ...] | None] = None
    order: tuple[str, ...] = field(init=False)
    """Content words of the title, in order."""
    counted: frozenset[str] = field(init=False)
    """Content words of the title, without `TURNS`."""
    address: str = field(init=False)
    """Key of the link, equal for all its spellings."""
    heading: str = field(init=False)
    """Letters and digits of the title."""

    def __post_init__(self, words: tuple[str, ...] | None) -> None:
        self.order = content_words(self.title) if words is None else words
        self.counted = frozenset(self.order) - TURNS
        self.address = link_key(self.link)
        self.heading = letters(self.title)


class Match(NamedTuple):
    """The story that an article joins, and the kind of evidence."""

    story_id: int
    evidence: str
    """Why they match: `link`, `text` or `title`."""


class Stories:
    """The fingerprints of the last days, indexed by what they may share."""

    def __init__(self) -> None:
        self._fingerprints: list[Fingerprint] = []
        self._settled: dict[int, int] = {}
        # Positions in the list above. Most of these tuples have one element. Unlike a hundred
        # thousand lists, tuples of numbers need no visits from the garbage collector.
        self._by_link: dict[str, int] = {}
        self._by_word: defaultdict[frozenset[str], dict[str, _Places]] = defaultdict(dict)
        """Houses → word of the title → positions; titles with other houses never match."""
        self._by_words: dict[frozenset[str], _Places] = {}
        """All words of the title → positions, whatever the houses."""
        self._by_shingle: dict[int, _Places] = {}
        self._by_title: dict[tuple[int, str], _Places] = {}

    def __len__(self) -> int:
        return len(self._fingerprints)

    def add(self, fingerprint: Fingerprint) -> None:
        """Add a fingerprint."""
        place = len(self._fingerprints)
        self._fingerprints.append(fingerprint)
        self._by_link.setdefault(fingerprint.address, place)
        _note(self._by_title, ((fingerprint.source_id, fingerprint.heading),), place)
        _note(self._by_words, (fingerprint.counted,), place)
        _note(self._by_word[fingerprint.houses], fingerprint.counted, place)
        if fingerprint.sketch:
            _note(self._by_shingle, leading(fingerprint.sketch, _LEADING), place)

    def settle(self, stand_ins: Mapping[int, int]) -> None:
        """Record the stored numbers of stories that were known under placeholders."""
        self._settled.update(stand_ins)

    def settled(self, story_id: int) -> int:
        """Return the stored number of a story that may be known under a placeholder."""
        return self._settled.get(story_id, story_id)

    def match(self, fingerprint: Fingerprint) -> Match | None:
        """Return the story that `fingerprint` joins, or None if it is new."""
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
        return abs(fingerprint.published - other.published) > ROUTINE and any(
            abs(again.published - one.published) > ROUTINE
            for one in (fingerprint, other)
            for again in self._titled(one)
        )

    def is_repeat(self, fingerprint: Fingerprint, *, dated: bool) -> bool:
        """Return whether the article's source published it before under another address and id.

        So a site that changes all its addresses does not flood readers. A column with the same
        title every day differs in its date and is no repeat. Undated, the title within `WINDOW`
        counts.
        """
        apart = SAME_MOMENT if dated else WINDOW
        return any(
            abs(other.published - fingerprint.published) <= apart
            for other in self._titled(fingerprint)
        )

    def _titled(self, fingerprint: Fingerprint) -> list[Fingerprint]:
        places = self._by_title.get((fingerprint.source_id, fingerprint.heading), ())
        return [self._fingerprints[place] for place in places]

    def _by_rarest_words(self, fingerprint: Fingerprint) -> list[Fingerprint]:
        # Nearly equal titles share nearly all words, so the rarest few words find them.
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
        if not any(lists):
            return []
        places = dict.fromkeys(chain.from_iterable([some[-last:] for some in lists]))
        return [self._fingerprints[place] for place in places]


def _note(index: dict[_Key, _Places], keys: Iterable[_Key], place: int) -> None:
    """Append a position to the lists of some keys; each list keeps its last `_MOST`."""
    # New keys share one tuple.
    own, last = (place,), slice(1 - _MOST, None)
    for key in keys:
        index[key] = index.get(key, ())[last] + own


def same_news(one: Fingerprint, other: Fingerprint) -> str | None:
    """Return the evidence that two articles are the same news: `link`, `text`, `title` or None."""
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
        # A shop describes its products alike. A source that edits a title keeps most of its words.
        return False
    return _sketched(one).is_copy(_sketched(other), own=own)


def _sketched(fingerprint: Fingerprint) -> Sketch:
    return sketch(fingerprint.sketch, fingerprint.title)


def _are_of_others(one: Fingerprint, other: Fingerprint) -> bool:
    return bool(one.houses and other.houses) and one.houses.isdisjoint(other.houses)


def _names_the_same(one: Fingerprint, other: Fingerprint) -> bool:
    """Return whether titles with equal words name the same houses, although filing missed one."""
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
    # Most candidates fail this test.
    if len(barer) < _FEWEST or not barer <= fuller:
        return False
    if one.houses != other.houses and not _names_the_same(one, other):
        return False
    apart = abs(one.published - other.published)
    # A column repeats its title every day for other news.
    window = SAME_MOMENT if one.source_id == other.source_id else WINDOW
    if apart > window or not _same_title(one, other) or is_column(one.title):
        return False
    if one.sketch and other.sketch and _sketched(one).is_sibling(_sketched(other)):
        return False
    return apart <= ROUTINE or not is_routine(one.counted, housed=bool(one.houses))


def _same_title(one: Fingerprint, other: Fingerprint) -> bool:
    """Return whether two titles have no relevant difference, such as a replaced word."""
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
    """Return whether a title adds only a light word or two; a long title, any word."""
    apart = ours ^ theirs
    if len(apart) > _MORE:
        return False
    if any(word[0].isdigit() or word in DENIALS or CJK.match(word) for word in apart):
        return False
    more = apart - LIGHT
    if len(ours & theirs) < _FEW - bool(fuller.houses and not more):
        return False
    if more:
        # `Israel's Netanyahu` is the same person without his country.
        more = more - owners(fuller.title)
        if "say" not in barer.order:
            # If both name a speaker, different speakers are different news.
            more = more - label(fuller.title)
    # Market news of different days is not the same.
    return len(more) <= len(ours | theirs) // LENIENT and ours.isdisjoint(QUOTED)


def same_order(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether two headlines with the same words also agree on who does what.

    The order may differ by one moved phrase: "In Milan, A sues B" is "A sues B in Milan", but "B
    sues A in Milan" is not. `A is bought by B` differs from `A buys B`, `from A to B` from `from B
    to A`, `A to visit` from `A visits`, and `A says B attacked` from `B says A attacked`.
    """
    both = {*one}.intersection(other) - TURNS
    first = [word for word in one if word in both]
    second = [word for word in other if word in both]
    if not (_after(one, "to") ^ _after(other, "to")) & both <= _DECIDED:
        return False
    if first == second and ("hasbeen" in one) == ("hasbeen" in other):
        return not _is_turned_around(one, other, both)
    if _figures(first) != _figures(second):
        # "5 killed, 9 hurt" is not "9 killed, 5 hurt".
        return False
    if _is_turned_around(one, other, both) or ("hasbeen" in one) != ("hasbeen" in other):
        return False
    moved = _moved(first, second)
    # "Sales of jewels rise" is not "sales rise on jewels".
    keeps = _MOVES.isdisjoint(moved) or _after(one, "on") & both == _after(other, "on") & both
    return first == second or (bool(moved) and keeps)


def _is_turned_around(one: Sequence[str], other: Sequence[str], both: set[str]) -> bool:
    """Return whether `by`, `from` or `say` precedes different words in the two headlines."""
    if (_after(one, "by") ^ _after(other, "by")) & both:
        return True
    return any(_are_turned(one, other, both, turn) for turn in ("from", "say"))


def _figures(words: Sequence[str]) -> list[str]:
    return [word for word in words if word[0].isdigit()]


def _are_turned(one: Sequence[str], other: Sequence[str], both: set[str], turn: str) -> bool:
    named, theirs = _after(one, turn) & both, _after(other, turn) & both
    return bool(named and theirs and named != theirs)


def _after(words: Sequence[str], turn: str) -> set[str]:
    return {later for word, later in pairwise(words) if word == turn}


def _moved(first: list[str], second: list[str]) -> list[str]:
    if len(first) != len(second) or first == second:
        return []
    apart = [at for at, (one, other) in enumerate(zip(first, second, strict=True)) if one != other]
    start, end = apart[0], apart[-1] + 1
    one, other = first[start:end], second[start:end]
    return one if any(one[at:] + one[:at] == other for at in range(1, len(one))) else []
