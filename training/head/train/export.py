"""The net as the runtime reads it: half precision, norms folded into what is before them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .net import HearingNet


def folded(net: HearingNet) -> dict[str, NDArray[np.float32]]:
    """Return the arrays that `runtime.models.head.audio.encoder.Net` takes."""
    assert net.first.bias is not None
    arrays: dict[str, Tensor] = {"0.kernel": net.first.weight, "0.bias": net.first.bias}
    for index, (layer, norm) in enumerate(zip(net.layers, net.norms, strict=True), start=1):
        kernel, bias = _fold(layer, norm)
        arrays |= {f"{index}.kernel": kernel, f"{index}.bias": bias}
    kernels = {
        name: _array(value.permute(2, 1, 0) if name.endswith("kernel") else value)
        for name, value in arrays.items()
    }
    assert net.out.bias is not None
    kernels["out.kernel"] = _array(net.out.weight[:, :, 0].T)
    kernels["out.bias"] = _array(net.out.bias)
    return kernels


def export(net: HearingNet, path: Path) -> None:
    """Write a net."""
    halves = {name: value.astype(np.float16) for name, value in folded(net).items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        allow_pickle=False,
        ahead=np.int32(net.shape.ahead),
        dilations=np.array(net.shape.dilations, np.int32),
        **halves,
    )


def _fold(layer: nn.Module, norm: nn.Module) -> tuple[Tensor, Tensor]:
    assert isinstance(layer, nn.Conv1d)
    assert isinstance(norm, nn.BatchNorm1d)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return layer.weight * scale[:, None, None], norm.bias - norm.running_mean * scale


def _array(value: Tensor) -> NDArray[np.float32]:
    return value.detach().float().contiguous().numpy()
