"""Tensors of a safetensors file that anybody may have written, as float32 and within bounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, deserialize

from livedraft.errors import WeightsError

from ....tensor_files import LOWER_RATE, SAVE_ANEW, must_be_within, unreadable
from ..colour import Floats

MOST_BYTES = 64 * 2**20  # LoRAs of rank 8 have a quarter of a megabyte
_NUMPY = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}

# Typed here, as safetensors types it nowhere.
_tensors: Callable[[bytes], list[tuple[str, dict[str, Any]]]] = deserialize


def read_tensors(path: Path) -> dict[str, Floats]:
    """Return the tensors of a file whose metadata were read; raise WeightsError, naming the file.

    bfloat16 is read, too, which NumPy does not have.
    """
    try:
        must_be_within(path, MOST_BYTES)
        found = _tensors(path.read_bytes())
    except (OSError, SafetensorError) as error:
        raise unreadable(path, str(error)) from error
    return {name: _floats(path, name, tensor) for name, tensor in found}


def _floats(path: Path, name: str, tensor: dict[str, object]) -> Floats:
    kind, shape, data = tensor["dtype"], tensor["shape"], tensor["data"]
    assert isinstance(data, (bytes, bytearray)), "as safetensors documents"
    assert isinstance(shape, list), "as safetensors documents"
    if kind == "BF16":  # the upper half of a float32
        values = (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    elif kind in _NUMPY:
        values = np.frombuffer(data, _NUMPY[str(kind)])
    else:
        raise WeightsError(f"{path.name}: '{name[:80]}' is of type {kind}", fix=SAVE_ANEW)
    with np.errstate(over="ignore"):
        made: Floats = values.astype(np.float32).reshape(shape)
    if not np.isfinite(made).all():
        raise WeightsError(
            f"{path.name}: '{name[:80]}' has values that are not finite", fix=LOWER_RATE
        )
    return made
