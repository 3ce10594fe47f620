"""Faces that are drawn by each drive for each recording, judged by what is seen of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.head.expression import Expression, Face

from .drives import Drive, Mouths
from .meter import Lips, Score, score
from .montage import Sheet
from .recordings import Recording

SHOWN = 10  # recordings of which the mouths are written, of the first drive


@dataclass
class Report:
    """Figures of each drive: of all recordings together, and of each."""

    drives: dict[str, dict[str, float]]
    recordings: dict[str, dict[str, dict[str, float]]]

    def as_dict(self) -> dict[str, Any]:
        """Return what goes into JSON."""
        return {"drives": self.drives, "recordings": self.recordings}


def evaluate(
    face: Face,
    recordings: Sequence[Recording],
    drives: Mapping[str, Drive],
    shown: str = "",
    out: Path | None = None,
) -> Report:
    """Judge drives; write the mouths of one of them, ``shown``, of ten recordings to a folder."""
    lips = Lips()
    totals = {name: Score() for name in drives}
    each: dict[str, dict[str, dict[str, float]]] = {}
    with tqdm(total=len(recordings) * len(drives), desc="judge") as bar:
        for number, recording in enumerate(recordings):
            for name, drive in drives.items():
                sheet = None
                if out is not None and name == shown and number < SHOWN:
                    box = lips.box(face.render(Expression()))
                    sheet = Sheet(f"{recording.name}, {name}", recording.segments, box)
                found = judged(face, recording, drive, lips, sheet)
                if sheet is not None and out is not None:
                    sheet.write(out / f"mouths-{number:02}-{recording.name}.jpg")
                totals[name].add(found)
                each.setdefault(recording.name, {})[name] = found.figures()
                bar.update()
    return Report({name: total.figures() for name, total in totals.items()}, each)


def judged(
    face: Face, recording: Recording, drive: Drive, lips: Lips, sheet: Sheet | None = None
) -> Score:
    """Draw a recording's frames by a drive, and judge them."""
    return score(lips.gaps(_drawn(face, drive(recording), sheet)), recording.segments)


def _drawn(face: Face, mouths: Mouths, sheet: Sheet | None) -> Iterator[Pixels]:
    for mouth in mouths:
        frame = face.render(Expression(mouth=mouth))
        if sheet is not None:
            sheet.add(frame)
        yield frame


def table(drives: Mapping[str, Mapping[str, float]]) -> str:
    """Return figures as text, a line a drive."""
    names = ["pbm", "hit", "vowels", "closed_on_vowels", "J", "r", "lag_ms", "silence_closed"]
    lines = ["".join([f"{'':20}", *(f"{name:>17}" for name in names)])]
    for drive, row in drives.items():
        cells = (f"{row[name]:>17g}" if name in row else f"{'':17}" for name in names)
        lines.append("".join([f"{drive:20}", *cells]))
    return "\n".join(lines)
