"""Updates by webhook, through a reverse proxy."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from bot.app import OnNews
from bot.doctor.bot_api import look_at_telegram
from bot.doctor.findings import Severity
from bot.doctor.machine import look_at_port
from bot.http_server.limits import HttpLimits
from bot.telegram.startup import StartError
from bot.telegram.webhook import LARGEST, SECRET_HEADER, Webhook
from tests.handlers.conftest import start
from tests.plugins.towns import settings_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.configuration.settings import Settings
    from playground.people.people import Person
    from playground.server import Playground

SECRET = "a-Secret_1"
WITH_SECRET = {SECRET_HEADER: SECRET}
LONG_ENOUGH = 60


@dataclass
class Front:
    """A reverse proxy that passes posts on to the bot's port."""

    url: str = ""
    behind: str | None = None
    statuses: list[int] = field(default_factory=list)

    async def pass_on(self, request: web.Request) -> web.Response:
        """Pass one request on unchanged."""
        if self.behind is None:
            return web.Response(status=502)
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{self.behind}{request.path}", data=await request.read(), headers=request.headers
            ) as answer,
        ):
            self.statuses.append(answer.status)
            return web.Response(status=answer.status, body=await answer.read())


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    front = Front()
    app = web.Application(client_max_size=4 * LARGEST)
    app.router.add_post("/{path:.*}", front.pass_on)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    front.url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
    yield front
    await runner.cleanup()


def settings(town: Playground, database_url: str, **more: object) -> Settings:
    return settings_in(town, database_url, **more)


def webhook_of(onnews: OnNews) -> Webhook:
    assert onnews._webhook is not None
    return onnews._webhook


@asynccontextmanager
async def served(
    town: Playground,
    database_url: str,
    front: Front | None = None,
    *,
    http_limits: HttpLimits | None = None,
    **more: object,
) -> AsyncIterator[OnNews]:
    """Run the bot behind the proxy, or without one by polling."""
    if front is not None:
        more |= {"webhook_url": front.url, "webhook_secret": SECRET}
        more.setdefault("webhook_listen", ("127.0.0.1", 0))
    onnews = OnNews(settings(town, database_url, **more), first_sources=(), http_limits=http_limits)
    try:
        await onnews.start()
        if front is not None:
            port = webhook_of(onnews).port or (onnews.web and onnews.web.port)
            assert port
            front.behind = port.url
        yield onnews
    finally:
        if front is not None:
            front.behind = None
        await onnews.stop()


async def answered(person: Person, words: str) -> str:
    await person.send(words)
    return (await person.next()).text


async def test_a_webhook_answers_like_polling_and_handles_a_repeated_update_once(
    town: Playground, front: Front, sqlite_url: str
) -> None:
    async with served(town, sqlite_url, front):
        anna = town.person("Anna")
        await start(anna)
        town.world.updates.deliver_twice(2)
        help_ = await answered(anna, "/help")
        assert "/latest" in help_
        # Were one answered twice, its second answer would be the next message.
        settings_ = await answered(anna, "/settings")
        assert await answered(anna, "/help") == help_ != settings_
        assert len(front.statuses) >= 5
        assert set(front.statuses) == {200}
        # The doctor knows our own bot on the port.
        port = int(str(front.behind).rpartition(":")[2])
        assert (await look_at_port("WEBHOOK_LISTEN", ("127.0.0.1", port))).state is Severity.OK


async def test_doctor_reports_a_certificate_that_telegram_does_not_trust(
    town: Playground, front: Front, sqlite_url: str
) -> None:
    async with served(town, sqlite_url, front) as onnews:
        webhook = town.world.updates.webhook
        assert webhook is not None
        webhook.error = "SSL error {error:0A000086:SSL routines::certificate verify failed}"
        webhook.error_date = int(onnews.clock().timestamp())
        seen = await look_at_telegram(onnews.settings, onnews.clock)
    (check,) = (check for check in seen.checks if check.state is Severity.ERROR)
    assert check.name == "webhook"
    assert webhook.error in check.detail
    assert "renew the certificate" in check.remedy


async def test_the_webhook_refuses_strangers_garbage_and_oversized_posts(
    town: Playground, front: Front, sqlite_url: str
) -> None:
    update = json.dumps({"update_id": 1}).encode()
    async with served(town, sqlite_url, front), aiohttp.ClientSession() as session:

        async def post(body: bytes | io.BytesIO, headers: dict[str, str]) -> int:
            async with session.post(
                f"{front.behind}/telegram", data=body, headers=headers
            ) as answer:
                return answer.status

        assert await post(update, {}) == 403
        assert await post(update, {SECRET_HEADER: "guessed"}) == 403
        assert await post(update, {SECRET_HEADER: "\u00e9\u00e8"}) == 403
        for garbage in (b"", b"\xff\xfe", b"[]", b'{"update_id": "1"}', b"[" * 100_000):
            assert await post(garbage, WITH_SECRET) == 400
        assert await post(io.BytesIO(b" " * (LARGEST + 1)), WITH_SECRET) == 413
        # Telegram repeats a refused update for a day, so an unreadable one is accepted and dropped.
        assert await post(b'{"update_id": 7, "message": {"chat": 5}}', WITH_SECRET) == 200
        async with session.get(f"{front.behind}/telegram") as answer:
            assert answer.status == 405
        async with session.post(f"{front.behind}/elsewhere", headers=WITH_SECRET) as answer:
            assert answer.status == 404
        assert "/latest" in await answered(town.person("Anna"), "/help")


async def test_switching_between_webhook_and_polling_loses_no_update(
    town: Playground, front: Front, sqlite_url: str
) -> None:
    anna = town.person("Anna")
    async with served(town, sqlite_url, front):
        assert "/latest" in await answered(anna, "/help")
    assert town.world.updates.webhook is not None, "a stop leaves it: a newer process may serve it"
    await anna.send("/help")
    async with served(town, sqlite_url):
        assert "/latest" in (await anna.next()).text
        assert town.world.updates.webhook is None
    await anna.send("/help")
    async with served(town, sqlite_url, front):
        assert "/latest" in (await anna.next()).text
        assert "/latest" in await answered(anna, "/help")


async def test_health_and_updates_share_a_port_where_both_name_it(
    town: Playground, front: Front, sqlite_url: str
) -> None:
    same = ("127.0.0.1", 0)
    async with served(town, sqlite_url, front, metrics_address=same, webhook_listen=same) as onnews:
        assert webhook_of(onnews).port is None
        assert "/latest" in await answered(town.person("Anna"), "/help")
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{front.behind}/healthz") as answer,
        ):
            assert (answer.status, await answer.text()) == (200, "ok\n")


@pytest.mark.parametrize("shared", [False, True])
async def test_half_sent_posts_do_not_block_updates(
    town: Playground, front: Front, sqlite_url: str, *, shared: bool
) -> None:
    half = f"POST /telegram HTTP/1.1\r\nHost: a\r\n{SECRET_HEADER}: guessed\r\n"
    slow = f"{half}Content-Length: 9000\r\n\r\n{{"
    more = {"metrics_address": ("127.0.0.1", 0)} if shared else {}
    limits = HttpLimits(connections=8, per_address=8, least=8)
    async with (
        served(town, sqlite_url, front, http_limits=limits, **more) as onnews,
        AsyncExitStack() as half_open,
    ):
        assert (webhook_of(onnews).port is None) == shared
        anna, port = town.person("Anna"), int(str(front.behind).rpartition(":")[2])
        for sent in (half, slow, half, slow):
            for _ in range(4):
                client = half_open.enter_context(socket.create_connection(("127.0.0.1", port)))
                client.sendall(sent.encode())
            assert "/latest" in await answered(anna, "/help")
        assert set(front.statuses) == {200}


async def test_the_webhook_asks_telegram_to_retry_while_too_many_updates_wait(
    town: Playground, front: Front, sqlite_url: str
) -> None:
    async with served(town, sqlite_url, front) as onnews:
        onnews._updates._room.clear()
        anna = town.person("Anna")
        await anna.send("/help")
        async with asyncio.timeout(LONG_ENOUGH):
            while 503 not in front.statuses:  # noqa: ASYNC110  # the front has no event for it
                await asyncio.sleep(0.01)
        onnews._updates._room.set()
        assert "/latest" in (await anna.next()).text


async def test_a_taken_port_or_wrong_address_ends_the_start_with_one_line(
    town: Playground, front: Front, sqlite_url: str
) -> None:
    taken = int(front.url.split(":")[2].split("/")[0])
    with pytest.raises(StartError, match=r"WEBHOOK_LISTEN: 127\.0\.0\.1:\d+ cannot be opened"):
        async with served(town, sqlite_url, front, webhook_listen=("127.0.0.1", taken)):
            pass
    town.faults.add(
        method="setWebhook",
        status=400,
        description="Bad Request: bad webhook: Failed to resolve host: Name or service not known",
    )
    with pytest.raises(StartError, match=r"WEBHOOK_URL: Telegram refuses it .*resolve host"):
        async with served(town, sqlite_url, front):
            pass


async def test_a_removed_or_failing_webhook_is_noticed(
    town: Playground, front: Front, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(town, sqlite_url, front) as onnews:
        await town.world.updates.remove_webhook()
        await webhook_of(onnews)._look()
        assert town.world.updates.webhook is not None
        assert "/latest" in await answered(town.person("Anna"), "/help")
        behind, front.behind = front.behind, None
        bice = town.person("Bice")
        await bice.send("/help")
        async with asyncio.timeout(LONG_ENOUGH):
            while town.world.updates.webhook.error is None:  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.01)
        caplog.clear()
        with caplog.at_level(logging.ERROR, "bot.telegram.webhook"):
            await webhook_of(onnews)._look()
            await webhook_of(onnews)._look()
        (line,) = [
            each.getMessage() for each in caplog.records if each.name == "bot.telegram.webhook"
        ]
        assert "1 updates are waiting: Wrong response from the webhook: 502" in line
        front.behind = behind
        assert "/latest" in (await bice.next()).text
        await town.world.updates.set_webhook(f"{front.url}-of-another", None, 40)
        caplog.clear()
        await webhook_of(onnews)._look()
        assert "another process serves the same bot" in caplog.text
