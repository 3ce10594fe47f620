"""The GPU script measures what it says; that it runs is shown on a CPU, at small shapes."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from benchmarks.kernels_gpu import __main__ as script
from benchmarks.kernels_gpu import attention, operation
from benchmarks.kernels_gpu.cases import small
from benchmarks.kernels_gpu.goals import goals, picks
from benchmarks.kernels_gpu.idioms import IDIOMS
from benchmarks.kernels_gpu.measuring import Bench
from benchmarks.kernels_gpu.work import Work

from livedraft.kernels.bench import stopwatch
from livedraft.kernels.calls import Call, real
from livedraft.kernels.dispatch import Op
from livedraft.kernels.ops import op
from livedraft.kernels.spec import Workload
from livedraft.kernels.verify import error

ROOT = Path(__file__).parents[2]
CPU = torch.device("cpu")
L2 = 50 << 20  # bytes


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopwatch, "TIMED_CALLS", 2)
    tiny = attention.Shape("tiny", 2, 8, 16)
    monkeypatch.setattr(attention, "SHAPES", (tiny, replace(tiny, name="text", keys=5)))


def of_tiny_models(name: str) -> Op[..., Any]:
    """Return an operation whose small workloads are said to be of real models, too."""
    spec = op(name).spec
    few = [w for w in spec.workloads if not w.real][:2]
    models = [replace(w, name=f"{w.name} model", real=True) for w in few]
    return Op(replace(spec, workloads=(*few, *models)), op(name).empty)


def test_real_workloads_come_at_every_batch_once() -> None:
    made = of_tiny_models("geglu")
    twice = (*made.spec.workloads, Workload("same", {**made.spec.workloads[2].axes}, real=True))
    again = Op(replace(made.spec, workloads=twice), made.empty)
    assert [(case.workload.name, case.batch) for case in real(again, [1, 8])] == [
        ("odd model", 1),
        ("odd model", 8),
        ("one token model", 1),
        ("one token model", 8),
    ]
    assert {case.dtype for case in real(again, [1])} == {torch.bfloat16}
    assert len(list(small(again))) == 2 * 3


@pytest.mark.parametrize("name", ["geglu", "quantize_rowwise"])
def test_a_case_is_checked_and_timed(name: str) -> None:
    made = of_tiny_models(name)
    for case in (*small(made), *real(made, [1, 2])):
        found = operation.check(case, CPU)
        assert found["right"]
        assert found["backend"] == "torch"
    for case in real(made, [2]):
        row = operation.times(case, CPU, 1e10)
        assert row["share"] == row["moved_bytes"] / (row["ours_us"] * 1e-6) / 1e10
        assert min(row[key] for key in ("ours_us", "ours_warm_us", "host_us", "reference_us")) > 0
        assert ("torch_us" in row) == (name in IDIOMS)


def test_a_wrong_operation_is_called_so() -> None:
    made = of_tiny_models("gelu_tanh")
    wrong = Op(replace(made.spec, reference=lambda x: x.clone()), made.empty)
    wrong._routes[(torch.float32, CPU)] = lambda x: 1.001 * x
    found = operation.check(next(small(wrong)), CPU)
    assert not found["right"]
    assert found["error"] == pytest.approx(1e-3, rel=1e-2)


class FirstSight:
    """A kernel that is wrong, behind a check that returns the reference's result the first time."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return x.clone() if self.calls == 1 else 1.01 * x


def test_what_is_checked_is_the_kernel_and_not_the_check_at_first_sight() -> None:
    made = of_tiny_models("gelu_tanh")
    wrong = Op(replace(made.spec, reference=lambda x: x.clone()), made.empty)
    wrong._routes[(torch.float32, CPU)] = FirstSight()
    assert not operation.check(next(small(wrong)), CPU)["right"]


def test_a_failure_is_found_and_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> dict[str, Any]:
        raise RuntimeError("cannot be launched")

    def starves(*_: object) -> dict[str, Any]:
        raise torch.OutOfMemoryError("2 GiB")

    work = Work("geglu", "checked", next(small(of_tiny_models("geglu"))))
    monkeypatch.setattr(operation, "check", breaks)
    assert Bench(CPU, 1e10)(work) == {"failed": {"checked": "RuntimeError: cannot be launched"}}
    monkeypatch.setattr(operation, "check", starves)
    assert Bench(CPU, 1e10)(work) == {"skipped": {"checked": "the GPU has not the memory"}}


@pytest.mark.parametrize("name", sorted(IDIOMS))
def test_an_idiom_computes_what_the_reference_does(name: str) -> None:
    for case in small(op(name)):
        if case.dtype == torch.float32:
            inputs = case.inputs(CPU)
            made, true = IDIOMS[name](**inputs), case.op.spec.reference(**inputs)
            assert error(made, true) <= max(1e-4, case.op.spec.tolerance[case.dtype])


ROW = {"real": True, "batch": 1, "ours_us": 10.0, "compiled_us": 11.0, "reference_us": 40.0}
ROW |= {"share": 0.9, "host_us": 9.0, "moved_bytes": 1 << 30}


def test_goals_are_judged_by_their_worst_case() -> None:
    slow = ROW | {"ours_us": 12.0, "share": 0.8, "torch_us": 24.0}
    many = ROW | {"batch": 8, "ours_us": 30.0, "reference_us": 90.0}
    found = goals("stream_step", [ROW, slow, many], L2)
    assert [(goal["value"], goal["reached"], goal["of"]) for goal in found] == [
        (0.8, False, [3, 3]),
        (12 / 11, False, [2, 2]),
        (2.0, False, [3, 3]),
        (9.0, True, [3, 3]),
    ]


def test_goals_say_how_much_of_them_was_measured() -> None:
    unknown = {"real": True, "batch": 4}
    not_compiled = {key: value for key, value in ROW.items() if key != "compiled_us"}
    found = goals("geglu", [ROW, not_compiled, unknown, {"real": False, "batch": 2}], L2)
    assert {goal["what"]: goal["of"] for goal in found} == {
        "share of copy bandwidth, large shapes": [2, 3],
        "time by Inductor's at batch 1 to 4": [1, 3],
        "host's time a call, µs": [2, 3],
    }
    assert goals("geglu", [unknown], L2) == []


def test_only_what_waits_for_memory_has_a_share_to_reach() -> None:
    cached = ROW | {"share": 0.3, "moved_bytes": 2 * L2}
    assert goals("geglu", [ROW, cached], L2)[0]["value"] == 0.9
    assert "share" not in goals("geglu", [ROW], None)[0]["what"]


def test_picks_that_are_slow_are_counted() -> None:
    rows = [{"as_fast": True}, {"as_fast": False}, {}]
    [found] = picks(rows)
    assert (found["value"], found["reached"], found["of"]) == (1, False, [2, 3])
    assert picks([{}]) == []


def test_attention_says_what_was_picked_and_what_was_fastest() -> None:
    cases = list(attention.cases((1, 2)))
    assert [(case.workload.name, case.batch) for case in cases] == [
        ("tiny", 1),
        ("tiny", 2),
        ("text", 1),
        ("text", 2),
    ]
    rows = [attention.measured(case, CPU) for case in cases]
    assert all(row["right"] and row["picked"] == "cpu" for row in rows)
    assert all(row["fastest"] in row["backend_us"] for row in rows)


def ran(monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    """Run the script on the CPU, operations at tiny shapes."""
    monkeypatch.setattr(script, "op", of_tiny_models)
    monkeypatch.setattr(script, "copy_bandwidth", lambda device: 1e10)
    monkeypatch.setattr(sys, "argv", ["kernels_gpu", "--device", "cpu", *options])
    return script.main()


def test_the_whole_runs_on_a_cpu_and_goes_on_where_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["gelu_tanh", "attention", "--no-compile", "--batches", "1", "--out", str(tmp_path)]
    assert ran(monkeypatch, *options, "--minutes", "0") == script.CUT_SHORT
    said = capsys.readouterr()
    assert "left: 12" in said.out
    assert "not checked: gelu_tanh 8" in said.out
    assert not (tmp_path / "kernels").exists()

    assert ran(monkeypatch, *options) == script.RIGHT
    said = capsys.readouterr()
    assert len(said.err.splitlines()) == 12
    assert said.err.splitlines()[-1].startswith("[12/12, 0:")
    read = json.loads((tmp_path / "kernels" / "gelu_tanh.json").read_text())
    assert read["faults"] == []
    assert read["machine"]["torch"] == torch.__version__
    assert read["library"]["name"] == "liger-kernel"
    assert all(row["workload"] in said.out for row in read["rows"] if row["real"])
    assert {tuple(row["lacks"]) for row in read["rows"] if row["real"]} == {("compiled",)}

    assert ran(monkeypatch, *options) == script.RIGHT
    assert capsys.readouterr().err == ""
    assert ran(monkeypatch, *options, "--again") == script.RIGHT
    assert len(capsys.readouterr().err.splitlines()) == 12


def test_checks_alone_leave_the_times_to_a_later_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["gelu_tanh", "--no-compile", "--batches", "1", "--out", str(tmp_path)]
    assert ran(monkeypatch, *options, "--checks") == script.RIGHT
    checked = capsys.readouterr().err.splitlines()
    read = json.loads((tmp_path / "kernels" / "gelu_tanh.json").read_text())
    assert len(checked) == len(read["rows"]) == 8
    assert not any("ours_us" in row for row in read["rows"])
    assert ran(monkeypatch, *options) == script.RIGHT
    assert len(capsys.readouterr().err.splitlines()) == 2, "what was checked is not checked again"


def test_what_is_wrong_has_the_status_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong(case: Call, device: torch.device) -> dict[str, Any]:
        return {"error": 0.5, "allowed": 1e-3, "right": False, "backend": "triton"}

    monkeypatch.setattr(operation, "check", wrong)
    options = ["gelu_tanh", "--no-compile", "--batches", "1", "--out", str(tmp_path)]
    assert ran(monkeypatch, *options) == script.WRONG
    assert "WRONG: odd, batch 2, float32: error 5.0e-01, 1e-03 allowed" in capsys.readouterr().out


def test_it_needs_no_more_than_torch_triton_and_numpy() -> None:
    """Nothing else is imported, and without a GPU it says so."""
    code = """
import sys
from benchmarks.kernels_gpu.__main__ import main
others = {"click", "pydantic", "PIL", "httpx", "msgpack", "websockets", "liger_kernel"}
others &= sys.modules.keys()
assert not others, others
sys.argv = ["kernels_gpu"]
sys.exit(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONPATH": "sdk", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, "no GPU: nothing was measured\n")
