"""Steps that a job's own outputs foretell, for which its network is not called: a lossy cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from torch import Tensor

from .sampling import Sampler

if TYPE_CHECKING:
    from .batching import Pair

LEAST_STEPS = 8  # fewer are too far apart to foretell one from those before


class Tier(NamedTuple):
    """How much of likeness is given for speed."""

    most_off: float  # of an output's size, that a step which is not computed may be off
    running: int  # steps that are not, between two that are


# Of a flow's 24 steps by an ideal denoiser, what these leave to compute ends on average more than
# 40 and 30 dB from all, more than 3 dB nearer than as many steps alone: tests/runtime/compute.
TIERS = {"high": Tier(0.02, 1), "fast": Tier(0.05, 3)}


class Heard(NamedTuple):
    """What a cache goes on with after a step that was computed."""

    network: Any
    outputs: Sequence[tuple[float, Pair]]
    off: Tensor | None
    over: float


@dataclass(slots=True, eq=False)
class StepCache:
    """The last two outputs of a job's network, and how well they foretold the last of them.

    The output of a step lies on the line through the two before it, in the schedule's times, but
    for an error that is measured at each step that is computed. That error, grown with the square
    of the distance, is what the next step would be off; while it is no more than the tier
    allows the step is spared: the sampler takes it, with what is foretold. The last step is
    computed in any case, and so are the first three, of which two foretell the third.

    It belongs to one job, as everything does that it is made of: other jobs of a batch change
    nothing, and it goes with the job. It holds for whatever network, compiled or recorded.

    It extends the line where EasyCache (Zhou et al., arXiv 2507.02860) repeats the last output,
    and measures the error where that infers it from how far latents moved.
    """

    sampler: Sampler
    tier: Tier
    guidance: float = 1.0  # that weighs the outputs
    spared: int = field(default=0, init=False)  # steps so far
    _times: list[float] = field(init=False)
    _outputs: Sequence[tuple[float, Pair]] = field(default=(), init=False)
    _network: Any = field(default=None, init=False)  # that they are of
    _off: Tensor | None = field(default=None, init=False)  # of the newest; read when it is needed
    _over: float = field(default=0.0, init=False)  # what time it was foretold
    _running: int = field(default=0, init=False)  # steps since then

    def __post_init__(self) -> None:
        self._times = self.sampler.times.tolist()  # once, as reading them waits for the device

    def foretold(self, step: int, network: Callable[..., Any]) -> Pair | None:
        """Return what a step's outputs will be; None where it has to be computed."""
        last = step + 1 == len(self._times)
        if last or self._off is None or network is not self._network:
            return None
        if self._running == self.tier.running:
            return None
        over = abs(self._times[step] - self._outputs[-1][0])
        off = float(self._off) * (over / self._over) ** 2
        if not off <= self.tier.most_off:  # NaN is not
            return None
        return self._line(self._times[step])

    def heard(self, step: int, pair: Pair, network: Callable[..., Any]) -> Heard:
        """Return what to go on with once a step is taken, of what the network said.

        It changes nothing: there may be no memory for it, and the step is tried again.
        """
        if step + 1 == len(self._times):
            return Heard(None, (), None, 0.0)  # nothing is left that could be foretold
        time, outputs = self._times[step], self._outputs
        if network is not self._network or (outputs and outputs[-1][0] == time):
            outputs = ()  # of another expert, or of the same time once more
        off, over = None, 0.0
        if len(outputs) == 2:
            said = self._guided(pair)
            off = (self._guided(self._line(time)) - said).norm() / said.norm()
            over = abs(time - outputs[-1][0])
        output, base = pair
        # A recorded call writes its next results to the same place.
        kept = output.clone(), None if base is None else base.clone()
        return Heard(network, (*outputs[-1:], (time, kept)), off, over)

    def took(self, heard: Heard | None) -> None:
        """Be a step further: with what was heard of one that was computed; None: it was spared."""
        if heard is None:
            self.spared += 1
            self._running += 1
            return
        self._network, self._outputs, self._off, self._over = heard
        self._running = 0

    def _guided(self, pair: Pair) -> Tensor:
        """Return what the sampler makes of outputs with and without conditioning."""
        output, base = pair
        whole = output.float()
        return whole if base is None else base.float().lerp(whole, self.guidance)

    def _line(self, time: float) -> Pair:
        """Return the outputs at a time on the line through the last two."""
        (before, earlier), (after, later) = self._outputs
        share = (time - after) / (after - before)
        output, base = later
        made = earlier[0].lerp(output, 1 + share)
        if base is None or earlier[1] is None:
            return made, None
        return made, earlier[1].lerp(base, 1 + share)
