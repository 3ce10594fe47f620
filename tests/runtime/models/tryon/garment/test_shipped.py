"""The garments that ship: all are prepared, and their points lie where they were sewn."""

import numpy as np
import pytest

from livedraft.runtime.models.tryon.garment.catalogue import shipped

CATALOGUE = shipped()
# Places of the right side as the patterns have them, x from the picture's middle, px.
GOLDEN = {
    "tee-terracotta": {
        "neck": (80, 66),
        "pit": (176, 276),
        "hem": (182, 690),
        "cuff_out": (328, 276),
        "cuff_in": (262, 330),
    },
    "breton-navy": {"neck": (92, 70), "pit": (170, 270), "hem": (176, 650)},
    "sweatshirt-grey": {"neck": (76, 66), "pit": (182, 292)},
    "blouse-ivory": {"neck": (84, 74), "pit": (174, 288), "hem": (196, 668)},
    "denim-jacket": {"pit": (186, 308), "hem": (184, 660)},
    "jeans-blue": {"waist": (106, 56), "hem_out": (138, 716), "hem_in": (46, 720)},
    "chinos-sand": {"waist": (104, 56), "hem_out": (112, 712), "hem_in": (44, 716)},
    "skirt-green": {"waist": (112, 62), "hem": (262, 566)},
    "dress-flowers": {
        "neck": (62, 44),
        "shoulder": (98, 50),
        "pit": (124, 172),
        "waist": (103, 300),
        "hem": (236, 706),
    },
    "dress-wine": {
        "cuff_out": (216, 226),
        "pit": (122, 196),
        "waist": (99, 314),
        "hem": (206, 704),
    },
}
# Where the neckline is lowest: the pattern's neck and how deep the front is.
COLLARS = {
    "tee-terracotta": 124,
    "breton-navy": 110,
    "sweatshirt-grey": 112,
    "blouse-ivory": 224,
    "denim-jacket": 158,
    "dress-flowers": 130,
    "dress-wine": 188,
}


def test_every_garment_is_listed_here() -> None:
    assert {entry.sku for entry in CATALOGUE} == set(GOLDEN)


@pytest.mark.parametrize("sku", GOLDEN)
def test_points_lie_where_it_was_sewn(sku: str) -> None:
    garment = CATALOGUE.garment(sku)
    assert garment.kind == CATALOGUE.find(sku).category
    assert garment.notes == ()
    middle = garment.alpha.shape[1] / 2
    for name, (x, y) in GOLDEN[sku].items():
        for side, sign in (("l", -1), ("r", 1)):
            found = garment.points[f"{name}_{side}"]
            assert found == pytest.approx((middle + sign * x, y), abs=22), (name, side)


@pytest.mark.parametrize("sku", COLLARS)
def test_the_collars_opening_is_its_own(sku: str) -> None:
    garment = CATALOGUE.garment(sku)
    assert garment.points["collar"][1] == pytest.approx(COLLARS[sku], abs=22)
    # Nothing of the inside of the back is left in what is drawn in front of the neck.
    inside = garment.opening > 0.99
    assert inside.any()
    assert garment.body[inside].max() < 0.01
    assert np.allclose(garment.back, garment.alpha * garment.opening)


@pytest.mark.parametrize("sku", GOLDEN)
def test_pictures_are_small_files_with_alpha(sku: str) -> None:
    file = CATALOGUE.folder / CATALOGUE.find(sku).image
    assert file.stat().st_size <= 60_000
    picture = CATALOGUE.picture(sku)
    assert picture.shape[2] == 4
    assert max(picture.shape[:2]) <= 768
