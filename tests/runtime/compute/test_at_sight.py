"""Buckets that are warmed when they are first called, and what else they depend on."""

import logging
from itertools import cycle

import pytest
import torch
from tests.runtime.compute.running import Net, Rerun, graph, inputs, same, timed
from torch import Tensor

from livedraft.runtime.compute.execution import Execution


def test_at_sight_every_bucket_is_warmed_when_it_is_first_called() -> None:
    net, recorder, wears = Net(), Rerun(), ["nothing"]
    run = graph(
        net,
        recorder,
        at_sight=True,
        depends=lambda: wears[0],
        measure=timed(a=9.0, b=3.0, c=9.0, d=3.0),
    )
    same(run(**inputs(0)), net(**inputs(0)))
    assert len(run.choices) == 1
    same(run(**inputs(1)), net(**inputs(1)))
    assert len(run.choices) == 1
    wears[0] = "something else"
    same(run(**inputs(1)), net(**inputs(1)))
    assert len(run.choices) == 2


def test_at_sight_what_belongs_to_no_bucket_is_eager(caplog: pytest.LogCaptureFixture) -> None:
    def drawn(x: Tensor, by: torch.Generator) -> Tensor:
        return x + torch.rand(3, generator=by)

    run = Execution(drawn, "graph", at_sight=True, recorder=Rerun(), measure=timed())
    with caplog.at_level(logging.WARNING, "livedraft.execution"):
        for _ in range(2):
            assert run(x=torch.ones(3), by=torch.Generator()).shape == (3,)
    assert [each.message for each in caplog.records] == [
        "a callable: eager: a Generator belongs to no bucket"
    ]


def test_at_sight_some_buckets_are_warmed_and_then_no_more() -> None:
    run = Execution(
        lambda x: x + 1, "graph", at_sight=True, recorder=Rerun(), measure=lambda *_: 1.0
    )
    for size in range(1, 70):
        assert run(x=torch.zeros(size)).shape == (size,)
    assert len(run.choices) == 64


def test_what_a_bucket_depended_on_makes_room_when_it_is_no_more() -> None:
    wears, told = [0], cycle([9.0, 3.0])  # eager is slower
    run = Execution(
        lambda x: x + wears[0],
        "graph",
        at_sight=True,
        depends=lambda: wears[0],
        outdated=lambda depended: depended not in (0, wears[0]),
        recorder=Rerun(),
        measure=lambda run, device: next(told),
    )
    plain = torch.zeros(2)
    run(x=plain)
    for wears[0] in range(1, 90):
        assert run(x=plain).tolist() == [wears[0]] * 2
        assert len(run.choices) == 2
    wears[0] = 0
    assert run(x=plain).tolist() == [0, 0]
    assert len(run.choices) == 2, "the plain one was kept all the time"


def test_by_pieces_each_call_is_eager_till_its_bucket_is_warm() -> None:
    net, recorder, heard = Net(), Rerun(), list[tuple[int, int]]()
    run = graph(net, recorder, at_sight=True)
    run.piecewise = lambda done, total: heard.append((done, total))
    same(run(**inputs(0)), net(**inputs(0)))
    assert heard == [(1, 2)]
    assert not run.choices, "eager was measured, the graph is still to be made"
    assert recorder.replays == 0
    same(run(**inputs(1)), net(**inputs(1)))
    assert heard == [(1, 2), (2, 2)]
    assert [each.way for each in run.choices] == ["graph"]
    before = recorder.replays
    same(run(**inputs(2)), net(**inputs(2)))
    assert recorder.replays == before + 1
    assert len(heard) == 2, "what is warm is spoken of no more"


def test_by_pieces_others_go_on_with_what_its_caller_left() -> None:
    net, heard = Net(), list[tuple[int, int]]()
    run = graph(net, at_sight=True, measure=timed(a=9.0, b=3.0, c=9.0, d=3.0))
    run(**inputs(0))
    run.piecewise = lambda done, total: heard.append((done, total))
    run(**inputs(0, rows=3))
    same(run(**inputs(1)), net(**inputs(1)))
    assert heard == [(1, 2), (2, 2)]
    assert len(run.choices) == 2


def test_by_pieces_what_is_given_up_is_waited_for_by_nobody() -> None:
    heard: list[tuple[int, int]] = []
    run = graph(Net(), at_sight=True)
    run.piecewise = lambda done, total: heard.append((done, total))
    run(**inputs(0))
    run.release()
    assert heard[-1] == (1, 1)
    assert not run.choices


def test_by_pieces_not_more_buckets_than_a_few_are_held() -> None:
    run = Execution(lambda x: x + 1, "graph", at_sight=True, recorder=Rerun(), measure=timed_alike)
    run.piecewise = lambda done, total: None
    for size in range(1, 40):
        assert run(x=torch.zeros(size)).tolist() == [1.0] * size
    assert len(run._under_way) <= 4
    assert len(run.choices) + len(run._under_way) < 39


def test_by_pieces_a_way_is_held_to_what_eager_gives_now() -> None:
    """As weights of LoRAs, which a bucket does not depend on, change from call to call."""
    weight, told = [1.0], cycle([9.0, 3.0])  # eager is slower
    run = Execution(
        lambda x: x * weight[0],
        "graph",
        at_sight=True,
        recorder=Rerun(),
        measure=lambda run, device: next(told),
    )
    run.piecewise = lambda done, total: None
    for weight[0] in (1.0, 0.5):
        assert run(x=torch.ones(2)).tolist() == [weight[0]] * 2
    assert [each.way for each in run.choices] == ["graph"]
    assert not run.choices[0].reasons


def test_by_pieces_others_go_on_with_what_depends_on_the_same() -> None:
    wears, heard = ["a"], list[str]()
    run = Execution(
        lambda x: x + 1,
        "graph",
        at_sight=True,
        depends=lambda: wears[0],
        recorder=Rerun(),
        measure=timed_alike,
    )
    run(x=torch.zeros(1))  # of a, and warm
    wears[0] = "b"
    run(x=torch.zeros(1))
    run.piecewise = lambda done, total: heard.append(f"{wears[0]} {done}")
    for wears[0] in ("a", "b"):
        run(x=torch.zeros(2))
        run(x=torch.zeros(3))
    wears[0] = "b"
    run(x=torch.zeros(4))  # there are four already: it goes on with one of those
    assert heard == ["a 1", "a 1", "b 1", "b 1", "b 2"]
    wears[0] = "a"
    run(x=torch.zeros(1))
    assert heard[-1] == "a 2"
    assert sorted(str(depended) for _, depended in run._choices) == ["a", "a", "b", "b"]


def test_by_pieces_what_depended_on_what_is_no_more_is_given_up() -> None:
    wears, heard = ["a"], list[tuple[int, int]]()
    run = Execution(
        lambda x: x + 1,
        "graph",
        at_sight=True,
        depends=lambda: wears[0],
        outdated=lambda depended: depended != wears[0],
        recorder=Rerun(),
        measure=timed_alike,
    )
    run.piecewise = lambda done, total: heard.append((done, total))
    for size in range(1, 5):
        run(x=torch.zeros(size))
    wears[0] = "b"
    run(x=torch.zeros(9))
    assert heard == [(1, 2)] * 4 + [(1, 1)] * 4 + [(1, 2)]
    run(x=torch.zeros(9))
    assert heard[-1] == (2, 2)


def timed_alike(run: object, device: torch.device) -> float:
    return 1.0
