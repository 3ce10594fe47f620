"""How strong edges are at places that are told in neck widths, as necklines are sought there."""

from __future__ import annotations

import cv2
import numpy as np

from ..garment import Floats


def edges(lab: Floats, place: Floats, across: Floats, down: Floats, near: int) -> Floats:
    """Return slopes along ``across`` at each of ``down``, of Lab over two steps: (down, across).

    ``lab`` (H, W, 3) is smoothed; ``place`` (2, 3) takes places, across and down, to px. What is
    within ``near`` steps counts: lines are not quite straight.
    """
    x, y = np.meshgrid(across, down)
    at = np.stack([x, y], -1) @ place[:, :2].T + place[:, 2]
    xs, ys = (np.ascontiguousarray(at[..., i], np.float32) for i in (0, 1))
    seen = np.asarray(cv2.remap(lab, xs, ys, cv2.INTER_LINEAR), np.float32)
    slope = np.zeros(x.shape, np.float32)
    slope[:, 1:-1] = np.linalg.norm(seen[:, 2:] - seen[:, :-2], axis=-1)
    return np.asarray(cv2.dilate(slope, np.ones((1, near), np.uint8)), np.float32)
