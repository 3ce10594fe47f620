"""LoRA files in the namings of kohya, diffusers and PEFT, read within bounds and checked."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from livedraft.errors import WeightsError

from ...tensor_files import (
    LOWER_RATE,
    SAVE_ANEW,
    Metadata,
    must_be_within,
    read_metadata,
    unreadable,
)
from .names import Key, kind_of, parsed
from .scales import Scales, scales_of

MOST_BYTES = 2 * 2**30  # of rank 128 in every layer of SDXL are .8 GB
MOST_RANK = 512
_FLOATS = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
_PLAIN = "use a LoRA in the naming of kohya, diffusers or PEFT, without DoRA and the like"


@dataclass(frozen=True, eq=False)
class Pair:
    """Two thin matrices of one module: what they add to its weight is ``scale * up @ down``.

    Of a linear layer ``down`` is (rank, in) and ``up`` (out, rank); of a convolution they are
    (rank, in, h, w) and (out, rank, 1, 1). ``module`` is its name as the file spells it.
    """

    module: str
    down: Tensor
    up: Tensor
    scale: float  # alpha by rank

    @property
    def rank(self) -> int:
        """Rows of ``down``."""
        return len(self.down)


@dataclass(frozen=True, eq=False)
class LoraFile:
    """What a file holds: pairs by part and by the flat name of the module, see `names`."""

    name: str  # the file's
    metadata: Metadata
    parts: Mapping[str, Mapping[str, Pair]]

    @property
    def trained_for(self) -> str:
        """What the file says that it was trained for, as trainers write it; often nothing."""
        named = ("model", "modelspec.architecture", "ss_base_model_version", "base_model")
        return next((self.metadata[key][:80] for key in named if self.metadata.get(key)), "")


def read_lora(path: Path) -> LoraFile:
    """Read a file; raise WeightsError that says what is wrong with it.

    Nothing of it is kept then. A pickle (`.pt`, `.bin`, `.ckpt`) is never opened.
    """
    metadata = read_metadata(path)
    must_be_within(path, MOST_BYTES)
    try:
        with safe_open(path, "pt") as file:
            keys = _checked_keys(path, list(file.keys()))
            tensors = {key: _finite(path, key, file.get_tensor(key)) for key in keys}
    except (OSError, SafetensorError) as error:
        raise unreadable(path, str(error)) from error
    scales = scales_of(path, metadata)
    found: dict[str, dict[str, dict[str, tuple[Key, Tensor]]]] = defaultdict(dict)
    for key, tensor in tensors.items():
        meant = keys[key]
        pieces = found[meant.part].setdefault(meant.module, {})
        if meant.piece in pieces:
            raise WeightsError(f"{path.name} has '{key[:80]}' in two namings", fix=_PLAIN)
        pieces[meant.piece] = meant, tensor
    parts = {
        part: {module: _pair(path, pieces, scales) for module, pieces in modules.items()}
        for part, modules in found.items()
    }
    return LoraFile(path.name, metadata, parts)


def _checked_keys(path: Path, names: Iterable[str]) -> dict[str, Key]:
    """Return what each key means; raise WeightsError where one means nothing to us."""
    read = {name: parsed(name) for name in names}
    unknown = [name for name, key in read.items() if key is None]
    for name in unknown:
        if kind := kind_of(name):
            raise WeightsError(
                f"{path.name} is {kind} ('{name[:80]}'), which is not read", fix=_PLAIN
            )
    if unknown:
        raise WeightsError(
            f"{path.name} has {len(unknown)} of {len(read)} keys that are no part of a LoRA, "
            f"first '{unknown[0][:80]}'",
            fix=_PLAIN,
        )
    if not read:
        raise WeightsError(f"{path.name} holds no LoRA", fix=_PLAIN)
    return {name: key for name, key in read.items() if key is not None}


def _finite(path: Path, name: str, tensor: Tensor) -> Tensor:
    if tensor.dtype not in _FLOATS:
        kind = str(tensor.dtype).removeprefix("torch.")
        raise WeightsError(f"{path.name}: '{name[:80]}' is of type {kind}", fix=SAVE_ANEW)
    made = tensor.float() if tensor.dtype == torch.float64 else tensor
    if not made.isfinite().all():
        raise WeightsError(
            f"{path.name}: '{name[:80]}' has values that are not finite", fix=LOWER_RATE
        )
    return made


def _pair(path: Path, pieces: Mapping[str, tuple[Key, Tensor]], scales: Scales) -> Pair:
    key = next(iter(pieces.values()))[0]
    fault = _fault_in(path, key)
    if not {"down", "up"} <= pieces.keys():
        raise fault(f"has only {' and '.join(sorted(pieces))}")
    down, up = pieces["down"][1], pieces["up"][1]
    if "mid" in pieces:
        down = _joined(fault, pieces["mid"][1], down)
    if min(down.ndim, up.ndim) < 2 or len(down) != up.shape[1] or not len(down):
        raise fault(f"has matrices that do not fit: {_shape(down)} and {_shape(up)}")
    if len(down) > MOST_RANK:
        raise fault(f"has a rank of {len(down)}, over {MOST_RANK}")
    alpha = pieces["alpha"][1] if "alpha" in pieces else None
    if alpha is not None and alpha.numel() != 1:
        raise fault(f"has an alpha of {_shape(alpha)}, which is one number")
    scale = float(alpha) / len(down) if alpha is not None else scales(key, len(down))
    if not math.isfinite(scale):
        raise fault("has an alpha that is no number")
    return Pair(key.dotted, down, up, scale)


def _joined(fault: Callable[[str], WeightsError], mid: Tensor, down: Tensor) -> Tensor:
    """Return down (r, in, 1, 1) and then mid (r, r, h, w) of a convolution as one."""
    if mid.ndim != 4 or down.ndim != 4 or mid.shape[1] != len(down) or down[0, 0].numel() != 1:
        raise fault(f"has matrices that do not fit: {_shape(down)} and {_shape(mid)}")
    return torch.einsum("orhw,ri->oihw", mid.float(), down[:, :, 0, 0].float())


def _fault_in(path: Path, key: Key) -> Callable[[str], WeightsError]:
    def fault(what: str) -> WeightsError:
        return WeightsError(
            f"{path.name}: {key.dotted[:80]} {what}", fix="download or train it again"
        )

    return fault


def _shape(tensor: Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) or "1"
