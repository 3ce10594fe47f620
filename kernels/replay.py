"""Launches: what an operation asks a GPU to run, and a call seen before run again at little cost.

Triton binds, specialises and looks up a kernel anew at every launch. A call whose tensors have the
shapes, strides, types and alignment of an earlier one needs none of that: the same compiled
kernels, the same numbers, other pointers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

from .spec import Outputs
from .verify import tensors

ALIGNMENT = 16  # bytes; Triton compiles apart what is and what is not aligned so


@dataclass(frozen=True)
class Launch:
    """One kernel to run: pure data, so that it can be compiled, run or looked at."""

    kernel: Any  # a @triton.jit function
    grid: tuple[int, ...]
    args: tuple[Any, ...]  # in the kernel's order: tensors, numbers, named tuples of them
    constants: Mapping[str, Any]  # its constexpr parameters, the last ones of its signature
    warps: int = 4
    wide: bool = True  # the layout allows loads and stores of 128 bits: the checks insist on them
    reduces: bool = False  # stores next to nothing: its loads alone are wide
    least: int = 80  # compute capability * 10 of the oldest GPU that has its instructions

    def run(self) -> Any:
        """Run it on the current stream; return Triton's compiled kernel, None in its interpreter.

        Multiplication and addition may be fused: said at every launch, since Triton's default
        differs between versions and the environment is not ours to set.
        """
        return self.kernel[self.grid](
            *self.args, **self.constants, num_warps=self.warps, enable_fp_fusion=True
        )

    def variant(self) -> tuple[Any, ...]:
        """Return what tells its code from that of other launches."""
        return (self.kernel, tuple(self.constants.items()), self.warps, _fixed(self.args))


def _fixed(value: Any) -> Any:
    """Return what of an argument code is made for, at any depth: all but tensors and numbers."""
    if isinstance(value, tuple):
        return tuple(map(_fixed, value))
    return (
        ... if isinstance(value, Tensor | float) or (type(value) is int and value != 1) else value
    )


class Replay:
    """The launches of a call seen before, with holes where the tensors go.

    Tensors in a launch are the call's inputs and outputs, by identity; others are scratch, which
    every call gets anew with undefined contents.
    """

    def __init__(
        self,
        launches: Sequence[Launch],
        compiled: Sequence[Any],
        inputs: Sequence[Any],
        outputs: Outputs,
    ) -> None:
        made = tensors(outputs)
        own = [*inputs, *made]
        self._places = {id(t): n for n, t in enumerate(own) if isinstance(t, Tensor)}
        self._owned = {
            t.untyped_storage().data_ptr() for t in own if isinstance(t, Tensor) and t.numel()
        }
        self._first_made = len(inputs)
        self._made = [_Empty(t.shape, t.stride(), t.dtype) for t in made]  # outputs, then scratch
        self._give = _GIVE[type(outputs)]
        self._outputs = slice(len(inputs), len(inputs) + len(made))
        self._steps: list[tuple[Callable[..., None], _Form]] = []
        for launch, kernel in zip(launches, compiled, strict=True):
            constants = launch.kernel.arg_names[len(launch.args) :]
            args = (*launch.args, *(launch.constants[name] for name in constants))
            self._steps.append((kernel[(*launch.grid, 1, 1)[:3]], self._form(args)))

    def __call__(self, inputs: Sequence[Any]) -> Any:
        """Run the launches on the current stream; return the outputs."""
        device = inputs[0].device
        places = [*inputs]
        for shape, strides, dtype in self._made:
            places.append(torch.empty_strided(shape, strides, dtype=dtype, device=device))
        for run, form in self._steps:
            run(*form.fill(places))
        return self._give(places[self._outputs])

    def _form(self, values: tuple[Any, ...]) -> _Form:
        form = _Form(list(values))
        for n, value in enumerate(values):
            if isinstance(value, Tensor):
                form.holes.append((n, self._place(value)))
                form.fixed[n] = None  # a replay keeps no tensor alive
            elif isinstance(value, tuple):
                inner = self._form(value)
                if not (inner.holes or inner.leading or inner.inner):
                    form.fixed[n] = tuple(inner.fixed)  # numbers alone: nothing to fill
                elif [at for at, _ in inner.holes] == [0] and not (inner.leading or inner.inner):
                    form.leading.append((n, inner.holes[0][1], tuple(inner.fixed[1:])))
                else:
                    form.inner.append((n, inner))
        return form

    def _place(self, tensor: Tensor) -> int:
        place = self._places.get(id(tensor))
        if place is None:
            if tensor.untyped_storage().data_ptr() in self._owned or not tensor.is_contiguous():
                raise TypeError("a launch takes the call's own tensors or contiguous scratch")
            place = self._places[id(tensor)] = self._first_made + len(self._made)
            self._made.append(_Empty(tensor.shape, tensor.stride(), tensor.dtype))
        return place


class _Empty(NamedTuple):
    shape: torch.Size
    strides: tuple[int, ...]
    dtype: torch.dtype


_GIVE: Mapping[type, Callable[[list[Tensor]], Any]] = {
    Tensor: lambda made: made[0],
    tuple: tuple,
    type(None): lambda made: None,
}


@dataclass(frozen=True, slots=True)
class _Form:
    """A tuple of arguments with holes for tensors, at any depth.

    What a kernel is launched with are plain tuples: names were for the compiler.
    """

    fixed: list[Any]
    holes: list[tuple[int, int]] = field(default_factory=list)  # where, and which tensor
    # Most tuples are a tensor and its strides: where, which tensor, and what follows it.
    leading: list[tuple[int, int, tuple[Any, ...]]] = field(default_factory=list)
    inner: list[tuple[int, _Form]] = field(default_factory=list)

    def fill(self, tensors: Sequence[Any]) -> tuple[Any, ...]:
        values = self.fixed.copy()
        for n, place in self.holes:
            values[n] = tensors[place]
        for n, place, rest in self.leading:
            values[n] = (tensors[place], *rest)
        for n, form in self.inner:
            values[n] = form.fill(tensors)
        return tuple(values)


def signature(args: Sequence[Any]) -> tuple[Any, ...]:
    """Return what two calls must share for the launches of one to serve the other."""
    return tuple(
        [
            (a.shape, a.stride(), a.dtype, a.data_ptr() % ALIGNMENT) if isinstance(a, Tensor) else a
            for a in args
        ]
    )
