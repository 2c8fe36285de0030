"""The whole bot behind a proxy: all traffic goes through it, and its password leaks nowhere."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.app import OnNews
from bot.configuration.settings import SettingError, Settings, load
from news.fetch.proxy import Proxies, Proxy
from playground.server import Playground
from tests.handlers.conftest import hurried
from tests.plugins.connect_proxy import proxying

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
            await reader.start()
            await reader.next()
            for label in ("Motor", "Done", "08:00", "Milan"):
                await reader.tap(label)
                await reader.next()
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
