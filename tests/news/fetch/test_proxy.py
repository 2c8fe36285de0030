"""Sources through a proxy, with the guards against private addresses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from yarl import URL

from news.fetch.fetcher import Failed, Fetcher
from news.fetch.proxy import Proxies, Proxy, ProxyError, tunnel
from tests.news.conftest import NOW, Site, failed, fetched, looks_up, reason
from tests.plugins.connect_proxy import ConnectProxy, proxying

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def proxy() -> AsyncIterator[ConnectProxy]:
    async with proxying() as one:
        yield one


def through(proxy: ConnectProxy, *without: str) -> Proxies:
    way = Proxy.of(proxy.url.replace("//", "//anna:s%3Acret@"))
    return Proxies(way, way, without)


@pytest.mark.usefixtures("loopback_is_public")
async def test_the_proxy_is_asked_for_the_address_that_was_checked(
    site: Site, proxy: ConnectProxy
) -> None:
    port = site.url.rsplit(":", 1)[1]
    site.serve("/feed", "<rss/>")
    lookup = looks_up(**{"public.example": "127.0.0.1"})
    async with Fetcher(lookup=lookup, proxies=through(proxy)) as fetcher:
        for _ in range(2):
            assert (await fetched(fetcher, f"http://public.example:{port}/feed")).body == b"<rss/>"
    assert proxy.targets == [f"127.0.0.1:{port}"]
    assert b"Proxy-Authorization: Basic YW5uYTpzOmNyZXQ=" in proxy.heads[0]
    assert [headers["Host"] for _, headers in site.requests] == [f"public.example:{port}"] * 2
    assert not any("Proxy-Authorization" in headers for _, headers in site.requests)


async def test_a_private_address_is_refused_before_asking_the_proxy(proxy: ConnectProxy) -> None:
    lookup = looks_up(**{"inside.example": "10.0.0.1", "public.example": "93.184.215.14"})
    async with Fetcher(lookup=lookup, proxies=through(proxy)) as fetcher:
        for host in ("inside.example", "127.0.0.1", "[::1]", "169.254.169.254", "2130706433"):
            for scheme in ("http", "https"):
                assert await reason(fetcher, f"{scheme}://{host}/") == "private address", host
        nowhere = await fetcher.get("https://nowhere.example/", NOW)
        assert nowhere == Failed("no such host", "nowhere.example")
    assert proxy.targets == []


@pytest.mark.usefixtures("loopback_is_public")
async def test_a_redirect_through_the_proxy_leads_to_no_private_address(
    site: Site, proxy: ConnectProxy
) -> None:
    port = site.url.rsplit(":", 1)[1]
    site.serve("/out", status=302, Location="http://inside.example/")
    lookup = looks_up(**{"public.example": "127.0.0.1", "inside.example": "10.0.0.1"})
    async with Fetcher(lookup=lookup, proxies=through(proxy)) as fetcher:
        assert await reason(fetcher, f"http://public.example:{port}/out") == "private address"
    assert proxy.targets == [f"127.0.0.1:{port}"]


@pytest.mark.usefixtures("loopback_is_public")
async def test_tls_is_spoken_with_the_host_inside_the_tunnel(proxy: ConnectProxy) -> None:
    heard = asyncio.get_running_loop().create_future()

    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set_result(await reader.read(4096))
        writer.close()

    server = await asyncio.start_server(hello, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    lookup = looks_up(**{"public.example": "127.0.0.1"})
    async with server, Fetcher(lookup=lookup, proxies=through(proxy)) as fetcher:
        await failed(fetcher, f"https://public.example:{port}/")
    first = await heard
    # A ClientHello, which names the host and not its address.
    assert (first[:1], b"public.example" in first) == (b"\x16", True)
    assert proxy.targets == [f"127.0.0.1:{port}"]


async def test_with_private_addresses_allowed_the_proxy_looks_names_up(
    site: Site, proxy: ConnectProxy
) -> None:
    port = site.url.rsplit(":", 1)[1]
    site.serve("/feed", "<rss/>")
    async with Fetcher(allow_private=True, proxies=through(proxy, "127.0.0.1")) as fetcher:
        await fetched(fetcher, f"http://only-the-proxy-knows.example:{port}/feed")
        await fetched(fetcher, f"http://127.0.0.1:{port}/feed")
    assert proxy.targets == [f"only-the-proxy-knows.example:{port}"]


@pytest.mark.usefixtures("loopback_is_public")
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "refuses to connect (403)"),
        (b"HTTP/1.1 407 Who\r\n\r\n", "requires a user name and password (407)"),
        (b"220 mail.example ESMTP\r\n\r\n", "is not a proxy"),
        (b"", "is not a proxy"),
    ],
)
async def test_a_refusing_proxy_is_named_without_its_password(
    proxy: ConnectProxy, answer: bytes, why: str
) -> None:
    proxy.refusal = answer
    lookup = looks_up(**{"public.example": "127.0.0.1"})
    async with Fetcher(lookup=lookup, proxies=through(proxy)) as fetcher:
        refusal = await failed(fetcher, "http://public.example/")
    assert refusal.reason == "no connection"
    assert why in refusal.detail
    assert f"127.0.0.1:{proxy.port}" in refusal.detail
    assert "cret" not in refusal.detail


async def test_an_unreachable_proxy_is_named(closed_port: int) -> None:
    with pytest.raises(ProxyError, match=f"127.0.0.1:{closed_port} cannot be reached"):
        await tunnel(Proxy("127.0.0.1", closed_port), "public.example", 443)


@pytest.mark.parametrize(
    ("without", "url", "direct"),
    [
        ("example.com", "https://example.com/", True),
        ("example.com", "https://www.Example.com./", True),
        (".example.com", "https://www.example.com/", True),
        ("*.example.com", "https://www.example.com/", True),
        ("example.com", "https://notexample.com/", False),
        ("example.com:8443", "https://example.com:8443/", True),
        ("example.com:8443", "https://example.com/", False),
        ("10.0.0.0/8", "http://10.1.2.3/", True),
        ("10.0.0.0/8", "http://11.1.2.3/", False),
        ("::1", "http://[::1]:8081/", True),
        ("[::1]:8081", "http://[::1]:8081/", True),
        ("127.0.0.1", "http://127.0.0.1:8081/", True),
        ("*", "https://example.com/", True),
        ("", "https://example.com/", False),
        (".", "https://example.com/", False),
    ],
)
def test_no_proxy_is_interpreted_as_by_other_programs(
    without: str,
    url: str,
    direct: bool,  # noqa: FBT001  # a column of the table
) -> None:
    way = Proxy("proxy.example", 3128)
    assert (Proxies(way, way, (without,)).of(URL(url)) is None) is direct


def test_each_scheme_has_its_own_proxy() -> None:
    way = Proxy("proxy.example", 3128)
    assert Proxies(https=way).of(URL("http://example.com/")) is None
    assert Proxies(https=way).of(URL("https://example.com/")) == way
    assert not Proxies()
