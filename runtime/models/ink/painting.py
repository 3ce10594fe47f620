"""The networks of `ink` at work on jobs: coarse colours, then a picture along the lines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .colour import Floats
from .drawing.stray import without_stray
from .finish.planes import coarse, enlarged, side_by_side, without_faint
from .inference.graphs import DrawingNets, Source
from .layout import MAX_STEPS, STYLES
from .state import InkJob


class Painting:
    """Paints jobs of any kinds together: drafts in eight bits where those are faster."""

    def __init__(self, source: Source) -> None:
        self.exact = source.drawing_nets(quick=False)
        self.quick = source.drawing_nets(quick=True) if source.int8 else self.exact

    def colour(self, jobs: list[InkJob]) -> None:
        """Take each job's latent one step on."""
        for nets, alike in self._by_nets(jobs):
            painted = nets.colour.run(
                latent=_join([job.latent for job in alike]),
                palette=_join([job.palette for job in alike]),
                films=_join([conditioned(job, "films") for job in alike]),
                regions=_join([job.sketch.regions for job in alike]),
                **_drawn(alike),
            )
            for index, job in enumerate(alike):
                job.latent = painted[index : index + 1]

    def paint(self, jobs: list[InkJob]) -> dict[InkJob, Floats]:
        """Paint each job's latent along its lines: (4, size, size) in 0..1, straight."""
        pictures = {}
        for nets, alike in self._by_nets(jobs):
            tints = [conditioned(job, "tint") for job in alike]
            painted = nets.decoder.run(
                latent=_join([job.latent for job in alike]),
                palette=_join([job.palette for job in alike]),
                tint=_join(tints),
                **_drawn(alike),
            )
            for job, cells, tint in zip(alike, painted, tints, strict=True):
                pictures[job] = self._framed(job, self._closer(job, cells, tint))
        return pictures

    def _by_nets(self, jobs: list[InkJob]) -> Iterator[tuple[DrawingNets, list[InkJob]]]:
        """Yield jobs by the networks that draw them."""
        shared = self.quick is self.exact
        for nets, drafts in ((self.exact, False), (self.quick, True)):
            alike = [job for job in jobs if (job.draft and not shared) is drafts]
            if alike:
                yield nets, alike

    def _closer(self, job: InkJob, cells: Floats, tint: Floats) -> Floats:
        """Paint a job's picture again at each larger size, along the lines that it has there."""
        for outline in job.outlines[1:]:
            latent = coarse(cells)
            cells = self.exact.decoder.run(
                latent=latent,
                lines=outline.lines[None, None],
                hints=enlarged(job.sketch.hints, latent.shape[-1]),
                palette=job.palette,
                tint=tint,
            )[0]
        return cells

    def _framed(self, job: InkJob, cells: Floats) -> Floats:
        """Return a painted picture without what lies beyond its drawing."""
        picture = side_by_side(cells)
        coverage = picture[3]
        without_faint(coverage)
        coverage *= job.outlines[-1].reach
        coverage *= without_stray(coverage, job.sketch.walls, job.sketch.outside)
        return picture


def conditioned(job: InkJob, output: str) -> Floats:
    """Return `films` for the colour net, or `tint` for the decoder: words, style, palette, step."""
    return job.condition.run_all(
        [output],
        time=np.array([job.step / MAX_STEPS], np.float32),
        palette=job.palette,
        pieces=job.text.pieces,
        mask=job.text.mask,
        mean=job.text.mean,
        style=np.array([STYLES.index(job.style)]),
    )[0]


def _drawn(jobs: list[InkJob]) -> dict[str, Floats]:
    return {
        "lines": _join([job.sketch.lines for job in jobs]),
        "hints": _join([job.sketch.hints for job in jobs]),
    }


def _join(parts: list[Floats]) -> Floats:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
