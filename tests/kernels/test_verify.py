"""The measure of error sees what is wrong and lets rounding pass."""

import math

import pytest
import torch

from livedraft.kernels.spec import TOLERANCE
from livedraft.kernels.verify import error, finite


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_one_rounding_is_within_the_tolerance(dtype: torch.dtype) -> None:
    true = torch.randn(64, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    assert 0 < error(true.to(dtype), true) < TOLERANCE[dtype]


def test_one_wrong_element_among_many_is_seen() -> None:
    true = torch.randn(1 << 20, generator=torch.Generator().manual_seed(1))
    made = true.clone()
    made[12345] += 1
    assert error(made, true) > 0.1


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_finite_is_infinitely_wrong(value: float) -> None:
    good, bad = torch.ones(4), torch.tensor([1, 1, 1, value])
    assert error(bad, good) == math.inf
    assert error(good, bad) == math.inf
    assert error(bad, bad) == 0
    assert finite(good)
    assert not finite((good, bad))


def test_shapes_and_counts_must_agree() -> None:
    one = torch.ones(4)
    assert error(one, torch.ones(5)) == math.inf
    assert error((one, one), one) == math.inf
    assert error(one, torch.zeros(4)) == math.inf
    assert error(torch.zeros(4), torch.zeros(4)) == 0
    assert error(torch.ones(0), torch.ones(0)) == 0
    assert error(None, None) == 0
