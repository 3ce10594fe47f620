"""A run of the GPU script takes what tells most first, ends in time, and goes on later."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from benchmarks.kernels_gpu import setting as settings
from benchmarks.kernels_gpu.budget import Budget
from benchmarks.kernels_gpu.measuring import Found, Lost
from benchmarks.kernels_gpu.report import Report
from benchmarks.kernels_gpu.running import run
from benchmarks.kernels_gpu.setting import Setting
from benchmarks.kernels_gpu.text import lines
from benchmarks.kernels_gpu.work import Work, ordered

from livedraft.kernels.ops import op

MACHINE = {"gpu": "NVIDIA H200", "l2_bytes": 60 << 20, "torch": "2.11.0", "triton": "3.6.0"}
MACHINE |= {"os": "Linux 6.1"}
HERE = Setting(
    "abc1234", "0123456789abcdef", MACHINE, {"name": "liger-kernel", "version": None}, {}
)
OPS = [op("geglu"), op("swiglu")]


class FakeClock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class FakeBench:
    """Measures nothing, and takes so many seconds for it by the fake clock."""

    def __init__(self, clock: FakeClock, seconds: Callable[[Work], float] = lambda _: 1.0) -> None:
        self.measured: list[Work] = []
        self._clock = clock
        self._seconds = seconds

    def __call__(self, work: Work) -> Found:
        self.measured.append(work)
        self._clock.seconds += self._seconds(work)
        if work.kind in ("graph", "whole"):
            return {work.kind: True}
        if work.kind == "compiled":
            return {"compiled_us": 20.0}
        if work.kind == "timed":
            found = {"ours_us": 10.0, "reference_us": 30.0, "share": 0.9, "host_us": 5.0}
            return found | {"moved_bytes": 1 << 30, "backend": "triton"}
        return {"error": 0.0, "allowed": 1e-3, "right": True, "backend": "triton"}


class LosesTheGpu(FakeBench):
    """A bench whose GPU fails for good at the third thing."""

    def __call__(self, work: Work) -> Found:
        found = super().__call__(work)
        if len(self.measured) == 3:
            raise Lost({"failed": {work.kind: "AcceleratorError: illegal memory access"}})
        return found


def reports(folder: Path, here: Setting = HERE, *, again: bool = False) -> dict[str, Report]:
    return {made.spec.name: Report(made.spec.name, here, folder, again=again) for made in OPS}


def go(
    folder: Path,
    works: Sequence[Work],
    bench: FakeBench,
    budget: Budget,
    here: Setting = HERE,
    *,
    again: bool = False,
) -> tuple[list[Work], dict[str, Report], list[str]]:
    told: list[str] = []
    made = reports(folder, here, again=again)
    return run(works, made, bench, budget, told.append), made, told


def stages(works: Sequence[Work]) -> list[tuple[str, bool]]:
    return list(dict.fromkeys((work.kind, work.first) for work in works))


def test_what_tells_most_comes_first_of_all_operations() -> None:
    works = ordered(OPS, [1, 2, 4, 8])
    assert stages(works) == [
        ("checked", True),
        ("checked", False),
        ("graph", True),
        ("timed", True),
        ("compiled", True),
        ("whole", True),
        ("timed", False),
        ("compiled", False),
        ("picked", True),
        ("picked", False),
    ]
    timed = [work for work in works if (work.kind, work.first) == ("timed", True)]
    assert {work.case.batch for work in timed} == {1, 4}
    assert list(dict.fromkeys(work.op for work in timed)) == ["geglu", "swiglu"]
    assert len({(work.op, work.kind, work.key) for work in works}) == len(works)


def test_what_is_not_wanted_is_not_planned() -> None:
    works = ordered(OPS, [2], compiled=False, passes=False, attends=False)
    assert {work.kind for work in works} == {"checked", "timed"}
    graphs = ordered(OPS, [2], compiled=False, attends=False)
    assert [work.op for work in graphs if work.kind == "graph"] == ["geglu", "swiglu"]
    assert "whole" not in {work.kind for work in graphs}


def test_a_budget_knows_what_its_like_took() -> None:
    clock = FakeClock()
    budget = Budget(1, clock)
    [first, *_], [other, *_] = (
        [work for work in ordered([made], [1], attends=False) if work.kind == "timed"]
        for made in OPS
    )
    assert budget.fits(first)
    budget.took(first, 25.0)
    budget.took(first, 5.0)
    assert budget.expected([first, first]) == 30.0
    clock.seconds += 35.0
    assert budget.fits(first)
    assert budget.fits(other), "another operation's time is the best guess there is"
    budget.took(other, 26.0)
    assert not budget.fits(other)
    assert budget.fits(first)
    clock.seconds += 0.5
    assert not budget.fits(first), "it may take as long as the longest did"


def test_without_minutes_there_is_time_for_all() -> None:
    clock = FakeClock()
    budget = Budget(now=clock)
    clock.seconds += 1e9
    assert budget.fits(ordered(OPS, [1])[0])


def test_a_run_that_is_cut_short_ends_in_time_and_goes_on(tmp_path: Path) -> None:
    works, clock = ordered(OPS, [1, 2, 4], attends=False), FakeClock()
    bench = FakeBench(clock)
    left, _, told = go(tmp_path, works, bench, Budget(1, clock))
    assert clock.seconds <= 160
    assert left
    assert bench.measured + left == works
    assert told[0].startswith(f"[1/{len(works)}, 0:01, about ")
    rows = json.loads((tmp_path / "geglu.json").read_text())["rows"]
    assert {"timed", "compiled"} <= {lack for row in rows for lack in row["lacks"]}

    rest, made, told = go(tmp_path, works, second := FakeBench(clock), Budget(None, clock))
    assert rest == []
    assert second.measured == left
    assert told[0].startswith(f"[{len(bench.measured) + 1}/{len(works)}, ")
    assert told[-1].startswith(f"[{len(works)}/{len(works)}, ")
    assert not any(row["lacks"] for row in made["geglu"].found()["rows"])

    assert go(tmp_path, works, third := FakeBench(clock), Budget(None, clock))[0] == []
    assert third.measured == []
    go(tmp_path, works, fourth := FakeBench(clock), Budget(None, clock), again=True)
    assert fourth.measured == works


def test_what_is_too_long_is_passed_over_for_what_is_not(tmp_path: Path) -> None:
    works, clock = ordered(OPS, [1, 2], passes=False, attends=False), FakeClock()
    bench = FakeBench(clock, lambda work: 100.0 if work.kind == "compiled" else 0.1)
    left, _, _ = go(tmp_path, works, bench, Budget(2.5, clock))
    assert [work.kind for work in bench.measured].count("compiled") == 1
    assert {work.kind for work in left} == {"compiled"}


def test_more_batches_add_to_a_report(tmp_path: Path) -> None:
    clock = FakeClock()
    for batches in ([1], [1, 8]):
        works = ordered(OPS, batches, attends=False)
        left, made, _ = go(tmp_path, works, FakeBench(clock), Budget(None, clock))
        assert left == []
    batches_of = {row["batch"] for row in made["geglu"].found()["rows"] if row["real"]}
    assert batches_of == {1, 8}
    go(tmp_path, ordered(OPS, [1], attends=False), bench := FakeBench(clock), Budget(None, clock))
    assert bench.measured == []
    rows = json.loads((tmp_path / "geglu.json").read_text())["rows"]
    assert {row["batch"] for row in rows if row["real"]} == {1, 8}


@pytest.mark.parametrize(
    ("other", "again"),
    [
        (replace(HERE, commit="def5678"), False),
        (replace(HERE, machine=MACHINE | {"os": "Linux 6.2"}), False),
        (replace(HERE, code="fedcba9876543210"), True),
        (replace(HERE, machine=MACHINE | {"torch": "2.13.0"}), True),
        (replace(HERE, machine=MACHINE | {"gpu": "NVIDIA H100"}), True),
        (replace(HERE, library={"name": "liger-kernel", "version": "0.8.5"}), True),
        (replace(HERE, variables={"LIVEDRAFT_KERNELS": "triton"}), True),
    ],
)
def test_only_the_same_setting_is_gone_on_with(tmp_path: Path, other: Setting, again: bool) -> None:
    works, clock = ordered(OPS, [1], attends=False), FakeClock()
    go(tmp_path, works, FakeBench(clock), Budget(None, clock))
    _, made, _ = go(tmp_path, works, second := FakeBench(clock), Budget(None, clock), other)
    assert second.measured == (works if again else [])
    assert made["geglu"].found()["commit"] == other.commit


def test_code_that_changes_is_another_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    kernel, readme = tmp_path / "kernels" / "geglu.py", tmp_path / "kernels" / "README.md"
    kernel.parent.mkdir()
    kernel.write_text("one")
    readme.write_text("one")
    cpu = torch.device("cpu")
    before = settings.setting(cpu).code
    readme.write_text("two")
    assert settings.setting(cpu).code == before
    kernel.write_text("two")
    assert settings.setting(cpu).code != before


def test_a_gpu_that_is_lost_ends_the_run_and_the_next_goes_past_it(tmp_path: Path) -> None:
    works, clock = ordered(OPS, [1], attends=False), FakeClock()
    left, made, told = go(tmp_path, works, LosesTheGpu(clock), Budget(None, clock))
    assert left == works[3:]
    assert any("run again" in line for line in told)
    [fault] = made["geglu"].faults()
    assert fault.endswith("not checked: AcceleratorError: illegal memory access")
    rest, made, _ = go(tmp_path, works, second := FakeBench(clock), Budget(None, clock))
    assert (rest, second.measured) == ([], works[3:])
    assert made["geglu"].faults() == [fault]


def report_of(tmp_path: Path, *found: tuple[str, Found]) -> Report:
    """Return a report of GEGLU with these findings, each of the first work of its kind."""
    works = ordered(OPS[:1], [1], attends=False)
    made = Report("geglu", HERE, tmp_path)
    made.expect(works)
    for kind, each in found:
        made.add(next(work for work in works if work.kind == kind), each)
    return made


def test_a_report_says_what_is_wrong(tmp_path: Path) -> None:
    wrong: dict[str, Any] = {"error": 0.5, "allowed": 1e-3, "right": False}
    gone = "torch: OutOfResources: shared memory"
    made = report_of(
        tmp_path,
        ("checked", wrong | {"backend": gone}),
        ("timed", {"skipped": {"timed": "the GPU has not the memory"}}),
        ("compiled", {"failed": {"compiled": "InductorError: of its own"}}),
        ("graph", {"graph": False}),
        ("whole", {"failed": {"whole": "Unsupported: a break"}}),
    )
    assert made.faults() == [
        "odd, batch 2, float32: error 5.0e-01, 1e-03 allowed",
        f"odd, batch 2, float32: by {gone}",
        "graph failed",
        "whole failed: Unsupported: a break",
    ]
    shown = "\n".join(lines(made.found()))
    assert shown.count("WRONG") == 4
    assert "skipped timed: the GPU has not the memory" in shown
    assert "not checked" in shown


def test_a_report_names_the_library_and_what_goals_are_judged_by(tmp_path: Path) -> None:
    timed = FakeBench(FakeClock())(
        next(work for work in ordered(OPS[:1], [1]) if work.kind == "timed")
    )
    made = report_of(tmp_path, ("timed", timed | {"library_us": 12.5}))
    shown = "\n".join(lines(made.found()))
    assert "geglu: NVIDIA H200, torch 2.11.0, Triton 3.6.0, liger-kernel not installed" in shown
    assert "library_us 12.5" in shown
    assert (
        "reached: host's time a call, µs is 5.00, goal at most 15 (1 of 4 cases measured)" in shown
    )
