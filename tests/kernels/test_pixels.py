"""pixels_in and pixels_out against Pillow and OpenCV, and against each other."""

from typing import Any

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from livedraft.kernels import pixels_in, pixels_out


def noise(*shape: int) -> Tensor:
    made = torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(3))
    return made.to(torch.uint8)


def planes(i420: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Return luma and chroma of (batch, height * 3 / 2, width), as views."""
    batch, lines, width = i420.shape
    height = lines * 2 // 3
    chroma = i420.flatten(1)[:, height * width :].view(batch, 2, height // 2, width // 2)
    return i420[:, :height], (chroma[:, 0], chroma[:, 1])


@pytest.mark.parametrize("size", [(4, 6), (9, 13), (3, 2)])
def test_resizing_is_pillows_bilinear(backend: str, size: tuple[int, int]) -> None:
    pixels = noise(1, 7, 9, 3)
    made = pixels_in(pixels, size=size, dtype=torch.float32, low=0, high=255)
    image = Image.fromarray(pixels[0].numpy()).resize((size[1], size[0]), Image.Resampling.BILINEAR)
    wanted = torch.from_numpy(np.array(image, dtype=np.float32))
    # Pillow rounds after each axis.
    torch.testing.assert_close(made[0].permute(1, 2, 0), wanted, rtol=0, atol=1.1)


def test_a_small_picture_of_fine_lines_is_grey_unless_aliased(backend: str) -> None:
    lines = torch.zeros(1, 4, 24, 3, dtype=torch.uint8)
    lines[:, :, ::2] = 255
    grey = pixels_in(lines, size=(4, 4), dtype=torch.float32, low=0, high=1)
    assert grey.sub(0.5).abs().max() < 0.06
    two = pixels_in(
        lines[:, :, :20], size=(4, 4), dtype=torch.float32, low=0, high=1, antialias=False
    )
    assert two.sub(0.5).abs().max() > 0.4


def test_alpha_is_laid_over_the_background(backend: str) -> None:
    pixels = noise(1, 3, 5, 4)
    made = pixels_in(pixels, dtype=torch.float32, low=0, high=255, background=1.0)
    white = Image.new("RGBA", (5, 3), "white")
    over = Image.alpha_composite(white, Image.fromarray(pixels[0].numpy(), "RGBA"))
    wanted = torch.from_numpy(np.array(over, dtype=np.float32)[..., :3])
    torch.testing.assert_close(made[0].permute(1, 2, 0), wanted, rtol=0, atol=1.1)


def test_a_crop_is_a_view(backend: str) -> None:
    whole = noise(1, 6, 6, 3)
    view = whole[:, 1:5, 2:6].transpose(1, 2)
    torch.testing.assert_close(
        pixels_in(view, size=(3, 2)), pixels_in(view.contiguous(), size=(3, 2)), rtol=0, atol=0
    )


@pytest.mark.parametrize("channels", [3, 4])
def test_one_colour_stays_that_colour_however_small(backend: str, channels: int) -> None:
    """Weights are rounded to whole numbers: their sum is what they are divided by."""
    flat = torch.full((1, 17, 13, channels), 255, dtype=torch.uint8)
    flat[..., :3] = torch.tensor([3, 77, 250])
    small = pixels_in(flat, size=(2, 3), dtype=torch.float32, low=0, high=255)
    wanted = torch.tensor([3.0, 77.0, 250.0]).view(1, 3, 1, 1).expand(1, 3, 2, 3)
    torch.testing.assert_close(small, wanted, rtol=0, atol=1e-3)


def test_planes_of_a_picture_may_lie_anyhow(backend: str) -> None:
    packed = noise(2, 6, 10, 3)
    planar = packed.permute(0, 3, 1, 2).contiguous().permute(0, 2, 3, 1)
    for size in ((6, 10), (4, 7)):
        wanted = pixels_in(packed, size=size)
        torch.testing.assert_close(pixels_in(planar, size=size), wanted, rtol=0, atol=1e-3)
    luma, uv = packed[..., 0], noise(2, 3, 5, 2)  # NV12, then with a plane of its own for Cr
    wanted = pixels_in(luma, (uv[..., 0], uv[..., 1]))
    made = pixels_in(luma, (uv[..., 0], uv[..., 1].clone()))
    torch.testing.assert_close(made, wanted, rtol=0, atol=1e-3)


@pytest.mark.parametrize("colour", [(200, 30, 90), (255, 255, 255), (0, 0, 0), (10, 240, 20)])
def test_yuv_is_opencvs(backend: str, colour: tuple[int, int, int]) -> None:
    flat = np.full((4, 6, 3), colour, dtype=np.uint8)
    theirs = torch.from_numpy(cv2.cvtColor(flat, cv2.COLOR_RGB2YUV_I420))[None]
    frames = torch.from_numpy(flat).permute(2, 0, 1)[None] / 255
    ours = pixels_out(frames, low=0, high=1, layout="i420", matrix="bt601")
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1)
    luma, chroma = planes(theirs)
    back = pixels_in(luma, chroma, dtype=torch.float32, low=0, high=255, matrix="bt601")
    assert (back[0].mean((1, 2)) - torch.tensor(colour)).abs().max() < 3
    assert back.std((2, 3)).max() < 0.1


@pytest.mark.parametrize("full_range", [True, False])
def test_a_smooth_picture_survives_yuv(backend: str, full_range: bool) -> None:
    y, x = torch.meshgrid(torch.linspace(-1, 1, 6), torch.linspace(-1, 1, 8), indexing="ij")
    frames = torch.stack([x, y, -x * y])[None] * 0.8
    bytes_ = pixels_out(frames, layout="i420", full_range=full_range)
    back = pixels_in(*planes(bytes_), dtype=torch.float32, full_range=full_range)
    assert (back - frames)[..., 1:-1, 1:-1].abs().mean() < 0.02


@pytest.mark.parametrize("channels", [3, 4])
def test_bytes_come_back_as_they_were(backend: str, channels: int) -> None:
    pixels = noise(2, 3, 5, channels)
    if channels == 3:
        frames = pixels_in(pixels, dtype=torch.float16)
        assert frames.is_contiguous(memory_format=torch.channels_last)
    else:
        frames = pixels.permute(0, 3, 1, 2) / 127.5 - 1
    assert torch.equal(pixels_out(frames), pixels)


def test_alpha_of_another_network_goes_along(backend: str) -> None:
    frames, alpha = torch.zeros(1, 3, 2, 5), torch.linspace(-0.2, 1.2, 10).view(1, 2, 5)
    made = pixels_out(frames, alpha)
    assert (made[..., :3] == 128).all()  # 127.5 is a half: up
    assert torch.equal(made[..., 3], (alpha.clamp(0, 1) * 255 + 0.5).to(torch.uint8))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"pixels": torch.zeros(1, 4, 4, 3)}, "are uint8"),
        ({"pixels": noise(1, 4, 4, 2)}, r"3 or 4\) is wanted"),
        ({"pixels": noise(1, 4, 4, 3), "size": (0, 4)}, "sides of 1 to 16384 px"),
        ({"pixels": noise(1, 4, 4, 3), "dtype": torch.int32}, "a floating type"),
        ({"pixels": noise(1, 5, 4), "chroma": (noise(1, 2, 2), noise(1, 2, 2))}, r"\(1, 3, 2\)"),
        ({"pixels": noise(1, 4, 4, 3), "matrix": "bt2020"}, "bt601 or bt709"),
    ],
)
def test_pictures_that_do_not_fit_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pixels_in(**given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"frames": torch.zeros(1, 2, 4, 4)}, "3 or 4, height"),
        ({"frames": noise(1, 3, 4, 4)}, "floating"),
        ({"frames": torch.zeros(1, 3, 4, 4), "low": 1.0}, "low < high"),
        ({"frames": torch.zeros(1, 3, 4, 4), "alpha": torch.zeros(1, 4, 5)}, "alpha has shape"),
        ({"frames": torch.zeros(1, 3, 5, 4), "layout": "i420"}, "even sides"),
        ({"frames": torch.zeros(1, 3, 4, 4), "layout": "nv12"}, "unknown"),
    ],
)
def test_frames_that_do_not_fit_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pixels_out(**given)
