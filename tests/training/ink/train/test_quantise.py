"""Graphs in eight bits, made of a trained folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from training.ink.data.batches import Drawings
from training.ink.evaluate.cases import cases_of
from training.ink.train.export import example, write
from training.ink.train.quantise import quantise

from livedraft.runtime.models.ink.inference import int8
from livedraft.runtime.models.ink.inference.graphs import Source
from livedraft.runtime.models.ink.tuning.nets.layers import Widths
from livedraft.runtime.models.ink.tuning.nets.networks import Networks

NARROW = Widths(colour=(16, 16, 16), decoder=(8, 16, 16, 16), condition=16, palette=16)
INPUTS = {
    "colour": ("latent", "lines", "hints", "regions", "palette", "films"),
    "decoder": ("latent", "lines", "hints", "palette", "tint"),
}


@pytest.fixture(scope="module")
def folder(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of networks as if trained a little, with their graphs in eight bits."""
    made = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    nets = Networks(NARROW)
    with torch.no_grad():
        for weight in nets.parameters():
            weight.add_(torch.randn_like(weight), alpha=0.02)
    write(nets, made)
    quantise(made, cases_of(Drawings(cache), 3))
    return made


def test_graphs_hold_no_weights(folder: Path) -> None:
    exact = Source.read(folder, "cpu", 1, "none")
    made = int8.read(folder, exact.stamp)
    for name in int8.QUANTISED:
        sizes = {n: weight.size for n, weight in exact.weights.items() if n.startswith(name)}
        assert set(made[name].floats) <= set(sizes)
        assert len(made[name].scales) > 3
        rounded = made[name].values(exact.weights)
        assert max(sizes.values()) > 1000
        assert len(rounded) == len(made[name].floats) + 4 * len(made[name].scales)


@pytest.mark.parametrize("name", int8.QUANTISED)
def test_a_graph_in_eight_bits_gives_nearly_the_same(folder: Path, name: str) -> None:
    exact = Source.read(folder, "cpu", 1, "none")
    quick = replace(exact, int8=int8.read(folder, exact.stamp))
    inputs = example(Networks(NARROW), batch=2)
    given = {key: inputs[key].numpy() for key in INPUTS[name]}
    wanted = exact.graph(name).run(**given)
    found = quick.graph(name, quick=True).run(**given)
    assert (found != wanted).any(), "it is another graph"
    assert np.abs(found - wanted).mean() < 0.05
    np.testing.assert_array_equal(quick.graph(name).run(**given), wanted)
