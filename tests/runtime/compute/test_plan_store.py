"""Choices outlive a process, travel between machines of a kind, and damage does no harm."""

import json
import logging
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.runtime.compute.running import Net, Rerun, inputs, timed

from livedraft.errors import ConfigError
from livedraft.runtime.compute.execution import Choice, Execution, PlanStore

CPU = torch.device("cpu")
GRAPH = Choice("graph", {"eager": 9.0, "graph": 3.0}, {})
EAGER = Choice("eager", {"eager": 1.0}, {"graph": "slower here"})
BUCKET = ("dict", (("x", ("tensor", (2, 8), torch.float32, CPU)),))


def only(folder: Path) -> Path:
    """Return the one file of a folder."""
    (path,) = folder.iterdir()
    return path


def test_a_choice_is_found_again_by_name_bucket_and_setting(tmp_path: Path) -> None:
    PlanStore(tmp_path).put("net", BUCKET, CPU, GRAPH)
    again = PlanStore(tmp_path)
    assert again.get("net", BUCKET, CPU) == GRAPH
    assert again.get("other", BUCKET, CPU) is None
    assert again.get("net", ("dict", ()), CPU) is None


def test_other_versions_and_other_devices_choose_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PlanStore(tmp_path)
    store.put("net", BUCKET, CPU, GRAPH)
    monkeypatch.setattr(torch, "__version__", "9.9")
    assert store.get("net", BUCKET, CPU) is None
    assert [plan["here"] for plan in store.plans()] == [False]
    monkeypatch.undo()
    assert store.get("net", BUCKET, CPU) == GRAPH
    assert [plan["here"] for plan in store.plans()] == [True]


def test_which_of_several_cards_it_was_makes_no_difference(tmp_path: Path) -> None:
    def on(card: int) -> Any:
        return "tensor", (2, 8), torch.float32, torch.device("cuda", card)

    store = PlanStore(tmp_path)
    store.put("net", on(0), torch.device("cuda:0"), GRAPH)
    assert store.get("net", on(1), torch.device("cuda:1")) == GRAPH
    assert store.get("net", on(1), CPU) is None


def test_servers_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    many, stores = 30, [PlanStore(tmp_path) for _ in range(4)]
    begin = threading.Barrier(len(stores))

    def write(own: int, store: PlanStore) -> None:
        begin.wait()
        for index in range(many):
            store.put(f"net-{own}", ("bucket", index), CPU, GRAPH)
            store.put("of all", ("bucket", index), CPU, GRAPH)

    threads = [threading.Thread(target=write, args=each) for each in enumerate(stores)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(PlanStore(tmp_path).plans()) == (len(stores) + 1) * many
    assert not list(tmp_path.glob("*.part"))
    assert not list(tmp_path.glob("*.damaged"))


def test_choices_are_exported_and_taken_in(tmp_path: Path) -> None:
    there, here = PlanStore(tmp_path / "there"), PlanStore(tmp_path / "here")
    there.put("net", BUCKET, CPU, GRAPH)
    there.put("own", BUCKET, CPU, GRAPH)
    here.put("own", BUCKET, CPU, EAGER)
    sent = tmp_path / "sent.json"
    assert there.export(sent) == 2
    assert here.take_in(sent) == (1, 1)
    assert here.take_in(sent) == (0, 0)
    again = PlanStore(tmp_path / "here")
    assert again.get("net", BUCKET, CPU) == GRAPH
    assert again.get("own", BUCKET, CPU) == EAGER


def test_those_of_other_machines_are_taken_in_and_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(torch, "__version__", "9.9")
        PlanStore(tmp_path / "there").put("net", BUCKET, CPU, GRAPH)
        PlanStore(tmp_path / "there").export(tmp_path / "sent.json")
    assert PlanStore(tmp_path / "here").take_in(tmp_path / "sent.json") == (1, 0)


def test_choices_of_one_model_are_forgotten(tmp_path: Path) -> None:
    store = PlanStore(tmp_path)
    for name in ("net (Net, 72 numbers)", "network (Net, 72 numbers)"):
        store.put(name, BUCKET, CPU, GRAPH)
    assert store.clear("net") == 1
    assert [plan["name"] for plan in store.plans()] == ["network (Net, 72 numbers)"]
    assert store.clear() == 1
    assert not list(tmp_path.iterdir())


DAMAGED = [
    "",
    "{",
    "[]",
    "[" * 100_000,
    '{"format": 99, "plan": {}}',
    '{"format": 1, "plan": {"way": "x"}}',
]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_is_set_aside_with_a_reason_and_the_others_serve(
    content: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = PlanStore(tmp_path)
    store.put("net", BUCKET, CPU, GRAPH)
    path = only(tmp_path)
    path.write_text(content)
    store.put("other", BUCKET, CPU, GRAPH)
    with caplog.at_level(logging.WARNING, "livedraft.execution"):
        assert store.get("net", BUCKET, CPU) is None
    assert f"set aside as {path.stem}.damaged" in caplog.text
    assert path.with_suffix(".damaged").read_text() == content
    assert store.get("other", BUCKET, CPU) == GRAPH
    store.put("net", BUCKET, CPU, GRAPH)
    assert store.get("net", BUCKET, CPU) == GRAPH


@pytest.mark.parametrize("content", [*DAMAGED, '{"format": 1, "plans": [{"way": "eager"}]}'])
def test_a_damaged_export_is_refused_whole(content: str, tmp_path: Path) -> None:
    sent = tmp_path / "sent.json"
    sent.write_text(content)
    store = PlanStore(tmp_path / "here")
    with pytest.raises(ConfigError, match="holds no plans") as refused:
        store.take_in(sent)
    assert "export it anew" in refused.value.fix
    assert store.plans() == []
    with pytest.raises(ConfigError, match="holds no plans"):
        store.take_in(tmp_path / "none.json")


def test_a_folder_that_cannot_be_written_to_is_told_once_and_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    store = PlanStore(tmp_path / "file" / "plans")
    with caplog.at_level(logging.WARNING, "livedraft.execution"):
        for name in ("net", "other"):
            assert store.get(name, BUCKET, CPU) is None
            store.put(name, BUCKET, CPU, GRAPH)
    assert caplog.text.count("plans are not kept in") == 1
    other = PlanStore(tmp_path / "there")
    other.put("net", BUCKET, CPU, GRAPH)
    other.export(tmp_path / "sent.json")
    with pytest.raises(ConfigError, match="cannot be kept") as refused:
        store.take_in(tmp_path / "sent.json")
    assert "LIVEDRAFT_CACHE" in refused.value.fix


class Never:
    """A device that refuses to record, for want of memory or for good."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def record(self, work: Any, device: torch.device) -> Any:
        raise self.error


def unmeasured(run: Any, device: torch.device) -> float:
    raise AssertionError("it is known already")


def test_what_is_settled_is_not_measured_anew(tmp_path: Path) -> None:
    net, store = Net(), PlanStore(tmp_path)
    recorder = Never(RuntimeError("no graphs here"))
    first = Execution(net, "graph", "net", store, recorder=recorder, measure=timed(eager=9.0))
    first.warm(**inputs(0))
    assert [plan["way"] for plan in store.plans()] == ["eager"]
    again = Execution(net, "graph", "net", store, recorder=recorder, measure=unmeasured)
    assert "no graphs here" in again.warm(**inputs(0)).reasons["graph"]


def test_for_want_of_memory_nothing_is_settled(tmp_path: Path) -> None:
    net, store = Net(), PlanStore(tmp_path)
    recorder = Never(torch.OutOfMemoryError("for now"))
    first = Execution(net, "graph", "net", store, recorder=recorder, measure=timed(eager=9.0))
    assert first.warm(**inputs(0)).way == "eager"
    assert store.plans() == []


def test_weights_of_another_size_have_plans_of_their_own(tmp_path: Path) -> None:
    net, store = Net(), PlanStore(tmp_path)
    for each in (net, net):
        told = timed(eager=9.0, graph=3.0)
        Execution(each, "graph", "net", store, recorder=Rerun(), measure=told).warm(**inputs(0))
    assert len(store.plans()) == 1
    net.more = torch.nn.Linear(2, 2)
    told = timed(eager=9.0, graph=3.0)
    Execution(net, "graph", "net", store, recorder=Rerun(), measure=told).warm(**inputs(0))
    assert len(store.plans()) == 2


def test_a_known_plan_that_is_wrong_or_slower_gives_way_to_what_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def compiler(wrong: bool) -> Any:
        def compiled(graph: torch.fx.GraphModule, given: Any) -> Any:
            def run(*args: Any) -> Any:
                made = graph(*args)
                return tuple(each + 1 for each in made) if wrong else made

            return run

        return compiled

    def execution(mode: Any, wrong: bool, **us: float) -> Execution:
        told = timed(**us)
        made = Execution(
            Net(), mode, "net", store, backend=compiler(wrong), recorder=Rerun(), measure=told
        )
        torch._dynamo.reset()
        return made

    store = PlanStore(tmp_path)
    assert execution("compiled", False, eager=9.0, compiled=3.0).warm(**inputs(0)).way == "compiled"
    taken = execution("auto", False, eager=9.0, compiled=3.0)
    assert taken.warm(**inputs(0)).way == "compiled", "by what is known alone"
    with caplog.at_level(logging.WARNING, "livedraft.execution"):
        slower = execution("compiled", False, eager=3.0, compiled=9.0)
        assert slower.warm(**inputs(0)).way == "eager"
        assert "eager, not compiled: it takes 9 µs, eager 3 µs" in caplog.text
        store.put(store.plans()[0]["name"], "another", CPU, GRAPH)  # untouched by it
        execution("compiled", False).warm(**inputs(0))  # settled
        store.clear()
        execution("compiled", False, eager=9.0, compiled=3.0).warm(**inputs(0))
        wrong = execution("auto", True, eager=9.0, graph=3.0)
        assert wrong.warm(**inputs(0)).way == "eager"
        assert "eager, not compiled: its result is" in caplog.text
    assert [plan["way"] for plan in store.plans()] == ["eager"]


def test_where_the_known_way_fails_the_others_are_tried(tmp_path: Path) -> None:
    store, net = PlanStore(tmp_path), Net()
    known = Execution(net, "graph", "net", store, recorder=Rerun(), measure=timed(e=9.0, g=3.0))
    known.warm(**inputs(0))
    (plan,) = store.plans()
    path = only(tmp_path)
    path.write_text(path.read_text().replace('"way": "graph"', '"way": "fused"'))
    assert store.plans()[0]["way"] == "fused"
    again = Execution(net, "graph", "net", store, recorder=Rerun(), measure=timed(e=9.0, g=3.0))
    assert again.warm(**inputs(0)).way == "graph", "nothing in it is served by kernels of ours"
    assert json.loads(only(tmp_path).read_text())["plan"]["way"] == "graph"
    assert plan["way"] == "graph"
