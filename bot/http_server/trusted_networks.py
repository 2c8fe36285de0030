"""The operator's trusted proxies, and the client address behind them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NETWORK_OF_ONE = 64
"""Length in bits of the IPv6 prefix that counts as one client."""


class TrustedNetworks:
    """Loopback, and the addresses and networks of the setting TRUSTED_PROXIES."""

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        self._networks = tuple(networks)

    def __contains__(self, address: Address | None) -> bool:
        if address is None:
            return False
        return address.is_loopback or any(address in each for each in self._networks)

    def client(self, peer: Address | None, forwarded: Sequence[str]) -> Address | None:
        """Return the client's address: the peer, or the one that trusted proxies report.

        `forwarded`, the values of the X-Forwarded-For header, is read from the end for as long as
        the addresses are trusted proxies.
        """
        named = [part.strip() for value in forwarded for part in value.split(",")]
        while peer in self and named:
            before = read_address(named.pop())
            if before is None:
                break
            peer = before
        return peer


def read_address(text: str) -> Address | None:
    """Parse an IP address; return None if the text is none.

    An IPv4-mapped IPv6 address becomes the IPv4 address.
    """
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def one_client(address: Address | None) -> object:
    """Return the key of a client: its IPv4 address, or the first 64 bits of its IPv6 address."""
    if isinstance(address, IPv6Address):
        return int(address) >> (128 - NETWORK_OF_ONE)
    return address
