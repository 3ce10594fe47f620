"""Every operation has a model: a right kernel passes in it, one that is a little off does not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from livedraft.kernels.bench.candidate import Candidate
from livedraft.kernels.bench.cases import Seeds
from livedraft.kernels.bench.channel import Frame
from livedraft.kernels.bench.compare import differ
from livedraft.kernels.bench.definition import ours
from livedraft.kernels.bench.end_to_end import AMPLIFIED, in_model
from livedraft.kernels.bench.models import MODELS
from livedraft.kernels.bench.runner import Runner
from livedraft.kernels.bench.verdict import EndToEnd, Failed, Outcome
from livedraft.kernels.ops import NAMES, op
from livedraft.kernels.verify import tensors

CPU = torch.device("cpu")
Operation = Callable[..., Any]


class Loaded:
    """A candidate in this process."""

    def __init__(self, function: Operation) -> None:
        self.runner = Runner(CPU, Path())
        self.runner.function = function

    def ask(self, asked: dict[str, Any], room: int) -> Frame:
        header, blobs = self.runner.answer(asked, [])
        if "outcome" in header:
            raise Failed(Outcome(header["outcome"]), header["why"])
        assert sum(map(len, blobs)) <= room
        return Frame(b"", header, blobs)


def reference(name: str) -> Operation:
    return op(name).spec.reference


def judged(name: str, kernel: Operation) -> EndToEnd:
    made, true = (cast(Candidate, Loaded(each)) for each in (kernel, reference(name)))
    return in_model(ours(name), made, true, Seeds(0, "a"), CPU, timed=False)


def changed(name: str, change: Callable[[Tensor], Tensor]) -> Operation:
    """Return the reference with its outputs, and what it writes in place, times a change of 1.

    Of frame_similarity it is the similarity that the decision is made by.
    """
    spec = op(name).spec

    def times(made: Tensor) -> Tensor:
        if made.dtype in (torch.bool, torch.int32, torch.int64):
            return made  # decisions, counts
        wide = made.double() * change(torch.ones(made.shape, dtype=torch.float64))
        if not made.is_floating_point():
            limits = torch.iinfo(made.dtype)
            wide = wide.round().clamp(limits.min, limits.max)
        return wide.to(made.dtype)

    def run(**inputs: Any) -> Any:
        if name == "frame_similarity":
            inputs["threshold"] /= change(torch.ones(())).item()
        made = spec.reference(**inputs)
        for key in spec.mutates:
            inputs[key].copy_(times(inputs[key]))
        return times(made) if isinstance(made, Tensor) else tuple(map(times, tensors(made)))

    return run


def erring(tolerance: float) -> Callable[[Tensor], Tensor]:
    generator = torch.Generator().manual_seed(5)
    return lambda one: (
        one + tolerance * (2 * torch.randint(0, 2, one.shape, generator=generator) - 1)
    )


def run(name: str, kernel: Operation, dtype: torch.dtype) -> Tensor:
    return MODELS[name](kernel, dtype, torch.Generator().manual_seed(3), False)()


def test_every_operation_has_a_model() -> None:
    assert set(MODELS) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_model_makes_the_same_of_the_same(name: str) -> None:
    found = judged(name, reference(name))
    assert (found.model, found.error) == (MODELS[name].__name__, 0.0)
    model = MODELS[name](
        reference(name),
        op(name).spec.dtypes[-1],
        torch.Generator().manual_seed(3),
        False,
    )
    made = model()
    assert made.isfinite().all()
    assert torch.equal(model(), made)


@pytest.mark.parametrize("name", NAMES)
def test_a_kernel_that_errs_as_it_may_passes(name: str) -> None:
    spec = op(name).spec
    dtypes = [dtype for dtype in spec.dtypes if dtype.is_floating_point] or spec.dtypes
    for dtype in dtypes:
        tolerance = spec.tolerance[dtype]
        made = run(name, changed(name, erring(tolerance)), dtype)
        true = run(name, spec.reference, dtype)
        assert differ(made, true, AMPLIFIED * tolerance).why == "", dtype


@pytest.mark.parametrize("name", NAMES)
def test_a_kernel_that_is_a_little_off_fails(name: str) -> None:
    # One percent, or twice what is allowed where that is more: bytes, and codes of 8 bits.
    off = max(0.01, 2 * AMPLIFIED * min(op(name).spec.tolerance.values()))
    with pytest.raises(Failed, match=r"in a model, .*, relative error .* where .* is allowed"):
        judged(name, changed(name, lambda one: one / (1 + off)))


def forgets_to_count(**inputs: Any) -> Any:
    return reference("frame_similarity")(**inputs | {"skipped": inputs["skipped"].clone()})


def adds_no_noise(**inputs: Any) -> Any:
    return reference("stream_step")(**inputs | {"noise": None})


def leaves_modulation_out(**inputs: Any) -> Any:
    return reference("quantize_rowwise")(**inputs | {"scale": None, "shift": None})


def reads_other_colours(**inputs: Any) -> Any:
    return reference("pixels_in")(**inputs | {"cb": inputs["cr"], "cr": inputs["cb"]})


def swaps_red_and_blue(**inputs: Any) -> Any:
    return reference("pixels_out")(**inputs).flip(-1)


@pytest.mark.parametrize(
    ("name", "kernel"),
    [
        ("frame_similarity", forgets_to_count),
        ("pixels_in", reads_other_colours),
        ("pixels_out", swaps_red_and_blue),
        ("quantize_rowwise", leaves_modulation_out),
        ("stream_step", adds_no_noise),
    ],
)
def test_a_kernel_that_leaves_something_out_fails(name: str, kernel: Operation) -> None:
    with pytest.raises(Failed, match=r"in a model, (float32|uint8): max error"):
        judged(name, kernel)


def test_another_shape_is_said() -> None:
    def cropped(**inputs: Any) -> Any:
        return reference("pixels_out")(**inputs)[:, 1:]

    with pytest.raises(Failed, match=r"has shape \(2, 9, 6, 3\) for \(2, 10, 6, 3\)"):
        judged("pixels_out", cropped)
