"""A pack whose nets are small-talk: weights at random, pictures made up."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from training.restyle.data.packed import HELD, JUDGE, LEARNED, PICTURES, TEACHER

Floats = NDArray[np.floating[Any]]

_TEACHER = {
    "contract.0": (8, 3, 9),
    "contract.1": (8, 8, 3),
    "contract.2": (8, 8, 3),
    **{f"res.{block}.{layer}": (8, 8, 3) for block in range(6) for layer in range(2)},
    "expand.0": (8, 8, 3),
    "expand.1": (4, 8, 3),
    "expand.2": (3, 4, 9),
}
_FIRES = {"fire2": 8, "fire3": 8, "fire4": 8, "fire5": 8}


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pack")
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(folder / PICTURES, "w") as archive:
        for name, side in ((f"{LEARNED}0", 96), (f"{LEARNED}1", 96), (f"{HELD}a face", 64)):
            small = rng.integers(0, 256, (8, 8, 3), np.uint8)
            large = cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)
            archive.writestr(f"{name}.jpg", cv2.imencode(".jpg", large)[1].tobytes())
    teacher: dict[str, Floats] = {}
    for name, (made, given, taps) in _TEACHER.items():
        teacher[f"{name}.w"] = rng.normal(0, 0.2, (made, given, taps, taps))
        teacher[f"{name}.norm.gamma"] = rng.normal(1, 0.2, (26, made))
        teacher[f"{name}.norm.beta"] = rng.normal(0, 0.2, (26, made))
    _save(folder / TEACHER, teacher)
    _save(folder / JUDGE, _judge(rng))
    return folder


def _judge(rng: np.random.Generator) -> dict[str, Floats]:
    shapes = {"conv1": (8, 3, 3)}
    for name, wide in _FIRES.items():
        shapes |= {
            f"{name}.squeeze1x1": (4, wide, 1),
            f"{name}.expand1x1": (4, 4, 1),
            f"{name}.expand3x3": (4, 4, 3),
        }
    found: dict[str, Floats] = {}
    for name, (made, given, taps) in shapes.items():
        found[f"{name}.weight"] = rng.normal(0, 0.1, (made, given, taps, taps))
        found[f"{name}.bias"] = np.zeros(made)
    return found


def _save(file: Path, arrays: dict[str, Floats]) -> None:
    single: dict[str, Any] = {name: value.astype(np.float32) for name, value in arrays.items()}
    np.savez(file, **single)
