"""The tables and goals of the model card, written from an evaluation between the page's marks.

So no figure is typed by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from livedraft.runtime.models.ink.layout import SIZES
from training.pages import Tables, filled

from ..evaluate.obedience import WORDS
from ..evaluate.parts import APART, TUNED
from ..evaluate.report import DRAFT, NAMED, SILENT, Report
from ..evaluate.scenes import SCENES
from .styles import style_goals, style_table

COLUMNS = {  # names in the report: heads in the table, and digits behind the point
    "alpha_iou": ("silhouette IoU", 3),
    "ciede2000": ("CIEDE2000", 1),
    "edge_precision": ("edge precision", 2),
    "edge_recall": ("recall", 2),
    "edge_f1": ("F1", 2),
    "inner_recall": ("inner recall", 2),
    "reference_f1": ("F1, reference", 2),
    "unevenness": ("unevenness", 1),
}
SIZED = {  # the same of the table of sizes
    "alpha_iou": 3,
    "ciede2000": 1,
    "edge_f1": 3,
    "reference_f1": 3,
    "crispness": 2,
    "rim": 2,
}
SCENE_HEADS = {"things": "the right things", "arranged": "arranged right", "colours": "colours"}
STROKES, SEEN = "1 step, five strokes", ", seen concepts"


def with_figures(page: str, report: Report, tables: Tables | None = None) -> str:
    """Return a page with its figures between the marks filled in; by default the card's."""
    return filled(page, report, _TABLES if tables is None else tables)


def goals(report: Report) -> Iterator[tuple[str, float, str, float]]:
    """Yield every goal: what, the figure reached, "≥" or "≤", and the limit."""
    table = report["table"]
    draft, strokes = table[DRAFT], report["strokes"]
    yield "silhouette IoU", draft["alpha_iou"], "≥", 0.96
    yield "silhouette IoU, contour drawn", report["outlined"]["alpha_iou"], "≥", 0.96
    yield "edge recall, all lines", draft["edge_recall"], "≥", 0.9
    yield "edge recall, inner lines", draft["inner_recall"], "≥", 0.9
    yield "CIEDE2000", draft["ciede2000"], "≤", 18
    yield "CIEDE2000, prompt names the colours", table[NAMED]["ciede2000"], "≤", 12
    yield "CIEDE2000, five strokes", table[STROKES]["ciede2000"], "≤", 8
    worth = table[SILENT]["ciede2000"] - draft["ciede2000"]
    yield "what the prompt is worth, CIEDE2000", worth, "≥", 8
    named = table[SILENT]["ciede2000"] - table[NAMED]["ciede2000"]
    yield "what a prompt with colours is worth, CIEDE2000", named, "≥", 8
    gap = draft["ciede2000"] - table[DRAFT + SEEN]["ciede2000"]
    yield "unseen against seen concepts, CIEDE2000", gap, "≤", 5
    yield "colour words obeyed", report["colour_words"]["all"], "≥", 0.95
    yield "strokes obeyed in their region", strokes["obeyed"], "≥", 0.95
    yield "share of the region that a stroke fills", strokes["filled"], "≥", 0.95
    of_parts = report["parts"]
    yield "part colours obeyed", of_parts[TUNED]["obeyed"], "≥", 0.7
    yield "part colours obeyed, drawings never tuned on", of_parts[APART]["obeyed"], "≥", 0.7
    yield "swatches obeyed", report["swatches"], "≥", 0.95
    yield "change outside a new stroke, /255", report["stability"]["outside"], "≤", 6
    yield from style_goals(report["styles"])
    yield "draft, ms", report["latency"]["draft"]["all"], "≤", 30


def _table(report: Report) -> Iterator[str]:
    yield f"| | {' | '.join(head for head, _ in COLUMNS.values())} |"
    yield "|---|" + "--:|" * len(COLUMNS)
    for name, row in report["table"].items():
        cells = (f"{row[key]:.{digits}f}" for key, (_, digits) in COLUMNS.items())
        yield f"| {name} | {' | '.join(cells)} |"
    yield f"\nMore than {report['steps_offered']} steps are not offered."


def _goals(report: Report) -> Iterator[str]:
    yield "| draft, one step | measured | goal | |"
    yield "|---|--:|--:|---|"
    for what, value, sign, limit in goals(report):
        reached = value >= limit if sign == "≥" else value <= limit
        verdict = "reached" if reached else "**missed**"
        yield f"| {what} | {value:.3g} | {sign} {limit:g} | {verdict} |"


def _obedience(report: Report) -> Iterator[str]:
    words, strokes, steady = report["colour_words"], report["strokes"], report["stability"]
    each = ", ".join(f"{word} {_percent(words[word])}" for word in WORDS)
    yield (
        f"- *Colour words* before the label, in {words['pictures']} drawings each: of ten colours "
        "the one that most pixels are nearest to is the word's in "
        f"{_percent(words['all'])} ({each})."
    )
    yield (
        f"- *One coloured stroke* inside a closed region, of a colour not its own, in "
        f"{strokes['pictures']} drawings: the region's median colour is nearest to the stroke's, "
        f"of ten, in {_percent(strokes['obeyed'])}; {_percent(strokes['filled'])} of the region "
        "lie within ΔE 15 of it. Elsewhere the picture changes by "
        f"{strokes['elsewhere']:.1f} of 255."
    )
    tuned, apart = report["parts"][TUNED], report["parts"][APART]
    yield (
        f"- *Colours of parts*: {tuned['prompts']} prompts of {tuned['drawings']} drawings name "
        f"{tuned['parts']} parts, of which {_percent(tuned['obeyed'])} are nearest to their word's "
        f"colour, of ten; of {apart['prompts']} prompts of {apart['drawings']} drawings that the "
        f"rules were never tuned on {_percent(apart['obeyed'])}, all parts of a prompt in "
        f"{_percent(apart['whole_prompts'])}."
    )
    yield (
        f"- *A swatch* of a colour not the thing's own becomes the main colour in "
        f"{_percent(report['swatches'])}."
    )
    yield (
        f"- *Stability*: {steady['drawings']} drawings drawn stroke by stroke, {steady['strokes']} "
        f"strokes, one seed and prompt. Further than 12 px from a new stroke a pixel changes by "
        f"{steady['outside']:.1f} of 255 on average (one stroke in ten: by more than "
        f"{steady['outside_worst_tenth']:.1f}); by {steady['apart']:.1f} where what the stroke is "
        "the first to enclose is left out."
    )


def _retrieval(report: Report) -> Iterator[str]:
    asked = report["retrieval"]
    yield f"| named right, of {asked['names']} names | first | among five |"
    yield "|---|--:|--:|"
    for name, row in asked["found"].items():
        yield f"| {name} | {_percent(row['R@1'])} | {_percent(row['R@5'])} |"
    yield f"| by chance | {_percent(1 / asked['names'])} | {_percent(5 / asked['names'])} |"


def _sizes(report: Report) -> Iterator[str]:
    yield "| | silhouette IoU | CIEDE2000 | F1, lines | F1, reference | crispness | rim, px |"
    yield "|---|" + "--:|" * 6
    for size in SIZES[1:]:
        for name, row in report["sizes"][str(size)].items():
            cells = (f"{row[key]:.{digits}f}" for key, digits in SIZED.items())
            yield f"| {size} px, {name} | {' | '.join(cells)} |"


def _speed(report: Report) -> Iterator[str]:
    times = report["latency"]
    draft = times["draft"]
    beside = "ahead of" if times["ahead"] else "beside"
    refined = ", ".join(f"{ms:.0f} ms at {side}²" for side, ms in times["refine"].items())
    yield (
        f"Batch 1, {times['threads']} thread{'s' * (times['threads'] > 1)}, {times['machine']}, "
        f"median of 15, {beside} a load of {times['load']:.1f}: a new sketch is read in "
        f"{draft['prepare']:.1f} ms, a step takes {draft['step']:.1f} ms, painting "
        f"and lighting {draft['decode']:.1f} ms: {draft['all']:.0f} ms for a draft, "
        f"{draft['processor']:.0f} ms of the processor's. A new prompt or seed costs "
        f"{times['new_prompt']:.0f} ms, once. A refined picture (two steps) takes {refined}."
    )


def _worst(report: Report) -> Iterator[str]:
    yield "| | by colour (CIEDE2000) | by silhouette (IoU) |"
    yield "|---|---|---|"
    for name, key in (("held-out concepts", "worst"), ("OpenMoji lines", "openmoji_worst")):
        cells = (
            _listed(report[key][by], by, digits)
            for by, digits in (("ciede2000", 0), ("alpha_iou", 2))
        )
        yield f"| {name} | {' | '.join(cells)} |"


def _scenes(_: Report) -> Iterator[str]:
    prompts = json.loads(SCENES.read_text("utf-8"))
    yield f"| prompts | | {' | '.join(SCENE_HEADS.values())} | all three |"
    yield "|---|--:|" + "--:|" * (len(SCENE_HEADS) + 1)
    for name, head in (("tuned", "the layout was built by"), ("held", "looked at once")):
        rows = [row for row in prompts if row["set"] == name]
        shares = [_percent(sum(row[key] for row in rows) / len(rows)) for key in SCENE_HEADS]
        right = sum(all(row[key] for key in SCENE_HEADS) for row in rows)
        yield f"| {head} | {len(rows)} | {' | '.join(shares)} | {_percent(right / len(rows))} |"
    faults = "; ".join(f"“{row['prompt']}”: {row['why']}" for row in prompts if "why" in row)
    yield f"\nWhat was wrong: {faults}."


def _listed(worst: list[dict[str, Any]], by: str, digits: int) -> str:
    return ", ".join(f"{one['label']} {one[by]:.{digits}f}" for one in worst)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


_TABLES: Tables = {
    "goals": _goals,
    "table": _table,
    "styles": style_table,
    "obedience": _obedience,
    "retrieval": _retrieval,
    "sizes": _sizes,
    "speed": _speed,
    "scenes": _scenes,
    "worst": _worst,
}
