"""geglu, swiglu and gelu_tanh: the halves' order, any shape, and what is refused."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
import torch.nn.functional as F

from livedraft.kernels import geglu, gelu_tanh, swiglu

pytestmark = pytest.mark.usefixtures("triton")


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(2))


def test_the_gate_of_geglu_comes_second() -> None:
    made = geglu(torch.tensor([[2.0, 3.0, 0.0, 100.0]]))
    torch.testing.assert_close(made, torch.tensor([[0.0, 300.0]]))


def test_the_gate_of_swiglu_comes_first() -> None:
    made = swiglu(torch.tensor([[0.0, 100.0, 2.0, 3.0]]))
    torch.testing.assert_close(made, torch.tensor([[0.0, 300.0]]))


@pytest.mark.filterwarnings("ignore:overflow encountered in exp")  # infinite, hence sigmoid is 0
def test_large_numbers_do_not_overflow() -> None:
    x = torch.tensor([[-60000.0, -100.0, -20.0, 20.0, 100.0, 60000.0]], dtype=torch.float16)
    torch.testing.assert_close(gelu_tanh(x), F.gelu(x, approximate="tanh"))
    torch.testing.assert_close(swiglu(x, torch.ones_like(x)), F.silu(x))


@pytest.mark.parametrize("shape", [(6,), (2, 3, 2, 3, 2, 6), (0, 6), (3, 0, 6)])
def test_any_number_of_axes(shape: tuple[int, ...]) -> None:
    x = normal(*shape)
    torch.testing.assert_close(gelu_tanh(x), F.gelu(x, approximate="tanh"))
    torch.testing.assert_close(swiglu(x), F.silu(x[..., :3]) * x[..., 3:])


def test_axes_that_cannot_be_joined_are_left_to_torch() -> None:
    x = normal(2, 3, 2, 3, 6).permute(3, 1, 2, 0, 4)
    torch.testing.assert_close(geglu(x), x[..., :3] * F.gelu(x[..., 3:]))


def test_columns_need_not_lie_side_by_side() -> None:
    x = normal(2, 12, 5).transpose(1, 2)
    torch.testing.assert_close(geglu(x), x[..., :6] * F.gelu(x[..., 6:]))


@pytest.mark.parametrize(
    "call",
    [
        partial(geglu, torch.zeros(2, 5)),
        partial(swiglu, torch.zeros(5)),
        partial(swiglu, torch.zeros(2, 4), torch.zeros(1, 4)),
        partial(swiglu, torch.zeros(2, 4), torch.zeros(2, 4, dtype=torch.float16)),
        partial(gelu_tanh, torch.tensor(1.0)),
    ],
)
def test_what_does_not_fit_is_refused(call: Callable[[], torch.Tensor]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        call()
