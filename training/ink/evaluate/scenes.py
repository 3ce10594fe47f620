"""What is drawn for prompts of several things: `python -m training.ink.evaluate.scenes`.

Writes a montage to look at: the right things, rightly arranged, each in its colours? Nobody but a
looker tells: what one told is kept in scenes.json, and `python -m training.ink.card` counts it. The
layout was built while looking at `TUNED`; `HELD` was written before and painted once, at the end.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Plan, Request
from livedraft.runtime.models.ink import Ink, InkParams

from .metrics import on_white

SCENES = Path(__file__).with_name("scenes.json")  # what a looker said of the pictures
CELL, LINE, ACROSS = 144, 13, 8  # px of a picture and of the words below it; pictures in a row
QUALITY = 84  # of the JPEG

TUNED = (
    "a cat and a dog",
    "a fox in a boat",
    "a bird on a house",
    "a cat under an umbrella",
    "a girl with a balloon",
    "two apples",
    "a house beside a tree",
    "a moon over a mountain",
    "a red cat and a blue dog",
    "a green frog beside a yellow duck",
    "a penguin and a snowman",
    "a star above a christmas tree",
    "three mushrooms",
    "a cat on a chair",
    "a rabbit in a basket",
    "a rocket over a city",
    "a purple car in front of a house",
    "a cup of coffee and a croissant",
    "a butterfly over a flower",
    "a robot with a red heart",
    "an elephant and a mouse",
    "a pink pig behind a tree",
    "a sun, a cloud and a rainbow",
    "a teddy bear on a bed",
    "a monkey between two bananas",
)
HELD = (
    "a horse and a cow",
    "a dog in a bathtub",
    "a bee on a sunflower",
    "a turtle under a palm tree",
    "a boy with a kite",
    "three green pears",
    "a castle beside a dragon",
    "an airplane over a mountain",
    "a blue bird and a red fish",
    "a yellow taxi in front of a hotel",
    "an owl above a tent",
    "two tulips in a bucket",
    "a panda with a guitar",
    "a burger, fries and a cup of tea",
    "a white swan behind an orange boat",
)


def montage(model: Ink, prompts: Sequence[str], size: int = 256) -> Pixels:
    """Lay out what is painted for each prompt, lines kept, above its words."""
    cells = [_cell(_painted(model, prompt, size), prompt) for prompt in prompts]
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % ACROSS)
    rows = [np.concatenate(cells[i : i + ACROSS], 1) for i in range(0, len(cells), ACROSS)]
    return np.concatenate(rows)


def _painted(model: Ink, prompt: str, size: int) -> Pixels:
    params = InkParams.model_validate({"prompt": prompt, "size": size})
    job = model.prepare([(model.open(), Request(params, {}, Stage.FINAL, 1))])[0]
    model.step([job])
    return model.emit([job])[0][0].pixels


def _cell(picture: Pixels, prompt: str) -> Pixels:
    cell = Image.new("RGB", (CELL + 8, CELL + 2 * LINE + 6), (255, 255, 255))
    small = Image.fromarray(on_white(picture)).resize((CELL, CELL), Image.Resampling.LANCZOS)
    cell.paste(small, (4, 0))
    pen, font = ImageDraw.Draw(cell), ImageFont.load_default(11)
    words, lines = prompt.split(), [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if pen.textlength(longer, font) > CELL:
            lines.append(word)
        else:
            lines[-1] = longer
    for index, line in enumerate(lines[:2]):
        pen.text((4, CELL + 2 + index * LINE), line, (40, 40, 40), font)
    return np.asarray(cell)


def main() -> None:
    """Paint the prompts by the shipped weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out/ink"))
    parser.add_argument("--only", choices=("tuned", "held"), help="one of the two sets")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    prompts = {"tuned": TUNED, "held": HELD, None: TUNED + HELD}[options.only]
    options.out.mkdir(parents=True, exist_ok=True)
    picture = montage(Ink.load(plan=Plan(threads=options.threads)), prompts)
    Image.fromarray(picture).save(options.out / "scenes.jpg", quality=QUALITY)


if __name__ == "__main__":
    main()
