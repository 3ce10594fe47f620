"""Pictures as users hold them (PIL, path, bytes, array) to the bytes that a model wants."""

from __future__ import annotations

import math
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.Image import SupportsArrayInterface

from livedraft.errors import InvalidImage
from livedraft.files import read

from . import colours
from .images import (
    MAX_OWN_PIXELS,
    Size,
    decode,
    encode,
    fitted,
    mime_of,
    shrunk,
    upright,
    upright_size,
)
from .parts import RECIPE_KEY
from .recipes import orientation, read_recipe, with_recipe

MAX_FILE_BYTES = 512 * 2**20  # a photo of 89 megapixels without compression, and its profile

# An array is uint8 of shape (H, W), (H, W, 3) or (H, W, 4); numpy's is one.
PictureSource = Image.Image | SupportsArrayInterface | bytes | str | PathLike[str]


def load(source: PictureSource, *, within: Size | None = None) -> Image.Image:
    """Return a picture as RGB or RGBA, upright and in sRGB; raise InvalidImage if it is none.

    It is our own, no larger than ``within``, and keeps its recipe in ``.info["livedraft"]``.
    """
    if isinstance(source, Image.Image):
        return _plain(source, within)
    if isinstance(source, (str, PathLike)):
        source = read_file(source)
    if isinstance(source, bytes):
        return with_recipe(decode(source, MAX_OWN_PIXELS, within=within))
    if hasattr(source, "__array_interface__"):
        return _plain(_from_array(source), within)
    raise InvalidImage(
        f"a {type(source).__name__} is not a picture",
        fix="give a PIL picture, a path, the bytes of a file, or a uint8 array",
    )


def own(source: PictureSource, most_pixels: int) -> PictureSource:
    """Return a picture as it is now, which its user no longer changes; raise InvalidImage.

    Bytes stay what they are and a file is read, so that nothing is decoded for it. An array or a
    PIL picture is copied, and one of more than ``most_pixels`` shrunk to as many.
    """
    if isinstance(source, (str, PathLike)):
        return read_file(source)
    if isinstance(source, Image.Image):
        image = source
    elif hasattr(source, "__array_interface__") and not isinstance(source, bytes):
        image = _from_array(source)
    else:
        return source  # bytes; whether they are a picture is judged when they are packed
    if image.width * image.height > most_pixels:
        side = math.isqrt(most_pixels)
        return load(image, within=(side, side))
    try:
        return image.copy()
    except Exception as error:  # files opened by Pillow are read only now, see images.decode
        raise _unreadable(error) from None


def pack(source: PictureSource, width: int, height: int, *, alpha: bool) -> bytes:
    """Return the bytes to send: no larger than width × height px, PNG if alpha counts, else JPEG.

    Bytes and files that are small enough already go as they are.
    """
    if isinstance(source, (str, PathLike)):
        source = read_file(source)
    if isinstance(source, bytes):
        size = upright_size(source, MAX_OWN_PIXELS)
        if size == fitted(size, (width, height)):
            return source
    image = load(source, within=(width, height))
    if alpha and image.mode == "RGBA":
        return encode(image, "image/png")
    return encode(image, "image/jpeg", quality=90)


def write(
    source: PictureSource,
    path: str | PathLike[str],
    recipe: Mapping[str, Any] | None = None,
    *,
    as_is: bool = False,
) -> None:
    """Write a picture to a file, of the type that its name ends in, at 8 bits a channel.

    Its own recipe goes along, or the given one; ``as_is`` writes bytes without either. Raises
    InvalidImage.
    """
    mime = mime_of(str(path))
    if as_is and isinstance(source, bytes):
        data = source
    else:
        image = load(source)
        data = encode(image, mime, quality=90, recipe=recipe or image.info.get(RECIPE_KEY))
    try:
        Path(path).write_bytes(data)
    except (OSError, ValueError) as error:  # the latter of a name that no file can have
        raise InvalidImage(
            f"cannot write '{_shown(path)}': {_reason(error)}",
            fix="name a file in a folder that exists",
        ) from None


def read_file(path: str | PathLike[str]) -> bytes:
    """Return a picture file's bytes; raise InvalidImage."""
    try:
        return read(path, MAX_FILE_BYTES)
    except OSError as error:
        raise InvalidImage(
            f"cannot read '{_shown(path)}': {_reason(error)}", fix="name a picture file that exists"
        ) from None


def _shown(path: str | PathLike[str]) -> str:
    return str(path)[:200].encode(errors="replace").decode()


def _reason(error: OSError | ValueError) -> str:
    return error.strerror or "" if isinstance(error, OSError) else "no file can be called so"


def _plain(image: Image.Image, within: Size | None) -> Image.Image:
    """Return a copy as ``load`` does."""
    try:
        turned = orientation(image.info.get("exif"))
        size = fitted(image.size, within, turned)
        profile = image.info.get("icc_profile") or b""
        made = colours.srgb(shrunk(image, size), profile)
        made = upright(made.copy() if made is image else made, turned)
    except Exception as error:  # files opened by Pillow are read only now, see images.decode
        raise _unreadable(error) from None
    recipe = read_recipe(image)
    made.info = {} if recipe is None else {RECIPE_KEY: recipe}  # all else was about other pixels
    return made


def _unreadable(error: Exception) -> InvalidImage:
    return InvalidImage(
        f"the picture cannot be read: {str(error)[:120]}", fix="give it as RGB or RGBA"
    )


def _from_array(array: SupportsArrayInterface) -> Image.Image:
    interface = array.__array_interface__
    shape, kind = tuple(interface["shape"]), interface["typestr"]
    right_shape = len(shape) == 2 or (len(shape) == 3 and shape[2] in (3, 4))
    if kind != "|u1" or not right_shape or 0 in shape:
        raise InvalidImage(
            f"an array of type {kind} and shape {shape} is not a picture",
            fix="give uint8 of shape (H, W), (H, W, 3) or (H, W, 4), in 0..255",
        )
    return Image.fromarray(array)
