"""`ink` at 512 and 1024 px: it paints along the lines that the sketch has at that size."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.drawing.sketch import bare, read_outline, read_sketch
from livedraft.runtime.models.ink.finish.planes import coarse, enlarged, side_by_side
from livedraft.runtime.models.ink.state import InkJob
from livedraft.runtime.models.ink.tuning.nets.decoder import unfold_pixels

LARGER = (512, 1024)


@pytest.fixture(scope="module")
def tiny() -> Ink:
    return Ink.tiny()


def square(size: int, shift: int = 0) -> Pixels:
    """Return a drawn square, half as wide as the picture, moved down by some pixels."""
    image = Image.new("RGBA", (size, size))
    box = (size // 4, size // 4 + shift, size * 3 // 4, size * 3 // 4 + shift)
    ImageDraw.Draw(image).rectangle(box, outline=(0, 0, 0, 255), width=max(2, size // 128))
    return np.array(image)


def drafted(model: Ink, sketch: Pixels | None, size: int, prompt: str = "orange") -> InkJob:
    asked = InkParams.model_validate({"prompt": prompt, "size": size, "lines": 0})
    inputs = {} if sketch is None else {"sketch": sketch}
    job = model.prepare([(model.open(), Request(asked, inputs, Stage.FINAL, 1))])[0]
    model.step([job])
    return job


def refined(model: Ink, sketch: Pixels | None, size: int, prompt: str = "orange") -> Pixels:
    return model.emit([drafted(model, sketch, size, prompt)])[0][0].pixels


@pytest.mark.parametrize("size", LARGER)
def test_a_large_picture_sees_the_lines_that_it_has_at_its_size(tiny: Ink, size: int) -> None:
    job = drafted(tiny, square(size), size)
    made = tiny.emit([job])[0][0].pixels
    crossed = read_outline(square(size), size, read_sketch(square(size)))
    crossed.lines[size // 2 : size // 2 + size // 128] = 1
    job.outlines = (*job.outlines[:-1], crossed)
    change = np.abs(tiny.emit([job])[0][0].pixels.astype(int) - made).max((1, 2))
    assert change[size // 2] > 8
    assert change[: size // 8].max() == 0, "far from a line nothing changes"


@pytest.mark.parametrize("size", LARGER)
def test_a_large_picture_is_the_draft_seen_closer(tiny: Ink, size: int) -> None:
    draft, large = (refined(tiny, square(size), side).astype(float) for side in (256, size))
    side = size // 256
    again = large.reshape(256, side, 256, side, 4).mean((1, 3))
    inner = np.s_[72:184, 72:184]
    assert np.abs(again[..., 3] - draft[..., 3]).mean() < 4
    assert np.abs(again[inner] - draft[inner]).mean() < 8


def test_jobs_of_several_sizes_share_a_batch(tiny: Ink) -> None:
    sketch = square(512)
    jobs = [drafted(tiny, sketch, size) for size in (512, 256, 1024)]
    made = [still.pixels for (still,) in tiny.emit(jobs)]
    assert [len(picture) for picture in made] == [512, 256, 1024]
    alone = refined(tiny, sketch, 512)
    assert np.abs(made[0].astype(int) - alone).max() <= 2


@pytest.mark.parametrize("size", LARGER)
def test_an_empty_canvas_is_empty_at_every_size(tiny: Ink, size: int) -> None:
    assert refined(tiny, np.zeros((64, 64, 4), np.uint8), size).max() == 0
    assert refined(tiny, None, size, prompt="").max() == 0


def test_a_painting_s_edges_do_not_fade_with_the_size() -> None:
    rows = np.linspace(40, 220, 200, dtype=np.uint8)
    photo = np.stack([np.tile(rows, (200, 1))] * 3, 2)
    photo[60:140, 60:140] = (230, 40, 30)
    photo = np.array(Image.fromarray(photo).resize((1024, 1024), Image.Resampling.BICUBIC))
    sketch = read_sketch(photo)
    small = sketch.outline.lines
    for size in LARGER:
        lines = read_outline(photo, size, sketch).lines
        assert lines.shape == (size, size)
        assert lines.mean() == pytest.approx(small.mean(), rel=0.05)


@pytest.mark.parametrize("size", LARGER)
def test_the_hull_grows_with_the_size(size: int) -> None:
    drawn = square(1024)
    sketch = read_sketch(drawn)
    reach = [read_outline(drawn, side, sketch).reach.mean() for side in (256, size)]
    assert reach[1] == pytest.approx(reach[0], rel=0.03)
    assert bare(size).reach.max() == 0


def test_a_picture_is_the_latent_of_the_next() -> None:
    cells = np.random.default_rng(0).random((4, 8, 8, 2, 2, 2, 2), np.float32)
    before = cells.copy()
    picture = torch.from_numpy(side_by_side(cells))[None]
    picture[:, :3] *= picture[:, 3:]
    np.testing.assert_allclose(coarse(cells), F.avg_pool2d(picture, 2) * 2 - 1, atol=1e-5)
    np.testing.assert_array_equal(cells, before)


def test_pixels_lie_as_in_training() -> None:
    cells = torch.rand(1, 4, 3, 5, 2, 2, 2, 2)
    np.testing.assert_array_equal(side_by_side(cells[0].numpy()), unfold_pixels(cells)[0])


def test_hints_are_enlarged_as_in_training() -> None:
    maps = torch.rand(1, 4, 16, 16)
    wanted = F.interpolate(maps, scale_factor=4.0, mode="bilinear")
    np.testing.assert_allclose(enlarged(maps.numpy(), 64), wanted, atol=1e-5)
