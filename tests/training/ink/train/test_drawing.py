"""Training: every part learns, a run resumes, its weights load into the runtime."""

import shutil
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from training.ink.train import palette
from training.ink.train.drawing import RECIPES, train
from training.ink.train.export import GRAPHS, example, export, export_graphs, inputs_of
from training.ink.train.palette import Names
from training.ink.train.trainer import Setup, Trainer

from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.inference.graphs import NAMES, Source
from livedraft.runtime.models.ink.tuning.nets.layers import Widths
from livedraft.runtime.models.ink.tuning.nets.networks import Networks

NARROW = Widths(colour=(16, 16, 16), decoder=(8, 16, 16, 16), condition=16, palette=16)


def run(part: str, updates: int, cache: Path) -> Trainer:
    """Train on a clock that goes on by one second an update."""
    return train(part, updates / 60, cache, widths=NARROW, setup=Setup(clock=count().__next__))


def run_palette(updates: int, cache: Path, names: Names) -> Trainer:
    """Train the palette net on the same clock."""
    setup = Setup(clock=count().__next__)
    return palette.train(updates / 60, cache, widths=NARROW, names=names, setup=setup)


@pytest.fixture(scope="module")
def trained(cache: Path, names: Names) -> Path:
    run_palette(3, cache, names)
    for part in RECIPES:
        run(part, 3, cache)
    return cache


def test_a_finished_run_is_finished(trained: Path) -> None:
    again = run("colour", 3, trained)
    assert again.progress == 1
    assert again.updates == 3


def test_a_larger_budget_continues_where_the_last_run_ended(
    trained: Path, tmp_path: Path, names: Names
) -> None:
    for name in ("palette.npy", "records.json", "palette.pt"):
        shutil.copy(trained / name, tmp_path)
    assert run_palette(5, tmp_path, names).updates == 5
    assert torch.load(tmp_path / "palette.pt", weights_only=True)["clock"][0] == 5


def test_the_palette_net_learns(cache: Path, tmp_path: Path, names: Names) -> None:
    for name in ("palette.npy", "records.json"):
        shutil.copy(cache / name, tmp_path)
    short = run_palette(10, tmp_path, names).loss
    assert run_palette(40, tmp_path, names).loss < short


def test_graphs_are_written_anew_for_the_same_weights(trained: Path, tmp_path: Path) -> None:
    export(trained, tmp_path, NARROW)
    before = Source.read(tmp_path, "cpu", threads=1)
    for name in NAMES:
        (tmp_path / f"{name}.onnx").unlink()
    export_graphs(tmp_path, NARROW)
    after = Source.read(tmp_path, "cpu", threads=1)
    for name, weight in before.weights.items():
        np.testing.assert_array_equal(after.weights[name], weight)
    compare(tmp_path, NARROW, batches=(1,))


def test_the_shipped_graphs_are_of_the_networks_as_they_are() -> None:
    compare(WEIGHTS, Widths(), batches=(2,))


@torch.no_grad()
def compare(folder: Path, widths: Widths, batches: tuple[int, ...]) -> None:
    """Compare what a folder's graphs and the networks make of the same inputs."""
    source = Source.read(folder, "cpu", threads=1)
    nets = Networks(widths).eval()
    nets.read(source.weights)
    for batch in batches:
        inputs = example(nets, batch)
        for name in NAMES:
            graph = GRAPHS[name][0](nets)
            given = {key: inputs[key] for key in inputs_of(graph)}
            wanted = graph(**given)
            wanted = wanted if isinstance(wanted, tuple) else (wanted,)
            found = source.graph(name).run_all(None, **{k: v.numpy() for k, v in given.items()})
            for one, other in zip(found, wanted, strict=True):
                np.testing.assert_allclose(one, other.numpy(), atol=2e-4)


def test_an_exported_network_gives_what_the_trained_one_does(trained: Path, tmp_path: Path) -> None:
    export(trained, tmp_path, NARROW)
    compare(tmp_path, NARROW, batches=(1, 3))


@torch.no_grad()
def test_an_exported_decoder_paints_any_size(trained: Path, tmp_path: Path) -> None:
    export(trained, tmp_path, NARROW)
    source = Source.read(tmp_path, "cpu", threads=1)
    nets = Networks(NARROW).eval()
    nets.read(source.weights)
    inputs = example(nets)
    wide = [F.interpolate(inputs[k], scale_factor=2.0) for k in ("latent", "lines", "hints")]
    decoder = GRAPHS["decoder"][0](nets)
    given = dict(zip(inputs_of(decoder), (*wide, inputs["palette"], inputs["tint"]), strict=True))
    made = source.graph("decoder").run(**{k: v.numpy() for k, v in given.items()})
    np.testing.assert_allclose(made, decoder(**given).numpy(), atol=2e-4, err_msg="at 512 px")
