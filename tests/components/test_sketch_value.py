"""What the component holds goes to the page and back unchanged."""

from pathlib import Path

import pytest
from gradio.data_classes import FileData
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from livedraft.components.sketch_value import SketchData, SketchValue, as_html, read, write
from livedraft.errors import InvalidImage
from livedraft.media.images import encode

RED = Image.new("RGBA", (300, 200), "red")


def test_a_value_survives_the_wire_with_its_recipe(tmp_path: Path) -> None:
    made = RED.copy()
    made.info["livedraft"] = {"seed": 7}
    params = {"prompt": "a red fox", "seed": 7, "style": "flat", "strength": 0.5, "palette": []}
    mask = Image.new("L", (300, 200), 255)
    back = read(write(SketchValue(made, RED, params, "ink", mask), str(tmp_path)), str(tmp_path))
    assert back.mask is not None
    assert back.mask.convert("L").getextrema() == (255, 255)
    assert back.image is not None
    assert back.sketch is not None
    assert back.image.info["livedraft"] == {"seed": 7}
    assert back.sketch.getpixel((0, 0)) == (255, 0, 0, 255)
    assert back.params == params
    assert (back.prompt, back.seed, back.style, back.strength) == ("a red fox", 7, "flat", 0.5)


def test_a_film_is_a_file_in_the_cache_both_ways(tmp_path: Path) -> None:
    made, cache = tmp_path / "fox.mp4", tmp_path / "cache"
    made.write_bytes(b"a film")
    sent = write({"film": made, "prompt": "a fox"}, str(cache))
    assert sent.film is not None
    assert Path(sent.film.path).is_relative_to(cache)
    back = read(sent, str(cache))
    assert back.film is not None
    assert (back.film.read_bytes(), back.image, back.prompt) == (b"a film", None, "a fox")


def test_a_film_outside_of_the_cache_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fox.mp4").write_bytes(b"a film")
    with pytest.raises(InvalidImage, match="uploaded"):
        read(SketchData(film=FileData(path=str(tmp_path / "fox.mp4"))), str(tmp_path / "cache"))
    with pytest.raises(InvalidImage, match="film"):
        write({"film": tmp_path / "none.mp4"}, str(tmp_path / "cache"))


def test_a_recipe_that_is_none_is_left_out(tmp_path: Path) -> None:
    chunks = PngInfo()
    chunks.add_itxt("livedraft", "{not json")
    RED.save(tmp_path / "odd.png", pnginfo=chunks)
    value = read(SketchData(image=FileData(path=str(tmp_path / "odd.png"))), str(tmp_path))
    assert value.image is not None
    assert "livedraft" not in value.image.info


def test_a_picture_alone_is_a_sketch(tmp_path: Path) -> None:
    data = write(RED, str(tmp_path))
    assert data.image is None
    assert data.sketch is not None
    assert data.sketch.path.startswith(str(tmp_path))


def test_a_map_gives_pictures_and_params(tmp_path: Path) -> None:
    RED.save(tmp_path / "red.png")
    given = {
        "sketch": tmp_path / "red.png",
        "mask": tmp_path / "red.png",
        "prompt": "a fox",
        "seed": None,
        "params": {"steps": 2},
    }
    back = read(write(given, str(tmp_path)), str(tmp_path))
    assert back.sketch is not None
    assert back.mask is not None
    assert back.params == {"prompt": "a fox", "steps": 2}


def test_single_params_of_an_api_client_count_first() -> None:
    given = SketchData(prompt="b", params={"prompt": "a", "seed": 1})
    assert read(given, "").params == {"prompt": "b", "seed": 1}


def test_an_empty_value_has_no_params() -> None:
    value = read(SketchData(), "")
    assert (value.prompt, value.seed, value.style, value.strength) == ("", None, None, None)


def test_a_damaged_upload_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    path.write_bytes(encode(Image.effect_noise((64, 64), 50))[:800])
    with pytest.raises(InvalidImage, match="damaged"):
        read(SketchData(sketch=FileData(path=str(path))), str(tmp_path))


def test_an_example_shows_the_sketch_and_says_the_prompt_harmlessly() -> None:
    html = as_html(SketchValue(sketch=RED, params={"prompt": '<b onload="x">'}))
    assert "data:image/png;base64," in html
    assert "<b" not in html
    assert as_html(SketchValue(params={"prompt": "a fox"})) == "<span>a fox</span>"
