"""Which proxy leads to an address, and a way through it: HTTP's CONNECT, for http and https alike.

What goes through such a tunnel is the same as without a proxy, so whoever has checked an address
can ask the proxy for that very address.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import re
import socket
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from aiohappyeyeballs import start_connection

if TYPE_CHECKING:
    from yarl import URL

LONGEST_WORD = 16_384
"""Bytes of a proxy's answer."""
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_UNFIT = re.compile(r"[\s\0-\x1f]")
_HOST = re.compile(r"[\w.-]+|[0-9a-f:.]+")
_WITH_PORT = re.compile(r"(\[[^\]]*\]|[^:]*):(\d+)")
_LOGIN_WANTED = 407


class ProxyError(OSError):
    """A proxy does not let through; the text names it, without its password."""

    def __init__(self, text: str) -> None:
        super().__init__(errno.ECONNREFUSED, text)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that is spoken to over plain HTTP."""

    host: str
    port: int
    login: str = field(default="", repr=False)
    """User name and password as its header says them; empty without."""

    def __str__(self) -> str:
        """Where it is, without its password."""
        return f"{self.host}:{self.port}"

    @classmethod
    def of(cls, text: str) -> Proxy:
        """A proxy as people write it: `http://user:password@proxy.example:3128`.

        Raises:
            ValueError: It is none, or of a kind that is not spoken here.
        """
        wrong = "must be a proxy such as http://proxy.example:3128, or http://user:password@…"
        try:
            parts = urlsplit(text if "://" in text else f"http://{text}")
            port = parts.port
        except ValueError:
            raise ValueError(wrong) from None
        if parts.scheme != "http":
            raise ValueError(f"{wrong}; {parts.scheme}:// proxies are not spoken")
        host = parts.hostname or ""
        if not _HOST.fullmatch(host) or port == 0 or _UNFIT.search(text):
            raise ValueError(wrong)
        login = ""
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            login = b64encode(pair.encode()).decode()
        return cls(host, port or 80, login)


@dataclass(frozen=True, slots=True)
class Proxies:
    """Which addresses are asked through which proxy."""

    https: Proxy | None = None
    http: Proxy | None = None
    without: tuple[str, ...] = ()
    """Hosts, ends of hosts, addresses and networks that need none; `*` is all of them."""

    def __bool__(self) -> bool:
        """Whether there is any."""
        return (self.https or self.http) is not None

    def of(self, url: URL) -> Proxy | None:
        """The proxy for an address; None where it is asked directly."""
        proxy = self.https if url.scheme == "https" else self.http
        if proxy is None or any(_fits(rule, url.host or "", url.port) for rule in self.without):
            return None
        return proxy


def _fits(rule: str, host: str, port: int | None) -> bool:
    """Whether a rule of NO_PROXY means a host."""
    rule, host = rule.strip().lower(), host.lower().strip("[]").rstrip(".")
    if rule == "*":
        return True
    found = _WITH_PORT.fullmatch(rule)
    if found is not None:
        if int(found[2]) != port:
            return False
        rule = found[1]
    rule = rule.strip("[]")
    try:
        address = ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        name = rule.removeprefix("*").strip(".")
        return bool(name) and (host == name or host.endswith(f".{name}"))
    try:
        return address in ipaddress.ip_network(rule, strict=False)
    except ValueError:
        return False


async def tunnel(proxy: Proxy, host: str, port: int) -> socket.socket:
    """A connection to a host through a proxy, on which nothing has been said yet.

    Args:
        proxy: The proxy.
        host: A name, which the proxy then looks up, or an address.
        port: The port.

    Raises:
        ProxyError: It does not let through, or is no proxy.
        OSError: It cannot be reached.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(proxy.host, proxy.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ProxyError(f"the proxy {proxy} is not known ({error.strerror})") from None
    try:
        connection = await start_connection(found)
    except OSError as error:
        why = error.strerror or error
        raise ProxyError(f"the proxy {proxy} cannot be reached ({why})") from None
    try:
        await _ask(connection, proxy, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    except BaseException:
        connection.close()
        raise
    return connection


async def _ask(connection: socket.socket, proxy: Proxy, target: str) -> None:
    """Ask for a way to a target, and read the answer.

    Raises:
        ProxyError: There is none.
        OSError: The connection was cut.
    """
    loop = asyncio.get_running_loop()
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.login:
        lines.append(f"Proxy-Authorization: Basic {proxy.login}")
    await loop.sock_sendall(connection, "\r\n".join([*lines, "\r\n"]).encode())
    stated = b""
    while b"\r\n\r\n" not in stated and len(stated) <= LONGEST_WORD:
        more = await loop.sock_recv(connection, 4096)
        if not more:
            break
        stated += more
    status = _STATUS.match(stated)
    if status is None or not stated.endswith(b"\r\n\r\n"):
        # Neither a web server nor TLS speaks before it is spoken to.
        raise ProxyError(f"what answers at {proxy} is no proxy")
    if int(status[1]) == _LOGIN_WANTED:
        raise ProxyError(f"the proxy {proxy} asks for a user name and password (407)")
    if not status[1].startswith(b"2"):
        raise ProxyError(f"the proxy {proxy} refuses to connect ({status[1].decode()})")
