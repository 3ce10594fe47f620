"""qk_norm_rope against attention as models write it, and its views."""

from typing import Any

import pytest
import torch

from livedraft.kernels import qk_norm_rope


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


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"heads": 3}, "9 heads of 16"),
        ({"k_weight": torch.ones(8)}, "one value for each place"),
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
