"""Draw the people of these tests: `python -m tests.runtime.models.tryon.people.make`.

Takes the extra `train`. Bodies of Anny, whose shapes are in the public domain (see NOTICE).
"""

from __future__ import annotations

from math import pi
from pathlib import Path

from PIL import Image
from training.tryon.data.paint import Sample, paint
from training.tryon.data.scenes import Studio
from training.tryon.data.sets import SETS

FOLDER = Path(__file__).parent
SEED = 5
PEOPLE = {  # a record's number, how far turned, and the group of skin tones
    "front": (19, 0.0, "light"),
    "crossed": (3, 0.0, "medium"),
    "dark": (5, 0.0, "very deep"),
    "back": (4, pi, "deep"),
    "side": (6, -1.3, "light"),
}


def main() -> None:
    dwarfed = paint(Studio(7, people=SETS["front"]).record(199), 2, "very deep")
    _keep("dwarfed", dwarfed)
    studio = Studio(SEED)
    for name, (index, yaw, tone) in PEOPLE.items():
        _keep(name, paint(studio.record(index, yaw, "full"), 3, tone))


def _keep(name: str, sample: Sample) -> None:
    Image.fromarray(sample.person).save(FOLDER / f"{name}.webp", quality=85, method=6)


if __name__ == "__main__":
    main()
