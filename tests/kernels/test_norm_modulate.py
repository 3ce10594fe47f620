"""norm_modulate and gated_norm_modulate against torch's own norms."""

import re
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from livedraft.kernels import gated_norm_modulate, norm_modulate


def normal(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_it_is_adaptive_layer_norm() -> None:
    x, scale, shift = normal(2, 5, 24), normal(2, 24, seed=2), normal(2, 24, seed=3)
    expected = F.layer_norm(x, (24,), eps=1e-6) * (1 + scale[:, None]) + shift[:, None]
    torch.testing.assert_close(norm_modulate(x, scale, shift), expected)


def test_it_is_rms_norm() -> None:
    x, weight = normal(2, 5, 24), normal(24, seed=2)
    made = norm_modulate(x, weight=weight, kind="rms", eps=1e-5)
    torch.testing.assert_close(made, F.rms_norm(x, (24,), weight, eps=1e-5))


@pytest.mark.parametrize("shape", [(2, 5, 24), (2, 1, 24), (1, 5, 24), (1, 1, 24)])
@pytest.mark.usefixtures("triton")
def test_factors_broadcast(shape: tuple[int, ...]) -> None:
    x, scale = normal(2, 5, 24), normal(*shape, seed=2)
    torch.testing.assert_close(
        norm_modulate(x, scale), F.layer_norm(x, (24,), eps=1e-6) * (1 + scale)
    )


def test_the_sum_is_given_with_its_norm() -> None:
    x, branch, gate = normal(2, 5, 24), normal(2, 5, 24, seed=2), normal(2, 24, seed=3)
    total, normed = gated_norm_modulate(x, branch, gate, scale=gate, kind="rms")
    torch.testing.assert_close(total, x + gate[:, None] * branch)
    torch.testing.assert_close(normed, norm_modulate(total, gate, kind="rms"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x": torch.ones(5, 24)}, "(batch, tokens, channels) is wanted"),
        ({"scale": torch.ones(3, 24)}, "scale of shape (3, 24) does not fit (2, 5, 24)"),
        ({"weight": torch.ones(23)}, "weight has shape (23,): 24 channels are wanted"),
        ({"kind": "group"}, "kind is 'group': it may be layer or rms"),
        ({"branch": torch.ones(2, 5, 25)}, "branch has shape (2, 5, 25)"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"x": torch.ones(2, 5, 24), "branch": torch.ones(2, 5, 24)}
    with pytest.raises(ValueError, match=re.escape(said)):
        gated_norm_modulate(**given | change)
