"""One picture in this process: everything is judged before a model is loaded."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from livedraft.errors import InvalidImage, InvalidParams, ModelFailed, ModelNotFound, WeightsError
from livedraft.media import images
from livedraft.media.recipes import read_recipe
from livedraft.runtime.local import checked, make
from livedraft.runtime.models.base import ImageInput
from livedraft.runtime.models.echo import Echo


@pytest.fixture
def sketch(tmp_path: Path) -> Path:
    path = tmp_path / "cat.png"
    path.write_bytes(images.encode(Image.new("RGB", (20, 10), "teal")))
    return path


def test_the_sketch_goes_to_the_first_input(sketch: Path) -> None:
    made = make(checked("echo", sketch, {}, {"seed": 3, "steps": 1}), "cpu", "image/png")
    assert (made.width, made.height, made.seed) == (20, 10, 3)
    image = Image.open(io.BytesIO(made.image))
    recipe = read_recipe(image)
    assert recipe is not None
    assert (image.size, recipe["seed"]) == ((20, 10), 3)


def test_a_photo_of_24_megapixels_is_taken_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side
    Image.new("RGB", (6000, 4000), "teal").save(tmp_path / "photo.jpg", exif=exif)
    made = make(checked("echo", tmp_path / "photo.jpg", {}, {"steps": 1}), "cpu", "image/png")
    assert (made.width, made.height) == (341, 512)


@pytest.mark.parametrize(
    ("order", "error"),
    [
        ({"model": "ecko"}, ModelNotFound),
        ({"params": {"sed": 1}}, InvalidParams),
        ({"files": {"skech": Path("x")}}, InvalidImage),
        ({"sketch": Path("gone.png")}, InvalidImage),
        ({"sketch": Path(__file__)}, InvalidImage),
    ],
)
def test_a_bad_order_loads_nothing(
    order: dict[str, Any], error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object) -> None:
        raise AssertionError("loaded")

    monkeypatch.setattr(Echo, "load", load)
    with pytest.raises(error):
        checked(**{"model": "echo", "sketch": None, "files": {}, "params": {}, **order})


def test_an_input_that_is_needed_must_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = ImageInput("sketch", 512, 512)
    monkeypatch.setattr(Echo, "info", replace(Echo.info, inputs=(spec,)))
    with pytest.raises(InvalidImage, match="echo needs a sketch"):
        checked("echo", None, {}, {})


def test_a_model_that_fails_says_so(sketch: Path) -> None:
    with pytest.raises(ModelFailed):
        make(checked("echo", sketch, {}, {"fail": True}), "cpu", "image/png")


def test_two_loras_of_one_name_are_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    files = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for name in ("x", "pastel"):
            files.append(tmp_path / folder / f"{name}.safetensors")
            files[-1].write_bytes(b"")
    first, ours, second, _ = map(str, files)
    with pytest.raises(InvalidParams, match="two LoRAs are called 'x'") as caught:
        checked("ink", None, {}, {}, {first: 1, second: 1})
    assert "rename" in caught.value.fix
    assert first[:80] in caught.value.message
    for loras in ({ours: 1}, {"pastel": 1, ours: 1}, {ours: 1, "pastel": 1}):
        with pytest.raises(InvalidParams, match="two LoRAs are called 'pastel'"):
            checked("ink", None, {}, {}, loras)
    assert set(checked("ink", None, {}, {}, {first: 1, "pastel": 1}).params["loras"]) == {
        "x",
        "pastel",
    }


def test_a_checkpoint_is_named_for_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "style.pt").write_bytes(b"PK\x03\x04" + bytes(100))
    order = checked("ink", None, {}, {}, {str(tmp_path / "style.pt"): 1})
    with pytest.raises(WeightsError, match=r"style\.pt .*pickle") as caught:
        make(order, "cpu", "image/png")
    assert "safetensors" in caught.value.fix
