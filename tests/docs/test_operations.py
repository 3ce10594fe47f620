"""The page of the kernels shows what was measured, as the GPU script writes it."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs"
MACHINE = {"gpu": "NVIDIA H200", "torch": "2.11.0", "triton": "3.6.0"}


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(DOCS)
    return importlib.import_module("operations")


def report(**more: Any) -> dict[str, Any]:
    return {"op": "geglu", "machine": MACHINE, "commit": "1234567", "goals": [], "rows": []} | more


def test_nothing_measured_is_said_so(operations: ModuleType) -> None:
    assert operations._measured([]) == "Not measured yet.\n"


def test_figures_stand_beside_their_baselines(operations: ModuleType) -> None:
    row = {"workload": "SDXL", "batch": 4, "ours_us": 20.0, "host_us": 8.0, "share": 0.9}
    row |= {"reference_us": 50.0, "torch_us": 40.0, "compiled_us": 21.0}
    goal = {"what": "share of copy bandwidth", "value": 0.8, "least": 0.85, "reached": False}
    rows = [row, row | {"batch": 8}, {"workload": "Wan", "batch": 4, "skipped": "no memory"}]
    page = operations._measured([report(rows=rows, goals=[goal])])
    assert "NVIDIA H200, torch 2.11.0, Triton 3.6.0, commit 1234567:" in page
    table = [line for line in page.splitlines() if line.startswith("| SDXL") or "Wan" in line]
    assert table == ["| SDXL | 4 | 20.0 | 21.0 | 40.0 | 90% | 8.0 |"]
    assert "- share of copy bandwidth: 0.80, goal ≥ 0.85, **missed**" in page


def test_picks_of_attention_are_shown_with_every_backend(operations: ModuleType) -> None:
    row = {"workload": "SDXL", "batch": 1, "picked": "cudnn", "ours_us": 31.0}
    page = operations._attention(
        [report(rows=[row | {"backend_us": {"cudnn": 30.0, "flash": 44.0}}])]
    )
    assert "| SDXL | 1 | cudnn | 31 | cudnn 30, flash 44 |" in page
    assert "| flash | float16, bfloat16 | ≤ 256, multiples of 8 | no | sm_80 |" in page
