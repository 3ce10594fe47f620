"""Denoisers in eight bits, where the pictures that they draft so are close to their own."""

from __future__ import annotations

import logging
import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from livedraft.runtime.compute.denoise import advance, predicted
from livedraft.runtime.compute.eight_bits import EIGHT_BITS, Swap
from livedraft.runtime.compute.execution.trial import Measure, wall_time

from ...budget import gigabytes
from .family import Family
from .words import of_words

log = logging.getLogger(__name__)

# Bounds that are asked for: a tenth in what the network says of noise, and what is hardly seen
# where two pictures stand beside each other.
LEAST_SAID_DB, LEAST_SHOWN_DB = 20.0, 30.0
PROMPTS = ("a red fox in the snow", "two blue birds over the harbour at night")
_MOST_PX = 512  # a side of what is drafted for this: sizes change the layers' rows, not what is in
_DENOISERS = ("unet", "transformer", "transformer_2")


class Quality(NamedTuple):
    """How close a network is to what it was, dB."""

    said: float  # what it says of noise, in power
    shown: float  # pictures, of their range

    @property
    def enough(self) -> bool:
        """Whether both are as close as is asked for; NaN is not."""
        return self.said >= LEAST_SAID_DB and self.shown >= LEAST_SHOWN_DB

    def __str__(self) -> str:
        return f"{self.said:.1f} dB in what it says and {self.shown:.1f} dB in what it draws"


class _Drafts(NamedTuple):
    said: Tensor  # the network's output in the first step of each
    shown: Tensor  # pictures, -1 to 1


def quantise(family: Family, name: str, how: str, steps: int, measure: Measure = wall_time) -> bool:
    """Hold the denoiser's weights in eight bits if what it makes stays close to what it was.

    Drafts of ``steps`` steps are made before and after, of the same seeds; where they are not
    close enough, or not finite, the weights are put back. What came of it is logged and stands in
    the family's ``notes``, for the model's info. Returns whether it is in force.
    """
    if how not in EIGHT_BITS:
        return False
    own = _drafted(family, steps)
    swaps = [Swap(network, EIGHT_BITS[how], measure) for network in _networks(family)]
    layers = sum(swap.layers for swap in swaps)
    if not layers:
        _note(family, name, f"quantise = {how} is not in force: no layer of it is suited")
        return False
    quality = _quality(_drafted(family, steps), own)
    for swap in swaps:
        if quality.enough:
            swap.settle()
        else:
            swap.undo()
    if not quality.enough:
        asked = Quality(LEAST_SAID_DB, LEAST_SHOWN_DB)
        _note(
            family,
            name,
            f"quantise = {how} is not in force: the model comes within {quality} of itself, and "
            f"{asked} are asked for",
        )
        return False
    before, after = (sum(kind) for kind in zip(*((s.before, s.after) for s in swaps), strict=True))
    products = sum(swap.products for swap in swaps)
    _note(
        family,
        name,
        f"quantise = {how}: {layers} layers take {gigabytes(after)} instead of "
        f"{gigabytes(before)}, {products} of them multiply in eight bits; the model comes within "
        f"{quality} of itself",
        logging.INFO,
    )
    return True


def psnr(made: Tensor, true: Tensor) -> float:
    """Return how close pictures are to others, dB of the range of these; NaN if not finite."""
    return _decibels(float(true.max() - true.min()) ** 2, made, true)


def _quality(made: _Drafts, true: _Drafts) -> Quality:
    power = float(true.said.double().square().mean())
    return Quality(_decibels(power, made.said, true.said), psnr(made.shown, true.shown))


def _decibels(of: float, made: Tensor, true: Tensor) -> float:
    off = float((made.double() - true.double()).square().mean())
    if not off:
        return math.inf
    return 10 * math.log10(of / off) if of > 0 and math.isfinite(off) else math.nan


def _networks(family: Family) -> list[nn.Module]:
    parts: dict[str, Any] = family.pipe.components
    found = (parts.get(name) for name in _DENOISERS)
    return [network for network in found if isinstance(network, nn.Module)]


@torch.inference_mode()
def _drafted(family: Family, steps: int) -> _Drafts:
    width, height = (min(side, _MOST_PX) for side in family.native)
    said, shown = [], []
    for prompt in PROMPTS:
        way = family.begin(of_words(family, prompt, (width, height), steps))
        (output,) = predicted(family.denoiser, [way], [way.sampler.times[:1]])
        said.append(output.float().cpu())
        while not way.done:
            advance(family.denoiser, [way])
        shown.append(family.decode(way.latents, False).float().clamp(-1, 1).cpu())
    return _Drafts(torch.cat(said), torch.cat(shown))


def _note(family: Family, name: str, said: str, level: int = logging.WARNING) -> None:
    log.log(level, "%s: %s", name, said)
    family.notes += (said,)
