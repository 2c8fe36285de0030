"""Which articles tell of one event: a single pass over them, as they come in. Pure.

A story is told once, and its copies are hidden; see `matching`. An event is what happened, in the
words of each, and nothing of it is hidden: so it may be joined on weaker evidence. Two things
join an article to an event of the last days: words that few other headlines have (the cosine of
vectors weighted by tf-idf, counted over what is remembered), or, whatever the languages, names and
amounts. The nearest reports of each event vote.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from heapq import nlargest
from itertools import chain
from math import log, sqrt
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from weakref import WeakValueDictionary

from news.stories.figures import SCALES
from news.stories.named_reports import NamedReports, may_share
from news.stories.other_event import are_lists, are_parallel
from news.stories.remembered import Event, Remembered
from news.stories.report import spellings
from news.stories.votes import ALIKE, CROWD, MOST_ADDED, nearness
from news.stories.word_counts import word_counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from news.entry import Report

_SECONDS = 3600
LONGEST = timedelta(days=10)
"""How long an event may go on from one report to the next."""
MOST = 6_000
"""Reports that are remembered."""
_POSTINGS = 40
"""Of a term, the last reports that have it: the commonest words find nothing that others do not."""
_TERMS = 24
"""Of a report, the terms that say most."""
_NEAREST = 12
"""So many reports say which event it is."""
_NAMED = (1.0, 0.85, 0.7)
"""So much of it is enough where the nearest report shares a house or group: by how many anchors
it shares, the last for more."""
_LEAST = ALIKE * min(_NAMED)
_FAR = 0.1
"""What is no nearer has no vote."""
_SHARED = 3
"""Words that two reports share at least, or all of a shorter title."""
_ANCHORED = 12.0
"""How rare together the anchors are that join two reports: 9 is one that no headline had before."""
_MANY_NAMED = 3
"""So many houses and groups are enough without anything beside."""
_AMOUNT = 1.3
"""An amount says more than a name that is as rare."""
_SHOWN = 3

_Value = TypeVar("_Value")


class Joined(NamedTuple):
    """The event that an article tells of, and what says so."""

    event: int
    why: tuple[str, ...] = ()
    """What it shares with the nearest report of that event: `("Versace", "1.25 billion")`."""


class Events:
    """The reports of the last days, and the events they tell of."""

    def __init__(self) -> None:
        self._reports: dict[int, Remembered] = {}
        """By a number that grows."""
        self._next = 0
        # Most terms are in one report: a tuple takes a tenth of a list's room, and the garbage
        # collector passes over one of numbers.
        self._postings: dict[str, tuple[float, ...]] = {}
        """Of each term a report's number and its weight there, then the next one's."""
        self._anchored: dict[str, tuple[int, ...]] = {}
        self._named = NamedReports()
        self._counts = dict(word_counts().words)
        """Of each term and anchor, the reports that have it, and the headlines counted before."""
        self._events: WeakValueDictionary[int, Event] = WeakValueDictionary()
        """By their numbers, those of a report or story that is remembered."""
        self._of_story: dict[int, Event] = {}
        """By their numbers, the last stories that did not begin their event: a copy may come when
        their report is forgotten."""
        self._settled: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._reports)

    def settle(self, stand_ins: Mapping[int, int]) -> None:
        """Give stories and events that were known under a number of the caller's their own."""
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
        """The number of an event that was known under another lately."""
        return self._settled.get(event, event)

    def add(self, report: Report, *, story: int, event: int, begun: datetime | None = None) -> None:
        """Know that `report`, which tells `story`, is of `event`.

        Args:
            report: What an article says.
            story: The number of its story.
            event: The number of its event.
            begun: When the event's first report was published, where that is not remembered.
        """
        of = self._event(event, begun or report.published)
        self._remember(report, story, of, self._count_and_weigh(report))

    def match(self, report: Report, number: int, story: int | None = None) -> Joined | None:
        """Find the event that `report` tells of, and know the report from now on.

        Args:
            report: What an article says.
            number: Of the story and event that it begins, if it begins one.
            story: The story that it tells again: its event is this one's too.

        Returns:
            The event; None where it begins one.
        """
        weights = self._count_and_weigh(report)
        if story is not None:
            event = self._of_story.get(story) or self._event(story, report.published)
            self._remember(report, story, event, weights)
            # A copy that comes with it may have been found by it, and knows it by this number.
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

    def _event(self, number: int, published: datetime) -> Event:
        """The event of this number; one that begins, if none is remembered."""
        return self._events.setdefault(number, Event(number, published))

    def _count_and_weigh(self, report: Report) -> dict[str, float]:
        """Count a report, and give its terms that say most, as a vector of length 1."""
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
        """The reports that have a term or anchor."""
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
        # What is first heard of has one tuple together.
        last, own = slice(1 - _POSTINGS, None), (number,)
        for anchor in report.anchors:
            anchored[anchor] = anchored.get(anchor, ())[last] + own
        if len(self._reports) > MOST:
            self._forget(next(iter(self._reports)))

    def _forget(self, number: int) -> None:
        """Know a report no more. What it is listed under goes with the last that has it."""
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
        """Whether time and houses allow it."""
        apart = abs(report.published - other.published).total_seconds() / _SECONDS
        if apart > min(report.lasts, other.lasts) or not (report.lasts and other.lasts):
            return False
        if not may_share(report, other):
            return False
        if abs(report.published - other.event.begun) > LONGEST:
            return False
        return not are_lists(report, other)

    def _by_words(self, report: Report, weights: Mapping[str, float]) -> int | None:
        """The nearest report of the event whose reports are near; None where none are."""
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
        # Where none is near enough, as mostly, titles are not compared.
        for event in sorted(weight, key=weight.__getitem__, reverse=True) if joins else ():
            if not any(are_parallel(report, other) for other in voters[event]):
                return nearest[event] if event in joins else None
        return None

    def _are_enough(
        self, report: Report, nearest: Remembered, votes: list[float], crowd: int, share: float
    ) -> bool:
        """Whether the reports of an event are near enough for another to join them.

        Args:
            report: The other.
            nearest: The one of them that is nearest.
            votes: How near each is, the nearest first.
            crowd: How many reports are near, of whichever event.
            share: Of all votes those for this event, from 0 to 1.
        """
        apart = abs(report.published - nearest.published).total_seconds() / _SECONDS
        near = nearness(votes, share, crowd, apart)
        if near < _LEAST or near < self._enough(report, nearest):
            return False
        theirs = {term for term in nearest.terms if " " not in term}
        shared = report.terms.keys() & theirs
        return len(shared) >= min(_SHARED, report.words, len(theirs))

    def _enough(self, report: Report, other: Remembered) -> float:
        """How near two reports have to be, which is less where both name a house or group."""
        shared = report.anchors.keys() & other.anchors
        named = any(anchor[0] == "@" for anchor in shared)
        return ALIKE * _NAMED[min(len(shared), len(_NAMED) - 1) if named else 0]

    def _near(
        self, report: Report, weights: Mapping[str, float], enough: float
    ) -> Mapping[float, float]:
        """How near those are that it may join; none where even the nearest is not near `enough`.

        The rarest terms come first: few reports have them, and what is left can soon bring none
        near enough any more. It adds no more than its own length, as theirs is 1 at most; a term
        that no other report has adds nothing.
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
            # Few of them share a name.
            for number in chain(sharing.intersection(numbers), nameless.intersection(numbers)):
                theirs = of_term[2 * numbers.index(number) + 1]
                near[number] = so_far(number, 0.0) + weight * theirs
        # Together they are no nearer than the nearest.
        return near if max(near.values(), default=0.0) >= enough else {}

    def _by_anchors(self, report: Report) -> int | None:
        """The report that shares enough names and amounts, whatever its language."""
        anchored = self._anchored
        held = [anchor for anchor in report.anchors if anchor in anchored]
        named = [anchored[anchor] for anchor in held if anchor[0] == "@"]
        # None is enough that shares no house or group, and mostly none that shares nothing beside.
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
        """Whether more than such names is shared, or three: many things happen to two."""
        shared = report.anchors.keys() & other.anchors
        named = sum(anchor[0] == "@" for anchor in shared)
        return named >= _MANY_NAMED or 0 < named < len(shared)

    def _worth(self, anchors: Iterable[str]) -> dict[str, float]:
        """How rare each anchor is."""
        of_all = log(word_counts().headlines + len(self._reports) + 1)
        return {
            anchor: (of_all - log(self._having(anchor))) * (_AMOUNT if anchor[0] == "#" else 1.0)
            for anchor in anchors
        }

    def _why(self, report: Report, other: Remembered) -> tuple[str, ...]:
        """What two reports share, as a reader sees it: houses, amounts and names, then words."""
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
            # Beside an amount, its “bn” says no more.
            shown += [word for word in words if word.casefold() not in named | SCALES.keys()]
        return tuple(dict.fromkeys(shown))[:_SHOWN]


def _put(kept: dict[int, _Value], number: int, value: _Value) -> None:
    """Keep one more, and no more than `MOST` of them."""
    kept.pop(number, None)
    kept[number] = value
    if len(kept) > MOST:
        del kept[next(iter(kept))]
