"""What denoising at step level costs beside the network: a step alone, and eight in one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from .harness import Goal, Result, command, option, summary, turns

_MOST_SHARE = 3.0  # % of a step
_TOKENS = 16  # of text: a network that is bound by its calls, as few-step ones on a GPU are
_TOGETHER = 1 / 3  # of the time of eight one after another


@dataclass(frozen=True, slots=True)
class Options:
    """Step a tiny FLUX on one thread, beside a loop that calls its network and adds up."""

    rounds: int = option(30, "of every way in turns")
    sessions: int = option(8, "that share a call")
    steps: int = option(8, "of a picture")


def measure(options: Options) -> Result:
    """Return the processor's ms of a picture's steps: bare, by the model, together, in turns."""
    import torch

    from livedraft.protocol.messages import Stage
    from livedraft.runtime.models.base import Request
    from livedraft.runtime.models.diffusion.flow_models import FluxSchnell
    from livedraft.runtime.models.diffusion.params import DiffusionParams

    torch.set_num_threads(1)
    result = Result("denoising", asdict(options))
    model = FluxSchnell.tiny()
    vars(model._family)["most_tokens"] = _TOKENS
    states = [model.open() for _ in range(options.sessions)]

    def jobs() -> list[Any]:
        params = DiffusionParams.model_validate({"prompt": "a red fox"})
        request = Request(params, {}, Stage.FINAL, options.steps)
        return model.prepare([(state, request) for state in states])

    def run(grouped: Callable[[list[Any]], list[list[Any]]]) -> Callable[[], None]:
        made = jobs()
        begun = {job: job.way.latents for job in made}

        def steps() -> None:
            for group in grouped(made):
                for job in group:
                    job.way.step, job.way.latents = 0, begun[job]
                for _ in range(options.steps):
                    model.step(group)

        return steps

    parts = {
        "bare loop": _bare(model, jobs()[0], options.steps),
        "a session's steps": run(lambda made: [made[:1]]),
        f"{options.sessions} together": run(lambda made: [made]),
        f"{options.sessions} in turns": run(lambda made: [[job] for job in made]),
    }
    taken = turns(parts, options.rounds)
    result.ms = {f"processor, {name}": summary(times) for name, times in taken.items()}
    bare, _, together, apart = (row["p50"] for row in result.ms.values())
    pairs = zip(taken["a session's steps"], taken["bare loop"], strict=True)
    share = 100 * max(summary(ours / theirs for ours, theirs in pairs)["p50"] - 1, 0.0)
    result.figures |= {
        "of a step, beside the network, %": share,
        "of a step, beside the network, µs": 10 * share * bare / options.steps,
        f"{options.sessions} together, times as fast": apart / together,
    }
    result.goals += [
        Goal("what a step takes beside the network", share, _MOST_SHARE, "%"),
        Goal("together, of the time one after another", together / apart, _TOGETHER, ""),
    ]
    return result


def _bare(model: Any, job: Any, steps: int) -> Callable[[], None]:
    """Return the plainest loop of the same steps: the network, and a step along the flow."""
    import torch

    denoiser, way = model._family.denoiser, job.way
    call, times = way.calls[0], way.sampler.times
    begun = denoiser.ordered(way.latents)
    table = way.sampler.table.tolist()

    @torch.inference_mode()
    def loop() -> None:
        x = begun
        for at in range(steps):
            given = {denoiser.latents: x, denoiser.time: denoiser.told(times[at : at + 1])}
            made = denoiser.network(**{**call, **given})[0]
            own, output, next_x0, _, kept, *_ = table[at]
            x = (next_x0 * own + kept) * x + (next_x0 * output) * made

    return loop


if __name__ == "__main__":
    command(measure, Options)
