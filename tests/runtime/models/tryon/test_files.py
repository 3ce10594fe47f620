"""Files of all kinds that customers and shops send, over a WebSocket to a server with `tryon`.

Each is answered by a picture or by a word with a way out, the session goes on, and nothing is
logged as a fault.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.runtime.models.tryon.garment.drawn import drawn
from websockets.sync.client import ClientConnection, connect

from livedraft.media.images import decode
from livedraft.protocol.codec import client_codec, server_codec
from livedraft.protocol.messages import Ack, ClientMessage, Error, Frame, Input, Open, Opened
from livedraft.runtime.config import Config
from livedraft.runtime.models.tryon.garment.catalogue import shipped
from livedraft.runtime.running import Thread

PEOPLE = Path(__file__).parent / "people"
PERSON = Image.open(PEOPLE / "front.webp").convert("RGB")
ASTRONAUT = Path(__file__).parents[4] / "demos/tryon/people/astronaut.jpg"  # NASA, public domain
ORIENTATION = 0x0112  # of EXIF
# What a camera has done to a picture that carries the number; what is undone to see it.
TURNED = {
    1: [],
    2: [Image.Transpose.FLIP_LEFT_RIGHT],
    3: [Image.Transpose.ROTATE_180],
    4: [Image.Transpose.FLIP_TOP_BOTTOM],
    5: [Image.Transpose.TRANSPOSE],
    6: [Image.Transpose.ROTATE_90],
    7: [Image.Transpose.TRANSVERSE],
    8: [Image.Transpose.ROTATE_270],
}
Mask = NDArray[np.bool_]


class Customer:
    """A session over a WebSocket: pictures go up as the files they are."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._out, self._in = client_codec(), server_codec()
        self._id = 0
        self._say(Open(model="tryon", params={"view": "mask"}))
        assert isinstance(self._hear(), Opened)

    def shows(self, params: dict[str, Any] | None = None, **files: bytes) -> Frame | Error:
        """Send files; return what is said of them."""
        self._id += 1
        self._say(Input(id=self._id, inputs=files, params=params or {}))
        while True:
            said = self._hear()
            if isinstance(said, Frame):
                self._say(Ack(seq=said.seq))
            if isinstance(said, Frame | Error) and said.id == self._id:
                return said

    def _say(self, message: ClientMessage) -> None:
        self._line.send(self._out.encode(message))

    def _hear(self) -> object:
        return self._in.decode(self._line.recv(60))


@contextmanager
def visiting(server: str) -> Iterator[Customer]:
    with connect(server.replace("http", "ws") + "/v1/realtime", max_size=None) as line:
        yield Customer(line)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with Thread(Config(models=("tryon",), port=0)) as server:
        yield server.url


@pytest.fixture
def customer(server: str, caplog: pytest.LogCaptureFixture) -> Iterator[Customer]:
    """Give a session; at its end nothing may have been logged as a fault."""
    with visiting(server) as customer:
        yield customer
    faults = [each for each in caplog.records if each.exc_info or each.levelno >= logging.ERROR]
    assert faults == []
    assert "Traceback" not in caplog.text


@pytest.fixture(scope="module")
def plain(server: str) -> Mask:
    """Return what changes of the person, from a plain file."""
    with visiting(server) as customer:
        return veil(customer.shows({"sku": "breton-navy"}, person=file()))


def file(picture: Image.Image = PERSON, kind: str = "PNG", **how: Any) -> bytes:
    made = io.BytesIO()
    picture.save(made, kind, **how)
    return made.getvalue()


def veil(said: Frame | Error) -> Mask:
    assert isinstance(said, Frame), said
    return np.asarray(decode(said.image).convert("L")) > 127


def alike(one: Mask, other: Mask, share: float = 0.75) -> bool:
    return one.shape == other.shape and bool((one & other).sum() > share * (one | other).sum())


def refused(said: Frame | Error, code: str = "invalid_image") -> str:
    assert isinstance(said, Error), said
    assert (said.code, said.fatal) == (code, False)
    assert len(said.fix) > 8
    return said.message


def oriented(number: int) -> bytes:
    stored = PERSON
    for turn in TURNED[number]:
        stored = stored.transpose(turn)
    exif = Image.Exif()
    exif[ORIENTATION] = number
    return file(stored, "JPEG", quality=92, exif=exif)


@pytest.mark.parametrize("number", TURNED)
def test_however_the_camera_was_held(customer: Customer, plain: Mask, number: int) -> None:
    assert alike(veil(customer.shows({"sku": "breton-navy"}, person=oriented(number))), plain)


def deep() -> Image.Image:
    """Return the person in 16 bits of grey."""
    grey = np.asarray(PERSON.convert("L")).astype(np.uint16) * 257
    return Image.fromarray(grey)


def clear() -> Image.Image:
    """Return the person with half of a colour that nobody sees."""
    hidden = PERSON.convert("RGBA")
    hidden.putalpha(Image.new("L", PERSON.size, 255))
    hidden.paste((0, 255, 0, 0), (0, 0, 384, 20))
    return hidden


OTHER = Image.new("RGB", PERSON.size, "teal")
KINDS: dict[str, Callable[[], bytes]] = {
    "grey JPEG": lambda: file(PERSON.convert("L"), "JPEG", quality=92),
    "CMYK JPEG": lambda: file(PERSON.convert("CMYK"), "JPEG", quality=92),
    "progressive JPEG": lambda: file(PERSON, "JPEG", quality=85, progressive=True),
    "palette PNG": lambda: file(PERSON.quantize(128)),
    "PNG of 16 bits": lambda: file(deep()),
    "transparent PNG": lambda: file(clear()),
    "animated PNG": lambda: file(kind="PNG", save_all=True, append_images=[OTHER]),
    "animated WebP": lambda: file(
        kind="WEBP", save_all=True, append_images=[OTHER], quality=90, duration=50
    ),
}


GREY = "grey JPEG", "PNG of 16 bits"  # without colours hems are less well told


@pytest.mark.parametrize("name", KINDS)
def test_whatever_kind_of_picture_it_is(customer: Customer, plain: Mask, name: str) -> None:
    changed = veil(customer.shows({"sku": "breton-navy"}, person=KINDS[name]()))
    assert alike(changed, plain, 0.5 if name in GREY else 0.75)


NO_PHOTOS: dict[str, Callable[[], bytes]] = {
    "GIF": lambda: file(kind="GIF", save_all=True, append_images=[OTHER]),
    "HEIC": lambda: b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(2000),
    "AVIF": lambda: b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1avif" + bytes(2000),
    "TIFF": lambda: file(kind="TIFF"),
    "PDF": lambda: file(kind="PDF"),
    "a page": lambda: b"<!doctype html><title>Not found</title>",
    "cut off": lambda: file(kind="JPEG")[:3000],
    "cut off PNG": lambda: file()[:20_000],
    "60 megapixels": lambda: file(Image.new("L", (9500, 6400), 90), "JPEG", quality=30),
    "a bomb": lambda: file(Image.new("1", (16_000, 16_000))),
    "too long": lambda: file(Image.new("L", (20_000, 8)), "JPEG"),
}


@pytest.mark.parametrize("slot", ["person", "garment", "mask"])
@pytest.mark.parametrize("name", NO_PHOTOS)
def test_what_is_no_photo_is_refused_and_the_session_goes_on(
    customer: Customer, plain: Mask, name: str, slot: str
) -> None:
    refused(customer.shows({"sku": "breton-navy"}, **{slot: NO_PHOTOS[name]()}))
    if slot == "person":
        assert alike(veil(customer.shows({"sku": "breton-navy"}, person=file())), plain)


@pytest.mark.parametrize("size", [(1, 1), (8000, 3), (3, 8000), (60, 60)])
def test_a_person_of_hardly_any_pixels_is_nobody(customer: Customer, size: tuple[int, int]) -> None:
    said = customer.shows({"sku": "breton-navy"}, person=file(PERSON.resize(size)))
    assert isinstance(said, Frame)
    assert {note["code"] for note in said.notes} <= {"no_person", "person_small", "side_view"}
    assert not veil(said).any()


def sketch(kind: str = "t-shirt") -> Image.Image:
    return Image.fromarray(drawn(kind).laid)


def pair() -> Image.Image:
    both = Image.new("RGB", (1024, 512))
    for left, kind in ((0, "t-shirt"), (512, "trousers")):
        both.paste(sketch(kind), (left, 0))
    return both


GARMENTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "worn by somebody": (lambda: ASTRONAUT.read_bytes(), "somebody wears"),
    "two in one picture": (lambda: file(pair()), "2 garments"),
    "a detail": (lambda: file(sketch().crop((180, 250, 330, 400))), "no garment is seen"),
    "white on white": (lambda: file(Image.new("RGB", (512, 512), "white")), "no garment is seen"),
    "a busy ground": (lambda: file(Image.effect_noise((512, 512), 120).convert("RGB")), "busy"),
    "on its side": (lambda: file(sketch().transpose(Image.Transpose.ROTATE_90)), "turned"),
    "one pixel": (lambda: file(Image.new("RGB", (1, 1))), "tiny"),
    "a strip": (lambda: file(Image.new("RGB", (4000, 9))), "tiny"),
    "nothing at all": (lambda: file(Image.new("RGBA", (300, 300))), "no garment is seen"),
}


@pytest.mark.parametrize("name", GARMENTS)
def test_a_garment_that_cannot_be_worn_is_told_with_a_way_out(
    customer: Customer, name: str
) -> None:
    made, said = GARMENTS[name]
    assert said in refused(customer.shows(person=file(), garment=made()))


def test_garments_come_in_kinds_of_files_too(customer: Customer) -> None:
    shop = shipped()
    own = Image.open(shop.folder / shop.find("tee-terracotta").image).convert("RGBA")
    first = veil(customer.shows(person=file(), garment=file(own)))
    moving = file(own, "WEBP", save_all=True, append_images=[own.rotate(90)], lossless=True)
    assert alike(veil(customer.shows(garment=moving)), first)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    aside = file(own.transpose(Image.Transpose.ROTATE_90), "WEBP", lossless=True, exif=exif)
    assert alike(veil(customer.shows(garment=aside)), first)


@pytest.mark.parametrize(
    "params",
    [
        {"points": {"hem_l": [1.5, 0.2]}},
        {"points": {"elbow": [0.5, 0.2]}},
        {"joints": {"elbow_l": [2, 0.1]}},
        {"joints": {"nose": [0.5, 0.1]}},
        {"subject": [0.5, -0.1]},
        {"subject": "the left one"},
        {"sku": "none-such"},
        {"fit": 7},
        {"view": "layers"},
    ],
    ids=str,
)
def test_values_that_are_none_are_told_where_they_are(
    customer: Customer, params: dict[str, Any]
) -> None:
    (name,) = params
    shown = {"sku": "tee-terracotta"} | params
    said = refused(customer.shows(shown, person=file()), "invalid_params")
    assert any(word in said for word in (name, "none-such", "elbow"))
