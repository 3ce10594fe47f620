"""Pictures to look at: what was asked, what came of it, and the truth, side by side, full size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .report import Case

Pixels = NDArray[np.uint8]
COLUMNS, GROUND = 2, 236
SMALL, QUALITIES = 176, (72, 60, 48, 36)  # px of height and JPEG quality, of a page's picture
MOST_BYTES = 90_000  # of it: the best quality that is no larger


def montage(cases: Sequence[Case], columns: int = COLUMNS) -> Pixels:
    """Lay cases out, each as garment, person, sticker, try-on and truth; scores beneath."""
    strips = [_strip(case) for case in cases]
    blank = np.full_like(strips[0], GROUND)
    strips += [blank] * (-len(strips) % columns)
    rows = [np.concatenate(strips[k : k + columns], 1) for k in range(0, len(strips), columns)]
    return np.concatenate(rows)


def failures(cases: Sequence[Case], file: Path) -> None:
    """Write cases small, each as person, try-on and truth, without a word, for the model card."""
    cells = []
    for case in cases:
        shown = np.concatenate([case.sample.person, case.dressed.picture, case.sample.truth], 1)
        size = round(SMALL * shown.shape[1] / shown.shape[0]), SMALL
        small = np.asarray(cv2.resize(shown, size, interpolation=cv2.INTER_AREA), np.uint8)
        cells.append(np.pad(small, ((0, 4), (0, 8), (0, 0)), constant_values=255))
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % COLUMNS)
    rows = [np.concatenate(cells[k : k + COLUMNS], 1) for k in range(0, len(cells), COLUMNS)]
    sheet = Image.fromarray(np.concatenate(rows))
    for quality in QUALITIES:
        sheet.save(file, quality=quality)
        if file.stat().st_size <= MOST_BYTES:
            break


def _strip(case: Case) -> Pixels:
    sample, dressed = case.sample, case.dressed
    height = sample.person.shape[0]
    alpha = sample.garment[..., 3:].astype(np.float32) / 255
    flat = sample.garment[..., :3] * alpha + 245 * (1 - alpha)
    side = round(height * 0.75)
    small = cv2.resize(flat.astype(np.uint8), (side, side), interpolation=cv2.INTER_AREA)
    shown = np.full((height, side, 3), 245, np.uint8)
    shown[(height - side) // 2 :][:side] = small
    strip = np.concatenate(
        [shown, sample.person, dressed.sticker, dressed.picture, sample.truth], 1
    )
    s, meta = case.scores, case.record.meta
    line = f"{meta['index']} {meta['kind']} {meta['pose']} {meta['framing']} {sample.tone}: "
    line += f"IoU {s.iou:.3f}  map {s.map_px:.1f} px  SSIM {s.ssim:.3f} ({s.sticker_ssim:.3f})"
    line += f"  arm {s.arm_psnr:.1f} dB, L {s.arm_lightness:.1f}"
    strip = np.ascontiguousarray(strip)
    cv2.putText(strip, line, (8, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(strip, line, (8, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255,) * 3, 1, cv2.LINE_AA)
    return strip
