"""What a LoRA that ships says of itself: its card, with figures and pictures of drawings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

import numpy as np
from PIL import Image, ImageDraw

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.colour import Floats, srgb_to_oklab
from livedraft.runtime.models.ink.tuning.pictures import Picture
from livedraft.runtime.models.ink.tuning.train import Tuning

from . import IMAGES, ROOT

EXAMPLES = ROOT / "demos" / "live_drawing" / "examples"
CELL = 104  # px
SIDE = 256  # px
CARD = """# LoRA `{recipe.name}`

{recipe.description}

![Drawings in this style](../../../../../docs/images/lora-{recipe.name}.jpg)

*Sketch, `ink` alone, and with this LoRA at weight 1; one step, seed 42. None of these drawings \
was trained on. Prompts: {prompts}.*

## Use

```bash
livedraft generate demos/cat.png --prompt "an orange cat" --lora {recipe.name}
```

## Figures

| | mean lightness (OKLab) | mean chroma |
|---|---|---|
{tones}

## Training

`python -m training.ink.train.loras {recipe.name}`: {recipe.minutes:g} minutes, \
{tuning.updates} updates on {count} pictures, rank {recipe.rank}, for the weights `{tuning.base}`. \
How it works: [Train a LoRA](../../../../../docs/guides/lora.md).

Limits: it changes colours, contrast and shading, not the shapes, which are the drawing's. \
Swatches and coloured strokes still win over its palette. It learned from a handful of \
pictures: to things far from them it carries the palette rather than the shading.

## Data

Open Clip Art Library, as Debian packs it (`openclipart-svg` 0.18); each file carries its author's \
dedication to the public domain. The LoRA is {recipe.licence}.

| shows | file | author |
|---|---|---|
{works}
"""


@dataclass(frozen=True)
class Drawing:
    """A drawing that no training has seen, and what to make of it."""

    prompt: str
    sketch: Pixels


def examples() -> list[Drawing]:
    """Read the demo's drawings."""
    return [_rendered(json.loads(p.read_text("utf-8"))) for p in sorted(EXAMPLES.glob("*.json"))]


def paint(model: Ink, drawing: Drawing, loras: dict[str, float]) -> Pixels:
    """Draft one drawing."""
    params = InkParams(prompt=drawing.prompt, loras=loras)
    request = Request(params, {"sketch": drawing.sketch}, Stage.DRAFT, 1)
    job = model.prepare([(model.open(), request)])[0]
    model.step([job])
    return model.emit([job])[0][0].pixels


def write_card(
    tuning: Tuning, model: Ink, works: Mapping[str, str], sources: Path, to: Path
) -> None:
    """Write NAME.md beside the LoRA, and its strip of pictures; the model has it under its name."""
    recipe = tuning.recipe
    drawings = examples()
    plain = [paint(model, one, {}) for one in drawings]
    styled = [paint(model, one, {recipe.name: 1.0}) for one in drawings]
    strip = _strip([[one.sketch for one in drawings], plain, styled])
    strip.save(IMAGES / f"lora-{recipe.name}.jpg", quality=80)
    tones = {
        f"the {len(tuning.pictures)} pictures": [_straight(one) for one in tuning.pictures],
        f"{len(drawings)} other drawings, without it": plain,
        "the same, with it (weight 1)": styled,
    }
    text = CARD.format(
        recipe=recipe,
        tuning=tuning,
        count=len(tuning.pictures),
        prompts=", ".join(one.prompt for one in drawings),
        tones="\n".join(f"| {name} | {_tone(pictures)} |" for name, pictures in tones.items()),
        works="\n".join(
            f"| {name} | `{file}` | {_author(sources / file)} |" for name, file in works.items()
        ),
    )
    (to / f"{recipe.name}.md").write_text(_filled(text), "utf-8")


def _filled(text: str) -> str:
    """Break long lines of prose; tables and code stay."""
    return "\n".join(
        line
        if line.startswith(("|", "```", "#", "!"))
        else fill(line, 104, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )


def _author(path: Path) -> str:
    svg = path.read_text("utf-8", "replace")
    found = re.search(r"<dc:creator>.*?<dc:title>(.*?)</dc:title>", svg, re.DOTALL)
    return found.group(1).strip() if found else "unnamed"


def _tone(pictures: list[Pixels]) -> str:
    """Return mean lightness and chroma of what is covered, as cells of a table."""
    seen = np.concatenate([one[one[..., 3] > 200][:, :3] for one in pictures])
    lab: Floats = srgb_to_oklab(np.asarray(seen / 255, np.float32))
    return f"{lab[:, 0].mean():.2f} | {np.hypot(lab[:, 1], lab[:, 2]).mean():.3f}"


def _straight(picture: Picture) -> Pixels:
    art = picture.art.copy()
    art[..., :3] /= np.maximum(art[..., 3:], 1e-3)
    return np.asarray(np.clip(art, 0, 1) * 255, np.uint8)


def _strip(rows: list[list[Pixels]]) -> Image.Image:
    strip = Image.new("RGB", (CELL * len(rows[0]), CELL * len(rows)), "white")
    for y, row in enumerate(rows):
        for x, pixels in enumerate(row):
            cell = Image.new("RGBA", (SIDE, SIDE), "white")
            cell.alpha_composite(Image.fromarray(pixels))
            small = cell.convert("RGB").resize((CELL, CELL), Image.Resampling.LANCZOS)
            strip.paste(small, (x * CELL, y * CELL))
    return strip


def _rendered(example: dict[str, object]) -> Drawing:
    paper = Image.new("L", (4 * SIDE, 4 * SIDE))
    pen = ImageDraw.Draw(paper)
    strokes = example["strokes"]
    assert isinstance(strokes, list)
    for stroke in strokes:
        points = [(x * 4 * SIDE, y * 4 * SIDE) for x, y, *_ in stroke["points"]]
        pen.line(points, fill=255, width=14, joint="curve")
    sketch = np.zeros((SIDE, SIDE, 4), np.uint8)
    sketch[..., 3] = np.array(paper.resize((SIDE, SIDE), Image.Resampling.BOX))
    return Drawing(str(example["prompt"]), sketch)
