"""Blocks that our kernels serve compute what diffusers' own do, and are these again afterwards."""

from collections import Counter
from typing import Any

import diffusers
import pytest
import torch
from torch import Tensor, nn

from livedraft.runtime.compute.execution import Execution
from livedraft.runtime.compute.fused import Fused
from livedraft.runtime.compute.fused.fused import FUSIONS

pytestmark = pytest.mark.filterwarnings("ignore")  # diffusers' own, of what it renames
_DIFFUSERS: Any = diffusers

UNET = {
    "attention_head_dim": 8,
    "block_out_channels": (32, 64),
    "cross_attention_dim": 32,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "layers_per_block": 1,
    "norm_num_groups": 8,
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
}
VAE = {
    "block_out_channels": (16, 16),
    "down_block_types": ("DownEncoderBlock2D",) * 2,
    "norm_num_groups": 8,
    "up_block_types": ("UpDecoderBlock2D",) * 2,
}
FLUX2 = {
    "attention_head_dim": 16,
    "axes_dims_rope": (4, 4, 4, 4),
    "guidance_embeds": False,
    "in_channels": 16,
    "joint_attention_dim": 48,
    "num_attention_heads": 2,
    "num_layers": 1,
    "num_single_layers": 2,
    "timestep_guidance_channels": 32,
}
FLUX = {
    "attention_head_dim": 16,
    "axes_dims_rope": (4, 6, 6),
    "in_channels": 16,
    "joint_attention_dim": 48,
    "num_attention_heads": 2,
    "num_layers": 1,
    "num_single_layers": 1,
    "pooled_projection_dim": 24,
}
WAN = {
    "attention_head_dim": 12,
    "ffn_dim": 32,
    "freq_dim": 32,
    "num_attention_heads": 2,
    "num_layers": 2,
    "text_dim": 48,
}


def normal(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


def made(name: str, config: dict[str, Any]) -> Any:
    torch.manual_seed(0)
    network = getattr(_DIFFUSERS, name)(**config).eval().requires_grad_(False)
    for module in network.modules():  # norms that do nothing would hide faults
        if isinstance(module, nn.GroupNorm | nn.RMSNorm) and module.weight is not None:
            nn.init.normal_(module.weight, 1.0, 0.2)
    return network


def image(network: Any) -> Any:
    return network.to(memory_format=torch.channels_last)


def unet_call(rows: int = 2) -> dict[str, Any]:
    text = normal(rows, 7, 32)
    return {"sample": normal(rows, 4, 8, 8), "timestep": torch.tensor([999.0, 3.0])[:rows],
            "encoder_hidden_states": text, "return_dict": False}  # fmt: skip


def flux2_call() -> dict[str, Any]:
    ids = torch.cartesian_prod(*(torch.arange(n) for n in (1, 3, 3, 1)))
    return {"hidden_states": normal(2, 9, 16), "timestep": torch.tensor([0.9, 0.4]),
            "encoder_hidden_states": normal(2, 5, 48), "img_ids": ids, "guidance": None,
            "txt_ids": torch.zeros(5, 4, dtype=torch.long), "return_dict": False}  # fmt: skip


def flux_call() -> dict[str, Any]:
    ids = torch.cartesian_prod(*(torch.arange(n) for n in (1, 3, 3)))
    return {"hidden_states": normal(2, 9, 16), "timestep": torch.tensor([0.9, 0.4]),
            "encoder_hidden_states": normal(2, 5, 48), "pooled_projections": normal(2, 24),
            "img_ids": ids, "txt_ids": torch.zeros(5, 3), "return_dict": False}  # fmt: skip


def wan_call() -> dict[str, Any]:
    return {"hidden_states": normal(2, 16, 2, 4, 4), "timestep": torch.tensor([900.0, 30.0]),
            "encoder_hidden_states": normal(2, 5, 48), "return_dict": False}  # fmt: skip


def case(name: str) -> tuple[Any, dict[str, Any], set[str]]:
    """Return a network, a call of it, and the classes of the blocks that are swapped."""
    residual = {"ResnetBlock2D", "GroupNorm", "Upsample2D"}
    tokens = {"GEGLU", "Transformer2DModel"}
    unet = {**UNET, "use_linear_projection": name == "unet, linear"}
    match name:
        case "unet" | "unet, linear":
            return image(made("UNet2DConditionModel", unet)), unet_call(), residual | tokens
        case "unet, channels first":
            return made("UNet2DConditionModel", unet), unet_call(1), residual | tokens
        case "vae":
            call = {"sample": normal(1, 3, 16, 16), "return_dict": False}
            return image(made("AutoencoderKL", VAE)), call, residual
        case "flux2":
            double = {"Flux2TransformerBlock", "Flux2SingleTransformerBlock"}
            inner = {"Flux2ParallelSelfAttention", "Flux2SwiGLU"}
            return made("Flux2Transformer2DModel", FLUX2), flux2_call(), double | inner
        case "flux":
            return made("FluxTransformer2DModel", FLUX), flux_call(), {"GELU"}
        case _:
            return (
                made("WanTransformer3DModel", WAN),
                wan_call(),
                {"WanTransformerBlock", "WanAttention", "GELU"},
            )


@pytest.mark.parametrize(
    "name", ["unet", "unet, linear", "unet, channels first", "vae", "flux2", "flux", "wan"]
)
def test_swapped_blocks_compute_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network, call, expected = case(name)
    used: Counter[str] = Counter()
    for kind, fusion in FUSIONS.items():

        def spied(block: Any, fusion: Any = fusion, kind: str = kind) -> Any:
            methods = fusion(block)

            def watched(method: Any) -> Any:
                def run(*args: Any, **kwargs: Any) -> Any:
                    used[kind] += 1
                    return method(*args, **kwargs)

                return run

            return {name: watched(method) for name, method in methods.items()}

        monkeypatch.setitem(FUSIONS, kind, spied)
    with torch.no_grad():
        true = network(**call)[0]
        ours = Fused(network, [network])(**call)[0]
        assert set(used) == expected
        torch.testing.assert_close(ours, true, rtol=1e-4, atol=2e-5)
        seen = used.total()
        torch.testing.assert_close(network(**call)[0], true, rtol=0, atol=0)
        assert used.total() == seen, "afterwards it is diffusers' own again"


def test_blocks_are_their_own_again_where_a_call_fails() -> None:
    network, call, _ = case("unet")
    with pytest.raises(RuntimeError), torch.no_grad():
        Fused(network, [network])(**{**call, "encoder_hidden_states": normal(2, 7, 5)})
    assert not any("forward" in vars(module) for module in network.modules())


def test_a_convolution_that_is_wrapped_keeps_its_wrapper() -> None:
    class Doubled(nn.Module):
        def __init__(self, conv: nn.Conv2d) -> None:
            super().__init__()
            self.conv = conv

        def forward(self, x: Tensor) -> Tensor:
            made: Tensor = 2 * self.conv(x)
            return made

    network, call, _ = case("unet")
    block = network.down_blocks[0].resnets[0]
    block.conv1, block.conv2 = Doubled(block.conv1), Doubled(block.conv2)
    with torch.no_grad():
        true, ours = network(**call)[0], Fused(network, [network])(**call)[0]
    torch.testing.assert_close(ours, true, rtol=1e-4, atol=2e-5)


def test_a_network_without_such_blocks_has_nothing_to_swap() -> None:
    assert not Fused(nn.Linear(2, 2), [nn.Linear(2, 2)])


class Rerun:
    """Stands for CUDA graphs: keeps the work, and does it again."""

    def record(self, work: Any, device: torch.device) -> Any:
        return work


@pytest.mark.parametrize(("fused_us", "way"), [(1.0, "fused"), (7.0, "graph")])
def test_our_kernels_are_used_where_they_measure_faster(fused_us: float, way: str) -> None:
    network, call, _ = case("wan")
    told = iter([9.0, 3.0, fused_us])
    run = Execution(network, "graph", recorder=Rerun(), measure=lambda timed, device: next(told))
    with torch.no_grad():
        choice = run.warm(**call)
        assert choice.way == way
        assert choice.us == {"eager": 9.0, "graph": 3.0, "fused": fused_us}
        torch.testing.assert_close(run(**call)[0], network(**call)[0], rtol=1e-4, atol=2e-5)


def test_what_a_function_runs_is_told_to_it() -> None:
    network, call, _ = case("vae")
    told = iter([9.0, 3.0, 1.0])
    run = Execution(
        lambda **given: network(**given)[0],
        "graph",
        within=[network],
        recorder=Rerun(),
        measure=lambda timed, device: next(told),
    )
    with torch.no_grad():
        assert run.warm(**call).way == "fused"
