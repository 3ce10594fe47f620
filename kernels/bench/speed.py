"""Time a kernel against the reference, eager and compiled, each in a process of its own.

Every round has fresh inputs, and the outputs of one call, chosen at random, are compared. The
kernel's process tells the times; the judge's own clock, around many calls, says whether to
believe them.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import torch

from ..spec import Workload
from . import compare
from .candidate import Called, Candidate, encoded, outputs_of
from .cases import Case, Seeds
from .checks import Checks
from .definition import Definition
from .source import Unusable
from .values import named
from .verdict import Answer, Failed, Judged, Outcome, Timing, Verdict

_ROUNDS = 3
_CALLS = {"cuda": 30, "cpu": 10}  # of a round
_SETS = 2  # of inputs, taken in a random order
_MANY = (20, 80)  # calls: the difference of the two is without what a request costs
_REPEATS = 5
_DOUBT = 1.5  # times what the process tells; more is not believed
_LEAST_DOUBT_US = 20.0
_ROOF = 1.1  # of the copy bandwidth: nobody moves memory faster than a copy
_LARGE_SPEEDUP = 10.0
_BEHIND = 0.95


class Speed:
    """The timing of one operation."""

    def __init__(
        self, definition: Definition, checks: Checks, seeds: Seeds, device: torch.device
    ) -> None:
        self._definition = definition
        self._spec = definition.spec
        self._checks = checks
        self._seeds = seeds
        self._device = device

    def judged(self, judged: Candidate, baseline: Candidate, verdict: Verdict) -> Judged:
        """Time every workload and fill the verdict's ``timings``; say whether it is fast."""
        roof = float(baseline.ask({"do": "roof"}).header["bytes_per_s"])
        workloads = [w for w in self._checks.workloads if w.real] or self._checks.workloads
        for workload in workloads:
            timing = self._timing(judged, baseline, workload, roof)
            verdict.timings.append(timing)
            if timing.speedup > _LARGE_SPEEDUP:
                verdict.notes.append(f"{timing.speedup:.0f} times faster at {workload.name}: look")
        if self._device.type == "cuda":
            self._against_compiled(baseline, verdict, workloads)
        return _verdict(verdict.timings)

    def _timing(
        self, judged: Candidate, baseline: Candidate, workload: Workload, roof: float
    ) -> Timing:
        case = self._case(workload)
        inputs = self._checks.inputs(case)
        outputs = compare.run(self._spec, inputs)[0]
        moved = self._spec.moved(inputs, outputs[0] if len(outputs) == 1 else tuple(outputs))
        colds, eagers = [], []
        for at in range(_ROUNDS):
            eagers.append(self._reference_round(baseline, case, at))
            colds.append(self._round(judged, case, at, cold=True))
        warm = self._round(judged, case, _ROUNDS, cold=False)
        cold, host = median(colds), self._host(judged, case)
        self._believe(judged, case, max(warm, host))
        share = moved / (cold * 1e-6) / roof
        if self._device.type == "cuda" and share > _ROOF:
            why = f"at {case}: it would move memory at {share:.0%} of what a copy does"
            raise Failed(Outcome.NOT_BELIEVED, why)
        eager = median(eagers)
        axes, dtype = dict(workload.axes), named(case.dtype)
        return Timing(
            workload.name,
            axes,
            dtype,
            moved,
            cold,
            warm,
            host,
            {"eager": eager},
            eager / cold,
            share,
        )

    def _round(self, timed: Candidate, case: Case, at: int, cold: bool) -> float:
        """Return the median of single calls, µs, in one process, and check one of them."""
        draws = [Case(case.workload, case.dtype, again=2 + at * _SETS + n) for n in range(_SETS)]
        sets = [self._checks.inputs(draw) for draw in draws]
        calls = _CALLS[self._device.type]
        order = [self._seeds.number("order", at, n) % _SETS for n in range(calls)]
        kept = self._seeds.number("kept", str(case), at, cold) % calls
        blobs: list[memoryview] = []
        asked: dict[str, Any] = {"do": "time", "order": order}
        asked["sets"] = [encoded(each, blobs) for each in sets]
        asked |= {"kept": kept, "cold": cold, "mutates": list(self._spec.mutates)}
        answer = timed.ask(asked, blobs, self._checks.room(sets[0]))
        made = outputs_of(answer.header["made"], answer.blobs)
        mutated = {
            key: outputs_of([entry], answer.blobs)[0]
            for key, entry in answer.header["mutated"].items()
        }
        which = order[kept]
        called = Called(made, {k: v for k, v in mutated.items() if not isinstance(v, str)}, "")
        allowed = self._spec.tolerance[case.dtype]
        why = self._checks.compare(draws[which], called, sets[which], allowed)
        if why:
            raise Failed(Outcome.UNSTABLE, f"while it was timed, at {case}: {why}")
        return float(median(answer.header["us"]))

    def _host(self, judged: Candidate, case: Case) -> float:
        blobs: list[memoryview] = []
        given = encoded(self._checks.inputs(case), blobs)
        return float(judged.ask({"do": "host", "set": given}, blobs).header["us"])

    def _believe(self, judged: Candidate, case: Case, told_us: float) -> None:
        """Hold the times that were told against the clock of this process."""
        blobs: list[memoryview] = []
        given = encoded(self._checks.inputs(case), blobs)
        least = []  # whatever else the machine does only adds to a span
        for count in _MANY:
            spans = []
            for _ in range(_REPEATS):
                start = time.perf_counter()
                judged.ask({"do": "many", "set": given, "count": count}, blobs)
                spans.append(time.perf_counter() - start)
            least.append(min(spans))
        each = (least[1] - least[0]) / (_MANY[1] - _MANY[0]) * 1e6
        if each > _DOUBT * told_us + _LEAST_DOUBT_US:
            why = f"at {case}: it tells of {told_us:.1f} µs a call, the judge's clock of {each:.1f}"
            raise Failed(Outcome.NOT_BELIEVED, why)

    def _against_compiled(
        self, baseline: Candidate, verdict: Verdict, workloads: list[Workload]
    ) -> None:
        """Add the reference under torch.compile, and set each speedup by the faster baseline."""
        try:
            baseline.ask({"do": "compile"})
            for workload, timing in zip(workloads, verdict.timings, strict=True):
                compiled = self._round(baseline, self._case(workload), 0, cold=True)
                timing.baseline_us["compiled"] = compiled
                timing.speedup = min(timing.baseline_us.values()) / timing.cold_us
        except Failed as failed:
            verdict.notes.append(f"no compiled baseline: {failed.why}")

    def _reference_round(self, baseline: Candidate, case: Case, at: int) -> float:
        try:
            return self._round(baseline, case, at, cold=True)
        except Failed as failed:
            said = f"the reference fails while it is timed: {failed.why}"
            raise Unusable(said, "mend the definition") from failed

    def _case(self, workload: Workload) -> Case:
        half = [dtype for dtype in self._spec.dtypes if dtype.itemsize == 2]
        return Case(workload, (half or self._spec.dtypes)[-1])


def reference_of(definition: Definition) -> dict[str, Any]:
    """Return where a process finds an operation's reference."""
    if definition.file:
        return {"file": definition.file, "function": definition.spec.reference.__name__}
    reference = definition.spec.reference
    return {"in": reference.__module__, "function": reference.__name__}


def _verdict(timings: list[Timing]) -> Judged:
    product = 1.0
    for timing in timings:
        product *= timing.speedup
    mean = product ** (1 / len(timings))
    worst = min(timings, key=lambda timing: timing.speedup)
    roof = max(timing.roofline for timing in timings)
    why = f"{mean:.2f} × the fastest baseline, {worst.speedup:.2f} × at {worst.workload}; "
    why += f"up to {roof:.0%} of copy bandwidth"
    fast = mean >= 1 and worst.speedup >= _BEHIND
    return Judged(Answer.YES if fast else Answer.NO, why)
