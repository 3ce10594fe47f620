"""upsample_nearest2x_nhwc is interpolation, bit for bit."""

import pytest
import torch
import torch.nn.functional as F

from livedraft.kernels import upsample_nearest2x_nhwc


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_it_is_interpolation(backend: str, dtype: torch.dtype) -> None:
    x = torch.randn(2, 20, 3, 5, generator=torch.Generator().manual_seed(1)).to(dtype)
    made = upsample_nearest2x_nhwc(x)
    assert torch.equal(made, F.interpolate(x, scale_factor=2.0, mode="nearest"))
    assert made.is_contiguous(memory_format=torch.channels_last)


def test_four_axes_are_wanted() -> None:
    with pytest.raises(ValueError, match="height, width"):
        upsample_nearest2x_nhwc(torch.zeros(3, 4, 5))
