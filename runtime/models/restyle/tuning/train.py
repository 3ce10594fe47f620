"""Learn a style of one's own: `livedraft restyle train picture.jpg --name mine`."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from livedraft.errors import ConfigError
from livedraft.files import check_writable, replacing
from livedraft.media.images import on_white

from ...base import Pixels, Plan
from ...tuning.device import CPU
from ...tuning.folder import opened
from ...tuning.loop import Clock, Recipe, run
from .. import own
from ..painter import Painter
from ..params import STYLES
from .examples import TILE, tiles
from .style import StyleTuning

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SHOWN = (20, 3, 7)  # of the pictures that ship: a face, leaves, a sky
_MOST_PX = 1024  # of the picture's longer side: it is looked at smaller


def train(
    recipe: Recipe,
    picture: Path,
    *,
    instead: bool = False,
    device: torch.device = CPU,
    clock: Clock = time.monotonic,
    preview_s: float = 30.0,
) -> tuple[StyleTuning, Path]:
    """Learn until the time is used or Ctrl+C; return what was learned, and its file.

    A preview lies beside it, as .png. Raises InvalidImage for no picture, and ConfigError for a
    name that cannot be or, without ``instead``, is taken, and where nothing can be written.
    """
    begun = clock()
    path = place(recipe.name, instead)
    pixels = flat(opened(picture))
    tuning = StyleTuning(recipe, pixels, device)
    preview = Preview(recipe.name, pixels, path.with_suffix(".png"))
    run(tuning, path, preview.draw, clock=clock, start=begun, preview_s=preview_s)
    return tuning, path


def place(name: str, instead: bool = False) -> Path:
    """Return where a style of a name lies, its folder made; raise ConfigError."""
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"'{name[:60]}' cannot be the name of a style",
            fix="use up to 40 of a-z, 0-9 and '-': --name my-style",
        )
    if name in STYLES:
        raise ConfigError(f"a style '{name}' ships", fix="choose another name: --name my-style")
    path = own.folder() / f"{name}{own.ENDING}"
    if path.exists() and not instead:
        raise ConfigError(
            f"there is a style '{name}' already", fix="choose another name, or add --instead"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"cannot make {path.parent}: {error.strerror}", fix="name a folder in LIVEDRAFT_CACHE"
        ) from error
    check_writable(path)
    return path


def flat(image: Image.Image) -> Pixels:
    """Return a picture (h, w, 3) as it is seen on white, no larger than it is looked at."""
    image.thumbnail((_MOST_PX, _MOST_PX), Image.Resampling.LANCZOS)
    return np.asarray(on_white(image), np.uint8)


class Preview:
    """Draws the picture, and others before and after, with the very code that serves."""

    def __init__(self, name: str, picture: Pixels, path: Path) -> None:
        self._name, self._path = name, path
        self._painter = Painter.read("", Plan(threads=torch.get_num_threads()))
        shown = Image.fromarray(picture)
        shown.thumbnail((TILE, TILE))
        self._picture = shown
        every = tiles()
        self._pictures = [every[number] for number in _SHOWN]

    def draw(self) -> None:
        """Write the picture for the style as its file stands."""
        sheet = Image.new("RGB", (TILE * (1 + len(self._pictures)), 2 * TILE), "white")
        sheet.paste(self._picture, (0, 0))
        for column, seen in enumerate(self._pictures, 1):
            made = self._painter.paint(seen, {self._name: 1.0})
            for row, each in enumerate((seen, made)):
                sheet.paste(Image.fromarray(each), (column * TILE, row * TILE))
        with replacing(self._path) as partial:
            sheet.save(partial)
