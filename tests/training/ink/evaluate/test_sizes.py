"""Figures of large pictures: how crisp they are, and how near to the truth at that size."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from training.ink.card.tables import with_figures
from training.ink.data.batches import Drawings
from training.ink.data.dataset import Source
from training.ink.data.large import Sources
from training.ink.evaluate.baselines import enlarged
from training.ink.evaluate.cases import Case, cases_of
from training.ink.evaluate.metrics import crispness, rim_width
from training.ink.evaluate.sizes import ENLARGED, LEARNED, TRUE, at, score, sizes

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink import Ink


@pytest.fixture
def case(cache: Path) -> Case:
    return next(c for c in cases_of(Drawings(cache), 13) if c.style == "flat")


@pytest.fixture
def by_name(sources: list[Source]) -> Sources:
    return {(source.art, source.key): source for source in sources}


def halves(blur: float = 0) -> Pixels:
    """Return a square of two colours on transparent paper."""
    picture = np.zeros((200, 200, 4), np.uint8)
    picture[20:180, 20:180] = (220, 40, 40, 255)
    picture[20:180, 100:180] = (20, 30, 90, 255)
    image = Image.fromarray(picture).convert("RGBa").filter(ImageFilter.GaussianBlur(blur))
    return np.array(image.convert("RGBA"))


def test_a_clean_cut_is_crisp_and_a_blur_is_not() -> None:
    assert crispness(halves(), halves()) == 1
    assert 0.5 < crispness(halves(1), halves()) < 1
    assert crispness(halves(3), halves()) < 0.5


def test_without_contrast_there_is_nothing_to_be_crisp() -> None:
    plain = halves()
    plain[20:180, 20:180, :3] = 90
    assert np.isnan(crispness(plain, halves()))


def test_a_soft_rim_is_wide() -> None:
    assert rim_width(halves()) == 0
    assert 1 < rim_width(halves(1)) < rim_width(halves(3))


def test_a_case_at_another_size_is_the_same_drawing(case: Case, by_name: Sources) -> None:
    large = at(case, by_name, 512)
    for one, other in ((large.sketch, case.sketch), (large.truth, case.truth)):
        small = np.array(Image.fromarray(one[..., 3]).resize((256, 256), Image.Resampling.BOX))
        assert np.abs(small.astype(int) - other[..., 3]).mean() < 1


def test_the_truth_has_full_marks(case: Case, by_name: Sources) -> None:
    large = at(case, by_name, 512)
    marks = score(large.truth, large)
    assert marks["alpha_iou"] == marks["reference_f1"] == 1
    assert marks["edge_f1"] > 0.95
    assert marks["ciede2000"] == 0
    shifted = replace(large, truth=np.roll(large.truth, 8, 0))
    assert score(large.truth, shifted)["reference_f1"] < 0.5


def test_an_enlarged_picture_is_the_small_one_with_crisp_edges() -> None:
    small = halves(1)
    large = enlarged(small, 800)
    again = np.array(Image.fromarray(large).resize((200, 200), Image.Resampling.BOX)).astype(int)
    assert np.abs(again[30:170, 30:170] - small[30:170, 30:170]).max() < 12
    assert (again[..., 3] > 127).sum() == pytest.approx((small[..., 3] > 127).sum(), rel=0.01)
    assert rim_width(large) < 1.5 * rim_width(small)


def test_the_table_has_both_ways_at_both_sizes(case: Case, by_name: Sources) -> None:
    solid = replace(case, style="3d")
    found = sizes(Ink.tiny(), by_name, [case, solid])
    assert found["pictures"] == 1, "3D art is small only"
    assert found["512"][LEARNED]["alpha_iou"] > 0.9
    assert found["512"][TRUE]["ciede2000"] == 0
    page = with_figures("<!-- figures: sizes -->\nold\n<!-- end -->\n", {"sizes": found})
    for size in (512, 1024):
        assert f"| {size} px, {ENLARGED} | {found[str(size)][ENLARGED]['alpha_iou']:.3f} |" in page
