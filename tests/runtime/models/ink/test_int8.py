"""Drafts in eight bits: who gets them, and that nobody sees it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn
from PIL import Image, ImageDraw

from livedraft.errors import WeightsError
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.ink import WEIGHTS, Ink, InkParams
from livedraft.runtime.models.ink.colour import Floats
from livedraft.runtime.models.ink.inference import int8
from livedraft.runtime.models.ink.inference.graphs import Source

needs_bytes = pytest.mark.skipif(
    not int8.pays(), reason="ink takes eight bits only on a processor with VNNI"
)


def drawing(colour: str = "") -> Pixels:
    """Return a drawn cup with a handle, and a coloured stroke in it."""
    image = Image.new("RGBA", (256, 256))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((50, 70, 170, 220), 24, outline=(0, 0, 0, 255), width=4)
    pen.ellipse((160, 100, 220, 180), outline=(0, 0, 0, 255), width=4)
    pen.line((50, 120, 170, 120), fill=(0, 0, 0, 255), width=3)
    if colour:
        pen.line((80, 170, 140, 176), fill=colour, width=9)
    return np.array(image)


def draw(model: Ink, sketch: Pixels, stage: Stage, **params: object) -> Pixels:
    request = Request(InkParams.model_validate(params), {"sketch": sketch}, stage, 1)
    job = model.prepare([(model.open(), request)])[0]
    model.step([job])
    return model.emit([job])[0][0].pixels


def test_what_ships_in_eight_bits_is_of_the_weights_that_ship(exact: Ink) -> None:
    found = int8.read(WEIGHTS, exact.source.stamp)
    assert set(found) == set(int8.QUANTISED), "run python -m training.ink.train.quantise"


@needs_bytes
@pytest.mark.parametrize("style", ["flat", "shaded", "3d", "noto"])
@pytest.mark.parametrize("colour", ["", "#30a040"])
def test_nobody_sees_that_a_draft_is_in_eight_bits(
    shipped: Ink, exact: Ink, style: str, colour: str
) -> None:
    assert shipped.painting.quick is not shipped.painting.exact
    asked = {"prompt": "a blue cup", "style": style}
    made, wanted = (
        draw(model, drawing(colour), Stage.DRAFT, **asked).astype(int) for model in (shipped, exact)
    )
    apart = np.abs(made - wanted).max(2)
    assert apart.mean() <= 1
    assert (apart > 8).mean() <= 0.02


def test_a_refined_picture_is_never_in_eight_bits(shipped: Ink, exact: Ink) -> None:
    made, wanted = (
        draw(model, drawing(), Stage.FINAL, prompt="a cup", size=512) for model in (shipped, exact)
    )
    np.testing.assert_array_equal(made, wanted)


def test_drafts_and_refined_pictures_share_a_batch(shipped: Ink) -> None:
    params = InkParams(prompt="a cup", size=256)
    stages = (Stage.FINAL, Stage.DRAFT, Stage.FINAL, Stage.DRAFT)
    jobs = shipped.prepare(
        [
            (shipped.open(), Request(params, {"sketch": drawing(colour)}, stage, 1))
            for stage, colour in zip(stages, ("", "", "#d03020", "#d03020"), strict=True)
        ]
    )
    shipped.step(jobs)
    for job, (made,) in zip(jobs, shipped.emit(jobs), strict=True):
        colour = "#d03020" if job.sketch.hints.any() else ""
        stage = Stage.DRAFT if job.draft else Stage.FINAL
        alone = draw(shipped, drawing(colour), stage, prompt="a cup", size=256)
        apart = np.abs(made.pixels.astype(int) - alone).max(2)
        assert apart.max() <= 2 or job.draft
        assert apart.mean() < 0.5


def test_other_weights_are_not_painted_in_eight_bits(tmp_path: Path, exact: Ink) -> None:
    assert int8.read(tmp_path, exact.source.stamp) == {}, "a folder need not have them"
    for name in (int8.FILE, *(f"{name}.int8.onnx" for name in int8.QUANTISED)):
        shutil.copy(WEIGHTS / name, tmp_path)
    assert int8.read(tmp_path, exact.source.stamp)
    assert int8.read(tmp_path, "0123456789abcdef") == {}


@needs_bytes
def test_a_plan_has_eight_bits_or_refuses(tmp_path: Path, exact: Ink) -> None:
    assert Source.read(WEIGHTS, "cpu", 1, "int8").int8
    assert exact.painting.quick is exact.painting.exact
    shutil.copytree(WEIGHTS, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py"))
    (tmp_path / int8.FILE).unlink()
    with pytest.raises(WeightsError, match=r"has no int8\.json") as caught:
        Source.read(tmp_path, "cpu", 1, "int8")
    assert "leave quantise out" in caught.value.fix
    with pytest.raises(WeightsError, match="on cuda it is not made"):
        Source.read(WEIGHTS, "cuda", 1, "int8")


def test_eight_bits_are_refused_where_the_processor_has_no_instructions_for_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(int8, "pays", lambda: False)
    assert not Source.read(WEIGHTS, "cpu", 1).int8
    with pytest.raises(WeightsError, match=r"the processor has none of avx512_vnni, avx_vnni"):
        Source.read(WEIGHTS, "cpu", 1, "int8")


@needs_bytes
def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    shutil.copytree(WEIGHTS, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py"))
    told = json.loads((tmp_path / int8.FILE).read_text("utf-8"))
    del told["decoder"]["scales"]
    (tmp_path / int8.FILE).write_text(json.dumps(told), "utf-8")
    with pytest.raises(WeightsError, match="cannot be loaded"):
        Source.read(tmp_path, "cpu", threads=1)


@pytest.mark.parametrize(
    ("flags", "faster"),
    [
        ("fpu avx2 avx512f avx512_vnni", True),
        ("fpu avx2 avx_vnni", True),
        ("fpu avx2 avx512f", False),
        ("", False),
    ],
)
def test_the_processor_decides(tmp_path: Path, flags: str, faster: bool) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"model name\t: A\nflags\t\t: {flags}\nvmx flags\t: avx_vnni\n", "utf-8")
    assert int8.pays(cpuinfo) is faster


def test_where_nothing_tells_of_the_processor_it_is_not_faster(tmp_path: Path) -> None:
    assert not int8.pays(tmp_path / "none")
    (tmp_path / "cpuinfo").write_text("Features : asimddp\n", "utf-8")
    assert not int8.pays(tmp_path / "cpuinfo")


weights = stn.arrays(np.float32, (3, 2, 3, 3), elements=st.floats(-4, 4, width=32))
biases = stn.arrays(np.float32, (3,), elements=st.floats(-4, 4, width=32))


@given(weights, biases, st.floats(1e-3, 1.0))
@settings(max_examples=50, deadline=None)
def test_weights_are_rounded_to_the_nearest_level(
    weight: Floats, bias: Floats, taken: float
) -> None:
    made = int8.rounded({"c.weight": weight, "c.bias": bias}, {"c": taken})
    scale = made["c.weight_scale"][:, None, None, None]
    back = made["c.weight_quantized"].astype(np.float32) * scale
    assert (np.abs(back - weight) <= scale * 0.501 + 1e-9).all()
    each = made["c.bias_quantized_scale"]
    back = made["c.bias_quantized"] * each.astype(np.float64)
    held = np.abs(bias) / each < int8.MOST_STEPS  # a bias far beyond its weights is cut off
    assert (np.abs(back - bias)[held] <= each[held] * 0.501).all()
