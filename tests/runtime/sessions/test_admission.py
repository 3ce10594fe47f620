"""Places and the line in front of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedraft.errors import ServerBusy
from livedraft.runtime.sessions.admission import Admission, Ticket


def test_two_asks_for_one_place_grant_one() -> None:
    admission = Admission(1, 1)
    first, second = admission.ask(), admission.ask()
    assert (first.position, second.position) == (0, 1)
    assert first.granted.is_set()
    assert not second.granted.is_set()


def test_a_full_line_refuses() -> None:
    admission = Admission(1, 0)
    admission.ask()
    with pytest.raises(ServerBusy) as caught:
        admission.ask()
    assert caught.value.retryable


def test_who_waits_moves_up_and_hears_of_it() -> None:
    admission = Admission(1, 3)
    inside = admission.ask()
    heard: list[tuple[str, int]] = []
    admission.ask(lambda position: heard.append(("a", position))).release()
    b = admission.ask(lambda position: heard.append(("b", position)))
    c = admission.ask(lambda position: heard.append(("c", position)))
    inside.release()
    assert b.position == 0
    assert heard == [("c", 1)]
    assert c.position == 1


def test_a_second_release_frees_nothing_more() -> None:
    admission = Admission(1, 2)
    first, second, third = (admission.ask() for _ in range(3))
    first.release()
    first.release()
    assert (second.position, third.position, admission.taken) == (0, 1, 1)


@given(st.integers(1, 3), st.integers(0, 3), st.lists(st.integers(0, 7), max_size=40))
def test_never_more_than_the_limit(limit: int, queue_limit: int, moves: list[int]) -> None:
    admission = Admission(limit, queue_limit)
    tickets: list[Ticket] = []
    for move in moves:
        if move < 4:
            try:
                tickets.append(admission.ask())
            except ServerBusy:
                assert admission.queued == queue_limit
        elif tickets:
            tickets.pop(move % len(tickets)).release()
        assert admission.taken + admission.queued == len(tickets)
        assert admission.taken <= limit
        assert admission.queued == 0 or admission.taken == limit
