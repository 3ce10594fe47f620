"""A model whose denoiser is recorded paints what the eager one does, also with LoRAs swapped.

``CudaGraphs`` is given a double of its recording, which does the work again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.runtime.compute.adapters.nets import in_peft, pairs, save
from tests.runtime.models.attaching import add_lora
from tests.runtime.models.diffusion.asking import OTHER, PICTURE, difference, made, prepared

from livedraft.runtime.compute.execution import PlanStore
from livedraft.runtime.compute.execution.graphs import CudaGraphs
from livedraft.runtime.models.diffusion.unet_models import SDTurbo
from livedraft.runtime.plan import Plan

CLOSE, FAR = 1e-5, 1e-3


class Recorded:
    """Counts what is recorded and replayed in place of a GPU."""

    def __init__(self) -> None:
        self.recordings = self.replays = 0

    def record(
        self, graphs: CudaGraphs, work: Callable[[], None], device: torch.device
    ) -> Callable[[], None]:
        self.recordings += 1

        def replay() -> None:
            self.replays += 1
            work()

        return replay


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    double = Recorded()
    monkeypatch.setattr(
        CudaGraphs, "record", lambda self, work, device: double.record(self, work, device)
    )
    return double


def graphed(model: SDTurbo) -> SDTurbo:
    """Have a model replay its denoiser, however long that takes here."""
    model._family.run("graph", "sd-turbo")
    network: Any = model._family.denoiser.network
    told = iter(range(1000, 0, -1))
    network._measure = lambda run, device: float(next(told))
    return model


def test_pictures_of_a_recorded_denoiser_are_the_eager_ones(
    turbo: SDTurbo, recorded: Recorded
) -> None:
    model = graphed(SDTurbo.tiny())
    for steps, picture in ((1, PICTURE), (3, OTHER), (1, OTHER)):
        asked: dict[str, Any] = {"prompt": "a red fox", "seed": 5, "strength": 0.7}
        ours = made(model, prepared(model, picture, steps, **asked))
        assert difference(ours, made(turbo, prepared(turbo, picture, steps, **asked))) < CLOSE
    assert recorded.recordings == 2, "all of one shape: a plain graph, and one of our kernels"
    assert recorded.replays >= 5


def test_rows_at_unlike_steps_share_a_recorded_call(turbo: SDTurbo, recorded: Recorded) -> None:
    model = graphed(SDTurbo.tiny())
    first = prepared(model, PICTURE, 4, prompt="a red fox", seed=1)
    model.step([first])
    second = prepared(model, OTHER, 3, prompt="a boat", seed=2)
    while not second.done:
        model.step([first, second])
    alone = prepared(turbo, OTHER, 3, prompt="a boat", seed=2)
    assert difference(made(model, second), made(turbo, alone)) < CLOSE


def test_a_lora_that_comes_and_goes_is_in_the_picture_and_out_of_it(
    tmp_path: Path, recorded: Recorded
) -> None:
    model = graphed(SDTurbo.tiny())
    unet = model._family.pipe.unet
    add_lora(model, "style", save(tmp_path / "style.safetensors", in_peft(pairs(unet, 4, 1))))
    asked: dict[str, Any] = {"prompt": "a red fox", "seed": 5}

    def picture(**loras: float) -> torch.Tensor:
        return made(model, prepared(model, PICTURE, 2, loras=loras, **asked))

    plain, styled = picture(), picture(style=1.0)
    assert difference(plain, styled) > FAR
    before = recorded.recordings
    assert difference(picture(style=0.3), styled) > FAR, "another weight, the same recording"
    assert difference(picture(), plain) < CLOSE
    assert difference(picture(style=1.0), styled) < CLOSE
    assert recorded.recordings == before


def test_without_a_gpu_a_graph_gives_way_with_one_reason(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "livedraft.execution"):
        model = SDTurbo.load(str(folder), replace(Plan(), mode="graph"))
        eager = SDTurbo.load(str(folder))
        for seed in (1, 2):
            asked: dict[str, Any] = {"prompt": "a red fox", "seed": seed}
            ours = made(model, prepared(model, PICTURE, 1, **asked))
            assert difference(ours, made(eager, prepared(eager, PICTURE, 1, **asked))) == 0
    said = [each.message for each in caplog.records if "not graph" in each.message]
    assert len(said) == 1
    assert said[0].startswith("sd-turbo: eager, not graph")


def test_what_was_measured_is_known_at_the_next_start(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = tmp_path / "kept"
    plan = Plan(mode="graph", cache=str(kept))
    asked: dict[str, Any] = {"prompt": "a red fox", "seed": 1}
    with caplog.at_level(logging.WARNING, "livedraft.execution"):
        made(first := SDTurbo.load(str(folder), plan), prepared(first, PICTURE, 1, **asked))
        assert "eager, not graph" in caplog.text, "measured"
        (row,) = PlanStore(kept / "plans").plans()
        assert (row["name"].partition(" ")[0], row["way"], row["here"]) == (
            "sd-turbo",
            "eager",
            True,
        )
        caplog.clear()
        made(again := SDTurbo.load(str(folder), plan), prepared(again, PICTURE, 1, **asked))
        assert "eager, not" not in caplog.text, "settled"
    made(bare := SDTurbo.load(str(folder), Plan()), prepared(bare, PICTURE, 1, **asked))
    assert len(PlanStore(kept / "plans").plans()) == 1
