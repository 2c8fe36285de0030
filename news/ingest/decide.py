"""What a round brought, made ready for the archive: dated, told apart, joined to stories. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from sys import intern
from typing import TYPE_CHECKING

from news.entry import Refused
from news.ingest.decision import Decision
from news.stories.matching import SAME_MOMENT, Fingerprint
from news.stories.near_duplicates import sketch_of
from news.stories.report import figures_of
from storage.model import NewArticle

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from news.entry import Entry
    from news.stories.matching import Stories
    from storage.model import Article, Known, Source

MANY_AT_ONCE = 5
"""So many articles that are told again under other addresses and ids: the source changed them."""
_STARTING = timedelta(days=1)
"""How long an archive starts: who answers later for the first time joins a running one."""
_LATE = timedelta(days=1)
"""How long before the last good round an article must be dated to have been there to be seen."""


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
    """What of `entries` goes to the archive, and as what.

    The first round of a source that joins a running archive is a backlog: readers are not flooded
    with what it told before. The sources that an archive starts with bring its first news. Nor are
    they flooded by a source that changes its addresses and ids: what it told before under the same
    title only moves, and a round of nothing but unknown old articles is a backlog too.

    Args:
        source: Who tells them.
        entries: Clean, filed, each link once.
        known: What the archive holds under their links and ids.
        stories: What was told in the last days.
        houses: The slugs that are houses.
        now: First seen, for what has no date.
        begun: When the archive got its first article; None while it is empty.
        titled: What the archive holds of the source under their titles, where many are unknown.
    """
    by_link: dict[str, Known] = {}
    by_guid: dict[str, Known] = {}
    for one in known:
        by_link[one.link] = one
        by_guid[one.guid] = one
    articles: list[NewArticle] = []
    joined: dict[str, int] = {}
    refused: list[Refused] = []
    fingerprints: list[Fingerprint] = []
    reports: dict[str, bytes] = {}
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
                refused.append(Refused("told before under another address", entry.title))
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
                # Under its former id the archive knows it, and notes its new address.
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
    )


def _joins_late(source: Source, begun: datetime | None, now: datetime) -> bool:
    """Whether this is the first round of a source that the archive did not start with."""
    if source.last_ok is not None or begun is None:
        return False
    return begun < source.added or begun < now - _STARTING


def _known(
    entry: Entry, by_link: Mapping[str, Known], by_guid: Mapping[str, Known]
) -> Known | None:
    """What the archive holds of an entry, by its link or its id."""
    was = by_link.get(entry.link)
    if was is None:
        same_id = by_guid.get(entry.guid)
        was = same_id if same_id is not None and same_id.title == entry.title else None
    return was


def _moved(
    unknown: Sequence[Entry], titled: Iterable[Known], links: Collection[str], now: datetime
) -> dict[str, Known]:
    """Link → what the archive holds of that entry under another link and id.

    One title is evidence together with one time, since a column has one title every day. Where
    many are told again at once, and most of what is unknown, their titles alone are. So are, in a
    short document, title and standfirst, if all that it tells has both in common with what is held.
    """
    held: defaultdict[str, list[Known]] = defaultdict(list)
    for one in titled:
        # What is still in the document under its own link has not moved.
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
    """Whether two or more entries, each of another title, are held with the same standfirsts."""
    standfirsts = {entry.title: entry.standfirst for entry in entries}
    return len(standfirsts) == len(entries) > 1 and all(
        standfirst and any(one.standfirst == standfirst for one in held[title])
        for title, standfirst in standfirsts.items()
    )


def _was_there_before(entry: Entry, source: Source) -> bool:
    """Whether the source's last good round should have seen this unknown article; undated: yes."""
    if source.last_ok is None:
        return entry.published is None
    return entry.published is None or entry.published < source.last_ok - _LATE


def fingerprint_of(
    article: NewArticle, source_id: int, houses: Collection[str], entry: Entry
) -> Fingerprint:
    """What of a new article decides whether it tells known news."""
    named = frozenset([one.category for one in article.filings if one.category in houses])
    return Fingerprint(
        link=article.link,
        title=article.title,
        published=article.published,
        source_id=source_id,
        houses=named,
        sketch=entry.sketch,
        # What many titles say is in memory once.
        words=entry.title_words and tuple(map(intern, entry.title_words)),
    )


def fingerprint_of_known(article: Article, houses: Collection[str]) -> Fingerprint:
    """The fingerprint of an article of the archive."""
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
    """An entry as an article: without a date of its own, of the moment when it was first seen."""
    first_known = was.published if was is not None else now
    return NewArticle(
        guid=entry.guid,
        link=entry.link,
        title=entry.title,
        standfirst=entry.standfirst,
        body=entry.body,
        body_kinds=entry.body_kinds,
        image=entry.image,
        author=entry.author,
        language=entry.language,
        published=entry.published or first_known,
        filings=entry.filings,
        paywall=entry.paywall,
    )
