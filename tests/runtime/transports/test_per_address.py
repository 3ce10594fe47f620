"""An address has its share, a household of IPv6 counts as one, and proxies speak for many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedraft.runtime.transports.per_address import PerAddress, household

ADDRESSES = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(ADDRESSES))), st.integers(1, 3))
def test_no_household_is_ever_inside_more_often_than_its_limit(
    moves: list[tuple[bool, str]], limit: int
) -> None:
    crowd, inside = PerAddress(limit), dict[str | None, int]()
    for enters, address in moves:
        home = household(address)
        there = inside.get(home, 0)
        if enters:
            assert crowd.enter(address) == (there < limit)
            inside[home] = min(there + 1, limit)
        elif there:
            crowd.leave(address)
            inside[home] = there - 1
    for home, address in {household(address): address for address in ADDRESSES}.items():
        assert crowd.enter(address) == (inside.get(home, 0) < limit)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", "::ffff:10.1.2.3", "unix:"])
def test_who_speaks_for_many_has_no_limit(address: str) -> None:
    crowd = PerAddress(1, exempt=["127.0.0.0/8", "::1", "10.0.0.0/8"])
    assert all(crowd.enter(address) for _ in range(10))
    crowd.leave(address)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
    ],
)
def test_what_counts_as_one_household(one: str, other: str, same: bool) -> None:
    assert (household(one) == household(other)) is same
