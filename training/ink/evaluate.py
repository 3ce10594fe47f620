"""Measure `ink` on held-out concepts: `python -m training.ink.evaluate`.

Writes evaluation.json and montage.png to the output folder. Every picture is made by the shipped
runtime from a sketch and a caption, as a user's would be.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import time
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F
from PIL import Image
from tqdm import tqdm

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.nets.colour import oklab_to_srgb
from livedraft.runtime.models.ink.state import InkState

from .baselines import flood_fill, nearest_drawing
from .batches import Drawings
from .captions import COLOUR_WORDS
from .data import CACHE
from .metrics import alpha_iou, colour_error, edge_scores, nearest_main_word, unevenness
from .recolour import without_colours
from .sketching import scribbles

Case = tuple[int, Pixels]  # a row of the drawings and its sketch
WORDS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white")


def evaluate(cache: Path, count: int, model: Ink) -> tuple[dict[str, Any], Pixels]:
    """Return all figures and the montage."""
    held, seen = Drawings(cache, held_out=True), Drawings(cache)
    cases = [(row, sketch_of(held, row)) for row in chosen(held, count)]
    table: dict[str, dict[str, float]] = {}
    for steps in (1, 2, 4):
        table[f"{steps} step{'s' * (steps > 1)}"] = score(
            held, cases, lambda c, n=steps: draw(model, held, c, n)
        )
    table["1 step, lines kept"] = score(
        held, cases, lambda c: draw(model, held, c, lines=InkParams().lines)
    )
    table["1 step, no prompt"] = score(held, cases, lambda c: draw(model, held, c, prompt=""))
    table["1 step, true palette"] = score(
        held, cases, lambda c: draw(model, held, c, palette=true_palette(held, c[0]))
    )
    table["1 step, five strokes"] = score(
        held,
        [(row, with_strokes(held, row, s)) for row, s in cases],
        lambda c: draw(model, held, c),
    )
    known = [(row, sketch_of(seen, row)) for row in chosen(seen, count)]
    table["1 step, seen concepts"] = score(seen, known, lambda c: draw(model, seen, c))
    table["flood fill with the predicted palette"] = score(
        held, cases, lambda c: flood_fill(model, c[1], params_of(held, c[0]))
    )
    table["nearest training drawing"] = score(
        held, cases, lambda c: nearest_drawing(model.text, seen, held.records[c[0]])
    )
    report = {
        "machine": str(torch.cpu.get_capabilities().get("cpu_name", platform.machine())),
        "threads": torch.get_num_threads(),
        "onnxruntime": onnxruntime.__version__,
        "pictures": count,
        "table": table,
        "colour_words": obedience(model, held, cases),
        "milliseconds": latency(model, cases[0][1]),
    }
    return report, montage(model, held, cases)


def chosen(drawings: Drawings, count: int) -> list[int]:
    """Draw rows by the training's weights, without repetition."""
    rng = random.Random(5)
    keys = {
        row: rng.random() ** (1 / w) for row, w in zip(drawings.rows, drawings.weights, strict=True)
    }
    return sorted(keys, key=lambda row: -keys[row])[:count]


def sketch_of(drawings: Drawings, row: int) -> Pixels:
    """Return a drawing's full line art as black ink on transparent paper."""
    pixels = np.zeros((256, 256, 4), np.uint8)
    pixels[..., 3] = drawings.lines[drawings.records[row]["lines"], 0]
    return pixels


def with_strokes(drawings: Drawings, row: int, sketch: Pixels) -> Pixels:
    """Add up to five short strokes of the true colours to a sketch."""
    torch.manual_seed(row)
    small = torch.from_numpy(np.array(drawings.smalls[row])).permute(2, 0, 1)[None].float() / 255
    strokes = F.interpolate(scribbles(small, used=1.0), (256, 256), mode="nearest")[0]
    inked = (strokes[3] > 0.3).numpy()
    colour = (strokes[:3] / strokes[3:].clamp(min=1e-3)).clamp(0, 1).permute(1, 2, 0).numpy()
    result = sketch.copy()
    result[inked] = np.concatenate([colour * 255, np.full((256, 256, 1), 255)], 2)[inked]
    return result


def params_of(drawings: Drawings, row: int, **changes: Any) -> InkParams:
    """Return the params that ask for a drawing by its label and style, without kept lines."""
    record = drawings.records[row]
    asked = {"prompt": record["label"], "style": record["style"], "seed": 1, "lines": 0.0}
    return InkParams.model_validate(asked | changes)


def true_palette(drawings: Drawings, row: int) -> tuple[str, ...]:
    """Return a drawing's own palette as swatches."""
    rgb = (oklab_to_srgb(drawings.palettes[row, :, :3]) * 255).round().int().tolist()
    return tuple("#{:02x}{:02x}{:02x}".format(*colour) for colour in rgb)


def draw(model: Ink, drawings: Drawings, case: Case, steps: int = 1, **changes: Any) -> Pixels:
    """Make one picture as a session would."""
    return picture(model, model.open(), case[1], params_of(drawings, case[0], **changes), steps)


def picture(model: Ink, state: InkState, sketch: Pixels, params: InkParams, steps: int) -> Pixels:
    """Prepare, step and decode."""
    job = model.prepare(state, Request(params, {"sketch": sketch}, Stage.DRAFT, steps))
    while not job.done:
        model.step([job])
    return model.decode([job])[0]


def score(drawings: Drawings, cases: list[Case], make: Any) -> dict[str, float]:
    """Average all metrics of the pictures that `make` paints for the cases."""
    rows: list[dict[str, float]] = []
    for case in tqdm(cases, desc="evaluate", leave=False):
        made, truth = make(case), straight(np.array(drawings.pictures[case[0]]))
        precision, recall = edge_scores(made, case[1])
        rows.append(
            {
                "alpha_iou": alpha_iou(made, truth),
                "ciede2000": colour_error(made, truth),
                "edge_precision": precision,
                "edge_recall": recall,
                "unevenness": unevenness(made, case[1]),
            }
        )
    return {name: round(fmean(row[name] for row in rows), 3) for name in rows[0]}


def obedience(model: Ink, drawings: Drawings, cases: list[Case]) -> dict[str, float]:
    """Return, for each colour word put before the label, how often the main colour has its name."""
    share: dict[str, float] = {}
    for word in WORDS:
        assert word in COLOUR_WORDS
        named = [
            nearest_main_word(
                draw(model, drawings, (row, sketch), prompt=f"{word} {bare(drawings, row)}"), WORDS
            )
            for row, sketch in cases[:: max(1, len(cases) // 16)]
        ]
        share[word] = round(fmean(name == word for name in named), 3)
    share["all"] = round(fmean(share.values()), 3)
    return share


def bare(drawings: Drawings, row: int) -> str:
    """Return a drawing's label without colour words."""
    return without_colours(drawings.records[row]["label"])


def latency(model: Ink, sketch: Pixels, repeats: int = 15) -> dict[str, float]:
    """Time the parts of a draft, in milliseconds, median: a new sketch under a known prompt."""
    state, spent = model.open(), {"prepare": [], "step": [], "decode": []}  # type: ignore[var-annotated]
    for _ in range(repeats + 2):
        request = Request(InkParams(prompt="a red fox"), {"sketch": sketch.copy()}, Stage.DRAFT, 1)
        begun = time.perf_counter()
        job = model.prepare(state, request)
        prepared = time.perf_counter()
        model.step([job])
        stepped = time.perf_counter()
        model.decode([job])
        for name, value in zip(
            spent,
            (prepared - begun, stepped - prepared, time.perf_counter() - stepped),
            strict=True,
        ):
            spent[name].append(value * 1e3)
    return {name: round(median(values[2:]), 1) for name, values in spent.items()}


def montage(model: Ink, drawings: Drawings, cases: list[Case], cells: int = 24) -> Pixels:
    """Lay out sketch, truth, one step and two steps of the first cases, three cases a row."""
    strips = []
    apart = {drawings.records[case[0]]["key"]: case for case in cases}  # each concept once
    for row, sketch in list(apart.values())[:cells]:
        truth = straight(np.array(drawings.pictures[row]))
        made = [draw(model, drawings, (row, sketch), steps) for steps in (1, 2)]
        strips.append(np.concatenate([on_white(p)[::2, ::2] for p in (sketch, truth, *made)], 1))
    lines = [np.concatenate(strips[i : i + 3], 1) for i in range(0, len(strips) - 2, 3)]
    return np.concatenate(lines)


def straight(premultiplied: Pixels) -> Pixels:
    """Undo the premultiplication of stored drawings."""
    return np.array(Image.fromarray(premultiplied, "RGBa").convert("RGBA"))


def on_white(pixels: Pixels) -> Pixels:
    """Lay a picture on white paper."""
    alpha = pixels[..., 3:] / 255
    return np.asarray(pixels[..., :3] * alpha + 255 * (1 - alpha), np.uint8)


def main() -> None:
    """Evaluate the shipped weights, or those of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=Path("out/ink"))
    parser.add_argument("--source", default="", help="folder of other weights")
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    report, pictures = evaluate(options.cache, options.count, Ink.load(source=options.source))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "evaluation.json").write_text(json.dumps(report, indent=2) + "\n")
    Image.fromarray(pictures).save(options.out / "montage.png")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
