"""Tensors of a safetensors file that anybody may have written, as float32 and within bounds."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, deserialize, safe_open

from livedraft.errors import WeightsError

from ..colour import Floats

MOST_BYTES = 64 * 2**20  # LoRAs of rank 8 have a quarter of a megabyte
MOST_HEAD_BYTES = 2**20  # a name, a type and a shape for each tensor: some 100 bytes
_NUMPY = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}
_PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_SAVE_ANEW = "save it as safetensors in float32, float16 or bfloat16"

# Typed here, as safetensors types it nowhere.
_tensors: Callable[[bytes], list[tuple[str, dict[str, Any]]]] = deserialize

Metadata = dict[str, str]  # of a file's header: what it says of itself


def read_tensors(path: Path) -> tuple[Metadata, dict[str, Floats]]:
    """Return what a file says of itself, and its tensors; raise WeightsError, naming the file.

    bfloat16 is read, too, which NumPy does not have. A pickle is never opened: it may run anything.
    """
    metadata = read_metadata(path)
    try:
        found = _tensors(path.read_bytes())
    except (OSError, SafetensorError) as error:
        raise _unreadable(path, str(error)) from error
    return metadata, {name: _floats(path, name, tensor) for name, tensor in found}


def read_metadata(path: Path) -> Metadata:
    """Return what a file says of itself, with every text on one line; raise WeightsError."""
    _check(path)
    try:
        with safe_open(path, "np") as file:
            metadata = file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise _unreadable(path, str(error)) from error
    return {name: _line(text) for name, text in metadata.items()}


def _check(path: Path) -> None:
    """Refuse by size and first bytes, before anything is parsed."""
    try:
        kept = path.stat()
        if not stat.S_ISREG(kept.st_mode):
            raise _unreadable(path, "it is no file")
        if kept.st_size > MOST_BYTES:
            raise _unreadable(path, f"it has {kept.st_size} bytes, over {MOST_BYTES}")
        with path.open("rb") as file:
            first = file.read(8)
    except OSError as error:
        raise _unreadable(path, str(error.strerror)) from error
    if first.startswith(_PICKLES):
        raise _unreadable(path, "it is a pickle, which may run anything", _SAVE_ANEW)
    head_bytes = int.from_bytes(first, "little")
    if head_bytes > min(MOST_HEAD_BYTES, kept.st_size):
        raise _unreadable(path, f"its header would have {head_bytes} bytes")


def _floats(path: Path, name: str, tensor: dict[str, object]) -> Floats:
    kind, shape, data = tensor["dtype"], tensor["shape"], tensor["data"]
    assert isinstance(data, (bytes, bytearray)), "as safetensors documents"
    assert isinstance(shape, list), "as safetensors documents"
    if kind == "BF16":  # the upper half of a float32
        values = (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    elif kind in _NUMPY:
        values = np.frombuffer(data, _NUMPY[str(kind)])
    else:
        raise WeightsError(f"{path.name}: '{name[:80]}' is of type {kind}", fix=_SAVE_ANEW)
    with np.errstate(over="ignore"):
        made: Floats = values.astype(np.float32).reshape(shape)
    if not np.isfinite(made).all():
        raise WeightsError(
            f"{path.name}: '{name[:80]}' has values that are not finite",
            fix="train it again with a lower learning rate",
        )
    return made


def _line(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)


def _unreadable(path: Path, why: str, fix: str = "name a .safetensors file") -> WeightsError:
    return WeightsError(f"{path.name} cannot be read as a LoRA: {why[:200]}", fix=fix)
