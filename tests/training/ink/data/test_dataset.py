"""The training set: line art, palettes, captions, what is held out."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from training.ink.data.captions import Concept, code_of, concept_key
from training.ink.data.dataset import choose_held_out, write
from training.ink.data.outline import outlined, svg_document
from training.ink.data.sources import Package, fetch

from livedraft.runtime.models.ink.colour import hex_to_srgb, srgb_to_oklab


def test_line_art_is_black_on_white() -> None:
    svg = svg_document('<path fill="#f00" opacity=".5" d="M0 0h9v9z"/>', 32, 32)
    lines = outlined(svg, 1.5, drop=0.0, rng=random.Random(0))
    assert 'fill="#fff"' in lines
    assert 'stroke="#000"' in lines
    assert "opacity" not in lines
    assert "#f00" not in lines


def test_dropped_shapes_still_hide_what_lies_below() -> None:
    svg = svg_document('<circle r="9" fill="red"/><circle r="3" fill="blue"/>', 32, 32)
    lines = outlined(svg, 1.0, drop=1.0, rng=random.Random(0))
    assert lines.count('stroke="#000"') == 1
    assert lines.count('fill="#fff"') == 2


def test_lines_lie_on_the_contour(cache: Path) -> None:
    lines = np.load(cache / "lines.npy")[0, 0]
    picture = np.load(cache / "picture.npy")[0]
    solid = picture[..., 3] > 127
    contour = solid & ~(np.roll(solid, 3, 0) & np.roll(solid, -3, 0))
    assert (lines[contour] > 60).mean() > 0.5
    assert lines[128, 80] == 0, "inside is paper"


def test_a_borrower_has_the_lender_s_lines_and_misfits_are_left_out(cache: Path) -> None:
    records = json.loads((cache / "records.json").read_text())
    shaded = [r for r in records if r["style"] == "shaded"]
    assert len(shaded) == 1
    assert shaded[0]["lines"] == 0
    assert len(records) == 13


def test_the_palette_starts_with_the_main_colour(cache: Path) -> None:
    palette = np.load(cache / "palette.npy")
    red = srgb_to_oklab(np.array(hex_to_srgb("#dd2222"), np.float32))
    np.testing.assert_allclose(palette[0, 0, :3], red, atol=0.01)
    np.testing.assert_allclose(palette[:13, :, 3].sum(1), 1, atol=1e-5)


def test_a_second_build_finds_its_work_done(cache: Path) -> None:
    before = (cache / "picture.npy").stat().st_mtime_ns
    write(cache, [], {"x": Concept("g", "x")}, workers=0)
    assert (cache / "picture.npy").stat().st_mtime_ns == before


def test_held_out_concepts_do_not_depend_on_chance() -> None:
    keys = [f"k{i}" for i in range(200)]
    assert choose_held_out(keys) == choose_held_out(keys)
    assert len(choose_held_out(keys)) == 10


def test_names_and_codes_fold() -> None:
    assert concept_key("Alarm-Clock") == concept_key("alarmclock")
    assert code_of("❤️") == "2764"


def test_a_changed_package_is_refused(tmp_path: Path) -> None:
    package = Package("@scope/name", "1.0.0", "not-this", "MIT")
    (tmp_path / package.tarball).write_bytes(b"tampered")
    with pytest.raises(ValueError, match="SHA-512"):
        fetch(package, tmp_path)
