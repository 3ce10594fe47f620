"""Convex upsampling: where a pixel's colour comes from when no palette entry is meant."""

import torch
import torch.nn.functional as F

from livedraft.runtime.models.ink.tuning.nets.decoder import unfold_pixels
from livedraft.runtime.models.ink.tuning.nets.upsampling import AROUND, FIRMNESS, bilinear, pick


def picked(latent: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
    """Return a picture (B, 3, 4n, 4m) whose pixels all say the same of the cells around them."""
    batch, _, height, width = latent.shape
    everywhere = (FIRMNESS * said + bilinear()).expand(batch, height * width, 16, AROUND)
    return unfold_pixels(pick(everywhere, latent).view(batch, 3, height, width, 2, 2, 2, 2))


def test_at_first_a_pixel_is_between_the_cells_around_it() -> None:
    torch.manual_seed(0)
    latent = torch.rand(2, 4, 6, 5) * 2 - 1
    latent[:, 3] = 1
    wanted = F.interpolate(latent[:, :3], scale_factor=4.0, mode="bilinear") / 2 + 0.5
    found = picked(latent, torch.zeros(AROUND))
    torch.testing.assert_close(found, wanted, atol=0.03, rtol=0)


def test_uncovered_cells_give_no_colour() -> None:
    latent = torch.full((1, 4, 4, 4), -1.0)
    latent[..., :2] = torch.tensor([1.0, -1.0, -1.0, 1.0]).view(1, 4, 1, 1)
    found = picked(latent, torch.zeros(AROUND))
    red = torch.tensor([1.0, 0.0, 0.0]).view(3, 1, 1)
    assert (found[0, :, :, :10] - red).abs().max() < 0.02, "up to half a cell beyond the red ones"


def test_a_pixel_may_take_one_side_of_an_edge() -> None:
    latent = torch.ones(1, 4, 4, 4)
    latent[:, :3, :, 2:] = -1
    left = (torch.arange(AROUND) % 3 == 0).float()
    row = picked(latent, 5 * left)[0, 0, 8]
    assert ((row < 0.01) | (row > 0.99)).all(), "black or white, nothing between"
    assert (row > 0.5).sum() == 12, "each pixel has the colour of the cell to its left"


def test_a_pixel_leans_to_the_cell_that_is_nearest() -> None:
    weights = bilinear().exp()
    torch.testing.assert_close(weights.sum(1), torch.ones(16), atol=0.03, rtol=0)
    assert (weights.argmax(1) == 4).all()
    assert weights[0, 0] > weights[0, 8], "the upper left pixel is nearer to the upper left cell"
    assert weights[15, 8] > weights[15, 0]
