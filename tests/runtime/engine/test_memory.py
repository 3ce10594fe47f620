"""Who is on a device, who leaves for whom, and what is told where nothing fits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tests.devices import OutOfMemoryError, PretendDevice, Weighty
from tests.runtime.engine.house import DEVICE, A, B, C, House, visit

from livedraft.errors import LivedraftError, OutOfMemory
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.engine.turn import Cell, Step
from livedraft.runtime.models.echo import EchoJob
from livedraft.runtime.plan import Part


@pytest.fixture
def device() -> Iterator[PretendDevice]:
    """Give a device that holds two models of three, and little beside."""
    made = Weighty.device = PretendDevice(900)
    yield made
    del Weighty.device


def test_who_was_not_called_for_longest_leaves_for_another(device: PretendDevice) -> None:
    house = House(A, B)
    assert house.there == ["a", "b"]
    visit(house, "a")
    third = House.__new__(House)
    assert house.memory.room_for(DEVICE, 400) == 500
    assert house.there == ["a"], "b was not called for longer"
    del third
    house.models["c"] = C()
    house.memory.add("c", house.models["c"], DEVICE)
    visit(house, "b")
    assert house.there == ["b", "c"]
    assert device.nbytes == 800


def test_one_that_is_used_stays_and_who_finds_no_room_hears_what_would_fit(
    device: PretendDevice,
) -> None:
    house = House(A, B, limit=700)
    assert house.there == ["b"], "there is no room for both"
    cell = Cell()
    assert house.drawn("a", cell) is None
    assert house.there == ["a"]
    failed = house.drawn("b")
    assert isinstance(failed, OutOfMemory)
    assert failed.message == (
        "b needs 0.0 MB, and cuda:7 has 0.0 MB: a with 1 session takes 0.0 MB"
    )
    assert failed.fix.startswith("wait until the sessions of a end; draw with a, which has room; ")
    assert house.drawn("a", cell) is None, "and who is there draws on"
    house.calls.close("a", cell)
    assert house.drawn("b") is None
    assert house.there == ["b"]


def test_a_session_whose_client_is_away_keeps_no_model_on_the_device(
    device: PretendDevice,
) -> None:
    house = House(A, B, limit=700)
    cell = Cell()
    assert house.drawn("a", cell) is None
    assert house.memory.held_bytes(DEVICE) == 410
    house.calls.suspend("a", cell)
    assert house.memory.held_bytes(DEVICE) == 400, "its state is not there any more"
    other = Cell()
    assert house.drawn("b", other) is None
    assert house.there == ["b"]
    house.calls.close("b", other)
    assert house.drawn("a", cell) is None, "it is back where it comes back"


def test_a_job_under_way_keeps_its_model(device: PretendDevice) -> None:
    house = House(A, B, limit=700)
    cell = Cell()
    job = house.prepared("a", cell)
    assert isinstance(house.prepared("b"), OutOfMemory)
    (stepped,) = house.calls.make(Step("a", [job]))
    assert isinstance(stepped, Progress)
    assert house.there == ["a"]


def test_progress_is_told_of_one_that_comes_back(device: PretendDevice) -> None:
    house = House(A, B, limit=700)
    visit(house, "a")
    assert house.told[0] == ("a", Part("loading", 0, 0))
    assert ("a", Part("loading", 200, 400)) in house.told
    assert house.told[-1] == ("a", None)


def test_without_a_limit_nobody_leaves(device: PretendDevice) -> None:
    device.size = 2000
    house = House(A, B, C, limit=None)
    for name in "abc":
        visit(house, name)
    assert house.there == ["a", "b", "c"]
    assert house.told == []


@pytest.mark.parametrize("fails_at", [1, 2, 3, 4])
def test_one_that_comes_half_way_back_leaves_nothing_and_is_brought_again(
    device: PretendDevice, fails_at: int
) -> None:
    house = House(A, B, limit=700)
    cell = Cell()
    house.calls.close("b", cell)
    device.size, limit = 400, device.size
    device.watch = lambda: None
    assert house.memory.relieve("a")
    device.fails_at = fails_at
    failed = house.drawn("a")
    assert isinstance(failed, OutOfMemory)
    assert device.nbytes == 0
    assert house.there == []
    assert house.told[-1] == ("a", None), "nobody is told for ever that it comes"
    device.size = limit
    assert house.drawn("a") is None


def test_one_that_cannot_leave_stays_as_it_was(device: PretendDevice) -> None:
    house = House(A, B, limit=900)
    device.fails_at = 3
    house.memory.room_for(DEVICE, 900)
    assert house.there == ["a"]
    assert house.drawn("a") is None


def test_a_full_device_ends_no_job_that_finds_room_once_others_left(
    device: PretendDevice,
) -> None:
    class Hungry(A):
        """Takes working memory in its step, which the limit does not know of."""

        def step(self, jobs: Any) -> None:
            self.device.put(("work", 0), 300)
            self.device.take(("work", 0))
            super().step(jobs)

    house = House(Hungry, B, limit=None)
    assert device.nbytes == 800
    assert house.drawn("a") is None
    assert house.there == ["a"], "b left for it"
    device.size = 600
    cell = Cell()
    failed = house.drawn("a", cell)
    assert isinstance(failed, OutOfMemory), "and where nobody is left to leave, one job ends"
    device.size = 900
    assert house.drawn("a", cell) is None, "and the next is made"


def test_states_of_those_who_draw_nothing_leave_before_a_job_fails(
    device: PretendDevice,
) -> None:
    class Kept(A):
        """Keeps something of each session on the device."""

        def open(self) -> Any:
            return []

        def prepare(self, items: Any) -> list[EchoJob]:
            for state, _ in items:
                self.device.put(("state", id(state)), 200)
            return super().prepare(items)

        def suspend(self, state: Any) -> None:
            self.device.take(("state", id(state)))

    house = House(Kept, limit=None)
    idle, second, third = Cell(), Cell(), Cell()
    assert house.drawn("a", idle) is None
    under_way = house.prepared("a", second)
    assert device.nbytes == 800
    assert house.drawn("a", third) is None
    assert ("state", id(idle.state)) not in device.held, "who draws nothing makes room"
    assert ("state", id(second.state)) in device.held, "who is under way does not"
    assert isinstance(under_way, Progress)


def test_sessions_that_rest_make_room_for_another_of_the_same_model(
    device: PretendDevice,
) -> None:
    class Large(A):
        """Has large states, and says what a call takes."""

        def footprint(self, state: None) -> int:
            return 100

        def call_bytes(self) -> int:
            return 200

    house = House(Large, limit=700)
    first, second = Cell(), Cell()
    assert house.drawn("a", first) is None
    assert house.memory.held_bytes(DEVICE) == 500
    assert house.drawn("a", second) is None, "the first one's state left for it"
    assert house.memory.held_bytes(DEVICE) == 500
    under_way, failed = (house.prepared("a", cell) for cell in (first, second))
    assert isinstance(under_way, Progress)
    assert isinstance(failed, OutOfMemory), "that of who draws does not leave"
    assert "a with 2 sessions takes" in failed.message


def test_a_model_is_not_moved_in_the_middle_of_its_call(device: PretendDevice) -> None:
    entered, go_on = threading.Event(), threading.Event()

    class Slow(A):
        """Is in its step until it may go on."""

        def step(self, jobs: Any) -> None:
            entered.set()
            go_on.wait(10)
            assert device.held, "it is there all the while"
            super().step(jobs)

    house = House(Slow, B, limit=900)
    cell = Cell()
    job = house.prepared("a", cell)
    step = threading.Thread(target=lambda: house.calls.make(Step("a", [job])))
    step.start()
    entered.wait(10)
    house.memory.leave("a", cell)  # as if nobody used it
    assert house.memory.room_for(DEVICE, 900) == 500, "b left, a stays"
    assert house.there == ["a"]
    go_on.set()
    step.join(10)
    assert house.memory.room_for(DEVICE, 900) == 900
    assert house.there == []


def test_lanes_that_want_the_same_room_get_it_one_after_the_other(
    device: PretendDevice,
) -> None:
    house = House(A, B, C, limit=500)
    device.size = 500
    wrong: list[LivedraftError] = []

    def draw(name: str) -> None:
        for _ in range(50):
            cell = Cell()
            failed = house.drawn(name, cell)
            house.calls.close(name, cell)
            if failed is not None and not isinstance(failed, OutOfMemory):
                wrong.append(failed)

    lanes = [threading.Thread(target=draw, args=(name,)) for name in "abc"]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join(60)
    assert not any(lane.is_alive() for lane in lanes)
    assert not wrong
    assert device.nbytes <= 500
    assert house.memory.held_bytes(DEVICE) == device.nbytes


def test_who_lacks_nothing_does_not_wait_for_a_model_that_moves(device: PretendDevice) -> None:
    house = House(A, B, limit=500)
    asked: list[bool] = []

    def ask() -> None:
        other = threading.Thread(target=house.memory.room_for, args=("cuda:8", 100), daemon=True)
        other.start()
        other.join(10)
        asked.append(not other.is_alive())

    device.watch = ask
    visit(house, "a")  # it comes back, and the other leaves
    assert asked
    assert all(asked)


def test_the_double_is_full_where_a_device_would_be(device: PretendDevice) -> None:
    device.put(("all", 0), 900)
    with pytest.raises(OutOfMemoryError):
        device.put(("more", 0), 1)
    assert np.isinf(PretendDevice().size)
