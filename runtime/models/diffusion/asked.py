"""What a family is asked for: prompts and pictures as its encoders have them, sizes, steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from torch import Tensor

from livedraft.runtime.compute.denoise import Conditioning

from .inpainting import Masked


class Text(NamedTuple):
    """What text encoders make of a prompt."""

    rows: Conditioning  # keyword arguments of the denoiser, one row each
    cut: str = ""  # what of the prompt they did not read


class Seen(NamedTuple):
    """What an autoencoder makes of a picture: (1, channels, height, width) each."""

    mean: Tensor
    deviation: Tensor | None  # None: of an autoencoder without chance


@dataclass(frozen=True, slots=True)
class Asked:
    """What a picture is made from."""

    text: Text
    negative: Text | None  # None: without guidance
    seen: Seen | None  # None: from noise alone
    width: int  # px
    height: int
    seed: int
    steps: int
    strength: float
    guidance: float = 1.0
    others: tuple[Seen, ...] = ()  # pictures that it refers to
    control: float = 1.0  # how closely it keeps to a drawing's lines
    masked: Masked | None = None  # what of the picture is painted anew; None: all of it
    rest: Seen | None = None  # what the autoencoder makes of what is not
    memory: Any = None  # what ``Family.remembered`` made of the others
    frames: int = 1  # more of a clip
    residual: Literal["", "self", "once"] = ""  # guidance without rows of its own
