"""Kernels run in Triton's interpreter here: no GPU is needed to tell whether they are right."""

import inspect
from collections.abc import Callable, Iterator

import pytest
import torch

from livedraft.kernels.capability import Gpu, nominal
from livedraft.kernels.ops import every, op
from livedraft.kernels.spec import Inputs, Workload
from livedraft.kernels.verify import error, tensors

SEED = 5


def wide(inputs: Inputs) -> Inputs:
    """Return copies of the inputs, numbers in float64."""
    return {
        key: (t.double() if t.is_floating_point() else t.clone())
        if isinstance(t, torch.Tensor)
        else t
        for key, t in inputs.items()
    }


@pytest.fixture
def triton(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make Triton compute every operation: it is not verified then, and may not give up.

    For a GPU of one processor: programs are few and large, which the interpreter is quicker with.
    """
    monkeypatch.setenv("LIVEDRAFT_KERNELS", "triton")
    before = nominal.set(Gpu("nominal", (9, 0), 1))
    for each in every():
        each.reset()
    yield
    nominal.reset(before)
    for each in every():
        each.reset()


@pytest.fixture
def judge(triton: None) -> Callable[[str, Workload, torch.dtype], None]:
    """Return a check of an operation, computed by Triton, against its reference in float64."""

    def check(name: str, workload: Workload, dtype: torch.dtype) -> None:
        made = op(name)
        spec = made.spec
        inputs = spec.inputs(workload.axes, dtype, torch.Generator().manual_seed(SEED))
        truths = wide(inputs)
        true = spec.reference(**truths)
        bound = inspect.signature(spec.reference).bind(**inputs)
        bound.apply_defaults()
        results = made(*bound.args)
        off = error(
            (*tensors(results), *(inputs[key] for key in spec.mutates)),
            (*tensors(true), *(truths[key] for key in spec.mutates)),
        )
        assert off <= spec.tolerance[dtype], f"{off:.2e} off"

    return check


@pytest.fixture(params=["torch", "triton"])
def backend(request: pytest.FixtureRequest) -> str:
    """Run a test twice: computed by the references, then by Triton."""
    if request.param == "triton":
        request.getfixturevalue("triton")
    return str(request.param)
