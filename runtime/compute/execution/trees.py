"""What a call takes and returns: tensors in dicts, lists and tuples, beside plain values."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

_PLAIN = (bool, int, float, str, bytes, type(None), torch.dtype, torch.device)


def key(value: Any) -> Hashable:
    """Return what the bucket of a call depends on: shapes, types, devices and plain values.

    Strides do not count. Raises TypeError for what is none of these: a callable that depends on it
    cannot be replayed.
    """
    if isinstance(value, Tensor):
        return "tensor", tuple(value.shape), value.dtype, value.device
    if isinstance(value, Mapping):
        return "dict", tuple((name, key(value[name])) for name in sorted(value))
    if isinstance(value, list | tuple):
        return "list", tuple(key(each) for each in value)
    if isinstance(value, _PLAIN):
        return type(value).__name__, value  # the type tells 1, 1.0 and True apart
    raise TypeError(f"a {type(value).__name__} belongs to no bucket")


def tensors(value: Any) -> Iterator[Tensor]:
    """Yield the tensors, in the order of ``key``: that of names within a dict."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for name in sorted(value):
            yield from tensors(value[name])
    elif isinstance(value, list | tuple):
        for each in value:
            yield from tensors(each)


def mapped(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """Return the same with other tensors; dicts and lists are new, tuples become plain ones."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, Mapping):
        return {name: mapped(each, change) for name, each in value.items()}
    if isinstance(value, list):
        return [mapped(each, change) for each in value]
    if isinstance(value, tuple):
        return tuple(mapped(each, change) for each in value)
    return value


def error(made: Any, true: Any) -> float:
    """Return ‖made - true‖ / ‖true‖ over all tensors; infinite where they differ in form or NaN."""
    ours, theirs = list(tensors(made)), list(tensors(true))
    if [t.shape for t in ours] != [t.shape for t in theirs]:
        return float("inf")
    off = of = 0.0
    for a, b in zip(ours, theirs, strict=True):
        wide = torch.promote_types(b.dtype, torch.float32)
        off += float((a.to(wide) - b.to(wide)).square().sum())
        of += float(b.to(wide).square().sum())
    ratio = (off / of) ** 0.5 if of else (0.0 if off == 0 else float("inf"))
    return ratio if ratio == ratio else float("inf")
