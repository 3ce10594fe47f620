"""`ink`: sketch + prompt + style -> RGBA illustration, in one to four steps on a CPU."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from livedraft.media.chunks import Still
from livedraft.protocol.messages import Stage

from ..adapters import Adaptable
from ..base import (
    DEFAULT_PLAN,
    Honours,
    ImageInput,
    Inputs,
    Model,
    ModelInfo,
    Params,
    Pixels,
    Plan,
    Request,
    to_pixels,
)
from ..caches import cached
from .colour import Floats
from .drawing.parts import Parts
from .drawing.sketch import blank, read_outlines, read_sketch
from .finish.fills import with_clean_edges
from .finish.light import lit, look_of
from .finish.planes import under_lines
from .finish.poster import OF_A_PHOTOGRAPH
from .finish.texture import brightness, textured, with_cut_light
from .inference import lora
from .inference.graphs import Source
from .inference.palette import DEFAULT_SEED, sample_palette, varied, with_strokes, with_swatches
from .layout import MAX_STEPS, SIZE, SIZES
from .painting import Painting
from .scenes.drawings import Drawings
from .scenes.pieces import laid, side_for
from .scenes.scenes import MOST_THINGS, Scene
from .state import Handed, InkJob, InkParams, InkState
from .weights import WEIGHTS
from .words.part_words import NOTHING
from .words.prompt import read_prompt
from .words.text import TextTable
from .words.vocabulary import Words


class Ink(Model[InkParams, InkState, InkJob], Adaptable[lora.Lora]):
    """Three trained networks: words to a palette, sketch and palette to coarse colours, those and
    the lines to a picture. Rules without weights settle which region has which colour
    (`tuning.nets.decide`) and where a picture ends (`sketch.hull`); drawn lines may stay on top.
    """

    info: ModelInfo = ModelInfo(
        id="ink",
        task="sketch-to-image",
        title="Ink",
        description="Turns a sketch and words into an illustration as you draw, on any computer.",
        licence="Apache-2.0",
        commercial="yes",
        width=SIZE,
        height=SIZE,
        alpha=True,
        inputs=(
            ImageInput(
                "sketch",
                SIZE,
                SIZE,
                alpha=True,
                required=False,
                description="Dark strokes are lines; coloured strokes say the colour there.",
                most_px=SIZES[-1],
            ),
        ),
        draft_steps=1,
        max_steps=MAX_STEPS,
        loras=lora.shipped(WEIGHTS / "loras"),
    )
    params: ClassVar[type[Params]] = InkParams
    hands: ClassVar[tuple[str, ...]] = ("sketch",)
    honours: ClassVar[Honours] = {
        "device": ("cpu", "cuda"),
        "threads": (),
        "quantise": ("int8", "none"),
    }

    def __init__(self, source: Source, text: TextTable) -> None:
        self.text, self.source = text, source
        self._words = Words.read(WEIGHTS / "words.json")
        self._parts = Parts.load(WEIGHTS / "parts.json")
        self._drawings = Drawings(WEIGHTS / "drawings.zip", text, self._words)
        self._loras = lora.Loras(source)
        self.info = replace(type(self).info, loras=())  # those that ship fit these weights or not
        self.painting = Painting(source)

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Load what ships with the package, or a folder of the same layout.

        Drafts are painted in eight bits where the processor is faster so, unless the plan says
        otherwise. Raises WeightsError where files are missing or do not fit, or where eight bits
        are asked for and cannot be had.
        """
        folder = Path(source) if source else WEIGHTS
        read = Source.read(folder, plan.device, plan.threads, plan.quantise)
        made = cls(read, TextTable.load(WEIGHTS))
        made._loras.add_shipped(folder / "loras")
        made.info = replace(cls.info, loras=made._loras.infos)
        return made

    @classmethod
    def tiny(cls) -> Self:
        """Return the shipped model on one thread: it is small enough."""
        return cls.load(plan=Plan(threads=1))

    def read_lora(self, name: str, path: Path) -> lora.Lora | None:
        """Read a file of `livedraft lora train`, and see that it fits the weights."""
        if not lora.is_for_ink(path):
            return None
        read = lora.read(path, name)
        lora.check_fit(read, self.source)
        return read

    def attach(self, adapter: lora.Lora) -> None:
        """Make a LoRA known; its networks are mixed when they are asked for."""
        self._loras.add(adapter)

    def detach(self, name: str) -> None:
        """Know a LoRA no more; jobs under way hold the networks that they need."""
        self._loras.remove(name)

    def open(self) -> InkState:
        """Return empty caches."""
        return InkState()

    def prepare(self, items: Sequence[tuple[InkState, Request[InkParams]]]) -> list[InkJob]:
        """Read sketch, prompt and palette of each, and only where they changed."""
        return [self._job(state, request) for state, request in items]

    def hand_over(self, state: InkState, request: Request[InkParams]) -> Inputs:
        """Return what it paints itself, on paper, for another model to finish."""
        params, sketch = request.params, request.inputs.get("sketch")
        if sketch is None and not params.prompt:
            return {}
        handed = state.handed
        if handed is None or handed.sketch is not sketch or handed.params != params:
            job = self._job(state, request)
            while not job.done:
                self.step([job])
            ((still,),) = self.emit([job])
            handed = state.handed = Handed(params, sketch, on_paper(still.pixels))
        return {"sketch": handed.picture}

    def room(self, key: Hashable) -> int:
        """Take eight at a time."""
        return 8

    def _job(self, state: InkState, request: Request[InkParams]) -> InkJob:
        params = request.params
        prompt = cached(
            state.prompts,
            params.prompt,
            lambda: read_prompt(params.prompt, self.text, self._words, self._parts.words),
        )
        text, notes = prompt.text, prompt.notes
        pixels, scene = request.inputs.get("sketch"), None
        if pixels is None and params.prompt:
            found = self._drawings.find(prompt, params.seed)
            pixels, notes, scene = found.pixels, notes + found.notes, found.scene
        if pixels is not state.pixels:
            state.pixels = pixels
            state.sketch = blank() if pixels is None else read_sketch(pixels)
            state.placed.clear()
        mix = self._loras.mix(params.loras)
        graphs = self._loras.adapted(mix)
        palette = cached(
            state.palettes,
            (params.prompt, params.style, params.seed, mix),
            lambda: varied(
                sample_palette(graphs.palette, text, params.style, params.seed),
                params.seed,
                prompt.colours,
            ),
        )
        binding = np.float32(min(1.0, 2 * (1 - params.strength)))
        sketch = replace(state.sketch, hints=state.sketch.hints * binding)
        named = NOTHING if scene else prompt.named  # a scene's things are coloured each alone
        key = (named, bool(binding > 0))  # strokes that say no colour keep no part from its own
        placed = cached(state.placed, key, lambda: self._parts.place(named, sketch))
        palette = with_swatches(palette, params.palette)
        palette = with_strokes(palette, sketch.hints, sketch.regions, bool(params.palette))
        palette, sketch = placed.applied(palette, sketch)
        notes += placed.notes
        size = params.size if request.stage is Stage.FINAL else SIZE
        outlines = read_outlines(state.pixels, size, state.sketch)
        lines, ink = outlines[-1].lines, outlines[-1].ink
        kept = ink + (lines - ink) * np.float32(1 - binding)  # what says no colour is a line
        job = InkJob(
            "ink",
            request.steps,
            request.stage is Stage.DRAFT,
            sketch,
            palette,
            text,
            params.style,
            graphs.condition,
            outlines,
            kept,
            params.lines,
            params.seed,
            look_of(params.seed, DEFAULT_SEED),
            state.photograph(params, size),
            latent=np.zeros_like(sketch.hints),
        )
        job.notes = (*notes, OF_A_PHOTOGRAPH) if job.photograph is not None else notes
        if scene:
            job.pieces = scene.pieces
            job.things = tuple(self._things(state, request, params, scene))
            job.notes += tuple(note for thing in job.things for note in thing.notes)
        return job

    def _things(
        self, state: InkState, request: Request[InkParams], params: InkParams, scene: Scene
    ) -> Iterator[InkJob]:
        """Prepare each thing of a scene as a drawing of its own, as large as it will be seen."""
        for index, thing in enumerate(scene.things):
            side = side_for([one for one in scene.pieces if one.thing == index], params.size)
            own = params.model_copy(update={"prompt": thing.prompt, "size": side})
            asked = Request(own, {"sketch": thing.pixels}, request.stage, request.steps)
            yield self._job(cached(state.things, thing.prompt, InkState, MOST_THINGS), asked)

    def step(self, jobs: Sequence[InkJob]) -> None:
        """Draft every job that is at its start, refine the last prediction of the others."""
        self.painting.colour(_drawings(jobs))
        for job in jobs:
            for one in {job, *job.alone}:
                one.step += 1

    def emit(self, jobs: Sequence[InkJob]) -> list[list[Still]]:
        """Paint each job's latent along its lines: (size, size, 4), straight alpha."""
        painted = self.painting.paint(_drawings(jobs))
        return [[Still(self._finished(job, painted))] for job in jobs]

    def _finished(self, job: InkJob, painted: dict[InkJob, Floats]) -> Pixels:
        """Return a job's picture of what was painted for it, in light and with its lines."""
        if job.photograph is not None:
            return to_pixels(job.photograph)
        pictures = [painted[one] for one in job.alone]
        picture = laid(pictures, job.pieces, job.size) if job.things else pictures[0]
        hard = job.size > SIZE and job.style == "noto"
        unlit = brightness(picture) if hard else None
        picture = lit(picture, job.sketch.outline.lines, job.style, job.look)
        if unlit is not None:
            with_cut_light(picture, unlit)
        if job.size > SIZE:
            with_clean_edges(picture, job.outlines[-1].lines)
            textured(picture, job.outlines[-1].lines, job.style, job.seed)
        return under_lines(picture, job.ink, job.darkness)


def _drawings(jobs: Sequence[InkJob]) -> list[InkJob]:
    """Return what the networks paint: all but photographs, and a scene's things each."""
    return [one for job in jobs if job.photograph is None for one in job.alone]


def on_paper(picture: Pixels) -> Pixels:
    """Return a picture with transparency, (H, W, 4), laid on white: (H, W, 3)."""
    alpha = picture[..., 3:].astype(np.float32) / 255
    return to_pixels(1 - alpha + picture[..., :3].astype(np.float32) / 255 * alpha)
