"""Compare what a kernel makes with the reference in float64, and try to unsettle it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ..spec import Inputs, OpSpec, Workload
from . import compare
from .candidate import Called, Candidate
from .cases import LAYOUTS, Case, Seeds
from .values import named
from .verdict import Answer, Check, Failed, Judged, Outcome

# Where values are large, what is forgiven: times the tolerance, for the mean of x + 256 is exact to
# 256 units of x's last place; and times the reference's own rounding. A variance from a difference
# of squares errs by 65536 units.
_STRAINED = 16
_OF_REFERENCE = 4


class Checks:
    """The cases of one operation; ``found`` fills with what was compared, ``notes`` with asides."""

    def __init__(self, spec: OpSpec, seeds: Seeds, device: torch.device) -> None:
        self.found: list[Check] = []
        self.notes: list[str] = []
        self._spec = spec
        self._seeds = seeds
        self._device = device

    @property
    def workloads(self) -> list[Workload]:
        """The shapes to judge at: those of real models only on a GPU."""
        small = [w for w in self._spec.workloads if not w.real or self._device.type == "cuda"]
        return small or list(self._spec.workloads)

    @property
    def names(self) -> list[str]:
        """The names that the operation is called with."""
        small = [w for w in self._spec.workloads if not w.real] or self.workloads[:1]
        cpu = torch.device("cpu")
        calls = [Case(w, self._spec.dtypes[0]).inputs(self._spec, self._seeds, cpu) for w in small]
        return list(dict.fromkeys(name for inputs in calls for name in inputs))

    def inputs(self, case: Case) -> Inputs:
        """Return a case's inputs on the device."""
        return case.inputs(self._spec, self._seeds, self._device)

    def room(self, inputs: Inputs) -> int:
        """Return how many bytes the outputs of a call may have; twice as many as they should."""
        return 2 * sum(each.nbytes for each in compare.run(self._spec, inputs)[0])

    def correct(self, judged: Candidate) -> Judged:
        """Call it once at every shape in every dtype."""
        for workload in self.workloads:
            for dtype in self._spec.dtypes:
                self._try(judged, Case(workload, dtype))
        self._raise_wrong(Outcome.WRONG)
        shapes, dtypes = len(self.workloads), len(self._spec.dtypes)
        return Judged(Answer.YES, f"{shapes} shapes × {dtypes} dtypes, in poisoned memory")

    def stable(self, judged: Candidate) -> Judged:
        """Call it again with fresh inputs in used memory, in other layouts, with large values."""
        for workload in self.workloads:
            at = self._seeds.number("dtype", workload.name) % len(self._spec.dtypes)
            dtype = self._spec.dtypes[at]
            self._repeat(judged, Case(workload, dtype))
            for layout in LAYOUTS[1:]:
                self._try(judged, Case(workload, dtype, layout))
            for each in self._spec.dtypes:
                self._try(judged, Case(workload, each, strained=True))
        self._raise_wrong(Outcome.UNSTABLE)
        return Judged(Answer.YES, "fresh inputs in used memory, other strides, large values")

    def compare(self, case: Case, called: Called, inputs: Inputs, allowed: float) -> str:
        """Note how each output of a call compares; return what is wrong with the first that is."""
        true, changed = compare.truth(self._spec, inputs)
        like, _ = compare.run(self._spec, inputs)
        outputs: list[Any] = list(called.outputs)
        if len(outputs) == len(like):  # None may stand for an output without elements
            outputs = [o if t.numel() else t for o, t in zip(outputs, like, strict=True)]
        misshapen = compare.misshapen(outputs, like)
        pairs: list[tuple[str, Tensor, Tensor]] = []
        if not misshapen:
            names = ["output"] if len(true) == 1 else [f"output {at}" for at in range(len(true))]
            pairs = list(zip(names, outputs, true, strict=True))
        pairs += [(f"{key}, in place", called.mutated[key], changed[key]) for key in changed]
        found = [(name, compare.differ(made, t, allowed)) for name, made, t in pairs]
        checks = [_check(case, name, allowed, d.why, d.error) for name, d in found]
        if misshapen:
            checks.append(_check(case, "outputs", allowed, misshapen))
        if called.wrote:
            checks.append(_check(case, "inputs", allowed, f"it wrote {called.wrote}"))
        self.found += checks
        return next((check.why for check in checks if check.why), "")

    def _try(self, judged: Candidate, case: Case) -> None:
        inputs = self.inputs(case)
        allowed = self._spec.tolerance[case.dtype]
        if case.strained:
            rounding = self._rounding(inputs)
            if rounding is None:
                return
            allowed = max(_STRAINED * allowed, _OF_REFERENCE * rounding)
        [called] = self._call(judged, case, [inputs])
        self.compare(case, called, inputs, allowed)

    def _rounding(self, inputs: Inputs) -> float | None:
        """Return the reference's own error in the inputs' dtype; None where it overflows."""
        true, plain = compare.truth(self._spec, inputs)[0], compare.run(self._spec, inputs)[0]
        if not all(bool(t.double().isfinite().all()) for t in (*true, *plain)):
            return None
        pairs = zip(plain, true, strict=True)
        return max((compare.differ(*pair, 0.0).error for pair in pairs), default=0.0)

    def _aliases(self, inputs: Inputs) -> bool:
        """Say whether an output of the reference is a view of an input, as it may be."""
        own = {_storage(value) for value in inputs.values() if isinstance(value, Tensor)}
        return any(_storage(made) in own for made in compare.run(self._spec, inputs)[0])

    def _repeat(self, judged: Candidate, case: Case) -> None:
        """Call it with A, B and A again, in the same tensors: an earlier result is no answer."""
        turns = [case, Case(case.workload, case.dtype, again=1), case]
        inputs = [self.inputs(turn) for turn in turns]
        reuse = not self._spec.mutates and not self._aliases(inputs[0])
        made = self._call(judged, case, inputs, reuse)
        allowed = self._spec.tolerance[case.dtype]
        for at, (turn, given, called) in enumerate(zip(turns, inputs, made, strict=True)):
            why = self.compare(turn, called, given, allowed)
            if not why:
                continue
            if at == 0:
                why = f"a later call changed an earlier result: {why}"
            elif at == 1 and _agrees(called, compare.truth(self._spec, inputs[0])[0], allowed):
                why = "it returned an earlier result for new inputs in the same tensors"
            raise Failed(Outcome.UNSTABLE, f"at {turn}: {why}")
        if not all(map(_same, made[0].outputs, made[2].outputs)):
            self.notes.append(f"not the same bits twice at {case}")

    def _call(
        self, judged: Candidate, case: Case, sets: Sequence[Inputs], reuse: bool = False
    ) -> list[Called]:
        try:
            return judged.call(sets, self._spec.mutates, reuse, len(sets) * self.room(sets[0]))
        except Failed as failed:
            if failed.outcome is Outcome.REFUSED:
                raise
            raise Failed(failed.outcome, f"at {case}: {failed.why}") from None

    def _raise_wrong(self, outcome: Outcome) -> None:
        wrong = [check for check in self.found if check.why]
        if wrong:
            raise Failed(outcome, f"at {_where(wrong[0])}: {wrong[0].why}")


def _check(case: Case, what: str, allowed: float, why: str, error: float | None = None) -> Check:
    layout = "large values" if case.strained else case.layout
    axes = dict(case.workload.axes)
    error = error if error is not None and math.isfinite(error) else None  # JSON has no infinity
    return Check(case.workload.name, axes, named(case.dtype), layout, what, error, allowed, why)


def _where(check: Check) -> str:
    axes = ", ".join(f"{key}={value}" for key, value in check.axes.items())
    said = [f"shape {check.workload} ({axes})", check.dtype]
    said += [check.layout] if check.layout != "as given" else []
    said += [check.what] if check.what.startswith("output ") or "in place" in check.what else []
    return ", ".join(said)


def _agrees(called: Called, true: list[Tensor], allowed: float) -> bool:
    tensors = [each for each in called.outputs if isinstance(each, Tensor)]
    if [each.shape for each in tensors] != [each.shape for each in true]:
        return False
    differences = (compare.differ(*pair, allowed) for pair in zip(tensors, true, strict=True))
    return not any(difference.why for difference in differences)


def _storage(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _same(one: Tensor | str, other: Tensor | str) -> bool:
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return torch.equal(one, other)
    return one is other
