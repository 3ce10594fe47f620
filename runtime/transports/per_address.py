"""How many of something one address may have at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

_HOME = 64  # bits: an IPv6 household has a whole network of this prefix, so it counts as one


class PerAddress:
    """Counts by address, up to ``limit`` each; ``exempt`` networks speak for many and have none."""

    def __init__(self, limit: int, exempt: Iterable[str] = ()) -> None:
        self.limit = limit
        self._exempt = [ip_network(text) for text in exempt]
        self._inside: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Count one more of an address; False if it has its share."""
        key = household(address, self._exempt)
        if key is None:
            return True
        if self._inside[key] >= self.limit:
            return False
        self._inside[key] += 1
        return True

    def leave(self, address: str) -> None:
        """Count one less, for each ``enter`` that was True."""
        key = household(address, self._exempt)
        if key is None:
            return
        self._inside[key] -= 1
        if self._inside[key] <= 0:
            del self._inside[key]


def household(address: str, exempt: Iterable[Network] = ()) -> str | None:
    """Return what counts as one: an address, or an IPv6 home's network; None if it has no share."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None  # a Unix socket, or no network at all
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    if any(found in network for network in exempt):
        return None
    if isinstance(found, IPv6Address):
        return str(ip_network((found, _HOME), strict=False))
    return str(found)
