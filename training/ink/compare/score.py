"""What held-out drawings say of a comparison's variants: figures at 256 px, and a draft's time."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any

import torch
from PIL import Image
from torch import nn
from tqdm import tqdm

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Plan, Request
from livedraft.runtime.models.ink import Ink
from livedraft.runtime.models.ink.layout import CELLS, SIZE, STYLES
from livedraft.runtime.models.ink.tuning.nets.decoder import LineDecoder
from livedraft.runtime.models.ink.tuning.nets.inputs import as_words

from ..data.batch import Batch
from ..data.batches import Drawings
from ..evaluate.cases import Case, apart, cases_of, params_of
from ..evaluate.metrics import Scores, mean_scores, score
from ..evaluate.montage import grid
from ..train.watch import pixels_of
from .variants import Plain, Variant

GUESSED, TRUE = "", "true palette"  # where palettes are from; guessed ones go without saying
COMPARED = ("ciede2000", "alpha_iou")  # told with the error of their difference from the first
TIMED = 12  # drawings whose drafts are timed, after the first
SHOWN = 16  # drawings to look at


def examine(
    variants: Mapping[str, Variant],
    nets: Mapping[str, nn.Module],
    decoder: nn.Module,
    cache: Path,
    count: int,
) -> dict[str, dict[str, Any]]:
    """Paint held-out drawings by all variants; return rows of figures, and drafts' times.

    A row is of a number of steps, and of whether the palette is the true one.
    Differences from the first variant are of the same drawings, with their standard error.
    """
    model = Ink.load(plan=Plan(threads=1))
    cases = cases_of(Drawings(cache, held_out=True), count)
    rows: dict[tuple[str, str], list[Scores]] = {}
    spent: dict[str, list[float]] = {name: [] for name in variants}
    for case in tqdm(cases, desc="examine", mininterval=10):
        asked = ask(model, case)
        for name, variant in variants.items():
            for steps, source, batch in _ways(variant, asked, case):
                begun = time.process_time()
                made = paint(variant, nets[name], decoder, batch, steps)
                if steps == 1:
                    spent[name].append((time.process_time() - begun) * 1e3)
                scores = score(made, case.sketch, case.truth)
                rows.setdefault((name, _named(steps, source)), []).append(scores)
    first = next(iter(variants))
    return {
        name: {
            "ms_a_draft": round(median(spent[name][1 : TIMED + 1] or spent[name]), 1),
            "rows": {
                row: mean_scores(scores) | {"against_first": against(scores, rows, first, row)}
                for (owner, row), scores in rows.items()
                if owner == name
            },
        }
        for name in variants
    }


def show(
    variants: Mapping[str, Variant],
    nets: Mapping[str, nn.Module],
    decoder: nn.Module,
    cache: Path,
    path: Path,
) -> None:
    """Write a picture of some drawings: sketch, reference, each variant in its most steps."""
    model, groups = Ink.load(plan=Plan(threads=1)), []
    for case in apart(cases_of(Drawings(cache, held_out=True), SHOWN * 4))[:SHOWN]:
        asked = ask(model, case)
        made = (
            paint(variant, nets[name], decoder, asked, variant.steps[-1])
            for name, variant in variants.items()
        )
        groups.append((case.sketch, case.truth, *made))
    Image.fromarray(grid(groups, 2)).save(path, quality=85)


def _ways(variant: Variant, asked: Batch, case: Case) -> list[tuple[int, str, Batch]]:
    """List steps, where the palette is from, and inputs."""
    if isinstance(variant, Plain):
        return [(1, "", asked)]
    ways = [(steps, GUESSED, asked) for steps in variant.steps]
    true = Batch(**{**vars(asked), "palette": case.palette[None]})
    return [*ways, (1, TRUE, true)]


def _named(steps: int, source: str) -> str:
    return ", ".join(filter(None, [f"{steps} step{'s' * (steps > 1)}", source]))


def against(
    scores: Sequence[Scores], rows: Mapping[tuple[str, str], list[Scores]], first: str, row: str
) -> dict[str, list[float]]:
    """Return mean and standard error of the differences from the first variant's same row.

    What paints without a palette is compared with the row of guessed ones.
    """
    others = rows.get((first, row)) or rows[first, _named(1, GUESSED)]
    found = {}
    for figure in COMPARED:
        apart = [a[figure] - b[figure] for a, b in zip(scores, others, strict=True)]
        error = stdev(apart) / len(apart) ** 0.5 if len(apart) > 1 else 0.0
        found[figure] = [round(fmean(apart), 3), round(error, 3)]
    return found


def ask(model: Ink, case: Case) -> Batch:
    """Read a case as the runtime does; its palette is the one that the shipped net guesses."""
    request = Request(params_of(case), {"sketch": case.sketch}, Stage.DRAFT, 1)
    job = model.prepare([(model.open(), request)])[0]
    return Batch(
        lines=torch.from_numpy(job.sketch.lines),
        hints=torch.from_numpy(job.sketch.hints),
        regions=torch.from_numpy(job.sketch.regions),
        latent=torch.zeros(1, 4, CELLS, CELLS),
        target=torch.zeros(1, 4, 0, 0),
        crop=(0, 0),
        palette=torch.from_numpy(job.palette),
        text=as_words(job.text),
        style=torch.tensor([STYLES.index(case.style)]),
        prompts=[case.label],
    )


@torch.no_grad()
def paint(variant: Variant, net: nn.Module, decoder: nn.Module, batch: Batch, steps: int) -> Pixels:
    """Paint one picture, without the runtime's rules about where it ends; noise is seeded."""
    torch.manual_seed(0)
    random.seed(0)
    made = variant.sample(net, batch, steps)
    if made.shape[-1] != SIZE:
        assert isinstance(decoder, LineDecoder)
        made = decoder(made, batch.lines, batch.hints, batch.palette, batch.style).rgba
    return pixels_of(made[0])
