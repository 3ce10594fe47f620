"""What ships is what the code draws; patterns are lines that go where they are told."""

import io

import numpy as np
from PIL import Image
from training.tryon.garments.__main__ import SHIPPED
from training.tryon.garments.cloths import jersey, noise, ribbed
from training.tryon.garments.paths import beside, both_sides, path, resampled
from training.tryon.garments.wardrobe import WARDROBE

from livedraft.runtime.models.tryon.garment.catalogue import shipped


def test_the_catalogue_lists_the_wardrobe() -> None:
    listed = {entry.sku: (entry.category, entry.title) for entry in shipped()}
    assert listed == {sku: (category, title) for sku, (_, category, title) in WARDROBE.items()}
    assert {file.stem for file in SHIPPED.glob("*.webp")} == set(WARDROBE)


def test_the_code_draws_what_ships() -> None:
    sew, _, _ = WARDROBE["skirt-green"]
    drawn = sew().picture().astype(np.uint8)
    kept = io.BytesIO((SHIPPED / "skirt-green.webp").read_bytes())
    with Image.open(kept) as image:
        ships = np.asarray(image.convert("RGBA"))
    assert drawn.shape == ships.shape
    assert np.abs(drawn[..., 3].astype(int) - ships[..., 3]).mean() < 0.5
    solid = drawn[..., 3] == 255
    assert np.abs(drawn[solid].astype(int) - ships[solid]).mean() < 3  # of WebP's loss


def test_paths_go_through_their_points_and_meet_in_corners() -> None:
    line = path([(0, 0), (5, 3), (10, 0)], [(10, 10)])
    for point in ((0, 0), (5, 3), (10, 0), (10, 10)):
        assert np.abs(line - point).sum(1).min() < 1e-4
    ring = both_sides(line)
    assert np.allclose(ring[0], ring[-1] * [-1, 1])
    even = np.linalg.norm(np.diff(resampled(line, 0.5), axis=0), axis=1)
    assert even.max() < 0.6
    assert np.allclose(beside(np.array([[0, 0], [9, 0]], np.float32), 2)[:, 1], 2)


def test_cloth_has_its_colour_and_the_same_threads_each_time() -> None:
    for cloth in (jersey((186, 92, 66)), ribbed((186, 92, 66))):
        colour, relief = cloth(60, 80, 3)
        assert colour.shape == (60, 80, 3)
        assert relief.shape == (60, 80)
        mean = np.clip(colour, 0, 1).mean((0, 1)) ** (1 / 2.2) * 255
        assert np.abs(mean - [186, 92, 66]).max() < 6
        assert np.array_equal(cloth(60, 80, 3)[0], colour)
    assert abs(float(noise(64, 64, 1, 2, 5).std()) - 1) < 1e-3
