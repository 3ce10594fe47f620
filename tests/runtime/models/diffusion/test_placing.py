"""Parts of a pipeline that leave their device and come back: all of them, or none."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.devices import OutOfMemoryError, PretendDevice
from tests.runtime.models.diffusion.asking import PICTURE, made, prepared
from torch import nn

from livedraft.errors import OutOfMemory
from livedraft.runtime.compute.peak import peak, unmeasured
from livedraft.runtime.models.diffusion.flow_models import FluxSchnell
from livedraft.runtime.models.diffusion.placing import HOST, Placement
from livedraft.runtime.models.diffusion.unet_models import SDTurbo
from livedraft.runtime.plan import Part

GPU = torch.device("cuda", 0)


class Pretended:
    """A double of moves: they are counted on a device that is none, and nothing is moved."""

    def __init__(self, placement: Placement) -> None:
        self.device = PretendDevice()
        self.numbers: dict[int, int] = {}
        for part in placement._parts:
            self(part, GPU)

    def __call__(self, part: nn.Module, device: torch.device) -> None:
        what = (type(part).__name__, id(part))
        if device == HOST:
            self.device.take(what)
        else:
            self.device.put(what, sum(each.nbytes for each in part.parameters()))


def pretended(model: Any) -> tuple[Placement, PretendDevice]:
    placement = Placement(model._family)
    moves = Pretended(placement)
    return Placement(model._family, GPU, moves), moves.device


def test_all_parts_leave_and_come_back_and_it_draws_as_before(turbo: SDTurbo) -> None:
    before = made(turbo, prepared(turbo, PICTURE, 2))
    placement, device = pretended(turbo)
    whole = device.nbytes
    assert whole > 0
    assert placement.offload()
    assert device.nbytes == 0
    heard: list[Part] = []
    placement.onload(heard.append)
    assert device.nbytes == whole
    assert heard[0].done == 0
    assert heard[-1].done == heard[-1].total > 0
    assert [each.done for each in heard] == sorted(each.done for each in heard)
    assert torch.equal(made(turbo, prepared(turbo, PICTURE, 2)), before)


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_a_fault_on_the_way_there_leaves_nothing_and_on_the_way_off_all(
    turbo: SDTurbo, fails_at: int
) -> None:
    placement, device = pretended(turbo)
    whole = device.nbytes
    device.fails_at = fails_at
    with pytest.raises(OutOfMemoryError):
        placement.offload()
    assert device.nbytes == whole
    assert placement.offload()
    device.fails_at = fails_at
    with pytest.raises(OutOfMemoryError):
        placement.onload(lambda part: None)
    assert device.nbytes == 0
    placement.onload(lambda part: None)
    assert device.nbytes == whole


def test_what_computes_on_the_host_stays_there(turbo: SDTurbo) -> None:
    assert not turbo.offload()
    assert turbo.resident_bytes() == sum(
        each.nbytes
        for part in Placement(turbo._family)._parts
        for each in (*part.parameters(), *part.buffers())
    )


def test_every_number_is_moved_also_those_of_buffers() -> None:
    """To a device that holds no values, so they go there and not back."""
    placement = Placement(FluxSchnell.tiny()._family, torch.device("meta"))
    assert placement.nbytes > 0
    assert devices(placement) == {"cpu"}
    placement.onload(lambda part: None)
    assert devices(placement) == {"meta"}


def devices(placement: Placement) -> set[str]:
    return {
        each.device.type
        for part in placement._parts
        for each in (*part.parameters(), *part.buffers())
    }


def test_a_peak_is_what_is_held_at_once() -> None:
    def work() -> None:
        first = torch.zeros(1000, dtype=torch.uint8)
        second = first + 1
        del first
        third = second + 1  # two at a time, never three
        assert third.view(-1)[0] == 2

    with peak(HOST) as found:
        work()
    assert found.nbytes == 2000 or found.nbytes == 2001  # the comparison's own byte
    with peak(HOST) as none:
        pass
    assert none.nbytes == 0


class Allocator:
    """A double of a GPU's: what is held, and at its height."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.held = self.most = 0
        patch.setattr(torch.cuda, "memory_allocated", lambda device: self.held)
        patch.setattr(torch.cuda, "max_memory_allocated", lambda device: self.most)
        patch.setattr(torch.cuda, "reset_peak_memory_stats", self._reset)

    def take(self, nbytes: int, kept: int) -> None:
        self.most = max(self.most, self.held + nbytes)
        self.held += kept

    def _reset(self, device: torch.device) -> None:
        self.most = self.held


@pytest.mark.parametrize("plain", [False, True])
def test_what_a_gpu_holds_of_a_warm_up_is_no_peak(
    plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: of plain work it is."""
    allocator = Allocator(monkeypatch)
    allocator.take(1000, 1000)
    with peak(GPU) as found:
        allocator.take(100, 50)
        with unmeasured(plain=plain):
            allocator.take(5000, 300)
        allocator.take(200, 0)
    assert found.nbytes == (5050 if plain else 250)
    with unmeasured():  # where nothing is measured there is nothing to leave out
        allocator.take(7, 0)


def test_as_many_share_a_call_as_there_is_room_for() -> None:
    model = SDTurbo.tiny()
    left = 1 << 40
    model._fitting.free = lambda wanted: left
    job = prepared(model, PICTURE, 1)
    assert model.room(job.key) == 4, "more would be no faster on a CPU"
    model.step([job])
    model.emit([job])
    each = model.call_bytes()
    assert each > job.way.latents.nbytes, "it was measured"
    for count in (1, 2, 3):
        left = (count - 1) * each  # a call is granted already what one picture takes
        prepared(model, PICTURE, 1)  # others came or went
        assert model.room(job.key) == count
    left = 0
    prepared(model, PICTURE, 1)
    large = (2 * job.size[0], 2 * job.size[1], "more")
    assert model.room(large) == 1, "one alone is always tried"


def test_who_asks_for_too_much_hears_which_size_would_fit() -> None:
    model = SDTurbo.tiny()
    model._fitting.free = lambda wanted: 1 << 40
    job = prepared(model, PICTURE, 1)
    model.step([job])
    each = model._fitting.taken((64, 64))
    model._fitting.free = lambda wanted: 4 * each
    with (
        pytest.raises(OutOfMemory, match="256 × 256 px, which takes") as caught,
        model._fitting.trying("step", [(256, 256)]),
    ):
        raise OutOfMemoryError
    assert caught.value.fix.startswith("ask for 128 × 128 px or less: ")
