"""A folder of pictures of one style, each named by what it shows."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from livedraft.errors import ConfigError, InvalidImage
from livedraft.files import read
from livedraft.media.sources import MAX_FILE_BYTES

TYPES = (".png", ".jpg", ".jpeg", ".webp")
LEAST, MOST = 6, 60  # pictures
SMALLEST = 64  # px of a picture's longer side


def pictures_in(folder: Path) -> list[Path]:
    """Return all pictures of a folder; raise ConfigError where they are too few or too many."""
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder", fix="name a folder of 6 to 20 pictures")
    paths = sorted(path for path in folder.iterdir() if _is_picture(path))
    if len(paths) < LEAST:
        raise ConfigError(
            f"{folder} has {len(paths)} pictures ({', '.join(TYPES)}), too few to learn from",
            fix=f"put {LEAST} to 20 pictures of one style there, named by what they show",
        )
    if len(paths) > MOST:
        raise ConfigError(f"{folder} has {len(paths)} pictures", fix=f"choose {MOST} at most")
    return paths


def opened(path: Path) -> Image.Image:
    """Return a picture as it stands upright, RGBA; raise InvalidImage."""
    try:
        with Image.open(BytesIO(read(path, MAX_FILE_BYTES))) as file:
            image = ImageOps.exif_transpose(file).convert("RGBA")
    except UnidentifiedImageError:
        raise _unreadable(path, "it is no picture") from None
    except (OSError, Image.DecompressionBombError, ValueError) as error:
        raise _unreadable(path, getattr(error, "strerror", None) or str(error)) from error
    if max(image.size) < SMALLEST:
        raise InvalidImage(
            f"{path.name} is {image.width} × {image.height} px",
            fix=f"use pictures of {SMALLEST} px or more",
        )
    return image


def caption(path: Path) -> str:
    """Word what a file is called: "red-fox_2.png" is "red fox"; raise InvalidImage for numbers."""
    words = re.sub(r"[\W_]+", " ", re.sub(r"[\W_]*\d+$", "", path.stem)).strip().lower()
    if not re.search(r"[^\W\d]{2}", words):
        raise InvalidImage(
            f"{path.name} does not say what it shows", fix="name it so, such as red-fox.png"
        )
    return words


def _unreadable(path: Path, why: str) -> InvalidImage:
    return InvalidImage(
        f"{path.name} cannot be read: {why}", fix="save it again as PNG, or take it out"
    )


def _is_picture(path: Path) -> bool:
    """Tell pictures from folders and from what systems hide there, such as macOS' ``._fox.png``."""
    hidden = path.name.startswith(".")
    return not hidden and path.suffix.lower() in TYPES and path.is_file()
