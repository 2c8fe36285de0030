"""From a source's address to the bytes it answers, or to a named reason why not.

One session for all sources, one connection for each host, bounds on size, time and redirects.
A request that fails is a value (`Failed`), not an exception: the round goes on.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import logging
import ssl
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakValueDictionary

import aiohttp
from yarl import URL

from news.entry import Reading
from news.fetch import headers
from news.fetch.concurrency import Gate
from news.fetch.connector import Tunnels
from news.fetch.guard import PrivateAddressError, PublicResolver, check_literal
from news.fetch.inflate import InflateError, Inflater
from news.fetch.proxy import Proxies, ProxyError
from news.text.links import absolute, host_of

if TYPE_CHECKING:
    from datetime import datetime
    from http.cookies import SimpleCookie

    from news.fetch.guard import Lookup
    from storage.model import Source

MAX_BYTES = 10 * 1024 * 1024
"""Of a body, as it comes and as it is after decompression."""
MAX_REDIRECTS = 5
MAX_HEADER = 32_768
"""Bytes of one header: some sites say in tens of thousands what their pages may load."""
CONNECT_SECONDS = 10.0
"""How long a host may take to let a connection in."""
KEEP_ALIVE = 75
"""Seconds that a connection waits for another request: longer than from one round to the next."""
_PERMANENT = frozenset({301, 308})
# 203 is a 200 that a proxy on the way has changed.
_WHOLE = frozenset({200, 203})
_TOO_MANY = "http 429"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.5"
)
# yarl remembers as many as 128; most sources are asked every round.
_encoded = lru_cache(maxsize=1_024)(partial(URL, encoded=True))

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, and what its answer said of it."""

    body: bytes
    url: str
    """Where it was found, after redirects."""
    content_type: str | None = None
    content_location: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age: int | None = None
    """Seconds for which the answer says it stays fresh."""
    moved: str | None = None
    """The address to ask from now on, where every redirect up to it was permanent."""

    def reading(self, source: Source | None = None) -> Reading:
        """How a worker reads it, as a document of `source`; else as a feed of nobody's."""
        as_feed = Reading(self.url, self.content_type, self.content_location)
        if source is None:
            return as_feed
        return replace(
            as_feed,
            kind=source.kind.value,
            selectors=source.selectors,
            language=source.language,
            categories=source.categories,
            general=source.general,
        )


@dataclass(frozen=True, slots=True)
class NotModified:
    """The source has nothing new since the last round."""

    etag: str | None = None
    last_modified: str | None = None
    max_age: int | None = None


UNREACHED = frozenset({"timeout", "no such host", "no connection"})
"""Reasons of a `Failed` that may as well lie on this side."""


@dataclass(frozen=True, slots=True)
class Failed:
    """No body, and why."""

    reason: str
    """Short and lasting: `timeout`, `no such host`, `private address`, `too large`, `http 503` …"""
    detail: str = ""
    retry_after: int | None = None
    """Seconds the server asks to be left alone."""
    gone: bool = False
    """It answered 410: it will not come back."""
    asked: bool = True
    """False where its host had asked to be left alone, so that nobody knows how it is."""


@dataclass(frozen=True, slots=True)
class _Hop:
    location: str
    permanent: bool
    cookies: SimpleCookie


class Fetcher:
    """The one session that talks to sources.

    Args:
        allow_private: Whether sources may live at addresses that are not public.
        concurrency: How many requests at once, over all hosts, beside those that take long.
        timeout: Seconds for one request with all its redirects and its body.
        max_bytes: The largest body taken.
        about: An address that tells webmasters who asks; part of the User-Agent.
        proxies: Through which sources are asked; what a name means is looked up and checked here
            all the same, unless private addresses are allowed.
        lookup: Stands in for the system's name resolution, in tests.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        concurrency: int = 32,
        timeout: float = 30.0,
        max_bytes: int = MAX_BYTES,
        about: str = "",
        proxies: Proxies | None = None,
        lookup: Lookup | None = None,
    ) -> None:
        self._proxies = proxies or Proxies()
        self._allow_private = allow_private
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._lookup = lookup
        self._gate = Gate(concurrency)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._resting: dict[str, datetime] = {}
        self._session: aiohttp.ClientSession | None = None
        self.user_agent = ""
        self.introduce(about)

    def introduce(self, about: str) -> None:
        """Say from now on that `about` is who asks: an address, as soon as one is known."""
        version = importlib.metadata.version("on-news")
        self.user_agent = f"ON News/{version} (+{about or 'self-hosted news reader'})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the session. A later fetch opens another."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def fetch(self, source: Source, now: datetime) -> Fetched | NotModified | Failed:
        """What `source` answers, asked with the validators of its last good round."""
        return await self.get(source.url, now, etag=source.etag, last_modified=source.last_modified)

    async def get(
        self,
        url: str,
        now: datetime,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Fetched | NotModified | Failed:
        """What `url` answers, redirects followed.

        Retry-After is counted from `now`; a host that says 429 with it is left alone until then,
        whatever else is to be asked there. Waiting for a turn (other requests to the same host)
        is not counted in the time bound; at a host that a redirect leads to it is bounded by it,
        since many may be led to one that hangs.
        """
        asked = absolute(url)
        if asked is None:
            return Failed("bad address", url[:200])
        validators = headers.validators(etag, last_modified)
        cookies = headers.Cookies()
        moved: str | None = None
        permanent = True
        left = self._timeout
        loop = asyncio.get_running_loop()
        for step in range(MAX_REDIRECTS + 1):
            try:
                turn = await self._turn(asked, left if step else None)
            except TimeoutError:
                return Failed("timeout", f"{host_of(asked)} was busy with others")
            try:
                # The host's turn comes first, so that its queue holds no place.
                with await self._gate.enter():
                    if (resting := self._rest(asked, now)) is not None:
                        return resting
                    began = loop.time()
                    shown = {**validators, **cookies.header(asked)}
                    answer = await self._asked(asked, shown, left, now)
                    left -= loop.time() - began
            finally:
                turn.release()
            if isinstance(answer, Failed):
                if answer.reason == _TOO_MANY and answer.retry_after:
                    self._resting[host_of(asked)] = now + timedelta(seconds=answer.retry_after)
                # Who sent us there for now may send us elsewhere tomorrow.
                return replace(answer, gone=answer.gone and permanent)
            if not isinstance(answer, _Hop):
                return replace(answer, moved=moved) if isinstance(answer, Fetched) else answer
            cookies.keep(answer.cookies, asked)
            asked = answer.location
            permanent = permanent and answer.permanent
            if permanent:
                # A new address has to show what it is: "not modified" could be of any old page.
                moved, validators = asked, {}
        return Failed("too many redirects", asked[:200])

    def _rest(self, url: str, now: datetime) -> Failed | None:
        """The answer for a host that asked to be left alone; None once that time is over."""
        host = host_of(url)
        until = self._resting.get(host)
        if until is None or until <= now:
            self._resting.pop(host, None)
            return None
        left = int((until - now).total_seconds())
        return Failed(_TOO_MANY, "its host asked to be left alone", left, asked=False)

    async def _turn(self, url: str, patience: float | None) -> asyncio.Lock:
        """Wait for a turn at a host, at which there is one request at a time; to be released.

        Raises:
            TimeoutError: It did not come within `patience` seconds.
        """
        # It is there for as long as somebody holds it or waits for it.
        turn = self._turns.setdefault(host_of(url), asyncio.Lock())
        async with asyncio.timeout(patience):
            await turn.acquire()
        return turn

    async def _asked(
        self, url: str, shown: dict[str, str], left: float, now: datetime
    ) -> Fetched | NotModified | Failed | _Hop:
        try:
            if not self._allow_private:
                check_literal(url)
            async with asyncio.timeout(max(left, 0.0)):
                return await self._answer(url, shown, now)
        except TimeoutError:
            return Failed("timeout", f"no complete answer within {self._timeout:g} s")
        except InflateError as error:
            return Failed(error.reason, str(error))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _failure(error)

    async def _answer(
        self, url: str, shown: dict[str, str], now: datetime
    ) -> Fetched | NotModified | Failed | _Hop:
        session = self._opened()
        async with session.get(
            _encoded(url),
            headers={"User-Agent": self.user_agent, **shown},
            allow_redirects=False,
        ) as response:
            status = response.status
            if status in _REDIRECTS:
                return _hop(url, response)
            fresh = headers.max_age(response.headers, now)
            if status == 304 and headers.CONDITIONAL & shown.keys():
                return NotModified(max_age=fresh, **headers.validated(response.headers))
            if status not in _WHOLE:
                return _refusal(response, now)
            body, whole = await self._body(response)
            return Fetched(
                body,
                url,
                content_type=response.headers.get("Content-Type"),
                content_location=response.headers.get("Content-Location"),
                max_age=fresh,
                # What is missing of half a body must not pass for known.
                **(headers.validated(response.headers) if whole else {}),
            )

    async def _body(self, response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
        """The body, and whether all of it came."""
        inflater = Inflater(response.headers.get("Content-Encoding", ""), self._max_bytes)
        parts: list[bytes] = []
        async for chunk in response.content.iter_chunked(65_536):
            for part in inflater.feed(chunk):
                parts.append(part)
                # A bomb inflates a thousandfold: the loop gets its turn between the pieces.
                await asyncio.sleep(0)
        parts.extend(inflater.finish())
        return b"".join(parts), inflater.whole

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Without any of ours, aiohttp's own knows every address.
            resolver = None
            if not self._allow_private or self._lookup is not None:
                resolver = PublicResolver(self._lookup, guarded=not self._allow_private)
            options: dict[str, Any] = {
                "limit": 0,
                "ttl_dns_cache": 60,
                "keepalive_timeout": KEEP_ALIVE,
                "resolver": resolver,
            }
            # The proxy may look names up only where it is all the same what they mean.
            self._session = aiohttp.ClientSession(
                connector=Tunnels(self._proxies, names=resolver is None, **options)
                if self._proxies
                else aiohttp.TCPConnector(**options),
                headers={"Accept": _ACCEPT, "Accept-Encoding": "gzip, deflate"},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                max_line_size=MAX_HEADER,
                max_field_size=MAX_HEADER,
            )
        return self._session


def _hop(url: str, response: aiohttp.ClientResponse) -> _Hop | Failed:
    location = headers.location(response.headers)
    target = absolute(location, url)
    if target is None:
        there = headers.readable(location) or "nowhere"
        return Failed("bad redirect", f"from {url[:200]} to {there}")
    return _Hop(target, response.status in _PERMANENT, response.cookies)


def _refusal(response: aiohttp.ClientResponse, now: datetime) -> Failed:
    return Failed(
        f"http {response.status}",
        headers.readable(response.reason),
        retry_after=headers.retry_after(response.headers.get("Retry-After"), now),
        gone=response.status == 410,
    )


def _failure(error: Exception) -> Failed:
    # aiohttp wraps what the resolver raised.
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, PrivateAddressError):
            return Failed("private address", str(cause))
        if isinstance(cause, ProxyError):
            return Failed("no connection", str(cause.strerror))
        cause = cause.__cause__ or cause.__context__
    stated = headers.readable(str(error)) or type(error).__name__
    reason, detail = "no connection", stated
    match error:
        case aiohttp.ClientConnectorDNSError():
            reason, detail = "no such host", error.host
        case aiohttp.ClientSSLError() | ssl.SSLError():
            reason = "bad certificate"
        case aiohttp.ClientPayloadError():
            reason, detail = "cut short", "the connection ended before the body did"
        case aiohttp.ServerDisconnectedError():
            detail = "the server hung up without an answer"
        case aiohttp.ClientResponseError():
            # Its first line: the bytes that it is about come after that.
            first = error.message.partition("\n")[0].removesuffix(":")
            reason, detail = "bad answer", headers.readable(first) or stated
    return Failed(reason, detail)
