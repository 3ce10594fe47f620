"""Of the figures that are measured, a page has those that it is for."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

MACHINE = {"cpu": "CPU", "cores": 2, "memory_gib": 8.0}


@pytest.fixture(scope="module")
def figures() -> ModuleType:
    path = Path(__file__).parents[2] / "docs" / "figures.py"
    spec = importlib.util.spec_from_file_location("figures", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def goal(what: str, value: float, limit: float) -> dict[str, Any]:
    return {"what": what, "value": value, "limit": limit, "unit": "ms", "reached": value <= limit}


def test_the_readme_has_of_each_benchmark_what_is_nearest_to_its_limit(figures: ModuleType) -> None:
    goals = [goal("easy", 1, 100), goal("beyond", 12, 10), goal("near", 95, 100)]
    found = [{"machine": MACHINE, "goals": goals}, {"machine": MACHINE, "goals": []}]
    page = figures.with_figures("<!-- figures: goals -->\n<!-- end -->\n", found)
    assert "| beyond | 12 ms | 10 ms | **missed** |" in page
    assert "easy" not in page
    assert "near" not in page


def test_what_the_engine_makes_stands_beside_the_library(figures: ModuleType) -> None:
    row = {"title": "SD, 512 px", "right": True, "library_ms": 40.0, "ours_ms": 8.0}
    row |= {"ours_share": 0.2, "error": 2e-3}
    wrong = row | {"title": "Wrong", "right": False}
    machine = {"gpu": "NVIDIA H200", "torch": "2.11.0", "triton": "3.6.0"}
    goals = [{"what": "pictures a second", "value": 125, "least": 200, "most": None}]
    found = {"machine": machine, "matrix_flops_per_s": 7.8e14, "rows": [row, wrong], "code": "ab"}
    found |= {"goals": [goals[0] | {"reached": False}], "date": "2026-11-27T13:40:00+00:00"}
    found |= {"library": {"name": "diffusers", "version": "0.42.1"}, "command": "python -m x"}
    page = figures.engine_tables([found])
    assert "| SD, 512 px | 40 |  | **8** | 5 | 20% | 2.0e-03 |" in page
    assert "| pictures a second | 125 | ≥ 200 | **missed** |" in page
    assert "780 TFLOP/s" in page
    assert "Wrong" not in page
