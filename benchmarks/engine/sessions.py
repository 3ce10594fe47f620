"""Eight sessions at once on a model that is bound by its launches: each at a step of its own."""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import Tensor

from livedraft.runtime.compute.denoise import Denoising, advance

from ..harness import summary
from .networks import Place
from .stable import SDTurbo

_PICTURES = 160  # that are timed
_SESSIONS = 8


class Sessions(SDTurbo):
    """SD-Turbo's class at 256 px in four steps: ours in shared calls, the library's in turns."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, 5 if place.tiny else _SESSIONS, side=256, steps=4)

    def library(self) -> Tensor:
        """Make the pictures one after another: a pipeline serves one session at a time."""
        made = [
            self.pipe(
                prompt_embeds=self.text[row : row + 1],
                image=self.picture[row : row + 1],
                strength=self.strength,
                num_inference_steps=round(self.steps / self.strength),
                guidance_scale=0.0,
                generator=generator,
                output_type="pt",
            ).images
            for row, generator in enumerate(self.generators())
        ]
        return torch.cat(made)

    def more(self) -> dict[str, Any]:
        """Return how long pictures take each session, of one alone and of all at once."""
        found: dict[str, Any] = {}
        for name, count in (("alone", 1), ("together", self.batch)):
            for execution in self.executions.values():  # the batches that this many come in
                with execution.warming():
                    self.live(count, 2 * count)
            spans, total = self.live(count, count if self.place.tiny else _PICTURES)
            told = summary(1e3 * span for span in spans)
            found[f"{name}_p50_ms"], found[f"{name}_p95_ms"] = told["p50"], told["p95"]
            found[f"{name}_pictures_per_s"] = len(spans) / total
        return found

    @torch.inference_mode()
    def live(self, count: int, pictures: int) -> tuple[list[float], float]:
        """Let so many sessions ask anew as soon as they have a picture, at steps of their own.

        Return how long each picture took, and all of them, s.
        """
        ways = dict(enumerate(self.begun(self.sampler, rows=slice(count))))
        for row, way in ways.items():
            way.step = row % self.steps
        start = time.perf_counter()
        asked = dict.fromkeys(ways, start)
        spans: list[float] = []
        while len(spans) < pictures + count:
            advance(self.denoiser, list(ways.values()))
            done = [row for row, way in ways.items() if way.done]
            if done:
                self._finish(ways, done)
                now = time.perf_counter()
                spans += [now - asked[row] for row in done]
                asked |= dict.fromkeys(done, now)
        return spans[count:], time.perf_counter() - start  # the first began on their way

    def _finish(self, ways: dict[int, Denoising], done: list[int]) -> None:
        """Show what is done, and begin anew: sessions at one step are neighbours in turns."""
        made = self.shown([ways[row] for row in done])
        if made.is_cuda:
            torch.cuda.synchronize()
        rows = slice(done[0], done[-1] + 1, self.steps)
        ways |= zip(done, self.begun(self.sampler, rows=rows), strict=True)
