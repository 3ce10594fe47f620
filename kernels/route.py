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

Key = tuple[Any, ...]
Variant = tuple[Any, ...]

# (outputs, *inputs) → launches; None leaves these shapes to torch.
Plan = Callable[..., Sequence[Launch] | None]


class Route:
    """One operation through Triton, for tensors of one type on one device."""

    def __init__(
        self,
        spec: OpSpec,
        empty: Callable[..., Any],
        plan: Plan,
        *,
        trusting: bool = False,
        guarded: bool = False,
    ) -> None:
        self._spec = spec
        self._empty = empty
        self._plan = plan
        self._trusting = trusting  # Triton was asked for: neither verified nor given up
        self._guarded = guarded  # Triton launches on the current GPU, which may be another
        self._replays: dict[Key, Callable[[Sequence[Any]], Any]] = {}
        self._verified: set[Variant] = set()
        self.given_up: str | None = None  # why torch computes it from now on

    def __call__(self, *args: Any) -> Any:
        """Compute the operation."""
        if self._guarded:
            with torch.cuda.device(args[0].device):
                return self._compute(args)
        return self._compute(args)

    def _compute(self, args: Sequence[Any]) -> Any:
        key = signature(args)
        replay = self._replays.get(key)
        return self._first(key, args) if replay is None else replay(args)

    def _first(self, key: Key, args: Sequence[Any]) -> Any:
        outputs = self._empty(*args)  # raises what the caller did wrong
        # Every tensor its own object, so that one given twice keeps two places in the replay.
        inputs = [a.detach() if isinstance(a, Tensor) else a for a in args]
        launches = None if self.given_up else self._plan(outputs, *inputs)
        if launches is None:
            self._remember(key, self._reference)
            return self._reference(args)
        unseen = {launch.variant() for launch in launches} - self._verified
        if self._trusting or not unseen:
            replay = self._run(launches, inputs, outputs)
            if replay is not None:
                self._remember(key, replay)
            return outputs
        if _capturing():  # nothing can be compared here
            logger.info("%s: captured before its first run, by torch", self._spec.name)
            return self._reference(args)
        return self._verify(launches, unseen, inputs, outputs)

    def _verify(
        self, launches: Sequence[Launch], unseen: set[Variant], inputs: list[Any], outputs: Any
    ) -> Any:
        """Run both ways and compare; return what the reference made."""
        mutated = self._mutated(inputs)
        before = [t.clone() for t in mutated]
        try:
            self._run(launches, inputs, outputs)
            made = (*tensors(outputs), *(t.clone() for t in mutated))
            fault = ""
        except torch.OutOfMemoryError:
            raise  # the reference would not fit either
        except Exception as raised:  # of a compiler or a launch: the reference works still
            made, fault = (), f"{type(raised).__name__}: {raised}"
        for tensor, value in zip(mutated, before, strict=True):
            tensor.copy_(value)
        outputs = self._reference(inputs)
        true = (*tensors(outputs), *mutated)
        if not fault and not finite(true):
            return outputs  # nothing to compare with: the next call may have better
        # Both are rounded to the output's type, hence twice the tolerance.
        allowed = 2 * self._spec.tolerance[inputs[0].dtype]
        if not fault and (off := error(made, true)) > allowed:
            fault = f"error {off:.1e} against the reference, {allowed:.1e} allowed"
        if fault:
            self._give_up(fault)
        else:
            self._verified |= unseen
        return outputs

    def _run(self, launches: Sequence[Launch], inputs: list[Any], outputs: Any) -> Replay | None:
        compiled = [launch.run() for launch in launches]
        if any(kernel is None for kernel in compiled):  # the interpreter compiles none
            return None
        return Replay(launches, compiled, inputs, outputs)

    def _remember(self, key: Key, replay: Callable[[Sequence[Any]], Any]) -> None:
        if len(self._replays) >= REPLAYS:
            del self._replays[next(iter(self._replays))]
        self._replays[key] = replay

    def _reference(self, args: Sequence[Any]) -> Any:
        return self._spec.reference(*args)

    def _give_up(self, reason: str) -> None:
        self.given_up = reason
        self._replays.clear()
        logger.warning("%s: torch from now on: %s", self._spec.name, reason)

    def _mutated(self, inputs: Sequence[Any]) -> list[Tensor]:
        names = zip(self._spec.parameters, inputs, strict=False)
        return [value for name, value in names if name in self._spec.mutates]


def _capturing() -> bool:
    return torch.cuda.is_available() and torch.cuda.is_current_stream_capturing()
