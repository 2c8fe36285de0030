"""Which addresses are proxies of the operator's, and which client a request comes from."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NETWORK_OF_ONE = 64
"""Bits of an IPv6 address that stand for one client, who has all addresses behind them."""


class TrustedNetworks:
    """Loopback, and the addresses and networks that TRUSTED_PROXIES names.

    Args:
        networks: What the setting names.
    """

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        self._networks = tuple(networks)

    def __contains__(self, address: Address | None) -> bool:
        if address is None:
            return False
        return address.is_loopback or any(address in each for each in self._networks)

    def client(self, peer: Address | None, forwarded: Sequence[str]) -> Address | None:
        """Return who asks: the peer, or the last address before trusted proxies.

        Args:
            peer: Who has connected.
            forwarded: The values of X-Forwarded-For, which only trusted proxies are believed.
        """
        named = [part.strip() for value in forwarded for part in value.split(",")]
        while peer in self and named:
            before = read_address(named.pop())
            if before is None:
                break
            peer = before
        return peer


def read_address(text: str) -> Address | None:
    """Return an address, IPv4 where IPv6 only wraps it; None where the text is none."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def one_client(address: Address | None) -> object:
    """Return what counts as one client: an IPv4 address, or the first 64 bits of IPv6."""
    if isinstance(address, IPv6Address):
        return int(address) >> (128 - NETWORK_OF_ONE)
    return address
