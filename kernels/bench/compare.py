"""Judge an output against the truth, the reference's result in float64, and say where it is off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ..spec import Inputs, OpSpec
from ..verify import error, tensors


@dataclass(frozen=True)
class Difference:
    """How one output differs; ``why`` is empty where it agrees."""

    error: float  # the larger of the relative errors in the 2-norm and the maximum norm
    largest: float  # of the elements' errors, absolute
    why: str = ""


def truth(spec: OpSpec, inputs: Inputs) -> tuple[list[Tensor], dict[str, Tensor]]:
    """Return the reference's outputs in float64, and the inputs that it wrote in place."""
    return run(spec, {key: _double(value) for key, value in inputs.items()})


def run(spec: OpSpec, inputs: Inputs) -> tuple[list[Tensor], dict[str, Tensor]]:
    """Return the reference's outputs, and what it wrote in place, on copies of the inputs."""
    own = {key: value.clone() if key in spec.mutates else value for key, value in inputs.items()}
    made = spec.reference(**own)
    return list(tensors(made)), {key: own[key] for key in spec.mutates}


def differ(made: Tensor, true: Tensor, allowed: float) -> Difference:
    """Compare an output with the truth of its shape; ``allowed`` is the relative error that may be.

    What is finite in one must be finite in the other.
    """
    made, true = made.detach().to(true.device).double(), true.detach().double()
    off = made.isfinite() != true.isfinite()
    if off.any():
        place = _place(off)
        return Difference(float("inf"), float("inf"), _values(made, true, place))
    found = error(made, true)
    apart = (made - true).abs().where(true.isfinite(), 0)
    largest = apart.max().item() if apart.numel() else 0.0
    if found <= allowed:
        return Difference(found, largest)
    values = _values(made, true, _place(apart == largest))
    text = f"max error {largest:.3g} ({values}), relative error {found:.1e} where {allowed:.0e} is"
    return Difference(found, largest, text + " allowed")


def misshapen(made: Sequence[Any], like: Sequence[Tensor]) -> str:
    """Say how outputs differ in number, type, shape or dtype; "" where they do not."""
    if len(made) != len(like):
        return f"returned {len(made)} outputs for {len(like)}"
    for at, (one, other) in enumerate(zip(made, like, strict=True)):
        name = f"output {at}" if len(like) > 1 else "the output"
        if not isinstance(one, Tensor):
            return f"{name} is {one}, no tensor"
        if one.shape != other.shape:
            return f"{name} has shape {tuple(one.shape)} for {tuple(other.shape)}"
        if one.dtype != other.dtype:
            return f"{name} is {_dtype(one)} for {_dtype(other)}"
    return ""


def _double(value: Any) -> Any:
    if isinstance(value, Tensor) and value.is_floating_point():
        return value.double()
    if isinstance(value, tuple | list):
        return type(value)(_double(each) for each in value)
    return value


def _place(mask: Tensor) -> tuple[int, ...]:
    return tuple(int(each) for each in mask.nonzero()[0])


def _values(made: Tensor, true: Tensor, place: tuple[int, ...]) -> str:
    at = ", ".join(map(str, place))
    return f"{_word(made[place].item())} for {_word(true[place].item())} at ({at})"


def _word(number: float) -> str:
    return "NaN" if number != number else f"{number:.4g}"


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
