"""Places and the line in front of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedraft.errors import ConfigError, ServerBusy
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


def test_who_needs_many_places_waits_for_all_of_them_and_nobody_overtakes() -> None:
    admission = Admission(4, 8)
    inside = [admission.ask() for _ in range(3)]
    large, small = admission.ask(places=3), admission.ask()
    assert (large.position, small.position, admission.wanted) == (1, 2, 3)
    inside.pop().release()
    assert large.position == 1, "two places are free, and one fits in: it waits its turn"
    inside.pop().release()
    assert (large.position, small.position) == (0, 1)
    large.release()
    large.release()
    assert (small.position, admission.taken, admission.wanted) == (0, 2, 0)


def test_who_leaves_the_line_lets_those_behind_in() -> None:
    admission = Admission(2, 8)
    admission.ask()
    heard: list[int] = []
    large, small = admission.ask(places=2), admission.ask(heard.append)
    behind = admission.ask(heard.append)
    large.release()
    assert (small.position, behind.position, heard) == (0, 1, [1])


def test_nobody_is_told_a_place_in_line_that_did_not_change() -> None:
    admission = Admission(3, 8)
    inside = [admission.ask() for _ in range(3)]
    heard: list[int] = []
    admission.ask(heard.append, places=3)
    inside.pop().release()
    assert heard == []


def test_what_can_never_come_in_never_waits() -> None:
    admission = Admission(3, 8)
    ticket = admission.ask()
    for ask in (lambda: admission.ask(places=4), lambda: ticket.resize(4)):
        with pytest.raises(ConfigError, match="takes 4 places, and there are 3") as caught:
            ask()
        assert "max_sessions to 4" in caught.value.fix
        assert not caught.value.retryable
    assert (admission.queued, admission.taken) == (0, 1)


def test_a_ticket_grows_where_there_is_room_and_nobody_waits_for_it() -> None:
    admission = Admission(4, 8)
    ticket, other = admission.ask(), admission.ask()
    ticket.resize(3)
    assert admission.taken == 4
    with pytest.raises(ServerBusy, match="2 places are needed, 1 are there"):
        other.resize(2)
    waiting = admission.ask(places=2)
    ticket.resize(2)
    assert waiting.position == 1, "one place is free"
    with pytest.raises(ServerBusy):
        ticket.resize(3)
    ticket.resize(1)
    assert (waiting.position, admission.taken) == (0, 4)


costs = st.integers(1, 4)


@given(st.integers(1, 4), st.integers(0, 3), st.lists(st.tuples(st.integers(0, 9), costs)))
def test_never_more_than_the_limit(
    limit: int, queue_limit: int, moves: list[tuple[int, int]]
) -> None:
    admission = Admission(limit, queue_limit)
    tickets: list[Ticket] = []  # in the order they came
    for move, places in moves:
        line = [ticket for ticket in tickets if ticket.position]
        try:
            if move < 5:
                tickets.append(admission.ask(places=places))
            elif tickets and move < 8:
                tickets.pop(move % len(tickets)).release()
            elif inside := [ticket for ticket in tickets if not ticket.position]:
                inside[move % len(inside)].resize(places)
        except ServerBusy:
            assert line == [ticket for ticket in tickets if ticket.position]
        except ConfigError:
            assert places > limit
        line = [ticket for ticket in tickets if ticket.position]
        assert [ticket.position for ticket in line] == list(range(1, len(line) + 1))
        assert admission.queued == len(line) <= queue_limit
        assert admission.taken == sum(t.places for t in tickets if not t.position) <= limit
        assert not line or line[0].places > limit - admission.taken, "who fits is in"
        assert admission.inside + admission.queued == len(tickets)
