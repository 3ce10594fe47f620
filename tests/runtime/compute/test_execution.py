"""A callable runs the fastest way that is right, and gives way to eager where it is not."""

import logging
from collections.abc import Callable
from typing import Any, cast

import pytest
import torch
from tests.runtime.compute.running import Net, Rerun, Work, graph, inputs, same, timed
from torch import Tensor, nn

from livedraft.errors import ConfigError
from livedraft.runtime.compute.execution import Execution, Mode


class Stale:
    """A graph that wrote its outputs while it was recorded, and never again."""

    def record(self, work: Work, device: torch.device) -> Work:
        work()
        return lambda: None


class Unable:
    """A device that refuses to record."""

    def record(self, work: Work, device: torch.device) -> Work:
        raise RuntimeError("operation not permitted when stream is capturing")


def test_on_a_cpu_calls_are_eager_and_nothing_is_measured() -> None:
    net, recorder = Net(), Rerun()
    run = Execution(net, recorder=recorder, measure=timed())
    assert run.warm(**inputs(0)).way == "eager"
    same(run(**inputs(1)), net(**inputs(1)))
    assert recorder.replays == 0


def test_a_warmed_bucket_is_replayed_and_equals_eager_for_every_input() -> None:
    net, recorder = Net(), Rerun()
    run = graph(net, recorder)
    choice = run.warm(**inputs(0))
    assert (choice.way, choice.us) == ("graph", {"eager": 9.0, "graph": 3.0})
    for seed in range(3):
        before = recorder.replays
        same(run(**inputs(seed)), net(**inputs(seed)))
        assert recorder.replays == before + 1


def test_calls_of_other_shapes_types_forms_or_values_are_eager() -> None:
    net, recorder = Net(), Rerun()
    run = graph(net, recorder)
    run.warm(**inputs(0))
    before = recorder.replays
    double = {"x": inputs(0)["x"].double(), "t": inputs(0)["t"].double()}
    for other in (inputs(0, rows=3), inputs(0, cond=False), {**inputs(0), "scale": 2.0}):
        same(run(**other), net(**other))
    with pytest.raises(RuntimeError):
        run(**double)  # as eager says it
    assert recorder.replays == before


def test_one_and_true_are_not_of_one_bucket() -> None:
    run = graph(Net())
    run.warm(**inputs(0), scale=1)
    assert run.warm(**inputs(0), scale=1).us
    fresh = graph(Net(), Unable(), measure=timed(eager=1.0))
    assert "graph" in fresh.warm(**inputs(0), scale=True).reasons


def test_buckets_keep_results_apart_and_each_lasts_until_its_next_call() -> None:
    net = Net()
    run = graph(net, measure=timed(a=9.0, b=3.0, c=9.0, d=3.0))
    run.warm(**inputs(0))
    run.warm(**inputs(0, rows=4))
    first, second = run(**inputs(1)), run(**inputs(2, rows=4))
    same(first, net(**inputs(1)))
    same(second, net(**inputs(2, rows=4)))
    assert run(**inputs(3))[0] is first[0]


def test_warming_twice_does_nothing_the_second_time() -> None:
    net = Net()
    run = graph(net)
    run.warm(**inputs(0))
    calls = net.calls
    assert run.warm(**inputs(5)).way == "graph"
    assert net.calls == calls


def test_what_is_called_while_warming_is_warmed_first() -> None:
    net, recorder = Net(), Rerun()
    run = graph(net, recorder)
    with run.warming():
        same(run(**inputs(0)), net(**inputs(0)))
    assert [choice.way for choice in run.choices] == ["graph"]
    before = recorder.replays
    same(run(**inputs(1)), net(**inputs(1)))
    run(**inputs(1, rows=3))
    assert recorder.replays == before + 1


def test_inputs_may_be_expanded_or_made_in_inference_mode() -> None:
    net = Net()
    with torch.inference_mode():
        given = {**inputs(0), "t": torch.ones(1).expand(2)}
        run = graph(net)
        run.warm(**given)
        made = run(**given)[0].clone()
        torch.testing.assert_close(made, net(**given)[0])


@pytest.mark.parametrize(
    ("recorder", "us", "reason"),
    [
        (Stale(), {"eager": 9.0, "graph": 3.0}, "off eager's"),
        (Unable(), {"eager": 9.0}, "not permitted when stream is capturing"),
        (Rerun(), {"eager": 3.0, "graph": 9.0}, "it takes 9 µs, eager 3 µs"),
    ],
)
def test_a_graph_that_is_wrong_impossible_or_slower_gives_way_with_one_reason(
    recorder: Any, us: dict[str, float], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    net = Net()
    run = graph(net, recorder, measure=timed(**us))
    with caplog.at_level(logging.WARNING, "livedraft.execution"):
        assert run.warm(**inputs(0)).way == "eager"
        run.warm(**inputs(0))
    assert reason in caplog.text
    assert len(caplog.records) == 1
    same(run(**inputs(1)), net(**inputs(1)))


def test_a_result_of_another_form_or_with_nan_is_wrong() -> None:
    class Moody(Net):
        def forward(self, *args: Any, **kwargs: Any) -> Any:
            made = super().forward(*args, **kwargs)
            return (made[0] * float("nan"), made[1]) if self.calls > 2 else made

    run = graph(Moody())
    assert "inf" in run.warm(**inputs(0)).reasons["graph"]


class Block(nn.Module):
    """What a denoiser repeats."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.inner(x)) + x


class Stack(nn.Module):
    """Says which blocks it repeats, as diffusers' models do."""

    _repeated_blocks = ("Block",)

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.blocks = nn.Sequential(*(Block() for _ in range(3)))

    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (self.blocks(x),)


def test_blocks_are_compiled_while_the_module_stays_eager_for_others() -> None:
    net, x = Stack(), torch.randn(2, 8)
    runs: list[int] = []

    def backend(made: Any, _: Any) -> Callable[..., Any]:
        def block(*args: Any) -> Any:
            runs.append(1)
            return made.forward(*args)

        return block

    with torch.no_grad():
        run = Execution(net, "compiled", backend=backend, measure=timed(eager=9.0, compiled=3.0))
        assert run.warm(x=x).way == "compiled"
        before = len(runs)
        made = run(x=x)
        assert len(runs) == before + 3
        torch.testing.assert_close(made, net(x=x))
        assert len(runs) == before + 3


def test_what_repeats_no_blocks_is_compiled_whole() -> None:
    run = Execution(
        lambda x: 2 * x, "compiled", backend="eager", measure=timed(eager=9.0, compiled=3.0)
    )
    assert run.warm(x=torch.ones(3)).way == "compiled"
    assert run(x=torch.ones(3)).tolist() == [2.0] * 3


def test_closing_forgets_all() -> None:
    net, recorder = Net(), Rerun()
    run = graph(net, recorder)
    run.warm(**inputs(0))
    run.close()
    before = recorder.replays
    same(run(**inputs(1)), net(**inputs(1)))
    assert recorder.replays == before


def test_an_unknown_mode_and_strange_inputs_are_refused() -> None:
    with pytest.raises(ConfigError, match="one of auto, eager, compiled, graph"):
        Execution(Net(), cast(Mode, "fast"))
    with pytest.raises(TypeError, match="a Generator belongs to no bucket"):
        graph(Net()).warm(x=torch.Generator())
