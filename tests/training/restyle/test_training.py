"""Training of restyle: it learns, stops in time, goes on, and what it leaves is what is served."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from training.restyle.teacher.styles import NAMES
from training.restyle.train import __main__ as command
from training.restyle.train import alone
from training.restyle.train.aims import palette, turned
from training.restyle.train.export import export
from training.restyle.train.fitting import Fit
from training.restyle.train.graph import graph

from livedraft.errors import WeightsError
from livedraft.runtime.models.onnx import opened
from livedraft.runtime.models.restyle import own
from livedraft.runtime.models.restyle.painter import Painter
from livedraft.runtime.models.restyle.params import STYLES as SERVED
from livedraft.runtime.models.restyle.tuning.motion import Motion
from livedraft.runtime.models.restyle.tuning.net import RestyleNet
from livedraft.runtime.models.restyle.tuning.served import ROWS, folded, rows
from livedraft.runtime.models.restyle.tuning.served import read as served
from livedraft.runtime.models.restyle.weights import FILE, WEIGHTS


def trained(monkeypatch: pytest.MonkeyPatch, pack: Path, out: Path, *more: str) -> dict[str, Any]:
    options = "--minutes 1e-3 --side 32 --batch 2 --room 24 --renewed 3 --device cpu".split()
    monkeypatch.setattr(
        sys, "argv", ["train", "--pack", str(pack), "--out", str(out), *options, *more]
    )
    command.main()
    state: dict[str, Any] = torch.load(out / "net.pt", weights_only=True)
    return state


def test_it_learns_within_its_time_and_goes_on_where_it_was(
    monkeypatch: pytest.MonkeyPatch, pack: Path, tmp_path: Path
) -> None:
    first = trained(monkeypatch, pack, tmp_path)
    assert first["updates"] >= 1
    assert (tmp_path / "montage.jpg").stat().st_size > 10_000
    second = trained(monkeypatch, pack, tmp_path)
    assert second["updates"] > first["updates"]
    assert second["seconds"] > first["seconds"]
    moved = [not torch.equal(second["net"][name], first["net"][name]) for name in first["net"]]
    assert all(moved)


def test_a_checkpoint_of_other_styles_is_refused(
    monkeypatch: pytest.MonkeyPatch, pack: Path, tmp_path: Path
) -> None:
    state = trained(monkeypatch, pack, tmp_path)
    torch.save({**state, "styles": ["sepia"]}, tmp_path / "net.pt")
    with pytest.raises(ValueError, match="other styles"):
        trained(monkeypatch, pack, tmp_path)


def test_what_is_exported_has_the_styles_that_are_served(
    monkeypatch: pytest.MonkeyPatch, pack: Path, tmp_path: Path
) -> None:
    trained(monkeypatch, pack, tmp_path)
    export(tmp_path / "net.pt", tmp_path / "restyle.onnx")
    painter = Painter.read(str(tmp_path))
    assert painter.paint(np.zeros((16, 24, 3), np.uint8), {SERVED[-1]: 1.0}).shape == (16, 24, 3)
    assert set(SERVED) <= set(NAMES)


@pytest.mark.parametrize("size", [(64, 64), (72, 128)])
def test_the_graph_makes_what_the_net_makes(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    net = RestyleNet(len(NAMES))
    for parameter in net.parameters():
        parameter.data.add_(0.1 * torch.randn_like(parameter))
    weights = {name: value.numpy() for name, value in net.state_dict().items()}
    model = graph(folded(weights), NAMES)
    assert {one.key: one.value for one in model.metadata_props}[ROWS] == ",".join(NAMES)
    network = opened(model.SerializeToString(), "restyle")
    picture = np.random.default_rng(0).integers(0, 256, (1, *size, 3), np.uint8)
    mix = np.zeros((1, len(NAMES)), np.float32)
    mix[0, [1, 5]] = 0.3, 0.7
    made = network.run(image=picture, mix=mix)
    with torch.no_grad():
        given = torch.from_numpy(picture).permute(0, 3, 1, 2).float() / 255
        wanted = net(given, torch.from_numpy(mix)).permute(0, 2, 3, 1).numpy() * 255
    assert made.dtype == np.uint8
    assert np.abs(made - wanted).max() < 0.51
    assert made.std() > 5


def test_motion_is_known_exactly() -> None:
    torch.manual_seed(1)
    side = 64
    still = F.affine_grid(torch.eye(2, 3)[None], [1, 3, side, side], align_corners=False)
    across, down = still[..., 0], still[..., 1]
    places = torch.stack([across, down, torch.zeros_like(down)], 1).repeat(8, 1, 1, 1)
    motion = Motion(places)
    moved = motion.moved(places)[:, :2].permute(0, 2, 3, 1)
    # Between pixels a ramp is a ramp: each pixel shows the place that it came from.
    apart = (moved - motion.grid).abs().amax(-1)[motion.known[:, 0] > 0]
    assert apart.max() < 1e-4
    share = (motion.grid - still).abs().amax((1, 2, 3))
    assert (share > 0.01).sum() >= 4
    assert (share < 1e-5).sum() >= 1


def test_it_starts_from_what_is_served(
    monkeypatch: pytest.MonkeyPatch, pack: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(Fit, "update", lambda fit: torch.zeros(5))  # it learns nothing
    shipped = WEIGHTS / FILE
    trained(monkeypatch, pack, tmp_path, "--start", str(shipped))
    export(tmp_path / "net.pt", tmp_path / FILE)
    (before, names), (after, kept) = (
        served(file.read_bytes()) for file in (shipped, tmp_path / FILE)
    )
    assert kept == names
    assert before.keys() == after.keys()
    assert all(np.array_equal(before[name], after[name]) for name in before)
    (tmp_path / "other.onnx").write_bytes(b"another")
    (tmp_path / "net.pt").unlink()
    with pytest.raises(WeightsError, match="cannot be opened"):
        trained(monkeypatch, pack, tmp_path, "--start", str(tmp_path / "other.onnx"))


def alone_learned(
    monkeypatch: pytest.MonkeyPatch, pack: Path, start: Path, style: str, updates: int
) -> Path:
    out = start.with_name("learned.onnx")
    options = f"--pairs 6 --side 48 --updates {updates} --pack {pack} --start {start}".split()
    monkeypatch.setattr(sys, "argv", ["alone", style, str(out), *options])
    alone.main()
    return out


def test_a_style_learned_alone_leaves_the_net_and_the_others_as_they_are(
    monkeypatch: pytest.MonkeyPatch, pack: Path, tmp_path: Path
) -> None:
    start = (WEIGHTS / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(start)
    made = alone_learned(monkeypatch, pack, tmp_path / FILE, "mosaic", 2)
    before, names = served((WEIGHTS / FILE).read_bytes())
    after, kept = served(made.read_bytes())
    assert kept == names == SERVED
    differ = (rows(before) != rows(after)).any(1)
    assert [name for name, moved in zip(names, differ, strict=True) if moved] == ["mosaic"]
    common = [name for name in before if name.endswith((".weight", ".bias"))]
    assert all(np.array_equal(before[name], after[name]) for name in common)
    stamps = {own.stamp(one, opened(one, "")) for one in (start, made.read_bytes())}
    assert len(stamps) == 1, "what users have learned for the net stays good"
    made = alone_learned(monkeypatch, pack, tmp_path / FILE, "mosaic", 0)
    assert made.read_bytes() == (WEIGHTS / FILE).read_bytes()


def test_a_style_that_the_graph_lacks_is_learned_behind_the_others(
    monkeypatch: pytest.MonkeyPatch, pack: Path, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    net = RestyleNet(2)
    for parameter in net.parameters():
        parameter.data.add_(0.1 * torch.randn_like(parameter))
    weights = {name: value.numpy() for name, value in net.state_dict().items()}
    start = tmp_path / "two.onnx"
    start.write_bytes(graph(folded(weights), ("night", "mosaic")).SerializeToString())
    after, names = served(alone_learned(monkeypatch, pack, start, "comic", 1).read_bytes())
    assert names == ("night", "mosaic", "comic")
    before, _ = served(start.read_bytes())
    assert np.array_equal(rows(after)[:2], rows(before))


def test_edges_that_turned_and_colours_that_changed_are_told() -> None:
    torch.manual_seed(2)
    small = torch.rand(2, 3, 12, 12)
    picture = F.interpolate(small, (96, 96), mode="bicubic").clamp(0, 1)
    assert turned(picture, picture) < 1e-3
    assert turned(picture, 1 - picture) < 1e-3  # dark on light runs as light on dark
    assert turned(picture, picture.flip(3)) > 0.5
    assert palette(picture, picture.flip(3)) < 1e-6
    assert palette(picture, picture * 0.5) > 0.05
