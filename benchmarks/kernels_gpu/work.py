"""What there is to measure, in the order that tells most first: a run may be cut short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

from livedraft.kernels.calls import Call, real
from livedraft.kernels.dispatch import Op

from . import attention
from .cases import small

Kind = Literal["checked", "graph", "timed", "compiled", "whole", "picked"]
Key = tuple[str, int, str]  # of a row of a report: workload, batch, type

PASSES: tuple[Kind, ...] = ("graph", "whole")  # said of an operation, not of a case
ATTENTION = "attention"  # not an operation of ours: torch's backends, and which was picked
FIRST = (1, 4)  # batches of a live session and of a few; the others tell less

# Seconds, until one of a kind was measured: a first one loads libraries and compiles kernels.
_GUESS: Mapping[Kind, float] = {
    "checked": 10.0,
    "graph": 5.0,
    "timed": 10.0,
    "compiled": 40.0,
    "whole": 20.0,
    "picked": 10.0,
}

# Of each kind and, within it, of the first batches or of the others. What is wrong need not be
# fast, so the checks come first; Inductor takes the longest by far.
_ORDER: tuple[tuple[Kind, bool], ...] = (
    ("checked", True), ("checked", False), ("graph", True), ("timed", True), ("compiled", True),
    ("whole", True), ("timed", False), ("compiled", False), ("picked", True), ("picked", False),
)  # fmt: skip


@dataclass(frozen=True)
class Work:
    """One thing to measure, and nothing that can be cut: a run begins it or does not."""

    op: str
    kind: Kind
    case: Call | attention.Case

    @property
    def key(self) -> Key:
        """The row that it belongs to."""
        return self.case.workload.name, self.case.batch, name(self.case.dtype)

    @property
    def title(self) -> str:
        """Its operation and its row."""
        workload, batch, dtype = self.key
        return f"{self.op}, {workload}, batch {batch}, {dtype}"

    @property
    def like(self) -> tuple[Kind, bool]:
        """Its kind; the small cases are another sort than those of real models."""
        return self.kind, self.case.workload.real

    @property
    def guess(self) -> float:
        """Seconds that it takes, until one like it was measured."""
        return _GUESS[self.kind]

    @property
    def first(self) -> bool:
        """Whether it is a small shape, one of the first batches, or said of all."""
        few = not self.case.workload.real or self.case.batch in FIRST
        return few or self.kind in PASSES


def ordered(
    ops: Sequence[Op[..., Any]],
    batches: Sequence[int],
    *,
    compiled: bool = True,
    passes: bool = True,
    attends: bool = True,
) -> list[Work]:
    """Return all that is to be measured; within a kind, the operations in their order."""
    works = list(chain.from_iterable(_of(op, batches, compiled, passes) for op in ops))
    if attends:
        works += [Work(ATTENTION, "picked", case) for case in attention.cases(batches)]
    return sorted(works, key=lambda work: _ORDER.index((work.kind, work.first)))


def kinds(work: Work) -> tuple[Kind, ...]:
    """Return all that a row can hold: what it has not is said of it."""
    if work.op == ATTENTION:
        return ("picked",)
    return ("checked", "timed", "compiled") if work.case.workload.real else ("checked",)


def name(dtype: object) -> str:
    """Return a type's name without torch's."""
    return str(dtype).removeprefix("torch.")


def _of(op: Op[..., Any], batches: Sequence[int], compiled: bool, passes: bool) -> list[Work]:
    models = list(real(op, batches))
    works = [Work(op.spec.name, "checked", case) for case in (*small(op), *models)]
    works += [Work(op.spec.name, "timed", case) for case in models]
    if compiled:
        works += [Work(op.spec.name, "compiled", case) for case in models]
    if passes and models:
        told = PASSES if compiled else PASSES[:1]
        works += [Work(op.spec.name, kind, models[0]) for kind in told]
    return works
