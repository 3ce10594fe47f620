"""How files leave: marked as a model's, or not; and signed, where there is a certificate."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livedraft.errors import ConfigError
from livedraft.files import replacing

from . import marks

if TYPE_CHECKING:
    from .signing import Signer


@dataclass(frozen=True, slots=True)
class Marking:
    """Whether what a model made is marked, and by whom it is signed."""

    on: bool = True
    signer: Signer | None = field(default=None)

    def told(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is told of a picture, or its recipe, so that whoever saves it marks it so."""
        return dict(data) if self.on else {**data, marks.KEY: marks.NONE}

    def signed(self, data: bytes, mime: str, recipe: Mapping[str, Any] | None) -> bytes:
        """Return a file with the signature, if it is marked and anybody signs."""
        word = marks.source_type(recipe)
        if self.signer is None or not word or marks.is_signed(data):
            return data
        out = io.BytesIO()
        self.signer.sign(io.BytesIO(data), out, mime, word)
        return out.getvalue()

    def sign_film(self, path: Path, recipe: Mapping[str, Any] | None) -> None:
        """Sign a film that was written, in its place: an MP4, as C2PA knows no WebM."""
        word = marks.source_type(recipe)
        if self.signer is None or not word or path.suffix.lower() not in (".mp4", ".m4v"):
            return
        with replacing(path) as partial, path.open("rb") as film, partial.open("w+b") as out:
            self.signer.sign(film, out, "video/mp4", word)
            out.flush()
            os.fsync(out.fileno())


def marking(mark: str, certificate: str, key: str, algorithm: str = "es256") -> Marking:
    """Return what these settings ask for.

    ``mark`` is "on" or "off", the others name PEM files. Raises ConfigError, or MissingExtraError.
    """
    if mark == "off" or not (certificate or key):
        return Marking(mark != "off")
    if not (certificate and key):
        missing = "c2pa_key" if certificate else "c2pa_certificate"
        raise ConfigError(
            f"{missing} is not set", fix="give both PEM files, c2pa_certificate and c2pa_key"
        )
    from .signing import Signer

    return Marking(signer=Signer(certificate, key, algorithm))


USUAL = Marking()
