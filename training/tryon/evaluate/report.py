"""All held-out people dressed and judged, as one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from tqdm import tqdm

from livedraft.runtime.models.tryon.garment import Kind

from ..data.paint import Sample, paint
from ..data.records import Record, records
from ..data.skin import tone_of
from .dressing import Dressed
from .metrics import Scores, score

SEED = 2  # of the pictures: others than those that are learned from
WORST = "worst_iou"
SAME = 0.25  # of an arm: sleeves that differ by less are equally long


class Dresser(Protocol):
    """Who dresses people: `Fitter` by try-on."""

    def dress(self, sample: Sample, kind: Kind) -> Dressed | str:
        """Dress a sample's person; a word where that cannot be."""
        ...


@dataclass(frozen=True)
class Case:
    """One person with one garment."""

    record: Record
    sample: Sample
    dressed: Dressed
    scores: Scores


@dataclass(frozen=True)
class Report:
    """Figures by group, and the cases that they are of."""

    figures: dict[str, Any]
    cases: list[Case]


def evaluate(cache: Path, count: int, dresser: Dresser) -> Report:
    """Dress the first `count` held-out people of a folder of shards."""
    cases: list[Case] = []
    failures: Counter[str] = Counter()
    held = list(islice(records(cache, held_out=True), count))
    for record in tqdm(held, desc="dress", disable=len(held) < 10):
        tone = tone_of(int(record.meta["index"]))
        sample = paint(record, SEED, tone)
        dressed = dresser.dress(sample, record.meta["kind"])
        if isinstance(dressed, str):
            failures[dressed] += 1
        else:
            cases.append(Case(record, sample, dressed, score(sample, dressed)))
    return Report(figures(cases, failures), cases)


def figures(cases: Sequence[Case], failures: Counter[str]) -> dict[str, Any]:
    """Return the figures of all, and by garment, framing, pose and skin tone."""

    def by(name: Callable[[Case], str]) -> dict[str, Any]:
        groups = sorted({name(case) for case in cases})
        return {group: summary(c for c in cases if name(c) == group) for group in groups}

    return {
        "people": len(cases),
        "not_dressed": dict(failures),
        "all": summary(cases),
        "by_garment": by(lambda case: str(case.record.meta["kind"])),
        "by_framing": by(lambda case: f"{case.record.meta['kind']}, {case.record.meta['framing']}"),
        "by_pose": by(lambda case: str(case.record.meta["pose"])),
        "by_skin_tone": by(lambda case: case.sample.tone),
        "by_sleeves": by(lambda case: sleeves(case.record)),
    }


def sleeves(record: Record) -> str:
    """Return how new sleeves are against those that go, by their lengths as shares of an arm."""
    if record.meta["kind"] == "lower":
        return "no sleeves"
    worn, new = (float(record.meta["cuts"][name]["sleeve"]) for name in ("upper", "new"))
    if abs(worn - new) < SAME:
        return "same length"
    return "long to short" if worn > new else "short to long"


def summary(cases: Iterable[Case]) -> dict[str, float]:
    """Return means, the worst IoU, the lead over a sticker and how many there are."""
    rows = [case.scores.as_dict() for case in cases]
    if not rows:
        return {}
    found: dict[str, float] = {"people": len(rows)}
    for name in rows[0]:
        values = np.array([row[name] for row in rows], float)
        kept = values[~np.isnan(values)]
        if len(kept):
            mean = kept.sum() if name == "outside" else kept.mean()
            found[name] = round(float(mean), 4)
    found[WORST] = round(min(row["iou"] for row in rows), 4)
    found["lead"] = round(found["ssim"] - found["sticker_ssim"], 4)
    return found


def table(report: dict[str, Any]) -> str:
    """Return the figures as text, a line a group."""
    names = ["people", "outside", "beyond", "iou", WORST, "map_px", "ssim", "lead", "psnr"]
    names += ["arm_psnr", "arm_lightness", "arm_covered", "skin_psnr", "skin_lightness"]
    lines = ["".join([f"{'':20}", *(f"{name:>15}" for name in names)])]
    groups = {"all": report["all"]}
    for name in ("by_garment", "by_framing", "by_pose", "by_skin_tone", "by_sleeves"):
        groups.update(report[name])
    for name, row in groups.items():
        cells = (f"{row[n]:>15g}" if n in row else f"{'':15}" for n in names)
        lines.append("".join([f"{name:20}", *cells]))
    return "\n".join(lines)
