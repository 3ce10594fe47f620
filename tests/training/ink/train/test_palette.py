"""Palettes from words: how two are compared, what prompts teach, and what the net makes of both."""

import json
import random
import warnings
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from training.ink.evaluate.palettes import distances
from training.ink.train.composed import Composer, merged
from training.ink.train.memory import Memory
from training.ink.train.palette import Names, train
from training.ink.train.trainer import Setup

from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.layout import COLOURS, PALETTE_NOISE
from livedraft.runtime.models.ink.tuning.nets.layers import Widths, Words
from livedraft.runtime.models.ink.tuning.nets.palette_net import PaletteNet
from livedraft.runtime.models.ink.tuning.nets.palettes import transport
from livedraft.runtime.models.ink.words.colour_words import COLOUR_WORDS
from livedraft.runtime.models.ink.words.text import TextTable
from livedraft.runtime.models.onnx import ort

NARROW = Widths(palette=16)


@pytest.fixture(scope="module")
def text() -> TextTable:
    return TextTable.load(WEIGHTS)


@pytest.fixture(scope="module")
def composer(cache: Path) -> Composer:
    records = json.loads((cache / "records.json").read_text())
    return Composer(records, torch.from_numpy(np.load(cache / "palette.npy")), seed=3)


def palette(*rows: tuple[float, float, float, float]) -> Tensor:
    """Return one palette, filled up with greys of no share."""
    return torch.tensor([[*rows, *[(0.5, 0.0, 0.0, 0.0)] * (COLOURS - len(rows))]])


def test_transport_ignores_order_and_sees_shares() -> None:
    red, blue = (0.6, 0.21, 0.11), (0.58, -0.04, -0.17)
    one = palette((*red, 0.7), (*blue, 0.3))
    turned = palette((*blue, 0.3), (*red, 0.7))
    swapped = palette((*blue, 0.7), (*red, 0.3))
    assert transport(one, turned)[0].item() < 0.05
    assert transport(one, swapped)[0].item() > 0.1
    assert distances(one, turned)["transport"].item() < 1
    assert distances(one, swapped)["transport"].item() > 15
    assert distances(one, palette((*red, 1.0)))["missed"].item() < 1
    assert distances(palette((*red, 1.0)), one)["missed"].item() > 5


def test_transport_pulls_colours_and_shares_to_the_truth() -> None:
    made = palette((0.7, 0.1, 0.1, 0.3), (0.3, 0.0, 0.0, 0.7)).requires_grad_()
    true = palette((0.6, 0.2, 0.1, 0.9), (0.3, 0.0, 0.0, 0.1))
    torch.autograd.backward(transport(made, true)[0].sum())
    assert made.grad is not None
    assert made.grad[0, 0, 1] < 0  # more red
    assert made.grad[0, 0, 3] < made.grad[0, 1, 3]  # more of the red, less of the grey


def test_merged_palettes_keep_what_differs() -> None:
    grey = [[0.5 + 0.01 * i, 0.0, 0.0, 0.1] for i in range(8)]
    entries = torch.tensor([*grey, [0.6, 0.21, 0.11, 0.2]])
    made = merged(entries)
    assert made.shape == (COLOURS, 4)
    assert made[:, 3].sum().item() == pytest.approx(1.0)
    assert (made[:, 3].diff() <= 0).all()
    assert (made[:, :3] - entries[-1, :3]).norm(dim=1).min() < 1e-5


def test_prompts_are_true(composer: Composer) -> None:
    lesson = composer.draw(120)
    told = [w for w in COLOUR_WORDS if len(w.split()) == 1]
    kept = 0
    for prompt, colours in zip(lesson.prompts, lesson.palettes, strict=True):
        first = prompt.removeprefix("a ").removeprefix("the ").split(" ")[0]
        if first in told:
            target = torch.tensor(COLOUR_WORDS[first])
            kept += 1
            assert (colours[:, :3] - target).norm(dim=1).min() < 0.13
    assert kept > 20
    assert "" in lesson.prompts
    assert {len(shown) for shown in lesson.shown} == {1, 2}


def test_the_memory_hides_the_answer(composer: Composer, text: TextTable) -> None:
    memory = Memory(composer.records, composer.palettes, text)
    rng, key = random.Random(0), next(iter(memory.place))
    hidden = memory.hide([(key,)] * 50, rng)
    some = hidden.any(1)
    assert 0 < some.sum() < 50
    assert (memory.repeat[hidden[some][0]] == memory.place[key]).all()
    assert not hidden[some].all(1).any()


@pytest.fixture(scope="module")
def net(cache: Path, names: Names, tmp_path_factory: pytest.TempPathFactory) -> PaletteNet:
    """Return a narrow net after twelve updates."""
    folder = tmp_path_factory.mktemp("palette")
    for name in ("palette.npy", "records.json"):
        (folder / name).symlink_to(cache / name)
    setup = Setup(clock=count().__next__)
    trained = train(12 / 60, folder, widths=NARROW, names=names, setup=setup)
    assert trained.updates == 12
    state = torch.load(folder / "palette.pt", weights_only=True)
    net = PaletteNet(NARROW).eval()
    net.load_state_dict(state["ema"])
    return net


def asked(text: TextTable, *prompts: str) -> tuple[Words, Tensor]:
    encoded = text.encode(list(prompts))
    parts = (torch.from_numpy(part) for part in (encoded.pieces, encoded.mask, encoded.mean))
    return Words(*parts), torch.zeros(len(prompts), dtype=torch.long)


@torch.no_grad()
def test_palettes_are_sorted_whole_and_as_the_noise_says(net: PaletteNet, text: TextTable) -> None:
    words, style = asked(text, "cat", "", "red dog, blue hat")
    noise = torch.randn(3, PALETTE_NOISE, generator=torch.Generator().manual_seed(1))
    likely, other = net(words, style, noise * 0), net(words, style, noise)
    assert likely.shape == (3, COLOURS, 4)
    assert torch.allclose(likely[..., 3].sum(1), torch.ones(3))
    assert (likely[..., 3].diff(dim=1) <= 0).all()
    assert torch.equal(net(words, style, noise), other)
    assert not torch.allclose(likely, other)


class Graph(torch.nn.Module):
    """The net with the inputs of its exported graph."""

    def __init__(self, net: PaletteNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, pieces: Tensor, mask: Tensor, mean: Tensor, *others: Tensor) -> Tensor:
        made: Tensor = self.net(Words(pieces, mask, mean), *others)
        return made


@torch.no_grad()
def test_the_exported_net_is_the_same(net: PaletteNet, text: TextTable, tmp_path: Path) -> None:
    names = ("pieces", "mask", "mean", "style", "noise")
    words, style = asked(text, "a cat", "blue apple")
    axes = {name: {0: "batch"} for name in names}
    axes["pieces"][1] = axes["mask"][1] = "words"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's remarks on itself
        torch.onnx.export(
            Graph(net).eval(),
            (*words, style, torch.randn(2, PALETTE_NOISE)),
            tmp_path / "palette.onnx",
            dynamo=False,
            opset_version=17,
            input_names=list(names),
            dynamic_axes=axes,
        )
    session = ort.InferenceSession(tmp_path / "palette.onnx", providers=["CPUExecutionProvider"])
    for prompts in (("",), ("white cat with black eyes",), ("dog", "a b c", "x")):
        words, style = asked(text, *prompts)
        noise = torch.randn(len(prompts), PALETTE_NOISE)
        given = dict(zip(names, (*words, style, noise), strict=True))
        found = np.asarray(session.run(None, {k: v.numpy() for k, v in given.items()})[0])
        np.testing.assert_allclose(found, net(words, style, noise).numpy(), atol=1e-4)
