"""Blocks are shared out whole and in their order; what goes through them is known by name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from livedraft.runtime.compute.parallel import chain
from livedraft.runtime.compute.parallel.stages import shared_out
from livedraft.runtime.models.diffusion.flow_models import Flux2Klein, ZImageTurbo
from livedraft.runtime.models.diffusion.unet_models import SDTurbo


@given(st.data())
def test_every_block_has_one_stage_and_every_stage_a_block(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(0, 1000), min_size=1, max_size=40))
    stages = data.draw(st.integers(1, len(sizes)))
    found = shared_out(sizes, stages)
    assert [number for own in found for number in own] == list(range(len(sizes)))
    assert len(found) == stages
    assert all(found)


def test_blocks_as_large_as_each_other_are_shared_evenly() -> None:
    assert [len(own) for own in shared_out([7] * 8, 4)] == [2, 2, 2, 2]
    assert [len(own) for own in shared_out([30, 10, 10, 10], 2)] == [1, 3]


def test_what_goes_through_blocks_is_named_in_the_order_of_what_they_return() -> None:
    klein = chain(Flux2Klein.tiny()._family.pipe.transformer)
    assert [flow.through for flow in klein.values()] == [
        ("encoder_hidden_states", "hidden_states"),
        ("hidden_states",),
    ]
    assert list(klein) == ["transformer_blocks.0", "single_transformer_blocks.0"]
    turbo = chain(ZImageTurbo.tiny()._family.pipe.transformer)
    assert {flow.through for flow in turbo.values()} == {("x",)}, "refiners are none of them"
    assert all(path.startswith("layers.") for path in turbo)


def test_what_is_no_chain_that_diffusers_knows_has_no_blocks() -> None:
    assert not chain(SDTurbo.tiny()._family.pipe.unet)
    strange = nn.Module()
    strange.blocks = nn.ModuleList([nn.Linear(2, 2)])
    assert not chain(strange)
