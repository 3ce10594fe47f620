"""Pictures in every form that users hold them in."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from livedraft.errors import InvalidImage
from livedraft.media.images import decode, encode
from livedraft.media.sources import PictureSource, load, pack

RED = (255, 0, 0)


def mime(data: bytes) -> str:
    return "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"


@pytest.mark.parametrize(
    ("source", "mode"),
    [
        (Image.new("RGB", (4, 2), RED), "RGB"),
        (Image.new("RGBA", (4, 2), RED), "RGBA"),
        (Image.new("L", (4, 2)), "RGB"),
        (Image.new("1", (4, 2)), "RGB"),
        (Image.new("LA", (4, 2)), "RGBA"),
        (encode(Image.new("RGBA", (4, 2), RED)), "RGBA"),
        (np.zeros((2, 4), np.uint8), "RGB"),
        (np.zeros((2, 4, 3), np.uint8), "RGB"),
        (np.zeros((2, 4, 4), np.uint8), "RGBA"),
    ],
)
def test_every_form_is_read(source: PictureSource, mode: str) -> None:
    image = load(source)
    assert (image.mode, image.size) == (mode, (4, 2))


def test_a_path_is_read(tmp_path: Path) -> None:
    Image.new("RGB", (4, 2), RED).save(tmp_path / "red.png")
    assert load(tmp_path / "red.png").getpixel((0, 0)) == RED
    assert load(str(tmp_path / "red.png")).size == (4, 2)
    with pytest.raises(InvalidImage, match="No such file"):
        load(tmp_path / "blue.png")


@pytest.mark.parametrize(
    "array",
    [np.zeros((2, 4, 3)), np.zeros((2, 4, 5), np.uint8), np.zeros((0, 4), np.uint8), np.zeros(4)],
)
def test_an_array_of_another_kind_is_refused_with_the_right_one(array: np.ndarray) -> None:
    with pytest.raises(InvalidImage, match="uint8"):
        load(array)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(InvalidImage, match="a dict is not a picture"):
        load({})  # type: ignore[arg-type]  # the fault meant


def test_the_given_picture_is_left_as_it_is() -> None:
    image = Image.new("RGBA", (640, 320), RED)
    pack(image, 64, 64, alpha=True)
    assert image.size == (640, 320)


@pytest.mark.parametrize(("size", "fitted"), [((640, 320), (64, 32)), ((20, 30), (20, 30))])
def test_pictures_go_no_larger_than_the_model_works(
    size: tuple[int, int], fitted: tuple[int, int]
) -> None:
    assert decode(pack(Image.new("RGB", size), 64, 64, alpha=False)).size == fitted
    assert decode(pack(encode(Image.new("RGB", size)), 64, 64, alpha=False)).size == fitted


def test_alpha_goes_lossless_where_it_counts_and_on_white_where_not() -> None:
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    assert decode(pack(clear, 8, 8, alpha=True)).getpixel((0, 0)) == (0, 0, 0, 0)
    flat = pack(clear, 8, 8, alpha=False)
    assert mime(flat) == "image/jpeg"
    assert decode(flat).getpixel((0, 0)) == (255, 255, 255)
    assert mime(pack(Image.new("RGB", (8, 8)), 8, 8, alpha=True)) == "image/jpeg"


def test_small_files_go_as_they_are() -> None:
    data = encode(Image.new("RGB", (8, 8)), "image/webp")
    assert pack(data, 8, 8, alpha=True) is data


@pytest.mark.parametrize("way", [load, lambda path: pack(path, 64, 64, alpha=True)])
def test_what_is_no_file_is_refused_and_not_waited_for(
    tmp_path: Path, way: Callable[[Path], object]
) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero"), tmp_path):
        with pytest.raises(InvalidImage, match="is no file"):
            way(path)


def test_a_file_that_no_picture_fills_is_refused_unread(tmp_path: Path) -> None:
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(2**40)  # a hole
    with pytest.raises(InvalidImage, match="has 1099511627776 bytes"):
        load(huge)
