"""Articles and sources for tests that only care about some of their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storage.model import Article, Filing, NewArticle, Show, Source, SourceKind, SourceState

if TYPE_CHECKING:
    from datetime import datetime


def a_new_article(
    link: str,
    title: str,
    published: datetime,
    *filed: str,
    **more: Any,  # noqa: ANN401 - fields
) -> NewArticle:
    """Return an English article of one line, filed under categories for the reason "test"."""
    plain: dict[str, Any] = {
        "guid": link,
        "standfirst": "",
        "body": None,
        "image": None,
        "author": None,
        "language": "en",
        "filings": tuple(Filing(slug, "test") for slug in filed),
    }
    return NewArticle(link=link, title=title, published=published, **plain | more)


def a_stored_article(number: int, published: datetime, **more: Any) -> Article:  # noqa: ANN401 - fields
    """Return an English article of a source of its own, seen when it was published."""
    source = more.get("source_id", number)
    plain: dict[str, Any] = {
        "story_id": number,
        "source_id": source,
        "source": f"Source {source}",
        "source_weight": 50,
        "link": f"https://gazette.example/{number}",
        "title": f"Headline {number}",
        "standfirst": "",
        "image": None,
        "author": None,
        "language": "en",
        "first_seen": published,
        "categories": ("motor",),
        "backlog": False,
        "has_body": False,
    }
    return Article(id=number, published=published, **plain | more)


def a_source(number: int, now: datetime, **more: Any) -> Source:  # noqa: ANN401 - fields
    """Return a feed that was added now and never checked."""
    plain: dict[str, Any] = {
        "name": f"Source {number}",
        "url": f"https://{number}.example/feed",
        "site": "",
        "kind": SourceKind.FEED,
        "state": SourceState.ACTIVE,
        "language": None,
        "weight": 50,
        "categories": (),
        "read_pages": False,
        "full_text": Show.PRIVATE,
        "pictures": Show.YES,
        "paywall": None,
        "selectors": {},
        "etag": None,
        "last_modified": None,
        "interval": 3600,
        "next_check": now,
        "failures": 0,
        "last_ok": None,
        "last_new": None,
        "last_error": None,
        "added": now,
    }
    return Source(id=number, **plain | more)
