"""Some of the training art at 1024x1024, for the decoder: `python -m training.ink.data.large`.

What the decoder learns from it is local, so a part of the drawings is enough. 3D art is left out:
it exists at 256x256 only.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from .dataset import (
    CACHE,
    LINE_VARIANTS,
    SIZE,
    Pixels,
    Record,
    Source,
    keyed_concepts,
    line_art,
    new_array,
    pool,
    raster,
    read_art,
)
from .sources import ART

LARGE = 1024  # px
COUNT = 900  # drawings, 5 MB each
VARIANT_WEIGHT = (0.6, 0.28, 0.12)  # full line art, about 30 % and 60 % of shapes without outline
Sources = dict[tuple[str, str], Source]  # by art and key
CONTOUR = 0.85  # share of sketches with shapes left out that begin with the contour, as hands do


@dataclass(frozen=True)
class Sketched:
    """One drawing, at its row of the training set, and how it is sketched."""

    row: int
    variant: int
    contour: bool


def build(cache: Path = CACHE, count: int = COUNT, workers: int = 2) -> None:
    """Render `count` training drawings: large.npy, large_lines.npy and large.json."""
    records = [Record(**record) for record in json.loads((cache / "records.json").read_text())]
    write(cache, records, sources_of(cache), count, workers)


def sources_of(cache: Path) -> Sources:
    """Return the sources of the training set by art and key."""
    packages = cache / "packages"
    concepts = keyed_concepts(packages)
    arts = (read_art(packages, name, art, concepts) for name, art in ART.items())
    return {(source.art, source.key): source for sources in arts for source in sources}


def write(
    cache: Path,
    records: Sequence[Record],
    sources: Sources,
    count: int,
    workers: int,
) -> None:
    """Render in parallel and write, whole by a final large.json."""
    done = cache / "large.json"
    if done.exists():
        return
    chosen = choose(records, count)
    tasks = [
        (sources[records[s.row].art, records[s.row].key], lender(records[s.row], sources), s)
        for s in chosen
    ]
    pictures = new_array(cache / "large.npy", (len(chosen), LARGE, LARGE, 4))
    lines = new_array(cache / "large_lines.npy", (len(chosen), LARGE, LARGE))
    with pool(workers) as mapped:
        rendered = tqdm(mapped(render, tasks), total=len(tasks), disable=len(tasks) < 100)
        for index, (picture, drawn) in enumerate(rendered):
            pictures[index], lines[index] = picture, drawn
    for array in (pictures, lines):
        array.flush()
    done.write_text(json.dumps([asdict(sketched) for sketched in chosen]))


def choose(records: Sequence[Record], count: int) -> list[Sketched]:
    """Draw training rows that exist as SVG, and how each is sketched, by a fixed seed."""
    rng = random.Random(23)
    usable = [i for i, r in enumerate(records) if not r.held_out and r.style != "3d"]
    return [draw_sketched(row, rng) for row in sorted(rng.sample(usable, min(count, len(usable))))]


def draw_sketched(row: int, rng: random.Random) -> Sketched:
    """Choose how a drawing is sketched."""
    variant = rng.choices(range(LINE_VARIANTS), VARIANT_WEIGHT)[0]
    return Sketched(row, variant, variant > 0 and rng.random() < CONTOUR)


def lender(record: Record, sources: Sources) -> Source:
    """Return the source whose lines a drawing has: its own, or of the flat one."""
    return sources[ART[record.art].lines_of or record.art, record.key]


def render(task: tuple[Source, Source, Sketched]) -> tuple[Pixels, Pixels]:
    """Render one drawing: (1024, 1024, 4) premultiplied, and its lines (1024, 1024)."""
    source, lines_of, sketched = task
    assert isinstance(source.picture, str)
    picture = np.asarray(raster(source.picture, LARGE).convert("RGBa"))
    lines = line_art(lines_of, LARGE, sketched.variant)[0]
    if sketched.contour:
        pen = 2 * LARGE // SIZE + 1
        lines = np.maximum(lines, silhouette(torch.from_numpy(picture[..., 3].copy()), pen).numpy())
    return picture, lines


def silhouette(alpha: Tensor, pen: int = 3) -> Tensor:
    """Return the contour of one (H, W) uint8 coverage map as a stroke `pen` px wide."""
    solid = alpha[None, None].float()
    grown = F.max_pool2d(solid, pen, 1, pen // 2)
    shrunk = -F.max_pool2d(-solid, pen, 1, pen // 2)
    return (grown - shrunk)[0, 0].to(torch.uint8)


def main() -> None:
    """Parse the command line and build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    build(options.cache, options.count, options.workers)


if __name__ == "__main__":
    main()
