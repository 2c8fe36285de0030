from __future__ import annotations

import asyncio
import gc
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import NetworkError, TimedOut

from bot.telegram.http_client import LONGEST_ANSWER, REST, HttpClient
from digest.pacing.telegram_errors import CutError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"


class Server:
    """A hand-written server that sends given bytes and records the requests."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.connections = 0
        self.asked = asyncio.Event()
        self.closed = asyncio.Event()
        self.say: Callable[[asyncio.StreamWriter], Awaitable[None]] | None = None
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                self.asked.set()
                if self.say is not None:
                    await self.say(writer)
                    continue
                answer = self.answers.pop(0) if self.answers else OK
                writer.write(answer)
                if b"connection: close" in answer.lower() or b"HTTP/1.0" in answer:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self.closed.set()


async def silence(_: asyncio.StreamWriter) -> None:
    """Send nothing."""


@asynccontextmanager
async def serving(*answers: bytes) -> AsyncIterator[Server]:
    server = Server(*answers)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/bot1:a/sendMessage"
    async with listening:
        yield server


@asynccontextmanager
async def opened(url: str, *, read_timeout: float = 20.0) -> AsyncIterator[HttpClient]:
    wire = HttpClient(url, read_timeout=read_timeout)
    yield wire
    await wire.close()


async def test_a_request_is_a_form_to_the_address() -> None:
    async with serving() as server, opened(server.url) as wire:
        assert await wire.post(b"text=a%26b&chat_id=7") == (200, b"fine")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == b"text=a%26b&chat_id=7"
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /bot1:a/sendMessage HTTP/1.1"
    assert f"Host: {server.url.split('/')[2]}" in lines
    assert "Content-Type: application/x-www-form-urlencoded" in lines


async def test_requests_ask_for_uncompressed_responses() -> None:
    async with serving() as server, opened(server.url) as wire:
        await wire.post(b"x")
    assert b"\r\nAccept-Encoding: identity\r\n" in server.requests[0]


async def test_credentials_in_the_address_are_sent_as_basic_authentication() -> None:
    async with serving() as server:
        url = server.url.replace("http://", "http://town:secret@")
        async with opened(url) as wire:
            await wire.post(b"")
    assert b"Authorization: Basic dG93bjpzZWNyZXQ=\r\n" in server.requests[0]
    assert b"secret" not in server.requests[0]


async def test_a_connection_is_used_again() -> None:
    async with serving() as server, opened(server.url) as wire:
        for _ in range(3):
            assert await wire.post(b"x") == (200, b"fine")
    assert server.connections == 1


async def test_concurrent_requests_use_separate_connections() -> None:
    async with serving() as server, opened(server.url) as wire:
        await asyncio.gather(*(wire.post(b"x") for _ in range(5)))
        await asyncio.gather(*(wire.post(b"x") for _ in range(5)))
    assert server.connections == 5


async def test_a_connection_that_the_server_closed_is_not_reused() -> None:
    last = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nlast"
    async with serving(last) as server, opened(server.url) as wire:
        assert await wire.post(b"x") == (200, b"last")
        assert await wire.post(b"x") == (200, b"fine")
    assert server.connections == 2


async def test_a_connection_idle_for_long_is_not_reused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as server, opened(server.url) as wire:
        await wire.post(b"x")
        loop = asyncio.get_running_loop()
        later = loop.time() + REST + 1
        with monkeypatch.context() as patch:
            patch.setattr(loop, "time", lambda: later)
            assert await wire.post(b"x") == (200, b"fine")
    assert server.connections == 2


async def test_an_answer_may_come_in_chunks_and_without_a_length() -> None:
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfi\r\n2\r\nne\r\n0\r\n\r\n"
    )
    unbounded = b"HTTP/1.0 200 OK\r\n\r\nold but fine"
    async with serving(chunked, unbounded) as server, opened(server.url) as wire:
        assert await wire.post(b"x") == (200, b"fine")
        assert await wire.post(b"x") == (200, b"old but fine")


async def test_an_interim_response_is_skipped() -> None:
    async with serving(b"HTTP/1.1 100 Continue\r\n\r\n" + OK) as server, opened(server.url) as wire:
        assert await wire.post(b"x") == (200, b"fine")


@given(st.lists(st.integers(1, 60), max_size=8))
async def test_a_response_parses_the_same_however_it_is_split(cuts: list[int]) -> None:
    body = "…".encode() * 20
    answer = b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    async def in_pieces(writer: asyncio.StreamWriter) -> None:
        rest = answer
        for cut in cuts:
            writer.write(rest[:cut])
            await writer.drain()
            await asyncio.sleep(0)
            rest = rest[cut:]
        writer.write(rest)

    async with serving() as server, opened(server.url) as wire:
        server.say = in_pieces
        assert await wire.post(b"x") == (403, body)
        assert await wire.post(b"x") == (403, body)
        assert server.connections == 1


async def test_a_missing_response_is_a_time_out_not_a_connection_failure(closed_port: int) -> None:
    async with serving() as server, opened(server.url, read_timeout=0.05) as wire:
        server.say = silence
        with pytest.raises(TimedOut):
            await wire.post(b"x")
        await server.closed.wait()
    async with opened(f"http://127.0.0.1:{closed_port}/bot1:a/x") as wire:
        with pytest.raises(NetworkError) as caught:
            await wire.post(b"x")
    assert not isinstance(caught.value, TimedOut)
    assert "1:a" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_response_that_drips_still_times_out() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n")
        while not writer.is_closing():
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with serving() as server, opened(server.url, read_timeout=0.1) as wire:
        server.say = drip
        with pytest.raises(TimedOut):
            await wire.post(b"x")


@pytest.mark.parametrize("reply", [b"", OK[:-1], b"HTTP/1.1 200 OK\r\nContent-Le"])
async def test_a_cut_connection_leaves_open_whether_the_request_arrived(reply: bytes) -> None:
    async def cut(writer: asyncio.StreamWriter) -> None:
        writer.write(reply)
        await writer.drain()
        writer.close()

    async with serving() as server, opened(server.url) as wire:
        server.say = cut
        with pytest.raises(CutError, match="cut"):
            await wire.post(b"x")
        server.say = None
        assert await wire.post(b"x") == (200, b"fine")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not HTTP"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b"
            % (2 * LONGEST_ANSWER, b"x" * 2 * LONGEST_ANSWER),
            "too long",
        ),
        (
            b"HTTP/1.1 200 OK\r\n" + b"X: %b\r\n" % (b"x" * 1024) * (LONGEST_ANSWER >> 10),
            "too long",
        ),
    ],
)
async def test_a_malformed_response_is_a_network_error(reply: bytes, why: str) -> None:
    async with serving(reply) as server, opened(server.url) as wire:
        with pytest.raises(NetworkError, match=why):
            await wire.post(b"x")
        assert await wire.post(b"x") == (200, b"fine")
    assert server.connections == 2


async def test_an_unrequested_response_closes_the_connection() -> None:
    late = OK + b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"
    async with serving(OK) as server, opened(server.url) as wire:
        await wire.post(b"x")

        async def twice(writer: asyncio.StreamWriter) -> None:
            writer.write(OK)
            await writer.drain()
            writer.write(late[len(OK) :])
            await writer.drain()

        server.say = twice
        assert await wire.post(b"x") == (200, b"fine")
        await server.closed.wait()
        server.say = None
        assert await wire.post(b"x") == (200, b"fine")
    assert server.connections == 2


async def test_a_cancelled_request_takes_no_other_requests_response() -> None:
    async with serving() as server, opened(server.url) as wire:
        server.say = silence
        waiting = asyncio.create_task(wire.post(b"first"))
        await server.asked.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        server.say = None
        assert await wire.post(b"second") == (200, b"fine")
    assert server.connections == 2


async def test_a_request_cancelled_while_it_connects_leaves_no_socket_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left: list[object] = []
    async with serving() as server, opened(server.url) as wire:
        monkeypatch.setattr(sys, "unraisablehook", left.append)
        for turns in range(30):
            asked = asyncio.create_task(wire.post(b""))
            for _ in range(turns):
                await asyncio.sleep(0)
            asked.cancel()
            await asyncio.wait([asked])
            await wire.close()
        del asked
        gc.collect()
    assert left == []


async def test_closing_the_client_fails_waiting_requests() -> None:
    async with serving() as server, opened(server.url) as wire:
        server.say = silence
        waiting = asyncio.create_task(wire.post(b"x"))
        await server.asked.wait()
        await wire.close()
        with pytest.raises(NetworkError, match="closed"):
            await waiting
