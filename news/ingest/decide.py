"""Decisions on the entries of a round: dates, what is new, which stories articles join. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from operator import attrgetter
from sys import intern
from typing import TYPE_CHECKING, NamedTuple

from news.entry import Refused
from news.stories.duplicates import SAME_MOMENT, Fingerprint
from news.stories.report import figures_of
from news.stories.text_sketches import sketch_of
from storage.model import NewArticle
from storage.model.article_model import EventLink

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from news.entry import Entry
    from news.stories.duplicates import Stories
    from storage.model import Article, Known, Source
    from storage.model.matter_model import EventWords

MANY_AT_ONCE = 5
"""Fewest known titles at new addresses that show that a source changed all addresses."""
_STARTING = timedelta(days=1)
"""Time after the first article in which a new source still belongs to the archive's start."""
_LATE = timedelta(days=1)
"""Time before the last good round; an unknown article dated before it counts as old."""


def decide(
    source: Source,
    entries: Sequence[Entry],
    known: Iterable[Known],
    stories: Stories,
    *,
    houses: Collection[str],
    now: datetime,
    begun: datetime | None = None,
    titled: Iterable[Known] = (),
) -> Decision:
    """Return which entries are stored, as what, and which stories they join.

    The first round of a source that joins an existing archive is a backlog, which is not sent to
    readers. The sources with which an archive starts bring its first news. If a source changes its
    addresses and ids, articles with known titles only get new addresses, and a round with only old
    unknown articles is a backlog too. New articles of a source that needs approval wait.

    Args:
        known: Articles that the archive holds under their links and ids.
        now: The publication time of articles without a date.
        begun: When the archive got its first article; None while it is empty.
        titled: Articles of the source under the same titles, looked up if many are unknown.
    """
    by_link: dict[str, Known] = {}
    by_guid: dict[str, Known] = {}
    for one in known:
        by_link[one.link] = one
        by_guid[one.guid] = one
    articles: list[NewArticle] = []
    waiting: list[NewArticle] = []
    joined: dict[str, int] = {}
    refused: list[Refused] = []
    fingerprints: list[Fingerprint] = []
    reports: dict[str, str] = {}
    figures: dict[str, tuple[str, ...]] = {}
    held = [_known(entry, by_link, by_guid) for entry in entries]
    unknown = [entry for entry, was in zip(entries, held, strict=True) if was is None]
    moved = _moved(unknown, titled, {one.link for one in entries}, now)
    old = fresh = 0
    for entry, known_as in zip(entries, held, strict=True):
        was = known_as or moved.get(entry.link)
        article = article_of(entry, was, now)
        if was is None:
            fingerprint = fingerprint_of(article, source.id, houses, entry)
            if stories.is_repeat(fingerprint, dated=entry.published is not None):
                refused.append(Refused("published before under another address", entry.title))
                continue
            if source.approval:
                waiting.append(article)
                continue
            fresh += 1
            old += _was_there_before(entry, source)
            fingerprints.append(fingerprint)
            if entry.report is not None:
                reports[article.link] = entry.report
            match = stories.match(fingerprint)
            if match is not None:
                joined[article.link] = match.story_id
        else:
            if entry.link in moved:
                # The archive finds it by its former id, and stores its new address.
                article = replace(article, guid=was.guid)
            standfirst = article.standfirst or was.standfirst
            if (article.title, standfirst) != (was.title, was.standfirst):
                figures[article.link] = figures_of(article.title, standfirst)
        articles.append(article)
    flood = len(unknown) == len(entries) and old >= max(MANY_AT_ONCE, fresh / 2)
    return Decision(
        tuple(articles),
        joined,
        backlog=flood or _joins_late(source, begun, now),
        refused=tuple(refused),
        fingerprints=tuple(fingerprints),
        reports=reports,
        figures=figures,
        waiting=tuple(waiting),
    )


def _joins_late(source: Source, begun: datetime | None, now: datetime) -> bool:
    if source.last_ok is not None or begun is None:
        return False
    return begun < source.added or begun < now - _STARTING


def _known(
    entry: Entry, by_link: Mapping[str, Known], by_guid: Mapping[str, Known]
) -> Known | None:
    was = by_link.get(entry.link)
    if was is None:
        same_id = by_guid.get(entry.guid)
        was = same_id if same_id is not None and same_id.title == entry.title else None
    return was


def _moved(
    unknown: Sequence[Entry], titled: Iterable[Known], links: Collection[str], now: datetime
) -> dict[str, Known]:
    """Return link → the article that the archive holds under another link and id.

    Equal titles prove it only together with nearly equal times, since a column may have the same
    title every day. Equal titles alone suffice if there are five or more that make up most of the
    unknown entries, or if the whole document matches in both title and standfirst.
    """
    held: defaultdict[str, list[Known]] = defaultdict(list)
    for one in titled:
        # An article that the document still lists under its own link has not moved.
        if one.link not in links:
            held[one.title].append(one)
    again = [one for one in unknown if held.get(one.title)]
    many = len(again) >= MANY_AT_ONCE and 2 * len(again) > len(unknown)
    many = many or (len(again) == len(links) and _are_all_held(again, held))
    found: dict[str, Known] = {}
    for entry in again:
        published = entry.published or now
        candidates = sorted(held[entry.title], key=lambda one: abs(one.published - published))
        if candidates and (many or abs(candidates[0].published - published) <= SAME_MOMENT):
            found[entry.link] = candidates[0]
            held[entry.title].remove(candidates[0])
    return found


def _are_all_held(entries: Sequence[Entry], held: Mapping[str, Sequence[Known]]) -> bool:
    standfirsts = {entry.title: entry.standfirst for entry in entries}
    return len(standfirsts) == len(entries) > 1 and all(
        standfirst and any(one.standfirst == standfirst for one in held[title])
        for title, standfirst in standfirsts.items()
    )


def _was_there_before(entry: Entry, source: Source) -> bool:
    if source.last_ok is None:
        return entry.published is None
    return entry.published is None or entry.published < source.last_ok - _LATE


def fingerprint_of(
    article: NewArticle, source_id: int, houses: Collection[str], entry: Entry
) -> Fingerprint:
    """Return the fingerprint of a new article: what near-duplicate matching compares."""
    named = frozenset([one.category for one in article.filings if one.category in houses])
    return Fingerprint(
        link=article.link,
        title=article.title,
        published=article.published,
        source_id=source_id,
        houses=named,
        sketch=entry.sketch,
        # Interned: many titles share words.
        words=entry.title_words and tuple(map(intern, entry.title_words)),
    )


def fingerprint_of_known(article: Article, houses: Collection[str]) -> Fingerprint:
    """Return the fingerprint of an article of the archive."""
    return Fingerprint(
        link=article.link,
        title=article.title,
        published=article.published,
        source_id=article.source_id,
        houses=frozenset(article.categories) & frozenset(houses),
        sketch=sketch_of(article.standfirst),
        story_id=article.story_id,
    )


def article_of(entry: Entry, was: Known | None, now: datetime) -> NewArticle:
    """Return an entry as an article. Without a date it gets the time when it was first seen."""
    article = NewArticle(*_OF_ENTRY(entry))
    if entry.published is None:
        return replace(article, published=was.published if was is not None else now)
    return article


_OF_ENTRY = attrgetter(*(each.name for each in fields(NewArticle)))
"""Returns the values of an entry that its article has, under the same names."""


class ArticleEvent(NamedTuple):
    """The event of an article that is not stored yet."""

    event: int
    """The event's number; a negative placeholder until the event's first article is stored."""
    evidence: str
    figures: tuple[str, ...]
    words: EventWords | None = None
    """If the article begins it: what is compared with other events; see `matters`."""

    def link(self, event: int, openers: Mapping[int, str], own: str) -> EventLink:
        """Return the link between article and event; a negative number is a placeholder."""
        if event > 0:
            return EventLink(event, "", self.evidence, self.figures)
        opener = openers.get(event, own)
        return EventLink(None, opener, self.evidence, self.figures, self.words)


@dataclass(frozen=True, slots=True)
class Decision:
    """Articles to store, and the existing stories that some of them join."""

    articles: tuple[NewArticle, ...]
    stories: dict[str, int]
    """Article's link → story's number."""
    backlog: bool
    refused: tuple[Refused, ...] = ()
    """Entries that the source published before under another address."""
    fingerprints: tuple[Fingerprint, ...] = ()
    """Fingerprints of new articles; each `story_id` is a placeholder until it is stored."""
    events: Mapping[str, ArticleEvent] = field(default_factory=dict)
    """Article's link → event, of new articles; empty until events are matched."""
    reports: Mapping[str, str] = field(default_factory=dict)
    """Article's link → packed report from a worker, of new articles."""
    figures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Article's link → amounts, of known articles with a changed title or standfirst."""
    waiting: tuple[NewArticle, ...] = ()
    """New articles that an editor has to approve."""
