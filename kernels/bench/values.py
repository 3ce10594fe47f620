"""Arguments and results as a JSON header and raw bytes, tensors with their storage and strides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from .channel import Garbled

Entry = dict[str, Any]  # one value of a header; a tensor's bytes are the blob that it names
_DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float64,
        torch.float32,
        torch.float16,
        torch.bfloat16,
        torch.float8_e4m3fn,
        torch.float8_e5m2,
        torch.int64,
        torch.int32,
        torch.int16,
        torch.int8,
        torch.uint8,
        torch.bool,
        torch.complex64,
    )
}


def named(dtype: torch.dtype) -> str:
    """Return a dtype's name without ``torch.``."""
    return str(dtype).removeprefix("torch.")


def storage(tensor: Tensor) -> Tensor:
    """Return the whole storage that a tensor is a view of, one dimension of its dtype."""
    count = tensor.untyped_storage().nbytes() // tensor.element_size()
    return tensor.as_strided((count,), (1,), 0)


def encode(value: Any, blobs: list[memoryview], whole: bool = True) -> Entry:
    """Return the entry of a value and append its bytes to ``blobs``.

    A tensor goes with its whole storage, so that strides and what lies around it arrive too, or
    as its elements alone. Raise TypeError for a value that cannot be handed over.
    """
    if type(value) is Tensor or type(value) is torch.nn.Parameter:
        held = storage(value.detach()) if whole else value.detach().contiguous().reshape(-1)
        blobs.append(held.cpu().view(torch.uint8).numpy().data)
        return {
            "kind": "tensor",
            "dtype": named(value.dtype),
            "shape": list(value.shape),
            "stride": list(value.stride()) if whole else _dense(value.shape),
            "offset": value.storage_offset() if whole else 0,
            "blob": len(blobs) - 1,
        }
    if isinstance(value, torch.dtype):
        return {"kind": "dtype", "name": named(value)}
    if isinstance(value, tuple | list):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {"kind": kind, "items": [encode(each, blobs, whole) for each in value]}
    if value is None or isinstance(value, bool | int | float | str):
        return {"kind": "plain", "value": value}
    raise TypeError(f"a {type(value).__name__} cannot be handed over")


def decode(entry: Entry, blobs: Sequence[memoryview], device: torch.device) -> Any:
    """Return the value of an entry; raise Garbled where entry and bytes do not agree."""
    try:
        kind = entry["kind"]
        if kind == "plain":
            return entry["value"]
        if kind == "dtype":
            return _DTYPES[entry["name"]]
        if kind in ("tuple", "list"):
            items = [decode(each, blobs, device) for each in entry["items"]]
            return tuple(items) if kind == "tuple" else items
        dtype, shape, stride = _DTYPES[entry["dtype"]], entry["shape"], entry["stride"]
        return _tensor(blobs[entry["blob"]], dtype, shape, stride, entry["offset"], device)
    except (KeyError, TypeError, IndexError, ValueError, RuntimeError, OverflowError) as error:
        raise Garbled(f"a value does not read: {error}") from error


def _tensor(
    blob: memoryview,
    dtype: torch.dtype,
    shape: list[int],
    stride: list[int],
    offset: int,
    device: torch.device,
) -> Tensor:
    count = len(blob) // dtype.itemsize
    held = torch.empty(count, dtype=dtype, device=device)  # aligned as torch aligns
    if count:
        held.copy_(torch.frombuffer(blob, dtype=dtype, count=count))
    reach = offset + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))
    if math.prod(shape) and not 0 <= reach < count:
        raise ValueError("a view reaches past its storage")
    return held.as_strided(shape, stride, offset)


def _dense(shape: Sequence[int]) -> list[int]:
    return [math.prod(shape[at + 1 :]) for at in range(len(shape))]
