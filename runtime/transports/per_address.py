"""How many of something one address may have at a time, or within an hour."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from math import inf

from ..clock import Clock

Network = IPv4Network | IPv6Network

HOUR_S = 3600.0
_MOST_KEPT = 10_000  # households whose hour is remembered; then who came longest ago is forgotten
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


class PerHour:
    """Counts what households ask for, up to ``limit`` within any hour; 0 is no limit.

    A household is named as ``household`` does; one without a name has no share.
    """

    def __init__(self, limit: int, *, clock: Clock) -> None:
        self.limit = limit
        self._clock = clock
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()

    def enter(self, home: str, number: int = 1) -> float:
        """Count so many more, and return 0; or else none, and return in how many seconds they may.

        That is infinity for more than the limit.
        """
        if not self.limit or not home:
            return 0.0
        if number > self.limit:
            return inf
        now = self._clock()
        asked = self._asked.setdefault(home, deque())
        while asked and now - asked[0] >= HOUR_S:
            asked.popleft()
        over = len(asked) + number - self.limit
        if over > 0:
            return HOUR_S - (now - asked[over - 1])
        asked.extend([now] * number)
        self._asked.move_to_end(home)
        if len(self._asked) > _MOST_KEPT:
            self._asked.popitem(last=False)
        return 0.0


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
