"""Steps that a job's own outputs foretell, for which its network is not called: a lossy cache."""

from __future__ import annotations

from collections.abc import Callable
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


# An ideal denoiser of 64 pictures, by patches of 9 px, computes 19 and 13 of a flow's 28 steps by
# these, and ends 35 and 29 dB from all 28; 14 steps alone end 25 dB away.
TIERS = {"high": Tier(0.02, 1), "fast": Tier(0.05, 3)}


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
    _outputs: list[tuple[float, Pair]] = field(default_factory=list, init=False)
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

    def took(self, step: int, pair: Pair, network: Callable[..., Any], *, computed: bool) -> None:
        """Hear of a step that was taken, with what the network said or with what was foretold."""
        if not computed:
            self.spared += 1
            self._running += 1
            return
        time = self._times[step]
        if network is not self._network or (self._outputs and self._outputs[-1][0] == time):
            self._outputs.clear()  # of another expert, or of a step's second call
            self._network = network
        self._off = None
        if len(self._outputs) == 2:
            said = self._guided(pair)
            self._off = (self._guided(self._line(time)) - said).norm() / said.norm()
            self._over = abs(time - self._outputs[-1][0])
        output, base = pair
        # A recorded call writes its next results to the same place.
        kept = output.clone(), None if base is None else base.clone()
        self._outputs = [*self._outputs[-1:], (time, kept)]
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
