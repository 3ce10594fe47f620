"""Buckets that are warmed when they are first called, and what else they depend on."""

import logging

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
