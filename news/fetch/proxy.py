"""Choice of the proxy for an address, and tunnels through it by HTTP's CONNECT.

A tunnel carries the same bytes as a direct connection, for http and https alike, so an address that
was checked here can be passed to the proxy as it is.
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
"""Most bytes of a proxy's answer."""
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_UNFIT = re.compile(r"[\s\0-\x1f]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.ASCII)
_LABEL = re.compile(r"(?!-)[\w-]+(?<!-)")
_WITH_PORT = re.compile(r"(\[[^\]]*\]|[^:]*):(\d+)")
_NO_PATH = (("", "", ""), ("/", "", ""))
_LOGIN_WANTED = 407


class ProxyError(OSError):
    """A proxy refused or failed to connect; the text names it without its password."""

    def __init__(self, text: str) -> None:
        super().__init__(errno.ECONNREFUSED, text)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that is reached over plain HTTP."""

    host: str
    port: int
    login: str = field(default="", repr=False)
    """Base64 of user name and password for the header; empty if there are none."""

    def __str__(self) -> str:
        """Return host and port, without the password."""
        return f"{self.host}:{self.port}"

    @classmethod
    def of(cls, text: str) -> Proxy:
        """Return the proxy in `http://user:password@proxy.example:3128`; ValueError for others."""
        wrong = "must be a proxy such as http://proxy.example:3128, or http://user:password@…"
        scheme, mark, rest = text.partition("://")
        if mark and scheme.lower() != "http":
            named = f"; {scheme}:// proxies are not supported"
            raise ValueError(wrong + (named if _SCHEME.fullmatch(scheme.lower()) else ""))
        try:
            parts = urlsplit(f"http://{rest if mark else text}")
            port = parts.port
        except ValueError:
            raise ValueError(wrong) from None
        host = parts.hostname or ""
        if port is None and (not mark or parts.netloc.endswith(":")):
            # A word alone, such as `direct` or `true`, is as likely a slip as a host.
            raise ValueError(wrong)
        # An unescaped / ? or # in a password would end the host.
        if not is_host(host) or port == 0 or _UNFIT.search(text) or parts[2:] not in _NO_PATH:
            raise ValueError(wrong)
        login = ""
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            login = b64encode(pair.encode()).decode()
        return cls(host, port or 80, login)


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies for http and https, and the hosts that are reached directly."""

    https: Proxy | None = None
    http: Proxy | None = None
    without: tuple[str, ...] = ()
    """Hosts, domain suffixes, addresses and networks without proxy, as in NO_PROXY; `*` is all."""

    def __bool__(self) -> bool:
        return (self.https or self.http) is not None

    def of(self, url: URL) -> Proxy | None:
        """Return the proxy for an address, or None if it is reached directly."""
        proxy = self.https if url.scheme == "https" else self.http
        if proxy is None or any(_fits(rule, url.host or "", url.port) for rule in self.without):
            return None
        return proxy


def is_host(text: str) -> bool:
    """Return whether a text is an IP address without brackets, or could be the name of a host."""
    try:
        ipaddress.ip_address(text.split("%", 1)[0])
    except ValueError:
        labels = text.removesuffix(".").split(".")
        return all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return True


def _fits(rule: str, host: str, port: int | None) -> bool:
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
    """Return a socket to an address, or a name that the proxy resolves, through a proxy.

    Raises ProxyError if the proxy refuses, cannot be reached, or is not a proxy; OSError if cut.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(proxy.host, proxy.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ProxyError(f"the proxy {proxy} cannot be resolved ({error.strerror})") from None
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
    """Ask the proxy to connect to a target, and read its answer; errors as in `tunnel`."""
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
        # A proxy sends nothing after its answer, since the client speaks first.
        raise ProxyError(f"the server at {proxy} is not a proxy")
    if int(status[1]) == _LOGIN_WANTED:
        raise ProxyError(f"the proxy {proxy} requires a user name and password (407)")
    if not status[1].startswith(b"2"):
        raise ProxyError(f"the proxy {proxy} refuses to connect ({status[1].decode()})")
