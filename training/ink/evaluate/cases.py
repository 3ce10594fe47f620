"""What the evaluation asks of `ink`: sketches, prompts and strokes whose right answer is known."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.finish.light import Look
from livedraft.runtime.models.ink.tuning.nets.colour import oklab_to_srgb
from livedraft.runtime.models.ink.tuning.nets.palettes import extract_palette
from livedraft.runtime.models.ink.tuning.nets.sketching import scribbles
from livedraft.runtime.models.ink.words.colour_words import COLOUR_WORDS

from ..data.batches import Drawings
from ..data.recolour import nearest_word, without_colours
from ..data.regions import shrink
from .metrics import near

DRAWN = 0.95  # share of a contour with a line, from which it is drawn
NAMED = 2  # colours that a prompt names at most
UNLIT = Look(depth=0.0)
NAMED_SHARE = 0.12  # of the silhouette, from which a colour is named


@dataclass(frozen=True)
class Case:
    """One drawing to be painted: its full line art, what it is called, and how it was painted."""

    key: str  # the concept's
    art: str  # the set that it is from
    style: str
    label: str
    sketch: Pixels  # (256, 256, 4), black on transparent paper
    truth: Pixels  # (256, 256, 4), straight alpha

    @cached_property
    def small(self) -> Pixels:
        """The true picture at (64, 64, 4), premultiplied."""
        return reduced(self.truth)

    @cached_property
    def palette(self) -> Tensor:
        """The true picture's six OKLab colours with their shares, (6, 4)."""
        return torch.from_numpy(extract_palette(self.small))

    @property
    def outlined(self) -> bool:
        """Whether the sketch draws the true silhouette's contour, or leaves out part of it."""
        inside = self.truth[..., 3] > 127
        return near(inside & ~shrink(inside, 1), self.sketch[..., 3] > 127) > DRAWN

    @property
    def thing(self) -> str:
        """The label without colour words."""
        return without_colours(self.label)

    @property
    def coloured_label(self) -> str:
        """The label with the words of the true main colours before it: "red and white mushroom"."""
        shares: defaultdict[str, float] = defaultdict(float)
        for entry in self.palette:
            shares[nearest_word(entry[:3], reach=1.0) or ""] += float(entry[3])
        most = sorted(shares, key=lambda word: -shares[word])[:NAMED]
        named = [word for word in most if shares[word] > NAMED_SHARE]
        return f"{' and '.join(named)} {self.thing}"

    @property
    def swatches(self) -> tuple[str, ...]:
        """The true palette as the param takes it."""
        return tuple(hex_of(oklab_to_srgb(entry[:3])) for entry in self.palette)


class Painter:
    """Paints cases with one model as one session would, so that its caches are used."""

    def __init__(self, model: Ink) -> None:
        self.model = model
        self._state = model.open()

    def draw(
        self, case: Case, steps: int = 1, sketch: Pixels | None = None, **changes: Any
    ) -> Pixels:
        """Paint a case, or another sketch under its prompt; `changes` are params."""
        return self._drawn(case, steps, case.sketch if sketch is None else sketch, changes)

    def unlit(self, case: Case, **changes: Any) -> Pixels:
        """Paint a case in its style without the style's light, by one step."""
        return self._drawn(case, 1, case.sketch, changes, UNLIT)

    def _drawn(
        self,
        case: Case,
        steps: int,
        sketch: Pixels,
        changes: dict[str, Any],
        look: Look | None = None,
    ) -> Pixels:
        asked = params_of(case, **changes)
        request = Request(asked, {"sketch": sketch}, Stage.DRAFT, steps)
        job = self.model.prepare([(self._state, request)])[0]
        job.look = look or job.look
        while not job.done:
            self.model.step([job])
        return self.model.emit([job])[0][0].pixels


def params_of(case: Case, **changes: Any) -> InkParams:
    """Return the params that ask for a case by its label and style, without kept lines."""
    asked = {"prompt": case.label, "style": case.style, "seed": 42, "lines": 0.0}
    return InkParams.model_validate(asked | changes)


def cases_of(drawings: Drawings, count: int) -> list[Case]:
    """Return some drawings of a split, by the training's weights and without repetition.

    The choice is seeded, and the first of a longer list are those of a shorter one.
    """
    rng = random.Random(5)
    keys = {
        row: rng.random() ** (1 / w) for row, w in zip(drawings.rows, drawings.weights, strict=True)
    }
    chosen = sorted(keys, key=lambda row: -keys[row])[:count]
    return [_case(drawings, row) for row in chosen]


def apart(cases: list[Case]) -> list[Case]:
    """Return the first case of each concept."""
    first: dict[str, Case] = {}
    for case in cases:
        first.setdefault(case.key, case)
    return list(first.values())


def with_strokes(case: Case) -> Pixels:
    """Add up to five short strokes of the true colours to a case's sketch."""
    torch.manual_seed(sum(case.key.encode()))
    small = torch.from_numpy(case.small).permute(2, 0, 1)[None].float() / 255
    strokes = F.interpolate(scribbles(small, used=1.0), (256, 256), mode="nearest")[0]
    inked = (strokes[3] > 0.3).numpy()
    colour = (strokes[:3] / strokes[3:].clamp(min=1e-3)).clamp(0, 1).permute(1, 2, 0).numpy()
    result = case.sketch.copy()
    result[inked] = np.concatenate([colour * 255, np.full((256, 256, 1), 255)], 2)[inked]
    return result


def reduced(picture: Pixels) -> Pixels:
    """Return a picture at (64, 64, 4), premultiplied."""
    image = Image.fromarray(picture, "RGBA").convert("RGBa")
    return np.array(image.resize((64, 64), Image.Resampling.BOX))


def straight(premultiplied: Pixels) -> Pixels:
    """Undo the premultiplication of a stored drawing."""
    return np.array(Image.fromarray(premultiplied, "RGBa").convert("RGBA"))


def rgb_of(word: str) -> Pixels:
    """Return a colour word's sRGB colour, (3,)."""
    rgb = oklab_to_srgb(torch.tensor(COLOUR_WORDS[word])) * 255
    return np.asarray(rgb.round().numpy(), np.uint8)


def hex_of(rgb: Tensor) -> str:
    """Write an sRGB colour in 0..1 as `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*(rgb * 255).round().int().tolist())


def _case(drawings: Drawings, row: int) -> Case:
    record = drawings.records[row]
    sketch = np.zeros((256, 256, 4), np.uint8)
    sketch[..., 3] = drawings.lines[record["lines"], 0]
    truth = straight(np.array(drawings.pictures[row]))
    return Case(
        record["key"], record["art"], record["style"], record["label"], sketch=sketch, truth=truth
    )
