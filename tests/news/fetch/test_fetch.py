"""Fetching from a hostile web, also through a proxy, with guards against private addresses."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from yarl import URL

from news.fetch.fetcher import Failed, Fetched, Fetcher, NotModified
from news.fetch.proxy import Proxies, Proxy, ProxyError, tunnel
from tests.news.conftest import NOW, Site, failed, fetched, looks_up, reason
from tests.plugins.connect_proxy import ConnectProxy, proxying

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp.abc import ResolveResult


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(allow_private=True, timeout=60, max_bytes=200_000) as one:
        yield one


async def test_a_body_comes_with_its_validators(site: Site, fetcher: Fetcher) -> None:
    url = site.serve(
        "/feed", "<rss/>", ETag='"1"', Last_Modified="x", Cache_Control="max-age=900, public"
    )
    answer = await fetched(fetcher, url)
    assert answer.body == b"<rss/>"
    assert (answer.etag, answer.last_modified, answer.max_age) == ('"1"', "x", 900)


async def test_an_unchanged_source_says_not_modified(site: Site, fetcher: Fetcher) -> None:
    async def conditional(request: web.Request) -> web.Response:
        known = request.headers.get("If-None-Match") == '"1"'
        return web.Response(status=304 if known else 200, headers={"ETag": '"1"'})

    url = site.handle("/feed", conditional)
    assert isinstance(await fetcher.get(url, NOW, etag='"1"'), NotModified)
    assert isinstance(await fetcher.get(url, NOW, etag='"2"'), Fetched)


async def test_the_user_agent_is_honest(site: Site) -> None:
    async with Fetcher(allow_private=True, about="https://example.com/bot") as fetcher:
        await fetcher.get(site.serve("/feed"), NOW)
        fetcher.introduce("https://t.me/SomeBot")
        await fetcher.get(site.url + "/feed", NOW)
    first, later = (headers["User-Agent"] for _, headers in site.requests)
    assert first.startswith("ON News/")
    assert first.endswith("(+https://example.com/bot)")
    assert later.endswith("(+https://t.me/SomeBot)")


@pytest.mark.parametrize("status", [301, 308])
async def test_a_permanent_redirect_gives_the_address_to_keep(
    site: Site, fetcher: Fetcher, status: int
) -> None:
    site.serve("/new", "x")
    answer = await fetched(fetcher, site.serve("/old", status=status, Location="/new"))
    assert answer.moved == answer.url == site.url + "/new"


async def test_what_follows_a_temporary_redirect_is_not_kept(site: Site, fetcher: Fetcher) -> None:
    site.serve("/c", "x")
    site.serve("/b", status=301, Location="/c")
    answer = await fetched(fetcher, site.serve("/a", status=302, Location="/b"))
    assert answer.moved is None
    site.serve("/b", status=302, Location="/c")
    site.serve("/a", status=301, Location="/b")
    answer = await fetched(fetcher, site.url + "/a")
    assert answer.moved == site.url + "/b"


async def test_a_redirect_loop_ends(site: Site, fetcher: Fetcher) -> None:
    site.serve("/a", status=302, Location="/b")
    site.serve("/b", status=302, Location="/a")
    assert await reason(fetcher, site.url + "/a") == "too many redirects"
    assert len(site.requests) == 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "javascript:alert(1)", "", "http://[::1"])
async def test_a_redirect_to_no_web_address_is_refused(
    site: Site, fetcher: Fetcher, target: str
) -> None:
    assert await reason(fetcher, site.serve("/a", status=302, Location=target)) == "bad redirect"


async def test_gone_and_too_many_requests_are_distinguished(site: Site, fetcher: Fetcher) -> None:
    gone = await fetcher.get(site.serve("/gone", status=410), NOW)
    busy = await fetcher.get(site.serve("/busy", status=503, Retry_After="120"), NOW)
    assert isinstance(gone, Failed)
    assert gone.gone
    assert isinstance(busy, Failed)
    assert (busy.reason, busy.retry_after, busy.gone) == ("http 503", 120, False)


async def test_a_body_that_is_too_large_is_cut_off(site: Site, fetcher: Fetcher) -> None:
    assert await reason(fetcher, site.serve("/big", b"x" * 300_000)) == "too large"


async def test_an_endless_stream_is_cut_off(site: Site, fetcher: Fetcher) -> None:
    ended = asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65_536)
        finally:
            ended.set()

    assert await reason(fetcher, site.handle("/endless", endless)) == "too large"
    await asyncio.wait_for(ended.wait(), 60)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", ""])
async def test_a_decompression_bomb_is_cut_off(site: Site, fetcher: Fetcher, encoding: str) -> None:
    bomb = (
        zlib.compress(b"\0" * 50_000_000, 9)
        if encoding == "deflate"
        else gzip.compress(b"\0" * 50_000_000)
    )
    assert len(bomb) < 100_000
    headers = {"Content_Encoding": encoding} if encoding else {}
    assert await reason(fetcher, site.serve("/bomb", bomb, status=200, **headers)) == "too large"


async def test_every_compression_that_was_asked_for_is_read(site: Site, fetcher: Fetcher) -> None:
    text = b"<rss>" + b"news " * 1000
    raw = zlib.compressobj(wbits=-15)
    bodies = {
        "/gzip": (gzip.compress(text), "gzip"),
        "/two-members": (gzip.compress(text[:100]) + gzip.compress(text[100:]), "gzip"),
        "/trailing": (gzip.compress(text) + b"\0garbage", "gzip"),
        "/zlib": (zlib.compress(text), "deflate"),
        "/raw": (raw.compress(text) + raw.flush(), "deflate"),
        "/liar": (text, "gzip"),
        "/silent": (gzip.compress(text), ""),
    }
    for path, (body, encoding) in bodies.items():
        headers = {"Content_Encoding": encoding} if encoding else {}
        assert (
            await fetched(fetcher, site.serve(path, body, status=200, **headers))
        ).body == text, path


@pytest.mark.parametrize(
    ("body", "encoding", "why"),
    [
        (b"\x1f\x8b\x08broken", "gzip", "bad compression"),
        (b"x", "br", "encoding"),
        (b"x", "gzip, gzip", "encoding"),
    ],
)
async def test_unreadable_compression_is_a_named_failure(
    site: Site, fetcher: Fetcher, body: bytes, encoding: str, why: str
) -> None:
    assert await reason(fetcher, site.serve("/x", body, Content_Encoding=encoding)) == why


async def test_a_slow_drip_ends_in_time(site: Site) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"<rss>")
        await asyncio.Event().wait()
        return response

    async with Fetcher(allow_private=True, timeout=0.2) as fetcher:
        assert await reason(fetcher, site.handle("/drip", drip)) == "timeout"


async def test_a_cut_connection_is_a_failure_not_an_exception(site: Site, fetcher: Fetcher) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    assert await reason(fetcher, site.handle("/cut", cut)) == "no connection"


async def test_a_host_gets_one_request_at_a_time(site: Site, fetcher: Fetcher) -> None:
    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(0)
        return web.Response()

    urls = [site.handle(f"/{number}", slow) for number in range(20)]
    await asyncio.gather(*(fetcher.get(url, NOW) for url in urls))
    assert site.most_open == 1


async def test_a_host_that_hangs_delays_no_other(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("news.fetch.fetcher.AT_ONCE", 2)
    never = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await never.wait()
        return web.Response()

    port = site.url.rsplit(":", 1)[1]
    site.handle("/hang", hang)
    site.serve("/quick", "x")
    lookup = looks_up(slow="127.0.0.1", quick="127.0.0.1")
    async with Fetcher(allow_private=True, timeout=60, lookup=lookup) as fetcher:
        hanging = [
            asyncio.create_task(fetcher.get(f"http://slow:{port}/hang", NOW)) for _ in range(10)
        ]
        await fetched(fetcher, f"http://quick:{port}/quick")
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),  # noqa: S104 — an address to refuse
        *("224.0.0.1", "240.0.0.1", "192.0.0.8", "192.88.99.1", "user:word@127.0.0.1"),
        # One address in another notation, or within one of version 6.
        *("127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0", "10.1"),
        *("127.0.0.1.", "127.0.0.1\u3002", "2130706433\uff61", "localhost\u3002"),
        "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
        *("[::1]", "[fe80::1]", "[fc00::1]", "[3fff::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]"),
        *("[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[::ffff:0:127.0.0.1]"),
        # The metadata addresses of clouds, which serve secrets.
        *("168.63.129.16", "[::ffff:168.63.129.16]", "[64:ff9b::168.63.129.16]"),
        *("[2002:a83f:8110::]", "169.254.170.2", "100.100.100.200", "192.0.0.192"),
        *("[fd00:ec2::254]", "[fe80::a9fe:a9fe]"),
    ],
)
async def test_a_private_address_is_not_asked(host: str) -> None:
    async with Fetcher() as fetcher:
        assert await reason(fetcher, f"http://{host}/") == "private address"


async def test_a_name_that_resolves_to_a_private_address_is_not_asked(site: Site) -> None:
    port = site.url.rsplit(":", 1)[1]
    lookup = looks_up(**{"inside.example": "127.0.0.1", "0x7f.1": "127.0.0.1"})
    async with Fetcher(lookup=lookup) as fetcher:
        for host in ("inside.example", "0x7f.1"):
            assert await reason(fetcher, f"http://{host}:{port}/") == "private address"
    assert not site.requests


@pytest.mark.usefixtures("loopback_is_public")
async def test_a_redirect_to_a_private_address_is_not_followed(site: Site) -> None:
    port = site.url.rsplit(":", 1)[1]
    lookup = looks_up(**{"public.example": "127.0.0.1", "inside.example": "10.0.0.1"})
    async with Fetcher(lookup=lookup) as fetcher:
        for target in (
            "http://inside.example/",
            "http://169.254.169.254/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://167772161/",
            "//10.1/",
        ):
            site.serve("/out", status=302, Location=target)
            assert (
                await reason(fetcher, f"http://public.example:{port}/out") == "private address"
            ), target


@pytest.mark.usefixtures("loopback_is_public")
async def test_dns_rebinding_never_reaches_a_private_address(site: Site) -> None:
    port = site.url.rsplit(":", 1)[1]
    turns = iter(["127.0.0.1", "10.0.0.1"])
    asked: list[str] = []

    async def lookup(host: str, port: int) -> list[ResolveResult]:
        asked.append(host)
        return await looks_up(**{host: next(turns)})(host, port)  # type: ignore[no-any-return]

    # The first connection is closed, so the second looks the name up again.
    site.serve("/", "x", Connection="close")
    async with Fetcher(lookup=lookup) as fetcher:
        first = await fetcher.get(f"http://two-faced.example:{port}/", NOW)
        await fetcher.close()
        second = await fetcher.get(f"http://two-faced.example:{port}/", NOW)
    assert isinstance(first, Fetched)
    assert isinstance(second, Failed)
    assert second.reason == "private address"
    assert len(asked) == 2
    assert len(site.requests) == 1


@pytest.mark.usefixtures("loopback_is_public")
async def test_only_a_hosts_public_addresses_are_used(site: Site) -> None:
    port = int(site.url.rsplit(":", 1)[1])
    mixed = {"mixed.example": ["10.0.0.1", "127.0.0.1", "169.254.169.254"], "none.example": []}

    async def lookup(host: str, port: int) -> list[ResolveResult]:
        return [one for each in mixed[host] for one in await looks_up(**{host: each})(host, port)]

    site.serve("/", "x")
    async with Fetcher(lookup=lookup) as fetcher:
        await fetched(fetcher, f"http://mixed.example:{port}/")
        none = await fetcher.get("http://none.example/", NOW)
        assert none == Failed("no such host", "none.example")


async def test_an_unknown_host_is_a_named_failure() -> None:
    async with Fetcher(lookup=looks_up()) as fetcher:
        answer = await fetcher.get("http://nowhere.example/", NOW)
    assert answer == Failed("no such host", "nowhere.example")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/", "", "not an address"])
async def test_only_web_addresses_are_asked(fetcher: Fetcher, url: str) -> None:
    assert await reason(fetcher, url) == "bad address"


async def test_a_fetcher_opens_again_after_it_was_closed(site: Site, fetcher: Fetcher) -> None:
    url = site.serve("/feed", "x")
    await fetcher.get(url, NOW)
    await fetcher.close()
    assert isinstance(await fetcher.get(url, NOW), Fetched)


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("http://127.0.0.1/feed", "127.0.0.1 is not a public address"),
        ("http://[::1]/feed", "::1 is not a public address"),
        ("http://127.1/feed", "127.1 is 127.0.0.1, which is not a public address"),
    ],
)
async def test_a_private_address_is_named_once(url: str, detail: str) -> None:
    async with Fetcher() as guarded:
        answer = await guarded.get(url, NOW)
    assert isinstance(answer, Failed)
    assert answer.detail == detail


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
