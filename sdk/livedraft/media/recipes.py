"""What it takes to make a picture again, as files carry it; and what else EXIF says of them."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from PIL import Image

from livedraft.protocol.messages import Note, Stage
from livedraft.version import __version__

from . import marks
from .parts import MOST_RECIPE_BYTES, RECIPE_KEY

_ORIENTATION, _EXIF_IFD, _USER_COMMENT = 0x0112, 0x8769, 0x9286  # tags of EXIF 3.0
_DRAWING = ("inputs", "strokes")  # of a recipe, what most of its length is
MOST_JPEG_BYTES = 60_000  # of a recipe in a JPEG: EXIF is one segment there, of 64 kB
_MOST_VALUES = 2**20  # of what is read; a drawing of 200,000 points, the most, has 800,000
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1}  # bytes of TIFF's types: byte, text, short, long, any
_OURS = b"ASCII\x00\x00\x00" + RECIPE_KEY.encode() + b":"  # a UserComment's character code and ours


class Recorded(Protocol):
    """A picture that a model made, with all that it was made from."""

    @property
    def model(self) -> str: ...
    @property
    def stage(self) -> Stage: ...
    @property
    def seed(self) -> int | None: ...
    @property
    def steps(self) -> int: ...
    @property
    def params(self) -> Mapping[str, Any]: ...
    @property
    def notes(self) -> Sequence[Note]: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


def recipe_of(made: Recorded) -> dict[str, Any]:
    """Return all that it takes to make a picture again, and what its user was told of it."""
    seed = {} if made.seed is None else {"seed": made.seed}
    notes = {"notes": list(made.notes)} if made.notes else {}
    mark = made.data.get(marks.KEY, marks.MADE)
    told = {} if mark == marks.MADE else {marks.KEY: mark}
    return {
        "livedraft": __version__,
        "model": made.model,
        "stage": made.stage.value,
        **seed,
        "steps": made.steps,
        "params": made.params,
        **notes,
        **told,
    }


def read_recipe(image: Image.Image) -> dict[str, Any] | None:
    """Return the recipe that a picture carries, if any: one of ours, or one from a file.

    Anybody may write anything into a file: what is too long, too deep or no object is none.
    """
    found = image.info.get(RECIPE_KEY) or from_exif(image.info.get("exif"))
    if isinstance(found, dict):
        return found
    return from_text(found) if isinstance(found, str) else None


def from_text(found: str) -> dict[str, Any] | None:
    """Return the recipe that a text is, if it is one."""
    if len(found) > MOST_RECIPE_BYTES or sum(map(found.count, ",[{")) > _MOST_VALUES:
        return None
    try:
        recipe = json.loads(found)
    except (ValueError, RecursionError):
        return None
    return recipe if isinstance(recipe, dict) else None


def with_recipe(image: Image.Image) -> Image.Image:
    """Return the picture with its recipe parsed: a dict in ``.info["livedraft"]``, or nothing."""
    recipe = read_recipe(image)
    image.info.pop(RECIPE_KEY, None)
    if recipe is not None:
        image.info[RECIPE_KEY] = recipe
    return image


def to_text(recipe: Mapping[str, Any] | None, most: int = MOST_RECIPE_BYTES) -> str:
    """Return a recipe as JSON in ASCII of so many bytes, without the drawing if that is too long.

    Return nothing for none, or for one that is too long even so.
    """
    if recipe is None:
        return ""
    for left_out in ((), _DRAWING):
        text = json.dumps({key: value for key, value in recipe.items() if key not in left_out})
        if len(text) <= most:
            return text
    return ""


def to_exif(text: str) -> bytes:
    """Return EXIF whose UserComment is a recipe's text, nothing for none."""
    if not text:
        return b""
    exif = Image.Exif()
    exif.get_ifd(_EXIF_IFD)[_USER_COMMENT] = _OURS + text.encode("ascii")
    return exif.tobytes()


def from_exif(data: bytes | None) -> str:
    """Return the recipe's text that EXIF holds, nothing if there is none of ours."""
    if not data or _OURS not in data:
        return ""
    try:
        exif = _Exif.of(data)
        at = exif.number(exif.first, _EXIF_IFD)
        comment = exif.find(at, _USER_COMMENT) if at else b""
    except (struct.error, KeyError):
        return ""
    if not comment.startswith(_OURS):
        return ""
    return comment[len(_OURS) :].decode("ascii", "replace")


def orientation(data: bytes | None) -> int:
    """Return how a camera was held, 1 to 8, see EXIF; 1, upright, if there is no telling."""
    if not data:
        return 1
    try:
        exif = _Exif.of(data)
        found = exif.number(exif.first, _ORIENTATION)
    except (struct.error, KeyError):
        return 1
    return found if 1 <= found <= 8 else 1


class _Exif(NamedTuple):
    """EXIF as TIFF, in which a tag is looked for; raises struct.error or KeyError of a damaged one.

    Pillow reads the values of all tags: ten thousand that each claim the same 7 MiB take 70 GiB.
    """

    data: bytes
    order: str  # of bytes, for struct
    first: int  # where the first directory is

    @classmethod
    def of(cls, data: bytes) -> _Exif:
        data = data.removeprefix(b"Exif\x00\x00")
        order = {b"II": "<", b"MM": ">"}[data[:2]]
        return cls(data, order, *struct.unpack_from(f"{order}I", data, 4))

    def find(self, directory: int, tag: int) -> bytes:
        """Return a tag's value, nothing if there is none."""
        (entries,) = struct.unpack_from(f"{self.order}H", self.data, directory)
        for at in range(directory + 2, directory + 2 + 12 * entries, 12):
            name, kind, count = struct.unpack_from(f"{self.order}HHI", self.data, at)
            if name == tag:
                size = _SIZES[kind] * count
                (where,) = struct.unpack_from(f"{self.order}I", self.data, at + 8)
                where = at + 8 if size <= 4 else where
                return self.data[where : where + size]
        return b""

    def number(self, directory: int, tag: int) -> int:
        """Return a tag's number, 0 if there is none."""
        value = self.find(directory, tag)
        return int.from_bytes(value, "little" if self.order == "<" else "big")
