"""What finishing brings to a large picture: `python -m training.ink.card.finish`.

Writes finish.jpg: parts of the demo's drawing in each style, the draft enlarged above, the picture
refined at 1024 px below, pixel by pixel.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Plan, Request
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.layout import SIZES, STYLES

from ..evaluate.metrics import on_white
from . import ROOT

DRAWING = ROOT / "demos" / "cat.png"
LARGE, SHOWN = SIZES[-1], 300  # px of the picture, and of the part that is shown
CORNER = (0.2, 0.2)  # of that part, in the picture: across and down
QUALITY = 88  # of the JPEG


def finish(model: Ink, sketch: Pixels, prompt: str) -> Pixels:
    """Lay out the enlarged draft above the refined picture, a style a column."""
    columns = []
    for style in STYLES:
        asked = {"prompt": prompt, "style": style, "size": LARGE}
        params = InkParams.model_validate(asked)
        shown = []
        for stage in (Stage.DRAFT, Stage.FINAL):
            (job,) = model.prepare([(model.open(), Request(params, {"sketch": sketch}, stage, 1))])
            model.step([job])
            picture = Image.fromarray(on_white(model.emit([job])[0][0].pixels))
            large = picture.resize((LARGE, LARGE), Image.Resampling.BICUBIC)
            left, top = (round(share * LARGE) for share in CORNER)
            shown.append(np.asarray(large)[top : top + SHOWN, left : left + SHOWN])
        columns.append(np.concatenate(shown))
    return np.concatenate(columns, 1)


def main() -> None:
    """Paint the demo's drawing by the shipped weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out/ink"))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    sketch = np.array(Image.open(DRAWING).convert("RGBA"))
    sheet = finish(Ink.load(plan=Plan(threads=options.threads)), sketch, "orange cat")
    Image.fromarray(sheet).save(options.out / "finish.jpg", quality=QUALITY)


if __name__ == "__main__":
    main()
