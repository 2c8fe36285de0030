"""A small newspaper on this machine: three feeds a language, with a page and a picture per story.

Each feed has another format, as on the real web, and answers conditional requests. The stories come
from `stories.toml`; then from `upcoming.toml` and from daily issues, composed from parts in five
languages, so that the news never runs out. `Newsstand.publish` adds one while everything runs.
"""

from __future__ import annotations

import hashlib
import itertools
from datetime import UTC, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from playground.newsstand import issues, story_pages
from playground.newsstand.feeds import ABROAD, FEEDS, PREFIX, Feed, document
from playground.newsstand.picture_files import CONTENT_TYPE, picture_of
from playground.newsstand.stories import Draft, Story, printed, slug_of, upcoming

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

__all__ = ["FEEDS", "Newsstand"]
_EVERY = {feed.path: feed for feed in (*FEEDS, *ABROAD)}


class Newsstand:
    """The newspaper, to be mounted on an aiohttp server under `/newsstand`.

    Args:
        clock: Returns the current time, aware. The newest story is from just before the start.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._stories = list(printed(clock()))
        self._drafts = upcoming()

    @property
    def stories(self) -> tuple[Story, ...]:
        """Every story, the newest first."""
        return tuple(self._stories)

    def publish(
        self,
        title: str,
        standfirst: str = "",
        *,
        feed: str = "fashion",
        categories: Sequence[str] = (),
        body: Sequence[str] = (),
        slug: str | None = None,
        picture: str = "",
        language: str = "en",
        ago: timedelta = timedelta(0),
    ) -> Story:
        """Publish one more story.

        Args:
            title: The headline.
            standfirst: One or two sentences.
            feed: `fashion`, `motor` or `business`.
            categories: The story's categories in the feed.
            body: Paragraphs.
            slug: The last part of its address; made from the title if None.
            picture: The name of its picture; if empty, the slug selects one.
            language: One of the newspaper's languages.
            ago: How long before now it was published.

        Raises:
            ValueError: The feed does not exist, or the slug is taken.
        """
        if feed not in {known.key for known in FEEDS}:
            raise ValueError(f"The newsstand has no feed {feed!r}.")
        taken = {story.slug for story in self._stories}
        if slug is None:
            stem = slug = slug_of(title)
            number = 2
            while slug in taken:
                slug, number = f"{stem}-{number}", number + 1
        elif slug in taken:
            raise ValueError(f"A story {slug!r} is out already.")
        published = self._clock().replace(microsecond=0) - ago
        filed = tuple(categories)
        story = Story(
            slug, feed, published, filed, title, standfirst, tuple(body), picture, language
        )
        self._stories.append(story)
        self._stories.sort(key=lambda known: known.published, reverse=True)
        return story

    def publish_next(self, ago: timedelta = timedelta(0), language: str = "en") -> Story:
        """Publish the next story of a language: a prepared one, or else one of an issue.

        Args:
            ago: How long before now it was published.
            language: One of the newspaper's languages; for another, English.
        """
        if language not in issues.LANGUAGES:
            language = "en"
        if language == "en" and self._drafts:
            return self._print(self._drafts.pop(0), ago)
        today = self._clock().astimezone(UTC).date()
        return next(
            self._print(item.draft, ago, item.slug)
            for later in itertools.count()
            for item in issues.issue(today + timedelta(days=later), language)
            if not self._has(item.slug)
        )

    def publish_hour(self, hour: datetime, languages: Sequence[str] = issues.LANGUAGES) -> int:
        """Publish what the issues of a day bring in one hour, unless it was published before.

        Args:
            hour: The beginning of the hour, aware. The stories are dated within it.
            languages: The languages of the issues.

        Returns:
            How many stories were published.
        """
        hour = hour.astimezone(UTC)
        coming = [
            item
            for language in languages
            for item in issues.issue(hour.date(), language)
            if item.hour == hour.hour and not self._has(item.slug)
        ]
        ago = self._clock() - hour
        for number, item in enumerate(coming, 1):
            # Spread over the first half of the hour.
            within = timedelta(minutes=30) * number / len(coming)
            self._print(item.draft, ago - within, item.slug)
        return len(coming)

    def _has(self, slug: str) -> bool:
        return any(story.slug == slug for story in self._stories)

    def _print(self, draft: Draft, ago: timedelta, slug: str | None = None) -> Story:
        return self.publish(
            draft.title,
            draft.standfirst,
            feed=draft.feed,
            categories=draft.categories,
            body=draft.body,
            slug=slug,
            picture=draft.picture,
            language=draft.language,
            ago=ago,
        )

    def sources(self, base_url: str, feeds: Sequence[Feed] = FEEDS) -> list[dict[str, Any]]:
        """Return feeds as sources: name, url, site, categories and language of each."""
        base = base_url.rstrip("/")
        return [
            {
                "name": feed.title,
                "url": base + feed.path,
                "site": f"{base}{PREFIX}/",
                "categories": [],
                "language": feed.language,
            }
            for feed in feeds
        ]

    def link(self, story: Story, base_url: str) -> str:
        """Return the address of a story's page."""
        return f"{base_url.rstrip('/')}{PREFIX}/story/{story.slug}"

    def add_routes(self, app: web.Application) -> None:
        """Serve everything of the newsstand from the application."""
        app.add_routes(self.routes())

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of everything that the newsstand serves."""
        return [
            *(web.get(path, self._feed) for path in _EVERY),
            web.get(f"{PREFIX}/", self._front),
            web.get(PREFIX, self._front),
            web.get(PREFIX + "/story/{slug}", self._page),
            web.get(PREFIX + "/picture/{slug}.jpg", self._picture),
        ]

    async def _feed(self, request: web.Request) -> web.Response:
        feed = _EVERY[request.path]
        stories = [story for story in self._stories if feed.holds(story)]
        written = document(feed, stories, _base(request)).encode()
        # Of a feed without stories, the time does not matter.
        changed = stories[0].published if stories else self._clock()
        headers = {
            "ETag": f'"{hashlib.sha256(written).hexdigest()[:20]}"',
            "Last-Modified": format_datetime(changed, usegmt=True),
            "Cache-Control": "no-cache",
        }
        if _is_known(request, headers["ETag"], changed):
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = f"{feed.content_type}; charset=utf-8"
        return web.Response(body=written, headers=headers)

    async def _front(self, request: web.Request) -> web.Response:
        return _html(story_pages.front_page(self._stories, _base(request)))

    async def _page(self, request: web.Request) -> web.Response:
        return _html(story_pages.story_page(self._find(request), _base(request)))

    async def _picture(self, request: web.Request) -> web.Response:
        return web.Response(body=picture_of(self._find(request)), content_type=CONTENT_TYPE)

    def _find(self, request: web.Request) -> Story:
        for story in self._stories:
            if story.slug == request.match_info["slug"]:
                return story
        raise web.HTTPNotFound


def _base(request: web.Request) -> str:
    return str(request.url.origin())


def _is_known(request: web.Request, etag: str, changed: datetime) -> bool:
    """Return whether the client has this document already, judged by its validators."""
    known = request.headers.get("If-None-Match")
    if known is not None:
        return known.strip() == "*" or etag in {
            part.strip().removeprefix("W/") for part in known.split(",")
        }
    since = request.headers.get("If-Modified-Since")
    if since is None:
        return False
    try:
        return parsedate_to_datetime(since) >= changed
    except (TypeError, ValueError):
        return False


def _html(page: str) -> web.Response:
    return web.Response(text=page, content_type="text/html")
