"""What cannot be worn is refused with a word and a way out, or set right by hand."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.runtime.models.tryon.garment.drawn import HALVES, Pixels, drawn

from livedraft.errors import BadInput, InvalidImage, InvalidParams
from livedraft.runtime.models.perception.networks import read_parse
from livedraft.runtime.models.tryon.garment import prepare
from livedraft.runtime.models.tryon.garment.catalogue import shipped
from livedraft.runtime.models.tryon.garment.prepare import Category, SleevesAsked


def empty() -> Pixels:
    return np.full((400, 400, 3), 236, np.uint8)


def transparent() -> Pixels:
    return np.zeros((400, 400, 4), np.uint8)


def busy() -> Pixels:
    picture = np.random.default_rng(2).integers(0, 256, (24, 24, 3)).astype(np.uint8)
    ground = cv2.resize(picture, (512, 512), interpolation=cv2.INTER_NEAREST)
    shirt = drawn("t-shirt").cut
    solid = shirt[..., 3:] > 127
    return np.asarray(np.where(solid, shirt[..., :3], ground), np.uint8)


def white_on_white() -> Pixels:
    return np.full((512, 512, 3), 252, np.uint8)


def two() -> Pixels:
    return np.hstack([drawn("t-shirt").laid, drawn("trousers").laid])


def tiny() -> Pixels:
    return np.ascontiguousarray(drawn("t-shirt").laid[::12, ::12])


def sideways() -> Pixels:
    return np.ascontiguousarray(np.rot90(drawn("t-shirt").laid))


def upside_down(name: str = "trousers") -> Pixels:
    return np.ascontiguousarray(drawn(name).laid[::-1])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (empty, "no garment is seen"),
        (transparent, "no garment is seen"),
        (busy, "busy ground"),
        (white_on_white, "no garment is seen"),
        (two, "2 garments"),
        (tiny, "tiny"),
        (sideways, "turned by about 90°"),
        (upside_down, "upside down"),
        (lambda: upside_down("t-shirt"), "upside down"),
        (lambda: upside_down("long"), "upside down"),
        (lambda: np.full((300, 300, 4), 255, np.uint8), "no garment is seen"),
    ],
)
def test_it_is_refused_with_a_way_out(make: Callable[[], Pixels], said: str) -> None:
    with pytest.raises(InvalidImage, match=said) as caught:
        prepare(make())
    assert len(caught.value.fix) > 10


@pytest.mark.parametrize("name", [n for n in HALVES if n not in ("tank", "shorts", "skirt")])
@pytest.mark.parametrize("angle", [-90, -45, 30, 90])
def test_a_garment_that_lies_askew_is_told(name: str, angle: int) -> None:
    turn = cv2.getRotationMatrix2D((255.5, 255.5), angle, 0.75)
    picture = cv2.warpAffine(drawn(name).cut, turn, (512, 512))
    with pytest.raises(InvalidImage, match="turned") as caught:
        prepare(np.asarray(picture, np.uint8))
    assert "top" in caught.value.fix


@pytest.mark.parametrize(
    "shape", [(300, 300), (300, 300, 1), (300, 300, 5), (0, 0, 3), (9, 900, 3)]
)
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidImage):
        prepare(np.zeros(shape, np.uint8))
    wrong: Any = np.zeros((300, 300, 3), np.float32)
    with pytest.raises(InvalidImage, match="bytes"):
        prepare(wrong)


def test_a_picture_that_cuts_it_off_is_said() -> None:
    garment = prepare(drawn("t-shirt").laid[:380])
    assert [note["code"] for note in garment.notes] == ["garment_unclear"]
    assert "bottom" in garment.notes[0]["message"]
    assert garment.notes[0]["param"] == "points"


def test_somebody_who_wears_it_is_told() -> None:
    data = pytest.importorskip("skimage.data", reason="its astronaut is who wears something")
    network = read_parse()
    with pytest.raises(InvalidImage, match="somebody wears"):
        prepare(data.astronaut(), people=network)
    for sku in ("tee-terracotta", "blouse-ivory", "chinos-sand", "dress-flowers"):
        catalogue = shipped()
        assert catalogue.garment(sku, people=network).points


@pytest.mark.parametrize(
    "points", [{"elbow": (0.5, 0.5)}, {"hem_l": (0.5, 1.5)}, {"hem_l": (0.5,)}]
)
def test_points_that_are_none_are_refused(points: dict[str, tuple[float, float]]) -> None:
    with pytest.raises(InvalidParams) as caught:
        prepare(drawn("t-shirt").laid, points=points)
    assert caught.value.fix


def test_points_set_by_hand_are_kept_exactly() -> None:
    given_ = {"pit_l": (0.25, 0.5), "collar": (0.5, 0.3), "cuff_out_r": (0.9, 0.4)}
    garment = prepare(drawn("t-shirt").laid, points=given_)
    for name, (x, y) in given_.items():
        assert garment.points[name] == (x * 512, y * 512)


def test_white_on_white_is_cut_by_points_set_by_hand() -> None:
    picture = drawn("t-shirt", (252, 252, 252), (252, 252, 252))
    corners = {
        "neck_l": (0.41, 0.15),
        "neck_r": (0.59, 0.15),
        "cuff_out_l": (0.11, 0.35),
        "cuff_out_r": (0.89, 0.35),
        "hem_l": (0.27, 0.85),
        "hem_r": (0.73, 0.85),
    }
    garment = prepare(white_on_white(), "upper", points=corners)
    found, true = garment.alpha > 0.5, picture.cut[..., 3] > 127
    assert (found & true).sum() / (found | true).sum() > 0.7
    assert garment.points["hem_r"] == (0.73 * 512, 0.85 * 512)


def test_a_fading_and_a_premultiplied_picture_are_cut_out_alike() -> None:
    whole = drawn("t-shirt").cut
    sheer = whole.copy()
    sheer[..., 3] //= 2
    dark = whole.copy()
    dark[..., :3] = (whole[..., :3] * (whole[..., 3:] / 255.0)).astype(np.uint8)
    garments = [prepare(picture) for picture in (whole, sheer, dark)]
    for garment in garments:
        assert garment.kind == "upper"
        assert garment.points["hem_l"] == pytest.approx(garments[0].points["hem_l"], abs=4)
    rim = (garments[2].alpha > 0.05) & (garments[2].alpha < 0.95)
    apart = np.abs(garments[2].colour[rim].astype(int) - garments[0].colour[rim].astype(int))
    assert np.median(apart) < 8  # the dark rim of a premultiplied picture is gone


CATEGORIES: list[Category] = ["auto", "upper", "lower", "dress"]
SLEEVES: list[SleevesAsked] = ["auto", "none", "short", "long"]
PLACED = st.tuples(st.floats(0.55, 1.0), st.integers(-70, 70), st.integers(-40, 40))


@settings(max_examples=12, deadline=None)
@given(name=st.sampled_from(["t-shirt", "long", "trousers", "dress"]), placed=PLACED)
def test_points_move_along_with_the_picture(name: str, placed: tuple[float, int, int]) -> None:
    scale, right, down = placed
    picture = drawn(name).cut
    matrix = np.array([[scale, 0, 90 + right], [0, scale, 60 + down]], np.float32)
    moved = cv2.warpAffine(picture, matrix, (700, 640), flags=cv2.INTER_AREA)
    before, after = prepare(picture), prepare(np.asarray(moved, np.uint8))
    assert after.kind == before.kind
    for point, at in before.points.items():
        expected = matrix[:, :2] @ at + matrix[:, 2]
        assert after.points[point] == pytest.approx(tuple(expected), abs=16), point


@settings(max_examples=8, deadline=None)
@given(name=st.sampled_from(list(HALVES)), seed=st.integers(0, 99))
def test_a_mirrored_picture_gives_mirrored_points(name: str, seed: int) -> None:
    picture = drawn(name, seed=seed).laid
    before, after = prepare(picture), prepare(np.ascontiguousarray(picture[:, ::-1]))
    other = {"l": "r", "r": "l"}
    for point, (x, y) in before.points.items():
        twin = point[:-1] + other[point[-1]] if point[-2:] in ("_l", "_r") else point
        assert after.points[twin] == pytest.approx((511 - x, y), abs=14), point


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_picture_gives_a_garment_or_an_error_with_a_fix(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(8, 260)), data.draw(st.integers(8, 260))
    channels = data.draw(st.sampled_from([3, 4]))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    ground = random.integers(0, 256, channels)
    picture = np.broadcast_to(ground, (height, width, channels)).astype(np.uint8)
    for _ in range(data.draw(st.integers(0, 5))):
        corners = random.integers(-20, 280, (random.integers(3, 9), 2)).astype(np.int32)
        tone = tuple(int(v) for v in random.integers(0, 256, channels))
        picture = np.ascontiguousarray(picture)
        cv2.fillPoly(picture, [corners], tone)
    if data.draw(st.booleans()):
        noisy = picture.astype(int) + random.integers(-40, 40, picture.shape)
        picture = np.clip(noisy, 0, 255).astype(np.uint8)
    points = {
        name: (data.draw(st.floats(0, 1)), data.draw(st.floats(0, 1)))
        for name in data.draw(st.sets(st.sampled_from(["neck_l", "hem_r", "pit_l", "crotch"])))
    }
    category, sleeves = data.draw(st.sampled_from(CATEGORIES)), data.draw(st.sampled_from(SLEEVES))
    garment, error = None, None
    try:
        garment = prepare(picture, category, sleeves, points)
    except BadInput as refused:
        error = refused
    if garment is None:
        assert error is not None
        assert error.fix
        return
    for layer in (garment.body, garment.back, *garment.limbs.values()):
        assert np.isfinite(layer).all()
        assert float(layer.min()) >= 0
        assert float(layer.max()) <= 1 + 1e-5
    assert all(np.isfinite(point).all() for point in garment.points.values())
