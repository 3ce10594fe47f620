"""The search for traces of a photograph finds them in all forms, and nothing where none is."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image
from tests.privacy.photo import CANARY, Traces, photograph

PHOTO = photograph()
TRACES = Traces(PHOTO)
PICTURE = Image.open(io.BytesIO(PHOTO)).convert("RGB")


def saved(picture: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


FORMS = {
    "its file": PHOTO,
    "a part of it": PHOTO[200_000:800_000],
    "in base64": base64.b64encode(b"x" + PHOTO),
    "in hex": PHOTO.hex().encode(),
    "its pixels": PICTURE.tobytes()[300_000:900_000],
    "words of EXIF": f"saved {CANARY}".encode(),
    "a digest of the file": hashlib.sha1(PHOTO).hexdigest().encode(),
    "a digest of the pixels": hashlib.sha256(PICTURE.tobytes()).digest(),
    "a small WebP": b"..." + saved(PICTURE.resize((140, 100)), "WEBP") + b"...",
    "turned, as PNG": saved(PICTURE.resize((280, 200)).rotate(90, expand=True), "PNG"),
    "grey": saved(PICTURE.resize((280, 200)).convert("L"), "JPEG"),
}


@pytest.mark.parametrize("form", FORMS)
def test_traces_are_found(form: str) -> None:
    assert TRACES.found_in(FORMS[form])


def test_nothing_is_found_where_there_is_nothing() -> None:
    other = photograph(seed=8)
    assert TRACES.found_in(other.replace(CANARY.encode(), b"-" * len(CANARY))) == set()
    assert TRACES.found_in(Path(__file__).read_bytes()) == set()


def test_files_are_searched_with_their_names(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.bin").write_bytes(b"..." + PHOTO)
    (tmp_path / hashlib.md5(PHOTO).hexdigest()).mkdir()
    assert len(TRACES.found_below(tmp_path)) == 2
