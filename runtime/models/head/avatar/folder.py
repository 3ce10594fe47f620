"""An avatar's folder: the drawing, what lies over its eyes and mouth, and where its parts are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from pydantic import ValidationError

from livedraft.errors import ConfigError
from livedraft.files import read

from ..expression import SIZE
from .drawing import Drawing
from .face import AvatarFace
from .pen import SCALE

DRAWING, BASE, OVER, THUMBNAIL = "avatar.json", "base.webp", "over.webp", "thumbnail.webp"
_SIDE = SIZE * SCALE
_MOST_BYTES = 8 << 20  # of a file
_FIX = f"see the guide on avatars: {DRAWING}, {BASE} (or .png), and {OVER} if there is one"


def read_avatar(folder: Path) -> AvatarFace:
    """Return the avatar of a folder; raise ConfigError, naming what is wrong with which file."""
    drawing = read_drawing(folder)
    base = _picture(_drawn(folder, BASE), "RGB")
    over = _drawn(folder, OVER)
    above = _picture(over, "RGBA") if over.exists() else np.zeros((_SIDE, _SIDE, 4), np.uint8)
    return AvatarFace(drawing, base, above)


def read_drawing(folder: Path) -> Drawing:
    """Return what a folder says of its avatar; raise ConfigError."""
    file = folder / DRAWING
    try:
        return Drawing.model_validate(json.loads(_bytes(file)))
    except ValidationError as error:
        first = error.errors()[0]
        where = " › ".join(str(part) for part in first["loc"])
        raise ConfigError(f"{file}: {where or 'the whole'}: {first['msg']}", fix=_FIX) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file} is no JSON: {error}", fix=_FIX) from None


def _drawn(folder: Path, name: str) -> Path:
    """Return the file of a drawing: WebP, or PNG where there is none."""
    png = (folder / name).with_suffix(".png")
    return png if png.exists() and not (folder / name).exists() else folder / name


def _picture(file: Path, mode: str) -> NDArray[np.uint8]:
    _bytes(file)
    try:
        with Image.open(file) as picture:
            if picture.size != (_SIDE, _SIDE):
                raise ConfigError(
                    f"{file} has {picture.width} × {picture.height} px",
                    fix=f"draw it on {_SIDE} × {_SIDE} px",
                )
            return np.asarray(picture.convert(mode))
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise ConfigError(f"{file} is no picture that can be read: {error}", fix=_FIX) from None


def _bytes(file: Path) -> bytes:
    try:
        return read(file, _MOST_BYTES)
    except OSError as error:
        raise ConfigError(f"{file} is not read: {error.strerror}", fix=_FIX) from None
