"""What is said of a kernel in the end, as JSON and as data: compiles, correct, stable, fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

FORMAT = 1  # of the JSON; grows when a field changes its meaning


class Answer(StrEnum):
    """To one of the four questions."""

    YES = "yes"
    NO = "no"
    NOT_JUDGED = "not judged"


class Outcome(StrEnum):
    """Of the whole judging; the first thing that was wrong."""

    PASSED = "passed"
    NOT_COMPILED = "did not compile"
    REFUSED = "refused"  # its text shows a cheat, or it was caught at one
    NOT_IMPORTED = "did not import"
    SIGNATURE = "wrong signature"
    TIMED_OUT = "timed out"
    CRASHED = "crashed"
    RAISED = "raised"
    NEEDS_GPU = "needs a GPU"  # it has what cannot run here: nothing is said of it
    WRONG = "wrong"
    UNSTABLE = "unstable"
    NOT_BELIEVED = "not believed"  # its times and the judge's clock do not agree


class Failed(Exception):
    """A kernel is done with: its outcome, and why in one sentence."""

    def __init__(self, outcome: Outcome, why: str) -> None:
        super().__init__(why)
        self.outcome = outcome
        self.why = why


@dataclass
class Judged:
    """The answer to one question."""

    answer: Answer = Answer.NOT_JUDGED
    why: str = ""


@dataclass(frozen=True)
class Check:
    """One comparison with the reference in float64."""

    workload: str
    axes: Mapping[str, Any]
    dtype: str
    layout: str
    what: str  # "output", "output 1", "x, in place"
    error: float | None  # relative; none where shapes differ, or what is finite
    allowed: float
    why: str = ""  # empty where it agrees


@dataclass
class Timing:
    """The times of one workload in one dtype, µs: medians of single calls."""

    workload: str
    axes: Mapping[str, Any]
    dtype: str
    moved_bytes: int
    cold_us: float
    warm_us: float
    host_us: float
    baseline_us: dict[str, float]  # cold, by name: eager, compiled
    speedup: float  # over the fastest baseline
    roofline: float  # moved bytes a second, cold, as a share of the measured copy bandwidth


@dataclass
class EndToEnd:
    """A model with the kernel in it, against the same model with the reference."""

    model: str
    reference_us: float | None
    kernel_us: float | None
    delta_percent: float | None  # negative: the kernel makes the model faster
    error: float
    why: str = ""


@dataclass
class Verdict:
    """All of it; ``outcome`` and ``why`` are the short form."""

    file: str
    function: str
    operation: str
    outcome: Outcome = Outcome.PASSED
    why: str = ""
    compiles: Judged = field(default_factory=Judged)
    correct: Judged = field(default_factory=Judged)
    stable: Judged = field(default_factory=Judged)
    fast: Judged = field(default_factory=Judged)
    findings: list[dict[str, Any]] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)  # rules that were not held against it
    kernels: list[dict[str, Any]] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    timings: list[Timing] = field(default_factory=list)
    end_to_end: EndToEnd | None = None
    notes: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    seed: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Say whether nothing was wrong."""
        return self.outcome is Outcome.PASSED

    def to_json(self) -> dict[str, Any]:
        """Return what ``json.dumps`` takes."""
        return {"format": FORMAT, "passed": self.passed} | asdict(self)
