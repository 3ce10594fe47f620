"""The training set of `ink`: drawings with their line art, rendered, as arrays on the disk.

`build` fetches pinned npm packages, renders every drawing at 256x256 with its line art, and writes
memory-mapped arrays to the cache folder. A second run finds its work done.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import resvg_py
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from livedraft.runtime.models.ink.tuning.nets.palettes import extract_palette

from .captions import Concept, concept_key, read_concepts
from .outline import outlined, svg_document
from .sources import ART, CAPTIONS, FLAT, NOTO, SOLID, ArtSet, fetch, read_folder, read_json

CACHE = Path(".cache/ink")
SIZE, SMALL = 256, 64
LINE_VARIANTS = 3
MIN_SHARED_SILHOUETTE = 0.93  # IoU with the flat drawing whose lines a shaded one borrows
HELD_OUT = 0.05
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Source:
    """One drawing to render: an SVG or the bytes of a WebP."""

    art: str
    style: str
    key: str
    picture: str | bytes
    units: float  # the SVG's width in its own units


@dataclass(frozen=True)
class Record:
    """One row of the training set; `lines` is its row in lines.npy."""

    key: str
    art: str
    style: str
    group: str
    label: str
    words: list[str]
    lines: int
    held_out: bool


def build(cache: Path = CACHE, limit: int | None = None, workers: int = 2) -> None:
    """Fetch, render and write picture.npy, small.npy, lines.npy, palette.npy and records.json."""
    packages = cache / "packages"
    for package in (*(art.package for art in ART.values()), *CAPTIONS):
        fetch(package, packages)
    concepts = keyed_concepts(packages)
    sources = [s for name, art in ART.items() for s in read_art(packages, name, art, concepts)]
    write(cache, sources[:limit], concepts, workers)


def keyed_concepts(packages: Path) -> dict[str, Concept]:
    """Map folded icon names to concepts, by the code points that Fluent and Noto state."""
    by_code = read_concepts(packages)
    keyed: dict[str, Concept] = {}
    for package in (FLAT, NOTO):
        names: dict[str, str] = read_json(packages / package.tarball, "chars.json")
        for code, name in names.items():
            plain = "-".join(part for part in code.split("-") if part != "fe0f")
            if plain in by_code:
                keyed.setdefault(concept_key(name), by_code[plain])
    return keyed


def read_art(packages: Path, name: str, art: ArtSet, concepts: dict[str, Concept]) -> list[Source]:
    """List the drawings of one set whose concept is known, in a stable order."""
    tarball = packages / art.package.tarball
    if art.package is SOLID:
        return _read_webp(tarball, name, art, packages, concepts)
    icons = read_json(tarball, "icons.json")
    sources = []
    for icon, entry in sorted(icons["icons"].items()):
        key = concept_key(icon)
        if key not in concepts:
            continue
        width = entry.get("width", icons.get("width", 16))
        height = entry.get("height", icons.get("height", 16))
        side = max(width, height)  # a square frame keeps the drawing's proportions
        left, top = entry.get("left", 0), entry.get("top", 0)
        svg = svg_document(
            entry["body"], side, side, left - (side - width) / 2, top - (side - height) / 2
        )
        sources.append(Source(name, art.style, key, svg, side))
    return sources


def _read_webp(
    tarball: Path, name: str, art: ArtSet, packages: Path, concepts: dict[str, Concept]
) -> list[Source]:
    names: dict[str, str] = read_json(packages / FLAT.tarball, "chars.json")
    files = read_folder(tarball, "assets")
    wanted = ((concept_key(icon), f"{code}.webp") for code, icon in sorted(names.items()))
    return [
        Source(name, art.style, key, files[file], SIZE)
        for key, file in wanted
        if key in concepts and file in files
    ]


def write(cache: Path, sources: list[Source], concepts: dict[str, Concept], workers: int) -> None:
    """Render `sources` in parallel and write the arrays, atomically by a final records.json."""
    cache.mkdir(parents=True, exist_ok=True)
    done = cache / "records.json"
    if done.exists():
        return
    count = len(sources)
    pictures = new_array(cache / "picture.npy", (count, SIZE, SIZE, 4))
    smalls = new_array(cache / "small.npy", (count, SMALL, SMALL, 4))
    lines = new_array(cache / "lines.npy", (count, LINE_VARIANTS, SIZE, SIZE))
    palettes = np.zeros((count, 6, 4), np.float32)
    records: list[Record] = []
    lines_of: dict[tuple[str, str], int] = {}
    held_out = choose_held_out(sorted({s.key for s in sources}))
    with pool(workers) as mapped:
        rendered = tqdm(mapped(render, sources), total=count, desc="render", disable=count < 100)
        for source, (picture, small, drawn, palette) in zip(sources, rendered, strict=True):
            row = len(records)
            lender = ART[source.art].lines_of
            at = row if lender is None else lines_of.get((lender, source.key), -1)
            if at < 0 or not usable(picture, pictures[at] if lender else None):
                continue
            if lender is None:
                lines[row] = drawn
                lines_of[source.art, source.key] = row
            pictures[row], smalls[row], palettes[row] = picture, small, palette
            c = concepts[source.key]
            held = source.key in held_out
            records.append(
                Record(source.key, source.art, source.style, c.group, c.label, c.words, at, held)
            )
    for array in (pictures, smalls, lines):
        array.flush()
    np.save(cache / "palette.npy", palettes[: len(records)])
    done.write_text(json.dumps([asdict(r) for r in records]))


def usable(picture: Pixels, lender: Pixels | None) -> bool:
    """Tell whether a drawing is visible, and fits the silhouette of the lines that it borrows."""
    solid = picture[..., 3] > 127
    if solid.mean() < 0.02:
        return False
    if lender is None:
        return True
    other = lender[..., 3] > 127
    return bool((solid & other).sum() / (solid | other).sum() > MIN_SHARED_SILHOUETTE)


def choose_held_out(keys: list[str]) -> set[str]:
    """Pick the held-out concepts: a fixed 5 % by a seeded draw."""
    return set(random.Random(17).sample(keys, round(len(keys) * HELD_OUT)))


def render(source: Source) -> tuple[Pixels, Pixels, Pixels, NDArray[np.float32]]:
    """Render one drawing: (256,256,4) and (64,64,4) premultiplied, (3,256,256) lines, palette."""
    if isinstance(source.picture, bytes):
        image = Image.open(io.BytesIO(source.picture)).convert("RGBA").resize((SIZE, SIZE))
    else:
        image = raster(source.picture)
    own_lines = ART[source.art].lines_of is None
    drawn = line_art(source) if own_lines else np.zeros(0, np.uint8)
    picture = np.asarray(image.convert("RGBa"))
    small = np.asarray(
        Image.fromarray(picture, "RGBa").resize((SMALL, SMALL), Image.Resampling.BOX)
    )
    return picture, small, drawn, extract_palette(small)


def line_art(source: Source, size: int = SIZE, only: int | None = None) -> Pixels:
    """Draw the variants of a source's line art, or `only` one: (3 | 1, size, size) coverage.

    Pens and dropped outlines are drawn by the source's name, so they are the same at every size.
    """
    rng = random.Random(f"{source.art}/{source.key}")
    unit = source.units / SIZE
    widths = (rng.uniform(2, 4), rng.uniform(1.5, 6), rng.uniform(2, 6))
    drawn = []
    assert isinstance(source.picture, str)
    for index, (width, drop) in enumerate(zip(widths, (0.0, 0.3, 0.6), strict=True)):
        svg = outlined(source.picture, width * unit, drop, rng)
        if only in (None, index):
            rgba = np.asarray(raster(svg, size), np.uint16)
            drawn.append((rgba[..., 3] * (255 - rgba[..., 0]) // 255).astype(np.uint8))
    return np.stack(drawn)


def raster(svg: str, size: int = SIZE) -> Image.Image:
    """Render an SVG as a square of `size` px, straight alpha."""
    data = resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size, skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(data))).convert("RGBA").resize((size, size))


@contextmanager
def pool(workers: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """Give a `map` over processes, or the plain one for no workers."""
    if workers == 0:
        yield map
        return
    with ProcessPoolExecutor(workers) as pool:
        yield partial(pool.map, chunksize=16)


def new_array(path: Path, shape: tuple[int, ...]) -> Any:
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
