"""The final selection of an edition's stories from the ranked candidates. Pure.

Stories about followed names come first, and business of trades that are not followed last. Large
news comes next, at most two stories of a section. Each followed section gets its best story, then
the best of the rest follow, evenly among the sections if there is a choice. At most three stories
come from one source or house, and two from one matter of a house, the later one first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from math import ceil
from operator import attrgetter
from typing import TYPE_CHECKING

from digest.choosing.rank_points import LARGE, STEPS_OF_ONE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from digest.choosing.category_kinds import CategoryKinds
    from digest.choosing.ranking import Candidate
    from storage.model import Article, Taste

FROM_ONE = 3
"""Maximum number of stories from one house or one source in the editions of one day."""
LESS_OF_ONE = 1
"""Maximum number of stories in a day from a house that the reader wants less of."""
OF_A_MATTER = 2
"""Maximum number of stories of one matter of a house in an edition."""
_FOR_SECTIONS = 3
"""One place in three is kept for sections without a story, even if many names have news."""
_BEFORE_OTHERS = 2
"""Maximum number of stories of a section while another with news has none."""
_EVENLY = 1.5
"""Multiple of an even share of the places that a section may have while others have stories."""
_AT_BEST = 100
"""Number of ranked candidates that are searched for events of one matter; no edition is longer."""


def by_name_first(
    ranked: list[Candidate], taste: Taste, names: frozenset[str]
) -> tuple[list[Candidate], int]:
    """Return the stories, those mainly about followed names and words first, and their number.

    Names count from weight 1.
    """
    sought = taste.sought.keys() if taste.words else ()
    if not (names or sought):
        return ranked, 0
    apart = names.isdisjoint
    named = [
        entry
        for entry in ranked
        if (entry.value.step >= STEPS_OF_ONE and not apart(entry.value.subjects))
        or (sought and (words := entry.article.words) and not sought.isdisjoint(words))
    ]
    if named:
        first = set(map(id, named))
        return named + [entry for entry in ranked if id(entry) not in first], len(named)
    return ranked, 0


def own_trades_first(
    ranked: list[Candidate], named: int, taste: Taste, kinds: CategoryKinds
) -> tuple[list[Candidate], int]:
    """Return the stories, those of trades that the reader does not follow last, and their number.

    Such a story is filed under a trade, but the reader follows only a section that all trades
    share, such as business. The first `named` are about followed names.
    """
    follows, trades = taste.follows, kinds.trades
    if follows.isdisjoint(trades) or trades <= follows:
        return ranked, 0
    apart, of_no_trade = (follows - (kinds.sections - trades)).isdisjoint, trades.isdisjoint
    rest = ranked[named:]
    elsewhere = [
        entry
        for entry in rest
        if apart(categories := entry.article.categories) and not of_no_trade(categories)
    ]
    if not elsewhere:
        return ranked, 0
    last = set(map(id, elsewhere))
    own = [each for each in rest if id(each) not in last]
    return [*ranked[:named], *own, *elsewhere], len(elsewhere)


def leads_first(
    ranked: Sequence[Candidate], named: int, last: int, taste: Taste, language: str
) -> Iterator[Candidate]:
    """Yield the stories that may lead an edition, the best first.

    The first `named` are about followed names and lead from weight 1; the `last` of trades that the
    reader does not follow come after others. Of the heaviest, the reader reads the language.
    """

    def is_read(entry: Candidate) -> bool:
        of = entry.article.language
        return not (of and language) or of == language or of in taste.languages

    about = [
        each for each in ranked[:named] if each.value.step >= STEPS_OF_ONE and each.value.may_lead
    ]
    own = about or ranked[: len(ranked) - last] or ranked
    best = min(own, key=_by_lead)
    if not is_read(best):
        alike = [each for each in own if each.lead_order[:2] == best.lead_order[:2]]
        best = min(filter(is_read, alike), key=_by_lead, default=best)
    yield best
    yield from sorted(own, key=_by_lead)
    yield from sorted(ranked, key=_by_lead)


def later_first(ranked: list[Candidate], matters: Mapping[int, frozenset[int]]) -> list[Candidate]:
    """Return the stories with those of one matter reordered among themselves, the latest first."""
    best = ranked[:_AT_BEST]
    turns = [place for place, entry in enumerate(best) if entry.article.event in matters]
    if not turns:
        return ranked
    places: defaultdict[int, list[int]] = defaultdict(list)
    for place in turns:
        for matter in matters[ranked[place].article.event]:
            places[matter].append(place)
    ordered = list(ranked)
    for among in places.values():
        of_matter = sorted([ordered[place] for place in among], key=_published, reverse=True)
        for place, entry in zip(among, of_matter, strict=True):
            ordered[place] = entry
    return ordered


_by_lead = attrgetter("lead_order")


def _published(entry: Candidate) -> float:
    return entry.article.published.timestamp()


class Caps:
    """Counts of a day's stories by source and house, with their limits.

    A house that the reader wants less of may have one story. A followed house's don't count against
    their source.
    """

    def __init__(self, shown: Iterable[Article], houses: Collection[str], taste: Taste) -> None:
        self._houses = houses
        self._less = taste.less
        self._followed = taste.follows.intersection(houses)
        self._by_source: dict[int, int] = {}
        self._by_house: dict[str, int] = {}
        self.full_sources: set[int] = set()
        """Ids of the sources that have reached their limit."""
        self.full_houses: set[str] = set()
        """Slugs of the houses that have reached their limit."""
        for article in shown:
            self.add(article)

    def add(self, article: Article) -> None:
        """Count one more article as shown."""
        if self._followed.isdisjoint(article.categories):
            source = article.source_id
            count = self._by_source[source] = self._by_source.get(source, 0) + 1
            if count >= FROM_ONE:
                self.full_sources.add(source)
        for slug in article.categories:
            if slug in self._houses:
                count = self._by_house[slug] = self._by_house.get(slug, 0) + 1
                if count >= self.room_for(slug):
                    self.full_houses.add(slug)

    def is_full_source(self, article: Article) -> bool:
        """Return whether the article's source is full; one of a followed house doesn't count."""
        full = article.source_id in self.full_sources
        return full and self._followed.isdisjoint(article.categories)

    def room_for(self, house: str) -> int:
        """Return the most stories that a house may have in a day."""
        return LESS_OF_ONE if house in self._less else FROM_ONE


class Selection:
    """The stories of an edition while it is put together."""

    def __init__(
        self,
        size: int,
        caps: Caps,
        matters: Mapping[int, frozenset[int]],
        from_another: Callable[[Candidate, Collection[int]], Candidate | None],
    ) -> None:
        self._size = size
        # Counted, since it is asked for once or more for each candidate.
        self._room = size
        self._caps = caps
        self._matters = matters
        self._from_another = from_another
        self._chosen: dict[int, Candidate] = {}
        """Chosen candidates by their index among the ranked."""
        self._decided: set[int] = set()
        """Indexes of those chosen or refused; a refused one stays so, since limits only fill up."""
        self._of_matter: Counter[int] = Counter()

    def choose(
        self,
        ranked: Sequence[Candidate],
        named: int,
        sections: Collection[str],
        places_in: Sequence[str],
        leads: Iterable[Candidate],
    ) -> tuple[list[Candidate], Counter[str]]:
        """Return the stories to show in order, and how many others each section has.

        `places_in` is the section of each of the `ranked` candidates, of which the first `named`
        are of followed names. The first of `leads` for which there is room comes first.
        """
        first = next(
            (place for each in leads if self._take(place := ranked.index(each), each)), None
        )
        if sections and (named or len(sections) > 1):
            shown = {places_in[place] for place in self._chosen}
            news = [place for place, entry in enumerate(ranked) if entry.is_news]
            without = {places_in[place] for place in news}.intersection(sections) - shown
            self._show_names(ranked[:named], places_in, without)
            self._show_large(news, ranked, places_in, without)
            self._give_each_one(news, ranked, places_in, without)
            self._show_sections_filed_elsewhere(news, ranked, sections)
            if named:
                self._show_names(ranked[:named], places_in, set())
            self._show_evenly(ranked, places_in, len(set(places_in).intersection(sections)))
        for place, entry in enumerate(ranked):
            if not self._room:
                break
            self._take(place, entry)
        order = sorted(self._chosen, key=lambda place: (place != first, place))
        chosen = [self._chosen[place] for place in order]
        left_out = Counter(places_in)
        left_out.subtract([places_in[place] for place in self._chosen])
        return chosen, +left_out

    def _show_names(
        self, named: Iterable[Candidate], places_in: Sequence[str], without: set[str]
    ) -> None:
        kept = self._size // _FOR_SECTIONS
        shown = Counter(places_in[place] for place in self._chosen)
        for place, entry in enumerate(named):
            if not self._room:
                return
            section = places_in[place]
            if (
                without
                and section not in without
                and (self._room <= min(kept, len(without)) or shown[section] >= _BEFORE_OTHERS)
            ):
                continue
            if self._take(place, entry):
                shown[section] += 1
                without.discard(section)

    def _show_large(
        self,
        news: Iterable[int],
        ranked: Sequence[Candidate],
        places_in: Sequence[str],
        without: set[str],
    ) -> None:
        shown = Counter(places_in[place] for place in self._chosen)
        for place in news:
            if not self._room:
                return
            section, large = places_in[place], ranked[place].value.step >= LARGE
            if large and shown[section] < _BEFORE_OTHERS and self._take(place, ranked[place]):
                shown[section] += 1
                without.discard(section)

    def _give_each_one(
        self,
        news: Iterable[int],
        ranked: Sequence[Candidate],
        places_in: Sequence[str],
        without: set[str],
    ) -> None:
        for place in news:
            if not (without and self._room):
                return
            if places_in[place] in without and self._take(place, ranked[place]):
                without.discard(places_in[place])

    def _show_sections_filed_elsewhere(
        self, news: Iterable[int], ranked: Sequence[Candidate], sections: Collection[str]
    ) -> None:
        shown = {slug for entry in self._chosen.values() for slug in entry.article.categories}
        without = set(sections).difference(shown)
        for place in news:
            if not (without and self._room):
                return
            categories = ranked[place].article.categories
            if not without.isdisjoint(categories) and self._take(place, ranked[place]):
                without.difference_update(categories)

    def _show_evenly(
        self, ranked: Iterable[Candidate], places_in: Sequence[str], with_news: int
    ) -> None:
        """Show the best stories of sections that have less than their share of the places."""
        most = ceil(_EVENLY * self._size / max(with_news, 1))
        shown = Counter(places_in[place] for place in self._chosen)
        for place, entry in enumerate(ranked):
            if not self._room:
                return
            section = places_in[place]
            if shown[section] < most and self._take(place, entry):
                shown[section] += 1

    def _take(self, place: int, entry: Candidate) -> bool:
        """Show a story, from another source if its own is full; return False if it has no room."""
        if place in self._decided:
            return False
        self._decided.add(place)
        shown = self._report_with_room(entry)
        if shown is None:
            return False
        self._caps.add(shown.article)
        self._of_matter.update(self._matters.get(shown.article.event, ()))
        self._chosen[place] = shown
        self._room -= 1
        return True

    def _report_with_room(self, entry: Candidate) -> Candidate | None:
        matters = self._matters.get(entry.article.event)
        if matters and any(self._of_matter[matter] >= OF_A_MATTER for matter in matters):
            return None
        shown: Candidate | None = entry
        if self._caps.is_full_source(entry.article):
            several = len(entry.copies) > 1
            shown = self._from_another(entry, self._caps.full_sources) if several else None
        if shown is None or not self._caps.full_houses.isdisjoint(shown.article.categories):
            return None
        return shown
