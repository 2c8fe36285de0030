"""One subscriber's edition: which stories, in which order, and why. Pure.

Equal input gives an equal edition, on every machine and at every time: nothing here asks a clock.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING

from digest.choosing.caps import Caps
from digest.choosing.events import News, news_of
from digest.choosing.filed import FiledArticles
from digest.choosing.kinds import Kinds
from digest.choosing.matters import matters_of
from digest.choosing.mix import Selection, by_name_first, later_first
from digest.choosing.ranking import OLDEST, Candidate, best_for, preferences, span
from digest.choosing.unread import UnreadLanguages
from storage.model import YOUR_WORDS, Edition, EditionSection, Span
from storage.words.search_words import between, joined_tokens, muted, sought

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from storage.model import Article, EditionStory, Reason, Taste

TOP = 3
"""With so many stories an edition of a week begins, before its sections."""

NOTHING = Edition(None, ())

_NONE = frozenset[int]()
_NO_NAMES = Kinds()

_by_id = attrgetter("id")
_by_order = attrgetter("order")


def matches(article: Article, taste: Taste) -> bool:
    """Whether an article suits a taste: followed, in a language that is read, and not muted."""
    return taste.follows_one_of(article.categories, article.words) and let_in(article, taste)


def let_in(article: Article, taste: Taste) -> bool:
    """Whether a taste does not keep an article out, whatever it follows."""
    categories = article.categories
    if not taste.reads(article.language, article.words):
        return False
    if taste.muted_categories and not taste.muted_categories.isdisjoint(categories):
        return False
    if taste.muted_sources and article.source_id in taste.muted_sources:
        return False
    if not taste.muted_words:
        return True
    words = _words(article.title, article.standfirst)
    return not any(word in words for word in _sought(taste.muted_words))


class CandidatePool:
    """Articles from which the editions of one time are chosen, ranked once for all readers.

    Args:
        articles: New ones, with all that tell of the same events, whenever they came.
        now: The editions' own time, which age is counted from.
        oldest: How old a story may be; see `window`.
        kinds: Which categories are houses, and which are followed by name.
    """

    def __init__(
        self,
        articles: Iterable[Article],
        *,
        now: datetime,
        oldest: timedelta = OLDEST,
        kinds: Kinds = _NO_NAMES,
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
        """By what the reader wants more or less of, too, and the sources that are hidden."""
        self._filed: defaultdict[str, FiledArticles] = defaultdict(FiledArticles)
        self._worded: defaultdict[str, FiledArticles] = defaultdict(FiledArticles)
        suited = (each for copies in self._copies.values() for each in copies if not each.backlog)
        for article in sorted(suited, key=_by_id):
            for category in article.categories:
                self._filed[category].append(article)
            for word in article.words:
                self._worded[word].append(article)
        self._unread = UnreadLanguages(self._filed, self._since)

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
    ) -> Edition:
        """Choose and order the stories of one edition, each event once.

        Args:
            taste: What the reader chose.
            size: At most so many stories.
            place_from: What has this id or a smaller one was there for the edition before.
            since: When that edition was due; None for a first one.
            exclude: Ids of articles that the reader has had already, as alerts.
            shown_earlier: What the reader was shown earlier that day, which counts where there is
                at most so much of a thing.
            more: Of what was left out of each section, so many stories come along.
            language: The reader's own: of an event, its tellings come first.

        Returns:
            The edition; without a lead and without sections when there is nothing to tell.
        """
        reader = _Reader(taste, place_from, exclude, language)
        ranked = self._ranked(reader)
        unread = self._unread.of(taste, place_from)
        if not ranked or size < 1:
            return replace(NOTHING, unread=unread)
        wanted = self._kinds.wanted(taste)
        ranked, named = by_name_first(ranked, taste, wanted.names)
        if self._matters:
            ranked = later_first(ranked, self._matters)
        caps = Caps(shown_earlier, self._houses, taste)
        selection = Selection(size, caps, self._matters, partial(self._from_another, reader))
        under = [_category(entry, taste) for entry in ranked]
        chosen, left_out = selection.choose(ranked, named, wanted.sections, under)
        if not chosen:
            return replace(NOTHING, unread=unread)
        stories: Mapping[str, Sequence[EditionStory]] = {}
        if more and left_out:
            stories = _not_shown(ranked, {each.article.event for each in chosen}, taste, more)
        edition = _laid_out(chosen, left_out, stories, taste, self._covers, since)
        return edition if unread is None else replace(edition, unread=unread)

    def others(
        self,
        taste: Taste,
        *,
        shown: Collection[int],
        place_from: int,
        exclude: Collection[int],
        language: str = "",
    ) -> tuple[EditionSection, ...]:
        """What an edition that showed some stories left out, the best of each category first.

        Args:
            taste: What the reader chose.
            shown: The events in the edition.
            place_from: As in `edition`.
            exclude: Likewise.
            language: Likewise.
        """
        reader = _Reader(taste, place_from, exclude, language)
        left_out = _not_shown(self._ranked(reader), shown, taste)
        return tuple(
            EditionSection(category, tuple(stories)) for category, stories in left_out.items()
        )

    @cached_property
    def _matters(self) -> Mapping[int, frozenset[int]]:
        """Event → the matters of houses that it is a turn of; see `digest.matters`."""
        return matters_of(self._copies, self._houses)

    def _ranked(self, reader: _Reader) -> list[Candidate]:
        """All events for a reader, the best first; what is no news only where nothing else is."""
        ranked: list[Candidate] = []
        filler: list[Candidate] = []
        for event in self._events(reader):
            entry = self._rank(event, reader)
            if entry is not None:
                (filler if entry.article.filler else ranked).append(entry)
        ranked = ranked or filler
        ranked.sort(key=_by_order)
        return ranked

    def _events(self, reader: _Reader) -> set[int]:
        """Events with something new in a followed category, or with a followed word."""
        events: set[int] = set()
        taste = reader.taste
        for among, wanted in ((self._filed, taste.follows), (self._worded, taste.sought)):
            for each in wanted:
                # Asked like this, no list is made for a category that nobody wrote about.
                filed = among.get(each)
                if filed:
                    events.update(filed.events(reader.place_from))
        return events

    def _rank(self, event: int, reader: _Reader) -> Candidate | None:
        """The event as this reader is told it; None when it is none for this edition."""
        copies = self._copies[event]
        if len(copies) == 1:
            # By `_events` it is new, and followed.
            article = copies[0]
            if article.id in reader.exclude or not reader.lets_in(article):
                return None
            entry = self._entry(article, copies, reader)
        else:
            news = self._news(copies, reader)
            if not news.articles:
                return None
            article = min(news.articles, key=reader.best)
            entry = self._entry(article, copies, reader, update=news.update)
        return entry if entry.fresh else None

    def _news(self, copies: Sequence[Article], reader: _Reader) -> News:
        """Of an event of several articles, those that are fresh news to a reader."""
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
        """The same for all readers but those who want more, less or nothing of what tells it."""
        weighing, off = reader.weighing, reader.taste.muted_sources
        preferred = preferences(article, weighing, self._houses) if weighing else ()
        hidden = _NONE
        if off and len(copies) > 1:
            hidden = off.intersection([each.source_id for each in copies])
        key = (article.id, update, preferred, hidden)
        entry = self._entries.get(key)
        if entry is None:
            seen = [each for each in copies if each.source_id not in hidden]
            entry = Candidate(article, seen, self._now, self._oldest, preferred, update=update)
            self._entries[key] = entry
        return entry

    def _from_another(
        self, reader: _Reader, entry: Candidate, full: Collection[int]
    ) -> Candidate | None:
        """An event as the best source tells it that is not `full`; None where no other suits."""
        copies = self._copies[entry.article.event]
        news = self._news(copies, reader)
        others = [each for each in news.articles if each.source_id not in full]
        if not others:
            return None
        article = min(others, key=reader.best)
        return self._entry(article, copies, reader, update=news.update)


class _Reader:
    """Whom an edition is for."""

    __slots__ = ("_keeps_out", "best", "exclude", "place_from", "taste", "weighing")

    def __init__(
        self, taste: Taste, place_from: int, exclude: Collection[int], language: str
    ) -> None:
        self.taste = taste
        self.place_from = place_from
        self.exclude = exclude
        self.weighing = taste if taste.weighs else None
        """The taste again where it has more or less of something."""
        self.best = best_for(taste, language)
        """By which the telling is chosen that is shown."""
        self._keeps_out = taste.keeps_anything_out

    def lets_in(self, article: Article) -> bool:
        """`let_in`, known at once where nothing is kept out."""
        return not self._keeps_out or let_in(article, self.taste)

    def wants(self, article: Article) -> bool:
        """`matches`, likewise."""
        followed = self.taste.follows_one_of(article.categories, article.words)
        return followed and self.lets_in(article)


def section_of(article: Article, taste: Taste) -> str | None:
    """What an article stands under: a followed word, or the followed category that tells most.

    None where neither is followed.
    """
    if taste.words and taste.words_in(article.words):
        return YOUR_WORDS
    follows = taste.follows
    for slug in article.categories:
        if slug in follows:
            return slug
    return None


def _category(entry: Candidate, taste: Taste) -> str:
    section = section_of(entry.article, taste)
    if section is None:
        raise ValueError(f"article {entry.article.id} is in no category that is followed")
    return section


def _laid_out(  # noqa: PLR0917 - all that it is made of
    chosen: Sequence[Candidate],
    counts: Mapping[str, int],
    more: Mapping[str, Sequence[EditionStory]],
    taste: Taste,
    covers: Span,
    since: datetime | None,
) -> Edition:
    """The lead, then the others under their categories, in the order of each one's best story.

    So the lead's own category is the first that follows it. Some of a week's stand before the
    categories. A category of which only what was left out remains stands at the end, without
    stories.
    """
    placed = [(_category(entry, taste), entry.story()) for entry in chosen]
    (lead_category, lead), *rest = placed
    top = TOP - 1 if covers is Span.WEEK else 0
    under: dict[str, list[EditionStory]] = {}
    for category, story in rest[top:]:
        under.setdefault(category, []).append(story)
    if lead_category in under:
        under = {lead_category: under.pop(lead_category), **under}
    for category in sorted(counts):
        under.setdefault(category, [])
    sections = [
        EditionSection(
            category, tuple(stories), counts.get(category, 0), tuple(more.get(category, ()))
        )
        for category, stories in under.items()
    ]
    biggest = tuple(EditionSection(category, (story,)) for category, story in rest[:top])
    return Edition(
        lead,
        tuple(sections),
        top=biggest,
        span=covers,
        since=since,
        lead_category=lead_category,
    )


def _not_shown(
    ranked: Iterable[Candidate],
    shown: Collection[int],
    taste: Taste,
    most: int | None = None,
) -> dict[str, list[EditionStory]]:
    """The stories that are not `shown`, by category, the best first; at most so many of each."""
    under: dict[str, list[EditionStory]] = {}
    for entry in ranked:
        if entry.article.event not in shown:
            stories = under.setdefault(_category(entry, taste), [])
            if most is None or len(stories) < most:
                stories.append(entry.story())
    return under


@lru_cache(maxsize=16_384)
def _words(title: str, standfirst: str) -> str:
    return between(joined_tokens(title), joined_tokens(standfirst))


@lru_cache(maxsize=4_096)
def _sought(words: frozenset[str]) -> tuple[str, ...]:
    """Muted words as they stand in `_words`."""
    return tuple(sorted(sought(word) for word in map(muted, words) if word))
