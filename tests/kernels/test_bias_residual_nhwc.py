"""bias_residual_nhwc: what it adds, and that it stays channels last."""

import pytest
import torch
import torch.nn.functional as F

from livedraft.kernels import bias_residual_nhwc

pytestmark = pytest.mark.usefixtures("triton")


def normal(*shape: int) -> torch.Tensor:
    made = torch.randn(shape, generator=torch.Generator().manual_seed(4))
    return made.contiguous(memory_format=torch.channels_last) if made.ndim == 4 else made


def test_it_ends_a_residual_block() -> None:
    """As diffusers' ``ResnetBlock2D`` does after its second convolution."""
    x, weight, bias, residual = (
        normal(*s) for s in ((2, 8, 5, 6), (12, 8, 3, 3), (12,), (2, 12, 5, 6))
    )
    made = bias_residual_nhwc(F.conv2d(x, weight, padding=1), bias, residual, 2**-0.5)
    expected = (F.conv2d(x, weight, bias, padding=1) + residual) / 2**0.5
    torch.testing.assert_close(made, expected)
    assert made.is_contiguous(memory_format=torch.channels_last)


def test_a_time_embedding_is_a_bias_of_each_sample() -> None:
    x, bias, embedding = normal(3, 4, 2, 2), normal(4), normal(3, 4)
    made = bias_residual_nhwc(x, bias + embedding)
    torch.testing.assert_close(made, x + bias[:, None, None] + embedding[..., None, None])


@pytest.mark.parametrize(
    ("x", "bias", "residual"),
    [
        ((2, 3, 4), (3,), None),
        ((2, 3, 4, 4), (4,), None),
        ((2, 3, 4, 4), (1, 3), None),
        ((2, 3, 4, 4), (3,), (2, 3, 4, 5)),
    ],
)
def test_what_does_not_fit_is_refused(
    x: tuple[int, ...], bias: tuple[int, ...], residual: tuple[int, ...] | None
) -> None:
    other = None if residual is None else torch.zeros(residual)
    with pytest.raises(ValueError, match="wanted"):
        bias_residual_nhwc(torch.zeros(x), torch.zeros(bias), other)
