"""A style of one's own is learned: the net stays as it is, and what is kept is served."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from training.restyle.train.graph import graph

from livedraft.errors import ConfigError, InvalidImage, WeightsError
from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.restyle import own
from livedraft.runtime.models.restyle.painter import Painter
from livedraft.runtime.models.restyle.params import STYLES
from livedraft.runtime.models.restyle.tuning import served
from livedraft.runtime.models.restyle.tuning import style as learning
from livedraft.runtime.models.restyle.tuning.examples import tiles
from livedraft.runtime.models.restyle.tuning.net import STYLED, RestyleNet
from livedraft.runtime.models.restyle.tuning.style import StyleTuning
from livedraft.runtime.models.restyle.tuning.train import place, train
from livedraft.runtime.models.restyle.weights import FILE, WEIGHTS
from livedraft.runtime.models.tuning.loop import Recipe


@pytest.fixture(autouse=True)
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEDRAFT_CACHE", str(tmp_path))
    monkeypatch.setattr(learning, "SIDE", 64)
    monkeypatch.setattr(learning, "SCALE", 96)


def stripes() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return red and blue stripes."""
    on = np.arange(128) // 6 % 2 == 0
    picture = np.where(on[None, :, None], (220, 30, 30), (20, 40, 160))
    return np.broadcast_to(picture, (96, 128, 3)).astype(np.uint8)


def recipe(minutes: float = 1.0) -> Recipe:
    return Recipe("mine", "mine", minutes=minutes)


def test_the_net_that_ships_is_what_its_graph_says() -> None:
    packed = (WEIGHTS / FILE).read_bytes()
    weights, names = served.read(packed)
    assert names == STYLES
    made = graph(served.folded(weights), names, own.shipped())
    assert made.SerializeToString() == packed
    net = RestyleNet(len(names))
    net.load_state_dict({name: torch.from_numpy(one.copy()) for name, one in weights.items()})
    picture = tiles()[0][:64, :96]
    mix = torch.zeros(1, len(names))
    mix[0, 3] = 1
    with torch.no_grad():
        given = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 255
        made = net(given, mix)[0].permute(1, 2, 0).numpy() * 255
    shown = Painter.read(plan=Plan(threads=1)).paint(picture, {names[3]: 1.0})
    assert np.abs(made - shown).max() < 0.51
    assert served.rows(served.folded(weights)).shape == (len(names), own.NUMBERS)


@pytest.mark.parametrize("packed", [b"", b"nothing", (WEIGHTS / FILE).read_bytes()[:9000]])
def test_what_is_no_graph_is_told(packed: bytes) -> None:
    with pytest.raises(WeightsError, match="cannot be opened"):
        served.read(packed)


def test_a_style_is_learned_and_nothing_else_is_changed() -> None:
    tuning = StyleTuning(recipe(), stripes())
    before = {name: value.clone() for name, value in tuning.net.state_dict().items()}
    first = None
    for number in range(40):
        tuning.update(number / 40)
        first = first or tuning.parts
    now = tuning.parts
    assert first is not None
    assert now["texture"] < 0.95 * first["texture"]
    assert now["colour"] < 0.9 * first["colour"]
    for name, value in tuning.net.state_dict().items():
        changed = not torch.equal(value, before[name])
        assert changed == (name.split(".")[-1] in STYLED), name
    path = place("mine")
    tuning.save(path)
    assert path.stat().st_size < 10_000
    made = Painter.read(plan=Plan(threads=1)).paint(tiles()[20], {"mine": 1.0})
    apart = np.abs(made.mean((0, 1)) - stripes().mean((0, 1)))
    assert apart.max() < 40, "its colours are the picture's"


def test_it_stops_in_time_and_what_is_learned_is_there_with_a_preview(tmp_path: Path) -> None:
    Image.fromarray(stripes()).save(tmp_path / "a.png")
    ticks = iter(range(10_000))
    made, path = train(recipe(0.1), tmp_path / "a.png", clock=lambda: float(next(ticks)))
    assert 1 <= made.updates <= 6
    assert own.usable() == ["mine"]
    with Image.open(path.with_suffix(".png")) as preview:
        assert preview.size == (1024, 512)
    with pytest.raises(ConfigError, match="there is a style 'mine' already"):
        train(recipe(), tmp_path / "a.png")


def test_ctrl_c_keeps_what_is_learned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(stripes()).save(tmp_path / "a.png")
    update = StyleTuning.update

    def broken_off(tuning: StyleTuning, progress: float) -> None:
        if tuning.updates == 2:
            raise KeyboardInterrupt
        update(tuning, progress)

    monkeypatch.setattr(StyleTuning, "update", broken_off)
    made, _ = train(recipe(), tmp_path / "a.png")
    assert made.interrupted
    assert own.find("mine").about["updates"] == "2"


@pytest.mark.parametrize("name", ["", "Mine", "a b", "../mine", "a=b", "x" * 41, "pastel"])
def test_names_that_cannot_be_are_refused_before_anything_is_learned(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError):
        train(Recipe(name, name), tmp_path / "missing.png")
    assert own.names() == []


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(InvalidImage, match="cannot be read"):
        train(recipe(), tmp_path / "a.png")
    Image.new("RGB", (9, 9)).save(tmp_path / "b.png")
    with pytest.raises(InvalidImage, match="9 × 9"):
        train(recipe(), tmp_path / "b.png")
    assert own.names() == []


def test_a_transparent_picture_of_one_colour_is_learned_too(tmp_path: Path) -> None:
    Image.new("RGBA", (300, 70), (0, 0, 0, 0)).save(tmp_path / "a.png")
    ticks = iter(range(10_000))
    made, _ = train(recipe(0.1), tmp_path / "a.png", clock=lambda: float(next(ticks)))
    assert np.isfinite(made.row()).all()
