"""Sites on loopback, and a newsroom that reads them."""

from __future__ import annotations

import random
import socket
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult

from news.fetch.fetcher import Failed, Fetched, Fetcher
from news.fetch.guard import is_public
from news.filing.taxonomy import load
from news.newsroom import Newsroom
from storage.articles.articles import Articles
from storage.model import NewSource, Source, Taste
from storage.sources.sources import Sources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from news.ingest.rounds import RoundReport
    from news.mail.mailbox import Mailbox
    from storage.db.database import Database
    from workers.pool import Workers

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SAMPLES = Path(__file__).parent / "samples"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def sample(name: str) -> bytes:
    """Return the bytes of a sample file."""
    return (SAMPLES / name).read_bytes()


@dataclass
class Site:
    """A web server that answers as a test says and records the requests."""

    url: str = ""
    pages: dict[str, Handler] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    open: int = 0
    most_open: int = 0

    def serve(
        self,
        path: str,
        body: bytes | str = b"",
        *,
        status: int = 200,
        **headers: str,
    ) -> str:
        """Serve `path` with this answer. Underscores in header names become hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body.encode() if isinstance(body, str) else body

        async def answer(_: web.Request) -> web.Response:
            return web.Response(body=raw, status=status, headers=named)

        return self.handle(path, answer)

    def handle(self, path: str, handler: Handler) -> str:
        """Serve `path` by a function, and return the whole address."""
        self.pages[path] = handler
        return self.url + path

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.path_qs, dict(request.headers)))
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            handler = self.pages.get(request.path_qs)
            return await handler(request) if handler else web.Response(status=404)
        finally:
            self.open -= 1


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A site on loopback."""
    place = Site()
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", place.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    tcp = web.TCPSite(runner, "127.0.0.1", 0)
    await tcp.start()
    place.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield place
    await runner.cleanup()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raise the time limits of trials on a busy machine."""
    monkeypatch.setattr("news.sources.discover.ALL_SECONDS", 600.0)


async def fetched(fetcher: Fetcher, url: str) -> Fetched:
    answer = await fetcher.get(url, NOW)
    assert isinstance(answer, Fetched), answer
    return answer


async def failed(fetcher: Fetcher, url: str) -> Failed:
    answer = await fetcher.get(url, NOW)
    assert isinstance(answer, Failed), answer
    return answer


async def reason(fetcher: Fetcher, url: str) -> str:
    return (await failed(fetcher, url)).reason


@pytest.fixture
def loopback_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one address of loopback pass for a public one, so that a source can be there."""
    monkeypatch.setattr(
        "news.fetch.guard.is_public", lambda address: address == "127.0.0.1" or is_public(address)
    )


@dataclass
class Desk:
    """A newsroom, with the parts that tests look at."""

    room: Newsroom
    articles: Articles
    sources: Sources
    site: Site
    now: datetime = NOW
    announced: list[int] = field(default_factory=list)

    async def announce(self, ids: list[int]) -> None:
        self.announced += ids

    async def add(self, url: str, name: str = "One", **changes: object) -> Source:
        plain = NewSource(name, url, categories=("style",))
        return await self.sources.add(replace(plain, **changes), self.now)  # type: ignore[arg-type]

    async def again(self, source: Source, feed: str = "", **later: float) -> RoundReport:
        """Run another round later, after an hour by default, of another document if given."""
        if feed:
            self.site.serve("/feed", feed)
        self.now += timedelta(**(later or {"hours": 1}))
        return await self.refresh(await self.known(source))

    async def known(self, source: Source) -> Source:
        """Return a source as it is stored by now."""
        found = await self.sources.get(source.id)
        assert found is not None
        return found

    async def refresh(self, source: Source) -> RoundReport:
        """Run a round of this source alone, whether or not it is due."""
        (report,) = await self.room.refresh_all([source])
        return report

    async def titles(self) -> list[str]:
        return [one.title for one in await self.articles.latest(Taste(), limit=50)]


def rss(*items: str) -> str:
    return (
        "<rss version='2.0'><channel><title>T</title><link>https://one.example/</link>"
        + "".join(f"<item>{item}</item>" for item in items)
        + "</channel></rss>"
    )


def item(number: int, title: str = "", day: int = 24, site: str = "one", guid: str = "") -> str:
    return (
        f"<title>{title or f'Gucci shows collection number {number}'}</title>"
        f"<link>https://{site}.example/{number}</link>"
        f"<guid isPermaLink='false'>{guid or number}</guid>"
        f"<pubDate>{day} Nov 2026 0{number % 10}:00:00 GMT</pubDate>"
        f"<description>What it says of number {number} in some words.</description>"
    )


def looks_up(**hosts: str) -> Any:  # noqa: ANN401 — a callable of aiohttp's types
    async def lookup(host: str, port: int) -> list[ResolveResult]:
        if host not in hosts:
            raise socket.gaierror(-2, "Name or service not known")
        return [
            ResolveResult(
                hostname=host,
                host=hosts[host],
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    return lookup


def desk_of(
    db: Database,
    fetcher: Fetcher,
    workers: Workers,
    site: Site,
    mailbox: Mailbox | None = None,
) -> Desk:
    """Build a newsroom on an archive."""
    articles, sources = Articles(db), Sources(db)
    desk = Desk(None, articles, sources, site)  # type: ignore[arg-type]
    desk.room = Newsroom(
        articles,
        sources,
        fetcher,
        workers,
        load(),
        lambda: desk.now,
        chance=random.Random(7),  # noqa: S311 — the same spread every time
        on_new=desk.announce,
        mailbox=mailbox,
    )
    return desk


@pytest.fixture
async def desk(db: Database, site: Site, workers: Workers) -> AsyncIterator[Desk]:
    async with Fetcher(allow_private=True, timeout=60) as fetcher:
        yield desk_of(db, fetcher, workers, site)
