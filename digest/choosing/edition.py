"""The choice of one subscriber's edition: its stories, their order, and the reasons. Pure.

Equal input gives an equal edition on every machine at any time: nothing here reads a clock.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cached_property, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from digest.choosing.category_kinds import CategoryKinds
from digest.choosing.events import FiledArticles, News, news_of
from digest.choosing.matters import matters_of
from digest.choosing.mix import (
    Caps,
    Selection,
    by_name_first,
    later_first,
    leads_first,
    own_trades_first,
)
from digest.choosing.news_value import news_value
from digest.choosing.ranking import (
    LEADS,
    OLDEST,
    Candidate,
    best_for,
    is_last_resort,
    leading,
    let_in,
    preferences,
    quality_in,
    span,
)
from digest.choosing.sections import assembled, category_of, not_shown, section_of
from digest.choosing.unread import UnreadLanguages
from storage.model import Edition, EditionSection

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from digest.choosing.news_value import NewsValue
    from storage.model import Article, EditionStory, Reason, Taste
    from storage.model.desk_model import Pin

NOTHING = Edition(None, ())

_NONE = frozenset[int]()
_NO_NAMES = CategoryKinds()
_NO_CANDIDATES: Mapping[int, Candidate] = {}

_by_id = attrgetter("id")
_quality = quality_in(private=True)
_by_order = attrgetter("order")


class CandidatePool:
    """The articles from which all editions of one time are chosen, ranked once for all readers.

    Args:
        articles: New articles and all other articles of the same events, of any age.
        pins: The lead stories that editors chose, the one pinned last first.
    """

    def __init__(
        self,
        articles: Iterable[Article],
        *,
        now: datetime,
        oldest: timedelta = OLDEST,
        kinds: CategoryKinds = _NO_NAMES,
        pins: Sequence[Pin] = (),
    ) -> None:
        self._now = now
        self._oldest = oldest
        self._covers = span(oldest)
        self._since = now - oldest
        self._kinds = kinds
        self._houses = kinds.houses
        events: defaultdict[int, dict[int, Article]] = defaultdict(dict)
        for article in articles:
            events[article.event][article.id] = article
        self._copies = {
            event: [copies[id_] for id_ in sorted(copies)] for event, copies in events.items()
        }
        self._entries: dict[tuple[int, bool, tuple[Reason, ...], frozenset[int]], Candidate] = {}
        """Candidates by article id, update, preferences and hidden sources, for all readers."""
        self._single: dict[int, Candidate] = {}
        """Fresh candidates of events with one report, for readers whose taste changes nothing."""
        self._filed: defaultdict[str, FiledArticles] = defaultdict(FiledArticles)
        self._worded: defaultdict[str, FiledArticles] = defaultdict(FiledArticles)
        suited = (each for copies in self._copies.values() for each in copies if not each.backlog)
        for article in sorted(suited, key=_by_id):
            for category in article.categories:
                self._filed[category].append(article)
            for word in article.words:
                self._worded[word].append(article)
        wanted = {pin.article_id for pin in pins}
        self._pins = pins
        self._pinned = {
            each.id: each
            for copies in (self._copies.values() if wanted else ())
            for each in copies
            if each.id in wanted and not each.backlog
        }
        self._unread = UnreadLanguages(self._filed, self._since)
        self._qualities: dict[int, tuple[Any, ...]] = {}
        self._values: dict[int, NewsValue] = {}

    def edition(
        self,
        taste: Taste,
        *,
        size: int,
        place_from: int,
        since: datetime | None = None,
        exclude: Collection[int] = (),
        shown_earlier: Collection[Article] = (),
        more: int = 0,
        language: str = "",
        among: Collection[int] | None = None,
        missed: Collection[int] = (),
    ) -> Edition:
        """Choose and order the stories of one edition, each event once.

        Args:
            place_from: The newest article id that the previous edition was chosen from; 0 for a
                first edition.
            since: When the previous edition was due; None for a first edition.
            exclude: Ids of articles that the reader has received already, such as alerts.
            shown_earlier: Articles that the reader was shown earlier that day; they count towards
                the limits of a house and a source.
            more: Maximum number of stories listed for each section among those left out.
            among: The only events to choose from, each with a followed article after `place_from`;
                None for all.
            missed: Ids of lead stories up to `place_from` that the reader has not received.
        """
        reader = _Reader(taste, place_from, exclude, best_for(taste, language, self._quality))
        ranked = self._ranked(reader, among)
        lead = self._lead(reader, missed) if self._pinned and among is None else None
        unread = self._unread.of(taste, place_from)
        if lead is not None:
            _remove(ranked, lead.article.event)
        if not (ranked or lead) or size < 1:
            return replace(NOTHING, unread=unread)
        wanted = self._kinds.wanted(taste)
        if self._matters:
            ranked = later_first(ranked, self._matters)
        ranked, named = by_name_first(ranked, taste, wanted.names)
        ranked, last = own_trades_first(ranked, named, taste, self._kinds)
        caps = Caps(shown_earlier, self._houses, taste)
        if lead is not None:
            caps.add(lead.article)
            size -= 1
        selection = Selection(size, caps, self._matters, partial(self._from_another, reader))
        under = [section_of(each.article, taste) or category_of(each, taste) for each in ranked]
        leads = () if lead else leads_first(ranked, named, last, taste, language)
        chosen, left_out = selection.choose(ranked, named, wanted.sections, under, leads)
        if lead is not None:
            chosen = [lead, *chosen]
        if not chosen:
            return replace(NOTHING, unread=unread)
        stories: Mapping[str, Sequence[EditionStory]] = {}
        if more and left_out:
            stories = not_shown(ranked, {each.article.event for each in chosen}, taste, more)
        edition = assembled(chosen, left_out, stories, taste, self._covers, since)
        return edition if unread is None else replace(edition, unread=unread)

    def ids_of(self, events: Collection[int]) -> list[int]:
        """Return the ids of the pool's articles about some events."""
        return [each.id for event in events for each in self._copies.get(event, ())]

    def others(
        self,
        taste: Taste,
        *,
        shown: Collection[int],
        place_from: int,
        exclude: Collection[int],
        language: str = "",
    ) -> tuple[EditionSection, ...]:
        """Return the stories that an edition left out, by category, the best first."""
        reader = _Reader(taste, place_from, exclude, best_for(taste, language, self._quality))
        left_out = not_shown(self._ranked(reader), shown, taste)
        return tuple(
            EditionSection(category, tuple(stories)) for category, stories in left_out.items()
        )

    def _quality(self, article: Article) -> tuple[Any, ...]:
        """Return a sort key for the reports of one event: the lowest is shown, to all alike."""
        found = self._qualities.get(article.id)
        if found is None:
            found = self._qualities[article.id] = _quality(article)
        return found

    def _value(self, article: Article) -> NewsValue:
        found = self._values.get(article.id)
        if found is None:
            copies = self._copies[article.event]
            found = self._values[article.id] = news_value(article, self._kinds, copies)
        return found

    @cached_property
    def _matters(self) -> Mapping[int, frozenset[int]]:
        """Event → its matters, such as one insolvency; see `digest.choosing.matters`."""
        return matters_of(self._copies, self._houses)

    def _ranked(self, reader: _Reader, among: Collection[int] | None = None) -> list[Candidate]:
        """Return all events for a reader, the best first; last resorts if there is nothing else."""
        ranked: list[Candidate] = []
        last_resorts: list[Candidate] = []
        known = self._single if reader.takes_all else _NO_CANDIDATES
        for event in self._events(reader) if among is None else among:
            entry = known.get(event) or self._rank(event, reader)
            if entry is not None:
                article = entry.article
                is_last = (entry.value.no_news or article.unsure) and is_last_resort(
                    article, entry.copies, reader.taste
                )
                (last_resorts if is_last else ranked).append(entry)
        ranked = ranked or last_resorts
        ranked.sort(key=_by_order)
        return ranked

    def _lead(self, reader: _Reader, missed: Collection[int]) -> Candidate | None:
        """Return the editors' lead story that this reader may get and has not received, or None."""
        for number in leading(self._pins, reader.taste, self._now):
            article = self._pinned.get(number)
            if article is None or number in reader.exclude:
                continue
            if number <= reader.place_from and number not in missed:
                continue
            if reader.lets_in(article):
                copies = self._copies[article.event]
                weighing = reader.weighing
                likes = preferences(article, weighing, self._houses) if weighing else ()
                preferred = (LEADS, *likes)
                key = (number, False, preferred, _NONE)
                entry = self._entries.get(key)
                if entry is None:
                    value = self._value(article)
                    entry = Candidate(
                        article, copies, self._now, self._oldest, preferred, value=value
                    )
                    self._entries[key] = entry
                return entry
        return None

    def _events(self, reader: _Reader) -> set[int]:
        events: set[int] = set()
        taste = reader.taste
        for among, wanted in ((self._filed, taste.follows), (self._worded, taste.sought)):
            for each in wanted:
                # `get` adds no empty list to the defaultdict for a category without articles.
                filed = among.get(each)
                if filed:
                    events.update(filed.events(reader.place_from))
        return events

    def _rank(self, event: int, reader: _Reader) -> Candidate | None:
        copies = self._copies[event]
        if len(copies) == 1:
            # `_events` has checked that it is new and followed.
            article = copies[0]
            if article.id in reader.exclude or not reader.lets_in(article):
                return None
            entry = self._entry(article, copies, reader)
            if reader.takes_all and entry.fresh:
                self._single[event] = entry
        else:
            news = self._news(copies, reader)
            if not news.articles:
                return None
            article = min(news.articles, key=reader.best)
            entry = self._entry(article, copies, reader, update=news.update)
        return entry if entry.fresh else None

    def _news(self, copies: Sequence[Article], reader: _Reader) -> News:
        articles, update, known_before = news_of(
            copies,
            [each for each in copies if not each.backlog and reader.wants(each)],
            place_from=reader.place_from,
            exclude=reader.exclude,
            houses=self._houses,
        )
        fresh = [each for each in articles if each.published >= self._since]
        return News(fresh, update, known_before)

    def _entry(
        self,
        article: Article,
        copies: Sequence[Article],
        reader: _Reader,
        *,
        update: bool = False,
    ) -> Candidate:
        weighing, off = reader.weighing, reader.taste.muted_sources
        preferred = preferences(article, weighing, self._houses) if weighing else ()
        hidden = _NONE
        if off and len(copies) > 1:
            hidden = off.intersection([each.source_id for each in copies])
        key = (article.id, update, preferred, hidden)
        entry = self._entries.get(key)
        if entry is None:
            seen = [each for each in copies if each.source_id not in hidden]
            value = self._value(article)
            entry = Candidate(
                article, seen, self._now, self._oldest, preferred, value=value, update=update
            )
            self._entries[key] = entry
        return entry

    def _from_another(
        self, reader: _Reader, entry: Candidate, full: Collection[int]
    ) -> Candidate | None:
        """Return the event as reported by the best source that is not `full`, or None."""
        copies = self._copies[entry.article.event]
        news = self._news(copies, reader)
        others = [each for each in news.articles if each.source_id not in full]
        if not others:
            return None
        article = min(others, key=reader.best)
        return self._entry(article, copies, reader, update=news.update)


class _Reader:
    __slots__ = (
        "_keeps_out",
        "best",
        "exclude",
        "place_from",
        "takes_all",
        "taste",
        "weighing",
    )

    def __init__(
        self,
        taste: Taste,
        place_from: int,
        exclude: Collection[int],
        best: Callable[[Article], tuple[Any, ...]],
    ) -> None:
        self.taste = taste
        self.place_from = place_from
        self.exclude = exclude
        self.weighing = taste if taste.weighs else None
        """The taste if it wants more or less of anything, or None."""
        self.best = best
        """Sort key that puts the report to be shown first."""
        self._keeps_out = taste.keeps_anything_out
        self.takes_all = not (self.weighing or self._keeps_out or exclude)
        """Whether each followed article that is new is shown, with the points it has for all."""

    def lets_in(self, article: Article) -> bool:
        """Return whether the taste allows an article: `let_in`, skipped if it excludes nothing."""
        return not self._keeps_out or let_in(article, self.taste)

    def wants(self, article: Article) -> bool:
        """Return whether an article suits the taste, as `matches` does."""
        followed = self.taste.follows_one_of(article.categories, article.words)
        return followed and self.lets_in(article)


def _remove(ranked: list[Candidate], event: int) -> None:
    for place, entry in enumerate(ranked):
        if entry.article.event == event:
            del ranked[place]
            return
