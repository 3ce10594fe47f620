"""A garment's picture becomes a garment: its points, layers and collar, seen from outside."""

import numpy as np
import pytest
from tests.runtime.models.tryon.garment.drawn import HALVES, Drawn, drawn

from livedraft.runtime.models.tryon.garment import Garment, prepare

KINDS = {
    "t-shirt": ("upper", "short"),
    "long": ("upper", "long"),
    "tank": ("upper", "none"),
    "trousers": ("lower", "none"),
    "shorts": ("lower", "none"),
    "skirt": ("lower", "none"),
    "dress": ("dress", "none"),
    "sleeved dress": ("dress", "short"),
}
# Places of the right halves, as drawn.
PLACES = {
    "t-shirt": {
        "cuff_out": (390, 350),
        "cuff_in": (310, 430),
        "pit": (230, 380),
        "hem": (230, 850),
    },
    "long": {"cuff_out": (420, 760), "cuff_in": (340, 790), "pit": (210, 400), "hem": (210, 830)},
    "tank": {"neck": (90, 150), "shoulder": (150, 155), "pit": (220, 420), "hem": (220, 850)},
    "trousers": {"waist": (190, 150), "hem_out": (240, 900), "hem_in": (110, 900)},
    "shorts": {"waist": (210, 250), "hem_out": (270, 700), "hem_in": (90, 700)},
    "skirt": {"waist": (170, 200), "hem": (300, 820)},
    "dress": {
        "neck": (85, 110),
        "shoulder": (130, 115),
        "pit": (160, 300),
        "hem": (280, 900),
        "waist": (130, 440),
    },
    "sleeved dress": {"cuff_out": (290, 250), "pit": (150, 260), "hem": (260, 930)},
}


def apart(garment: Garment, picture: Drawn, name: str, place: tuple[int, int]) -> float:
    """Return how far a point lies from where it was drawn, the worse side, share of the picture."""
    right, left = picture.at(*place), picture.at(-place[0], place[1])
    found = garment.points[f"{name}_r"], garment.points[f"{name}_l"]
    pairs = zip(found, (right, left), strict=True)
    return max(float(np.hypot(*np.subtract(a, b))) for a, b in pairs) / picture.side


@pytest.mark.parametrize("name", HALVES)
@pytest.mark.parametrize("laid", [False, True])
def test_kind_sleeves_and_points_are_found(name: str, laid: bool) -> None:
    picture = drawn(name)
    garment = prepare(picture.laid if laid else picture.cut)
    assert (garment.kind, garment.sleeves) == KINDS[name]
    off = {point: apart(garment, picture, point, at) for point, at in PLACES[name].items()}
    assert {point: away for point, away in off.items() if away > 0.035} == {}
    assert garment.notes == ()


@pytest.mark.parametrize("name", ["trousers", "shorts"])
def test_trousers_part_at_the_crotch_and_skirts_do_not(name: str) -> None:
    picture = drawn(name)
    garment = prepare(picture.cut)
    assert garment.legs
    assert np.hypot(*np.subtract(garment.points["crotch"], picture.at(*HALVES[name][-1]))) < 10
    assert not prepare(drawn("skirt").cut).legs


@pytest.mark.parametrize("name", HALVES)
def test_layers_cover_the_garment_and_nothing_else(name: str) -> None:
    garment = prepare(drawn(name).laid)
    layers = [garment.body, garment.back, *garment.limbs.values()]
    limbs = {"sleeve_l", "sleeve_r"} if garment.sleeves != "none" else set()
    assert set(garment.limbs) == ({"leg_l", "leg_r"} if garment.legs else limbs)
    for layer in layers:
        assert layer.dtype == np.float32
        assert layer.shape == garment.alpha.shape == garment.colour.shape[:2]
        assert (layer >= 0).all()
        assert (layer <= garment.alpha + 1e-5).all()
    together = 1 - np.prod([1 - layer for layer in layers], axis=0)
    assert float((together - garment.alpha).min()) > -0.3  # no gap, even in the rims
    assert float(np.abs(together - garment.alpha).mean()) < 0.01


@pytest.mark.parametrize("colour", [(25, 25, 28), (70, 100, 160), (128, 128, 128), (190, 60, 50)])
def test_a_shadow_is_no_cloth_and_leaves_no_grey_rim(colour: tuple[int, int, int]) -> None:
    picture = drawn("t-shirt", colour)
    garment = prepare(picture.laid)
    true = picture.cut[..., 3] > 127
    found = garment.alpha > 0.5
    assert (found & true).sum() / (found | true).sum() > 0.96
    assert (found & ~true).sum() < 0.004 * true.sum()
    rim = (garment.alpha > 0.05) & (garment.alpha < 0.95)
    # Folds alone change the drawn cloth by some 15 %.
    assert np.abs(np.median(garment.colour[rim].astype(float), 0) - colour).max() < 16
