"""Pictures that were kept aside, in every style: what was painted, and what the net makes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from livedraft.runtime.models.restyle.tuning.net import RestyleNet

from ..data.packed import Picture
from ..teacher.net import StyleNet
from ..teacher.styles import NAMES, painted


@torch.no_grad()
def montage(
    net: RestyleNet,
    teacher: StyleNet,
    kept: Mapping[str, Picture],
    file: Path,
    device: torch.device,
) -> None:
    """Write a picture: a row for each style, the teacher's beside the net's for each one kept."""
    stack = np.stack(list(kept.values())).transpose(0, 3, 1, 2)
    pictures = torch.from_numpy(np.ascontiguousarray(stack)).to(device).float() / 255
    rows = [_row(pictures, pictures)]
    for style in range(len(NAMES)):
        mix = torch.zeros(len(pictures), len(NAMES), device=device)
        mix[:, style] = 1
        rows.append(_row(painted(teacher, pictures, [style] * len(pictures)), net(pictures, mix)))
    cv2.imwrite(str(file), np.vstack(rows)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])


def _row(left: Tensor, right: Tensor) -> Picture:
    pairs = torch.stack([left, right], 1).flatten(0, 1).clamp(0, 1)
    pixels = (pairs * 255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
    return np.hstack(list(pixels))
