"""quantize_rowwise: to the very values that torch rounds to, as the 8-bit products take them."""

import re
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from livedraft.kernels import quantize_rowwise
from livedraft.kernels.ops.quantize_rowwise import LIMITS, OP
from livedraft.kernels.replay import Launch

pytestmark = pytest.mark.usefixtures("triton")
TYPES = sorted(LIMITS, key=str)


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(3))


def by_row_in_fp8() -> bool:
    """Say whether torch multiplies fp8 with a scale for each row here: 2.11 does on GPUs alone."""
    a, scale = torch.ones(16, 16).to(torch.float8_e4m3fn), torch.ones(16, 1)
    try:
        torch.ops.aten._scaled_mm(a, a.T, scale_a=scale, scale_b=scale.T, out_dtype=torch.bfloat16)
    except RuntimeError:
        return False
    return True


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_every_value_is_the_one_that_torch_rounds_to(dtype: torch.dtype) -> None:
    """Over many magnitudes, the smallest of fp8 among them, and halves, which go to even."""
    limit = LIMITS[dtype]
    x = torch.cat([normal(6, 300) * torch.logspace(-5, 0, 300), torch.arange(-150, 150)[None] / 2])
    x[:, 0] = limit  # the scale is 1
    made, scales = quantize_rowwise(x, dtype)
    assert torch.equal(scales, torch.ones(7, 1))
    rounded = x.round().to(dtype) if dtype == torch.int8 else x.to(dtype)
    assert torch.equal(made.float(), rounded.float())


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_a_row_of_zeros_stays_one(dtype: torch.dtype) -> None:
    x = normal(2, 3, 20)
    x[1, 1] = 0
    made, scales = quantize_rowwise(x, dtype)
    assert torch.equal(made[1, 1].float(), torch.zeros(20))
    assert torch.isfinite(scales).all()


def test_the_product_in_int8_takes_it() -> None:
    x, w = normal(2, 16, 64), normal(64, 32)
    a, by_row = quantize_rowwise(x, torch.int8, "layer_norm")
    b, by_column = quantize_rowwise(w.T, torch.int8)
    made = (
        torch.ops.aten._int_mm(a.view(-1, 64), b.T.contiguous()) * by_row.view(-1, 1) * by_column.T
    )
    expected = F.layer_norm(x, (64,)).view(-1, 64) @ w
    assert torch.linalg.norm(made - expected) < 0.02 * torch.linalg.norm(expected)


@pytest.mark.skipif(
    not by_row_in_fp8(), reason="this torch multiplies fp8 on a CPU with one scale a tensor only"
)
def test_the_product_in_fp8_takes_it() -> None:
    x, w = normal(16, 128), normal(64, 32)
    a, by_row = quantize_rowwise(x, torch.float8_e4m3fn, "swiglu")
    b, by_column = quantize_rowwise(w.T, torch.float8_e4m3fn)
    made = torch.ops.aten._scaled_mm(
        a, b.T, scale_a=by_row, scale_b=by_column.T.contiguous(), out_dtype=torch.bfloat16
    )
    expected = (F.silu(x[:, :64]) * x[:, 64:]) @ w
    assert torch.linalg.norm(made - expected) < 0.06 * torch.linalg.norm(expected)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"dtype": torch.float8_e5m2}, "it may be float8_e4m3fn or int8"),
        ({"producer": "relu"}, "it may be none, rms_norm"),
        ({"x": torch.zeros(2, 3, 5), "producer": "geglu"}, "(batch, ..., columns) is wanted"),
        ({"weight": torch.zeros(3)}, "4 columns are wanted"),
        ({"scale": torch.zeros(1, 4)}, "scale has shape (1, 4): (2, 4) is wanted"),
        ({"shift": torch.zeros(4)}, "shift has shape (4,): (2, 4) is wanted"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"x": torch.zeros(2, 3, 4), "dtype": torch.int8}
    with pytest.raises(ValueError, match=re.escape(said)):
        quantize_rowwise(**given | change)


def test_rows_that_would_spill_are_left_to_torch() -> None:
    assert planned(torch.zeros(2, 16384, device="meta"), torch.int8)
    assert planned(torch.zeros(2, 16385, device="meta"), torch.int8) is None


def test_fp8_is_compiled_for_gpus_that_have_it() -> None:
    x = torch.zeros(2, 64, device="meta")
    least = {dtype: [launch.least for launch in planned(x, dtype) or ()] for dtype in TYPES}
    assert least == {torch.float8_e4m3fn: [89], torch.int8: [80]}


def planned(x: torch.Tensor, dtype: torch.dtype) -> list[Launch] | None:
    launches: list[Launch] | None = OP.plan()(OP.empty(x, dtype), x, dtype)
    return launches
