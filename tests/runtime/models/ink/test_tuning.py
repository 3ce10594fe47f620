"""Training a LoRA: pictures are read or refused, lines found, and three updates make a file."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from tests.runtime.models.attaching import add_lora
from torch import Tensor
from torch.nn.utils import parametrize

from livedraft.errors import ConfigError, InvalidImage
from livedraft.protocol.messages import Stage
from livedraft.runtime.compute.adapters.training import Adapters
from livedraft.runtime.models.base import Request
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.inference.lora import adaptable, merged, read
from livedraft.runtime.models.ink.tuning.nets.layers import Widths
from livedraft.runtime.models.ink.tuning.nets.networks import Networks
from livedraft.runtime.models.ink.tuning.outlines import outline
from livedraft.runtime.models.ink.tuning.palettes import moved
from livedraft.runtime.models.ink.tuning.pictures import read_folder, read_picture
from livedraft.runtime.models.ink.tuning.train import Tuning, train
from livedraft.runtime.models.tuning.folder import caption
from livedraft.runtime.models.tuning.loop import Recipe

NAMES = ("red-ball", "blue ball_2", "green_ball", "tall-egg", "moon-3", "fried egg")
UPDATES, READINGS = 3, 2  # of the clock, in each update
COLOURS = ("#d33", "#36c", "#2a5", "#ddb", "#cc9", "#fc4")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("livedraft.runtime.models.ink.tuning.train.BANK", 12)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return six small pictures, half of them on paper."""
    for index, (name, colour) in enumerate(zip(NAMES, COLOURS, strict=True)):
        image = Image.new("RGB" if index % 2 else "RGBA", (96, 80), "white" if index % 2 else None)
        pen = ImageDraw.Draw(image)
        pen.ellipse((10, 10, 70 + index, 70), fill=colour)
        pen.ellipse((30, 30, 50, 50), fill="#222")
        image.save(tmp_path / f"{name}.{'png' if index else 'webp'}")
    return tmp_path


def test_a_folder_is_read_with_captions(folder: Path) -> None:
    pictures = read_folder(folder)
    assert {p.caption for p in pictures} == {
        *("red ball", "blue ball", "green ball", "tall egg", "moon", "fried egg")
    }
    for picture in pictures:
        assert picture.art.shape == (256, 256, 4)
        assert picture.art[128, 60, 3] == 1, "inside the ball"
        assert picture.art[:10].max() == 0, "a margin is left, the paper is gone"
        assert 0.01 < picture.lines.mean() < 0.1


def test_what_systems_leave_in_a_folder_is_no_picture(folder: Path) -> None:
    """macOS' companions of files on foreign disks, Finder's view, a folder named like a picture."""
    for name in ("._moon-3.png", "._red-ball.webp", ".DS_Store", ".hidden.jpg"):
        (folder / name).write_bytes(b"\0\x05\x16\x07Mac OS X")
    (folder / "more.png").mkdir()
    assert len(read_folder(folder)) == 6


def test_lines_lie_where_colours_part() -> None:
    art = np.zeros((256, 256, 4), np.float32)
    art[40:216, 40:216] = (0.9, 0.2, 0.2, 1)
    art[100:150, 100:150] = (0.2, 0.2, 0.9, 1)
    lines = outline(art)
    for edge in (40, 100, 150, 216):
        assert lines[128, edge - 2 : edge + 3].max() > 0.6
    assert lines[128, 110:140].max() == 0
    assert lines[60:90, 60:90].max() == 0


def test_a_thin_dark_stroke_is_one_line() -> None:
    art = np.zeros((256, 256, 4), np.float32)
    art[40:216, 40:216] = (0.9, 0.8, 0.2, 1)
    art[126:130, 60:200, :3] = 0.05
    lines = outline(art)
    column = lines[100:156, 128] > 0.5
    assert column[26:30].all()
    assert column.sum() <= 6


@pytest.mark.parametrize(
    ("name", "said"), [("red-fox", "red fox"), ("Tea_Cup 12", "tea cup"), ("a2 b", "a2 b")]
)
def test_captions_come_from_names(name: str, said: str) -> None:
    if said == "a2 b":
        with pytest.raises(InvalidImage, match="does not say what it shows"):
            caption(Path(f"{name}.png"))
    else:
        assert caption(Path(f"{name}.png")) == said


def test_a_folder_that_will_not_do_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no folder"):
        read_folder(folder / "gone")
    (folder / "moon-3.png").unlink()
    with pytest.raises(ConfigError, match="5 pictures") as caught:
        read_folder(folder)
    assert "6 to 20" in caught.value.fix


def busy() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (80, 80, 3), np.uint8)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (Image.fromarray(busy()), "no plain background"),
        (Image.new("RGB", (80, 80), "white"), "shows nothing"),
        (Image.new("RGBA", (80, 80)), "shows nothing"),
        (Image.new("RGB", (20, 30), "white"), "20 × 30 px"),
    ],
)
def test_a_picture_that_will_not_do_is_refused(
    image: Image.Image, message: str, tmp_path: Path
) -> None:
    image.save(tmp_path / "fox.png")
    with pytest.raises(InvalidImage, match=message) as caught:
        read_picture(tmp_path / "fox.png")
    assert caught.value.fix


def test_a_damaged_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "fox.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(InvalidImage, match=r"fox\.png cannot be read"):
        read_picture(tmp_path / "fox.png")


def test_moved_palettes_have_the_manner_and_keep_their_order() -> None:
    rng = np.random.default_rng(1)
    palettes = rng.random((40, 6, 4), np.float32) * [1, 0.4, 0.4, 1] - [0, 0.2, 0.2, 0]
    grey = rng.random((9, 6, 4), np.float32) * [0.3, 0, 0, 1] + [0.6, 0.01, 0, 0]
    palettes[..., 3] /= palettes[..., 3].sum(1, keepdims=True)
    grey[..., 3] /= grey[..., 3].sum(1, keepdims=True)
    result = moved(palettes.astype(np.float32), grey.astype(np.float32))
    assert result[..., 0].min() >= grey[..., 0].min() - 1e-6
    np.testing.assert_allclose(result[..., 1], 0.01, atol=5e-3)
    np.testing.assert_allclose(result[..., 3].sum(1), 1, rtol=1e-5)
    assert (np.diff(result[..., 3], axis=1) <= 0).all()
    lightest = np.sort(palettes[..., 0].ravel()).argmax()
    assert result[..., 0].max() == pytest.approx(grey[..., 0].max(), abs=0.02), lightest


def test_a_file_gives_the_weights_that_were_trained(model: Ink, tmp_path: Path) -> None:
    nets = Networks(Widths())
    nets.read(model.source.weights)
    adapters = Adapters(nets, adaptable(model.source), rank=4)
    for parameter in adapters.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    file = tmp_path / "x.safetensors"
    adapters.save(file, {"model": "ink", "base": model.source.stamp, "rank": "4", "alpha": "4"})
    changed = merged(model.source.weights, [(read(file), 1.0)])
    assert set(changed) == adaptable(model.source)
    for name, value in changed.items():
        module = nets.get_submodule(name.removesuffix(".weight"))
        assert parametrize.is_parametrized(module, "weight")
        weight = module.weight
        assert isinstance(weight, torch.Tensor)
        np.testing.assert_allclose(value, weight.detach().numpy(), atol=2e-3)  # half precision


def test_three_updates_make_a_file_that_paints(folder: Path, model: Ink, tmp_path: Path) -> None:
    before = {name: value.copy() for name, value in model.source.weights.items()}
    made = tmp_path / "balls.safetensors"
    recipe = Recipe("balls", "Balls", minutes=UPDATES * READINGS / 60, rank=2)
    tuning = train(
        recipe, read_folder(folder), made, model=model, clock=count().__next__, preview_s=1e9
    )
    assert tuning.updates == UPDATES
    assert np.isfinite(tuning.loss)
    for name, value in model.source.weights.items():
        np.testing.assert_array_equal(value, before[name])
    with Image.open(tmp_path / "balls.png") as strip:
        assert strip.size == (512, 512)
    other = Ink(model.source, model.text)
    assert add_lora(other, "balls", made)
    assert other.info.loras[-1].title == "Balls"
    request = Request(
        InkParams(prompt="moon", loras={"balls": 1.0}),
        {"sketch": np.zeros((64, 64, 4), np.uint8)},
        Stage.DRAFT,
        1,
    )
    (job,) = other.prepare([(other.open(), request)])
    other.step([job])
    assert other.emit([job])[0][0].pixels.shape == (256, 256, 4)


@pytest.mark.parametrize("updates", [0, 1])
def test_an_interrupt_keeps_what_is_there(
    updates: int, folder: Path, model: Ink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was learned; before anything was, there is no file that would look like a LoRA."""
    real, left = Tuning.painting_part, [None] * updates

    def interrupted(tuning: Tuning) -> Tensor:
        if not left:
            raise KeyboardInterrupt
        left.pop()
        return real(tuning)

    monkeypatch.setattr(Tuning, "painting_part", interrupted)
    made = tmp_path / "x.safetensors"
    recipe = Recipe("x", "X", rank=2)
    if not updates:
        with pytest.raises(KeyboardInterrupt):
            train(recipe, read_folder(folder), made, model=model)
        assert not made.exists()
        return
    assert train(recipe, read_folder(folder), made, model=model).interrupted
    assert add_lora(Ink(model.source, model.text), "x", made)
