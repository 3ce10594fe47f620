"""Files are signed with C2PA by a user's certificate, read back by the standard's own library."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import c2pa
import numpy as np
import pytest
from PIL import Image
from tests.certificates import make_certificate
from tests.sdk.media.test_marks import packet, source_type

from livedraft.errors import ConfigError
from livedraft.media.chunks import VideoChunk
from livedraft.media.codecs import Writer
from livedraft.media.images import MIMES, decode, encode
from livedraft.media.marking import Marking, marking
from livedraft.media.marks import CHANGED, KEY, NONE, SOURCE_TYPE, SOURCES, is_signed
from livedraft.media.recipes import read_recipe

RECIPE = {"model": "ink", "seed": 7, "params": {"prompt": "a fox"}}
PICTURE = Image.linear_gradient("L").convert("RGB")


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Marking:
    return marking("on", *make_certificate(tmp_path_factory.mktemp("certificate")))


def read(data: bytes, mime: str) -> dict[str, Any]:
    """Return what the library says of a signed file."""
    with c2pa.Reader(mime, io.BytesIO(data)) as reader:
        return dict(json.loads(reader.json()))


def told(found: dict[str, Any]) -> tuple[str, str]:
    """Return the state of a file's signature, and the source type that it vouches for."""
    manifest = found["manifests"][found["active_manifest"]]
    assert manifest["claim_generator_info"][0]["name"] == "livedraft"
    assert "time" not in manifest["signature_info"], "no authority was asked for the time"
    (actions,) = (a for a in manifest["assertions"] if a["label"].startswith("c2pa.actions"))
    return found["validation_state"], actions["data"]["actions"][0]["digitalSourceType"]


@pytest.mark.parametrize("mime", MIMES)
@pytest.mark.parametrize("recipe", [RECIPE, RECIPE | {KEY: CHANGED}])
def test_a_signed_picture_is_whole_and_says_what_its_mark_says(
    signing: Marking, mime: str, recipe: dict[str, Any]
) -> None:
    plain = encode(PICTURE, mime, recipe=recipe)
    data = signing.signed(plain, mime, recipe)
    source = SOURCES + CHANGED if KEY in recipe else SOURCE_TYPE
    assert told(read(data, mime)) == ("Valid", source)
    assert source_type(packet(data)) == source
    assert read_recipe(decode(data)) == recipe
    assert decode(data).tobytes() == decode(plain).tobytes()
    at = data.index(b"trainedAlgorithmicMedia" if KEY not in recipe else b"compositeWith")
    forged = data[:at] + b"X" + data[at + 1 :]
    assert read(forged, mime)["validation_state"] == "Invalid"


def test_a_film_is_signed_in_its_place(signing: Marking, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with Writer(path, size=(64, 64), frame_rate=10, recipe=RECIPE) as writer:
        writer.write(VideoChunk(np.zeros((5, 64, 64, 3), np.uint8), 0, 500_000))
    before = path.read_bytes()
    signing.sign_film(path, RECIPE)
    assert told(read(path.read_bytes(), "video/mp4")) == ("Valid", SOURCE_TYPE)
    assert SOURCE_TYPE.encode() in path.read_bytes()
    assert list(tmp_path.iterdir()) == [path]
    path.write_bytes(before)
    signing.sign_film(path, RECIPE | {KEY: NONE})
    Marking().sign_film(path, RECIPE)
    assert path.read_bytes() == before


def test_what_somebody_signed_before_passes_byte_for_byte(signing: Marking) -> None:
    data = signing.signed(encode(PICTURE, recipe=RECIPE), "image/png", RECIPE)
    assert is_signed(data)
    assert signing.signed(data, "image/png", RECIPE) is data


def test_without_a_mark_nothing_is_signed(signing: Marking) -> None:
    data = encode(PICTURE, recipe=RECIPE | {KEY: NONE})
    assert signing.signed(data, "image/png", RECIPE | {KEY: NONE}) is data
    assert signing.signed(data, "image/png", None) is data
    assert not is_signed(data)


def test_a_certificate_that_cannot_sign_is_refused_at_once(tmp_path: Path) -> None:
    chain, key = make_certificate(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    _, foreign = make_certificate(other)
    for wrong in ((chain, foreign), (key, chain), (str(tmp_path / "none.pem"), key), (chain, "")):
        with pytest.raises(ConfigError) as refused:
            marking("on", *wrong)
        assert "PEM" in refused.value.fix
    with pytest.raises(ConfigError):
        marking("on", chain, key, "ps256")
    assert not marking("off", "nowhere", "nothing").on
