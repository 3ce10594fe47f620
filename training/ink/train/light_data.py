"""What the rules of light are searched on: `python -m training.ink.train.light_data`.

Lit drawings of the training split at 128x128: the mean colour of each surface, the art's own
colours, and the relief of the lines that part surfaces. Fluent Emoji's come a second time, with all
lines of the drawing and the mean colours of the regions between them. Written to the cache folder,
after `training.ink.data`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink.colour import Floats
from livedraft.runtime.models.ink.finish.relief import SIDE, relief

from ..data.batches import Drawings
from ..data.dataset import CACHE, new_array, pool
from ..data.sources import ART
from ..data.surfaces import Surfaces, nearest, surfaces
from ..evaluate.cases import Case, cases_of

FILE, INDEX = "light.npy", "light.json"
LEAST = 400  # px of 128² in which light is seen, or a drawing is left out
CHANNELS = {  # uint8
    "base": slice(0, 3),  # mean colours of surfaces
    "art": slice(3, 6),
    "cover": slice(6, 7),
    "inside": slice(7, 8),  # where the art's light is known
    "normals": slice(8, 11),  # -1..1 as 1..255
}


def build(cache: Path, workers: int, count: int | None = None) -> None:
    """Write the arrays, unless they are there; whole by a final light.json."""
    if (cache / INDEX).exists():
        return
    drawings = Drawings(cache)
    cases = [c for c in cases_of(drawings, len(drawings.rows)) if c.style != "flat"][:count]
    tasks = [(case, False) for case in cases]
    tasks += [(case, True) for case in cases if ART[case.art].lines_of]
    array = new_array(cache / FILE, (len(tasks), SIDE, SIDE, 11))
    entries: list[dict[str, Any]] = []
    with pool(workers) as mapped:
        made = tqdm(mapped(maps_of, tasks), total=len(tasks), desc="light", disable=len(tasks) < 99)
        for (case, whole), maps in zip(tasks, made, strict=True):
            if maps[..., CHANNELS["inside"]].sum() >= LEAST * 255:
                array[len(entries)] = maps
                entries.append({"key": case.key, "style": case.style, "whole": whole})
    array.flush()
    (cache / INDEX).write_text(json.dumps(entries))


def maps_of(task: tuple[Case, bool]) -> Pixels:
    """Return all that is known of one drawing, with all its lines or not, (128, 128, 11)."""
    case, whole = task
    found = surfaces(case.truth, case.sketch[..., 3], whole)
    lines = np.where(found.ink, case.sketch[..., 3], 0)
    cover = case.truth[..., 3]
    normals = relief(_unit(lines), _unit(cover))
    inside = _small(found.inside.astype(np.uint8) * 255)
    parts = (
        _small(_base(case.truth, found)),
        _small(_extended(case.truth)),
        _small(cover)[..., None],
        np.where(inside > 250, 255, 0).astype(np.uint8)[..., None],
        np.rint(normals * 127 + 128).astype(np.uint8),
    )
    return np.asarray(np.concatenate(parts, 2), np.uint8)


def _base(picture: Pixels, found: Surfaces) -> Pixels:
    """Paint each pixel in its surface's mean colour, beyond all as the nearest one."""
    means = found.means(_unit(picture[..., :3]))
    return np.asarray(np.rint(_spread(means, found.inside) * 255), np.uint8)


def _extended(picture: Pixels) -> Pixels:
    """Return a picture's colours, where it is not solid those of the nearest that is."""
    return np.asarray(_spread(picture[..., :3], picture[..., 3] > 200), np.uint8)


def _spread(values: NDArray[Any], known: NDArray[np.bool_]) -> NDArray[Any]:
    if not known.any():
        return values
    return values.reshape(-1, values.shape[-1])[nearest(known)]


def _small(values: Pixels) -> Pixels:
    return np.asarray(cv2.resize(values, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _unit(values: NDArray[Any]) -> Floats:
    return np.asarray(values / np.float32(255), np.float32)


def main() -> None:
    """Parse the command line and build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    build(options.cache, options.workers)


if __name__ == "__main__":
    main()
