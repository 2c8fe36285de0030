from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import pytest
from aiohttp import web
from telegram import InputFile
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.telegram.application import PollingBot
from bot.telegram.telegram_answers import LastHeard
from bot.telegram.transport import TelegramOutbox, TelegramRequest
from digest.making.request_body import RequestBody
from digest.pacing.telegram_errors import UnknownMethodError
from storage.serving.lease import LeaseLostError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

TOKEN = "123456:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"


class Api:
    """A Bot API server that gives prepared answers and records requests."""

    def __init__(self) -> None:
        self.answer: Callable[[], Awaitable[web.StreamResponse]] = self.fine
        self.seen: list[dict[str, str | bytes]] = []
        self.methods: list[str] = []
        self.names: list[str] = []
        """The names of the files that were sent."""
        self.url = ""
        self.asked: web.Request | None = None

    async def fine(self) -> web.Response:
        return web.json_response({"ok": True, "result": True})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked = request
        self.methods.append(request.match_info["method"])
        form = await request.post()
        self.names += [each.filename for each in form.values() if isinstance(each, web.FileField)]
        self.seen.append(
            {
                name: value.file.read() if isinstance(value, web.FileField) else str(value)
                for name, value in form.items()
            }
        )
        return await self.answer()


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    api = Api()
    app = web.Application(client_max_size=1 << 22)
    app.router.add_post(f"/bot{TOKEN}/{{method}}", api.handle)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    api.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield api
    await runner.cleanup()


@pytest.fixture
async def request_() -> AsyncIterator[TelegramRequest]:
    request = TelegramRequest(pauses=(0.0, 0.0))
    await request.initialize()
    yield request
    await request.shutdown()


def bot(api: Api, request: TelegramRequest) -> PollingBot:
    return PollingBot(
        TOKEN, base_url=f"{api.url}/bot", request=request, get_updates_request=request
    )


def failing(
    status: int, description: str, **parameters: int
) -> Callable[..., Awaitable[web.Response]]:
    async def answer() -> web.Response:
        body = {"ok": False, "error_code": status, "description": description}
        return web.json_response({**body, "parameters": parameters}, status=status)

    return answer


def answering(result: object) -> Callable[..., Awaitable[web.Response]]:
    async def answer() -> web.Response:
        return web.json_response({"ok": True, "result": result})

    return answer


async def test_parameters_are_sent_as_a_form(api: Api, request_: TelegramRequest) -> None:
    await bot(api, request_).set_my_commands([("latest", "Ultime notizie & più")])
    assert api.seen == [
        {"commands": '[{"command": "latest", "description": "Ultime notizie & pi\\u00f9"}]'}
    ]


@pytest.mark.parametrize("result", [None, {}, [], 5, "", {"id": 1}, float("nan")])
async def test_an_answer_that_names_no_bot_is_tried_again_like_a_failed_connection(
    api: Api, request_: TelegramRequest, result: object
) -> None:
    api.answer = answering(result)
    with pytest.raises(NetworkError, match=r"not Telegram's \(no bot\)"):
        await bot(api, request_).get_me()


async def test_a_file_is_sent_as_multipart(api: Api, request_: TelegramRequest) -> None:
    await bot(api, request_).send_document(1, BytesIO(b"<opml/>"), filename="sources.opml")
    assert b"<opml/>" in api.seen[0].values()
    assert api.seen[0]["chat_id"] == "1"


async def test_a_file_arrives_byte_for_byte_under_its_name_beside_long_texts(
    api: Api, request_: TelegramRequest
) -> None:
    content = bytes(range(256)) * 8_000 + b"\r\n--\r\n"
    file, caption = InputFile(content, 'Borse "più" 新.html'), "Più & 新\r\n=%22" * 90
    await bot(api, request_).send_document(1, file, caption=caption)
    (sent,) = api.seen
    assert content in sent.values()
    assert sent["caption"] == caption
    assert api.names == ["Borse %22più%22 新.html"]


@pytest.fixture
async def outbox(api: Api) -> AsyncIterator[TelegramOutbox]:
    outbox = TelegramOutbox(f"{api.url}/bot{TOKEN}")
    yield outbox
    await outbox.close()


READY = RequestBody(b"text=a%26b", "a&b")


@pytest.mark.parametrize(
    "answer",
    [
        '{"ok":true,"result":{"message_id":42,"date":1}}',
        '{"ok": true, "result": {"message_id": 42}}',
        '{"result": {"date": 1, "message_id": 42}, "ok": true}',
    ],
)
async def test_a_ready_message_is_sent_unchanged_and_its_id_returned(
    api: Api, outbox: TelegramOutbox, answer: str
) -> None:
    async def sent() -> web.Response:
        return web.Response(text=answer, content_type="application/json")

    api.answer = sent
    assert await outbox.send(7, 0, READY) == 42
    assert await outbox.send(-8, 3, READY) == 42
    assert api.seen == [
        {"text": "a&b", "chat_id": "7"},
        {"text": "a&b", "chat_id": "-8", "message_thread_id": "3"},
    ]


async def test_telegrams_errors_become_exceptions_of_python_telegram_bot(
    api: Api, outbox: TelegramOutbox
) -> None:
    api.answer = failing(429, "Too Many Requests: retry after 3", retry_after=3)
    with pytest.raises(RetryAfter):
        await outbox.send(1, 0, READY)
    api.answer = failing(403, "Forbidden: bot was blocked by the user")
    with pytest.raises(Forbidden):
        await outbox.send(1, 0, READY)
    api.answer = failing(400, "Bad Request: message is too long")
    with pytest.raises(BadRequest, match="too long"):
        await outbox.send(1, 0, READY)


async def test_each_message_goes_to_the_method_that_it_names(
    api: Api, outbox: TelegramOutbox
) -> None:
    api.answer = answering({"message_id": 5})
    rich = RequestBody(b"rich_message=%7B%7D", "", "sendRichMessage")
    assert [await outbox.send(7, 0, each) for each in (rich, READY)] == [5, 5]
    assert api.methods == ["sendRichMessage", "sendMessage"]
    assert api.seen[0] == {"rich_message": "{}", "chat_id": "7"}


async def test_an_unknown_method_is_distinguished_from_an_unknown_token(
    api: Api, outbox: TelegramOutbox
) -> None:
    rich = RequestBody(b"rich_message=%7B%7D", "", "sendRichMessage")
    api.answer = failing(404, "Not Found")
    with pytest.raises(UnknownMethodError):
        await outbox.send(7, 0, rich)
    with pytest.raises(InvalidToken):
        await outbox.send(7, 0, READY)
    assert not await outbox.knows_bot()
    api.answer = failing(401, "Unauthorized")
    with pytest.raises(InvalidToken):
        await outbox.send(7, 0, rich)
    assert not await outbox.knows_bot()
    api.answer = failing(502, "Bad Gateway")
    with pytest.raises(NetworkError):
        await outbox.knows_bot()
    api.answer = answering({"id": 1})
    assert await outbox.knows_bot()
    assert api.methods[-1] == "getMe"


async def test_a_time_out_is_distinguished_from_a_failed_connection(
    api: Api, request_: TelegramRequest
) -> None:
    never = asyncio.Event()

    async def silence() -> web.Response:
        await never.wait()
        return web.Response()

    api.answer = silence
    with pytest.raises(TimedOut):
        await request_.post(f"{api.url}/bot{TOKEN}/getMe", read_timeout=0.05)
    never.set()


async def test_a_lost_connection_is_a_network_error_without_the_token(
    request_: TelegramRequest, closed_port: int
) -> None:
    with pytest.raises(NetworkError) as caught:
        await request_.post(f"http://127.0.0.1:{closed_port}/bot{TOKEN}/getMe")
    assert TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None
    with pytest.raises(NetworkError) as caught:
        await request_.post(f"htp://bot{TOKEN}/getMe")
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("status", [500, 502])
async def test_an_answer_that_telegram_drops_is_sent_again(
    api: Api, request_: TelegramRequest, status: int
) -> None:
    async def once() -> web.Response:
        api.answer = api.fine
        return web.Response(status=status, text="<html>Bad Gateway</html>")

    api.answer = once
    assert await bot(api, request_).send_chat_action(1, "typing")
    assert len(api.seen) == 2


async def test_an_answer_whose_connection_is_cut_is_sent_again(
    api: Api, request_: TelegramRequest
) -> None:
    async def cut() -> web.StreamResponse:
        api.answer = api.fine
        assert api.asked is not None
        assert api.asked.transport is not None
        api.asked.transport.abort()
        return web.Response()

    api.answer = cut
    assert await bot(api, request_).send_chat_action(1, "typing")
    assert len(api.seen) == 2


@pytest.mark.parametrize("status", [200, 403, 404])
async def test_a_proxys_error_page_is_a_network_error(
    api: Api, request_: TelegramRequest, outbox: TelegramOutbox, status: int
) -> None:
    async def page() -> web.Response:
        return web.Response(status=status, text="<html>Log in to this network first</html>")

    api.answer = page
    with pytest.raises(NetworkError, match="not Telegram") as first:
        await outbox.send(1, 0, READY)
    with pytest.raises(NetworkError, match="not Telegram") as second:
        await bot(api, request_).get_me()
    with pytest.raises(NetworkError, match="not Telegram"):
        await bot(api, request_).get_updates()
    assert not isinstance(first.value, Forbidden | BadRequest)
    assert not isinstance(second.value, Forbidden | BadRequest)
    assert not request_.refused.is_set()


async def test_retries_end_if_telegram_stays_away(api: Api, request_: TelegramRequest) -> None:
    api.answer = failing(502, "Bad Gateway")
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot(api, request_).send_chat_action(1, "typing")
    assert len(api.seen) == 3


async def test_editions_and_polling_are_not_retried_by_the_transport(
    api: Api, request_: TelegramRequest, outbox: TelegramOutbox
) -> None:
    api.answer = failing(502, "Bad Gateway")
    with pytest.raises(NetworkError):
        await outbox.send(1, 0, READY)
    with pytest.raises(NetworkError):
        await bot(api, request_).get_updates()
    assert len(api.seen) == 2


async def test_an_unreadable_update_does_not_block_the_others(
    api: Api, request_: TelegramRequest, caplog: pytest.LogCaptureFixture
) -> None:
    updates = [
        {"update_id": 1, "poll": {"id": "1", "question": "of a server of another age"}},
        {"update_id": 2, "callback_query": "none"},
        {"update_id": 3},
        {"update_id": 4, "message": {"message_id": 1, "date": 0, "chat": {"id": 5, "type": "x"}}},
    ]
    api.answer = answering(updates)
    read = await bot(api, request_).get_updates()
    assert [update.update_id for update in read] == [1, 2, 3, 4]
    assert read[0].poll is None
    assert read[3].message is not None
    assert [r.levelname for r in caplog.records] == ["ERROR", "ERROR"]
    assert "update 1" in caplog.text


class Updates:
    """A fake of the update queue that records its calls."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def fetched(self) -> None:
        self.asked.append("fetched")

    async def write_down(self) -> None:
        self.asked.append("more")


async def test_the_update_queue_is_notified_of_fetched_updates(api: Api) -> None:
    updates = Updates()
    request = TelegramRequest(updates=cast("Any", updates))
    await request.initialize()
    api.answer = answering([])
    await bot(api, request).get_updates()
    assert updates.asked == ["more"]
    api.answer = answering([{"update_id": 1}])
    await bot(api, request).get_updates()
    assert updates.asked == ["more", "more", "fetched"]
    api.answer = failing(502, "Bad Gateway")
    with pytest.raises(NetworkError):
        await bot(api, request).get_updates()
    assert updates.asked == ["more", "more", "fetched", "more"]
    await request.shutdown()


async def test_a_hundred_long_updates_are_read_at_once(api: Api, request_: TelegramRequest) -> None:
    chat = {"id": 5, "type": "private"}
    text = "新" * 4096
    api.answer = answering(
        [
            {"update_id": n, "message": {"message_id": n, "date": 0, "chat": chat, "text": text}}
            for n in range(100)
        ]
    )
    read = await bot(api, request_).get_updates()
    assert [each.message.text for each in read if each.message] == [text] * 100


async def page(status: int) -> web.Response:
    return web.Response(status=status, text="<html>Bad Gateway</html>")


@pytest.mark.parametrize(
    ("answer", "counts"),
    [
        (answering({"message_id": 3}), True),
        (failing(400, "Bad Request: chat not found"), True),
        (failing(403, "Forbidden: bot was blocked by the user"), True),
        (failing(429, "Too Many Requests: retry after 5", retry_after=5), True),
        (failing(500, "Internal Server Error"), False),
        (failing(502, "Bad Gateway"), False),
        (partial(page, 200), False),
        (partial(page, 502), False),
    ],
)
async def test_only_an_answer_of_telegrams_own_shows_that_it_can_be_reached(
    api: Api,
    request_: TelegramRequest,
    answer: Callable[..., Awaitable[web.Response]],
    counts: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    api.answer = answer
    heard = LastHeard()
    outbox = TelegramOutbox(f"{api.url}/bot{TOKEN}", heard=heard)
    asks: list[tuple[LastHeard, Awaitable[object]]] = [
        (heard, outbox.send(7, 0, READY)),
        (heard, outbox.edit(7, 3, READY)),
        (heard, outbox.knows_bot()),
        (request_.heard, bot(api, request_).set_my_commands([])),
        (request_.heard, bot(api, request_).get_updates()),
    ]
    for noted, asked in asks:
        noted.at = None
        with suppress(TelegramError):
            await asked
        assert (noted.at is not None) == counts
    await outbox.close()


async def test_a_closed_transport_raises_a_clear_error() -> None:
    with pytest.raises(NetworkError, match="not open"):
        await TelegramRequest().post("http://127.0.0.1/")


class Lease:
    """A fake of the lease, undecided until the test decides."""

    def __init__(self) -> None:
        self.waiting = asyncio.Event()
        self.answered = asyncio.Event()
        self.is_lost = False

    async def permit(self) -> None:
        self.waiting.set()
        await self.answered.wait()
        if self.is_lost:
            raise LeaseLostError


async def test_nothing_is_sent_before_this_process_holds_the_lease(api: Api) -> None:
    lease = Lease()
    request = TelegramRequest(permit=lease.permit)
    await request.initialize()
    outbox = TelegramOutbox(f"{api.url}/bot{TOKEN}", permit=lease.permit)
    sending = asyncio.create_task(outbox.send(7, 0, READY))
    answering = asyncio.create_task(bot(api, request).set_my_commands([("latest", "News")]))
    await lease.waiting.wait()
    await asyncio.sleep(0)
    assert api.seen == []
    lease.answered.set()
    await answering
    with pytest.raises(TypeError):
        await sending  # this server's answer to a message is none
    assert len(api.seen) == 2
    await outbox.close()
    await request.shutdown()


async def test_nothing_is_sent_once_another_process_serves(api: Api) -> None:
    lease = Lease()
    request = TelegramRequest(permit=lease.permit)
    await request.initialize()
    outbox = TelegramOutbox(f"{api.url}/bot{TOKEN}", permit=lease.permit)
    lease.is_lost = True
    lease.answered.set()
    with pytest.raises(LeaseLostError):
        await outbox.send(7, 0, READY)
    # The stop that follows ends the wait for updates.
    polling = asyncio.create_task(bot(api, request).get_updates(timeout=10))
    with pytest.raises(NetworkError, match="another process"):
        await bot(api, request).get_me()
    assert not polling.done()
    polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling
    # Asked to confirm what it has fetched, it leaves that to the other one, without a traceback.
    assert await bot(api, request).get_updates(offset=5, timeout=0) == ()
    assert api.seen == []
    await outbox.close()
    await request.shutdown()
