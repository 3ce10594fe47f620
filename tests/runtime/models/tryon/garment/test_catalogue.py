"""A shop's catalogue is read, judged, and prepared when a garment is asked for."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.runtime.models.tryon.garment.drawn import drawn

from livedraft.errors import ConfigError, InvalidImage, InvalidParams
from livedraft.runtime.models.tryon.garment.catalogue import read_catalogue


def written(folder: Path, entries: Any) -> Path:
    """Write a catalogue, and the pictures of a T-shirt and of trousers beside it."""
    folder.mkdir(exist_ok=True)
    for name in ("t-shirt", "trousers"):
        cv2.imwrite(str(folder / f"{name}.png"), drawn(name).cut[..., [2, 1, 0, 3]])
    (folder / "catalogue.json").write_text(json.dumps(entries), "utf-8")
    return folder


TWO = [
    {"sku": "T-1", "image": "t-shirt.png", "category": "upper", "title": "A T-shirt"},
    {"sku": "P-1", "image": "trousers.png", "price": "39 €"},
]


def test_entries_are_read_in_order(tmp_path: Path) -> None:
    catalogue = read_catalogue(written(tmp_path, TWO))
    assert [entry.sku for entry in catalogue] == ["T-1", "P-1"]
    assert len(catalogue) == 2
    assert catalogue.find("P-1").price == "39 €"


def test_garments_are_prepared_once_for_what_is_asked(tmp_path: Path) -> None:
    catalogue = read_catalogue(written(tmp_path, TWO))
    assert catalogue.garment("P-1").kind == "lower"
    shirt = catalogue.garment("T-1")
    assert shirt.kind == "upper"
    assert catalogue.garment("T-1") is shirt
    bare = catalogue.garment("T-1", sleeves="none")
    assert bare is not shirt
    assert bare.limbs == {}
    moved = catalogue.garment("T-1", points={"hem_l": (0.25, 0.75)})
    assert moved.points["hem_l"] == (128, 384)


def test_no_more_than_a_dozen_are_kept(tmp_path: Path) -> None:
    catalogue = read_catalogue(written(tmp_path, TWO))
    first = catalogue.garment("T-1")
    for i in range(12):
        catalogue.garment("T-1", points={"hem_l": (0.25, 0.7 + i / 1000)})
    assert catalogue.garment("T-1") is not first


def test_an_unknown_sku_names_the_closest(tmp_path: Path) -> None:
    catalogue = read_catalogue(written(tmp_path, TWO))
    with pytest.raises(InvalidParams, match="did you mean 'T-1'"):
        catalogue.find("T1")
    with pytest.raises(InvalidParams, match="lower_sku"):
        catalogue.find("nothing alike", "lower_sku")


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"sku": "T-1"}, "list"),
        ([{"sku": "T-1"}], "image"),
        ([{"sku": "", "image": "t-shirt.png"}], "sku"),
        ([{"sku": "T-1", "image": "t-shirt.png", "category": "hat"}], "category"),
        ([{"sku": "T-1", "image": "t-shirt.png", "colour": "red"}], "colour"),
        ([*TWO, TWO[0]], "twice"),
        ([{"sku": "T-1", "image": "../outside.png"}], "outside"),
        ([{"sku": "T-1", "image": "/etc/hostname"}], "outside"),
        ([{"sku": "T-1", "image": "link.png"}], "outside"),
        ([{"sku": "T-1", "image": "nowhere.png"}], "missing"),
        ([{"sku": "T-1", "image": "nul\0.png"}], "missing"),
        ([{"sku": "T-1", "image": "x" * 400 + ".png"}], "missing"),
        ([{"sku": "T-1", "image": "."}], "missing"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, entries: Any, said: str) -> None:
    (tmp_path / "outside.png").write_bytes(b"")
    folder = written(tmp_path / "shop", entries)
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    with pytest.raises(ConfigError, match=said) as caught:
        read_catalogue(folder)
    assert caught.value.fix


def test_a_folder_without_a_catalogue_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"catalogue\.json"):
        read_catalogue(tmp_path)
    (tmp_path / "catalogue.json").write_text("[" * 100_000)
    with pytest.raises(ConfigError, match="no JSON"):
        read_catalogue(tmp_path)


def test_a_broken_picture_is_told_with_its_name(tmp_path: Path) -> None:
    catalogue = read_catalogue(written(tmp_path, TWO))
    (tmp_path / "t-shirt.png").write_bytes((tmp_path / "t-shirt.png").read_bytes()[:500])
    with pytest.raises(InvalidImage, match=r"t-shirt\.png"):
        catalogue.garment("T-1")
    (tmp_path / "trousers.png").unlink()
    with pytest.raises(InvalidImage, match=r"trousers\.png"):
        catalogue.garment("P-1")


def test_of_an_animated_picture_the_first_is_worn(tmp_path: Path) -> None:
    folder = written(tmp_path, [{"sku": "A", "image": "moving.webp"}])
    first, second = (Image.fromarray(drawn(name).cut) for name in ("t-shirt", "trousers"))
    first.save(folder / "moving.webp", save_all=True, append_images=[second], lossless=True)
    assert read_catalogue(folder).garment("A").kind == "upper"


def test_a_picture_that_a_camera_turned_is_upright(tmp_path: Path) -> None:
    folder = written(tmp_path, [{"sku": "A", "image": "turned.jpg"}])
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = Image.fromarray(np.ascontiguousarray(np.rot90(drawn("t-shirt").laid)))
    turned.save(folder / "turned.jpg", exif=exif, quality=92)
    assert read_catalogue(folder).garment("A").kind == "upper"


def test_a_huge_picture_is_refused_by_its_header(tmp_path: Path) -> None:
    folder = written(tmp_path, [{"sku": "A", "image": "huge.png"}])
    header = bytearray((folder / "t-shirt.png").read_bytes())
    header[16:24] = (12_000).to_bytes(4, "big") + (12_000).to_bytes(4, "big")
    (folder / "huge.png").write_bytes(bytes(header))
    with pytest.raises(InvalidImage, match=r"huge\.png.*12000"):
        read_catalogue(folder).garment("A")
