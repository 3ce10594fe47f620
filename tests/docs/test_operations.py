"""The page of the kernels shows what was measured, as the GPU script writes it."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs"
MACHINE = {"gpu": "NVIDIA H200", "torch": "2.11.0", "triton": "3.6.0"}
ROW = {"workload": "SDXL", "batch": 4, "real": True, "ours_us": 20.0, "host_us": 8.0, "share": 0.9}
WORKLOADS = {"SDXL", "Wan", "odd"}
ROW |= {"reference_us": 50.0, "torch_us": 40.0, "compiled_us": 21.0, "backend": "triton"}


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(DOCS)
    return importlib.import_module("operations")


def report(**more: Any) -> dict[str, Any]:
    made = {"op": "geglu", "machine": MACHINE, "commit": "1234567", "goals": [], "rows": []}
    return made | {"library": {"name": "liger-kernel", "version": "0.8.5"}} | more


def rows_of(page: str) -> list[str]:
    return [line for line in page.splitlines() if line.startswith(("| SDXL", "| Wan", "| odd"))]


def test_nothing_measured_is_said_so(operations: ModuleType) -> None:
    assert operations._measured([], ()) == "Not measured yet.\n"


def test_figures_stand_beside_their_baselines(operations: ModuleType) -> None:
    page = operations._measured([report(rows=[ROW, ROW | {"batch": 8}])], WORKLOADS)
    assert "NVIDIA H200, torch 2.11.0, Triton 3.6.0, commit 1234567:" in page
    assert rows_of(page) == ["| SDXL | 4 | 20.0 | 21.0 |  | 40.0 | 90% | 8.0 |"]


def test_what_is_checked_no_more_is_not_shown(operations: ModuleType) -> None:
    page = operations._measured([report(rows=[ROW, ROW | {"workload": "Wan"}])], {"SDXL"})
    assert [row[:6] for row in rows_of(page)] == ["| SDXL"]


def test_a_library_is_named_where_it_was_timed(operations: ModuleType) -> None:
    page = operations._measured(
        [report(rows=[ROW | {"library_us": 22.5}, ROW | {"batch": 1}])], WORKLOADS
    )
    assert "Triton 3.6.0, liger-kernel 0.8.5, commit 1234567:" in page
    assert rows_of(page) == [
        "| SDXL | 4 | 20.0 | 21.0 | 22.5 | 40.0 | 90% | 8.0 |",
        "| SDXL | 1 | 20.0 | 21.0 |  | 40.0 | 90% | 8.0 |",
    ]


def test_what_torch_computed_is_not_called_a_kernels(operations: ModuleType) -> None:
    page = operations._measured([report(rows=[ROW | {"backend": "torch"}])], WORKLOADS)
    assert rows_of(page) == ["| SDXL | 4 | 20.0 (torch) | 21.0 |  | 40.0 | 90% | 8.0 |"]


def test_what_was_not_measured_is_said(operations: ModuleType) -> None:
    unknown = {"workload": "Wan", "batch": 4, "real": True}
    small = {"workload": "odd", "batch": 1, "real": False}
    starved = unknown | {"batch": 1, "skipped": {"timed": "the GPU has not the memory"}}
    goal = {"what": "share of copy bandwidth", "value": 0.8, "least": 0.85, "reached": False}
    rows = [ROW, unknown, starved, unknown | {"batch": 8}, small]
    page = operations._measured([report(rows=rows, goals=[goal | {"of": [1, 4]}])], WORKLOADS)
    assert [line for line in page.splitlines() if line.startswith("- ")] == [
        "- Not measured: Wan, batch 4.",
        "- Not measured: Wan, batch 1 (the GPU has not the memory).",
        "- share of copy bandwidth: 0.80, goal ≥ 0.85, **missed**, 1 of 4 cases measured",
    ]
    assert len(rows_of(page)) == 1
    whole = operations._measured([report(rows=[ROW], goals=[goal | {"of": [4, 4]}])], WORKLOADS)
    assert "- share of copy bandwidth: 0.80, goal ≥ 0.85, **missed**\n" in whole


def test_picks_of_attention_are_shown_with_every_backend(operations: ModuleType) -> None:
    row = {"workload": "SDXL", "batch": 1, "picked": "cudnn", "ours_us": 31.0}
    rows = [row | {"backend_us": {"cudnn": 30.0, "flash": 44.0}}, {"workload": "Wan", "batch": 1}]
    page = operations._attention([report(rows=rows)])
    assert "- Not measured: Wan, batch 1." in page
    assert "| SDXL | 1 | cudnn | 31 | cudnn 30, flash 44 |" in page
    assert "| flash | float16, bfloat16 | ≤ 256, multiples of 8 | no | sm_80 |" in page
