"""Residual guidance: led away from what a picture shall not be, without a second row a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

from livedraft.errors import InvalidParams

from .sampling import Scheduled

if TYPE_CHECKING:
    from .batching import Pair
    from .denoise import Conditioning, Denoising


@dataclass(slots=True, eq=False)
class Residual:
    """What stands for the output without conditioning: what leads to one picture, at every step.

    That picture is the one it began with (self-negative), or the one to which the first step led
    without conditioning, which is guided in full (onetime-negative). So it equals classifier-free
    guidance in that step, and where the network without conditioning says the same at all of them.

    Source: Kodaira et al., "StreamDiffusion" (arXiv 2312.12491), section 3.2, where the output is
    noise, (x - alpha * picture) / sigma; here it is whatever the network puts out.
    """

    picture: Tensor | None  # in the network's order; None: that of the first step
    calls: Sequence[Conditioning]  # of the steps after that one

    def pair(self, way: Denoising, pair: Pair) -> Pair:
        """Return a step's output, and what stands for that without conditioning."""
        output, base = pair
        own, led = way.sampler.table[way.step, :2].unbind()  # picture = own * x + led * output
        x = way.x.float()
        if base is not None:
            self.picture = own * x + led * base
            return pair
        assert self.picture is not None, "the first step is guided in full"
        return output, ((self.picture - own * x) / led).to(output.dtype)

    def stepped(self, way: Denoising) -> None:
        """Let a step be over: those that follow take one row."""
        if way.rows > 1:
            way.rows, way.calls = 1, self.calls


def residual(way: Denoising, picture: Tensor | None, calls: Sequence[Conditioning]) -> Residual:
    """Return residual guidance of latents at their start; raise InvalidParams where none can be."""
    if isinstance(way.sampler, Scheduled):
        raise InvalidParams(
            "the scheduler of these weights takes no residual guidance",
            fix="set residual to off, or put an LCMScheduler into scheduler/scheduler_config.json",
        )
    return Residual(picture, calls)
