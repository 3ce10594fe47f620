"""The Triton way of one operation, for one type on one device: plan, verify at first sight, replay.

A call of new shapes is planned. If a kernel among its launches was not seen before, the result is
compared with the reference's; a mismatch or an error turns the route to the reference for good.
Calls of shapes seen before are replayed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from .replay import Launch, Replay, signature
from .spec import OpSpec
from .verify import error, finite, tensors

logger = logging.getLogger("livedraft.kernels")

REPLAYS = 1024  # shapes remembered for one route; beyond it the oldest goes

# (outputs, *inputs) → launches; None leaves these shapes to torch.
Plan = Callable[..., Sequence[Launch] | None]


class Route:
    """One operation through Triton, for tensors of one type on one device."""

    def __init__(
        self, spec: OpSpec, empty: Callable[..., Any], plan: Plan, *, trusting: bool = False
    ) -> None:
        self._spec = spec
        self._empty = empty
        self._plan = plan
        self._trusting = trusting  # Triton was asked for: neither verified nor given up
        self._replays: dict[tuple[Any, ...], Replay | None] = {}
        self._verified: set[tuple[Any, ...]] = set()
        self.given_up: str | None = None  # why the reference is taken for good

    def __call__(self, *args: Any) -> Any:
        """Compute the operation."""
        outputs = self._empty(*args)  # raises what the caller did wrong
        if self.given_up is not None:
            return self._spec.reference(*args)
        key = signature(args)
        if key not in self._replays:
            return self._first(key, args, outputs)
        replay = self._replays[key]
        if replay is None:
            return self._spec.reference(*args)
        replay([*args, *tensors(outputs)])
        return outputs

    def _first(self, key: tuple[Any, ...], args: tuple[Any, ...], outputs: Any) -> Any:
        # Every tensor its own object, so that one given twice keeps two places in the replay.
        inputs = [a.detach() if isinstance(a, Tensor) else a for a in args]
        launches = self._plan(outputs, *inputs)
        if launches is None:
            self._remember(key, None)
            return self._spec.reference(*args)
        unseen = {launch.variant() for launch in launches} - self._verified
        if self._trusting or not unseen:
            self._run(key, launches, [*inputs, *tensors(outputs)])
            return outputs
        if _capturing():  # nothing can be compared here
            logger.info("%s: captured before its first run, by torch", self._spec.name)
            return self._spec.reference(*args)
        return self._verify(key, args, launches, [*inputs, *tensors(outputs)], unseen)

    def _verify(
        self,
        key: tuple[Any, ...],
        args: tuple[Any, ...],
        launches: Sequence[Launch],
        places: list[Any],
        unseen: set[tuple[Any, ...]],
    ) -> Any:
        """Run the launches and the reference; return the reference's result."""
        mutated = self._mutated(args)
        before = [t.clone() for t in mutated]
        try:
            self._run(key, launches, places)
            made = [*places[len(args) :], *(t.clone() for t in mutated)]
        except torch.OutOfMemoryError:
            raise  # the reference would not fit either
        except Exception as fault:  # of a compiler, a launch: the reference works still
            made = None
            self._give_up(f"{type(fault).__name__}: {fault}")
        for tensor, value in zip(mutated, before, strict=True):
            tensor.copy_(value)
        outputs = self._spec.reference(*args)
        true = (*tensors(outputs), *mutated)
        if made is not None and finite(true):
            # Both are rounded to the output's type, hence twice the tolerance.
            off, allowed = error(tuple(made), true), 2 * self._spec.tolerance[args[0].dtype]
            if off <= allowed:
                self._verified |= unseen
                return outputs
            self._give_up(f"error {off:.1e} against the reference, {allowed:.1e} allowed")
        self._replays.pop(key, None)
        return outputs

    def _run(self, key: tuple[Any, ...], launches: Sequence[Launch], places: list[Any]) -> None:
        compiled = [launch.run() for launch in launches]
        if all(kernel is not None for kernel in compiled):  # the interpreter compiles none
            self._remember(key, Replay(launches, compiled, places))

    def _remember(self, key: tuple[Any, ...], replay: Replay | None) -> None:
        if len(self._replays) >= REPLAYS:
            del self._replays[next(iter(self._replays))]
        self._replays[key] = replay

    def _give_up(self, reason: str) -> None:
        self.given_up = reason
        self._replays.clear()
        logger.warning("%s: torch from now on: %s", self._spec.name, reason)

    def _mutated(self, args: tuple[Any, ...]) -> list[Tensor]:
        names = self._spec.parameters
        return [a for name, a in zip(names, args, strict=False) if name in self._spec.mutates]


def _capturing() -> bool:
    return torch.cuda.is_available() and torch.cuda.is_current_stream_capturing()
