"""Batches: pictures and sketches stay aligned, colour words are true."""

from pathlib import Path

import pytest
import torch
from training.ink.data.batches import Batches, Drawings
from training.ink.data.recolour import move_colours, move_picture, nearest_word, without_colours

from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.tuning.nets.inputs import jitter
from livedraft.runtime.models.ink.tuning.nets.losses import true_choice
from livedraft.runtime.models.ink.tuning.nets.sketching import draw_hints, scribbles
from livedraft.runtime.models.ink.words.colour_words import COLOUR_WORDS
from livedraft.runtime.models.ink.words.text import TextTable


@pytest.fixture
def batches(cache: Path) -> Batches:
    torch.manual_seed(3)
    return Batches(Drawings(cache), TextTable.load(WEIGHTS), seed=3)


def test_shapes_and_ranges(batches: Batches) -> None:
    batch = batches.pictures(4)
    assert batch.lines.shape == (4, 1, 256, 256)
    assert batch.hints.shape == batch.latent.shape == (4, 4, 64, 64)
    assert batch.target.shape == (4, 4, 128, 128)
    for tensor in (batch.lines, batch.hints, batch.latent, batch.target, batch.palette):
        assert tensor.isfinite().all()
    assert batch.latent.min() >= -1
    assert batch.latent.max() <= 1
    premultiplied = batch.target / 2 + 0.5
    assert (premultiplied[:, :3] <= premultiplied[:, 3:] + 1e-4).all()


def test_the_crop_shows_the_same_place_as_the_latent(batches: Batches) -> None:
    batch = batches.pictures(8)
    y, x = (at // 4 for at in batch.crop)
    coarse = torch.nn.functional.avg_pool2d(batch.target, 4)
    place = batch.latent[..., y : y + 32, x : x + 32]
    assert (coarse - place).abs().mean() < 0.05


def test_a_seed_gives_one_batch(cache: Path) -> None:
    prompts = [
        Batches(Drawings(cache), TextTable.load(WEIGHTS), seed=9).pictures(6).prompts
        for _ in range(2)
    ]
    assert prompts[0] == prompts[1]


@pytest.mark.parametrize("word", ["blue", "black", "white", "pink"])
def test_a_colour_word_is_true_of_the_moved_colour(word: str) -> None:
    source = torch.tensor([[0.74, 0.09, 0.14]])
    target = torch.tensor([COLOUR_WORDS[word]])
    moved = move_colours(source[:, None], source, target)[0, 0]
    assert nearest_word(moved) == word


def test_moving_leaves_other_colours_and_coverage() -> None:
    picture = torch.zeros(1, 4, 2, 2)
    picture[0, :, 0, 0] = torch.tensor([1.0, 0.5, 0.0, 1.0])
    picture[0, :, 1, 1] = torch.tensor([0.1, 0.1, 0.1, 1.0])
    orange = torch.tensor([[0.74, 0.09, 0.14]])
    moved = move_picture(picture, orange, torch.tensor([COLOUR_WORDS["blue"]]))
    assert torch.equal(moved[:, 3], picture[:, 3])
    torch.testing.assert_close(moved[0, :, 1, 1], picture[0, :, 1, 1], atol=0.02, rtol=0)
    assert moved[0, 2, 0, 0] > 0.7


def test_colour_words_leave_captions() -> None:
    assert without_colours("red apple") == "apple"
    assert without_colours("orange") == "orange", "a caption is never emptied"


def test_scribbles_have_the_colours_below_them() -> None:
    torch.manual_seed(0)
    small = torch.ones(2, 4, 64, 64) * torch.tensor([0.2, 0.4, 0.6, 1.0]).view(1, 4, 1, 1)
    drawn = scribbles(small)
    inked = drawn[:, 3] > 0.99
    assert inked.any()
    torch.testing.assert_close(drawn[:, 2][inked], torch.full((int(inked.sum()),), 0.6))


def test_strokes_are_lines_too() -> None:
    torch.manual_seed(0)
    small = torch.ones(16, 4, 64, 64)
    lines, hints = draw_hints(torch.zeros(16, 1, 256, 256), small, share=1.0)
    scribbled = (hints[:, 3].flatten(1).amax(1) > 0.99) & (hints[:, 3].mean((1, 2)) < 0.3)
    assert scribbled.any()
    assert (lines[scribbled].flatten(1).amax(1) > 0.5).all()


def test_jittered_palettes_keep_shares_that_sum_to_one() -> None:
    torch.manual_seed(0)
    palettes = torch.rand(5, 6, 4)
    torch.testing.assert_close(jitter(palettes)[..., 3].sum(1), torch.ones(5))


def test_the_true_choice_is_the_entry_of_the_same_colour() -> None:
    palette = torch.tensor([[[0.2 * i, 0.0, 0.0, 1 / 6] for i in range(6)]])
    black = torch.full((1, 4, 2, 2), -1.0)
    black[:, 3] = 1.0
    assert (true_choice(black, palette).argmax(1) == 0).all()
