"""Responses of old, wrong and hostile servers, byte for byte over a socket."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from multidict import CIMultiDict

from news.fetch.fetcher import Failed, Fetched, Fetcher, NotModified
from news.fetch.headers import max_age, retry_after
from tests.news.conftest import NOW, failed, fetched, reason

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BODY = b"<rss/>"
OK = "HTTP/1.1 200 OK"


def answer(status: str = OK, *headers: str | bytes, body: bytes = BODY) -> bytes:
    """Return the bytes of a response."""
    lines = [status, *headers, f"Content-Length: {len(body)}"]
    raw = [line if isinstance(line, bytes) else line.encode() for line in lines]
    return b"\r\n".join([*raw, b"", body])


@dataclass
class Wire:
    """A server that knows of HTTP only where a request ends."""

    url: str = ""
    heads: list[str] = field(default_factory=list)
    answers: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    """Path → the pieces of the response; each is sent once the one before has been read."""
    visits: set[asyncio.Task[None]] = field(default_factory=set)

    def says(self, path: str, *pieces: bytes) -> str:
        self.answers[path] = pieces
        return self.url + path

    def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits.add(asyncio.create_task(self.serve(reader, writer)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.heads.append(head)
            for piece in self.answers[head.split(" ")[1]]:
                writer.write(piece)
                await writer.drain()
                for _ in range(20):
                    await asyncio.sleep(0)
            writer.close()
            await writer.wait_closed()
        except ConnectionError:
            writer.transport.abort()
            await asyncio.sleep(0)


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    place = Wire()
    server = await asyncio.start_server(place.welcome, "127.0.0.1", 0)
    place.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield place
        await asyncio.gather(*place.visits)


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(allow_private=True, timeout=60, max_bytes=200_000) as one:
        yield one


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("60.5", 60),
        ("Tue, 24 Nov 2026 12:05:00 GMT", 300),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0),
        ("999999999999", 86_400),
        ("9" * 5_000, 86_400),
        ("soon", None),
        (None, None),
        ("-5", None),
        ("\u00b2", None),
        ("\u0661\u0662", None),
        ("60, 90", None),
        ("Tue, 24 Nov 99999 12:05:00 GMT", None),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0),
        ("Tue, 24 Nov 2026 12:05:00 +99999999999999", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, seconds: int | None) -> None:
    assert retry_after(header, NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache-Control": "public, max-age=900"}, 900),
        ({"Cache-Control": "s-maxage=5"}, None),
        ({"Cache-Control": "stale-while-revalidate=5;max-age=900"}, 900),
        # Of one field alone, not of the answer.
        ({"Cache-Control": 'no-cache="Set-Cookie", max-age=900'}, 900),
        ({"Cache-Control": "max-age=-1"}, None),
        ({"Cache-Control": "max-age=999999999"}, 86_400),
        (
            {"Cache-Control": "no-store, max-age=900", "Expires": "Tue, 24 Nov 2026 13:00:00 GMT"},
            None,
        ),
        ({"Cache-Control": "max-age=60", "Expires": "Tue, 24 Nov 2026 13:00:00 GMT"}, 60),
        ({"Expires": "Tue, 24 Nov 2026 13:00:00 GMT"}, 3600),
        # By the server's own clock, if it sends one.
        (
            {
                "Date": "Mon, 23 Nov 2026 09:00:00 GMT",
                "Expires": "Mon, 23 Nov 2026 09:30:00 GMT",
            },
            1800,
        ),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        # What a cache on the way has kept for a while is fresh for the rest of its time.
        ({"Cache-Control": "max-age=900", "Age": "600"}, 300),
        ({"Cache-Control": "max-age=900", "Age": "9" * 5_000}, 0),
        ({"Cache-Control": "max-age=900", "Age": "soon"}, 900),
        ({"Cache-Control": "max-age=999999999", "Age": "100"}, 86_300),
        ({"Expires": "Tue, 24 Nov 2026 13:00:00 GMT", "Age": "3000"}, 600),
        ({"Expires": "0"}, None),
        ({"Expires": "-1"}, None),
        ({"Date": "never", "Expires": "Tue, 24 Nov 9999 12:00:00 GMT"}, 86_400),
    ],
)
def test_an_answer_says_how_long_it_stays_fresh(
    headers: dict[str, str], seconds: int | None
) -> None:
    assert max_age(CIMultiDict(headers), NOW) == seconds


async def test_repeated_headers_are_combined(wire: Wire, fetcher: Fetcher) -> None:
    url = wire.says("/feed", answer(OK, "Cache-Control: public", "Cache-Control: max-age=900"))
    found = await fetched(fetcher, url)
    assert found.max_age == 900


async def test_long_response_headers_are_accepted_up_to_a_limit(
    wire: Wire, fetcher: Fetcher
) -> None:
    url = wire.says("/feed", answer(OK, "Content-Security-Policy: " + "https://a.example " * 1_500))
    assert (await fetched(fetcher, url)).body == BODY
    endless = wire.says("/endless", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000)
    assert await reason(fetcher, endless) == "bad answer"


async def test_a_transformed_response_is_accepted(wire: Wire, fetcher: Fetcher) -> None:
    url = wire.says("/feed", answer("HTTP/1.1 203 Non-Authoritative Information", "ETag: x"))
    found = await fetched(fetcher, url)
    assert (found.body, found.etag) == (BODY, "x")
    part = wire.says("/part", answer("HTTP/1.1 206 Partial Content"))
    assert await fetcher.get(part, NOW) == Failed("http 206", "Partial Content")


@pytest.mark.parametrize("header", ["\u00b2", "Tue, 24 Nov 2026 12:05:00 +99999999999999"])
async def test_a_malformed_retry_after_does_not_hide_the_status(
    wire: Wire, fetcher: Fetcher, header: str
) -> None:
    url = wire.says("/busy", answer("HTTP/1.1 503 Busy", f"Retry-After: {header}"))
    found = await fetcher.get(url, NOW)
    assert found == Failed("http 503", "Busy")


async def test_too_many_requests_pauses_all_sources_of_the_host(
    wire: Wire, fetcher: Fetcher
) -> None:
    busy = wire.says("/a", answer("HTTP/1.1 429 Too Many", "Retry-After: 600"))
    other = wire.says("/b", answer())
    found = await asyncio.gather(*(fetcher.get(url, NOW) for url in (busy, other, busy)))
    assert [(one.reason, one.retry_after) for one in found if isinstance(one, Failed)] == [
        ("http 429", 600)
    ] * 3
    found = [await fetcher.get(other, NOW + timedelta(seconds=590))]
    assert [one.retry_after for one in found if isinstance(one, Failed)] == [10]
    assert len(wire.heads) == 1
    assert isinstance(await fetcher.get(other, NOW + timedelta(seconds=600)), Fetched)


async def test_an_unrequested_not_modified_is_a_failure(wire: Wire, fetcher: Fetcher) -> None:
    url = wire.says("/feed", b"HTTP/1.1 304 Not Modified\r\n\r\n")
    assert await fetcher.get(url, NOW) == Failed("http 304", "Not Modified")
    assert isinstance(await fetcher.get(url, NOW, etag='W/"1"'), NotModified)
    assert isinstance(await fetcher.get(url, NOW, last_modified="x"), NotModified)


async def test_a_new_address_is_asked_for_the_whole_document(wire: Wire, fetcher: Fetcher) -> None:
    since = "Tue, 24 Nov 2026 12:00:00 GMT"
    for status, asked in (("301 Moved", [True, False]), ("302 Found", [True, True])):
        wire.heads.clear()
        wire.says("/", answer())
        url = wire.says("/feed", answer(f"HTTP/1.1 {status}", "Location: /", body=b""))
        found = await fetcher.get(url, NOW, last_modified=since)
        assert isinstance(found, Fetched)
        assert ["If-Modified-Since" in head for head in wire.heads] == asked


async def test_unsendable_validators_are_not_kept(wire: Wire, fetcher: Fetcher) -> None:
    url = wire.says(
        "/feed", answer(OK, b'ETag: "caf\xe9"', b"Last-Modified: \xff", f"X: {'a' * 600}")
    )
    found = await fetched(fetcher, url)
    assert (found.etag, found.last_modified) == (None, None)
    found = await fetched(fetcher, wire.says("/feed", answer(OK, f'ETag: "{"a" * 600}"')))
    assert found.etag is None


async def test_a_servers_reason_is_one_clean_line(wire: Wire, fetcher: Fetcher) -> None:
    url = wire.says("/feed", b"HTTP/1.1 500 Fehl\xe9r" + b"r" * 9_000 + b"\r\n\r\n")
    found = await failed(fetcher, url)
    assert found.reason == "http 500"
    assert found.detail.encode().startswith(b"Fehl?r")
    assert len(found.detail) <= 200


async def test_a_servers_reason_contains_no_terminal_codes(wire: Wire, fetcher: Fetcher) -> None:
    url = wire.says("/feed", answer("HTTP/1.1 500 \x1b[31mRed\x1b[0m \x07alert"))
    assert await fetcher.get(url, NOW) == Failed("http 500", "[31mRed [0m alert")


async def test_a_truncated_body_is_a_named_failure(wire: Wire, fetcher: Fetcher) -> None:
    length = wire.says("/length", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n<rss>")
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n"
    for url in (length, wire.says("/chunks", chunks)):
        assert await fetcher.get(url, NOW) == Failed(
            "cut short", "the connection ended before the body did"
        )
    header = wire.says("/header", b"HTTP/1.1 200 OK\r\nContent-Ty")
    assert await fetcher.get(header, NOW) == Failed(
        "no connection", "the server hung up without an answer"
    )


async def test_a_response_that_is_not_http_is_a_named_failure(wire: Wire, fetcher: Fetcher) -> None:
    for start in (BODY, b"HTTP/1.1 99999 X\r\n\r\n", b"\x15\x03\x01\0\x02"):
        assert await reason(fetcher, wire.says("/feed", start + b"\r\n\r\n")) == "bad answer", start


async def test_a_redirect_to_bytes_of_no_charset_is_followed(wire: Wire, fetcher: Fetcher) -> None:
    wire.says("/caf%E9", answer())
    url = wire.says("/old", answer("HTTP/1.1 301 Moved", b"Location: /caf\xe9", body=b""))
    found = await fetched(fetcher, url)
    assert found.moved == wire.url + "/caf%E9"


async def test_gone_after_a_temporary_redirect_is_not_permanent(
    wire: Wire, fetcher: Fetcher
) -> None:
    wire.says("/gone", answer("HTTP/1.1 410 Gone"))
    for status, gone in (("302 Found", False), ("301 Moved", True)):
        url = wire.says("/feed", answer(f"HTTP/1.1 {status}", "Location: /gone", body=b""))
        found = await failed(fetcher, url)
        assert (found.reason, found.gone) == ("http 410", gone)


async def test_a_required_cookie_is_sent_back_within_the_redirect(
    wire: Wire, fetcher: Fetcher
) -> None:
    wire.says("/feed", answer())
    wire.says(
        "/door",
        answer(
            "HTTP/1.1 302 Found",
            "Location: /feed",
            "Set-Cookie: seen=1; Path=/",
            b"Set-Cookie: \xff=\xff; Path=;;",
            "Set-Cookie: elsewhere=1; Domain=other.example",
            "Set-Cookie: deep=1; Path=/deep",
            body=b"",
        ),
    )
    url = wire.says("/start", answer("HTTP/1.1 307 Go", "Location: /door", body=b""))
    for _ in range(2):
        wire.heads.clear()
        assert isinstance(await fetcher.get(url, NOW), Fetched)
        # Forgotten at the end: the next round begins as a stranger.
        assert ["cookie: seen=1\r\n" in head.lower() for head in wire.heads] == [False, False, True]
        assert "elsewhere" not in wire.heads[-1]
        assert "deep" not in wire.heads[-1]


def gzipped(*pieces: bytes) -> tuple[bytes, ...]:
    """Return a response whose body has these gzip members."""
    length = sum(map(len, pieces))
    head = f"{OK}\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\nETag: x\r\n\r\n"
    return (head.encode(), *pieces)


async def test_concatenated_gzip_members_are_one_body(wire: Wire, fetcher: Fetcher) -> None:
    one = gzip.compress(BODY)
    for pieces in ((one, one), (one, one[:1], one[1:]), (one, one[:2], one[2:], b"\0", b"garbage")):
        found = await fetched(fetcher, wire.says("/feed", *gzipped(*pieces)))
        assert found.body == BODY * 2
        assert found.etag == "x"


async def test_a_body_that_was_compressed_twice_is_read(wire: Wire, fetcher: Fetcher) -> None:
    twice = gzip.compress(gzip.compress(BODY))
    assert (await fetched(fetcher, wire.says("/sitemap.xml.gz", *gzipped(twice)))).body == BODY
    bomb = gzip.compress(gzip.compress(b"\0" * 100_000_000))
    assert await reason(fetcher, wire.says("/bomb.gz", *gzipped(bomb))) == "too large"


async def test_half_a_body_is_read_without_keeping_its_validators(
    wire: Wire, fetcher: Fetcher
) -> None:
    text = b"<rss>" + b"".join(b"%d " % n for n in range(5_000))
    half = gzip.compress(text)[:-2_000]
    found = await fetched(fetcher, wire.says("/feed", *gzipped(half)))
    assert found.body.startswith(b"<rss>")
    assert len(found.body) < len(text)
    assert found.etag is None


async def test_countless_empty_gzip_members_are_cut_off(wire: Wire, fetcher: Fetcher) -> None:
    assert (
        await failed(fetcher, wire.says("/feed", *gzipped(gzip.compress(b"") * 5_000)))
    ).reason == "bad compression"


async def test_a_redirect_to_a_busy_host_does_not_wait_long(wire: Wire) -> None:
    url = wire.says(
        "/feed", answer("HTTP/1.1 302 Found", "Location: http://busy.example/", body=b"")
    )
    async with Fetcher(allow_private=True, timeout=1) as fetcher:
        # Another source is asking there, and gets no answer.
        leave = await fetcher._turns.take("busy.example", None)
        found = await fetcher.get(url, NOW)
        leave()
    assert found == Failed("timeout", "busy.example was busy with other requests")
