"""Pictures as users hold them (PIL, path, bytes, array) to the bytes that a model wants."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from PIL import Image
from PIL.Image import SupportsArrayInterface

from livedraft.errors import InvalidImage

from .images import decode, encode, probe

# An array is uint8 of shape (H, W), (H, W, 3) or (H, W, 4); numpy's is one.
Picture = Image.Image | SupportsArrayInterface | bytes | str | PathLike[str]


def load(source: Picture) -> Image.Image:
    """Return a picture as RGB or RGBA; raise InvalidImage if it is none."""
    if isinstance(source, Image.Image):
        return _plain(source)
    if isinstance(source, bytes):
        return decode(source)
    if isinstance(source, (str, PathLike)):
        return decode(_read(source))
    if hasattr(source, "__array_interface__"):
        return _plain(_from_array(source))
    raise InvalidImage(
        f"a {type(source).__name__} is not a picture",
        fix="give a PIL picture, a path, the bytes of a file, or a uint8 array",
    )


def pack(source: Picture, width: int, height: int, *, alpha: bool) -> bytes:
    """Return the bytes to send: no larger than width × height px, PNG if alpha counts, else JPEG.

    Bytes and files that are small enough already go as they are.
    """
    if isinstance(source, (str, PathLike)):
        source = _read(source)
    if isinstance(source, bytes) and _fits(probe(source), width, height):
        return source
    image = load(source)
    if not _fits(image.size, width, height):
        image.thumbnail((width, height), Image.Resampling.BOX)  # load() made it our own
    if alpha and image.mode == "RGBA":
        return encode(image, "image/png")
    return encode(image, "image/jpeg", quality=90)


def _fits(size: tuple[int, int], width: int, height: int) -> bool:
    return size[0] <= width and size[1] <= height


def _read(path: str | PathLike[str]) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InvalidImage(
            f"cannot read '{path}': {error.strerror}", fix="give the path of a picture"
        ) from None


def _plain(image: Image.Image) -> Image.Image:
    """Return a copy as RGB or RGBA."""
    if image.mode in ("RGB", "RGBA"):
        return image.copy()
    has_alpha = image.mode in ("LA", "La", "PA", "RGBa") or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB")


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
