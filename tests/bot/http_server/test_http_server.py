"""Limits of the HTTP ports on clients that send or read too slowly, or too much."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import resource
import socket
import sys
import zlib
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING
from weakref import ref

import pytest
from aiohttp import web

from bot.http_server import descriptors
from bot.http_server.connection import HttpConnection, Stage
from bot.http_server.descriptors import Descriptors, SpareDescriptor, count_descriptors
from bot.http_server.limits import HttpLimits, KeyedPace
from bot.http_server.port import HttpPort
from bot.http_server.trusted_networks import TrustedNetworks, one_client, read_address
from bot.telegram.webhook import CONNECTIONS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Hashable, Iterator

LONG_ENOUGH = 60
TELEGRAM_OPENS = 100
"""The most connections that setWebhook allows."""
HALF = b"GET /fine HTTP/1.1\r\nHost: news.example\r\n"
WHOLE = HALF + b"\r\n"
FEW = HttpLimits(connections=4, per_address=2, least=4)
BRIEF = HttpLimits(header_seconds=0.05, idle_seconds=0.05, request_seconds=0.05)
BIG = b"x" * 32 * 1024 * 1024

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Answers:
    """A handler that answers at once, when released, or with more bytes than buffers hold."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.asked = asyncio.Event()
        self.made = 0

    async def fine(self, _: web.Request) -> web.Response:
        return web.Response(text="fine\n")

    async def slow(self, _: web.Request) -> web.Response:
        self.asked.set()
        await self.let.wait()
        return web.Response(text="at last\n")

    async def big(self, _: web.Request) -> web.Response:
        self.asked.set()
        self.made += 1
        return web.Response(body=BIG)

    async def body(self, request: web.Request) -> web.Response:
        return web.Response(text=f"{len(await request.read())}\n")

    async def defect(self, _: web.Request) -> web.Response:
        raise ZeroDivisionError


@asynccontextmanager
async def opened(
    limits: HttpLimits | None = None,
    trusted: TrustedNetworks | None = None,
    *,
    is_update: Callable[[web.Request], bool] | None = None,
) -> AsyncIterator[tuple[HttpPort, Answers]]:
    answers = Answers()
    app = web.Application()
    app.add_routes(
        [
            web.get("/fine", answers.fine),
            web.get("/slow", answers.slow),
            web.get("/big", answers.big),
            web.get("/defect", answers.defect),
            web.post("/body", answers.body),
        ]
    )
    port = HttpPort("METRICS_ADDRESS", app, limits=limits, trusted=trusted, is_update=is_update)
    await port.open("127.0.0.1", 0)
    try:
        yield port, answers
    finally:
        answers.let.set()
        await port.close()


@asynccontextmanager
async def connected(
    port: HttpPort, sent: bytes = b"", *, source: str = ""
) -> AsyncIterator[Streams]:
    local = (source, 0) if source else None
    reader, writer = await asyncio.open_connection(*port.address, local_addr=local)
    writer.write(sent)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def ended(reader: asyncio.StreamReader) -> bytes:
    """Read all bytes until the other side closes the connection."""
    read = b""
    try:
        async with asyncio.timeout(LONG_ENOUGH):
            while some := await reader.read(65_536):
                read += some
    except ConnectionError:
        pass
    return read


async def status(reader: asyncio.StreamReader) -> int:
    """Read the next response to its end, and return its status."""
    async with asyncio.timeout(LONG_ENOUGH):
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
    return int(head.split()[1])


async def asked(port: HttpPort, sent: bytes = WHOLE) -> int:
    async with connected(port, sent) as (reader, _):
        return await status(reader)


async def until(port: HttpPort, number: int) -> None:
    """Wait until this number of connections is open."""
    async with asyncio.timeout(LONG_ENOUGH):
        while port.connections != number:  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0.005)


@pytest.fixture
def transports(monkeypatch: pytest.MonkeyPatch) -> list[ref[asyncio.BaseTransport]]:
    """Return references to the transport of each accepted connection, which keep none alive.

    `gc.get_objects` would also return tuples that other threads are just making, and those threads
    would then fail.
    """
    accepted: list[ref[asyncio.BaseTransport]] = []
    made = HttpConnection.connection_made

    def noted(connection: HttpConnection, transport: asyncio.BaseTransport) -> None:
        accepted.append(ref(transport))
        made(connection, transport)

    monkeypatch.setattr(HttpConnection, "connection_made", noted)
    return accepted


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        HALF,
        b"\r\n\r\n",
        HALF * 3,
        b"POST /body HTTP/1.1\r\nHost: news.example\r\nContent-Length: 99\r\n\r\nhalf a body",
        b"POST /body HTTP/1.1\r\nHost: news.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"POST /fine HTTP/1.1\r\nHost: news.example\r\nContent-Length: 99\r\n\r\nnobody reads it",
        WHOLE,
        WHOLE + HALF,
    ],
)
async def test_a_port_closes_a_connection_that_sends_or_reads_too_slowly(sent: bytes) -> None:
    async with opened(BRIEF) as (port, _), connected(port, sent) as (reader, _writer):
        await ended(reader)
        await until(port, 0)


@pytest.mark.parametrize("times", [1, 20])
async def test_a_client_that_reads_nothing_gets_one_answer_and_is_disconnected(times: int) -> None:
    async with opened(BRIEF) as (port, answers):
        client = socket.create_connection(port.address)
        with client:
            client.sendall(WHOLE.replace(b"/fine", b"/big") * times)
            await asyncio.wait_for(answers.asked.wait(), LONG_ENOUGH)
            await until(port, 0)
        assert answers.made == 1


async def test_a_request_sent_byte_by_byte_still_times_out() -> None:
    async with opened(BRIEF) as (port, _), connected(port, HALF) as (reader, writer):

        async def drip() -> None:
            while True:
                writer.write(b"X-Drop: 1\r\n")
                await asyncio.sleep(0.005)

        dripping = asyncio.create_task(drip())
        await ended(reader)
        dripping.cancel()


async def test_a_slow_handler_is_answered_and_keeps_its_connection() -> None:
    async with opened() as (port, answers), connected(port, WHOLE) as (reader, writer):
        assert await status(reader) == 200
        writer.write(WHOLE.replace(b"/fine", b"/slow") + WHOLE)
        await answers.asked.wait()
        answers.let.set()
        assert [await status(reader), await status(reader)] == [200, 200]
        writer.write(b"POST /body HTTP/1.1\r\nHost: news.example\r\nContent-Length: 200000\r\n\r\n")
        writer.write(b"x" * 200_000)
        assert await status(reader) == 200
        assert port.connections == 1


async def test_a_compressed_body_is_not_expanded() -> None:
    body = zlib.compress(b"0" * 1_000_000)
    head = f"Host: a\r\nContent-Encoding: deflate\r\nContent-Length: {len(body)}\r\n\r\n"
    async with opened() as (port, _):
        whole = b"POST /body HTTP/1.1\r\n" + head.encode() + body
        async with connected(port, whole) as (reader, _):
            async with asyncio.timeout(LONG_ENOUGH):
                assert f"\r\n\r\n{len(body)}\n".encode() in await reader.readuntil(
                    f"{len(body)}\n".encode()
                )


async def test_an_endless_request_head_is_not_kept_in_memory() -> None:
    async with opened() as (port, _), connected(port, HALF) as (reader, writer):
        while port.connections < 1:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.005)
        writer.write(b"X-Long: 1\r\n" * 10_000)
        assert await ended(reader) == b""
        assert await asked(port) == 200


@pytest.mark.parametrize("sent", [b"", HALF, WHOLE])
async def test_a_closed_connection_leaves_nothing_to_the_garbage_collector(
    transports: list[ref[asyncio.BaseTransport]], sent: bytes
) -> None:
    async with opened(BRIEF) as (port, _):
        gc.disable()
        try:
            with closing(socket.create_connection(port.address)) as client, suppress(OSError):
                client.setblocking(False)  # noqa: FBT003  # its name in the library
                client.send(sent)
                # Streams would be transports too.
                while await asyncio.get_running_loop().sock_recv(client, 65_536):
                    pass
            await until(port, 0)
            assert [each() for each in transports] == [None]
        finally:
            gc.enable()


async def test_a_full_port_drops_the_longest_waiting_connection_and_answers_new_ones() -> None:
    async with opened(FEW) as (port, _), AsyncExitStack() as stack:
        waiting = [
            await stack.enter_async_context(connected(port, HALF))
            for _ in range(3 * FEW.connections)
        ]
        for reader, _ in waiting[: 2 * FEW.connections]:
            assert await ended(reader) == b""
        for _ in range(2 * FEW.connections):
            assert await asked(port) == 200
        assert port.connections <= FEW.connections
        assert port.displaced >= 2 * FEW.connections


async def test_slow_bodies_drop_neither_telegrams_connection_nor_a_new_one() -> None:
    update = WHOLE.replace(b"\r\n\r\n", b"\r\nX-Secret: known\r\n\r\n")
    slow = b"POST /fine HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nhalf"
    async with (
        opened(FEW, is_update=lambda request: "X-Secret" in request.headers) as (port, _),
        AsyncExitStack() as stack,
        connected(port, update) as (telegrams, writer),
    ):
        assert await status(telegrams) == 200

        async def send_slowly() -> None:
            reader, _ = await stack.enter_async_context(connected(port, slow))
            await status(reader)

        for _ in range(3 * FEW.connections):
            await send_slowly()
        writer.write(update)
        assert await status(telegrams) == 200
        async with connected(port, HALF) as (reader, new):
            for _ in range(FEW.connections - 2):
                await send_slowly()
            new.write(b"\r\n")
            assert await status(reader) == 200


async def test_a_connection_being_answered_is_never_dropped() -> None:
    slow = WHOLE.replace(b"/fine", b"/slow")
    async with opened(FEW) as (port, answers), AsyncExitStack() as stack:
        busy = []
        for _ in range(FEW.connections):
            answers.asked.clear()
            busy.append(await stack.enter_async_context(connected(port, slow)))
            await answers.asked.wait()
        async with connected(port, WHOLE) as (reader, _):
            assert await ended(reader) == b""
        answers.let.set()
        assert [await status(reader) for reader, _ in busy] == [200] * FEW.connections


async def test_one_address_gets_only_its_share_unless_it_is_trusted() -> None:
    trusted = TrustedNetworks([ip_network("127.0.0.3/32")])
    limits = replace(FEW, connections=8)
    async with opened(limits, trusted) as (port, _), AsyncExitStack() as stack:
        # Loopback addresses are trusted: of this test's clients none is but one.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("ipaddress.IPv4Address.is_loopback", property(lambda _: False))
            for source, number in (("127.0.0.2", 2), ("127.0.0.3", 6)):
                for _ in range(4):
                    await stack.enter_async_context(connected(port, HALF, source=source))
                await until(port, number)
            async with connected(port, WHOLE, source="127.0.0.2") as (reader, _):
                assert await status(reader) == 200


def paced(port: HttpPort, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return the clients of the requests that have asked for their turn so far."""
    asked, delay = [], port._pace.delay

    def counted(client: Hashable = None) -> float:
        asked.append(client)
        return delay(client)

    monkeypatch.setattr(port._pace, "delay", counted)
    return asked


async def test_only_the_client_that_asks_too_often_has_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits = HttpLimits(requests_per_second=0.01, requests_at_once=2)
    forwarded = b"GET /fine HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.7, 127.0.0.1\r\n\r\n"
    async with opened(limits) as (port, _):
        turns = paced(port, monkeypatch)
        async with connected(port, WHOLE * 3) as (reader, _writer):
            assert [await status(reader), await status(reader)] == [200, 200]
            assert await asked(port, forwarded) == 200
            await until(port, 1)
            async with asyncio.timeout(LONG_ENOUGH):
                while len(turns) < 4:  # noqa: ASYNC110  # the port has no event for it
                    await asyncio.sleep(0.005)
            (held,) = port._table
            assert held.stage is Stage.HELD
            # A stop ends all waiting for a turn.
            await asyncio.wait_for(port.close(), LONG_ENOUGH)


async def test_a_request_whose_client_left_holds_up_none_of_its_later_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits = HttpLimits(requests_per_second=0.001, requests_at_once=1)
    async with opened(limits) as (port, _):
        assert await asked(port) == 200
        turns = paced(port, monkeypatch)
        before = len(asyncio.all_tasks())
        async with AsyncExitStack() as gone:
            for _ in range(9):
                await gone.enter_async_context(connected(port, WHOLE))
            async with asyncio.timeout(LONG_ENOUGH):
                while len(turns) < 9:  # noqa: ASYNC110  # as above
                    await asyncio.sleep(0.005)
        async with asyncio.timeout(LONG_ENOUGH):
            while len(asyncio.all_tasks()) > before:  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.005)
        # The next one waits for one request of the client, not for ten.
        assert port._pace.delay(one_client(read_address("127.0.0.1"))) <= 2_000


async def test_only_bugs_are_logged_not_garbage_or_disconnects(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with opened() as (port, _):
        for garbage in (
            b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
            b"GET / HTTP/9\r\n\r\n",
            b"G@T / \r\n\r\n",
        ):
            async with connected(port, garbage) as (reader, _):
                assert b" 400 " in await ended(reader)
        async with connected(
            port, b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n12"
        ):
            await until(port, 1)
        await until(port, 0)
        assert [each for each in caplog.records if each.levelno > logging.INFO] == []
        for _ in range(3):
            assert await asked(port, WHOLE.replace(b"/fine", b"/defect")) == 500
        assert [each.levelname for each in caplog.records if each.levelno > logging.INFO] == [
            "ERROR"
        ]


@contextmanager
def all_descriptors() -> Iterator[None]:
    """Use up every file descriptor of this process."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = [os.open(os.devnull, os.O_RDONLY)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (taken[0] + 1, before[1]))
    try:
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
        for each in taken:
            os.close(each)


async def test_a_port_without_free_descriptors_answers_and_logs_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.http_server.port.RETRY", 0.01)
    async with opened() as (port, _):
        clients = [socket.socket() for _ in range(3)]
        try:
            with all_descriptors():
                assert count_descriptors().free == 0
                assert (count_descriptors().shortage or "").startswith(
                    "file descriptors are used up ("
                )
                loop = asyncio.get_running_loop()
                for client in clients:
                    client.setblocking(False)  # noqa: FBT003  # its name in the library
                    await loop.sock_connect(client, port.address)
                    await loop.sock_sendall(client, WHOLE.replace(b"1.1", b"1.0"))
                for client in clients:
                    answer = await asyncio.wait_for(loop.sock_recv(client, 4096), LONG_ENOUGH)
                    assert b" 200 " in answer
        finally:
            for client in clients:
                client.close()
        lines = [each.getMessage() for each in caplog.records if each.levelno > logging.INFO]
        assert lines == ["METRICS_ADDRESS: cannot accept connections: Too many open files"]
        assert await asked(port) == 200


def test_descriptors_are_counted_and_a_spare_one_is_kept() -> None:
    before = count_descriptors()
    spare = SpareDescriptor()
    assert count_descriptors() == replace(before, open=before.open + 1)
    assert (spare.give_up(), spare.give_up()) == (True, False)
    assert count_descriptors() == before
    assert (Descriptors(90, 100).shortage, str(Descriptors(9, 100))) == (
        "file descriptors are used up (90 of 100)",
        "9 of 100",
    )
    assert Descriptors(100, 100 + descriptors.LEAST_FREE).shortage is None


def test_no_limit_is_below_the_connections_that_telegram_opens() -> None:
    limits = HttpLimits()
    assert limits.per_address >= TELEGRAM_OPENS
    assert limits.connections >= limits.per_address
    for allowed in (64, 256, 1_024, 65_536, sys.maxsize):
        assert CONNECTIONS < limits.bound(allowed) <= limits.connections
    # Two ports at their bounds leave more than the reserve to everything else.
    assert 1_024 - 2 * limits.bound(1_024) >= limits.reserve


def test_the_client_is_the_last_address_before_trusted_proxies() -> None:
    trusted = TrustedNetworks([ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")])

    def client(peer: str, *forwarded: str) -> str:
        return str(trusted.client(read_address(peer), forwarded))

    assert client("198.51.100.1", "192.0.2.1") == "198.51.100.1"
    assert client("127.0.0.1") == "127.0.0.1"
    assert client("10.0.0.1", "203.0.113.9, 192.0.2.1") == "192.0.2.1"
    assert client("::ffff:10.0.0.1", "192.0.2.1, 10.9.9.9", "2001:db8::5") == "192.0.2.1"
    assert client("10.0.0.1", "192.0.2.1, garbage") == "10.0.0.1"
    assert one_client(read_address("2001:db8::1")) == one_client(read_address("2001:db8::2"))
    assert one_client(read_address("2001:db8::1")) != one_client(read_address("2001:db8:0:1::1"))
    assert read_address("fe80::1%eth0") == read_address("fe80::1")


def test_the_pace_allows_a_burst_then_its_rate_and_forgets_idle_clients() -> None:
    now = 100.0
    pace = KeyedPace(2.0, 3, lambda: now)
    assert [pace.delay("a") for _ in range(5)] == [0.0, 0.0, 0.0, 0.5, 1.0]
    assert pace.delay("b") == 0.0
    for number in range(3_000):
        now += 1.0
        pace.delay(number)
    assert len(pace._at) <= 1_024
