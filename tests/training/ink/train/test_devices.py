"""One training command for every device: nothing is made on the wrong one, and seeds repeat."""

import math
from dataclasses import fields
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from training.ink.data.batch import Batch
from training.ink.data.batches import Batches, Drawings
from training.ink.data.windows import sample
from training.ink.train.drawing import RECIPES, train
from training.ink.train.losses import colour_loss, decoder_loss
from training.ink.train.palette import Names
from training.ink.train.palette import train as train_palettes
from training.ink.train.trainer import FASTER, LARGER, Setup, Trainer, on_cpu

from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.tuning.nets.colour_net import ColourNet
from livedraft.runtime.models.ink.tuning.nets.decoder import LineDecoder
from livedraft.runtime.models.ink.tuning.nets.layers import Widths, Words
from livedraft.runtime.models.ink.words.colour_words import COLOUR_WORDS
from livedraft.runtime.models.ink.words.text import TextTable
from livedraft.runtime.models.tuning.device import default

NARROW = Widths(colour=(16, 16, 16), decoder=(8, 16, 16, 16), condition=16, palette=16)
ELSEWHERE = torch.device("meta")  # has no values, but refuses to compute with the CPU's tensors


def by_updates(montage_s: float = math.inf) -> Setup:
    """Return a setup whose clock goes on by one second an update."""
    return Setup(clock=count().__next__, montage_s=montage_s)


@pytest.fixture(scope="module")
def batch(cache: Path) -> Batch:
    torch.manual_seed(0)
    return Batches(Drawings(cache), TextTable.load(WEIGHTS), 0).closer(2, 2)


def parts(batch: Batch) -> list[Tensor]:
    """Return all tensors of a batch."""
    found = [getattr(batch, field.name) for field in fields(batch)]
    found += [one.lines for one in batch.windows]
    found += list(batch.text)
    return [part for part in found if isinstance(part, Tensor)]


def test_a_batch_moves_whole(batch: Batch) -> None:
    moved = batch.to(ELSEWHERE)
    assert batch.windows
    assert len(parts(moved)) == len(parts(batch)) == 11
    assert {part.device for part in parts(moved)} == {ELSEWHERE}
    assert isinstance(moved.text, Words)
    assert moved.prompts == batch.prompts


def losses(net: torch.nn.Module, batch: Batch) -> Tensor:
    """Return a network's loss."""
    if isinstance(net, ColourNet):
        return colour_loss(net, batch)
    assert isinstance(net, LineDecoder)
    return decoder_loss(net, batch, None)


@pytest.mark.parametrize("part", RECIPES)
def test_an_update_makes_nothing_on_the_cpu(part: str, batch: Batch) -> None:
    trainer = Trainer(RECIPES[part], NARROW, 1, setup=Setup(ELSEWHERE))
    moved = batch.to(ELSEWHERE)
    for _ in range(4):  # drafts and refinements
        with default(ELSEWHERE):
            loss = losses(trainer.net, moved)
        trainer.update(loss)
    held = [*trainer.net.state_dict().values(), *trainer.ema.values()]
    assert {value.device for value in held} == {ELSEWHERE}
    with pytest.raises(RuntimeError, match=r"cpu|meta"):
        losses(trainer.net, moved)  # its draws of chance would be the CPU's


def test_a_gpu_takes_larger_batches_at_a_higher_rate() -> None:
    small = Trainer(RECIPES["colour"], NARROW, 1)
    large = Trainer(RECIPES["colour"], NARROW, 1, setup=Setup(ELSEWHERE))
    four = Trainer(RECIPES["colour"], NARROW, 1, setup=Setup(batch=small.batch * 4))
    assert large.batch == small.batch * LARGER
    assert four.peak == pytest.approx(small.peak * 2)
    assert small.peak < large.peak <= small.peak * FASTER


def test_arrays_on_a_device_are_sampled_like_those_on_the_disk(cache: Path) -> None:
    torch.manual_seed(1)
    drawings = Drawings(cache)
    rows, grid = [3, 0, 3], torch.rand(3, 20, 30, 2) * 2.4 - 1.2
    for reduce in (1, 2):
        read = sample(drawings.pictures, rows, grid, reduce)
        held = sample(torch.from_numpy(np.array(drawings.pictures)), rows, grid, reduce)
        torch.testing.assert_close(held, read, atol=1e-5, rtol=0)


def copied(cache: Path, folder: Path) -> Path:
    """Return a cache of the same data, without checkpoints."""
    folder.mkdir()
    for file in cache.iterdir():
        if file.suffix in (".npy", ".json"):
            (folder / file.name).symlink_to(file)
    return folder


def weights(trainer: Trainer) -> Tensor:
    return torch.cat([value.flatten() for value in trainer.net.state_dict().values()])


@pytest.mark.parametrize("part", [*RECIPES, "palette"])
def test_a_seed_repeats_and_a_montage_is_painted(part: str, cache: Path, tmp_path: Path) -> None:
    def run(folder: Path, setup: Setup) -> Trainer:
        minutes, cache_copy = 4 / 60, copied(cache, folder)
        if part != "palette":
            return train(part, minutes, cache_copy, widths=NARROW, setup=setup)
        names = Names(COLOUR_WORDS, TextTable.load(WEIGHTS), seed=0)
        return train_palettes(minutes, cache_copy, widths=NARROW, names=names, setup=setup)

    one = run(tmp_path / "one", by_updates())
    two = run(tmp_path / "two", by_updates(montage_s=0.0))
    assert torch.equal(weights(one), weights(two))
    assert not (tmp_path / "one" / f"{part}.jpg").exists()
    with Image.open(tmp_path / "two" / f"{part}.jpg") as montage:
        assert np.asarray(montage).std() > 5


def test_a_state_keeps_its_shape_and_values() -> None:
    state = {"a": torch.ones(2), "b": [torch.zeros(1), {"c": 3}], "d": None}
    same = on_cpu(state)
    assert torch.equal(same["a"], torch.ones(2))
    assert same["b"][1] == {"c": 3}
    assert same["d"] is None
