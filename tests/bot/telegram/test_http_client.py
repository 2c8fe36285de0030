"""The HTTP client of the Bot API, and the bot behind a proxy, whose password leaks nowhere."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import logging
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.app import OnNews
from bot.configuration.settings import SettingError, Settings, load
from bot.telegram.http_client import LONGEST_ANSWER, REST, HttpClient
from bot.telegram.telegram_answers import LONGEST_WAIT, read_answer, read_updates, result_of
from digest.pacing.telegram_errors import CutError, retry_after
from news.fetch.proxy import Proxies, Proxy
from playground.server import Playground
from tests.handlers.conftest import hurried, press, start
from tests.plugins.connect_proxy import proxying

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


LONG_ENOUGH = 60
NAME = "telegram.example"


async def test_telegram_is_reached_through_the_proxy_by_its_name(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with Playground(names=[NAME]) as town, proxying() as proxy:
        port = town.url.rsplit(":", 1)[1]
        way = Proxy.of(proxy.url.replace("//", "//anna:secretword@"))
        settings = Settings(
            telegram_bot_token=town.token,
            telegram_api_url=f"http://{NAME}:{port}",
            database_url=sqlite_url,
            all_proxy=way,
        )
        onnews = OnNews(settings, first_sources=(), rate_limiter=hurried())
        try:
            await asyncio.wait_for(onnews.start(), LONG_ENOUGH)
            reader = town.person("Anna")
            await start(reader)
            for label in ("Motor", "Done", "08:00", "Milan"):
                await press(reader, label)
            known = await onnews.archive.subscribers.find(reader.chat.id)
            assert known is not None
            await onnews.archive.subscribers.change(known.id, empty_note=True)
            await onnews.archive.subscribers.change(known.id, next_at=onnews.archive.clock())
            answers = len(proxy.targets)
            assert answers
            await onnews.parts.planner.plan_due(onnews.archive.clock())
            onnews.parts.sender.kick()
            # The sender has connections of its own.
            async with asyncio.timeout(LONG_ENOUGH):
                while len(proxy.targets) == answers:  # noqa: ASYNC110  # the proxy has no event
                    await asyncio.sleep(0.01)
        finally:
            await onnews.stop()
        assert set(proxy.targets) == {f"{NAME}:{port}"}
        assert all(b"Proxy-Authorization: Basic " in head for head in proxy.heads)
    assert "secretword" not in caplog.text
    assert "secretword" not in repr(settings)


def test_the_usual_proxy_variables_are_honoured() -> None:
    found = load({"https_proxy": "http://p.example:3128", "NO_PROXY": "localhost, .corp.example"})
    expected = Proxies(Proxy("p.example", 3128), None, ("localhost", ".corp.example"))
    assert found.telegram_proxies == found.sources_proxies == expected
    both = load({"ALL_PROXY": "p.example:3128", "HTTP_PROXY": "http://q.example"})
    assert both.sources_proxies == Proxies(Proxy("p.example", 3128), Proxy("q.example", 80))
    apart = load(
        {
            "HTTPS_PROXY": "http://p.example:3128",
            "TELEGRAM_PROXY": "http://t.example:8080",
            "SOURCES_PROXY": "none",
            "NO_PROXY": "*",
        }
    )
    own = Proxy("t.example", 8080)
    assert apart.telegram_proxies == Proxies(own, own)
    assert not apart.sources_proxies


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("http://p.example", Proxy("p.example", 80)),
        ("HTTP://P.example:3128/", Proxy("p.example", 3128)),
        ("squid:3128", Proxy("squid", 3128)),
        ("my_squid-1.:3128", Proxy("my_squid-1.", 3128)),
        ("10.0.0.5:3128", Proxy("10.0.0.5", 3128)),
        ("http://[fd00::5]:3128", Proxy("fd00::5", 3128)),
        ("anna:s%2Fcret@squid:3128", Proxy("squid", 3128, "YW5uYTpzL2NyZXQ=")),
    ],
)
def test_a_proxy_may_be_written_as_other_programs_read_it(value: str, meant: Proxy) -> None:
    assert load({"HTTPS_PROXY": value}).https_proxy == meant
    assert load({"TELEGRAM_PROXY": value}).telegram_proxies == Proxies(meant, meant)


def test_the_hosts_without_a_proxy_may_be_separated_by_spaces() -> None:
    found = load({"NO_PROXY": "localhost 127.0.0.1,  .corp.example"})
    assert found.no_proxy == ("localhost", "127.0.0.1", ".corp.example")


@pytest.mark.parametrize("value", ["socks5://p:1080", "https://p:443", "http://", "http://p:x"])
def test_a_malformed_proxy_is_one_line_without_its_password(value: str) -> None:
    with pytest.raises(SettingError, match=r"such as http://proxy\.example:3128") as caught:
        load({"HTTPS_PROXY": value.replace("//", "//anna:secretword@")})
    assert "secretword" not in str(caught.value)


PAGE = b"<html><title>Access denied by your network</title></html>"


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 429, 502])
@pytest.mark.parametrize("page", [PAGE, b"", b"[]", b'{"error": "denied"}', b"[" * 100_000])
async def test_a_page_that_is_not_telegrams_is_a_network_error(status: int, page: bytes) -> None:
    with pytest.raises(NetworkError, match=f"not Telegram's .status {status}") as caught:
        await result_of(status, page)
    # Not one of those that end a subscription, or the bot.
    assert type(caught.value) is NetworkError


async def test_a_page_in_place_of_a_receipt_leaves_the_delivery_in_doubt() -> None:
    for answer in (PAGE, b"", b'{"ok":true,"result":{"mess'):
        with pytest.raises(CutError):
            await result_of(200, answer)


@pytest.mark.parametrize(
    ("code", "kind"),
    [(400, BadRequest), (401, InvalidToken), (403, Forbidden), (404, InvalidToken)],
)
@pytest.mark.parametrize("sent_as", [None, 200, 500])
async def test_the_error_code_in_telegrams_answer_outweighs_the_http_status(
    code: int, kind: type[TelegramError], sent_as: int | None
) -> None:
    answer = json.dumps({"ok": False, "error_code": code, "description": "No: because"}).encode()
    with pytest.raises(kind, match="because"):
        await result_of(sent_as or code, answer)


async def test_an_error_without_a_code_takes_the_http_status() -> None:
    with pytest.raises(Forbidden):
        await result_of(403, b'{"ok":false,"description":"Forbidden"}')
    with pytest.raises(BadRequest):
        await result_of(200, b'{"ok":false}')


@pytest.mark.parametrize(
    ("more", "seconds"),
    [
        ({"description": "Too Many Requests: retry after 7", "parameters": {"retry_after": 3}}, 3),
        ({"description": "Too Many Requests: retry after 7"}, 7),
        ({"description": "Too Many Requests: retry after 0"}, 1),
        ({"description": "Too Many Requests", "parameters": {"retry_after": 0}}, 1),
        ({"parameters": None}, 1),
        ({"parameters": {"retry_after": "soon"}}, 1),
        ({"description": "Too Many Requests: retry after 7", "parameters": {"retry_after": []}}, 7),
        ({"parameters": {"retry_after": 2.5}}, 3),
        ({"description": 5, "parameters": {"retry_after": -5}}, 1),
    ],
)
async def test_a_flood_always_says_how_long_to_wait(more: dict[str, object], seconds: int) -> None:
    answer = json.dumps({"ok": False, "error_code": 429, **more}).encode()
    with pytest.raises(RetryAfter) as caught:
        await result_of(429, answer)
    assert retry_after(caught.value).total_seconds() == seconds


@pytest.mark.parametrize("number", [2**70, -(2**70), 2**63, 2**62, 1e300])
async def test_a_number_too_large_in_an_error_is_not_used(number: float) -> None:
    refusal = {"ok": False, "error_code": 400, "description": "Bad Request: upgraded"}
    answer = json.dumps(refusal | {"parameters": {"migrate_to_chat_id": number}}).encode()
    with pytest.raises(TelegramError) as caught:
        await result_of(400, answer)
    assert number == 2**62 or isinstance(caught.value, BadRequest)
    flood = {"ok": False, "error_code": 429, "description": f"retry after {number:.0f}"}
    for more in ({}, {"parameters": {"retry_after": number}}):
        with pytest.raises(RetryAfter) as late:
            await result_of(429, json.dumps(flood | more).encode())
        assert 1 <= retry_after(late.value).total_seconds() <= LONGEST_WAIT


async def test_a_description_that_is_no_text_is_an_error_of_telegrams_all_the_same() -> None:
    descriptions: tuple[object, ...] = (None, 5, [], {"a": 1})
    for description in descriptions:
        answer = {"ok": False, "error_code": 400, "description": description}
        with pytest.raises(BadRequest):
            await result_of(400, json.dumps(answer).encode())


async def test_an_answer_that_came_compressed_is_read() -> None:
    answer = b'{"ok":true,"result":{"message_id":42}}'
    assert await result_of(200, gzip.compress(answer)) == {"message_id": 42}
    with pytest.raises(CutError):
        await result_of(200, gzip.compress(answer)[:4])


def test_a_successful_answer_is_passed_on_unchanged() -> None:
    answer = b'{ "result": [1], "ok" : true }'
    assert read_answer(200, answer) == (200, answer)


def test_only_the_newest_inline_query_of_a_person_is_kept() -> None:
    def query(number: int, person: int) -> dict[str, Any]:
        sender = {"id": person, "is_bot": False, "first_name": "A"}
        asked = {"id": str(number), "from": sender, "query": "w", "offset": ""}
        return {"update_id": number, "inline_query": asked}

    odd = {"update_id": 9, "inline_query": {"id": "9"}}
    updates = [query(1, 7), query(2, 7), query(3, 8), odd, query(4, 7)]
    read = [json.loads(update.to_json()) for update in read_updates(updates)]
    assert read == [query(3, 8), {"update_id": 9}, query(4, 7)]


def test_a_fetched_update_is_stored_as_telegram_sent_it() -> None:
    chat = {"id": 5, "type": "private", "first_name": "\u65b0\u0000"}
    message = {"message_id": 1, "date": 0, "chat": chat, "text": "/latest", "age": [{"new": 1}]}
    sent = {"update_id": 1, "message": message, "of_a_later_version": {"a": None}}
    (fetched,) = read_updates([sent])
    assert json.loads(fetched.to_json()) == sent
    assert fetched.message is not None
    assert fetched.message.text == "/latest"


@pytest.mark.parametrize("result", [None, 7, {"update_id": 1}, [1], [{"message": {}}]])
def test_a_result_without_updates_is_not_telegrams(result: object) -> None:
    with pytest.raises(NetworkError, match="not Telegram's"):
        read_updates(result)
