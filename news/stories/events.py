"""Matching of articles to events: single-pass clustering of articles as they arrive. Pure.

Copies of a story are hidden; see `duplicates`. The stories of an event are only listed together, so
weaker evidence is enough. Two kinds of evidence join an article to an event of the last days: rare
words (cosine similarity of tf-idf vectors, counted over the reports in memory), and, across
languages, names and amounts. The most similar reports vote for their event.

Reports that share many words are of different events if both list the same houses (`Gucci, Prada
and Versace dress the stars`, and all three are sued), or if they differ only in a place or person.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import timedelta
from functools import lru_cache
from heapq import nlargest
from itertools import chain
from math import log, log1p, sqrt
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from weakref import WeakValueDictionary

from news.stories.figures import SCALES
from news.stories.headline_tokens import content_words
from news.stories.remembered import Event, NamedReports, Remembered, may_share, shared_names
from news.stories.report import spellings, word_counts
from news.text.letters import without_accents

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from news.entry import Report


# These constants were chosen on general news in English and Italian.
ALIKE = 0.373
"""Least similarity, from 0 to 1, with which a report joins an event."""
_VOTES = 3
"""Most reports of an event that count, the most similar ones."""
_FOR_VOTES = 0.03
"""Added to the similarity for each report of the event after the first, up to `_VOTES`."""
_FOR_AGREEING = 0.15
"""Factor of the share of all votes beyond a half, added if several reports count."""
CROWD = 0.18
"""Least similarity of a report in a crowd; news of many sources is worded in many ways."""
_FOR_CROWD, _IN_CROWD = 0.012, 6
"""Added for each report of a crowd after the first, and how many such reports count."""
_OFF_FOR_HOURS = 0.04
"""Factor of the logarithm of the hours since the nearest report; repeats come soon."""
MOST_ADDED = _FOR_VOTES * (_VOTES - 1) + _FOR_AGREEING / 2 + _FOR_CROWD * _IN_CROWD
_SECONDS = 3600
LONGEST = timedelta(days=10)
"""Longest time from an event's first report to any other."""
MOST = 6_000
"""Most reports in memory."""
_POSTINGS = 40
"""Reports, the latest, that are indexed per term; common terms find nothing that others do not."""
_TERMS = 24
"""Terms per report that count, those with the largest weights."""
_NEAREST = 12
"""Most similar reports that vote."""
_NAMED = (1.0, 0.85, 0.7)
"""Factors of the threshold `ALIKE` by the number of shared anchors, if one is a house or group."""
_LEAST = ALIKE * min(_NAMED)
_FAR = 0.1
"""Similarity up to which a report has no vote on another report's event."""
_SHARED = 3
"""Fewest words that two reports share, unless one title is shorter."""
_ANCHORED = 12.0
"""Total rarity of shared anchors that is enough to join two reports; a new anchor has 9."""
_MANY_NAMED = 3
"""Shared houses and groups that are enough without another anchor."""
_AMOUNT = 1.3
"""Factor of the rarity of an amount, relative to a name's."""
_SHOWN = 3

_Value = TypeVar("_Value")


class Joined(NamedTuple):
    """The event that an article joins, and the evidence."""

    event: int
    why: tuple[str, ...] = ()
    """What it shares with the nearest report of the event: `("Versace", "1.25 billion")`."""


class Events:
    """The reports of the last days, and their events."""

    def __init__(self) -> None:
        self._reports: dict[int, Remembered] = {}
        """Ascending number → report."""
        self._next = 0
        # Most terms are in one report. A tuple takes a tenth of a list's memory, and the garbage
        # collector skips tuples of numbers.
        self._postings: dict[str, tuple[float, ...]] = {}
        """Term → number of a report and the term's weight in it, then those of the next report."""
        self._anchored: dict[str, tuple[int, ...]] = {}
        self._named = NamedReports()
        self._counts = dict(word_counts().words)
        """Term or anchor → number of reports and of bundled headlines that have it."""
        self._events: WeakValueDictionary[int, Event] = WeakValueDictionary()
        """Number → event, of the events of reports and stories in memory."""
        self._of_story: dict[int, Event] = {}
        """Story that did not begin its event → the event, also after its report was dropped."""
        self._settled: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._reports)

    def settle(self, stand_ins: Mapping[int, int]) -> None:
        """Replace placeholders of stories and events with their stored numbers."""
        for before, now in stand_ins.items():
            event = self._events.pop(before, None)
            if event is not None:
                event.number = now
                self._events[now] = event
                _put(self._settled, before, now)
            of_story = self._of_story.pop(before, None)
            if of_story is not None:
                _put(self._of_story, now, of_story)

    def settled(self, event: int) -> int:
        """Return the stored number of an event that may be known under a placeholder."""
        return self._settled.get(event, event)

    def add(self, report: Report, *, story: int, event: int, begun: datetime | None = None) -> None:
        """Add a report of a known event, with its begin if the first report is not in memory."""
        of = self._event(event, begun or report.published)
        self._remember(report, story, of, self._count_and_weigh(report))

    def match(self, report: Report, number: int, story: int | None = None) -> Joined | None:
        """Return the event that `report` joins, or None if it begins one; add the report.

        `number` is the story and event that it begins if it joins none, `story` the one that it
        joins.
        """
        weights = self._count_and_weigh(report)
        if story is not None:
            event = self._of_story.get(story) or self._event(story, report.published)
            self._remember(report, story, event, weights)
            # A copy in the same batch may have matched it, and knows it by this number.
            _put(self._of_story, number, event)
            return Joined(event.number)
        found = self._by_words(report, weights)
        if found is None:
            found = self._by_anchors(report)
        if found is None:
            self._remember(report, number, self._event(number, report.published), weights)
            return None
        nearest = self._reports[found]
        why = self._why(report, nearest)
        self._remember(report, number, nearest.event, weights)
        return Joined(nearest.event.number, why)

    def find(self, report: Report) -> Joined | None:
        """Return the event that `report` would join, or None. Nothing is added."""
        weights = self._count_and_weigh(report)
        found = self._by_words(report, weights)
        if found is None:
            found = self._by_anchors(report)
        for term in {*report.terms, *report.anchors}:
            self._counts[term] -= 1
            if not self._counts[term]:
                del self._counts[term]
        if found is None:
            return None
        nearest = self._reports[found]
        return Joined(nearest.event.number, self._why(report, nearest))

    def _event(self, number: int, published: datetime) -> Event:
        return self._events.setdefault(number, Event(number, published))

    def _count_and_weigh(self, report: Report) -> dict[str, float]:
        """Count the terms of a report, and return its heaviest ones as a vector of length 1."""
        of_all = log(word_counts().headlines + len(self._reports) + 1)
        counts, so_far, terms = self._counts, self._counts.get, report.terms
        for anchor in report.anchors:
            if anchor not in terms:
                counts[anchor] = so_far(anchor, 0) + 1
        weights = []
        for term, share in terms.items():
            counts[term] = count = so_far(term, 0) + 1
            weights.append((share * (of_all - log(count)), term))
        weights.sort(key=itemgetter(0), reverse=True)
        most = weights[:_TERMS]
        length = sqrt(sum([weight * weight for weight, _ in most])) or 1.0
        return {term: weight / length for weight, term in most}

    def _having(self, term: str) -> int:
        return self._counts[term] - word_counts().words.get(term, 0)

    def _remember(
        self, report: Report, story: int, event: Event, weights: Mapping[str, float]
    ) -> None:
        number = self._next
        self._next += 1
        self._reports[number] = Remembered(
            report.published,
            report.lines,
            (*report.anchors,),
            report.houses,
            report.groups,
            report.language,
            report.title,
            event,
            report.lasts,
        )
        event.begun = min(event.begun, report.published)
        if story != event.number:
            _put(self._of_story, story, event)
        postings, anchored = self._postings, self._anchored
        last = slice(2 - 2 * _POSTINGS, None)
        for term, weight in weights.items():
            there = (number, weight)
            postings[term] = postings.get(term, ())[last] + there
        self._named.add(report, number)
        # New anchors share one tuple.
        last, own = slice(1 - _POSTINGS, None), (number,)
        for anchor in report.anchors:
            anchored[anchor] = anchored.get(anchor, ())[last] + own
        if len(self._reports) > MOST:
            self._forget(next(iter(self._reports)))

    def _forget(self, number: int) -> None:
        gone = self._reports.pop(number)
        self._named.remove(gone, number)
        for term in {*gone.terms, *gone.anchors}:
            self._counts[term] -= 1
            if not self._having(term):
                if not self._counts[term]:
                    del self._counts[term]
                self._postings.pop(term, None)
                self._anchored.pop(term, None)

    def _may_join(self, report: Report, other: Remembered) -> bool:
        apart = abs(report.published - other.published).total_seconds() / _SECONDS
        if apart > min(report.lasts, other.lasts) or not (report.lasts and other.lasts):
            return False
        if not may_share(report, other):
            return False
        if abs(report.published - other.event.begun) > LONGEST:
            return False
        return not _are_lists(report, other)

    def _by_words(self, report: Report, weights: Mapping[str, float]) -> int | None:
        if not report.lasts:
            return None
        enough = _LEAST if report.houses or report.groups else ALIKE
        near = self._near(report, weights, enough - MOST_ADDED)
        if not near:
            return None
        some = sorted([(how, number) for number, how in near.items() if how > _FAR], reverse=True)
        votes: defaultdict[int, list[float]] = defaultdict(list)
        voters: defaultdict[int, list[Remembered]] = defaultdict(list)
        nearest: dict[int, int] = {}
        for how, place in some[:_NEAREST]:
            other = self._reports.get(number := int(place))
            if other is not None and self._may_join(report, other):
                event = other.event.number
                votes[event].append(how)
                voters[event].append(other)
                nearest.setdefault(event, number)
        crowd = sum(how > CROWD for how, _ in some[:_NEAREST])
        weight = {event: sum([how * how for how in each]) for event, each in votes.items()}
        of_all = sum(weight.values())
        joins = {
            event
            for event, others in voters.items()
            if self._are_enough(report, others[0], votes[event], crowd, weight[event] / of_all)
        }
        # Compare titles only if an event is similar enough, which is rare.
        for event in sorted(weight, key=weight.__getitem__, reverse=True) if joins else ():
            if not any(_are_parallel(report, other) for other in voters[event]):
                return nearest[event] if event in joins else None
        return None

    def _are_enough(
        self, report: Report, nearest: Remembered, votes: list[float], crowd: int, share: float
    ) -> bool:
        """Return whether an event's reports, with this share of votes, are enough to join it."""
        apart = abs(report.published - nearest.published).total_seconds() / _SECONDS
        near = nearness(votes, share, crowd, apart)
        if near < _LEAST or near < self._enough(report, nearest):
            return False
        theirs = {term for term in nearest.terms if " " not in term}
        shared = report.terms.keys() & theirs
        return len(shared) >= min(_SHARED, report.words, len(theirs))

    def _enough(self, report: Report, other: Remembered) -> float:
        """Return the least similarity of a match, lower if both name a common house or group."""
        shared = report.anchors.keys() & other.anchors
        named = any(anchor[0] == "@" for anchor in shared)
        return ALIKE * _NAMED[min(len(shared), len(_NAMED) - 1) if named else 0]

    def _near(
        self, report: Report, weights: Mapping[str, float], enough: float
    ) -> Mapping[float, float]:
        """Return number of a report → its similarity, empty if none reaches `enough`.

        The rarest terms come first, since few reports have them. The search stops when the
        remaining terms cannot raise any similarity to `enough`: they add at most their own length,
        as each vector has length 1.
        """
        lists = self._postings
        held = [(weight, term, lists[term]) for term, weight in weights.items() if term in lists]
        held.sort(reverse=True)
        left = sum([weight * weight for weight, _, _ in held])
        near: dict[float, float] = {}
        so_far, least = near.get, enough**2
        sharing, nameless = self._named.sharing(report), self._named.nameless
        for weight, _, of_term in held:
            if left < least and max(near.values(), default=0.0) + sqrt(max(left, 0.0)) < enough:
                return {}
            left -= weight * weight
            numbers = of_term[::2]
            if sharing is None:
                for number, theirs in zip(numbers, of_term[1::2], strict=True):
                    near[number] = so_far(number, 0.0) + weight * theirs
                continue
            # Few of the numbers share a name.
            for number in chain(sharing.intersection(numbers), nameless.intersection(numbers)):
                theirs = of_term[2 * numbers.index(number) + 1]
                near[number] = so_far(number, 0.0) + weight * theirs
        # An event is at most as similar as its most similar report.
        return near if max(near.values(), default=0.0) >= enough else {}

    def _by_anchors(self, report: Report) -> int | None:
        anchored = self._anchored
        held = [anchor for anchor in report.anchors if anchor in anchored]
        named = [anchored[anchor] for anchor in held if anchor[0] == "@"]
        # A report that shares no house or group cannot match, and mostly one that shares nothing
        # else cannot either.
        candidates = set(chain.from_iterable(named))
        beside = (anchored[anchor] for anchor in held if anchor[0] != "@")
        if len(named) < _MANY_NAMED and all(map(candidates.isdisjoint, beside)):
            return None
        worth = self._worth(held)
        if sum(worth.values()) < _ANCHORED:
            return None
        found = dict.fromkeys(candidates, 0.0)
        for anchor, each in worth.items():
            for number in candidates.intersection(anchored[anchor]):
                found[number] += each
        enough = [number for number, worth in found.items() if worth >= _ANCHORED]
        for number in nlargest(_NEAREST, enough, key=found.__getitem__):
            other = self._reports.get(number)
            if other and self._may_join(report, other) and self._is_enough(report, other):
                return number
        return None

    def _is_enough(self, report: Report, other: Remembered) -> bool:
        """Return whether two reports share three houses or groups, or one and another anchor."""
        shared = report.anchors.keys() & other.anchors
        named = sum(anchor[0] == "@" for anchor in shared)
        return named >= _MANY_NAMED or 0 < named < len(shared)

    def _worth(self, anchors: Iterable[str]) -> dict[str, float]:
        """Return anchor → rarity: log of all headlines per headline with it; amounts get more."""
        of_all = log(word_counts().headlines + len(self._reports) + 1)
        return {
            anchor: (of_all - log(self._having(anchor))) * (_AMOUNT if anchor[0] == "#" else 1.0)
            for anchor in anchors
        }

    def _why(self, report: Report, other: Remembered) -> tuple[str, ...]:
        """Return up to three things that two reports share: houses, amounts, names, then words."""
        worth = self._worth(report.anchors.keys() & other.anchors)
        first = sorted(worth, key=lambda anchor: (anchor[0] != "@", -worth[anchor], anchor))
        shown = [report.anchors[anchor] for anchor in first[:_SHOWN]]
        if len(shown) < _SHOWN:
            named = {word for each in shown for word in each.casefold().split()}
            spelled = spellings(report.title)
            rarest = [
                (self._having(term), term)
                for term in report.terms.keys() & set(other.terms) & spelled.keys()
            ]
            words = (spelled[term] for _, term in sorted(rarest))
            # A scale such as “bn” adds nothing to an amount.
            shown += [word for word in words if word.casefold() not in named | SCALES.keys()]
        return tuple(dict.fromkeys(shown))[:_SHOWN]


def _put(kept: dict[int, _Value], number: int, value: _Value) -> None:
    kept.pop(number, None)
    kept[number] = value
    if len(kept) > MOST:
        del kept[next(iter(kept))]


def nearness(votes: list[float], share: float, crowd: int, hours: float) -> float:
    """Return a report's similarity to an event that has a `share`, 0 to 1, of all votes.

    `crowd` counts similar reports of any event.
    """
    best = votes[:_VOTES]
    together = (best[0] + sqrt(sum([how * how for how in best]) / len(best))) / 2
    together += _FOR_CROWD * min(max(crowd - 1, 0), _IN_CROWD)
    if len(best) > 1:
        together += _FOR_VOTES * (len(best) - 1) + _FOR_AGREEING * (share - 0.5)
    return together - _OFF_FOR_HOURS * log1p(hours)


_LIST = 3
"""Fewest shared houses and groups that make two headlines lists."""
_WORD = re.compile(r"[^\W_]+")
_LONGEST_NAME = 3
"""Most words in a name that distinguishes two headlines."""
_SHORTEST_NAME = 4
"""Fewest letters in a distinguishing name, and in a word that shows a title's lower case."""
_BEGINNING = 3
"""First letters that spellings of one name share."""


def _are_lists(report: Report, other: Remembered) -> bool:
    """Return whether two reports in one language share three houses or groups and no other word."""
    if len(report.houses) + len(report.groups) < _LIST:
        return False
    shared = shared_names(report, other)
    if len(shared) < _LIST or not _are_houses(shared):
        return False
    if report.language and other.language and report.language != other.language:
        return False
    named = {part for anchor in shared for part in _named_by(anchor[1:], report.anchors[anchor])}
    return all(named.issuperset(term.split()) for term in report.terms.keys() & set(other.terms))


def _are_parallel(report: Report, other: Remembered) -> bool:
    """Return whether two reports of one house differ only in a name at the same place.

    A title with a capital on every word does not count, as names cannot be recognised in it. Shared
    amounts or names show that it is one event.
    """
    shared = shared_names(report, other)
    if not _are_houses(shared):
        return False
    (first, folded), (second, others) = _words(report.title), _words(other.title)
    before, after = _alike(folded, others)
    names = first[before : len(first) - after], second[before : len(second) - after]
    if not all(map(_is_name, names)):
        return False
    around = first[:before] + first[len(first) - after :]
    house = {
        part
        for anchor in shared
        for name in (anchor[1:], report.anchors[anchor])
        for part in _WORD.findall(without_accents(name))
    }
    return (
        folded[before][:_BEGINNING] != others[before][:_BEGINNING]
        # Otherwise the house itself may have two names.
        and not house.isdisjoint(map(without_accents, around))
        and any(word.islower() and len(word) >= _SHORTEST_NAME for word in around)
    )


def _are_houses(anchors: AbstractSet[str]) -> bool:
    return bool(anchors) and all(anchor[0] == "@" for anchor in anchors)


@lru_cache(maxsize=500)
def _words(title: str) -> tuple[list[str], list[str]]:
    words = _WORD.findall(title)
    return words, list(map(without_accents, words))


def _alike(first: list[str], second: list[str]) -> tuple[int, int]:
    """Return how many words are equal from the beginning, and how many of the rest from the end."""
    least = min(len(first), len(second))
    before = after = 0
    while before < least and first[before] == second[before]:
        before += 1
    while after < least - before and first[-1 - after] == second[-1 - after]:
        after += 1
    return before, after


def _is_name(words: list[str]) -> bool:
    return (
        0 < len(words) <= _LONGEST_NAME
        and all(word[0].isupper() for word in words)
        and len("".join(words)) >= _SHORTEST_NAME
    )


@lru_cache(maxsize=4_096)
def _named_by(slug: str, name: str) -> frozenset[str]:
    return frozenset((*content_words(slug), *content_words(name)))
