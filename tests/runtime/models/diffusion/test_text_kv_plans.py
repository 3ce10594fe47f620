"""A prompt's keys and values in recorded and compiled calls, in eight bits, where none are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from tests.runtime.models.diffusion.asking import PICTURE, difference, made, prepared
from tests.runtime.models.diffusion.reading import (
    BIRDS,
    FOX,
    guided,
    kind_of,
    network,
    readers_of,
    without,
)
from torch import Tensor

from livedraft.runtime.compute.eight_bits import RowLinear
from livedraft.runtime.compute.execution.graphs import CudaGraphs
from livedraft.runtime.compute.text_kv import TextKV, readers
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.quantising import quantise

# diffusers' schedulers ask torch for arrays in a way that NumPy gives up.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

CLOSE = 1e-6  # of 0..1, before they become bytes


@pytest.fixture
def sana() -> DiffusionModel:
    return kind_of("sana-sprint").tiny()


def test_a_recorded_call_takes_the_newest(
    sana: DiffusionModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are an input of what is recorded: another prompt is no reason to record anew."""
    recorded: list[int] = []

    def record(graphs: CudaGraphs, work: Callable[[], None], device: Any) -> Callable[[], None]:
        recorded.append(1)
        return work

    monkeypatch.setattr(CudaGraphs, "record", record)
    fox, birds = (made(sana, prepared(sana, PICTURE, 2, **each)) for each in (FOX, BIRDS))
    sana._family.run("graph", "sana-sprint")
    execution: Any = sana._family.denoiser.network
    told = iter(range(1000, 0, -1))
    execution._measure = lambda run, device: float(next(told))
    for asked, true in ((FOX, fox), (BIRDS, birds), (FOX, fox)):
        assert difference(made(sana, prepared(sana, PICTURE, 2, **asked)), true) <= CLOSE
    assert [choice.way for choice in execution.choices] == ["fused"], "the last that was tried"
    assert sum(recorded) == 2, "of one bucket: as it is, and with our kernels"


def test_compiled_layers_share_their_code() -> None:
    """No layer's keys and values are a constant to the compiler, which would make it anew."""
    model, graphs = kind_of("sdxl").tiny(), list[int]()

    def backend(graph: Any, _: Any) -> Any:
        graphs.append(1)
        return graph

    from livedraft.runtime.compute.execution.regional import Compiled

    found: dict[bool, int] = {}
    for each in (model, without("sdxl")):
        true = made(each, prepared(each, PICTURE, 2, **FOX))
        torch._dynamo.reset()
        graphs.clear()
        family = each._family
        compiled = Compiled(family.denoiser.network, backend)
        assert compiled._blocks, "as diffusers declares them"
        object.__setattr__(family.denoiser, "network", compiled)
        assert difference(made(each, prepared(each, PICTURE, 2, **FOX)), true) <= CLOSE
        made(each, prepared(each, PICTURE, 2, **BIRDS))
        found[family.keeps_text_kv] = len(graphs)
    torch._dynamo.reset()
    assert found[True] == found[False]


def test_layers_in_eight_bits_read_once_too() -> None:
    model, plain = kind_of("sdxl").tiny(), without("sdxl")
    for each in (model, plain):
        assert quantise(each._family, "sdxl", "int8", 1, lambda run, device: 1.0)
    assert any(isinstance(layer.to_k, RowLinear) for layer in readers_of(model))
    more = guided("sdxl")
    found = [made(each, prepared(each, PICTURE, 2, **FOX, **more)) for each in (model, plain)]
    assert torch.equal(*found)


def test_a_network_that_reads_in_other_ways_is_left_alone() -> None:
    from tests.runtime.compute.adapters.nets import make_unet

    assert readers(make_unet())
    for ways in (
        {"cross_attention_norm": "layer_norm"},
        {"encoder_hid_dim": 16, "encoder_hid_dim_type": "text_proj"},
        {"addition_embed_type": "text", "addition_embed_type_num_heads": 2},
    ):
        blocks = {"down_block_types": ("SimpleCrossAttnDownBlock2D",) * 2}
        own = blocks if "cross_attention_norm" in ways else {}
        assert not readers(make_unet(**ways, **own)), ways


def test_a_call_that_fails_leaves_nothing_of_it(sana: DiffusionModel) -> None:
    family = sana._family
    kv: Any = family.denoiser.network
    assert isinstance(kv, TextKV)
    text = family.read("a fox")
    (call,) = prepared(sana, None, 1, **FOX).way.calls
    latents = torch.zeros(1, family.latent_shape[0], 2, 2)
    given = {"hidden_states": latents, "timestep": torch.ones(1)}
    plain = {**given, **call, **text.rows}
    with torch.inference_mode():
        (true,) = kv(**plain)
        hook = network(sana).proj_out.register_forward_hook(lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            kv(**given, **call)
        hook.remove()
        assert all(layer.processor.kept is None for layer in readers_of(sana))
        assert torch.equal(kv(**plain)[0], true)


def test_what_is_taught_reads_its_prompts_anew(sana: DiffusionModel) -> None:
    """A LoRA in training changes how prompts are read, at every step, by gradients."""
    family = sana._family
    layer = readers_of(sana)[0].to_k
    layer.weight.requires_grad_(True)
    rows = family.read("a fox").rows
    given = {
        name: each.clone() if isinstance(each, Tensor) else each for name, each in rows.items()
    }
    latents = torch.zeros(1, family.latent_shape[0], 2, 2)
    (said,) = family.denoiser.network(
        hidden_states=latents,
        timestep=torch.ones(1),
        guidance=torch.ones(1),
        return_dict=False,
        **given,
    )
    said.square().sum().backward()
    assert float(layer.weight.grad.abs().max()) > 0
