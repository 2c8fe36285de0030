"""HTTP client for sources: from an address to its bytes, or to the reason of a failure.

All sources share one session, with one connection per host and limits on size, time and redirects.
A failed request is a value (`Failed`), not an exception, so that the round goes on.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import logging
import ssl
import zlib
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakValueDictionary

import aiohttp
from yarl import URL

from news.entry import Reading
from news.fetch import headers
from news.fetch.connector import Tunnels
from news.fetch.guard import PrivateAddressError, PublicResolver, check_literal
from news.fetch.proxy import Proxies, ProxyError
from news.text.links import absolute, host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from http.cookies import SimpleCookie

    from news.fetch.guard import Lookup
    from storage.model import Source


AT_ONCE = 128
"""Most requests at once over all hosts."""
MAX_BYTES = 10 * 1024 * 1024
"""Most bytes of a body, both compressed and decompressed."""
MAX_REDIRECTS = 5
MAX_HEADER = 32_768
"""Most bytes of one header; some sites send content policies of tens of thousands."""
CONNECT_SECONDS = 10.0
"""Seconds that connecting to a host may take."""
KEEP_ALIVE = 75
"""Seconds that an idle connection is kept, longer than between two rounds."""
_PERMANENT = frozenset({301, 308})
# 203 is a 200 modified by a proxy.
_WHOLE = frozenset({200, 203})
_TOO_MANY = "http 429"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.5"
)
# yarl caches only 128 addresses, and most sources are asked every round.
_encoded = lru_cache(maxsize=1_024)(partial(URL, encoded=True))

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, with facts from the headers of its answer."""

    body: bytes
    url: str
    """Address of the body, after redirects."""
    content_type: str | None = None
    content_location: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age: int | None = None
    """Seconds for which the answer says that it stays fresh."""
    moved: str | None = None
    """The address to ask from now on, if there were redirects that were all permanent."""

    def reading(self, source: Source | None = None) -> Reading:
        """Return the parameters for parsing the body; without a source, those of a plain feed."""
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
"""Reasons of a `Failed` for which this machine's own network may be at fault."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A failed request, with its reason."""

    reason: str
    """A few fixed words: `timeout`, `no such host`, `private address`, `too large`, `http 503` …"""
    detail: str = ""
    retry_after: int | None = None
    """Seconds for which the server asks not to be asked again."""
    gone: bool = False
    """Whether the server answered 410: the address is permanently gone."""
    asked: bool = True
    """False if no request was sent, because its host had asked for a pause."""


@dataclass(frozen=True, slots=True)
class _Hop:
    location: str
    permanent: bool
    cookies: SimpleCookie


class Fetcher:
    """HTTP client with one session for all sources.

    Args:
        timeout: Seconds for one request with all its redirects and its body.
        max_bytes: Most bytes of a body.
        about: An address in the User-Agent that tells webmasters who is asking.
        proxies: Proxies for requests. Names are still resolved and checked here, unless private
            addresses are allowed.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
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
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._turns = _Turns()
        self._resting: dict[str, datetime] = {}
        self._session: aiohttp.ClientSession | None = None
        self.user_agent = ""
        self.introduce(about)

    def introduce(self, about: str) -> None:
        """Use `about` in the User-Agent; the bot's address is known only after the start."""
        self.user_agent = f"ON News/{_version()} (+{about or 'self-hosted news reader'})"

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
        """Fetch `source` with the validators of its last good round."""
        return await self.get(source.url, now, etag=source.etag, last_modified=source.last_modified)

    async def get(
        self,
        url: str,
        now: datetime,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        may: Callable[[str], bool] | None = None,
    ) -> Fetched | NotModified | Failed:
        """Fetch `url`, following redirects.

        With `may`, no cookie is sent, and each address is asked only if it returns True for it.

        A host that answers 429 with Retry-After is not asked again before that time, counted from
        `now`. Only one request runs at a host at a time. The wait for the first host is not
        limited. The wait for a host after a redirect is limited to the time left, as many addresses
        may redirect to one that hangs. Neither wait counts towards the timeout.
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
                leave = await self._turns.take(host_of(asked), left if step else None)
            except TimeoutError:
                return Failed("timeout", f"{host_of(asked)} was busy with other requests")
            try:
                # Wait for the host first, so that waiting requests hold no slot.
                async with self._slots:
                    if (resting := self._rest(asked, now)) is not None:
                        return resting
                    began = loop.time()
                    shown = {**validators, **(cookies.header(asked) if may is None else {})}
                    answer = await self._requested(asked, shown, left, now, may)
                    left -= loop.time() - began
            finally:
                leave()
            if isinstance(answer, Failed):
                if answer.reason == _TOO_MANY and answer.retry_after:
                    self._heed(host_of(asked), answer.retry_after, now)
                # A 410 behind a temporary redirect does not mean that the source is gone.
                return replace(answer, gone=answer.gone and permanent)
            if not isinstance(answer, _Hop):
                return replace(answer, moved=moved) if isinstance(answer, Fetched) else answer
            cookies.keep(answer.cookies, asked)
            asked = answer.location
            permanent = permanent and answer.permanent
            if permanent:
                # No validators for a new address: "not modified" could refer to another page.
                moved, validators = asked, {}
        return Failed("too many redirects", asked[:200])

    def _heed(self, host: str, seconds: float, now: datetime) -> None:
        until = now + timedelta(seconds=seconds)
        self._resting[host] = max(until, self._resting.get(host, until))

    def _rest(self, url: str, now: datetime) -> Failed | None:
        host = host_of(url)
        until = self._resting.get(host)
        if until is None or until <= now:
            self._resting.pop(host, None)
            return None
        left = int((until - now).total_seconds())
        return Failed(_TOO_MANY, "its host asked for a pause", left, asked=False)

    async def _requested(
        self,
        url: str,
        shown: dict[str, str],
        left: float,
        now: datetime,
        may: Callable[[str], bool] | None,
    ) -> Fetched | NotModified | Failed | _Hop:
        if may is not None and not may(url):
            return Failed("link not followed", host_of(url))
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
                # No validators for a truncated body, so that the next answer is complete.
                **(headers.validated(response.headers) if whole else {}),
            )

    async def _body(self, response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
        inflater = Inflater(response.headers.get("Content-Encoding", ""), self._max_bytes)
        parts: list[bytes] = []
        async for chunk in response.content.iter_chunked(65_536):
            for part in inflater.feed(chunk):
                parts.append(part)
                # A decompression bomb grows a thousandfold: let the loop run between the pieces.
                await asyncio.sleep(0)
        parts.extend(inflater.finish())
        return b"".join(parts), inflater.whole

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            # With None, aiohttp's default resolver is used.
            resolver = None
            if not self._allow_private or self._lookup is not None:
                resolver = PublicResolver(self._lookup, guarded=not self._allow_private)
            options: dict[str, Any] = {
                "limit": 0,
                "ttl_dns_cache": 60,
                "keepalive_timeout": KEEP_ALIVE,
                "resolver": resolver,
            }
            # The proxy may resolve names only if their addresses need no check.
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


@cache
def _version() -> str:
    return importlib.metadata.version("on-news")


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
    # aiohttp wraps the resolver's exceptions.
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
            # Only the first line: the offending bytes follow it.
            first = error.message.partition("\n")[0].removesuffix(":")
            reason, detail = "bad answer", headers.readable(first) or stated
    return Failed(reason, detail)


class _Turns:
    """The turns at all hosts. Only one request runs at a host at a time."""

    def __init__(self) -> None:
        # The weak dictionary keeps a lock while a request holds it or waits for it.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(self, host: str, patience: float | None) -> Callable[[], None]:
        """Wait at most `patience` seconds for a turn (or TimeoutError); return what ends it."""
        turn = self._turns.setdefault(host, asyncio.Lock())
        async with asyncio.timeout(patience):
            await turn.acquire()
        return turn.release


PIECE = 256 * 1024
"""Most bytes that one step yields, about a millisecond of work."""
MEMBERS = 1_000
"""Most gzip members in a body. Millions of empty ones would fit, and each costs time."""
_GZIP = b"\x1f\x8b"


class InflateError(Exception):
    """A body cannot be decompressed; `reason` is `too large`, `bad compression` or `encoding`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Inflater:
    """Decompress a body in chunks. A body wrongly labelled gzip passes through.

    A gzip file without a label (`sitemap.xml.gz`) is decompressed too, even if the server
    compressed it again. `limit` holds for the bytes of input and of output, `depth` for layers.
    """

    def __init__(self, encoding: str, limit: int, *, depth: int = 2) -> None:
        names = [part.strip().lower() for part in encoding.split(",")]
        self._names = [one for one in names if one not in {"", "identity", "none", "utf-8"}]
        self._limit = limit
        self._taken = self._given = self._members = 0
        self._held = b""
        self._stream: zlib._Decompress | None = None
        self._plain = self._over = False
        self._inner = Inflater("", limit, depth=depth - 1) if depth > 1 else None
        if len(self._names) > 1 or not {"gzip", "x-gzip", "deflate"}.issuperset(self._names):
            raise InflateError(
                "encoding", f"compressed as {encoding[:60]}, which was not asked for"
            )

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the decompressed pieces of a chunk. InflateError: above the limit, or invalid."""
        self._taken += len(chunk)
        if self._taken > self._limit:
            raise InflateError("too large", f"more than {self._limit} bytes")
        chunk, self._held = self._held + chunk, b""
        while chunk and not (self._plain or self._over):
            if self._stream is None or self._stream.eof:
                # Two bytes identify gzip, at the start and at each further member, so hold back one
                # byte.
                if len(chunk) < len(_GZIP):
                    self._held = chunk
                    return
                self._begin(chunk)
                continue
            try:
                piece = self._stream.decompress(chunk, PIECE)
            except zlib.error as error:
                raise InflateError("bad compression", str(error)) from None
            chunk = self._stream.unused_data or self._stream.unconsumed_tail
            self._count(piece)
            yield from self._inner.feed(piece) if self._inner is not None else (piece,)
        if self._plain:
            self._count(chunk)
            yield chunk

    def finish(self) -> Iterator[bytes]:
        """Yield bytes that were held back. A truncated body is not an error; see `whole`."""
        if self._stream is None:
            yield self._held
        elif self._inner is not None:
            yield from self._inner.finish()

    @property
    def whole(self) -> bool:
        """Whether the body was complete."""
        if self._stream is None:
            return True
        return self._stream.eof and (self._inner is None or self._inner.whole)

    def _begin(self, start: bytes) -> None:
        if start.startswith(_GZIP):
            self._members += 1
            if self._members > MEMBERS:
                raise InflateError("bad compression", f"more than {MEMBERS} pieces")
            self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        elif self._stream is not None:
            # Drop garbage after the end, as gzip does.
            self._over = True
        elif self._names == ["deflate"]:
            # Servers read the standard in two ways: with zlib's header and without.
            wrapped = start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        else:
            self._plain = True

    def _count(self, piece: bytes) -> None:
        self._given += len(piece)
        if self._given > self._limit:
            raise InflateError("too large", f"more than {self._limit} bytes once decompressed")
