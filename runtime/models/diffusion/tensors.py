"""What families do with tensors: to pixels, to another device, into the shape of a clip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Generator, Tensor

from livedraft.errors import ModelFailed
from livedraft.kernels import pixels_out
from livedraft.runtime.compute.denoise import drawn


def beginning(pictures: Tensor, frames: int) -> Tensor:
    """Return clips of which all but the first frame is empty, (batch, 3, frames, h, w)."""
    return F.pad(pictures[:, :, None], (0, 0, 0, 0, 0, frames - 1))


def as_pixels(frames: Tensor) -> NDArray[np.uint8]:
    """Return pictures (n, 3, h, w), -1 to 1, as (n, h, w, 3); raise ModelFailed if not finite."""
    if not bool(torch.isfinite(frames.sum(dtype=torch.float32))):  # halves would overflow
        raise ModelFailed(
            "the model returned values that are not finite",
            fix="try another seed or other params; if it stays, load it with dtype=bfloat16 "
            "or float32",
        )
    pixels: NDArray[np.uint8] = pixels_out(frames).cpu().numpy()
    return pixels


def moved(value: Any, device: torch.device | str) -> Any:
    """Return tensors, in whatever tables and tuples they are, on a device."""
    if isinstance(value, Tensor):
        return value.to(device)
    if isinstance(value, Mapping):
        return {name: moved(each, device) for name, each in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_make"):  # a NamedTuple
        return type(value)(*(moved(each, device) for each in value))
    if isinstance(value, (tuple, list)):
        return type(value)(moved(each, device) for each in value)
    return value


def one_of(mean: Tensor, deviation: Tensor | None, generator: Generator) -> Tensor:
    """Return latents of a picture, of those that an autoencoder may mean."""
    return mean if deviation is None else mean + deviation * drawn(mean, generator)
