"""What `ink` paints at 512 and 1024 px, against the truth at that size.

`python -m training.ink.evaluate.sizes` measures it apart and puts it into evaluation.json. 3D art
is left out: it exists at 256 px only.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Plan, Request
from livedraft.runtime.models.ink import Ink
from livedraft.runtime.models.ink.layout import SIZE, SIZES
from livedraft.runtime.models.ink.state import InkJob

from ..data.batches import Drawings
from ..data.dataset import CACHE, line_art, raster
from ..data.large import Sources, sources_of
from ..data.sources import ART
from . import REPORT
from .baselines import enlarged
from .cases import Case, cases_of, params_of
from .metrics import (
    NEAR,
    Scores,
    alpha_iou,
    colour_error,
    crispness,
    f1,
    find_edges,
    mean_scores,
    near,
    rim_width,
)

ENLARGED, LEARNED, TRUE = "enlarged from 256 px", "painted at that size", "true pictures"
Finish = Callable[[InkJob], Pixels]


def sizes(model: Ink, sources: Sources, cases: Sequence[Case]) -> dict[str, Any]:
    """Return the figures of both ways to a larger picture, by size."""
    drawn = [case for case in cases if case.style != "3d"]
    ways: dict[str, Finish] = {
        ENLARGED: lambda job: enlarged(model.emit([at_first(job)])[0][0].pixels, job.size),
        LEARNED: lambda job: model.emit([job])[0][0].pixels,
    }
    found: dict[str, Any] = {"pictures": len(drawn)}
    for size in SIZES:
        if size != SIZE:
            found[str(size)] = _measure(model, [at(c, sources, size) for c in drawn], ways)
    return found


def at(case: Case, sources: Sources, size: int) -> Case:
    """Render a case's sketch and picture at another size."""
    source = sources[case.art, case.key]
    lines_of = sources[ART[case.art].lines_of or case.art, case.key]
    sketch = np.zeros((size, size, 4), np.uint8)
    sketch[..., 3] = line_art(lines_of, size, only=0)[0]
    assert isinstance(source.picture, str)
    return replace(case, sketch=sketch, truth=np.array(raster(source.picture, size)))


def _measure(model: Ink, cases: Sequence[Case], ways: dict[str, Finish]) -> dict[str, Scores]:
    rows: dict[str, list[Scores]] = {name: [] for name in (*ways, TRUE)}
    for case in tqdm(cases, desc=f"{len(cases[0].sketch)} px", leave=False):
        job = draft(model, case)
        for name, finish in ways.items():
            rows[name].append(score(finish(job), case))
        rows[TRUE].append(score(case.truth, case))
    return {name: mean_scores(some) for name, some in rows.items()}


def draft(model: Ink, case: Case) -> InkJob:
    """Return the job of a case, one step done, to be painted at the size of its sketch."""
    params = params_of(case, size=len(case.sketch))
    job = model.prepare([(model.open(), Request(params, {"sketch": case.sketch}, Stage.FINAL, 1))])[
        0
    ]
    model.step([job])
    return job


def at_first(job: InkJob) -> InkJob:
    """Return the same job at 256 px, without kept lines."""
    return replace(job, outlines=job.outlines[:1], ink=np.zeros((SIZE, SIZE), np.float32))


def score(made: Pixels, case: Case) -> Scores:
    """Return the figures of one picture at its size.

    A line is as much thicker as the picture is larger, so an edge may lie as much further from it;
    from the true edge it may not.
    """
    edges, lines, drawn = find_edges(made), case.sketch[..., 3] > 127, find_edges(case.truth)
    reach = NEAR * len(made) // SIZE
    return {
        "alpha_iou": alpha_iou(made, case.truth),
        "ciede2000": colour_error(made, case.truth),
        "edge_f1": f1(near(edges, lines, reach), near(lines, edges, reach)),
        "reference_f1": f1(near(edges, drawn), near(drawn, edges)),
        "crispness": crispness(made, case.truth),
        "rim": rim_width(made),
    }


def main() -> None:
    """Measure the shipped weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", type=Path, default=REPORT, help="where the figures are put")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--source", default="", help="folder of other weights")
    parser.add_argument("--count", type=int, default=24, help="pictures; fewer are quicker")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = Ink.load(options.source, Plan(threads=options.threads))
    held = Drawings(options.cache, held_out=True)
    found = sizes(model, sources_of(options.cache), cases_of(held, options.count))
    figures = json.loads(options.report.read_text("utf-8")) | {"sizes": found}
    options.report.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
