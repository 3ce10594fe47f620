"""Figures of try-on: the truth gets the best of them, faults are counted where they belong."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from skimage.data import astronaut
from training.tryon.data.paint import Sample, paint
from training.tryon.data.records import Record, records
from training.tryon.evaluate.dressing import Dressed, Fitter, Rules
from training.tryon.evaluate.metrics import score
from training.tryon.evaluate.montage import montage
from training.tryon.evaluate.report import Case, evaluate, table

from livedraft.media.chunks import Still
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Request
from livedraft.runtime.models.tryon.garment import Kind
from livedraft.runtime.models.tryon.garment.catalogue import shipped
from livedraft.runtime.models.tryon.model import TryOn
from livedraft.runtime.models.tryon.params import TryOnParams


def true_answer(sample: Sample) -> Dressed:
    changed = (sample.person != sample.truth).any(-1)
    worn = sample.worn.astype(np.float32)
    return Dressed(sample.truth, changed, worn, sample.flat, sample.person)


class FakeFitter:
    """Knows the truth, and finds nobody in pictures of trousers."""

    def dress(self, sample: Sample, kind: Kind) -> Dressed | str:
        return "nobody found" if kind == "lower" else true_answer(sample)


@pytest.fixture(scope="module")
def record(cache: Path) -> Record:
    return next(r for r in records(cache, held_out=False) if r.meta["kind"] == "upper")


@pytest.fixture(scope="module")
def sample(record: Record) -> Sample:
    return paint(record, 1, "deep")


def test_the_truth_is_without_fault(sample: Sample) -> None:
    scores = score(sample, true_answer(sample))
    assert scores.outside == 0
    assert scores.iou == 1
    assert scores.map_px == pytest.approx(0)
    assert scores.ssim == pytest.approx(1)
    assert scores.beyond < 0.1
    assert scores.sticker_ssim < 0.9


def test_what_changes_outside_of_the_mask_is_counted_by_the_pixel(sample: Sample) -> None:
    picture = sample.truth.copy()
    picture[:2, :3] ^= 1
    assert score(sample, replace(true_answer(sample), picture=picture)).outside == 6


def test_a_mask_that_reaches_far_from_clothes_is_told(sample: Sample) -> None:
    answer = true_answer(sample)
    everywhere = np.ones_like(answer.mask)
    assert score(sample, replace(answer, mask=everywhere)).beyond > 0.3


def test_a_shifted_garment_has_its_shift_as_map_error(sample: Sample) -> None:
    answer = true_answer(sample)
    moved = np.roll(answer.map, 6, axis=1)
    scores = score(sample, replace(answer, map=moved, garment=np.roll(answer.garment, 6, 1)))
    assert 4 < scores.map_px < 8
    assert 0.6 < scores.iou < 0.98


def test_the_report_has_a_line_for_each_group_and_names_failures(cache: Path) -> None:
    report = evaluate(cache, 5, FakeFitter())
    known = [r.meta["kind"] for r in records(cache, held_out=True)][:5]
    assert report.figures["people"] + sum(report.figures["not_dressed"].values()) == len(known)
    assert report.figures["not_dressed"].get("nobody found", 0) == known.count("lower")
    text = table(report.figures)
    assert "worst_iou" in text
    for case in report.cases:
        assert case.sample.tone in text
    assert evaluate(cache, 5, FakeFitter()).figures == report.figures


def test_a_montage_shows_all_at_full_size(sample: Sample, record: Record) -> None:
    answer = true_answer(sample)
    case = Case(record, sample, answer, score(sample, answer))
    sheet = montage([case] * 3)
    height, width = sample.person.shape[:2]
    assert sheet.shape == (2 * height, 2 * (round(height * 0.75) + 4 * width), 3)


def test_it_judges_the_very_pictures_that_a_page_is_served(sample: Sample) -> None:
    photo = np.ascontiguousarray(astronaut())
    garment = shipped().picture("tee-terracotta")
    seen = replace(sample, person=photo, garment=garment)
    ours = Fitter().dress(seen, "upper")
    assert isinstance(ours, Dressed)
    served = TryOn.tiny()
    inputs = {"person": photo, "garment": garment}
    request = Request(TryOnParams(category="upper"), inputs, Stage.DRAFT, 1)
    (job,) = served.prepare([(served.open(), request)])
    served.step([job])
    ((picture,),) = served.emit([job])
    assert isinstance(picture, Still)
    assert np.array_equal(picture.pixels, ours.picture)
    by_rule = Fitter(Rules()).dress(seen, "upper")
    assert isinstance(by_rule, Dressed)
    assert not np.array_equal(by_rule.picture, ours.picture)  # the trained nets were asked


def test_who_is_not_seen_is_no_case_but_a_failure(sample: Sample) -> None:
    empty = replace(sample, person=np.full_like(sample.person, 128))
    assert Fitter().dress(empty, "upper") == "nobody found"
