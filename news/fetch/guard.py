"""Check that a source's address is public, so that no feed can read the local network.

A name is checked after it was resolved, in the resolver that the connection uses, so the address
cannot change in between. A numeric address is checked before the request.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp.resolver import ThreadedResolver

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.abc import ResolveResult

    Lookup = Callable[[str, int], Awaitable[list[ResolveResult]]]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Protocol and documentation networks that older Python versions take for public, and Azure's wire
# server, which has a public number but serves certificates and settings of the asking machine. The
# metadata addresses of other clouds (169.254.169.254, 100.100.100.200, 192.0.0.192, fd00:ec2::254)
# are private by their number.
_CLOSED = ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "5f00::/16", "168.63.129.16")
_CLOSED_NETWORKS = tuple(map(ipaddress.ip_network, _CLOSED))


class PrivateAddressError(OSError):
    """A source's host is, or resolves to, an address that is not public."""

    def __init__(self, host: str, address: str) -> None:
        named = f"{host} is {address}, which" if host != address else address
        super().__init__(f"{named} is not a public address")
        self.host = host
        self.address = address


def is_public(address: str) -> bool:
    """Return whether an IP address, as text, is on the public internet."""
    try:
        ip = ipaddress.ip_address(address.split("%", 1)[0].strip("[]"))
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if inner is not None:
            ip = inner
        elif ip.is_site_local:
            return False
    if any(ip in network for network in _CLOSED_NETWORKS):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def check_literal(url: str) -> None:
    """Check that a numeric host in an address is public, or raise PrivateAddressError.

    A client may connect to such hosts without a resolver: many read `127.1`, `2130706433` and
    `0x7f.1` as 127.0.0.1.
    """
    host = urlsplit(url).hostname or ""
    address = host
    if ":" not in host:
        try:
            address = socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            return
    if not is_public(address):
        raise PrivateAddressError(host, address)


class PublicResolver(ThreadedResolver):
    """A resolver that, if `guarded`, returns only public addresses."""

    def __init__(self, lookup: Lookup | None = None, *, guarded: bool = True) -> None:
        super().__init__()
        self._lookup = lookup
        self._guarded = guarded

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the public addresses of `host`, PrivateAddressError if it has only others."""
        if self._lookup is not None:
            found = await self._lookup(host, port)
        else:
            found = await super().resolve(host, port, family)
        public = [one for one in found if not self._guarded or is_public(one["host"])]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        if not public:
            raise PrivateAddressError(host, found[0]["host"])
        return public
