"""qk_norm_rope against attention as models write it, and its views."""

from typing import Any

import pytest
import torch

from livedraft.kernels import qk_norm_rope
from livedraft.kernels.launch.qk_norm_rope import plan
from livedraft.kernels.ops.qk_norm_rope import OP
from livedraft.kernels.templates.rowwise_norm import LONGEST


def packed(batch: int = 2, tokens: int = 5, heads: int = 8, size: int = 16) -> torch.Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(batch, tokens, heads * size, generator=generator)


def angles(tokens: int = 5, size: int = 16) -> tuple[torch.Tensor, torch.Tensor]:
    turned = torch.rand(tokens, size // 2, generator=torch.Generator().manual_seed(4)) * 6
    return turned.cos(), turned.sin()


def test_pairs_are_turned_as_complex_numbers() -> None:
    cos, sin = angles()
    q, k, _ = qk_norm_rope(packed(heads=6), torch.ones(16), torch.ones(16), cos, sin, heads=2)
    parts = packed(heads=6).view(2, 5, 3, 2, 16).transpose(1, 3)  # batch, heads, 3, tokens
    for made, part in ((q, parts[:, :, 0]), (k, parts[:, :, 1])):
        normed = torch.nn.functional.rms_norm(part, (16,), eps=1e-6)
        turned = torch.view_as_complex(normed.reshape(2, 2, 5, 8, 2)) * torch.complex(cos, sin)
        torch.testing.assert_close(made, torch.view_as_real(turned).flatten(-2))


def test_halves_are_turned_as_language_models_do() -> None:
    cos, sin = angles()
    weight = torch.linspace(0.5, 2, 16)
    q, _, _ = qk_norm_rope(packed(heads=3), weight, weight, cos, sin, heads=1, interleaved=False)
    normed = torch.nn.functional.rms_norm(packed(heads=3)[..., :16], (16,), weight, eps=1e-6)
    a, b = normed.chunk(2, -1)
    whole_cos, whole_sin = (torch.cat((t, t), -1) for t in (cos, sin))
    torch.testing.assert_close(q[:, 0], normed * whole_cos + torch.cat((-b, a), -1) * whole_sin)


def test_grouped_heads_and_values_are_views_that_attention_takes() -> None:
    qkv = packed(heads=8)
    weight = torch.ones(16)
    q, k, v = qk_norm_rope(qkv, weight, weight, heads=4, kv_heads=2)
    assert (q.shape, k.shape, v.shape) == ((2, 4, 5, 16), (2, 2, 5, 16), (2, 2, 5, 16))
    assert v.untyped_storage().data_ptr() == qkv.untyped_storage().data_ptr()
    torch.testing.assert_close(v, qkv[..., 96:].view(2, 5, 2, 16).transpose(1, 2))
    attended = torch.nn.functional.scaled_dot_product_attention(q, k, v, enable_gqa=True)
    assert attended.shape == (2, 4, 5, 16)


def across(qkv: torch.Tensor, weight: torch.Tensor, heads: int) -> tuple[torch.Tensor, ...]:
    """Return queries and keys as Wan makes them: normed, then cut into heads, then rotated."""
    cos, sin = angles()
    parts = qkv.chunk(3, -1)[:2]
    made = []
    for part in parts:
        normed = torch.nn.functional.rms_norm(part, weight.shape, weight, eps=1e-6)
        pairs = torch.view_as_complex(normed.view(2, 5, heads, 8, 2))
        turned = pairs * torch.complex(cos, sin)[:, None]
        made.append(torch.view_as_real(turned).flatten(-2).transpose(1, 2))
    return tuple(made)


def test_one_norm_across_all_heads(backend: str) -> None:
    cos, sin = angles()
    # Heads of unlike lengths: a norm by head would make them alike.
    qkv = packed(heads=9) * torch.logspace(-2, 2, 9).repeat_interleave(16)
    weight = torch.linspace(0.5, 2, 48)
    q, k, v = qk_norm_rope(qkv, weight, weight, cos, sin, heads=3)
    assert q.shape == k.shape == v.shape == (2, 3, 5, 16)
    for made, wanted in zip((q, k), across(qkv, weight, 3), strict=True):
        torch.testing.assert_close(made, wanted)
    by_head, _, _ = qk_norm_rope(qkv, weight[:16], weight[:16], cos, sin, heads=3)
    assert q[:, 0].norm() < by_head[:, 0].norm() / 4


def test_queries_and_keys_have_weights_of_their_own(backend: str) -> None:
    qkv = packed(heads=9)
    q_weight, k_weight = torch.linspace(0.5, 2, 48), torch.linspace(3, 5, 48)
    q, k, _ = qk_norm_rope(qkv, q_weight, k_weight, heads=3)
    for made, part, weight in ((q, qkv[..., :48], q_weight), (k, qkv[..., 48:96], k_weight)):
        normed = torch.nn.functional.rms_norm(part, (48,), weight, eps=1e-6)
        torch.testing.assert_close(made, normed.view(2, 5, 3, 16).transpose(1, 2))


def test_across_one_head_is_by_head() -> None:
    cos, sin = angles()
    weight = torch.linspace(0.5, 2, 16)
    q, k, _ = qk_norm_rope(packed(heads=3), weight, weight, cos, sin, heads=1)
    for made, wanted in zip((q, k), across(packed(heads=3), weight, 1), strict=True):
        torch.testing.assert_close(made, wanted)


def test_heads_that_a_program_cannot_hold_are_torch_s(triton: None) -> None:
    def plans(heads: int) -> bool:
        qkv, weight = torch.empty(1, 1, 3 * heads * 128), torch.empty(heads * 128)
        given = (qkv, weight, weight, None, None, heads, heads)
        return plan(OP.empty(*given), *given) is not None

    assert plans(40)  # Wan-14B
    assert not plans(LONGEST // 128 + 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"heads": 3}, "9 heads of one size"),
        ({"k_weight": torch.ones(8)}, r"k_weight \(8,\): both \(16,\).* or both \(32,\)"),
        ({"q_weight": torch.ones(32)}, r"q_weight has shape \(32,\), k_weight \(16,\)"),
        (
            {"q_weight": torch.ones(64), "k_weight": torch.ones(64), "heads": 4, "kv_heads": 1},
            "across all heads takes as many keys as queries: 1 are not 4",
        ),
        ({"sin": None}, "cos, sin and heads of an even size"),
        ({"cos": torch.ones(4, 8)}, "cos has shape"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], said: str) -> None:
    cos, sin = angles()
    given: dict[str, Any] = {
        "q_weight": torch.ones(16),
        "k_weight": torch.ones(16),
        "cos": cos,
        "sin": sin,
    }
    with pytest.raises(ValueError, match=said):
        qk_norm_rope(packed(heads=6), **{**given, "heads": 2, **change})
