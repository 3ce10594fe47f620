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
from benchmarks.kernels_gpu.cases import real, small
from benchmarks.kernels_gpu.idioms import IDIOMS

from livedraft.kernels.dispatch import Op
from livedraft.kernels.ops import op
from livedraft.kernels.spec import Workload
from livedraft.kernels.verify import error

ROOT = Path(__file__).parents[2]
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation, "CALLS", 2)
    monkeypatch.setattr(attention, "CALLS", 2)
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
def test_an_operation_is_checked_and_timed(name: str) -> None:
    made = of_tiny_models(name)
    checks = list(operation.checked(made, [1, 2], CPU))
    assert [row["right"] for row in checks] == [True] * (2 * 3 + 2 * 2)
    rows = list(operation.measured(made, [2], CPU, 1e10, compiled=False))
    for row in rows:
        assert row["share"] == row["moved_bytes"] / (row["ours_us"] * 1e-6) / 1e10
        assert min(row[key] for key in ("ours_us", "ours_warm_us", "host_us", "reference_us")) > 0
        assert ("torch_us" in row) == (name in IDIOMS)
    assert [goal["what"] for goal in operation.goals(made, rows)] == ["host's time a call, µs"]


def test_a_wrong_operation_is_called_so() -> None:
    made = of_tiny_models("gelu_tanh")
    wrong = Op(replace(made.spec, reference=lambda x: x.clone()), made.empty)
    wrong._routes[(torch.float32, CPU)] = lambda x: 1.001 * x
    [first, *_] = operation.checked(wrong, [1], CPU)
    assert not first["right"]
    assert script.wrong([first]) == [f"odd, batch 2: error {first['error']:.1e}"]


@pytest.mark.parametrize("name", sorted(IDIOMS))
def test_an_idiom_computes_what_the_reference_does(name: str) -> None:
    for case in small(op(name)):
        if case.dtype == torch.float32:
            inputs = case.inputs(CPU)
            made, true = IDIOMS[name](**inputs), case.op.spec.reference(**inputs)
            assert error(made, true) <= max(1e-4, case.op.spec.tolerance[case.dtype])


def test_goals_are_judged_by_their_worst_case() -> None:
    row = {"batch": 1, "ours_us": 10.0, "compiled_us": 11.0, "reference_us": 40.0, "share": 0.9}
    row |= {"host_us": 9.0, "moved_bytes": 1 << 30}
    slow = row | {"ours_us": 12.0, "share": 0.8, "torch_us": 24.0}
    many = row | {"batch": 8, "ours_us": 30.0, "reference_us": 90.0}
    found = operation.goals(op("stream_step"), [row, slow, many])
    assert [(goal["value"], goal["reached"]) for goal in found] == [
        (0.8, False),
        (12 / 11, False),
        (2.0, False),
        (9.0, True),
    ]


def test_attention_says_what_was_picked_and_what_was_fastest() -> None:
    rows = list(attention.measured((1, 2), CPU))
    assert [row["workload"] for row in rows] == ["tiny", "tiny", "text", "text"]
    assert all(row["right"] and row["picked"] == "cpu" for row in rows)
    assert all(row["fastest"] in row["backend_us"] for row in rows)


def test_a_report_is_json_and_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "op", of_tiny_models)
    found = script.reported("gelu_tanh", [1], CPU, 1e10, compiled=False)
    script.write(found, tmp_path / "gelu_tanh.json")
    read = json.loads((tmp_path / "gelu_tanh.json").read_text())
    assert read["faults"] == []
    assert read["machine"]["torch"] == torch.__version__
    assert {"op", "commit", "date", "checks", "rows", "goals", "copy_bytes_per_s"} <= read.keys()
    shown = "\n".join(script.lines(found))
    assert all(row["workload"] in shown for row in found["rows"])


def test_it_needs_no_more_than_torch_triton_and_numpy() -> None:
    """Nothing else is imported, and without a GPU it says so."""
    code = """
import sys
from benchmarks.kernels_gpu.__main__ import main
others = {"click", "pydantic", "PIL", "httpx", "msgpack", "websockets"} & sys.modules.keys()
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
