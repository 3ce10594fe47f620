"""attention: what is picked for whom, and that it is attention."""

import pytest
import torch
from torch.nn.attention import sdpa_kernel

import livedraft.kernels.ops.attention as dispatch
from livedraft.kernels import attention, attention_backend
from livedraft.kernels.ops.attention import Facts, pick

HALF, FLOAT = torch.bfloat16, torch.float32


@pytest.mark.parametrize(
    ("facts", "picked", "why"),
    [
        (Facts(None, HALF, 64), "cpu", "on a CPU"),
        (Facts((8, 0), HALF, 64), "flash", "this generation"),
        (Facts((8, 9), HALF, 64, mask=True), "cudnn", "flash takes no mask"),
        (Facts((9, 0), HALF, 128), "cudnn", "Hopper"),
        (Facts((9, 0), HALF, 128, flash="FA3"), "flash", "FA3 was activated"),
        (Facts((9, 0), HALF, 128, mask=True, flash="FA3"), "cudnn", "flash takes no mask"),
        (Facts((9, 0), HALF, 160), "flash", "cudnn takes heads of 128 at most"),
        (Facts((9, 0), HALF, 512), "efficient", "flash takes heads of 256 at most"),
        (Facts((9, 0), HALF, 36), "efficient", "cudnn takes heads of multiples of 8"),
        (Facts((10, 0), FLOAT, 64), "efficient", "cudnn does not take float32"),
        (Facts((10, 0), torch.float64, 64), "math", "efficient does not take float64"),
        (Facts((7, 5), torch.float16, 64), "efficient", "flash needs sm_80"),
    ],
)
def test_the_pick_follows_from_the_facts(facts: Facts, picked: str, why: str) -> None:
    found = pick(facts)
    assert found.backend == picked
    assert why in found.why
    assert picked == "cpu" or (found.backend, *found.then)[-1] == "math"


def test_it_says_what_it_picked_here() -> None:
    assert attention_backend(torch.zeros(1, 2, 8, 16)).backend == "cpu"


@pytest.mark.parametrize("way", ["plain", "masked", "causal", "scaled"])
def test_it_is_attention(way: str) -> None:
    generator = torch.Generator().manual_seed(1)
    q, k, v = (torch.randn(2, 3, 9, 16, generator=generator).double() for _ in range(3))
    mask = torch.rand(2, 1, 9, 9, generator=generator) < 0.8 if way == "masked" else None
    scale = 0.5 if way == "scaled" else 16**-0.5
    scores = q @ k.mT * scale
    if mask is not None:
        scores = scores.where(mask, -torch.inf)
    if way == "causal":
        scores = scores.where(torch.ones(9, 9).tril().bool(), -torch.inf)
    given = scale if way == "scaled" else None
    made = attention(q, k, v, mask, causal=way == "causal", scale=given)
    torch.testing.assert_close(made, scores.softmax(-1) @ v)


def test_compiling_passes_through() -> None:
    q = torch.randn(1, 2, 8, 16)
    compiled = torch.compile(attention, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(q, q, q, causal=True), attention(q, q, q, causal=True))


def test_a_pick_is_compiled_where_it_is_told_to_torch() -> None:
    """What runs on a GPU, with its facts stated."""

    def function(q: torch.Tensor) -> torch.Tensor:
        picked = pick(Facts((9, 0), q.dtype, q.shape[-1]))
        kinds = [dispatch._KIND[name] for name in (picked.backend, *picked.then)]
        with sdpa_kernel(kinds, set_priority=True):
            return torch.nn.functional.scaled_dot_product_attention(q, q, q)

    q = torch.randn(1, 2, 8, 16)
    compiled = torch.compile(function, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(q), attention(q, q, q))


def test_torch_is_asked_what_it_would_do_by_itself() -> None:
    q = torch.randn(1, 2, 8, 16)
    assert dispatch._own(q, q, q, None, False, None) in dispatch._KIND.values()
