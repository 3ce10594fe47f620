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
