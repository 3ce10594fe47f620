"""A photograph that is known again wherever any of it turns up: in files, logs and answers."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from livedraft.media.images import decode

CANARY = "canary-5f1c9b-by-the-river"
_PIECE = 18  # bytes: enough that none of it occurs by chance, and a multiple of 3 for base64
_PIECES = 64  # that are sought of each form
_SMALL = (24, 24)  # px at which pictures are compared
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
_DESCRIPTION, _GPS, _USER_COMMENT = 0x010E, 0x8825, 0x9286


def photograph(width: int = 1400, height: int = 1000, seed: int = 7) -> bytes:
    """Return a JPEG of some 2 MB, as a phone makes it: with words and a place in its EXIF."""
    random = np.random.default_rng(seed)
    soft = Image.fromarray(random.integers(0, 256, (7, 10, 3), np.uint8)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    grain = random.integers(-40, 41, (height, width, 3))
    picture = Image.fromarray(np.clip(np.asarray(soft) + grain, 0, 255).astype(np.uint8))
    exif = Image.Exif()
    exif[_DESCRIPTION] = CANARY
    exif.get_ifd(_GPS)[1] = "N"
    exif.get_ifd(0x8769)[_USER_COMMENT] = b"ASCII\0\0\0" + CANARY.encode()
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=96, exif=exif)
    return out.getvalue()


@dataclass
class Traces:
    """All by which a photograph can be known again."""

    photo: bytes
    _sought: dict[bytes, str] = field(init=False, repr=False)
    _small: NDArray[np.float32] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Take its bytes, its pixels and its digests in the forms in which programs write them."""
        picture = decode(self.photo).convert("RGB")
        pixels = picture.tobytes()
        self._small = _small(picture)
        self._sought = {}
        for text in (CANARY.encode(), CANARY.encode("utf-16-le"), CANARY.encode("utf-16-be")):
            self._sought[text] = "its EXIF"
        for what, data in (("file", self.photo), ("pixels", pixels)):
            for name in ("md5", "sha1", "sha256", "blake2b"):
                digest = hashlib.new(name, data).digest()
                for form in _forms(digest):
                    self._sought[form] = f"the {name} of its {what}"
            for piece in _pieces(data):
                for form in _forms(piece):
                    self._sought[form] = f"its {what}"
        for number in (2, 8):  # the end of a message, where logs shorten it in the middle
            self._sought[self.photo[-2 - number : -2].hex(" ").encode()] = "the end of its file"
        self._sought = {form: what for form, what in self._sought.items() if len(form) >= 8}

    def found_in(self, data: bytes) -> set[str]:
        """Return what of the photograph there is in some bytes, in words."""
        found = {what for form, what in self._sought.items() if form in data}
        if any(self._is_it(picture) for picture in _pictures(data)):
            found.add("a picture of it")
        return found

    def found_below(self, *folders: Path) -> dict[str, set[str]]:
        """Return what there is of it in the files of folders, and in their names."""
        found = {}
        for folder in folders:
            for path in sorted(folder.rglob("*")):
                data = path.read_bytes() if path.is_file() else b""
                traces = self.found_in(data) | self.found_in(str(path).encode())
                if traces:
                    found[str(path)] = traces
        return found

    def _is_it(self, picture: Image.Image) -> bool:
        """Say whether a picture shows the same, at any size, grey or not, turned or not."""
        small = _small(picture)
        return any(_alike(np.rot90(small, turns), self._small) for turns in range(4))


def _forms(data: bytes) -> Iterator[bytes]:
    yield data
    yield data.hex().encode()
    yield data.hex().upper().encode()
    yield data.hex(" ").encode()
    yield base64.b64encode(data)
    yield base64.urlsafe_b64encode(data)
    yield repr(data)[2:-1].encode()
    yield ", ".join(map(str, data)).encode()  # a list of numbers


def _pieces(data: bytes) -> Iterator[bytes]:
    """Yield pieces from all over it, at each of the three places that base64 tells apart.

    Not from its first part, where all JPEGs have the same tables.
    """
    first = len(data) // 50
    for number in range(_PIECES):
        start = first + (len(data) - 2 * first) * number // _PIECES // 3 * 3 + number % 3
        yield data[start : start + _PIECE]


def _pictures(data: bytes) -> Iterator[Image.Image]:
    """Yield the pictures that lie anywhere in some bytes."""
    for beginning in _BEGINNINGS:
        at = data.find(beginning)
        while at >= 0:
            try:
                with Image.open(io.BytesIO(data[at:])) as picture:
                    yield picture.convert("RGB")
            except Exception:  # whatever decoders raise at what only begins like a picture
                pass
            at = data.find(beginning, at + 1)


def _small(picture: Image.Image) -> NDArray[np.float32]:
    reduced = picture.convert("L").resize(_SMALL, Image.Resampling.BOX)
    return np.asarray(reduced, np.float32)


def _alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    if one.std() < 1 or other.std() < 1:
        return False
    return bool(np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.9)
