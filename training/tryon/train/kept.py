"""Examples of a kind in one small file: what a machine that only learns has to be given.

Lengths are kept in whole parts of a shoulders' width (`STEP`) or of a garment's size (`FINE`), with
their high and low bytes apart, as those compress by themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from .offsets import Batch

STEP, FINE = 1 / 1024, 1 / 8192  # of a width; of a garment's size
LENGTHS = {
    "features": STEP,
    "knots": STEP,
    "flat": FINE,
    "axes": FINE,
    "at": STEP,
    "shown": FINE,
    "rim": STEP,
    "outer": STEP,
    "off": STEP,
    "frame": FINE,
}
SHARES = ("weight", "rim_weight", "outer_weight")  # 0..1, one byte each

Array = NDArray[Any]


def write(file: Path, batch: Batch, index: Array) -> None:
    """Write examples and the index of the record that each is of, whole or not at all."""
    arrays: dict[str, Array] = {"index": index.astype(np.int32)}
    arrays |= {name: _bytes(_of(batch, name), step) for name, step in LENGTHS.items()}
    arrays |= {name: (_of(batch, name) * 255 + 0.5).astype(np.uint8) for name in SHARES}
    arrays |= {f"{name}.shape": np.array(_of(batch, name).shape) for name in LENGTHS}
    arrays |= {"slot": _of(batch, "slot").astype(np.int8), "bends": _of(batch, "bends")}
    grids, arrays["grid"], arrays["mirrored"] = _told_once(_of(batch, "apart"))
    steps = np.diff(np.rint(np.stack(grids) / FINE), axis=-1, prepend=0)
    arrays |= {"grids": _bytes(steps, 1.0), "grids.shape": np.array(steps.shape)}
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial.npz")
    np.savez_compressed(partial, allow_pickle=False, **arrays)
    partial.replace(file)


def read(file: Path) -> tuple[Batch, Array]:
    """Return the examples of a file, and the index of the record that each is of."""
    with np.load(file) as arrays:
        fields: dict[str, Array] = {
            name: _values(arrays[name], arrays[f"{name}.shape"], step)
            for name, step in LENGTHS.items()
        }
        fields |= {name: arrays[name].astype(np.float32) / 255 for name in SHARES}
        fields |= {"slot": arrays["slot"].astype(np.int64), "bends": arrays["bends"]}
        steps = _values(arrays["grids"], arrays["grids.shape"], 1.0)
        apart = (np.cumsum(steps, -1) * FINE).astype(np.float32)[arrays["grid"]]
        apart[arrays["mirrored"]] = apart[arrays["mirrored"]][..., ::-1]
        batch = Batch(apart=torch.from_numpy(apart), **_tensors(fields))
        return batch, np.array(arrays["index"])


def _tensors(fields: dict[str, Array]) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(np.ascontiguousarray(each)) for name, each in fields.items()}


def _of(batch: Batch, name: str) -> Array:
    values: Array = getattr(batch, name).numpy()
    return values


def _told_once(grids: Array) -> tuple[list[Array], Array, Array]:
    """Return grids without those that follow as they are or mirrored; which each is, and how."""
    told: list[Array] = []
    which, mirrored = np.zeros(len(grids), np.int32), np.zeros(len(grids), bool)
    for row, grid in enumerate(grids):
        if told and np.allclose(grid[:, ::-1], told[-1], atol=1e-3):
            mirrored[row] = True
        elif not told or not np.allclose(grid, told[-1], atol=1e-3):
            told.append(grid)
        which[row] = len(told) - 1
    return told, which, mirrored


def _bytes(values: Array, step: float) -> Array:
    """Return values as whole steps, (2, n): low bytes, then high ones."""
    whole = np.clip(np.rint(values.astype(np.float64) / step), -32768, 32767).astype("<i2")
    return np.ascontiguousarray(whole.reshape(-1).view(np.uint8).reshape(-1, 2).T)


def _values(stored: Array, shape: Array, step: float) -> Array:
    whole = np.ascontiguousarray(stored.T).reshape(-1).view("<i2")
    return (whole * np.float32(step)).astype(np.float32).reshape(tuple(shape))
