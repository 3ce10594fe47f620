"""Closer looks: windows lie within each other and show the same place at twice the size."""

import json
import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from training.ink.data.batches import Batches, Drawings
from training.ink.data.dataset import Record
from training.ink.data.large import choose
from training.ink.data.windows import (
    SIDE,
    closer,
    crisply,
    draw_closer,
    places,
    sample,
    window_grid,
)
from training.ink.train.losses import decoder_loss

from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.tuning.nets.decoder import LineDecoder
from livedraft.runtime.models.ink.tuning.nets.layers import Widths
from livedraft.runtime.models.ink.tuning.nets.sketching import Hand, affine_grids
from livedraft.runtime.models.ink.words.text import TextTable

SCALES = (2, 4)


@pytest.fixture
def batches(cache: Path) -> Batches:
    torch.manual_seed(3)
    return Batches(Drawings(cache), TextTable.load(WEIGHTS), seed=3)


@pytest.mark.parametrize("scale", SCALES)
def test_windows_lie_within_each_other_on_whole_cells(scale: int) -> None:
    rng = random.Random(0)
    for _ in range(100):
        chosen = places(scale, rng)
        assert len(chosen) == scale.bit_length()
        for (y, x, _), (v, u, side) in pairwise(chosen):
            assert 2 * y <= v <= 2 * y + 2 * SIDE - side
            assert 2 * x <= u <= 2 * x + 2 * SIDE - side
            assert v % 16 == u % 16 == 0


@pytest.mark.parametrize("scale", SCALES)
def test_a_closer_look_shows_the_same_place(batches: Batches, scale: int) -> None:
    batch = batches.closer(6, scale)
    window = batch.windows[-1]
    assert window.scale == scale
    y, x, side = (part // (4 * scale) for part in window.place)
    coarse = F.avg_pool2d(batch.target, 4 * scale)
    near = batch.latent[..., y : y + side, x : x + side]
    assert (coarse - near).abs().mean() < 0.05
    y, x, side = (part // scale for part in window.place)
    lines = F.avg_pool2d(window.lines, scale)
    assert (lines - batch.lines[..., y : y + side, x : x + side]).abs().mean() < 0.03


@pytest.mark.parametrize("scale", SCALES)
def test_the_decoder_learns_from_a_closer_look(batches: Batches, scale: int) -> None:
    net = LineDecoder(Widths(decoder=(8, 16, 16, 16)))
    loss = decoder_loss(net, batches.closer(2, scale), None)
    torch.autograd.backward(loss)
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())


def test_a_window_of_a_grid_is_the_grid_of_a_window() -> None:
    down = torch.arange(256.0)[:, None].expand(256, 256)
    grid = torch.stack([down.T, down], -1)[None]
    window = window_grid(grid, 4, (512, 256, 128))
    exact = torch.arange(128.0) / 4 + 0.5 / 4 - 0.5
    torch.testing.assert_close(window[0, :, 5, 1], exact + 128)
    torch.testing.assert_close(window[0, 5, :, 0], exact + 64)


@pytest.mark.parametrize("reduce", [1, 2])
def test_sampling_a_part_is_sampling_the_whole(reduce: int) -> None:
    torch.manual_seed(0)
    pictures = np.random.default_rng(0).integers(0, 256, (3, 512, 512, 2), np.uint8)
    floats = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
    grid = affine_grids(3, wobble=True)[1][:, :96, 160:]
    whole = F.grid_sample(F.avg_pool2d(floats, reduce), grid, align_corners=False)
    torch.testing.assert_close(sample(pictures, range(3), grid, reduce), whole, atol=1e-4, rtol=0)


def test_a_large_sketch_has_the_gaps_of_the_small_one() -> None:
    torch.manual_seed(1)
    small, large = torch.ones(8, 1, 256, 256), torch.ones(8, 1, 512, 512)
    hand = Hand.of(small)
    drawn = draw_closer(hand, large, 2, (0, 0, 512))
    assert (hand.kept == 0).any()
    assert (F.avg_pool2d(drawn, 2) - hand.draw(small)).abs().mean() < 0.01


def test_enlarged_edges_are_as_narrow_as_before() -> None:
    edge = (torch.arange(64) > 30).float().expand(1, 1, 64, 64)
    soft = closer(edge, 4, (0, 0, 256))
    between = [((x > 0.05) & (x < 0.95))[0, 0, 0].sum() for x in (soft, crisply(soft, 4))]
    assert between[1] < between[0] <= 4


def test_large_drawings_are_of_the_training_split_and_no_3d(cache: Path) -> None:
    records = [Record(**record) for record in json.loads((cache / "records.json").read_text())]
    chosen = choose(records, 100)
    assert chosen == choose(records, 100)
    assert not any(records[one.row].held_out for one in chosen)
    assert not any(one.contour and one.variant == 0 for one in chosen)
