"""What a source would bring, before it is added: `onnews sources test`."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

from news import documents
from news.entry import Parsed, UnreadableError
from news.fetch.fetcher import Fetched, Fetcher
from news.text.links import absolute, bare
from storage.model import SourceKind
from workers.pool import WorkerError, Workers, WorkerTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from news.fetch.fetcher import Failed, NotModified
    from storage.model import Source

T = TypeVar("T")

SECONDS = 20.0
PROCESSOR = 4
"""Seconds of processor time for one document of a trial: somebody waits for the answer."""
ALL_SECONDS = 5.0
"""Seconds of reading after which a trial looks at no further document."""
_LOOKED_AT = 1_000_000
"""Bytes of a page in which its engine is looked for."""
_USUAL = ("feed/", "rss", "feed.xml", "rss.xml", "atom.xml", "index.xml", "feed.json")
"""Where feeds live on most sites, tried when a page announces none that can be read."""
_BESIDE = ("feed/", "rss.xml")
"""Where those of a part of a site do."""
_OF_ENGINE = (
    (b"squarespace", "?format=rss"),
    (b"cdn.shopify.com", ".atom"),
    (b"wixstatic.com", "/blog-feed.xml"),
    (b"blogger.com", "/feeds/posts/default"),
    (b"Joomla!", "?format=feed&type=rss"),
)
"""What names an engine in its pages, and what it sets behind their address for a feed."""
_OVERLAP = 3
"""Articles that a page lists, from which a feed that it does not name must share one."""
_SITEMAPS = ("news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml")
_MOVED = re.compile(r"moved page: (\S+)")
_ROBOTS = 200_000
"""Bytes of a robots.txt that are read."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What an address was found to be."""

    url: str
    """Where it is: after redirects, and the feed's where a site's address was given."""
    kind: SourceKind = SourceKind.FEED
    parsed: Parsed | None = None
    """What it said; None where nothing could be read."""
    feeds: tuple[str, ...] = ()
    """Feeds that the page at the address announces, the one shown here first."""
    problem: str = ""
    """Why nothing could be read, in words for the operator."""

    @property
    def ok(self) -> bool:
        """Whether it would bring articles."""
        return self.parsed is not None and bool(self.parsed.entries)


async def try_source(
    url: str,
    fetcher: Fetcher,
    workers: Workers,
    now: datetime,
    known: Source | None = None,
) -> Trial:
    """Read `url` as a feed or sitemap; failing that, its feeds; failing these, as a listing page.

    Where nothing on the page repeats like news, the site's sitemap of news is the last resort.

    Args:
        url: A feed's address, or a site's.
        fetcher: Talks to it.
        workers: Read it.
        now: The present.
        known: The source that it is already: read as that source is.
    """
    answer = await fetcher.get(url, now)
    found = await _looked_at(url, answer, _Asker(fetcher, workers, now, known))
    if isinstance(answer, Fetched) and found.url == answer.url:
        return replace(found, url=_lasting(url, answer))
    return found


def _lasting(asked: str, answer: Fetched) -> str:
    """The address to ask from now on; who is sent elsewhere for now may be sent on tomorrow."""
    return answer.moved or absolute(asked) or answer.url


async def _looked_at(url: str, answer: Fetched | NotModified | Failed, asker: _Asker) -> Trial:
    known = asker.known
    if not isinstance(answer, Fetched):
        reasons = getattr(answer, "reason", "not modified"), getattr(answer, "detail", "")
        return Trial(url, problem=": ".join(part for part in reasons if part))
    if known is not None and known.kind is SourceKind.PAGE:
        return await asker.page(answer)
    parsed, problem = await asker.read(answer, SourceKind.FEED)
    if parsed is not None:
        kind = SourceKind.SITEMAP if parsed.form.startswith("sitemap") else SourceKind.FEED
        return Trial(answer.url, kind, parsed)
    if problem.startswith("a page"):
        return await asker.announced(answer) or await asker.listing(answer)
    # A front page may be walled while its feed, which is for programs, is not.
    behind = await asker.usual(answer) if problem.startswith("wall page") else None
    return behind or Trial(answer.url, problem=problem)


def _share(one: Parsed | None, other: Parsed | None) -> bool:
    """Whether two lists of articles have one in common, by its link or its title."""
    first, second = (
        {text for entry in parsed.entries for text in (entry.link, entry.title.casefold())}
        if parsed is not None
        else set()
        for parsed in (one, other)
    )
    return not first.isdisjoint(second)


class _Asker:
    def __init__(
        self, fetcher: Fetcher, workers: Workers, now: datetime, known: Source | None
    ) -> None:
        self._fetcher = fetcher
        self._workers = workers
        self._now = now
        self._left = ALL_SECONDS
        self._overrun: WorkerTimeoutError | None = None
        self.known = known

    async def _run(self, fn: Callable[..., T], *args: object) -> T:
        """What a worker makes of a document, in what is left of the trial's time.

        Raises:
            WorkerError: That was not enough, or the worker came to no result.
            UnreadableError: It is not what was looked for.
        """
        if self._overrun is not None:
            # One that took all its time is enough: the next one of such a site would too.
            raise self._overrun
        if self._left <= 0:
            raise WorkerTimeoutError("the trial", "had no time left for further documents")
        await self._workers.begin()
        loop = asyncio.get_running_loop()
        begin = loop.time()
        try:
            return await self._workers.run(fn, *args, timeout=SECONDS, processor=PROCESSOR)
        except WorkerTimeoutError as error:
            self._overrun = error
            raise
        finally:
            self._left -= loop.time() - begin

    async def read(self, answer: Fetched, kind: SourceKind) -> tuple[Parsed | None, str]:
        """What the answer says as a `kind`, or why it is none."""
        reading = replace(answer.reading(self.known), kind=kind.value)
        try:
            parsed = await self._run(documents.read, answer.body, reading, self._now)
        except (UnreadableError, WorkerError) as error:
            return None, str(error)
        return parsed, "" if parsed.entries else "it has no articles"

    async def page(self, answer: Fetched, result: tuple[Parsed | None, str] | None = None) -> Trial:
        """The articles that a page lists, or the site's sitemap of news, or why there are none."""
        parsed, problem = result or await self.read(answer, SourceKind.PAGE)
        chosen = self.known is not None and self.known.selectors
        if not chosen and (parsed is None or not parsed.entries):
            sitemap = await self.sitemap(answer)
            if sitemap is not None:
                return sitemap
        if problem.startswith("no list"):
            problem = "a page that announces no feed and lists no articles"
        return Trial(answer.url, SourceKind.PAGE, parsed, problem=problem)

    async def listing(self, answer: Fetched, *, followed: bool = False) -> Trial:
        """The same, or a feed in a usual place that has articles of the page, or where it has none.

        A page that only leads on, as many a front page to one in a language, is followed once.
        """
        parsed, problem = await self.read(answer, SourceKind.PAGE)
        moved = _MOVED.match(problem)
        if moved and not followed:
            there = await self._fetcher.get(urljoin(answer.url, moved[1]), self._now)
            if isinstance(there, Fetched):
                return await self.announced(there) or await self.listing(there, followed=True)
        found = await self.usual(answer)
        few = parsed is None or len(parsed.entries) < _OVERLAP
        if found is not None and (few or _share(found.parsed, parsed)):
            return found
        return await self.page(answer, (parsed, problem))

    async def announced(self, page: Fetched) -> Trial | None:
        """The first feed of a page, announced or beside it, that brings articles."""
        try:
            feeds = await self._run(documents.find_feeds, page.body, page.reading())
        except (UnreadableError, WorkerError):
            feeds = ()
        here = bare(page.url)
        is_front = f"{here}/" == urljoin(page.url, "/")
        beside = () if is_front else tuple(f"{here}/{place}" for place in _BESIDE)
        top = page.body[:_LOOKED_AT]
        engine = next((place for sign, place in _OF_ENGINE if sign in top), None)
        if engine is not None:
            holder = urljoin(page.url, "/").rstrip("/") if engine.startswith("/") else here
            beside = (holder + engine, *beside)
        return await self._first((*feeds[:4], *beside), SourceKind.FEED, feeds)

    async def usual(self, page: Fetched) -> Trial | None:
        """The first feed in a usual place of a page's site that brings articles."""
        front = urljoin(page.url, "/")
        return await self._first((front + place for place in _USUAL), SourceKind.FEED)

    async def sitemap(self, page: Fetched) -> Trial | None:
        """The first sitemap of news that brings articles: one named to robots, or a usual one."""
        robots = await self._fetcher.get(urljoin(page.url, "/robots.txt"), self._now)
        rules = RobotFileParser()
        if isinstance(robots, Fetched):
            rules.parse(robots.body[:_ROBOTS].decode("utf-8", "replace").splitlines())
        named = [one for one in rules.site_maps() or () if "news" in one.lower()]
        usual = (urljoin(page.url, f"/{place}") for place in _SITEMAPS)
        return await self._first((*named[:4], *usual), SourceKind.SITEMAP)

    async def _first(
        self, addresses: Iterable[str], kind: SourceKind, announced: Iterable[str] = ()
    ) -> Trial | None:
        """The first of these addresses at which there is a `kind` with articles."""
        for address in dict.fromkeys(addresses):
            answer = await self._fetcher.get(address, self._now)
            if not isinstance(answer, Fetched):
                continue
            parsed, _ = await self.read(answer, kind)
            if parsed is not None and parsed.entries:
                feeds = () if kind is SourceKind.SITEMAP else dict.fromkeys((address, *announced))
                return Trial(_lasting(address, answer), kind, parsed, tuple(feeds))
        return None
