"""What the figures mean."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from ..data.bodies import ARMS, Part
from ..data.paint import Sample
from .dressing import Dressed

DILATED = 12  # px by which a mask may reach beyond old and new clothes, at 512 px of height
LEAST = 150  # px of bare arm that are judged
BARE_ARM = (*ARMS[:2], *ARMS[3:5])  # without hands


@dataclass(frozen=True)
class Scores:
    """One dressed person; NaN where there is nothing to judge.

    outside: pixels that differ from the person's picture and are not in the mask.
    beyond: share of the mask further than `DILATED` from the clothes that are taken off or put on.
    iou: of the garment's visible pixels with the true ones.
    map_px: median error of where the torso's (of trousers: the seat's) pixels come from, in pixels
    of the person's picture.
    ssim, psnr: within the true garment; sticker_ssim: the same of a sticker.
    arm_psnr: of arms that were covered and are bare now; arm_lightness: the error of their mean L*.
    arm_covered: share of them over which new cloth lies all the same; skin_psnr, skin_lightness: as
    for arms, where it does not.
    """

    outside: int
    beyond: float
    iou: float
    map_px: float
    ssim: float
    psnr: float
    sticker_ssim: float
    arm_psnr: float
    arm_lightness: float
    arm_covered: float
    skin_psnr: float
    skin_lightness: float

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def score(sample: Sample, dressed: Dressed) -> Scores:
    """Compare a dressed person with the truth."""
    changed = (dressed.picture != sample.person).any(-1)
    visible = dressed.garment > 0.5
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * DILATED + 1,) * 2)
    clothes = sample.replaced | (dressed.garment > 0.02)
    near = cv2.dilate(clothes.astype(np.uint8), disc) > 0
    mask = dressed.mask
    bared = sample.bared & np.isin(sample.part, BARE_ARM)
    skin = bared & ~visible
    judged, seen = (bool(where.sum() > LEAST) for where in (bared, skin))
    return Scores(
        outside=int((changed & ~mask).sum()),
        beyond=float((mask & ~near).sum() / max(mask.sum(), 1)),
        iou=float((visible & sample.worn).sum() / max((visible | sample.worn).sum(), 1)),
        map_px=_map_error(sample, dressed),
        ssim=_ssim(sample.truth, dressed.picture, sample.worn),
        psnr=_psnr(sample.truth, dressed.picture, sample.worn),
        sticker_ssim=_ssim(sample.truth, dressed.sticker, sample.worn),
        arm_psnr=_psnr(sample.truth, dressed.picture, bared) if judged else np.nan,
        arm_lightness=_lightness_error(sample, dressed, bared) if judged else np.nan,
        arm_covered=float(visible[bared].mean()) if judged else np.nan,
        skin_psnr=_psnr(sample.truth, dressed.picture, skin) if seen else np.nan,
        skin_lightness=_lightness_error(sample, dressed, skin) if seen else np.nan,
    )


def _map_error(sample: Sample, dressed: Dressed) -> float:
    torso = sample.worn & (sample.part == Part.TORSO) & ~np.isnan(dressed.map[..., 0])
    if torso.sum() < LEAST:
        return np.nan
    off = np.linalg.norm(dressed.map - sample.flat, axis=-1)[torso]
    pair = torso[:, 1:] & torso[:, :-1]
    stretch = np.linalg.norm(np.diff(sample.flat, axis=1), axis=-1)[pair]
    return float(np.median(off) / max(float(np.median(stretch)), 1e-6))


def _ssim(truth: NDArray[np.uint8], made: NDArray[np.uint8], where: NDArray[np.bool_]) -> float:
    similarity: Any = structural_similarity  # has no types
    full = similarity(truth, made, channel_axis=2, full=True, data_range=255)[1]
    return float(full.mean(-1)[where].mean())


def _psnr(truth: NDArray[np.uint8], made: NDArray[np.uint8], where: NDArray[np.bool_]) -> float:
    off = (truth.astype(np.float32) - made)[where]
    return float(10 * np.log10(255**2 / max(float((off**2).mean()), 1e-3)))


def _lightness_error(sample: Sample, dressed: Dressed, where: NDArray[np.bool_]) -> float:
    mean = [image[where].mean(0) / 255 for image in (sample.truth, dressed.picture)]
    lab = cv2.cvtColor(np.array([mean], np.float32), cv2.COLOR_RGB2LAB)[0]
    return float(abs(lab[0, 0] - lab[1, 0]))
