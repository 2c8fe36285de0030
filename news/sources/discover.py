"""Trial of an address before it is added as a source: `onnews sources test`."""

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
"""Seconds of processor time for one document of a trial, as an operator is waiting."""
ALL_SECONDS = 5.0
"""Seconds of parsing after which a trial reads no more documents."""
_LOOKED_AT = 1_000_000
"""Bytes of a page in which its publishing system is looked for."""
_USUAL = ("feed/", "rss", "feed.xml", "rss.xml", "atom.xml", "index.xml", "feed.json")
"""Usual paths of feeds, tried if a page declares none that can be read."""
_BESIDE = ("feed/", "rss.xml")
"""Usual paths of feeds below a section of a site."""
_OF_ENGINE = (
    (b"squarespace", "?format=rss"),
    (b"cdn.shopify.com", ".atom"),
    (b"wixstatic.com", "/blog-feed.xml"),
    (b"blogger.com", "/feeds/posts/default"),
    (b"Joomla!", "?format=feed&type=rss"),
)
"""Sign of a publishing system in its pages, and what to append to their address for a feed."""
_OVERLAP = 3
"""Articles on a page; if it has as many, a feed that it does not declare must share one."""
_SITEMAPS = ("news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml")
_MOVED = re.compile(r"moved page: (\S+)")
_ROBOTS = 200_000
"""Bytes of a robots.txt that are read."""
_LEAST = 5
"""Fewest articles for judging a source."""
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Trial:
    """Result of a trial of an address."""

    url: str
    """The source's address: after redirects, and the feed's if a site was given."""
    kind: SourceKind = SourceKind.FEED
    parsed: Parsed | None = None
    """Content of the source; None if it could not be read."""
    feeds: tuple[str, ...] = ()
    """Feeds that the page at the address declares, the one in this trial first."""
    problem: str = ""
    """Why nothing could be read, as shown to the operator."""

    @property
    def ok(self) -> bool:
        """Whether the source would bring articles."""
        return self.parsed is not None and bool(self.parsed.entries)


async def try_source(
    url: str,
    fetcher: Fetcher,
    workers: Workers,
    now: datetime,
    known: Source | None = None,
) -> Trial:
    """Read `url` as a feed or sitemap, else its site's feeds, a listing page, a news sitemap.

    The settings of a `known` source at this address are used.
    """
    answer = await fetcher.get(url, now)
    found = await _looked_at(url, answer, _Asker(fetcher, workers, now, known))
    if isinstance(answer, Fetched) and found.url == answer.url:
        return replace(found, url=_lasting(url, answer))
    return found


def _lasting(asked: str, answer: Fetched) -> str:
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
    # A front page may be blocked for programs while its feed is not.
    behind = await asker.usual(answer) if problem.startswith("wall page") else None
    return behind or Trial(answer.url, problem=problem)


def _share(one: Parsed | None, other: Parsed | None) -> bool:
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
        if self._overrun is not None:
            # One document that took all its time is enough; the next would probably do the same.
            raise self._overrun
        if self._left <= 0:
            raise WorkerTimeoutError("the trial", "had no time left for more documents")
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
        """Return the content of an answer read as a `kind`, and the problem, empty if none."""
        reading = replace(answer.reading(self.known), kind=kind.value)
        try:
            parsed = await self._run(documents.read, answer.body, reading, self._now)
        except (UnreadableError, WorkerError) as error:
            return None, str(error)
        return parsed, "" if parsed.entries else "it has no articles"

    async def page(self, answer: Fetched, result: tuple[Parsed | None, str] | None = None) -> Trial:
        """Return a trial of a listing page, else of the site's news sitemap, else the problem."""
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
        """Return a trial of a feed in a usual place, else of the page as a listing.

        If the page lists at least three articles, the feed must share one with it. A page that only
        redirects, such as a front page to one in a language, is followed once.
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
        """Return a trial of the first declared or nearby feed of a page with articles, or None."""
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
        """Return a trial of the first feed with articles in a usual place of the site, or None."""
        front = urljoin(page.url, "/")
        return await self._first((front + place for place in _USUAL), SourceKind.FEED)

    async def sitemap(self, page: Fetched) -> Trial | None:
        """Return a trial of the first news sitemap, from robots.txt or a usual place, or None."""
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
        """Return a trial of the first address with a `kind` that has articles, or None."""
        for address in dict.fromkeys(addresses):
            answer = await self._fetcher.get(address, self._now)
            if not isinstance(answer, Fetched):
                continue
            parsed, _ = await self.read(answer, kind)
            if parsed is not None and parsed.entries:
                feeds = () if kind is SourceKind.SITEMAP else dict.fromkeys((address, *announced))
                return Trial(_lasting(address, answer), kind, parsed, tuple(feeds))
        return None


async def is_general(parsed: Parsed, workers: Workers) -> bool:
    """Return whether five or more articles are mostly not of the trade; or WorkerError."""
    titles = [(one.title, one.standfirst) for one in parsed.entries]
    if len(titles) < _LEAST:
        return False
    return await workers.run(documents.share_for_the_trade, titles, timeout=SECONDS) < _HALF
