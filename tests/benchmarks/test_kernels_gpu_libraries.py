"""A library's kernels compute what ours do, so that their times can stand side by side."""

from typing import Any

import numpy as np
import pytest
import torch
import triton.language as tl
from benchmarks.kernels_gpu import libraries, operation
from benchmarks.kernels_gpu.cases import small
from benchmarks.kernels_gpu.libraries import LIBRARIES, Baseline, baseline
from liger_kernel.ops import group_norm, layer_norm, modulated_rms_norm, rms_norm
from triton.runtime import interpreter

from livedraft.kernels.bench import stopwatch
from livedraft.kernels.calls import Call
from livedraft.kernels.ops import op
from livedraft.kernels.verify import error, tensors

CPU = torch.device("cpu")
CASES = [
    case
    for name in sorted(LIBRARIES)
    for case in small(op(name))
    if case.dtype == torch.float32
]  # fmt: skip
# Its variance is the mean square less the squared mean: of no use so far from zero.
UNSTABLE = "group_norm_silu: far from zero, in pieces"


def called(case: Call) -> str:
    return f"{case.op.spec.name}: {case.workload.name}"


def left_out(case: Call) -> bool:
    """Say whether the library has it not: another layout, angles by sample of neighbours."""
    axes = case.workload.axes
    neighbours = axes.get("interleaved", True)
    return axes.get("layout") == "nhwc" or bool(axes.get("by_sample") and neighbours)


@pytest.fixture
def interpreted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give Triton's interpreter the two things that Liger's kernels want and it has not.

    Compiled, a float is a float32 scalar; interpreted, it is Python's, which has no casts. And
    libdevice's functions have no body there: Triton's own stand in.
    """
    convert = interpreter._implicit_cvt

    def with_floats(value: Any) -> Any:
        if not isinstance(value, float):
            return convert(value)
        number = interpreter.TensorHandle(np.array([value], np.float32), tl.float32)
        return tl.tensor(number, tl.float32)

    monkeypatch.setattr(interpreter, "_implicit_cvt", with_floats)
    for module in (group_norm, layer_norm, modulated_rms_norm, rms_norm):
        monkeypatch.setattr(module, "rsqrt", lambda x: tl.math.rsqrt(x))


@pytest.mark.parametrize("case", CASES, ids=called)
@pytest.mark.usefixtures("interpreted")
# Triton 3.6's interpreter, at a loop whose end is an argument.
@pytest.mark.filterwarnings("ignore:Conversion of an array with ndim > 0:DeprecationWarning")
def test_a_librarys_way_computes_what_the_reference_does(case: Call) -> None:
    inputs, spec = case.inputs(CPU), case.op.spec
    found = baseline(spec.name, inputs)
    assert (found is None) == left_out(case)
    if found is not None:
        allowed = 1e-2 if called(case) == UNSTABLE else 2e-5
        assert error(found.whole(found.call()), spec.reference(**inputs)) <= allowed


def test_an_operation_that_the_library_has_not_has_no_baseline() -> None:
    assert baseline("geglu", CASES[0].inputs(CPU)) is None


def test_without_the_library_there_is_no_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    assert libraries.installed()["version"]
    monkeypatch.setattr(libraries, "LIBRARY", "no-such-distribution")
    assert libraries.installed() == {"name": "no-such-distribution", "version": None}
    assert baseline(CASES[0].op.spec.name, CASES[0].inputs(CPU)) is None


def test_only_what_computes_the_same_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopwatch, "TIMED_CALLS", 2)
    case = next(case for case in CASES if case.op.spec.name == "swiglu")
    [right] = tensors(case.op.spec.reference(**case.inputs(CPU)))

    def timed(made: Any) -> dict[str, Any]:
        monkeypatch.setattr(operation, "baseline", lambda *_: Baseline(made))
        return operation.times(case, CPU, 1e10)

    assert timed(lambda: right.clone())["library_us"] > 0
    wrong = timed(lambda: 1.001 * right)
    assert "library_us" not in wrong
    assert wrong["library_failed"] == "error 1.0e-03, 4.0e-05 allowed"

    def breaks() -> Any:
        raise RuntimeError("no such kernel")

    assert timed(breaks)["library_failed"] == "RuntimeError: no such kernel"
