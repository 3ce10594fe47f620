"""`ink`: sketch + prompt + style -> RGBA illustration, 256x256, in one to four steps on a CPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from livedraft.errors import WeightsError

from ..base import InputSpec, Model, ModelInfo, Params, Pixels, Request, to_pixels
from .layers import STYLES
from .network import ColourNet, LineDecoder, PaletteNet, Widths, channels_last
from .sampler import MAX_STEPS, SHARPNESS, sample_palette, with_strokes, with_swatches
from .sketch import SIZE, blank, read_sketch
from .state import InkJob, InkParams, InkState, cached
from .text import TextTable, stack

__all__ = ["HERE", "Ink", "InkParams"]

HERE = Path(__file__).parent  # weights, text table and tokenizer
TONE = 0.25  # of kept lines: how light, against the colour beneath


class Ink(Model[InkParams, InkState, InkJob]):
    """Three trained networks: words to a palette, sketch and palette to coarse colours, those and
    the lines to a picture. Nothing else paints; the user's own lines may stay on top.
    """

    info: ClassVar[ModelInfo] = ModelInfo(
        id="ink",
        task="sketch-to-image",
        title="Ink",
        licence="Apache-2.0",
        commercial="yes",
        width=SIZE,
        height=SIZE,
        alpha=True,
        inputs=(
            InputSpec(
                "sketch",
                SIZE,
                SIZE,
                alpha=True,
                required=False,
                description="Dark strokes are lines; coloured strokes say the colour there.",
            ),
        ),
        draft_steps=1,
        max_steps=MAX_STEPS,
        max_batch=8,
    )
    params: ClassVar[type[Params]] = InkParams

    def __init__(self, widths: Widths, text: TextTable, device: str = "cpu") -> None:
        self.text = text
        self.device = torch.device(device)
        self.nets = nn.ModuleDict(
            {
                "palette": PaletteNet(widths),
                "colour": ColourNet(widths),
                "decoder": LineDecoder(widths),
            }
        )
        self.nets.eval().requires_grad_(False)

    @classmethod
    def load(cls, device: str = "cpu", source: str = "") -> Self:
        """Load the weights that ship with the package, or those of a folder of the same layout.

        Raises WeightsError where files are missing or do not fit.
        """
        folder = Path(source) if source else HERE
        try:
            model = cls(Widths(), TextTable.load(folder), device)
            model.nets.load_state_dict(_floats(load_file(folder / "weights.safetensors")))
        except (OSError, RuntimeError, SafetensorError) as error:
            raise WeightsError(
                f"ink's weights in {folder.name} cannot be loaded: {error}",
                fix="reinstall livedraft, or name a folder with weights.safetensors",
            ) from error
        channels_last(model.nets.to(model.device))
        return model

    @classmethod
    def tiny(cls) -> Self:
        """Return narrow networks with seeded random weights; words are read by the real table."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            widths = Widths(colour=(16, 16, 16), decoder=(8, 16, 16, 16), condition=16, palette=16)
            model = cls(widths, TextTable.load(HERE))
            for parameter in model.nets.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.02)  # wake zero-initialised layers
        return model

    def open(self) -> InkState:
        """Return empty caches."""
        return InkState()

    @torch.inference_mode()
    def prepare(self, state: InkState, request: Request) -> InkJob:
        """Read the sketch, the prompt and the palette, each only where it changed."""
        params = request.params
        assert isinstance(params, InkParams)
        self._see(state, request.inputs.get("sketch"))
        text = cached(state.texts, params.prompt, lambda: self.text.encode([params.prompt]))
        style = torch.tensor([STYLES.index(params.style)])

        def draw() -> Tensor:
            generator = torch.Generator().manual_seed(params.seed)
            spoken = text.to(self.device), style.to(self.device)
            return sample_palette(self._palette_net, *spoken, generator).cpu()

        palette = cached(state.palettes, (params.prompt, params.style, params.seed), draw)
        binding = min(1.0, 2 * (1 - params.strength))
        seen = state.sketch
        ink = seen.ink.lerp(seen.lines, 1 - binding)  # a stroke that says no colour is a line
        sketch = replace(seen, hints=seen.hints * binding, ink=ink)
        palette = with_strokes(with_swatches(palette, params.palette), sketch.hints)
        latent = torch.zeros_like(sketch.hints)
        return InkJob("ink", request.steps, sketch, palette, text, style, params.lines, latent)

    @torch.inference_mode()
    def step(self, jobs: Sequence[InkJob]) -> None:
        """Draft every job that is at its start, refine the last prediction of the others."""
        time = torch.tensor([job.step / MAX_STEPS for job in jobs])
        inputs = (_join(jobs, "latent"), time, *self._conditions(jobs), _join(jobs, "palette"))
        text = stack([job.text for job in jobs]).to(self.device)
        style = _join(jobs, "style").to(self.device)
        with self._precision():
            painted = self._colour_net(*(x.to(self.device) for x in inputs), text, style, SHARPNESS)
        for job, latent in zip(jobs, painted.rgba.cpu().split(1), strict=True):
            job.latent = latent
            job.step += 1

    @torch.inference_mode()
    def decode(self, jobs: Sequence[InkJob]) -> list[Pixels]:
        """Paint each job's latent along its lines: (256, 256, 4), straight alpha."""
        lines, hints = self._conditions(jobs)
        inputs = (_join(jobs, "latent"), lines, hints, _join(jobs, "palette"), _join(jobs, "style"))
        with self._precision():
            painted = self._decoder(*(x.to(self.device) for x in inputs), SHARPNESS)
        pictures = painted.rgba.cpu() / 2 + 0.5
        return [
            _finished(picture * (not job.sketch.empty), job.sketch.ink[0] * job.kept)
            for job, picture in zip(jobs, pictures, strict=True)
        ]

    def _see(self, state: InkState, pixels: Pixels | None) -> None:
        if pixels is not state.pixels:
            state.pixels = pixels
            state.sketch = blank() if pixels is None else read_sketch(pixels)

    def _conditions(self, jobs: Sequence[InkJob]) -> tuple[Tensor, Tensor]:
        return (
            torch.cat([job.sketch.lines for job in jobs]),
            torch.cat([job.sketch.hints for job in jobs]),
        )

    def _precision(self) -> torch.autocast:
        """bfloat16 where the device computes in it, float32 elsewhere."""
        kind = self.device.type
        native = kind == "cuda" or bool(torch.cpu.get_capabilities().get("avx512_bf16"))
        return torch.autocast(kind, torch.bfloat16, enabled=native)

    @property
    def _palette_net(self) -> PaletteNet:
        net = self.nets["palette"]
        assert isinstance(net, PaletteNet)
        return net

    @property
    def _colour_net(self) -> ColourNet:
        net = self.nets["colour"]
        assert isinstance(net, ColourNet)
        return net

    @property
    def _decoder(self) -> LineDecoder:
        net = self.nets["decoder"]
        assert isinstance(net, LineDecoder)
        return net


def _join(jobs: Sequence[InkJob], name: str) -> Tensor:
    return torch.cat([getattr(job, name) for job in jobs])


def _floats(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.float() for name, value in weights.items()}


def _finished(picture: Tensor, ink: Tensor) -> Pixels:
    """Return a premultiplied picture (4, H, W) in 0..1 as pixels, under the ink (1, H, W) kept."""
    alpha = ((picture[3:] - 0.04) / 0.92).clamp(0, 1)  # what is barely there is not there
    rgb = (picture[:3] / picture[3:].clamp(min=0.02)).clamp(0, 1) * (alpha > 0)
    below = alpha * (1 - ink)
    covered = ink + below
    rgb = rgb * (TONE * ink + below) / covered.clamp(min=1e-3)
    return to_pixels(torch.cat([rgb, covered]).permute(1, 2, 0).numpy())
