"""What a kernel is tried with: seeded inputs, in several layouts, between poisoned guards."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

from ..spec import Inputs, OpSpec, Workload
from .values import named

Layout = Literal["as given", "misaligned", "padded rows"]
LAYOUTS: tuple[Layout, ...] = ("as given", "misaligned", "padded rows")
GUARD_BYTES = 256  # on either side of a tensor; keeps the alignment that torch gives
_FAR = 256.0  # standard deviations, of the inputs of most operations
_ROW_GAP = 3  # elements: no vector load stays aligned over it


@dataclass(frozen=True)
class Seeds:
    """A public seed, so that a run can be named, mixed with one that no kernel can have known."""

    public: int = 0
    secret: str = field(default_factory=lambda: secrets.token_hex(16))

    def number(self, *parts: object) -> int:
        """Return a number in 0 .. 2⁶³ - 1 for whatever the parts name."""
        text = repr((self.secret, self.public, parts)).encode()
        return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1

    def generator(self, device: torch.device, *parts: object) -> torch.Generator:
        """Return a generator seeded for whatever the parts name."""
        return torch.Generator(device).manual_seed(self.number(*parts))


@dataclass(frozen=True)
class Case:
    """One call: a workload in a dtype and a layout; ``again`` counts fresh draws of it."""

    workload: Workload
    dtype: torch.dtype
    layout: Layout = "as given"
    strained: bool = False
    again: int = 0

    def __str__(self) -> str:
        axes = ", ".join(f"{key}={value}" for key, value in self.workload.axes.items())
        said = [f"{self.workload.name} ({axes})", named(self.dtype)]
        said += [self.layout] if self.layout != "as given" else []
        said += ["large values"] if self.strained else []
        return ", ".join(said)

    def inputs(self, spec: OpSpec, seeds: Seeds, device: torch.device) -> Inputs:
        """Return fresh inputs, each tensor between guards of its own."""
        parts = (spec.name, self.workload.name, named(self.dtype), self.layout, self.again)
        drawn = spec.inputs(
            self.workload.axes, self.dtype, seeds.generator(device, *parts, self.strained)
        )
        if self.strained:
            drawn = strained(drawn)
        return {key: _each(value, self.layout) for key, value in drawn.items()}


def strained(inputs: Inputs) -> Inputs:
    """Return inputs whose largest floating tensor has a mean far from zero: x + 256.

    A variance from a difference of large sums, or a sum in half precision, breaks here.
    """
    tensors = {
        key: value
        for key, value in inputs.items()
        if isinstance(value, Tensor) and value.is_floating_point()
    }
    if not tensors:
        return inputs
    key = max(tensors, key=lambda name: tensors[name].numel())
    moved = (tensors[key].double() + _FAR).to(tensors[key].dtype)
    return inputs | {key: moved}


def lay_out(tensor: Tensor, layout: Layout) -> Tensor:
    """Return a copy with the same values in a layout, between guards of NaN (0x5A for integers)."""
    stride = _padded(tensor) if layout == "padded rows" else list(tensor.stride())
    reach = sum((size - 1) * step for size, step in zip(tensor.shape, stride, strict=True))
    span = reach + 1 if tensor.numel() else 0
    guard = GUARD_BYTES // tensor.element_size()
    offset = guard + (layout == "misaligned")
    room = torch.empty(offset + span + guard, dtype=tensor.dtype, device=tensor.device)
    _poison(room)
    view = room.as_strided(tensor.shape, stride, offset)
    _once(view, stride).copy_(_once(tensor, stride))
    return view


def _each(value: Any, layout: Layout) -> Any:
    if isinstance(value, Tensor):
        return lay_out(value, layout)
    if isinstance(value, tuple | list):
        return type(value)(_each(item, layout) for item in value)
    return value


def _once(tensor: Tensor, stride: list[int]) -> Tensor:
    """Return a tensor without the repetitions of an expanded one."""
    for axis, step in enumerate(stride):
        if step == 0 and tensor.shape[axis] > 1:
            tensor = tensor.narrow(axis, 0, 1)
    return tensor


def _padded(tensor: Tensor) -> list[int]:
    """Return strides in the same order of axes with a gap after each run of the innermost one."""
    stride = list(tensor.stride())
    axes = [axis for axis, size in enumerate(tensor.shape) if size > 1 and stride[axis] > 0]
    step = 1
    for place, axis in enumerate(sorted(axes, key=lambda each: stride[each])):
        stride[axis] = step
        step = step * tensor.shape[axis] + (_ROW_GAP if place == 0 else 0)
    return stride


def _poison(room: Tensor) -> None:
    if room.is_floating_point() or room.is_complex():
        room.fill_(float("nan"))
    elif room.dtype != torch.bool:
        room.view(torch.uint8).fill_(0x5A)
