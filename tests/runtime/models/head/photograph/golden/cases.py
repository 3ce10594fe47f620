"""What golden frames show: scikit-image's astronaut, speaking and alive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from skimage import data

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.head.expression import Expression
from livedraft.runtime.models.head.photograph import prepare
from livedraft.runtime.models.head.visemes import POSES, VISEMES

FRAMES = Path(__file__).parent / "frames"


def _viseme(name: str, yaw: float = 0, roll: float = 0, brows: float = 0) -> Expression:
    return Expression(mouth=POSES[VISEMES.index(name)], brows=brows, yaw=yaw, roll=roll)


CASES = {
    "smile": Expression(smile=1.0),
    "sil": _viseme("sil"),
    "FF": _viseme("FF"),
    "aa": _viseme("aa", yaw=-0.1, roll=0.05),
    "U": _viseme("U", brows=1.0),
    "blink": Expression(blink=1.0, yaw=0.1, pitch=0.06),
}


def frame_of(name: str) -> Path:
    """Return where a case's frame is kept."""
    return FRAMES / f"{name}.webp"


def made() -> Iterator[tuple[str, Pixels]]:
    """Yield each case's frame as it is drawn now."""
    face = prepare(data.astronaut())
    for name, shown in CASES.items():
        yield name, face.render(shown)
