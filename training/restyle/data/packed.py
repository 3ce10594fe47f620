"""Read a pack: where a training runs there may be no more than torch, NumPy and OpenCV."""

from __future__ import annotations

import zipfile
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

PICTURES, TEACHER, JUDGE = "pictures.zip", "teacher.npz", "judge.npz"
LEARNED, HELD = "learned/", "held/"

Picture = NDArray[np.uint8]  # (h, w, 3), RGB


def read(folder: Path, prefix: str) -> dict[str, Picture]:
    """Return the pictures of a pack, those learned from or those held aside, by their names."""
    with zipfile.ZipFile(folder / PICTURES) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith(prefix))
        return {name[len(prefix) : -4]: _unpacked(archive.read(name)) for name in names}


def arrays(folder: Path, name: str) -> dict[str, NDArray[np.float32]]:
    """Return the weights that a pack holds."""
    with np.load(folder / name) as found:
        return {key: found[key].astype(np.float32) for key in found.files}


def _unpacked(packed: bytes) -> Picture:
    bgr = cv2.imdecode(np.frombuffer(packed, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(np.asarray(bgr, np.uint8), cv2.COLOR_BGR2RGB), np.uint8)
