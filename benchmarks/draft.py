"""A draft of `ink` in one process, stage by stage: what a stroke costs before anything is sent."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Plan, Request
from livedraft.runtime.models.ink import Ink, InkParams, painting
from livedraft.runtime.models.ink import model as finishing

from .harness import Goal, Result, command, option, summaries, summary
from .painter import PROMPT, drawn

GOAL_MS = 30.0
WARM_UP = 3  # drafts


@dataclass(frozen=True, slots=True)
class Options:
    """Paint a sketch that is new each time, under a prompt that is known."""

    drafts: int = option(60, "of each kind")
    threads: int = option(2, "that the networks may use")
    style: str = option("3d", "flat, shaded, 3d or noto; flat has no light")
    quantise: str = option("", "int8 or none; empty: eight bits where they are faster")


def measure(options: Options) -> Result:
    """Return times of a draft and of its stages, and the processor's time of all threads, ms.

    Drawn on transparent paper, as the element sends it, and on white paper, as a photograph of a
    drawing has it; the stages are those of the first. The processor's time says more than the
    clock where other work shares the machine.
    """
    result = Result("draft", asdict(options))
    model = Ink.load(plan=Plan(threads=options.threads, quantise=options.quantise))
    for paper, sketch in (("transparent", on_transparent(drawn())), ("white", drawn())):
        samples, processor = _drafts(model, sketch, options)
        result.ms[f"draft, {paper} paper"] = summary(sum(sample.values()) for sample in samples)
        result.ms[f"processor, {paper} paper"] = summary(processor)
        if not result.stages_ms:
            result.stages_ms = summaries(samples)
    p50 = result.ms["draft, transparent paper"]["p50"]
    result.goals.append(Goal("a draft, p50", p50, GOAL_MS, "ms"))
    return result


def on_transparent(sketch: Pixels) -> Pixels:
    """Return a sketch on white paper as black ink on transparent paper."""
    ink = np.zeros_like(sketch)
    ink[..., 3] = 255 - sketch[..., :3].min(2)
    ink[ink[..., 3] < 20] = 0
    return ink


def _drafts(
    model: Ink, sketch: Pixels, options: Options
) -> tuple[list[dict[str, float]], list[float]]:
    """Return the stages of each draft, which add up to it, and the processor's time of each."""
    state, samples, processor = model.open(), list[dict[str, float]](), list[float]()
    params = InkParams.model_validate({"prompt": PROMPT, "style": options.style})
    for _ in range(WARM_UP + options.drafts):
        request = Request(params, {"sketch": sketch.copy()}, Stage.DRAFT, 1)
        with _clock(model) as spent:
            used, begun = time.process_time(), time.perf_counter()
            job = model.prepare([(state, request)])[0]
            read = time.perf_counter()
            model.step([job])
            model.emit([job])
            done = time.perf_counter()
            processor.append((time.process_time() - used) * 1e3)
        within = spent["condition"] + spent["step"] + spent["paint"] + spent["light"]
        stages = {
            "read": read - begun,
            "condition": spent["condition"],
            "step": spent["step"],
            "paint": spent["paint"],
            "light": spent["light"],
            "finish": done - read - within,
        }
        samples.append({name: seconds * 1e3 for name, seconds in stages.items()})
    return samples[WARM_UP:], processor[WARM_UP:]


@contextmanager
def _clock(model: Ink) -> Iterator[dict[str, float]]:
    """Tell how long a model spends in its networks and its light until the block is left."""
    spent: dict[str, float] = defaultdict(float)

    def timed(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return call(*given, **named)
            finally:
                spent[name] += time.perf_counter() - begun

        return run

    places: list[tuple[str, Any, str]] = [
        ("condition", painting, "conditioned"),
        ("step", model.painting.quick.colour, "run"),
        ("paint", model.painting.quick.decoder, "run"),
        ("light", finishing, "lit"),
    ]
    before = [getattr(place, name) for _, place, name in places]
    try:
        for (stage, place, name), call in zip(places, before, strict=True):
            setattr(place, name, timed(stage, call))
        yield spent
    finally:
        for (_, place, name), call in zip(places, before, strict=True):
            setattr(place, name, call)


if __name__ == "__main__":
    command(measure, Options)
