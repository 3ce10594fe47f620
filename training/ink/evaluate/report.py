"""All that is measured of `ink`, as one report with its pictures.

Every picture is made by the shipped runtime from a sketch and a caption, as a user's would be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from safetensors import safe_open
from tqdm import tqdm

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink import WEIGHTS, Ink, InkParams
from livedraft.runtime.models.ink.words.text import TextTable

from ..data.batches import Drawings
from ..data.large import sources_of
from ..data.sources import ART
from . import montage
from .baselines import flood_fill, nearest_drawing
from .cases import Case, Painter, apart, cases_of, params_of, reduced, with_strokes
from .judge import load_judge, name_pictures
from .latency import face, latency
from .metrics import Scores, mean_scores, score
from .obedience import colour_words, strokes, summary, swatches
from .openmoji import CONCEPTS, openmoji_cases
from .parts import APART, SETS, answers, part_sheet
from .parts import summary as of_parts
from .sizes import sizes
from .stability import stability, stroke_by_stroke
from .style_judge import load_style_judge
from .styles import styles

STEPS = (1, 2, 4, 32)  # of which those are measured that the model offers
DRAFT, KEPT, SILENT = "1 step", "1 step, lines kept", "1 step, no prompt"
NAMED = "1 step, prompt names the colours"
FLOOD = "flood fill with the predicted palette"
JUDGED = (DRAFT, NAMED, SILENT, FLOOD)  # whose pictures the judge names
LOOKED_AT = 48  # concepts in a montage
FLAT_ART, STYLED = "fluent-flat", 16  # whose drawings are shown in all styles, and how many
WORST, RANKED = 10, ("ciede2000", "alpha_iou")

Make = Callable[[Case], Pixels]
Report = dict[str, Any]


def evaluate(cache: Path, count: int, model: Ink, threads: int) -> tuple[Report, dict[str, Pixels]]:
    """Return all figures, and the pictures to look at by their names."""
    held, seen = Drawings(cache, held_out=True), Drawings(cache)
    painter, text = Painter(model), TextTable.load(WEIGHTS)
    cases, known = cases_of(held, count), cases_of(seen, count)
    hand_drawn = openmoji_cases(cache, min(count, len(CONCEPTS)))
    few, some = apart(cases), cases[:: max(1, count // 16)]

    makes = conditions(painter, text, seen)
    scores, smalls = measure(cases, makes)
    table = dict(averages(scores))
    chosen = {name: makes[name] for name in (DRAFT, NAMED)}
    table |= averages(measure(known, chosen)[0], ", seen concepts")
    chosen = {name: makes[name] for name in (DRAFT, KEPT, FLOOD)}
    lines = measure(hand_drawn, chosen)[0]
    table |= averages(lines, ", OpenMoji lines")
    looked_at = few[:LOOKED_AT]
    orders = montage.shuffled(offered(model), len(looked_at))
    stroked = strokes(painter, cases)
    drawn = stroke_by_stroke(cache, [c for c in few if ART[c.art].lines_of is None])
    parts = {name: answers(painter, cache, name) for name in SETS}
    report: Report = {
        "pictures": count,
        "concepts": len(few),
        "steps_offered": model.info.max_steps,
        "parameters": parameters(),
        "table": table,
        "outlined": outlined(cases, scores[DRAFT]),
        "colour_words": {"pictures": len(some)} | colour_words(painter, some),
        "parts": {name: of_parts(answered) for name, answered in parts.items()},
        "swatches": swatches(painter, cases),
        "strokes": summary(stroked),
        "stability": stability(painter, drawn[: max(3, count // 8)]),
        "retrieval": name_pictures(
            load_judge(cache, seen, text), text, held, cases, {n: smalls[n] for n in JUDGED}
        ),
        "styles": styles(held, painter, count // 2, load_style_judge(cache)),
        "sizes": sizes(model, sources_of(cache), cases[: max(2, count // 5)]),
        "latency": latency(model, face(), threads),
        "worst": worst(cases, scores[DRAFT]),
        "openmoji_worst": worst(hand_drawn, lines[DRAFT]),
        "order_in_steps.jpg": ["".join(map(str, order)) for order in orders],
    }
    pictures = {
        "montage": montage.held_out(painter, looked_at),
        "steps": montage.of_steps(painter, looked_at, orders),
        "styles": montage.of_styles(painter, [c for c in few if c.art == FLAT_ART][:STYLED]),
        "openmoji": montage.openmoji(painter, hand_drawn),
        "strokes": montage.of_strokes(stroked[:LOOKED_AT]),
        "parts": part_sheet(painter, parts[APART]),
        "five_strokes": montage.five_strokes(painter, looked_at),
    }
    ranked = [cases[i] for by in RANKED for i in last(scores[DRAFT], by)]
    pictures["worst"] = montage.held_out(painter, ranked)
    ranked = [hand_drawn[i] for by in RANKED for i in last(lines[DRAFT], by)]
    pictures["openmoji_worst"] = montage.openmoji(painter, ranked)
    return report, pictures


def conditions(painter: Painter, text: TextTable, seen: Drawings) -> dict[str, Make]:
    """Return the ways to paint a case that are compared, by their names in the table."""
    steps = {
        f"{n} step{'s' * (n > 1)}": lambda case, n=n: painter.draw(case, n)
        for n in offered(painter.model)
    }
    return steps | {
        KEPT: lambda case: painter.draw(case, lines=InkParams().lines),
        NAMED: lambda case: painter.draw(case, prompt=case.coloured_label),
        SILENT: lambda case: painter.draw(case, prompt=""),
        "1 step, true palette": lambda case: painter.draw(case, palette=case.swatches),
        "1 step, five strokes": lambda case: painter.draw(case, sketch=with_strokes(case)),
        "1 step, five strokes, prompt names the colours": lambda case: painter.draw(
            case, sketch=with_strokes(case), prompt=case.coloured_label
        ),
        FLOOD: lambda case: flood_fill(painter.model, case.sketch, params_of(case)),
        "flood fill, prompt names the colours": lambda case: flood_fill(
            painter.model, case.sketch, params_of(case, prompt=case.coloured_label)
        ),
        "nearest training drawing": lambda case: nearest_drawing(text, seen, case),
    }


def offered(model: Ink) -> tuple[int, ...]:
    """Return the numbers of steps to measure."""
    return tuple(n for n in STEPS if n <= model.info.max_steps)


def measure(
    cases: Sequence[Case], makes: dict[str, Make]
) -> tuple[dict[str, list[Scores]], dict[str, list[Pixels]]]:
    """Paint every case in every way; return the figures, and the pictures at 64x64."""
    scores: dict[str, list[Scores]] = {name: [] for name in makes}
    smalls: dict[str, list[Pixels]] = {name: [] for name in makes}
    for case in tqdm(cases, desc="evaluate", leave=False):
        for name, make in makes.items():
            made = make(case)
            scores[name].append(score(made, case.sketch, case.truth))
            smalls[name].append(reduced(made))
    return scores, smalls


def averages(scores: dict[str, list[Scores]], note: str = "") -> dict[str, Scores]:
    """Average each way's figures; the note goes behind its name."""
    return {name + note: mean_scores(rows) for name, rows in scores.items()}


def outlined(cases: Sequence[Case], scores: Sequence[Scores]) -> dict[str, float]:
    """Average the figures of the cases whose sketch draws the whole contour."""
    rows = [row for case, row in zip(cases, scores, strict=True) if case.outlined]
    return {"pictures": len(rows)} | mean_scores(rows)


def last(scores: Sequence[Scores], by: str) -> list[int]:
    """Return the places of the ten worst by one figure, the worst first."""
    sign = -1 if by == "ciede2000" else 1
    return sorted(range(len(scores)), key=lambda i: sign * scores[i][by])[:WORST]


def worst(cases: Sequence[Case], scores: Sequence[Scores]) -> dict[str, list[dict[str, Any]]]:
    """List the ten worst by colour and by silhouette."""
    return {
        by: [
            {"label": cases[i].label, "art": cases[i].art, by: round(scores[i][by], 3)}
            for i in last(scores, by)
        ]
        for by in RANKED
    }


def parameters(folder: Path = WEIGHTS) -> dict[str, int]:
    """Count the weights of each network in a folder's weights.safetensors."""
    counts: dict[str, int] = {}
    with safe_open(folder / "weights.safetensors", "np") as file:
        for name in file.keys():
            size = 1
            for side in file.get_slice(name).get_shape():
                size *= side
            net = name.split(".")[0]
            counts[net] = counts.get(net, 0) + size
    return counts
