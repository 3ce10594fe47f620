"""The evaluation's parts: what is asked, and whether the right answer scores."""

import json
import tarfile
from io import BytesIO
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from training.ink.data.batches import Drawings
from training.ink.data.outline import svg_document
from training.ink.data.regions import closed_regions, grow
from training.ink.data.sources import fetch
from training.ink.evaluate import openmoji
from training.ink.evaluate.cases import Case, Painter, apart, cases_of, rgb_of, with_strokes
from training.ink.evaluate.judge import Judge, load_judge, name_pictures, train
from training.ink.evaluate.montage import grid, shuffled, signed
from training.ink.evaluate.obedience import INKS, colour_words, strokes, summary, swatches
from training.ink.evaluate.report import parameters, worst
from training.ink.evaluate.stability import sketches_of, stability

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink import WEIGHTS, Ink
from livedraft.runtime.models.ink.words.text import TextTable

RED, WHITE = (214, 45, 41), (245, 245, 245)


class Flood(Painter):
    """Fills closed regions with the colour stroked inside, the prompt's, the swatch's, or blue."""

    def __init__(self, obedient: bool = True) -> None:
        self.obedient = obedient

    def draw(
        self, case: Case, steps: int = 1, sketch: Pixels | None = None, **changes: Any
    ) -> Pixels:
        drawn = case.sketch if sketch is None else sketch
        chromatic = drawn[..., :3].max(2) > 0
        picture = np.zeros((256, 256, 4), np.uint8)
        for region in closed_regions((drawn[..., 3] > 40) & ~chromatic):
            picture[grow(region, 2)] = (*self._colour(drawn[region & chromatic], changes), 255)
        return picture

    def _colour(self, stroked: Pixels, changes: dict[str, Any]) -> Pixels:
        if self.obedient and len(stroked):
            return stroked[0, :3]
        if self.obedient and "palette" in changes:
            return np.array(list(bytes.fromhex(changes["palette"][0][1:])), np.uint8)
        return rgb_of(
            changes["prompt"].split()[0] if self.obedient and "prompt" in changes else "blue"
        )


@pytest.fixture
def case() -> Case:
    """Return a red disc with a white square inside."""
    y, x = np.indices((256, 256)) - 128
    disc, eye = np.hypot(x, y) < 90, np.maximum(abs(x), abs(y)) < 30
    truth, sketch = np.zeros((2, 256, 256, 4), np.uint8)
    truth[disc] = (*RED, 255)
    truth[eye] = (*WHITE, 255)
    rim = (abs(np.hypot(x, y) - 90) < 2) | (abs(np.maximum(abs(x), abs(y)) - 30) < 2)
    sketch[rim, 3] = 255
    return Case("button", "noto", "flat", "pink button", sketch, truth)


def test_a_prompt_names_the_true_colours(case: Case) -> None:
    assert case.coloured_label == "red and white button"


def test_a_sketch_draws_the_contour_or_does_not(case: Case) -> None:
    assert case.outlined
    case.sketch[:128] = 0
    assert not case.outlined


def test_cases_are_a_seeded_choice(cache: Path) -> None:
    drawings = Drawings(cache)
    few, more = cases_of(drawings, 3), cases_of(drawings, 6)
    assert [c.key for c in few] == [c.key for c in more][:3]
    assert len(apart([*few, *more])) == len({c.key for c in more})
    np.testing.assert_allclose(few[0].small, reduced_of(drawings, few[0]), atol=1)


def reduced_of(drawings: Drawings, case: Case) -> Pixels:
    row = next(i for i in drawings.rows if drawings.records[i]["key"] == case.key)
    return np.array(drawings.smalls[row])


def test_strokes_have_the_true_colours(case: Case) -> None:
    sketch = with_strokes(case)
    inked = sketch[..., :3].max(2) > 0
    assert 0 < inked.mean() < 0.1
    distance = np.abs(sketch[inked][:, None, :3].astype(int) - np.array([RED, WHITE])).sum(2)
    assert np.median(distance.min(1)) < 40


def test_who_obeys_and_who_does_not(case: Case) -> None:
    told = strokes(Flood(), [case])
    assert summary(told)["obeyed"] == 1
    assert summary(told)["filled"] > 0.99
    assert summary(told)["elsewhere"] < 2, "the rim is painted too"
    assert told[0].word in INKS
    assert colour_words(Flood(), [case])["all"] == 1
    assert swatches(Flood(), [case]) == 1
    stubborn = Flood(obedient=False)
    if told[0].word != "blue":
        assert summary(strokes(stubborn, [case]))["obeyed"] == 0
    assert colour_words(stubborn, [case]) == pytest.approx(
        {w: float(w == "blue") for w in colour_words(Flood(), [case])} | {"all": 0.1}
    )


SVG = svg_document(
    '<g fill="none"><circle cx="16" cy="16" r="14" fill="#d22"/><rect x="8" y="8" width="6" '
    'height="6" fill="#22d"/><rect x="18" y="18" width="6" height="6" fill="#22d"/>'
    '<circle cx="16" cy="16" r="0.1" fill="#fff"/></g>',
    32,
    32,
)


def test_a_drawing_grows_stroke_by_stroke() -> None:
    sketches = [sketch[..., 3] > 127 for sketch in sketches_of(SVG, 32)]
    assert [len(closed_regions(lines)) for lines in sketches] == [1, 2, 3], "the dot is not seen"
    for before, after in pairwise(sketches):
        assert not (before & ~after).any(), "nothing is erased"


def test_change_elsewhere_is_instability(case: Case) -> None:
    class Nervous(Flood):
        def _colour(self, stroked: Pixels, changes: dict[str, Any]) -> Pixels:
            self.turn = not getattr(self, "turn", False)
            return rgb_of("blue" if self.turn else "red")

    drawn = [(case, sketches_of(SVG, 32))]
    steady = stability(Flood(), drawn)
    assert steady["strokes"] == 2
    assert steady["outside"] == 0
    assert stability(Nervous(), drawn)["outside"] > 10


def test_the_judge_learns_to_tell_things_apart(cache: Path) -> None:
    text, seen = TextTable.load(WEIGHTS), Drawings(cache)
    judge = Judge()
    with torch.random.fork_rng(devices=[]):
        train(judge, seen, text, updates=25)
    cases = apart(cases_of(seen, 8))
    white = [np.zeros((64, 64, 4), np.uint8) for _ in cases]
    found = name_pictures(judge.eval(), text, seen, cases, {"nothing": white})["found"]
    assert found["true pictures"]["R@1"] > found["nothing"]["R@1"]


def test_a_trained_judge_is_found_again(tmp_path: Path, cache: Path) -> None:
    made = Judge()
    torch.save(made.state_dict(), tmp_path / "judge.pt")
    loaded = load_judge(tmp_path, Drawings(cache), TextTable.load(WEIGHTS))
    assert torch.equal(loaded.text_head.weight, made.text_head.weight)
    assert not loaded.training


def test_openmoji_s_lines_and_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72">{}</svg>'
    rim = '<circle cx="36" cy="36" r="20" fill="none" stroke="#000" stroke-width="2"/>'
    files = {
        "data/openmoji.json": json.dumps([{"hexcode": "1F98A", "annotation": "fox"}]),
        "black/svg/1F98A.svg": svg.format(rim),
        "color/svg/1F98A.svg": svg.format('<circle cx="36" cy="36" r="20" fill="#d22"/>' + rim),
    }
    path = tmp_path / "openmoji.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text)
            archive.addfile(member, BytesIO(text.encode()))
    monkeypatch.setattr(openmoji, "fetch", lambda package, folder: path)
    (fox,) = openmoji.openmoji_cases(tmp_path, 1)
    assert (fox.label, fox.style) == ("fox", "flat")
    assert fox.sketch[128, 55:59, 3].max() > 250
    solid = fox.truth[fox.truth[..., 3] > 250][:, :3].astype(int)
    assert np.abs(solid - (221, 34, 34)).max() < 5, "the lines do not count as colour"


def test_a_wrong_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / openmoji.OPENMOJI.tarball).write_bytes(b"not it")
    with pytest.raises(ValueError, match="SHA-512"):
        fetch(openmoji.OPENMOJI, tmp_path)


def test_the_concepts_are_48_different_ones() -> None:
    assert len(set(openmoji.CONCEPTS)) == 48


def test_a_montage_has_room_for_all(case: Case) -> None:
    sheet = grid([(case.sketch, case.truth)] * 5, across=2)
    assert sheet.shape == (3 * 96, 4 * 96 + 12, 3)
    assert (sheet[200:280, :90] < 250).any()
    assert (sheet[200:280, 210:] == 255).all()
    assert (signed(sheet, "by us")[-24:] < 200).any()


def test_the_looker_does_not_know_the_order() -> None:
    orders = shuffled((1, 2, 4), 48)
    assert orders == shuffled((1, 2, 4), 48)
    assert {tuple(order) for order in orders} == set(permutations((1, 2, 4)))


def test_the_worst_come_first(case: Case) -> None:
    figures = [{"ciede2000": c, "alpha_iou": c / 100} for c in (20.0, 50.0, 30.0)]
    listed = worst([case] * 3, figures)
    assert [one["ciede2000"] for one in listed["ciede2000"]] == [50, 30, 20]
    assert [one["alpha_iou"] for one in listed["alpha_iou"]] == [0.2, 0.3, 0.5]


def test_every_network_s_weights_are_counted() -> None:
    counts = parameters()
    assert {"palette", "colour", "decoder"} <= set(counts)
    assert sum(counts.values()) < 8e6


def test_a_painter_paints_what_a_session_would(case: Case) -> None:
    painter = Painter(Ink.tiny())
    once, again = painter.draw(case), painter.draw(case)
    np.testing.assert_array_equal(once, again)
    assert once.shape == (256, 256, 4)
    assert (painter.draw(case, prompt="blue ball") != once).any()
