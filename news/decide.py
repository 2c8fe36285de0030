"""What a round brought, made ready for the archive: dated, told apart, joined to stories. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from news.entry import Refused
from news.story import Telling, sketch_of
from storage.model import NewArticle

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from news.entry import Entry
    from news.story import Stories
    from storage.model import Article, Known, Source

_MANY_AT_ONCE = 5
"""Undated articles that are all unknown, from a source that was known: it changed its ids."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Articles for the archive, and the stories that some of them tell again."""

    articles: tuple[NewArticle, ...]
    stories: dict[str, int]
    """Link → story."""
    backlog: bool
    refused: tuple[Refused, ...] = ()
    """Those that their source had told before, under another address."""
    tellings: tuple[Telling, ...] = ()
    """Of what is new to the archive; their story's number is not theirs yet."""


def decide(
    source: Source,
    entries: Sequence[Entry],
    known: Iterable[Known],
    stories: Stories,
    *,
    houses: Collection[str],
    now: datetime,
    begun: datetime | None = None,
) -> Decision:
    """What of `entries` goes to the archive, and as what.

    The first round of a source that joins a running archive is a backlog: readers are not flooded
    with what it told before. The sources that an archive starts with bring its first news.

    Args:
        source: Who tells them.
        entries: Clean, filed, each link once.
        known: What the archive holds under their links and ids.
        stories: What was told in the last days.
        houses: The slugs that are houses.
        now: First seen, for what has no date.
        begun: When the archive got its first article; None while it is empty.
    """
    by_link: dict[str, Known] = {}
    by_guid: dict[str, Known] = {}
    for one in known:
        by_link[one.link] = one
        by_guid[one.guid] = one
    articles: list[NewArticle] = []
    joined: dict[str, int] = {}
    refused: list[Refused] = []
    tellings: list[Telling] = []
    undated = fresh = 0
    for entry in entries:
        was = by_link.get(entry.link)
        if was is None:
            same_id = by_guid.get(entry.guid)
            was = same_id if same_id is not None and same_id.title == entry.title else None
        article = _article(entry, was, now)
        if was is None:
            telling = telling_of(article, source.id, houses, entry)
            if stories.retold(telling, dated=entry.published is not None):
                refused.append(Refused("told before under another address", entry.title))
                continue
            fresh += 1
            undated += entry.published is None
            tellings.append(telling)
            match = stories.match(telling)
            if match is not None:
                joined[article.link] = match.story_id
        articles.append(article)
    flood = undated >= _MANY_AT_ONCE and fresh == len(entries)
    return Decision(
        tuple(articles),
        joined,
        backlog=flood or (source.last_ok is None and begun is not None and begun < source.added),
        refused=tuple(refused),
        tellings=tuple(tellings),
    )


def telling_of(
    article: NewArticle, source_id: int, houses: Collection[str], entry: Entry
) -> Telling:
    """What of a new article decides whether it tells known news."""
    named = frozenset(one.category for one in article.filings if one.category in houses)
    return Telling(
        link=article.link,
        title=article.title,
        published=article.published,
        source_id=source_id,
        houses=named,
        sketch=entry.sketch,
        words=entry.title_words,
    )


def told(article: Article, houses: Collection[str]) -> Telling:
    """The telling of an article of the archive."""
    return Telling(
        link=article.link,
        title=article.title,
        published=article.published,
        source_id=article.source_id,
        houses=frozenset(article.categories) & frozenset(houses),
        sketch=sketch_of(article.standfirst),
        story_id=article.story_id,
    )


def _article(entry: Entry, was: Known | None, now: datetime) -> NewArticle:
    # Without a date of its own, an article is of the moment when it was first seen.
    first_known = was.published if was is not None else now
    return NewArticle(
        guid=entry.guid,
        link=entry.link,
        title=entry.title,
        standfirst=entry.standfirst,
        body=entry.body,
        image=entry.image,
        author=entry.author,
        language=entry.language,
        published=entry.published or first_known,
        filings=entry.filings,
    )
