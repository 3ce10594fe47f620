"""Choices outlive a process, travel between machines of a kind, and damage does no harm."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import torch

from livedraft.errors import ConfigError
from livedraft.runtime.compute.execution import Choice, Execution, PlanStore

CPU = torch.device("cpu")
GRAPH = Choice("graph", {"eager": 9.0, "graph": 3.0}, {})
BUCKET = ("dict", (("x", ("tensor", (2, 8), torch.float32, CPU)),))


def test_a_choice_is_found_again_by_name_bucket_and_setting(tmp_path: Path) -> None:
    PlanStore(tmp_path / "plans.json").put("net", BUCKET, CPU, GRAPH)
    again = PlanStore(tmp_path / "plans.json")
    assert again.get("net", BUCKET, CPU) == GRAPH
    assert again.get("other", BUCKET, CPU) is None
    assert again.get("net", ("dict", ()), CPU) is None


def test_other_versions_and_other_devices_choose_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PlanStore(tmp_path / "plans.json")
    store.put("net", BUCKET, CPU, GRAPH)
    monkeypatch.setattr(torch, "__version__", "9.9")
    assert store.get("net", BUCKET, CPU) is None
    monkeypatch.undo()
    assert store.get("net", BUCKET, CPU) == GRAPH


def test_choices_are_exported_and_taken_in(tmp_path: Path) -> None:
    there, here = PlanStore(tmp_path / "there.json"), PlanStore(tmp_path / "here.json")
    there.put("net", BUCKET, CPU, GRAPH)
    there.put("own", BUCKET, CPU, GRAPH)
    own = Choice("eager", {"eager": 1.0}, {"graph": "slower here"})
    here.put("own", BUCKET, CPU, own)
    there.export(tmp_path / "sent.json")
    assert here.take_in(tmp_path / "sent.json") == 2
    again = PlanStore(tmp_path / "here.json")
    assert again.get("net", BUCKET, CPU) == GRAPH
    assert again.get("own", BUCKET, CPU) == own


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"format": 99, "plans": {}}', '{"format": 1, "plans": {"a": {"way": "x"}}}'],
)
def test_a_damaged_file_is_set_aside_with_a_reason(
    content: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "plans.json"
    path.write_text(content)
    with caplog.at_level(logging.WARNING, "livedraft.execution"):
        store = PlanStore(path)
    assert "set aside as plans.damaged" in caplog.text
    assert (tmp_path / "plans.damaged").read_text() == content
    store.put("net", BUCKET, CPU, GRAPH)
    assert json.loads(path.read_text())["format"] == 1
    (tmp_path / "sent.json").write_text(content)
    with pytest.raises(ConfigError, match="export it anew"):
        store.take_in(tmp_path / "sent.json")


def test_an_execution_asks_and_tells_its_store(tmp_path: Path) -> None:
    def double(x: torch.Tensor) -> torch.Tensor:
        return 2 * x

    class Never:
        def record(self, work: Any, device: torch.device) -> Any:
            raise RuntimeError("no graphs here")

    store = PlanStore(tmp_path / "plans.json")
    Execution(double, "graph", "double", store, recorder=Never()).warm(x=torch.ones(2))
    known = json.loads((tmp_path / "plans.json").read_text())["plans"]
    assert [(plan["name"], plan["way"]) for plan in known.values()] == [("double", "eager")]

    def measured(run: Any, device: torch.device) -> float:
        raise AssertionError("it is known already")

    auto = Execution(double, "auto", "double", store, recorder=Never(), measure=measured)
    assert "no graphs here" in auto.warm(x=torch.ones(2)).reasons["graph"]
