"""Rows of columns: axes are joined where that is the same, and nowhere else."""

from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from livedraft.kernels.launch.rows import Rows, fold

SIZES = st.lists(st.integers(1, 4), min_size=2, max_size=5)


@st.composite
def likes(draw: st.DrawFn) -> tuple[tuple[int, ...], list[torch.Tensor]]:
    """Return a shape and tensors that broadcast to it: cut, permuted, with axes of size 1."""
    shape = tuple(draw(SIZES))
    made = []
    for _ in range(draw(st.integers(1, 3))):
        order = draw(st.permutations(range(len(shape))))
        stored = torch.arange(5 ** len(shape)).reshape(*[5] * len(shape)).permute(order)
        cut = tuple(slice(draw(st.sampled_from((1, size)))) for size in shape)
        made.append(stored[cut])
    return shape, made


@given(likes())
def test_views_lead_to_the_same_elements(case: tuple[tuple[int, ...], list[torch.Tensor]]) -> None:
    shape, tensors = case
    rows = fold(shape, [(tensor, tensor) for tensor in tensors])
    if rows is None:
        assert len(shape) > 4
        return
    for tensor, view in zip(tensors, rows.views, strict=True):
        steps = (view.outer, view.middle, view.inner, view.column)
        axes = (range(n) for n in (rows.outer, rows.middle, rows.inner, rows.columns))
        places = [
            sum(n * (step or 0) for n, step in zip(at, steps, strict=True)) for at in product(*axes)
        ]
        flat = tensor.as_strided((5 ** len(shape),), (1,), 0)
        assert torch.equal(flat[torch.tensor(places)], tensor.expand(shape).reshape(-1))


def found(shape: tuple[int, ...], *tensors: torch.Tensor) -> Rows:
    rows = fold(shape, [(tensor, tensor) for tensor in tensors])
    assert rows is not None
    return rows


def test_dense_axes_become_one() -> None:
    rows = found((3, 5, 7, 32), torch.empty(3, 5, 7, 32))
    assert (rows.outer, rows.middle, rows.inner, rows.count) == (1, 1, 105, 105)


def test_a_vector_of_each_sample_keeps_samples_apart() -> None:
    rows = found((3, 5, 7, 32), torch.empty(3, 5, 7, 32), torch.empty(3, 1, 1, 32))
    assert (rows.outer, rows.middle, rows.inner) == (1, 3, 35)


@pytest.mark.parametrize(
    ("tensor", "wide"),
    [
        (torch.empty(4, 64), True),
        (torch.empty(4, 64)[:, ::2], False),
        (torch.empty(4, 60), False),
        (torch.empty(4, 72)[:, :64], False),  # rows begin anywhere
    ],
)
def test_wide_is_what_can_be_loaded_by_128_bits(tensor: torch.Tensor, wide: bool) -> None:
    assert found(tuple(tensor.shape), tensor).wide is wide
