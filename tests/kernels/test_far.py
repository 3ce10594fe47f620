"""Offsets of more than 32 bits: tensors that reach past 2**31 elements are read where they are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from livedraft.kernels import gated_residual, norm_modulate, quantize_rowwise, swiglu
from livedraft.kernels.ops import group_norm_silu, op
from livedraft.kernels.templates.views import View, far
from livedraft.kernels.verify import error

pytestmark = pytest.mark.usefixtures("triton")
STEP = 2**30  # elements from one sample to the next: in 32 bits each, two are not


def apart(path: Path, *shape: int) -> Tensor:
    """Return a tensor whose samples are too far apart for 32 bits; the file has a hole there."""
    count = (shape[0] - 1) * STEP + torch.Size(shape[1:]).numel()
    room = torch.from_file(str(path / "far"), shared=True, size=count, dtype=torch.bfloat16)
    inner = torch.empty(shape[1:]).stride()
    made = room.as_strided(shape, (STEP, *inner))
    made.copy_(torch.randn(shape, generator=torch.Generator().manual_seed(2)))
    return made


CALLS: dict[str, Any] = {
    "gated_residual": lambda x: gated_residual(x, x, x[:, 0].clone()),
    "swiglu": lambda x: swiglu(x),
    "norm_modulate": lambda x: norm_modulate(x, x[:, 0].clone()),
    "quantize_rowwise": lambda x: quantize_rowwise(x, torch.int8, "swiglu")[0].float(),
    "group_norm_silu": lambda x: group_norm_silu.group_norm_silu(x.transpose(1, 2), 4),
}


@pytest.mark.parametrize("name", CALLS)
def test_samples_may_be_far_apart(tmp_path: Path, name: str) -> None:
    x = apart(tmp_path, 3, 3, 64)
    made = CALLS[name](x)
    near = CALLS[name](x.clone())
    assert op(name).backend(x) == "triton"
    assert error(made, near) == 0


@pytest.mark.parametrize(
    ("shape", "strides", "wide"),
    [
        ((1, 1, 1, 64), (0, 0, 0, 1), False),
        ((2, 1, 1, 64), (2**31 - 64, 0, 0, 1), False),
        ((2, 1, 1, 65), (2**31 - 64, 0, 0, 1), True),
        ((1, 1, 2**16, 2**15), (0, 0, 2**15, 1), False),
        ((1, 2, 2**16, 2**15), (0, 0, 2**15, 1), False),  # the same rows twice
        ((1, 1, 1, 3), (0, 0, 0, 2**30), True),
    ],
)
def test_far_is_where_the_last_element_is(
    shape: Sequence[int], strides: tuple[Any, ...], wide: bool
) -> None:
    views = (View(None, *strides), 3, None)
    assert far(shape, views) is wide
